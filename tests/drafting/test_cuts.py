"""A fence that was cut is opened or closed again; one that is whole is left alone."""

from __future__ import annotations

import pytest

from skill_fleet.drafting.pages.opening import open_page
from skill_fleet.drafting.pages.page import Page, Part, lines_of


def opened(text: str, cut: bool = False) -> Page:
    return open_page(Part("d", 0, lines_of(text), "d.md", cut_head=cut))


@pytest.mark.parametrize(
    ("text", "opening", "closing"),
    [
        ("text\n\n```py\nx\n```\n", "", ""),
        ("    return x\n```\n\n## Use\n\n```py\ny\n```\n", "```py", ""),
        ("    return x\n```\n\n```py\ny\n```\n\n```sh\nz\n```\n", "```", ""),
        ("# T\n\n```py\nx\n", "", "```"),
        ("# T\n\n~~~~\nx\n```\n", "", "~~~~"),
        ("# T\n\n- item\n\n  ```py\n  x\n", "", "  ```"),
        ("# T\n\n> ```\n> x\n", "", "> ```"),
        ("- ```py\n  x\n", "", "  ```"),
        ("# T\n\n```\na\n\n```py\nb\n```\n\n```py\nc\n```\n", "", ""),
        ("````\n```\n````\n", "", ""),
        ("no fence at all\n", "", ""),
        ("# T\n\ntext\n\n```\nx\n", "", "```"),
        ("const x = {\n  a,\n};\n```\n\ntext\n", "```", ""),
    ],
)
def test_marks(text: str, opening: str, closing: str) -> None:
    page = opened(text)
    assert (page.opening, page.closing) == (opening, closing)


def test_what_stands_before_the_first_mark_is_code_then() -> None:
    page = opened("# a comment, no heading\n    return x\n```\n\n# A heading\n\n```py\ny\n```\n", cut=True)
    assert [block.text for block in page.outline.blocks if block.level] == ["A heading"]
