"""Preview and validate: the person's turns are comments on the pull request, the answers are what `review step` does.

So a session that was stopped goes on from the pull request alone, and others may join it there.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skill_fleet.chat import talk as panels
from skill_fleet.chat.agreeing import NEEDS_MODEL
from skill_fleet.chat.session import Beginning, Begun, choose_draft
from skill_fleet.chat.talk import OPTION, QUIT, WORDS, Left, Said, Talk
from skill_fleet.checks import Finding
from skill_fleet.errors import UserError
from skill_fleet.fleet import here
from skill_fleet.forges import Snapshot
from skill_fleet.git import Repository
from skill_fleet.proposals import (
    ModelReviser,
    Wish,
    announce,
    bot_of,
    documents_from,
    forge_here,
    settings_for,
    take_turn,
    tell,
)
from skill_fleet.review import approvers, read_session, skill_findings, stage

if TYPE_CHECKING:
    from skill_fleet.proposals import AnyForge, ModelReviser

READY, DONE, LATER = "Go on: mark it ready for review", "Done: leave it to its reviewers", "Leave it here for now"
CHANGE = "Ask for a change: say what, or /describe TEXT, /move, /drop PATH"
_WAYS = "Without one: /describe TEXT, /move CATEGORY/NAME, /drop PATH, a suggestion, or a commit of your own on"


@dataclass
class Rounds:
    """The talk on one pull request. `person` writes the comments, `bot` answers them, with `reviser` for words."""

    talk: Talk
    person: AnyForge
    bot: AnyForge
    number: int
    reviser: ModelReviser | None
    seen: set[str] = field(default_factory=set)
    shown: dict[str, str] = field(default_factory=dict)
    told: str = ""
    """The checkpoint that was shown last."""

    def hold(self) -> tuple[Snapshot, str, tuple[Finding, ...]]:
        """Talk until the pull request is ready, closed or merged; how it is then, its checkpoint, and its findings.

        Left when the person leaves before that.
        """
        self.seen = {item.key for item in self.bot.snapshot(self.number).items}
        self._turn()
        while True:
            snapshot = self.bot.snapshot(self.number)
            session = read_session(snapshot)
            if session is None:
                raise UserError(f"#{self.number} is not a draft of the bot.", "See: skill-fleet review list")
            now = stage(snapshot, session.files)
            found = skill_findings(session.files) if session.files else ()
            self._show(snapshot, session.skill, now, found)
            if now not in ("preview", "validate"):
                return snapshot, now, found
            done = READY if now == "preview" else DONE
            try:
                said = self.talk.hear((done, LATER), done, CHANGE)
            except Left as left:
                if left.how == "end" and now == "validate":
                    return snapshot, now, found  # it is for its reviewers now, so nothing more has to be said
                raise
            if said.text == LATER and said.command == OPTION:
                raise Left(QUIT)
            if said.text == DONE and said.command == OPTION:
                return snapshot, now, found
            if body := self._comment(said, snapshot.head):
                self.seen.add(self.person.comment(self.number, body))
                self._turn()
                if not self.talk.asks and self.bot.snapshot(self.number).draft:
                    self._show(self.bot.snapshot(self.number), session.skill, now, found)
                    return snapshot, now, found  # refused, and nobody is there to fix what is in the way

    def _comment(self, said: Said, branch: str) -> str:
        """What the answer is as a comment; '' when it can be none here, which is said."""
        if said.text == READY:
            return "/proceed"
        words = said.command in (WORDS, "refine", "revise")
        if words and self.reviser is None:
            self.talk.say(NEEDS_MODEL, f"{_WAYS} {branch}.")
            return ""
        return f"@skill-fleet {said.text}" if said.command == WORDS else said.typed

    def _turn(self) -> None:
        """The bot's turn. A model that fails leaves the request open, which its answer says."""
        if self.reviser:
            self.reviser.failure = None
        take_turn(self.bot, self.number, self.reviser)
        self.talk.steps.stop()
        if self.reviser and self.reviser.failure:
            self.talk.say(f"{self.reviser.failure.message} {self.reviser.failure.tip}")

    def _show(self, snapshot: Snapshot, skill: str, now: str, found: tuple[Finding, ...]) -> None:
        """What is new since it was shown last."""
        for item in snapshot.items:
            if item.key not in self.seen and (said := panels.remark(snapshot, item)):
                self.talk.panel("said", *said)
            self.seen.add(item.key)
        texts = panels.texts_at(snapshot)
        if texts != self.shown and texts:
            title = f"Preview: {skill}, pull request #{self.number}"
            if not self.shown:
                self.talk.panel("preview", title, [*panels.preview(snapshot, skill)])
            else:
                self.talk.panel("preview", f"{title}, changed", [*panels.difference(self.shown, texts)], diff=True)
        errors = any(each.severity == "error" for each in found)
        if texts and (errors or now == "validate") and (now, texts) != (self.told, self.shown):
            self.talk.panel("failed" if errors else "passed", f"Validate: {skill}", [*panels.findings(found)])
        self.told, self.shown = now, texts


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, indent=2))


