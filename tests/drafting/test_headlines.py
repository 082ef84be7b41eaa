"""Headings that are no Markdown headings are sections; what only looks like one is none."""

from __future__ import annotations

from collections.abc import Callable

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from drafting.accounting import assert_accounted
from drafting.documents import CATEGORIES, prose
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.pages.headlines import as_markdown
from skill_fleet.drafting.pages.opening import open_page
from skill_fleet.drafting.pages.page import Part, lines_of
from skill_fleet.drafting.pages.sections import tree
from skill_fleet.drafting.sources.gather import gather
from skill_fleet.drafting.types import Document, Draft

TITLES = ("Raising the mast", "Setting the sails", "Mooring alongside")


def drafted(text: str) -> Draft:
    source = Document("boat.txt", text, "boat.txt")
    draft = ExtractiveDrafter().draft(brief_for("", (source,), CATEGORIES, None), (source,))
    assert_accounted(draft, gather((source,)).documents)
    return draft


def sections(text: str) -> list[tuple[int, str]]:
    page = open_page(Part("boat.txt", 0, lines_of(text), "boat.txt"))
    return [(section.level, section.title) for section in tree(page).walk() if section.level]


def capitals(title: str, number: int) -> str:
    return f"{title.upper()}\n\nHow to go about raising, setting and mooring: the mast, the sails."


MARKED: dict[str, Callable[[str, int], str]] = {
    "bold labels": lambda title, number: f"**{title}**",
    "capitals": capitals,
    "numbers": lambda title, number: f"{number}. {title}",
    "AsciiDoc": lambda title, number: f"== {title}",
    "MediaWiki": lambda title, number: f"== {title} ==",
    "Org": lambda title, number: f"#+STARTUP: x\n\n** {title}",
    "Textile": lambda title, number: f"h2. {title}",
    "HTML": lambda title, number: f'<h2 id="a">{title}</h2>',
    "POD": lambda title, number: f"=head2 {title}",
    "underlined": lambda title, number: f"{title}\n{'~' * len(title)}",
    "lines above and below": lambda title, number: f"{'=' * 20}\n{title}\n{'=' * 20}",
}


@pytest.mark.parametrize("kind", MARKED)
@pytest.mark.parametrize("size", [3, 150])
def test_each_kind_divides_a_text(kind: str, size: int) -> None:
    """Whatever marks them, three headings are the sections of a text, and files when it is long; every line is kept."""
    text = "".join(f"{MARKED[kind](title, at)}\n\n{prose(size)}" for at, title in enumerate(TITLES, 1))
    assert [title.removeprefix(f"{at}. ") for at, (_, title) in enumerate(sections(text), 1)] == list(TITLES)
    draft = drafted(text)
    assert any("given Markdown's marks" in point for point in draft.open_points)
    if size > 3:
        whole = "".join(draft.files.values())
        assert "# Raising the mast\n" in whole or "# 1. Raising the mast\n" in whole
        assert {"references/mooring-alongside.md"} <= set(draft.files)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(sorted(MARKED)),
    st.lists(
        st.tuples(
            st.sampled_from(TITLES),
            st.sampled_from(
                [
                    "# x y",
                    "    # x",
                    "----\n# c\n----",
                    "[source,sh]\n----\n# c\n----",
                    "1. a\n2. b",
                    ":a: b",
                    "* a\n** b",
                ]
            ),
            st.integers(0, 120),
        ),
        max_size=9,
    ),
)
def test_nothing_is_lost_whatever_stands_between(kind: str, parts: list[tuple[str, str, int]]) -> None:
    """Lines that another markup gives a meaning are each placed once or accounted for."""
    text = "".join(
        f"{MARKED[kind](title, at)}\n\n{between}\n\n{prose(size)}" for at, (title, between, size) in enumerate(parts, 1)
    )
    drafted(text or "x")


