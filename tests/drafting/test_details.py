"""Folds: wrappers lose their tags, those with a name of their own become sections, the rest stays whole."""

from __future__ import annotations

import pytest

from drafting.accounting import assert_accounted
from drafting.documents import CATEGORIES
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.pages.opening import open_page
from skill_fleet.drafting.pages.page import Page, Part, lines_of
from skill_fleet.drafting.types import Document

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


@pytest.mark.parametrize("tags", ["<details>\n<summary>{}</summary>", "<details open><summary>{}</summary>"])
def test_the_words_of_a_summary_stand_in_a_text_that_is_not_split(tags: str) -> None:
    """What a fold is called can be an instruction: it is a heading in the file that its text stays in, too."""
    fold = tags.format("On production: *ask* first")
    text = f"# Kube\n\nKube rolls out to clusters.\n\n## Roll out\n\nApply it.\n\n{fold}\n\nAsk.\n\n</details>\n"
    sources = (Document("kube.md", text, "kube.md"),)
    draft = ExtractiveDrafter().draft(brief_for("", sources, CATEGORIES, None), sources)
    body = draft.files["SKILL.md"]
    assert_accounted(draft, sources)
    assert "Apply it.\n\n### On production: ask first\n\nAsk.\n" in body


def test_fences_in_and_after_a_fold_without_a_summary() -> None:
    text = "<details>\n\n```python\na = 1\nb = 2\n```\n\n</details>\n\n```python\nc = 3\n```\n"
    sources = (Document("d.md", text, "d.md"),)
    assert_accounted(ExtractiveDrafter().draft(brief_for("", sources, CATEGORIES, None), sources), sources)


def test_an_admonition_is_whole() -> None:
    """What stands between `:::tip` and its `:::` is no section of its own; a mark that is never closed changes nothing."""
    inside = "# T\n\n:::tip[Take a copy]\n\ntext\n\n## Not a section\n\ntext\n\n:::\n\n## A section\n\ntext\n"
    assert [block.text for block in opened(inside).outline.blocks if block.level] == ["T", "A section"]
    nested = "::::danger\n:::note\n\n# x\n\n:::\n\n# y\n\n::::\n"
    assert [block.kind for block in opened(nested).outline.blocks] == ["details"]
    assert [block.level for block in opened(":::tip\n\n# x\n\ntext\n").outline.blocks] == [0, 1, 0]


def test_folds_beside_each_other_are_sections_even_around_headings() -> None:
    """A reader has to know which of three "Install tools" is his; a fold that stands alone is a wrapper."""
    part = "### Install tools\n\ntext\n\n" + FOLD.format("If it fails", "retry")
    text = "# T\n\nHow.\n\n" + FOLD.format("Linux", part) + FOLD.format("macOS", part)
    sources = (Document("t.md", text, "t.md"),)
    draft = ExtractiveDrafter().draft(brief_for("", sources, CATEGORIES, None), sources)
    assert_accounted(draft, sources)
    heads = [line for line in draft.files["SKILL.md"].split("\n") if line.startswith("#")]
    one = ["### Install tools", "#### If it fails"]
    assert heads == ["# T", "## Linux", *one, "## macOS", *one]
    nested = (
        "# T\n\n"
        + FOLD.format("A", FOLD.format("a", "x") + FOLD.format("b", "y"))
        + FOLD.format("B", FOLD.format("c", "z"))
    )
    assert [(level, title) for _, _, level, title in opened(nested).summaries] == [
        (2, "A"), (3, "a"), (3, "b"), (2, "B"), (3, "c"),
    ]  # fmt: skip
    underlined = part.replace("### Install tools", "Install tools\n-------------")
    assert [title for *_, title in opened(text.replace(part, underlined)).summaries] == ["If it fails"] * 2