def end(talk: Talk, ended: tuple[Snapshot, str, Sequence[Finding]], further: Sequence[str], form: str) -> int:
    """Say it and return the exit status: findings of severity error in an open pull request count.

    `further` are the commands for the other skills of the same task.
    """
    snapshot, now, found = ended
    errors = [each for each in found if each.severity == "error"] if snapshot.state == "open" else []
    following = [*_next(snapshot, bool(errors)), *further]
    if form == "json":
        _print_json(
            {
                "number": snapshot.number, "branch": snapshot.head, "stage": now, "files": [*snapshot.changed],
                "findings": [each.as_json() for each in found], "next": following,
            }
        )  # fmt: skip
    else:
        told = [f"Branch {snapshot.head}, into {snapshot.base}."]
        if now == "validate" and not errors and _awaits_approval(snapshot):
            told.append("Someone who did not ask for it has to approve it now.")
        talk.panel("failed" if errors else "passed", f"Pull request #{snapshot.number}: {now}", told)
        talk.say(*(f"Next: {each}" for each in following))
    return int(bool(errors))


def part(number: int | None, following: Sequence[str], form: str) -> None:
    """Tell a program of a session that was left, in the same keys; people have been told."""
    if form == "json":
        _print_json(
            {"number": number, "branch": "", "stage": "left", "files": [], "findings": [], "next": [*following]}
        )


def _next(snapshot: Snapshot, wrong: bool) -> list[str]:
    """The commands that come next."""
    number = snapshot.number
    if snapshot.state == "merged":
        return ["skill-fleet generate-xml"]
    if snapshot.state == "closed":
        return [f"skill-fleet review reopen {number}"]
    if wrong or snapshot.draft:
        return [f"skill-fleet review show {number}", f"skill-fleet chat --pull {number}"]
    approve = [f"skill-fleet review approve {number}"] if _awaits_approval(snapshot) else []
    return [*approve, f"skill-fleet promote {number}"]


def _awaits_approval(snapshot: Snapshot) -> bool:
    return len(approvers(snapshot)) < snapshot.fleet.approvals


@dataclass
class SessionState:
    """How far a session is: its pull request, if there is one, and the command that resumes it."""

    again: tuple[str, ...]
    number: int | None = None

    def __str__(self) -> str:
        return shlex.join(self.again)


def hold(words: tuple[str, ...], given: Mapping[str, Any]) -> int:
    """Hold the session that the options `given` ask for and return the exit status; `words` is the command as typed."""
    talk = Talk(asks=not given["auto_approve"], aside=given["form"] == "json")
    state = SessionState(words)
    with here() as repo:
        try:
            return _hold(repo, talk, state, given)
        except Left as left:
            if left.how == "end":
                raise UserError("The answers ended before the session did.", f"Go on: {state}") from left
            said, following = _parted(left.how, state, given)
            talk.say("", said)
            part(state.number, following, given["form"])
            return 0
        except KeyboardInterrupt:
            talk.say("", f"Go on where you were: {state}")
            raise
        except UserError:
            if talk.heard:
                talk.say("", f"What you said is kept. Go on: {state}")
            raise
        finally:
            talk.steps.stop()


