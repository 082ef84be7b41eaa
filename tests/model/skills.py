"""One small source, one small skill, and threads on it."""

from __future__ import annotations

from collections.abc import Callable

from model.answers import draft, plan_of, rows_of, sections_of
from model.scripted import Exchange
from skill_fleet.checks import Finding
from skill_fleet.drafting import Brief, Discussion, Document, Draft
from skill_fleet.fleet import ModelSettings
from skill_fleet.model import DspyDrafter, ModelClient, Revision, Tape, revise

CATEGORIES = {
    "python": "The Python language, its libraries and tools.",
    "testing": "Finding out whether software works.",
}
NEIGHBOURS = {
    "python/boats": "Builds boats out of planks. Use when somebody wants to go to sea and has no boat to do it with yet."
}
BRIEF = Brief("Explain knots.", "python/knots", "sailors", ("Tie knots", "Sail"))
SKILL = {
    "SKILL.md": (
        "---\nname: knots\ndescription: Ties knots. Use when tying.\n---\n\n# Knots\n\nIntro.\n\n## Tying\n\n"
        "Use `tie_knot` with care.\n\n```python\ntie_knot(rope)\n```\n\n## Sailing\n\nCall `tie_knot` first. Then sail.\n"
    ),
    "references/splices.md": "# Splices\n\n## Eye\n\nAn eye needs `tie_knot` twice.\n\n## Short\n\nA short splice holds.\n",
}


def document(name: str = "knots.md") -> Document:
    """A source with two sections and code."""
    text = (
        "# Knots\n\nA knot holds a rope. Read all of this.\n\n## Tie\n\nCall `tie_knot` with the `--twice` flag.\n\n"
        "```python\ntie_knot(rope, turns=2)\n```\n\n## Untie\n\nPull `the_end` until it gives.\n\n"
        "## Versions\n\nSince 2.4 there is `slip_knot`.\n\n## Store\n\nHang the rope up to dry.\n"
    )
    return Document(name, text, name)


def no_findings(_: dict[str, str]) -> tuple[Finding, ...]:
    """Checks that have nothing against anything."""
    return ()


def finding(path: str, message: str, rule: str = "links/target", line: int = 1) -> Finding:
    """One error."""
    return Finding(f"skills/python/knots/{path}", line, 1, rule, "error", "python/knots", message, "Mend it.")


def drafter(  # type: ignore[no-untyped-def]
    settings: ModelSettings, check=no_findings, record=None, replay=None, progress=None, **words
) -> DspyDrafter:
    """A drafter for the fleet above."""
    client = ModelClient(settings, Tape(record, replay), progress)
    return DspyDrafter(client, CATEGORIES, NEIGHBOURS, lambda _, files: check(files), **words)


def drafted(
    settings: ModelSettings, *sources: Document, check=no_findings, task: str = "Explain knots.", **words
) -> Draft:  # type: ignore[no-untyped-def]
    """A draft from the first call to the last edit."""
    one = drafter(settings, check, **words)
    return one.draft(one.understand(task, sources).brief, sources)


def thread(number: int, said: str, path: str = "SKILL.md", line: int = 12) -> Discussion:
    """What one person says on one line."""
    text = SKILL.get(path, "").split("\n")
    quoted = text[line - 1] if 0 < line <= len(text) else ""
    return Discussion(f"comment:{number}", path, line, line, quoted, (("anna", said),))


def revised(settings: ModelSettings, *threads: Discussion, files=SKILL, check=no_findings, **words) -> Revision:  # type: ignore[no-untyped-def]
    """One round on the skill above."""
    return revise(ModelClient(settings), files, BRIEF, threads, lambda _, files: check(files), **words)


def plan_with(one: Exchange, **changes: object) -> dict[str, object]:
    """The plan of a model that behaves, with these fields changed."""
    return {**plan_of(one.fields, sections_of(rows_of(one.fields.get("sources", "")))), **changes}


def planned(**changes: object) -> Callable[[Exchange], None]:
    """A draft of a model that behaves, with these fields of its plan changed."""
    return lambda one: one.say(plan_with(one, **changes), draft(one.fields)[1])


def written(skill: str, **changes: object) -> Callable[[Exchange], None]:
    """A draft with this text as the body of SKILL.md, its only file."""
    files = [{"path": "SKILL.md", "title": "Scripted skill", "read_when": ""}]
    return lambda one: one.say(plan_with(one, files=files, **changes), f"=== FILE SKILL.md\n{skill}\n")


def problem(quote: str, rule: str = "false", file: str = "SKILL.md", **more: str) -> dict[str, str]:
    """What a critic finds in a skill that has sources."""
    return {"rule": rule, "file": file, "quote": quote, "why": "It is wrong.", "lines": "", **more}


def edit_of(
    label: str, old: str, new: str, basis: str = "skill", lines: str = "", file: str = "SKILL.md"
) -> dict[str, str]:
    """An edit of a skill that has sources."""
    return {"id": label, "file": file, "old": old, "new": new, "basis": basis, "lines": lines}


def edits(*found: dict[str, str], left: dict[str, str] | None = None) -> Callable[[Exchange], None]:
    """A reply of the editor, with these edits, and the reasons for the problems that are left."""
    rows = [{"id": label, "why": why} for label, why in (left or {}).items()]
    return lambda one: one.say(list(found), rows)
