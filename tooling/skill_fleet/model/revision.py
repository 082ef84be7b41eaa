"""A round of revision: every thread gets one verdict and one reply, and each change is the smallest that answers it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from skill_fleet.drafting import Brief, Document
from skill_fleet.markdown import tidy
from skill_fleet.model.ask import NONE, Asker, Refused, file_name_ok
from skill_fleet.model.edits import NO_EDIT, Examined, broken, edit_file, has_section, names_changed, told
from skill_fleet.model.faults import Check
from skill_fleet.model.grounding import not_in
from skill_fleet.model.learning import RoundRecord
from skill_fleet.model.lm import Progress
from skill_fleet.model.replacing import CannotPlace, Replacement, put
from skill_fleet.model.settings import ModelSettings
from skill_fleet.model.shapes import Verdict
from skill_fleet.model.sources import Sources, brief_text, number_sources, quoted_brief, relevant
from skill_fleet.model.spending import Spent
from skill_fleet.model.tape import Tape
from skill_fleet.model.threads import Handled, Hunk, Outcome, Thread, commented_text, file_map, labels, thread_text

NOT_HANDLED = "The model gave no answer to this."


def triage(
    asker: Asker, brief: str, files: Mapping[str, str], threads: Mapping[str, Thread], passages: str = ""
) -> tuple[dict[str, Verdict], dict[str, str]]:
    """The verdict on each thread, by label, and why there is none for the others. What is missing is asked once more."""
    verdicts, open_ = _ask(asker, brief, files, threads, passages)
    missing = {label: thread for label, thread in threads.items() if label not in verdicts and label not in open_}
    if missing and verdicts:
        more, still = _ask(asker, brief, files, missing, passages)
        verdicts, open_ = {**verdicts, **more}, {**open_, **still}
    return verdicts, {label: open_.get(label, NOT_HANDLED) for label in threads if label not in verdicts}


def _ask(
    asker: Asker, brief: str, files: Mapping[str, str], threads: Mapping[str, Thread], passages: str
) -> tuple[dict[str, Verdict], dict[str, str]]:
    tried = 0

    def judge(reply: Sequence[Verdict]) -> str:
        nonlocal tried
        tried += 1
        names = Counter(one.thread for one in reply)
        wrong = [f"{name!r} is none of the threads {', '.join(threads)}." for name in names if name not in threads]
        wrong += [f"{name} has {count} entries; each thread has one." for name, count in names.items() if count > 1]
        if tried == 1:  # the second time, what is wrong with one thread keeps only that one open
            wrong += (f"{one.thread}: {why}" for one in reply if (why := fault_of(one, files)))
        return " ".join(wrong)

    try:
        reply = asker.ask(
            "triage",
            judge,
            brief=brief,
            files=file_map(files),
            text=commented_text(files, tuple(threads.values())),
            threads="\n\n".join(thread_text(label, thread, files) for label, thread in threads.items()),
            passages=passages or NONE,
        )
    except Refused as refused:
        return {}, dict.fromkeys(threads, f"The model could not read the requests: {refused.reason}")
    open_ = {one.thread: why for one in reply if (why := fault_of(one, files))}
    return {one.thread: one for one in reply if one.thread not in open_}, open_


def fault_of(one: Verdict, files: Mapping[str, str]) -> str:
    """Why a verdict cannot be followed; '' when it can."""
    if not one.reply.strip():
        return "It has no reply."
    if one.verdict != "change":
        return f"The verdict {one.verdict!r} names files; only a change does." if one.files else ""
    if not one.files:
        return "A change names the files to edit."
    for path in one.files:
        if path not in files and not file_name_ok(path):
            return f"There is no file {path!r}, and a new one may only be references/NAME.md."
    for section in one.sections:
        if not any(has_section(path, files[path], section) for path in one.files if path in files):
            return f"None of these files has a section {section!r}."
    return ""


_SAID: dict[str, Outcome] = {"answer": "answered", "decline": "declined", "ask": "asked"}


@dataclass(frozen=True)
class Revision:
    """The files after a round, and what became of each thread, in the order they were given."""

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
    """Answer `threads` on the skill `files` (by path in its folder). Nothing but these files can come out changed.
    `points` are what the draft left open, as people were told: a thread may refer to them. `origin` is the brief that a
    skill was made from which is not a draft any more.

    A change that is not what its request concerns is refused, asked for once more with the reason, and else its thread
    stays open with it. ModelFailed when the model is not there or the budget ends: then nothing is changed at all.
    """
    asker = Asker(settings, tape, progress)
    named = labels(threads)
    if not named:
        return Revision(dict(files), (), settings.model, asker.spent, RoundRecord((), (), files, files, ()))
    numbered = number_sources(brief.task, sources) if sources else None
    origins = [quoted_brief(origin)] if origin else []
    text = "\n".join([brief_text(brief), *origins, *(f"Open point: {tidy(point)}" for point in points)])
    with asker.at_work():
        asked = " ".join(said for thread in threads for _, said in thread.conversation)
        passages = relevant(numbered, asked) if numbered else ""
        verdicts, open_ = triage(asker, text, files, named, passages)
        changes = {label: one for label, one in verdicts.items() if one.verdict == "change"}
        edits = _edits(asker, text, files, changes, named, numbered, check)
    after, made, refused = _apply(files, changes, edits, check)
    open_ = {**open_, **refused}
    for label, one in changes.items():
        said = [each for path in dict.fromkeys(one.files) for each in edits[path].dropped.get(label, [])]
        verdicts[label] = one.model_copy(update={"reply": told(one.reply.strip(), said)})
    handled = tuple(
        _handled(label, thread, verdicts.get(label), open_.get(label, ""), made.get(label, {}), files, numbered)
        for label, thread in named.items()
    )
    return Revision(
        after,
        handled,
        asker.model,
        asker.spent,
        RoundRecord(
            tuple(asdict(thread) for thread in threads),
            tuple(asdict(one) for one in handled),
            dict(files),
            after,
            tuple(asker.traffic.calls),
        ),
    )


def _edits(
    asker: Asker,
    brief: str,
    files: Mapping[str, str],
    changes: Mapping[str, Verdict],
    threads: Mapping[str, Thread],
    sources: Sources | None,
    check: Check,
) -> dict[str, Examined]:
    """Ask file by file, the ones that were commented on first: what changes there may have to follow elsewhere."""
    paths = dict.fromkeys(path for one in changes.values() for path in one.files)
    commented = {threads[label].path for label in changes}
    names: dict[str, set[str]] = {}
    found: dict[str, Examined] = {}
    for path in sorted(paths, key=lambda path: (path not in commented, path)):
        mine = {label: one for label, one in changes.items() if path in one.files}
        asked = " ".join(said for label in mine for _, said in threads[label].conversation)
        passages = relevant(sources, asked) if sources else ""
        found[path] = edit_file(asker, brief, files, path, mine, threads, names, passages, check)
        for label, replacements in found[path].good.items():
            for one in replacements:
                names.setdefault(label, set()).update(names_changed(files.get(path, ""), one))
    return found


_Made = dict[str, list[Replacement]]


def _apply(
    files: Mapping[str, str], changes: Mapping[str, Verdict], edits: Mapping[str, Examined], check: Check
) -> tuple[dict[str, str], dict[str, _Made], dict[str, str]]:
    """Make the changes thread by thread, each whole or not at all; why not, for those that were not made."""
    after, accepted = dict(files), dict[str, _Made]()
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
                trial[path] = put(files.get(path, ""), [*others, *replacements])
        except CannotPlace as problem:
            refused[label] = str(problem)
            continue
        wrong = [why for path in mine if (why := broken(trial, path, trial[path], after.get(path, ""), check))]
        if wrong:
            refused[label] = wrong[0]
            continue
        after, accepted[label] = trial, mine
    return after, accepted, refused


def _handled(
    label: str,
    thread: Thread,
    verdict: Verdict | None,
    open_: str,
    made: _Made,
    files: Mapping[str, str],
    sources: Sources | None,
) -> Handled:
    if open_ or verdict is None:
        return Handled(thread.id, "open", open_)
    if verdict.verdict != "change":
        return Handled(thread.id, _SAID[verdict.verdict], verdict.reply.strip())
    hunks = tuple(
        Hunk(path, one.first, one.last, one.old, one.new)
        for path, replacements in made.items()
        for one in sorted(replacements)
    )
    known = "\n".join([*files.values(), *(said for _, said in thread.conversation)])
    if sources:
        known += "\n" + "\n".join(line for source in sources.all for line in source.lines)
    new = "\n".join(hunk.new for hunk in hunks)
    return Handled(thread.id, "changed", verdict.reply.strip(), hunks, tuple(one.name for one in not_in(known, new)))