def _hold(repo: Repository, talk: Talk, state: SessionState, given: Mapping[str, Any]) -> int:
    """Hold the session, and keep `state` up to date."""
    repo.resolve("HEAD")
    person = forge_here(repo, given["forge"] or "")
    bot = bot_of(person, given["as_me"])
    if not (given["pull"] or given["task"] or given["sources"]):
        given = {**given, **_chosen(talk, person, state)}
    begun = Begun(given["pull"]) if given["pull"] else _begun(repo, talk, person, bot, given)
    ways = [flag for flag in ("as_me", "no_model") if given[flag]]
    flags = [f"--{flag.replace('_', '-')}" for flag in ways]
    state.again, state.number = ("skill-fleet", "chat", "--pull", str(begun.number), *flags), begun.number
    try:
        ended = Rounds(talk, person, bot, begun.number, _reviser(repo, talk, given)).hold()
    finally:
        talk.steps.stop()
        tell(bot)
    further = [shlex.join(["skill-fleet", "chat", *words, *_sources(given)]) for words in begun.further]
    return end(talk, ended, further, given["form"])


def _chosen(talk: Talk, person: AnyForge, state: SessionState) -> dict[str, Any]:
    """What the person says when the command line said nothing: a draft to go on with, a document, or a task."""
    number, words = choose_draft(talk, person)
    if number:
        return {"pull": number}
    sources = (words,) if _is_there(words) else ()
    state.again += ("--from", *sources) if sources else (words,)
    return {"sources": sources} if sources else {"task": words}


def _begun(repo: Repository, talk: Talk, person: AnyForge, bot: AnyForge, given: Mapping[str, Any]) -> Begun:
    """The session of these words: gone on with, or begun."""
    task, sources = given["task"], given["sources"]
    settings = settings_for(repo, task, bool(sources), given["no_model"], given["replay"], given["base"])
    documents = documents_from(sources, given["values"], given["only"])
    announce(documents)
    choices = (given["only"], given["main"], given["description"], given["anyway"])
    wish = Wish(task, documents, given["path"], *choices, has_model=settings is not None)
    ways = (given["base"], given["record"], given["replay"], given["afresh"])
    return Beginning(talk, person, bot, wish, settings, *ways).begin()


def _reviser(repo: Repository, talk: Talk, given: Mapping[str, Any]) -> ModelReviser | None:
    """The model for the words of the review; what it says goes on the same record."""
    from skill_fleet.model import Tape
    from skill_fleet.proposals import base_configuration, model_for, with_programs

    if given["no_model"]:
        return None
    settings = model_for(base_configuration(repo, given["base"]), "review", given["replay"])
    if settings is None:
        return None
    record, replay = given["record"], given["replay"] or given["record"]
    tape = Tape(record, replay if replay and replay.exists() else None, begun=True)  # by the drafting of it
    return ModelReviser(with_programs(settings, repo, given["base"]), tape, talk.steps)


def _is_there(text: str) -> bool:
    """Whether it is the path of something; a sentence may be too long for one."""
    try:
        return Path(text).exists()
    except OSError:
        return False


def _parted(how: str, state: SessionState, given: Mapping[str, Any]) -> tuple[str, list[str]]:
    """What is said to a person who leaves, and the commands that come next."""
    if how == "cancel":
        return "Cancelled: nothing was written, and nothing is kept.", []
    if how.startswith("revise "):
        words = ["skill-fleet", *how.split(" "), *filter(None, [given["task"]]), *_sources(given)]
        return f"Next: {shlex.join(words)}", [shlex.join(words)]
    return f"Go on where you were: {state}", [str(state)]


def _sources(given: Mapping[str, Any]) -> list[str]:
    return [part for source in given["sources"] for part in ("--from", source)]


def typed(ctx: click.Context) -> tuple[str, ...]:
    """The command line of `ctx` as it was typed, without what only begins anew."""
    words = ["skill-fleet"]
    for context in filter(None, (ctx.parent, ctx)):
        words += [ctx.info_name or "chat"] if context is ctx else []
        for parameter in context.command.params:
            value = context.params.get(parameter.name or "")
            if not value or value == parameter.get_default(context) or parameter.name == "afresh":
                continue
            values = value if isinstance(value, tuple) else (value,)
            name = [parameter.opts[0]] if isinstance(parameter, click.Option) else []
            words += [part for one in values for part in (name if one is True else [*name, str(one)])]
    return tuple(words)