@pytest.mark.parametrize(
    "text",
    [
        "\n\n".join(f"{number}. Do this now" for number in range(1, 9)),
        "# Boats\n\n## Hull\n\n" + "".join(f"**{title}**\n\ntext\n\n" for title in TITLES),
        "".join(f"**{title}:**\n\n- text\n\n" for title in TITLES),
        "A NOTE\n\ntext\n\nANOTHER\n\ntext\n\n",
        "* a\n* b\n* c\n\ntext\n",
        "```\n== a\n\n== b\n\n== c\n```\n\ntext\n",
        "".join(f"{title}\ngoes on\n~~~~~\n\n" for title in TITLES),
    ],
    ids=["list", "has headings", "lead-ins", "too few", "bullets", "fence", "paragraphs"],
)
def test_what_is_not_certain_stays_as_it_is(text: str) -> None:
    """Items of a list, lead-ins, a few lines in capitals and code are no headings."""
    page = open_page(Part("boat.txt", 0, lines_of(text), "boat.txt"))
    assert page.lines == lines_of(text)
    assert page.note == ""


def test_a_manual_page() -> None:
    """Its capitals are headings, its command the title, its bodies stand at the margin, and its foot is used up."""
    text = (
        "ROTATE(1)              User Commands             ROTATE(1)\n\nNAME\n       rotate - ships log files\n\n"
        "SYNOPSIS\n       rotate [-n] FILE...\n\nEXIT STATUS\n       0 on success.\n\n   In trouble\n       2 then.\n\n"
        "rotate 1.2             2023-05-01                ROTATE(1)\n"
    )
    assert sections(text) == [(1, "rotate"), (2, "Name"), (2, "Synopsis"), (2, "Exit status"), (3, "In trouble")]
    draft = drafted(text)
    assert draft.brief.name == "rotate"
    assert "\nrotate - ships log files\n" in draft.files["SKILL.md"]
    assert [one.reason for one in draft.ledger if "running foot" in one.reason] != []


def test_capitals_are_said_as_the_text_says_them() -> None:
    """Headings in capitals are written as the text writes their words: names and abbreviations stay."""
    text = "".join(
        f"{title}\n\nGitHub and the HTTP server, built in CI. See BUILDING.\n\nMore.\n\n"
        for title in ("BUILDING ON GITHUB", "THE HTTP SERVER", "RUNNING CI")
    )
    assert [title for _, title in sections(text)] == ["Building on GitHub", "The HTTP server", "Running CI"]


def test_code_of_asciidoc_is_code_of_markdown() -> None:
    """A comment between AsciiDoc's marks is no heading, and its language is kept; who wrote the text is not what it says."""
    text = (
        "= Draining nodes\nJane Roe <jane@example.com>\n:toc:\n\nHow operators drain a node safely.\n\n== Drain\n\n"
        "[source,bash]\n----\n# cordon first\nkubectl cordon node1\n----\n\n== Verify\n\n. Check\n"
    )
    draft = drafted(text)
    assert sections(text) == [(1, "Draining nodes"), (2, "Drain"), (2, "Verify")]
    assert "```bash\n# cordon first\nkubectl cordon node1\n```\n" in draft.files["SKILL.md"]
    assert "description: How operators drain a node safely." in draft.files["SKILL.md"]


def test_numbered_items_of_mediawiki() -> None:
    """`# item` is the item of a list there, but not in code."""
    lines = ["= A =", "== B ==", "# Open a ticket", "<pre>", "# x", "</pre>", "== C ==", "# Verify"]
    found = as_markdown(lines)
    assert found.lines == ("# A", "## B", "1. Open a ticket", "<pre>", "# x", "</pre>", "## C", "1. Verify")


