"""What a model's draft leaves for people to settle, in words for the pull request."""

from __future__ import annotations

from collections.abc import Sequence

from skill_fleet.drafting.model.compose import Section
from skill_fleet.drafting.model.faults import Fault
from skill_fleet.drafting.model.understanding import Understood
from skill_fleet.drafting.pages.plain import shortened, tidy
from skill_fleet.drafting.types import FURTHER, Brief


def open_points(
    brief: Brief, understood: Understood, sections: Sequence[Section], left: Sequence[Fault]
) -> tuple[str, ...]:
    """What was taken for granted, what no document says, what was dropped, and what is still wrong with the files."""
    points = [f"{question.text} Taken: {question.default}." for question in brief.questions]
    if understood.covered_by:
        points.append(f"The skill {understood.covered_by} may already cover this; revise it instead?")
    points += (f"{FURTHER}{task}" for task in understood.other_tasks)
    points += (
        f"{section.file}, {section.heading}: a citation was dropped. {why}"
        for section in sections
        for why in section.wrong
    )
    points += _unbacked(sections)
    names: dict[str, list[str]] = {}
    for fault in left:
        if fault.name:
            names.setdefault(fault.file, []).append(f"`{fault.name}` (line {fault.line})")
        else:
            points.append(f"{fault.file}:{fault.line}: {_quoted(fault)}{fault.why}")
    points += (f"{path}: not from the sources: {', '.join(found)}." for path, found in names.items())
    return tuple(dict.fromkeys(points))


def _unbacked(sections: Sequence[Section]) -> list[str]:
    """What rests on the request alone: in one line where there is nothing else to rest on."""
    if not any(one.source for section in sections for one in section.seen):
        return ["No document was given: all that the skill says is what the model knows. Check it before you approve."]
    points = []
    for section in sections:
        if section.unbacked:
            whole = not any(one.source for one in section.cited)
            said = ", ".join(repr(shortened(tidy(each), 60)) for each in section.unbacked)
            points.append(
                f"{section.file}, {section.heading}: no document says {'any of it' if whole else said}; "
                "it is what the model knows."
            )
    return points


def _quoted(fault: Fault) -> str:
    """The words that a fault is about, if it names any, and whose they are."""
    words = shortened(tidy(fault.quote).replace("`", ""), 60)
    how = "as in the source, " if fault.told else "not told here, " if fault.missing else ""
    return f"{how}`{words}`. " if words else ""
