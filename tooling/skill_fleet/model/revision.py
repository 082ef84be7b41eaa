"""A round of revision: each comment thread gets one verdict and one reply, and each change is as small as possible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from skill_fleet.drafting import Brief, Document
from skill_fleet.markdown import tidy
from skill_fleet.model.client import NONE, ModelClient, Refused
from skill_fleet.model.edits import CannotPlace, Replacement, breakage, names_changed, put
from skill_fleet.model.file_edits import NO_EDIT, Examined, Round, edit_file, has_section
from skill_fleet.model.grounding import not_in
from skill_fleet.model.records import RoundRecord
from skill_fleet.model.run import Progress
from skill_fleet.model.settings import ModelSettings
from skill_fleet.model.shapes import Verdict
from skill_fleet.model.skill_text import Check, may_create
from skill_fleet.model.sources import brief_text, number_sources
from skill_fleet.model.spending import Spent
from skill_fleet.model.tape import Tape
from skill_fleet.model.threads import Handled, Hunk, Outcome, Thread, commented_text, file_map, thread_text

_OUTCOMES: dict[str, Outcome] = {"answer": "answered", "decline": "declined", "ask": "asked"}
_Made = dict[str, list[Replacement]]


@dataclass(frozen=True)
class Revision:
    """The files after a round, and the outcome of each thread, in the order they were given."""

    files: dict[str, str]
    handled: tuple[Handled, ...]
    model: str
    spent: Spent
    record: RoundRecord


def revise(
    settings: ModelSettings,
    files: Mapping[str, str],
    brief: Brief,
    threads: Sequence[Thread],
    check: Check,
    *,
    origin: Brief | None = None,
    sources: Sequence[Document] = (),
    points: Sequence[str] = (),
    tape: Tape | None = None,
    progress: Progress | None = None,
) -> Revision:
    """Answer `threads` on the skill with these `files` (by path in its folder). No other file can be changed.

    `points` are the open points of the draft, which a thread may refer to. `origin` is the brief of a skill that is no
    draft any more. A change that goes beyond its request is refused and asked for once more; then its thread stays open
    with the reason. Raises ModelFailed if the model fails or the budget is spent: then nothing is changed.
    """
    client = ModelClient(settings, tape, progress)
    if not threads:
        return Revision(dict(files), (), settings.model, client.run.meter.spent, RoundRecord((), (), files, files, ()))
    quoted = [f"> {line}" for line in brief_text(origin).split("\n")] if origin else []  # none can pass for ours
    text = "\n".join([brief_text(brief), *quoted, *(f"Open point: {tidy(point)}" for point in points)])
    numbered = number_sources(brief.task, sources) if sources else None
    # by short labels: a model copies T3 where it would misspell a forge's id
    labelled = {f"T{number}": thread for number, thread in enumerate(threads, 1)}
    round_ = Round(client, text, files, labelled, numbered, check)
    with client.connected():
        verdicts, open_ = triage(round_)
        changes = {label: one for label, one in verdicts.items() if one.verdict == "change"}
        edits = _edits(round_, changes)
    after, made, refused = _apply(round_, changes, edits)
    open_ = {**open_, **refused}
    handled = tuple(
        Handled(thread.id, "open", open_[label])
        if label in open_
        else _handled(round_, label, verdicts[label], made.get(label, {}), edits)
        for label, thread in round_.threads.items()
    )
    record = RoundRecord(
        tuple(asdict(thread) for thread in threads),
        tuple(asdict(one) for one in handled),
        dict(files),
        after,
        tuple(client.run.calls),
    )
    return Revision(after, handled, client.model, client.run.meter.spent, record)


def triage(round_: Round) -> tuple[dict[str, Verdict], dict[str, str]]:
    """Return the verdict on each thread, by label, and the reason why others have none. Missing ones are asked for once
    more."""
    verdicts, open_ = _verdicts(round_)
    missing = {label: one for label, one in round_.threads.items() if label not in verdicts and label not in open_}
    if missing and verdicts:
        more, still_open = _verdicts(replace(round_, threads=missing))
        verdicts, open_ = {**verdicts, **more}, {**open_, **still_open}
    return verdicts, {
        label: open_.get(label, "The model gave no answer to this.")
        for label in round_.threads
        if label not in verdicts
    }


def _verdicts(round_: Round) -> tuple[dict[str, Verdict], dict[str, str]]:
    threads, files = round_.threads, round_.files
    tried = 0

    def judge(reply: Sequence[Verdict]) -> str:
        nonlocal tried
        tried += 1
        labels = Counter(one.thread for one in reply)
        wrong = [f"{label!r} is none of the threads {', '.join(threads)}." for label in labels if label not in threads]
        wrong += [f"{label} has {count} entries; each thread has one." for label, count in labels.items() if count > 1]
        if tried == 1:  # the second time, what is wrong with one thread leaves only that one open
            wrong += (f"{one.thread}: {why}" for one in reply if (why := _unusable(one, files)))
        return " ".join(wrong)

    try:
        reply = round_.client.ask(
            "triage",
            judge,
            brief=round_.brief,
            files=file_map(files),
            text=commented_text(files, tuple(threads.values())),
            threads="\n\n".join(thread_text(label, thread, files) for label, thread in threads.items()),
            passages=round_.passages([*threads.values()]) or NONE,
        )
    except Refused as refused:
        return {}, dict.fromkeys(threads, f"The model could not read the requests: {refused.reason}")
    open_ = {one.thread: why for one in reply if (why := _unusable(one, files))}
    return {one.thread: one for one in reply if one.thread not in open_}, open_


def _unusable(one: Verdict, files: Mapping[str, str]) -> str:
    """The reason why a verdict cannot be followed; "" if it can."""
    if not one.reply.strip():
        return "It has no reply."
    if one.verdict != "change":
        return f"The verdict {one.verdict!r} names files; only a change does." if one.files else ""
    if not one.files:
        return "A change names the files to edit."
    for path in one.files:
        if path not in files and not may_create(path):
            return f"There is no file {path!r}, and a new one may only be references/NAME.md."
    for section in one.sections:
        if not any(has_section(path, files[path], section) for path in one.files if path in files):
            return f"None of these files has a section {section!r}."
    return ""


def _edits(round_: Round, changes: Mapping[str, Verdict]) -> dict[str, Examined]:
    """Ask file by file, those that were commented on first: other files may have to follow changes there."""
    paths = dict.fromkeys(path for one in changes.values() for path in one.files)
    commented = {round_.threads[label].path for label in changes}
    names: dict[str, set[str]] = {}
    found: dict[str, Examined] = {}
    for path in sorted(paths, key=lambda path: (path not in commented, path)):
        mine = {label: one for label, one in changes.items() if path in one.files}
        found[path] = edit_file(round_, path, mine, names)
        for label, replacements in found[path].good.items():
            for one in replacements:
                names.setdefault(label, set()).update(names_changed(round_.files.get(path, ""), one))
    return found


def _apply(
    round_: Round, changes: Mapping[str, Verdict], edits: Mapping[str, Examined]
) -> tuple[dict[str, str], dict[str, _Made], dict[str, str]]:
    """Make the changes thread by thread, each whole or not at all. Return the files, the changes, and the reasons for
    those that were not made."""
    after, accepted = dict(round_.files), dict[str, _Made]()
    refused: dict[str, str] = {}
    for label, verdict in changes.items():
        bad = [edits[path].bad[label] for path in verdict.files if label in edits[path].bad]
        mine = {path: edits[path].good[label] for path in verdict.files if label in edits[path].good}
        if bad or not mine:
            refused[label] = bad[0] if bad else NO_EDIT
            continue
        trial = dict(after)
        try:
            for path, replacements in mine.items():
                others = [one for made in accepted.values() for one in made.get(path, [])]
                trial[path] = put(round_.files.get(path, ""), [*others, *replacements])
        except CannotPlace as problem:
            refused[label] = str(problem)
            continue
        broken = (breakage(trial, path, trial[path], after.get(path, ""), round_.check) for path in mine)
        if why := next(filter(None, broken), ""):
            refused[label] = why
        else:
            after, accepted[label] = trial, mine
    return after, accepted, refused


def _handled(round_: Round, label: str, verdict: Verdict, made: _Made, edits: Mapping[str, Examined]) -> Handled:
    thread, reply = round_.threads[label], verdict.reply.strip()
    if verdict.verdict != "change":
        return Handled(thread.id, _OUTCOMES[verdict.verdict], reply)
    dropped = [each for path in dict.fromkeys(verdict.files) for each in edits[path].dropped.get(label, ())]
    if dropped:  # the model's reply was written before the edits, so the facts precede it
        reply = f"Not every planned change was made. {' '.join(dropped)}\n\nThis was written before the edits: {reply}"
    hunks = tuple(
        Hunk(path, one.first, one.last, one.old, one.new)
        for path, replacements in made.items()
        for one in sorted(replacements)
    )
    known = [*round_.files.values(), *(text for _, text in thread.conversation)]
    if round_.sources:
        known += (line for source in round_.sources.all for line in source.lines)
    new = "\n".join(hunk.new for hunk in hunks)
    return Handled(thread.id, "changed", reply, hunks, tuple(one.name for one in not_in("\n".join(known), new)))
