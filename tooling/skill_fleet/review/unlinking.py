"""Links to a file that goes become their own text, wherever in the skill they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from skill_fleet.checks.linkscan import DEFINITION, links_on
from skill_fleet.checks.markdown import Markdown
from skill_fleet.checks.targets import Ground
from skill_fleet.fleet.frontmatter import read_front_matter
from skill_fleet.fleet.git import REGULAR
from skill_fleet.fleet.skill import Skill

Leads = Callable[[str], bool]


@dataclass(frozen=True)
class Unlinked:
    """A file without the links: its new bytes, and the lines (from 1) that are others now. It has as many as before."""

    content: bytes
    lines: tuple[int, ...]


def unlink(skill: Skill, gone: str) -> dict[str, Unlinked]:
    """The other Markdown files of a skill that link to its file `gone` (relative to its folder), by their paths in it."""
    ground, found = Ground(skill), {}
    for entry in skill.entries:
        path = skill.relative(entry.path)
        if path == gone or not path.endswith(".md") or entry.mode != REGULAR:
            continue
        content = skill.tree.read(entry)
        if gone.rpartition("/")[2] not in unquote(content.decode("utf-8", "surrogateescape"), errors="surrogateescape"):
            continue
        done = _without(content, _leads(ground, path.rpartition("/")[0], gone))
        if done.lines:
            found[path] = done
    return found


def _leads(ground: Ground, folder: str, gone: str) -> Leads:
    def leads(address: str) -> bool:
        target = ground.resolve(address, folder)
        return target.verdict == "ok" and target.path == gone

    return leads


def _without(content: bytes, leads: Leads) -> Unlinked:
    text = content.decode("utf-8", "surrogateescape")
    if "\r" in text.replace("\r\n", ""):  # CommonMark ends a line there, Git does not
        return Unlinked(content, ())
    lines = text.split("\n")
    front = read_front_matter(content)
    first = front.body_line - 1
    markdown = Markdown("\n".join(lines[first:]))
    blocks = markdown.blocks
    literal = {n for block in blocks if block.kind not in ("text", "heading") for n in range(block.start, block.end)}
    defined = [*_definitions(lines[first:], literal, leads)]
    meant = {label: ours for label, _, ours in reversed(defined)}  # of two of a name CommonMark takes the first
    labels = {label for label, ours in meant.items() if ours}
    changed = {first + n: "\r" * lines[first + n].endswith("\r") for _, n, ours in defined if ours}
    for block in blocks:
        if block.kind in ("text", "heading"):
            start, end = first + block.start, first + block.end
            rows = _unlinked("\n".join(lines[start:end]), leads, labels).split("\n")
            changed |= {n: row for n, row in enumerate(rows, start) if n not in changed and row != lines[n]}
    after = [changed.get(number, line) for number, line in enumerate(lines)]
    return Unlinked(
        "\n".join(after).encode("utf-8", "surrogateescape"), tuple(number + 1 for number in sorted(changed))
    )


def _definitions(lines: list[str], literal: set[int], leads: Leads) -> Iterator[tuple[str, int, bool]]:
    """Each label that is defined, on which line, and whether as the file that goes."""
    for number, line in enumerate(lines):
        if "]:" in line and number not in literal and (found := DEFINITION.match(line)):
            yield _label(found["label"]), number, leads(found["to"].strip("<>"))


def _unlinked(text: str, leads: Leads, labels: Iterable[str]) -> str:
    """A paragraph whose links to the file are their text; it keeps its line ends."""
    cuts = []
    for link in links_on(text):
        if link.start >= 0 and (_label(link.label) in labels if link.label else leads(link.to)):
            cuts += [(link.start, text.index("[", link.start) + 1), (link.close, link.end)]
    pieces, at = [], 0
    for start, end in sorted(cuts):
        pieces += [text[at:start], re.sub(r"[^\n]", "", text[start:end])]
        at = end
    return "".join([*pieces, text[at:]])


def _label(text: str) -> str:
    return " ".join(text.split()).casefold()
