"""A session from its first word to its end: resumed or begun, then held on its pull request."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from skill_fleet import proposals
from skill_fleet.chat.agreement import Agreement, Dialogue
from skill_fleet.chat.memory import Memory
from skill_fleet.chat.rounds import Rounds, State
from skill_fleet.chat.terminal import Left, Terminal
from skill_fleet.errors import UserError
from skill_fleet.fleet import here
from skill_fleet.forges import Snapshot
from skill_fleet.git import Repository
from skill_fleet.review import approvers


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
    words: tuple[str, ...], options: proposals.Options, *, pull: int | None = None, aside: bool = False
) -> Outcome:
    """Hold the session that the options ask for; `words` is the command as typed. `aside`: talk on standard error."""
    terminal = Terminal(words, asks=not options.auto_approve, aside=aside)
    try:
        return _hold(here(), terminal, options, pull)
    except Left as left:
        if left.cancelled:
            terminal.say("", "Cancelled: nothing was written, and nothing is kept.")
            return Outcome(terminal.pull, ())
        terminal.say("", f"Resume it: {terminal.resuming}")
        return Outcome(terminal.pull, (terminal.resuming,))
    except proposals.Covered as covered:
        if not covered.accepted:
            raise covered.with_tip(options) from None
        terminal.say("", f"Next: {covered.revision(options)}")
        return Outcome(None, (covered.revision(options),))
    except EOFError:
        raise UserError("The answers ended before the session did.", f"Resume it: {terminal.resuming}") from None
    except KeyboardInterrupt:
        terminal.say("", f"Resume it: {terminal.resuming}")
        raise
    except UserError:
        if terminal.answers:
            terminal.say("", f"Your answers are kept. Resume it: {terminal.resuming}")
        raise


def _hold(repo: Repository, terminal: Terminal, options: proposals.Options, pull: int | None) -> Outcome:
    repo.resolve("HEAD")
    person = proposals.forge_here(repo)
    bot = proposals.bot_of(person, options.as_me)
    further: tuple[str, ...] = ()
    if not pull:
        options = options if options.task or options.sources else _with_subject(terminal, options)
        console = proposals.Console(note=lambda text: terminal.say(f"note: {text}"), progress=terminal.step)
        pull, further = _begin(proposals.prepare(repo, options, console, person=person), terminal)
    flags = [flag for flag, given in (("--as-me", options.as_me), ("--no-model", options.no_model)) if given]
    terminal.words, terminal.pull = ("skill-fleet", "chat", "--pull", str(pull), *flags), pull
    reviser = None
    if not options.no_model:
        reviser = proposals.reviser_here(repo, options.record, options.replay, terminal.step)
    try:
        state = Rounds(terminal, person, bot, pull, reviser).hold()
    finally:
        proposals.print_notes(bot)
    sources = [part for source in options.sources for part in ("--from", source)]
    others = [shlex.join(["skill-fleet", "chat", task, *sources]) for task in further]
    return _end(terminal, state, person.name, others)


def _with_subject(terminal: Terminal, options: proposals.Options) -> proposals.Options:
    """The options with a task or a document that the person names."""
    text = ""
    if terminal.asks:
        terminal.panel("clarify", "What is the skill for?", ["A sentence, or the path of a document to draft it from."])
        text = terminal.read_answer((), "", "").text
    try:
        is_path = bool(text) and Path(text).exists()
    except OSError:  # a sentence may be too long for a path
        is_path = False
    terminal.words += ("--from", text) if is_path else (text,)
    return replace(options, sources=(text,)) if is_path else replace(options, task=text)


def _begin(job: proposals.Job, terminal: Terminal) -> tuple[int, tuple[str, ...]]:
    """Find the newest pull request of the same request, or agree on a brief, draft it and open one.

    Returns its number, and the other skills that the task asks for. Raises Left when the person leaves before there is
    a pull request; the same request then resumes from there.
    """
    assert job.bot and job.person
    found = proposals.find_session(job.bot.repo, job.where, job.request.digest)
    if found and (pulls := job.person.list("all", head=found[0])):
        return pulls[-1].number, ()
    proposals.refuse_too_many(job)
    memory = Memory(job.bot.repo, job.request.digest)
    if memory.is_resumed:
        terminal.say("This resumes where you left, with your answers; /cancel forgets them.")
    dialogue = Dialogue(terminal, memory)
    job = replace(job, console=replace(job.console, ask=dialogue.ask if terminal.asks else None))
    if job.settings and not (job.record or job.replay):
        job = replace(job, record=memory.tape(), replay=memory.tape())
    agreement = Agreement(dialogue, job)
    try:
        proposal = (proposals.find_written(job) or agreement.written()) if job.settings else agreement.restructured()
    except proposals.Covered as covered:
        if covered.accepted:
            memory.drop_last()
        raise
    opened = proposals.open_proposal(job, proposal, takes_turn=False)
    memory.forget()
    assert opened.number
    return opened.number, agreement.further


def _end(terminal: Terminal, state: State, forge: str, others: Sequence[str]) -> Outcome:
    """Show how the session ended and what comes next; `others` are the commands for the other skills of the task."""
    snapshot = state.snapshot
    by_workflow = snapshot.state == "merged" and forge != "local"
    following = () if by_workflow else _next(snapshot, state.has_errors)
    outcome = Outcome(snapshot.number, (*following, *others), state)
    lines = [f"Branch {snapshot.head}, into {snapshot.base}."]
    lines += ["The workflow catalog writes the catalogue."] if by_workflow else []
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
        if len(approvers(snapshot)) < snapshot.fleet.approvals:  # by somebody who did not ask for it
            yield f"skill-fleet review approve {number}"
        yield f"skill-fleet promote {number}"
