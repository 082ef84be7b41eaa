"""Our quick block parser sees what markdown-it-py's full one sees."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt

from drafting.documents import MARKDOWN, TEXT
from skill_fleet.drafting.pages.outline import outline

FULL = MarkdownIt("commonmark").enable("table").disable("reference")


def whole(text: str) -> Iterator[tuple[str, int, int]]:
    for token in FULL.parse(text):
        if token.level == 0 and token.nesting >= 0 and token.map and token.type != "inline":
            yield token.type.removesuffix("_open"), token.map[0], token.map[1]


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(MARKDOWN | TEXT)
def test_the_same_blocks(text: str) -> None:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    found = [(block.kind, block.first, block.end) for block in outline(lines).blocks]
    assert found == [(kind, first, min(end, len(lines))) for kind, first, end in whole(text)]


@pytest.mark.parametrize(
    "text",
    [
        "| a | b |\n| - | - |\n| x | y |\n\npara",
        "| a |\n| - | - |\n| x |",
        "a | b\n- | -\nx | y\n> quote",
        "| a \\| b |\n| - |\nx",
        "- item\n  | a | b |\n  | - | - |\n\ntext",
        "para\n| a | b |\n| - | - |\n| x | y |",
        "    | a | b |\n    | - | - |",
        "| a | b |\n|---|---|\n    code",
        "|\n-",
        "|-|\n||||-",
        "||\n|-|",
        "a \\\\| b\n:-",
    ],
)
def test_tables(text: str) -> None:
    assert [(b.kind, b.first, b.end) for b in outline(text.split("\n")).blocks] == list(whole(text))


def test_headings_of_both_kinds() -> None:
    found = outline(["# One #", "", "Two", "lines", "---", "", "### C# #", ""]).blocks
    assert [(b.level, b.text, b.first, b.end) for b in found] == [
        (1, "One", 0, 1),
        (2, "Two lines", 2, 5),
        (3, "C#", 6, 7),
    ]


def test_fences_at_any_depth_are_known() -> None:
    found = outline(["- item", "", "  ```py", "  # no heading", "  ```", "", "~~~", "x", "~~~", ""])
    assert [(f.first, f.last, f.info, f.top) for f in found.fences] == [(2, 5, "py", False), (6, 9, "", True)]
