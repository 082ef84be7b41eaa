"""Fenced blocks of the skills' Markdown, found and run by Sybil.

What follows the language in a fence's first line says how the block is meant:

    name=SLUG        others may continue it
    continues=SLUG   it runs after that block of the same document, and after what that one continues
    wrong=SLUG       the wrong way: the probe of that name observes the symptom
    right=SLUG       the right way: the same probe does not
    raises=ERROR     it ends in that error, whose message stands in a comment of the block
    file=PATH        a file of a small project, which runs as a whole once its last block is a test
"""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from types import ModuleType

from sybil import Document, Example, Region, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

from skills.product import SKILLS, products

MARKS = frozenset({"name", "continues", "wrong", "right", "raises", "file"})

_INFO = re.compile(r"[ \t]*(?P<language>[A-Za-z0-9+-]*)(?P<marks>[^\n]*)\n")
_LEXER = RawFencedCodeBlockLexer(_INFO)
_EVALUATE = PythonEvaluator()
_NUMBERS = count()


@dataclass(frozen=True)
class Block:
    """One fenced block: where it stands, its language, its marks and its text."""

    example: Example
    language: str
    marks: dict[str, str]

    @property
    def document(self) -> Path:
        """The file it stands in."""
        return Path(self.example.path)

    @property
    def source(self) -> str:
        """What stands between the fences."""
        return str(self.example.parsed)

    @property
    def skill(self) -> str:
        """The id of the skill that it belongs to."""
        category, name, *_ = self.document.relative_to(SKILLS).parts
        return f"{category}/{name}"

    @property
    def slug(self) -> str:
        """The name by which probes know it."""
        return next((self.marks[mark] for mark in ("wrong", "right", "name") if mark in self.marks), "")

    @property
    def is_wrong(self) -> bool:
        """Whether it shows what not to do."""
        return "wrong" in self.marks or "raises" in self.marks

    def __str__(self) -> str:
        return f"{self.document.relative_to(SKILLS)}:{self.example.line}"


@cache
def all_blocks() -> tuple[Block, ...]:
    """Every fenced block of every skill."""
    sybil = Sybil(parsers=[_regions], pattern="*.md", path=str(SKILLS))
    found = []
    for product in products():
        for path in product.documents():
            for example in sybil.parse(path).examples():
                lexemes = example.region.lexemes
                found.append(Block(example, lexemes["language"], dict(_marks(lexemes["marks"]))))
    return tuple(found)


def blocks(*languages: str) -> list[Block]:
    """The blocks in these languages."""
    return [block for block in all_blocks() if block.language in languages]


def chain(block: Block) -> list[Block]:
    """The blocks that `block` continues, from the first one on, and itself."""
    wanted = block.marks.get("continues")
    if wanted is None:
        return [block]
    before = [other for other in all_blocks() if other.document == block.document and other.marks.get("name") == wanted]
    assert len(before) == 1, f"{block} continues {wanted}, which names {len(before)} blocks of its document"
    assert before[0].example.start < block.example.start, f"{block} continues a block that comes later"
    return [*chain(before[0]), block]


def run(block: Block) -> ModuleType:
    """Run `block` after what it continues, in a module of its own, which is returned."""
    module = ModuleType(f"block_{next(_NUMBERS)}")
    sys.modules[module.__name__] = module  # annotations are resolved in the module that a class names as its own
    for each in chain(block):
        each.example.namespace = module.__dict__
        _EVALUATE(each.example)
    vars(module)["__builtins__"] = builtins
    return module


def _regions(document: Document) -> Iterator[Region]:
    found = list(_LEXER(document))
    for region in found:
        if any(other.start < region.start and region.end < other.end for other in found):
            continue  # shown inside another block, as text
        region.parsed = region.lexemes["source"]
        region.evaluator = _EVALUATE
        yield region


def _marks(text: str) -> Iterator[tuple[str, str]]:
    for word in text.split():
        mark, sign, value = word.partition("=")
        assert sign and value and mark in MARKS, f"no such mark: {word}"
        yield mark, value
