"""A round of revision: every thread gets one verdict and one reply, and each change is the smallest that answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from skill_fleet.drafting.model.ask import Asker
from skill_fleet.drafting.model.breakage import broken
from skill_fleet.drafting.model.dropped import told
from skill_fleet.drafting.model.editing import NO_EDIT, Examined, edit_file, names_changed
from skill_fleet.drafting.model.faults import Check
from skill_fleet.drafting.model.grounding import not_in
from skill_fleet.drafting.model.learning import RoundRecord
from skill_fleet.drafting.model.numbered import Sources, brief_text, number_sources, quoted_brief
from skill_fleet.drafting.model.relevant import relevant
from skill_fleet.drafting.model.replacing import CannotPlace, Replacement, put
from skill_fleet.drafting.model.settings import ModelSettings
from skill_fleet.drafting.model.shapes import Verdict
from skill_fleet.drafting.model.spending import Spent
from skill_fleet.drafting.model.tape import Tape
from skill_fleet.drafting.model.threads import Handled, Hunk, Outcome, Thread, labels
from skill_fleet.drafting.model.traffic import Progress
from skill_fleet.drafting.model.triage import triage
from skill_fleet.drafting.pages.plain import tidy
from skill_fleet.drafting.types import Brief, Document

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
    only: Sequence[str] = (),
    everything: bool = False,
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
    numbered = number_sources(brief.task, sources, only, everything) if sources else None
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
