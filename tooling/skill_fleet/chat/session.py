"""A session from its first word to its end: resumed or begun, then held on its pull request."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from skill_fleet import model, proposals
from skill_fleet.chat.agreement import Agreement, Dialogue
from skill_fleet.chat.memory import Memory
from skill_fleet.chat.rounds import Rounds, State
from skill_fleet.chat.terminal import Left, Terminal, Way
from skill_fleet.errors import UserError
from skill_fleet.fleet import here
from skill_fleet.forges import Snapshot
from skill_fleet.git import Identity, Repository
from skill_fleet.review import DRAFT_BRANCHES, approvers


@dataclass(frozen=True)
class Outcome:
    """How a session ended. `following` are the commands that come next; `state` is None if there is no pull request yet,
    or the person left."""

    number: int | None
    following: tuple[str, ...]
    state: State | None = None

    @property
    def has_errors(self) -> bool:
        """Whether the skill of an open pull request has errors."""
        return self.state is not None and self.state.snapshot.state == "open" and self.state.has_errors

    def as_json(self) -> dict[str, Any]:
        """The outcome for programs."""
        snapshot = self.state.snapshot if self.state else None
        return {
            "number": self.number,
            "branch": snapshot.head if snapshot else "",
            "stage": self.state.stage if self.state else "left",
            "files": [*snapshot.changed] if snapshot else [],
            "findings": [each.as_json() for each in self.state.findings] if self.state else [],
            "next": [*self.following],
        }


def hold(
    words: tuple[str, ...],
    options: proposals.Options,
    *,
    pull: int | None = None,
    afresh: bool = False,
    aside: bool = False,
) -> Outcome:
    """Hold the session that the options ask for; `words` is the command as typed. `aside`: talk on standard error."""
    terminal = Terminal(words, asks=not options.auto_approve, aside=aside)
    try:
        return _hold(here(), terminal, options, pull, afresh)
    except Left as left:
        if left.way is Way.END:
            tip = f"Resume it: {terminal.resuming}"
            raise UserError("The answers ended before the session did.", tip) from left
        return _leave(terminal, left, options)
    except KeyboardInterrupt:
        terminal.say("", f"Resume it: {terminal.resuming}")
        raise
    except UserError:
        if terminal.answers:
            terminal.say("", f"Your answers are kept. Resume it: {terminal.resuming}")
        raise


def _hold(repo: Repository, terminal: Terminal, options: proposals.Options, pull: int | None, afresh: bool) -> Outcome:
    repo.resolve("HEAD")
    person = proposals.forge_here(repo, options.forge or "")
    bot = proposals.bot_of(person, options.as_me)
    further: tuple[str, ...] = ()
    if not (pull or options.task or options.sources):
        pull, options = _choose(terminal, person, options)
    if not pull:
        job = proposals.prepare(
            repo, options, proposals.Console(note=lambda text: terminal.say(f"note: {text}")), person=person
        )
        pull, further = _begin(job, terminal, options, afresh)
    flags = [flag for flag, given in (("--as-me", options.as_me), ("--no-model", options.no_model)) if given]
    terminal.words, terminal.pull = ("skill-fleet", "chat", "--pull", str(pull), *flags), pull
    try:
        state = Rounds(terminal, person, bot, pull, _reviser(repo, terminal, options)).hold()
    finally:
        proposals.print_notes(bot)
    others = [shlex.join(["skill-fleet", "chat", task, *_sources(options)]) for task in further]
    return _end(terminal, state, others)


def _choose(
    terminal: Terminal, person: proposals.AnyForge, options: proposals.Options
) -> tuple[int | None, proposals.Options]:
    """Ask for a draft to resume, or what a new skill is for; UserError when neither is given."""
    drafts = {
        f"Resume #{row.number}: {row.title}": row.number
        for row in person.list("open")
        if row.head.startswith(DRAFT_BRANCHES)
    }
    text = ""
    if terminal.asks:
        terminal.panel("clarify", "What is the skill for?", ["A sentence, or the path of a document to draft it from."])
        text = terminal.read_answer([*drafts], "", "A new one: say what it is for").text
    if not text:
        raise UserError("There is nothing to draft a skill from.", "Give a TASK or --from DOC.")
    if text in drafts:
        return drafts[text], options
    try:
        is_path = Path(text).exists()
    except OSError:  # a sentence may be too long for a path
        is_path = False
    terminal.words += ("--from", text) if is_path else (text,)
    return None, replace(options, sources=(text,)) if is_path else replace(options, task=text)


def _begin(
    job: proposals.Job, terminal: Terminal, options: proposals.Options, afresh: bool
) -> tuple[int, tuple[str, ...]]:
    """Find the pull request of the same request, or agree on a brief, draft it and open one.

    Returns its number, and the other skills that the task asks for. Raises Left when the person leaves before there is
    a pull request; the same request then resumes from there.
    """
    assert job.bot and job.person
    if number := _open_already(job, job.bot, job.person, afresh):
        return number, ()
    with tempfile.TemporaryDirectory(prefix="skill-fleet-") as folder:
        who = Identity(job.person.actor.name, job.person.actor.address)
        tape = options.record if options.record and not options.replay else Path(folder) / "tape.jsonl"
        memory = Memory(job.bot.repo, job.request.digest, who, tape, afresh=afresh)
        if memory.known:
            terminal.say("This resumes where you left, with your answers; --afresh forgets them.")
        if not options.replay:
            job = replace(job, record=memory.tape, replay=memory.tape)
        agreement = Agreement(Dialogue(terminal, memory), job)
        proposal = (proposals.find_written(job) or agreement.written()) if job.settings else agreement.restructured()
        opened = proposals.open_proposal(job, proposal, takes_turn=False)
        memory.forget()
    assert opened.number
    return opened.number, agreement.further


def _open_already(job: proposals.Job, bot: proposals.AnyForge, person: proposals.AnyForge, afresh: bool) -> int | None:
    """The newest pull request of the session's branch, open or not; None without one.

    UserError if it is in the way of beginning `afresh`: its branch holds what people did to it, so only they delete it.
    """
    found = proposals.find_session(bot.repo, job.where, job.request.digest)
    pull = next(reversed(person.list("all", head=found[0])), None) if found else None
    if pull is None or not afresh:
        return pull.number if pull else None
    remote, name = job.where.remote, shlex.quote(pull.head)
    if pull.state == "open":
        ways = [f"skill-fleet review close {pull.number}"]
    else:
        ways = [f"git branch -D {name}"] if bot.repo.refs(f"refs/heads/{pull.head}") else []
        ways += [f"git push {remote} --delete {name}"] if remote else []
    raise UserError(
        f"Pull request #{pull.number} of this request is {pull.state}, and its branch {pull.head} exists.",
        f"To begin again, type this and then your command once more: {' && '.join(ways)}",
    )


def _reviser(repo: Repository, terminal: Terminal, options: proposals.Options) -> proposals.ModelReviser | None:
    """The model for the words of the review; its replies go on the same record."""
    settings = None if options.no_model else proposals.model_here(repo, "review", options.replay, options.base)
    if settings is None:
        return None
    replay = options.replay or options.record
    tape = model.Tape(options.record, replay if replay and replay.exists() else None)
    return proposals.ModelReviser(settings, tape, terminal.step)


def _end(terminal: Terminal, state: State, others: Sequence[str]) -> Outcome:
    """Show how the session ended and what comes next; `others` are the commands for the other skills of the task."""
    snapshot = state.snapshot
    outcome = Outcome(snapshot.number, (*_next(snapshot, state.has_errors), *others), state)
    lines = [f"Branch {snapshot.head}, into {snapshot.base}."]
    if state.stage == "validate" and not outcome.has_errors and _awaits_approval(snapshot):
        lines.append("Someone who did not ask for it has to approve it now.")
    kind = "failed" if outcome.has_errors else "passed"
    terminal.panel(kind, f"Pull request #{snapshot.number}: {state.stage}", lines)
    terminal.say(*(f"Next: {each}" for each in outcome.following))
    return outcome


def _next(snapshot: Snapshot, has_errors: bool) -> Iterator[str]:
    """The commands that come next."""
    number = snapshot.number
    if snapshot.state == "merged":
        yield "skill-fleet generate-xml"
    elif snapshot.state == "closed":
        yield f"skill-fleet review reopen {number}"
    elif has_errors or snapshot.draft:
        yield from (f"skill-fleet review show {number}", f"skill-fleet chat --pull {number}")
    else:
        if _awaits_approval(snapshot):
            yield f"skill-fleet review approve {number}"
        yield f"skill-fleet promote {number}"


def _awaits_approval(snapshot: Snapshot) -> bool:
    return len(approvers(snapshot)) < snapshot.fleet.approvals


def _leave(terminal: Terminal, left: Left, options: proposals.Options) -> Outcome:
    """Tell a person who leaves what comes next."""
    if left.way is Way.CANCEL:
        terminal.say("", "Cancelled: nothing was written, and nothing is kept.")
        return Outcome(terminal.pull, ())
    command = terminal.resuming
    if left.way is Way.REVISE:
        command = shlex.join(["skill-fleet", "revise", left.skill, *filter(None, [options.task]), *_sources(options)])
    terminal.say("", f"{'Next' if left.way is Way.REVISE else 'Resume it'}: {command}")
    return Outcome(terminal.pull, (command,))


def _sources(options: proposals.Options) -> list[str]:
    return [part for source in options.sources for part in ("--from", source)]
