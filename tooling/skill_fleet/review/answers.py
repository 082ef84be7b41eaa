"""What is decided about one request, by its verb: carried out, refused with a reason, or left open for words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from skill_fleet.forges.actions import Action, CommitAction, FlagAction
from skill_fleet.review.commands import MISSPELT, VERBS
from skill_fleet.review.edits import Refused
from skill_fleet.review.handlers import DONE, EDITS, commit_for
from skill_fleet.review.notes import pin_of
from skill_fleet.review.people import ADOPT, is_adoptable, named_by
from skill_fleet.review.plain import as_code
from skill_fleet.review.plan import NO_MODEL
from skill_fleet.review.redness import checks_trailer, in_words
from skill_fleet.review.requests import CHANGES, WORDS, Request, adopted_requests, forgets
from skill_fleet.review.session import CHECKS
from skill_fleet.review.status import skill_findings
from skill_fleet.review.turn import Turn


def handle(turn: Turn, request: Request) -> None:
    """Decide about one request, after those that come before it."""
    _BY_VERB.get(request.verb, _edit)(turn, request)


def obstacle(turn: Turn) -> str:
    """Why the draft cannot go on, '' when it can."""
    if turn.work.files is None:
        return "there is no skill here yet"
    if turn.session.frozen:
        return turn.session.frozen
    if turn.waiting or any(request.is_answered and request.is_open for request in turn.requests):
        return "a request is still open"
    errors = sum(finding.severity == "error" for finding in skill_findings(turn.work.files))
    return f"the checks find {errors} error{'s' if errors > 1 else ''}" if errors else ""


def _edit(turn: Turn, request: Request) -> None:
    """Carry out a request that needs no model, or say why not."""
    if turn.session.frozen:
        return turn.answer(request, "refused", f"Not done: {turn.session.frozen}, then `/retry`.")
    if turn.work.files is None:
        return turn.answer(request, "refused", "There is no skill here yet.")
    try:
        edit = EDITS[request.verb](turn.work, request)
        if edit is None:  # a drop that only withdraws
            return turn.answer(request, "done", "Forgotten: nothing will be done about this thread.")
        checks = checks_trailer(edit.files)
        action = commit_for(turn.work, request, replace(edit, trailers=(*edit.trailers, *checks)))
    except Refused as reason:
        return turn.answer(request, "refused", f"Not done: {reason}")
    turn.actions.insert(_after_commits(turn.actions), action)
    turn.work.files = edit.files
    return turn.answer(request, "done", DONE[request.verb] + in_words(dict(checks).get(CHECKS, "")), action.key)


def _after_commits(actions: list[Action]) -> int:
    """Commits come first, in their order: they go out in one push, and answers name them."""
    return sum(isinstance(action, CommitAction) for action in actions)


def _words(turn: Turn, request: Request) -> None:
    if request.verb in ("revise", "refine") and not any(request.arguments):
        return turn.answer(request, "refused", f"Say what: `/{request.verb} TEXT`.")
    if any(forgets(other, request) for other in turn.requests):
        return turn.answer(request, "done", "Forgotten, as `/drop` in this thread asks.")
    withdrawn = "Withdraw it (delete the comment; in a terminal, `skill-fleet review withdraw`)"
    way_out = "Resolve the thread" if request.item.thread else withdrawn
    text = f"{NO_MODEL}, so it stays open. {way_out}, or use a suggestion block or a command (`/help`)."
    return turn.answer(request, "open", text)


def _misspelt(turn: Turn, request: Request) -> None:
    pairs = [argument.partition(" ")[::2] for argument in request.arguments]
    guesses = " ".join(f"There is no `/{typed}`; did you mean `/{meant}`?" for typed, meant in pairs)
    turn.answer(request, "refused", f"{guesses} `/help` lists them all.")


def _changes(turn: Turn, request: Request) -> None:
    turn.answer(request, "notice", "What should change? Write it on the lines it is about, or as a command (`/help`).")


def _proceed(turn: Turn, request: Request) -> None:
    if why := obstacle(turn):
        return turn.answer(request, "refused", f"Not yet: {why}. `/proceed` again after that.")
    if turn.snapshot.draft:
        turn.actions.append(FlagAction("ready"))
    pin = pin_of(turn.snapshot)
    text = f"Ready for review: it can be merged when it is approved. The description is settled as it is now (`{pin}`)."
    return turn.answer(request, "done", text, pin=pin)


def _retry(turn: Turn, request: Request) -> None:
    mark = f"@{request.item.key.rpartition('/')[2]}"
    again = [other for other in turn.requests if other.key.endswith(mark)]
    if again:
        turn.answer(request, "done", f"Read again: {len(again)} request{'s' if len(again) > 1 else ''}.")
    elif any(other.tried and request.item.thread in ("", other.item.thread) for other in turn.requests):
        turn.answer(request, "done", "A second attempt is owed to what failed, and is made.")
    else:
        turn.answer(request, "refused", "There is nothing here that was refused, is waiting, or was edited.")


def _adopt(turn: Turn, request: Request) -> None:
    named = named_by(turn.snapshot, request.item)
    if not (any(request.arguments) or request.item.thread):
        return turn.answer(request, "refused", "Say which comment: `/adopt` with its link or number, or in its thread.")
    if not named:
        return turn.answer(request, "refused", "It names no comment here by somebody without write access.")
    if not all(is_adoptable(item, request.item) for item in named):
        text = "It was edited or hidden since, so some of it is not what you read. Look again, then `/adopt` again."
        return turn.answer(request, "refused", text)
    if not adopted_requests(turn.snapshot, request.item, {item.key: request.item for item in named}):
        return turn.answer(request, "refused", "Nothing that it names asks for a change of the skill.")
    names = ", ".join(dict.fromkeys(as_code(item.author.name) for item in named))
    return turn.answer(
        request, "done", f"Adopted as it stands: what {names} wrote. If it is edited, `/adopt` it again."
    )


def _help(turn: Turn, request: Request) -> None:
    rows = "\n".join(f"- `/{verb}` {words}" for verb, words in VERBS.items())
    turn.answer(request, "done", f"Each alone on a line:\n\n{rows}\n\nA suggestion block is applied to the letter.")


_BY_VERB: dict[str, Callable[[Turn, Request], None]] = {
    "revise": _words,
    "refine": _words,
    WORDS: _words,
    CHANGES: _changes,
    "proceed": _proceed,
    "retry": _retry,
    ADOPT: _adopt,
    "help": _help,
    MISSPELT: _misspelt,
}
