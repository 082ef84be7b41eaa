"""The SKILL.md of a skill from elsewhere, made valid with as little change as will do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from skill_fleet.checks.fixes.front_matter import fix_front_matter
from skill_fleet.checks.fixes.rebuild import fields_of, front_matter_of, shortened
from skill_fleet.checks.rules.spec_description import MAX_DESCRIPTION
from skill_fleet.checks.run import check_skill
from skill_fleet.checks.selection import select
from skill_fleet.fleet.fleet import read_fleet
from skill_fleet.fleet.frontmatter import read_front_matter
from skill_fleet.fleet.skill import SKILL_FILE
from skill_fleet.fleet.tree import MemoryTree
from skill_fleet.fleet.yaml_edit import CannotEdit, set_value


def imported_file(content: bytes, name: str, facts: Mapping[str, str], notes: list[str]) -> bytes:
    """The new SKILL.md: the old front matter mended, or made anew where that is not enough; then the body as it was."""
    mended = fix_front_matter(content)
    if mended != content:
        notes.append("front matter mended")
    read = read_front_matter(mended)
    known = {key: value for key, value in facts.items() if value and key != "description"}
    edited = _edited(mended, name, {key: value for key, value in known.items() if read.metadata(key) is None})
    if edited is not None:
        return edited
    fields: dict[str, str] = {}
    metadata: dict[str, str] = {}
    body = mended
    if any(fault.what in ("missing", "unclosed") for fault in read.faults):
        notes.append("front matter made anew: there was none")
    else:
        notes.append("front matter made anew from what could be read of it")
        fields, metadata = fields_of(read)
        body = read.body.encode()
    if not fields.get("description"):
        first = _first_words(body.decode("utf-8", "replace"))
        fields["description"] = shortened(
            facts.get("description", "") or first or f"The skill {name}.", MAX_DESCRIPTION
        )
        notes.append("description taken from the text")
    ordered = {"name": name, **{key: value for key, value in fields.items() if key != "name"}}
    ending = "\r\n" if b"\r\n" in content[: max(len(content) - len(body), 8)] else "\n"
    return front_matter_of(ordered, {**known, **metadata}, ending).encode() + body


def _edited(content: bytes, name: str, metadata: Mapping[str, str]) -> bytes | None:
    """The file with its name and more metadata, every other byte as it is; None when it is not valid that way."""
    try:
        content = set_value(content, "name", name)
        for key, value in metadata.items():
            content = set_value(content, f"metadata.{key}", value)
    except CannotEdit:
        return None
    return None if any(open_points(name, content)) else content


def _first_words(text: str) -> str:
    """The first paragraph that is no heading, or else the first heading."""
    blocks = [
        block.strip() for block in text.split("\n\n") if block.strip() and not block.strip().startswith(("```", "---"))
    ]
    prose = next((block for block in blocks if not block.startswith("#")), "")
    return " ".join((prose or next(iter(blocks), "").lstrip("# ")).split())


def open_points(name: str, text: bytes) -> Iterator[str]:
    """What of the specification is still wrong."""
    skill = read_fleet(MemoryTree({f"{name}/{SKILL_FILE}": text}), "").skills[0]
    for finding in check_skill(skill, select(["spec"])):
        yield f"still wrong: {finding.rule}: {finding.message}"
