"""Folds: wrappers lose their tags, those with a name of their own become sections, the rest stays whole."""

from __future__ import annotations

import pytest

from skill_fleet.drafting.opening import open_page
from skill_fleet.drafting.page import Page, Part, lines_of

FOLD = "<details>\n<summary>{}</summary>\n\n{}\n\n</details>\n\n"


def opened(text: str) -> Page:
    return open_page(Part("d", 0, lines_of(text), "d.md"))


def test_a_fold_around_headings_is_a_wrapper() -> None:
    page = opened("# T\n\n" + FOLD.format("All", "## A\n\ntext\n\n## B\n\ntext"))
    assert page.summaries == ()
    assert [used.reason for used in page.used] == ['details tag; its summary was "All"', "details tag"]


def test_a_fold_that_ends_its_section_is_a_section() -> None:
    page = opened(
        "# T\n\n## A\n\n" + FOLD.format("On **Windows**", "text") + FOLD.format("On a Mac", "text") + "## B\n"
    )
    assert [(first, level, title) for first, _, level, title in page.summaries] == [
        (4, 3, "On Windows"),
        (11, 3, "On a Mac"),
    ]
    assert len(page.used) == 4


@pytest.mark.parametrize(
    "text",
    [
        "## A\n\n" + FOLD.format("More", "text") + "and then this.\n",
        "## A\n\n<details><summary>More</summary>text</details>\n",
        "## A\n\n<details>\n<summary>More</summary>\ntext\n</details>\n",
        "## A\n\n- item\n\n  <details>\n  <summary>More</summary>\n\n  text\n\n  </details>\n",
        "## A\n\n<details>\n<summary>never closed</summary>\n\ntext\n",
        "## A\n\ntext\n\n</details>\n",
        "## A\n\n```html\n<details>\n<summary>x</summary>\n</details>\n```\n",
    ],
)
def test_others_stay_as_they_are(text: str) -> None:
    page = opened(text)
    assert (page.used, page.summaries) == ((), ())


def test_a_fold_that_stays_is_one_block() -> None:
    page = opened("## A\n\n" + FOLD.format("More", "one\n\ntwo") + "and then this.\n")
    assert [(block.kind, block.first, block.end) for block in page.outline.blocks] == [
        ("heading", 0, 1),
        ("details", 2, 10),
        ("paragraph", 11, 12),
    ]