@pytest.mark.parametrize(
    "text",
    [
        "# boat.conf - settings\n# Copyright (C) 2007 Jane Roe\n#\n# This file is free.\n\nmast = 1\n# how many\nsails = 2\n",
        "# =====\n# Tools\n# =====\n\nclass Mast:\n    pass\n\n# one more\nclass Sail:\n    pass\n",
        "# Set the mast first,\n# then the sails.\nmast = 1\n",
    ],
)
def test_comments_are_no_headings(text: str) -> None:
    """Several in a row that say a sentence, are empty or drawn, or tell of rights, and those like them."""
    assert sections(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "# Boats\n## Hulls\n### Planks\n",
        "# Boats\ntext\n# Hulls\ntext\n",
        "# A\n# B\n",
        "# T\ntext\n```sh\n# Do it,\n# now.\n```\n",
    ],
)
def test_headings_without_blanks_are_headings(text: str) -> None:
    """Glued headings that say no sentence stay what they are, whatever comments stand in code."""
    assert sections(text) != []


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("### T\n\n#### A\n\n##### B\n\n#### C\n", [1, 2, 3, 2]),
        ("# T\n\n#### A\n\n## B\n\n###### C\n", [1, 2, 2, 3]),
        ("### A\n\n### B\n", [2, 2]),
        ("text\n\n### A\n\n#### B\n", [2, 3]),
        ("# A\n\n## B\n\n# C\n", [1, 2, 1]),
        ("T\n---\n\n### A\n", [1, 2]),
    ],
)
def test_levels_begin_at_the_title_and_leave_none_out(text: str, levels: list[int]) -> None:
    """Headings are raised, those of a subtree alike; a text without a title gets one above its own."""
    assert [level for level, _ in sections(text)] == levels
    heads = [line for line in drafted(text).files["SKILL.md"].split("\n") if line.startswith("#") or line[:3] == "==="]
    assert heads[0].startswith(("# ", "==="))


def test_a_lone_list_is_called_by_its_heading() -> None:
    """A section that is a list too long to be cut moves with its heading, and so does one below a lead-in."""
    items = "".join(f"- item {number} of it\n" for number in range(600))
    draft = drafted(f"# Boats\n\nAll.\n\n## Options\n\nThese are there:\n\n{items}\n## More\n\n{prose(9)}")
    assert draft.files["references/options.md"].startswith("# Options\n\nThese are there:\n\n- item 0 of it\n")
    assert "references/boats.md" in drafted(f"# Boats\n\nAll.\n\n{items}").files


def test_pieces_are_called_by_what_sets_them_apart() -> None:
    """A text without headings is cut where it may be; names come from words that a piece has and the others have not."""
    about = ("halyards", "anchors", "rudders")
    text = "".join(
        f"The {word} of a boat have to be looked after, line {at}.\n\n" for word in about for at in range(130)
    )
    files = drafted(text).files
    assert {path for path in files if path != "SKILL.md"} >= {"references/anchors.md"}
    assert not any("-line-" in path or "the-" in path for path in files)


def test_html_is_no_name() -> None:
    """A piece that begins with a table of HTML is not called by its tag."""
    rows = "".join(f"<tr>\n<td>Plan {at}</td>\n</tr>\n" for at in range(200))
    draft = drafted(f"Limits by plan.\n\n<table>\n{rows}</table>\n\nMore.\n\n<table>\n{rows}</table>\n")
    assert "<table" not in draft.files["SKILL.md"].split("Limits")[0].split("---")[-1]
    assert not any("<" in line for line in draft.files["SKILL.md"].split("\n") if line.startswith("| ["))


def test_the_table_stands_below_the_title() -> None:
    """What is said above the title does not take the table of files up there, and chapters get a title above them."""
    parts = "".join(f"## {title}\n\n{prose(120)}" for title in TITLES)
    text = drafted(f"You are a boat builder.\n\n# Boats\n\nAll of it.\n\n{parts}").files["SKILL.md"]
    assert text.index("\n# Boats\n") < text.index("\n## Reference files\n")
    chapters = "".join(f"# {title}\n\n{prose(120)}" for title in TITLES)
    text = drafted(f"You are a boat builder.\n\n{chapters}").files["SKILL.md"]
    assert [line for line in text.split("\n") if line.startswith("# ")] == ["# Boat"]


def test_what_restructured_text_says_of_itself_is_no_text() -> None:
    """Fields and directives are not what a text is about, and its title is the one on top."""
    text = (
        ".. _deploy:\n\n======\nBoats\n======\n\n:Author: Jane Roe\n\n.. note::\n\n   # no heading\n\nHow boats are built.\n\n"
        "Hull\n====\n\ntext\n\nMast\n====\n\ntext\n"
    )
    assert sections(text) == [(1, "Boats"), (2, "Hull"), (2, "Mast")]
    assert "description: How boats are built." in drafted(text).files["SKILL.md"]
    assert sections("Say it.\n\nHull\n====\n\n:a: b\n\nMast\n----\n\ntext\n\nSail\n----\n") == [
        (2, "Hull"),
        (3, "Mast"),
        (3, "Sail"),
    ]
