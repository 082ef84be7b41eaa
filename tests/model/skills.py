"""One small source, one small skill, and threads on it."""

from __future__ import annotations

from skill_fleet.checks import Finding
from skill_fleet.drafting import Brief, Document, Draft
from skill_fleet.model import DspyDrafter, ModelSettings, Revision, Thread, revise

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


def drafter(settings: ModelSettings, check=no_findings, **words) -> DspyDrafter:  # type: ignore[no-untyped-def]
    """A drafter for the fleet above."""
    return DspyDrafter(settings, CATEGORIES, NEIGHBOURS, check, **words)


def drafted(
    settings: ModelSettings, *sources: Document, check=no_findings, task: str = "Explain knots.", **words
) -> Draft:  # type: ignore[no-untyped-def]
    """A draft from understanding to repair."""
    one = drafter(settings, check, **words)
    return one.draft(one.understand(task, sources).brief, sources)


def thread(number: int, said: str, path: str = "SKILL.md", line: int = 12) -> Thread:
    """What one person says on one line."""
    text = SKILL.get(path, "").split("\n")
    quoted = text[line - 1] if 0 < line <= len(text) else ""
    return Thread(f"comment:{number}", path, line, line, quoted, (("anna", said),))


def revised(settings: ModelSettings, *threads: Thread, files=SKILL, check=no_findings, **words) -> Revision:  # type: ignore[no-untyped-def]
    """One round on the skill above."""
    return revise(settings, files, BRIEF, threads, check, **words)
