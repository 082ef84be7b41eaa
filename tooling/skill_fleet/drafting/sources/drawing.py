"""Sources that are no text: what is text in them is drawn out, and what is none is kept as a file, with a word to say so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from skill_fleet.drafting.pages.page import Page, Part, lines_of
from skill_fleet.drafting.placing.files import Written
from skill_fleet.drafting.sources.agentfiles import read_yaml
from skill_fleet.drafting.sources.commands import read_toml
from skill_fleet.drafting.sources.notebooks import read_notebook
from skill_fleet.drafting.sources.shelf import name_of
from skill_fleet.drafting.types import Document

NO_TEXT = "The source is no text that says what to do: write when and how to use it."
HARDLY = "The source says next to nothing of what to do ({lines}): write when and how to use it."
_READERS = {".ipynb": read_notebook, ".toml": read_toml, ".yaml": read_yaml, ".yml": read_yaml}
_LEAST = 5  # lines of text that a skill is made of, or as many characters of it and of its own description:
_LONG = 80


def draw_out(part: Part) -> Part:
    """The text in a notebook or in a file of settings; any other part as it is."""
    reader = _READERS.get(PurePosixPath(name_of(part)).suffix.lower())
    read = reader(part.lines) if reader and not (part.cut_head or part.cut_tail) else None
    return replace(part, lines=read[0], drawn=read[1]) if read else part


def with_drawn(documents: Sequence[Document], parts: Sequence[Part]) -> tuple[Document, ...]:
    """The documents with the lines as text that were read as text, which is what the ledger counts."""
    texts = {document.name: list(lines_of(document.text)) for document in documents}
    for part in parts:
        if part.drawn:
            left = {line for used in part.drawn.used for line in range(used.first, used.last)}
            for at, line in enumerate(part.lines):
                if at not in left:
                    texts[part.document][part.offset + at] = line
    changed = {part.document for part in parts if part.drawn}
    return tuple(
        replace(one, text="\n".join([*texts[one.name], ""])) if one.name in changed else one for one in documents
    )


def says_nothing(pages: Sequence[Page], written: Written) -> Iterator[str]:
    """That nothing in the draft says what to do: no text at all, or hardly a line of it."""
    texts = {id(page) for page in pages if page.lines}
    count, weight = 0, sum(len(page.matter.get("description", "")) for page in pages[:1])
    for one in written.placed:
        if id(one.page) in texts:
            heads = {
                at
                for block in one.page.blocks(one.first, one.last)
                if block.level
                for at in range(block.first, block.end)
            }
            for at in range(one.first, one.last):
                line = one.page.lines[at].strip()
                if any(map(str.isalnum, line)) and at not in heads and not one.page.literal(at):
                    count += 1
                    weight += sum(3 if char > "\u2e7f" else 1 for char in line)
            if count >= _LEAST or weight >= _LONG:
                return
    if not texts:
        yield NO_TEXT
    else:
        yield HARDLY.format(lines="no line of text" if not count else "one line" if count == 1 else f"{count} lines")
