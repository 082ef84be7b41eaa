"""A session from its first word to its pull request: found where it was left, or begun."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet.chat.agreeing import Agreement, Dialogue, Restructuring
from skill_fleet.chat.memory import Memory
from skill_fleet.chat.talk import Talk
from skill_fleet.errors import UserError
from skill_fleet.fleet import Fleet, GitTree, read_fleet, split_id
from skill_fleet.forges import Listed
from skill_fleet.git import Identity, Repository
from skill_fleet.proposals import (
    Proposal,
    Where,
    Wish,
    asked_by,
    find_session,
    finish,
    open_pull_request,
    put_on_branch,
    refuse_id,
    refuse_taken,
    starting_point,
    texts,
)
from skill_fleet.review import DRAFT_BRANCHES

if TYPE_CHECKING:
    from skill_fleet.model import ModelSettings
    from skill_fleet.proposals import AnyForge


@dataclass(frozen=True)
class Begun:
    """A session that has its pull request. `further` are the words for sessions on what was left out of this one."""

    number: int
    further: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Beginning:
    """What a session is begun with: the talk, the two accounts, the wish, and the model if there is one."""

    talk: Talk
    person: AnyForge
    bot: AnyForge
    wish: Wish
    settings: ModelSettings | None
    base: str | None = None
    record: Path | None = None
    replay: Path | None = None
    afresh: bool = False

    def begin(self) -> Begun:
        """Go on with the pull request of the same wish, or agree on a brief, draft it and open one.

        Raises Left when the person leaves before there is one; the same wish then goes on from there.
        """
        where, notes = starting_point(self.bot.repo, self.base)
        for note in notes:
            click.echo(f"note: {note}", err=True)
        fleet = read_fleet(GitTree(self.bot.repo, where.base_oid))
        with tempfile.TemporaryDirectory(prefix="skill-fleet-") as folder:
            draft = self._written if self.settings else self._made
            return draft(where, fleet, Path(folder))

    def _made(self, where: Where, fleet: Fleet, folder: Path) -> Begun:
        """Without a model."""
        session = self.wish.digest
        if number := self._open_already(where, session):
            return Begun(number)
        memory = self._memory(session, folder)
        talk = Restructuring(Dialogue(self.talk, memory), self.wish, fleet, self._placing(where, fleet))
        return Begun(self._opened(where, talk.agreed(), memory))

    def _written(self, where: Where, fleet: Fleet, folder: Path) -> Begun:
        """With a model. What it was asked and said is remembered as it comes, so nothing is paid for twice."""
        from skill_fleet.chat.agreeing import Writing
        from skill_fleet.proposals import find_written

        assert self.settings
        if number := self._open_already(where, self.wish.digest):
            return Begun(number)
        memory = self._memory(self.wish.digest, folder)
        agreement = Agreement(Dialogue(self.talk, memory), self.wish, self._placing(where, fleet))
        proposal = find_written(self.bot.repo, where, self.wish)
        if proposal is None:
            record, replay = (self.record, self.replay) if self.replay else (memory.tape, memory.tape)
            writing = Writing(self.talk, memory, agreement, self.settings, record, replay)
            proposal = writing.write(self.wish, fleet, self.bot.repo, where)
        return Begun(self._opened(where, proposal, memory), tuple((task,) for task in agreement.further))

    def _memory(self, session: str, folder: Path) -> Memory:
        who = Identity(self.person.actor.name, self.person.actor.address)
        tape = self.record if self.record and not self.replay else folder / "tape.jsonl"
        memory = Memory(self.bot.repo, session, who, tape, afresh=self.afresh)
        if memory.known:
            self.talk.say("This goes on where it was left, with what you answered; --afresh forgets it.")
        return memory

    def _opened(self, where: Where, proposal: Proposal, memory: Memory) -> int:
        tip, _ = put_on_branch(self.bot, where, proposal, asked_by(self.person, self.bot))
        number, _ = open_pull_request(self.bot, where, proposal.draft, texts(proposal), tip)
        finish(self.bot, number, proposal)
        memory.forget()
        return number

    def _open_already(self, where: Where, session: str) -> int | None:
        """The newest pull request of a session that has a branch; it may be over. UserError when it stands in the way
        of another beginning: its branch holds what people did to it, so only people take that away."""
        tip = find_session(self.bot.repo, where, session)
        if tip is None:
            return None
        prefix = f"refs/remotes/{where.remote}/" if where.remote else "refs/heads/"
        refs = self.bot.repo.refs(f"{prefix}{DRAFT_BRANCHES}")
        branch = next(ref.removeprefix(prefix) for ref, oid in refs.items() if oid == tip)
        rows = self.person.list("all", head=branch)
        if rows and self.afresh:
            raise _in_the_way(self.bot.repo, rows[-1], where)
        return rows[-1].number if rows else None

    def _placing(self, where: Where, fleet: Fleet) -> Callable[[str, str], str]:
        def place(typed: str, now: str) -> str:
            """The id that a category, or a whole id, names for the skill that is `now` to be called so."""
            wanted = typed.strip("/").removeprefix("skills/")
            wanted = wanted if "/" in wanted else f"{wanted}/{split_id(now)[1]}"
            refuse_id(wanted, fleet)
            if wanted != now:
                refuse_taken(self.bot.repo, where, f"{DRAFT_BRANCHES}{split_id(wanted)[1]}")
            return wanted

        return place


def _in_the_way(repo: Repository, pull: Listed, where: Where) -> UserError:
    """Why a session that has its pull request cannot begin again, with the command that lets it."""
    again = "To begin again, type this and then your command once more"
    if pull.state == "open":
        error = f"Pull request #{pull.number} is open for these words."
        return UserError(error, f"{again}: skill-fleet review close {pull.number}")
    branch, mine = shlex.quote(pull.head), f"refs/heads/{pull.head}"
    ways = [f"git branch -D {branch}"] if repo.refs(mine) else []
    ways += [f"git push {where.remote} --delete {branch}"] if where.remote else []
    what = "merged" if pull.state == "merged" else "cancelled"
    return UserError(
        f"Pull request #{pull.number} was {what}, and its branch {pull.head} is still there.",
        f"{again}: {' && '.join(ways)}",
    )


def choose_draft(talk: Talk, person: AnyForge) -> tuple[int | None, str]:
    """Nothing was said yet: the draft to go on with, or what a new skill is for; UserError when neither is said."""
    drafts = {
        f"Go on with #{row.number}: {row.title}": row.number
        for row in person.list("open")
        if row.head.startswith(DRAFT_BRANCHES)
    }
    if not talk.asks:
        raise UserError("Nothing was said that a skill could be drafted from.", "Say the task, or name a document.")
    talk.panel("clarify", "What is the skill for?", ["A sentence, or the path of a document to draft it from."])
    said = talk.hear([*drafts], "", "A new one: say what it is for")
    if said.text in drafts:
        return drafts[said.text], ""
    if not said.text:
        raise UserError("Nothing was said that a skill could be drafted from.", "Say the task, or name a document.")
    return None, said.text
