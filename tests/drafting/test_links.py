"""Links follow what moved, and become words where their target is not there."""

from __future__ import annotations

import pytest

from drafting.accounting import assert_accounted
from drafting.documents import CATEGORIES, prose
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.pages.anchors import Slugs
from skill_fleet.drafting.types import Document, Draft
from skill_fleet.markdown import Markdown, anchors, links_on

LONG = prose(40) + "```\ncode\n```\n\n"


def drafted(text: str, *others: Document) -> Draft:
    sources = (Document("docs/README.md", text, "docs/README.md"), *others)
    return ExtractiveDrafter().draft(brief_for("", sources, CATEGORIES, None), sources)


def long(line: str) -> str:
    return f"# T\n\n{line}\n\n## First part\n\n{prose(160)}\n## Second *part* 🚀\n\n{prose(160)}\n### Deep\n\nSee [up](#t).\n"


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("[a](#first-part)", "[a](references/first-part.md#first-part)"),
        ("[a](#deep)", "[a](references/second-part.md#deep)"),
        ("[a](#second-part-)", "[a](references/second-part.md#second-part-)"),
        ("[a](#second-part)", "[a](references/second-part.md#second-part-)"),
        ("[a](#t)", "[a](#t)"),
        ("[a](#gone)", "a (`#gone`)"),
        ("[a](gone.md 'title')", "a (`gone.md`)"),
        ("[`gone.md`](gone.md)", "`gone.md`"),
        ("![shot](img/a.png)", "shot (`img/a.png`)"),
        ("[a](README.md#deep)", "[a](references/second-part.md#deep)"),
        ("[a](https://a.example/b#c) [m](mailto:a@b.c)", "[a](https://a.example/b#c) [m](mailto:a@b.c)"),
        ("`[a](gone.md)` and \\[a](gone.md)", "`[a](gone.md)` and \\[a](gone.md)"),
        ("[![b](b.png)](gone.md)", "b (`b.png`) (`gone.md`)"),
        ("[a][r]", "[a](references/first-part.md#first-part)"),
        ("[r][] and [r]", "[r](references/first-part.md#first-part) and [r](references/first-part.md#first-part)"),
        ("[x] done, [ ] not, [unknown][], [^1]", "[x] done, [ ] not, [unknown][], [^1]"),
        ("x [a\nb](#first-part) y", "b](references/first-part.md#first-part) y"),
        ("x [a\nb](gone.md) y", "b (`gone.md`) y"),
        ("x [a\nb][r] y", "b](references/first-part.md#first-part) y"),
        ("x [a](gone.md\n'title') y", "x a (`gone.md`)"),
        ("[a](<gone file.md>)", "[a](<gone file.md>)"),
        ("[a]({{URL}}) [b]()", "[a]({{URL}}) [b]()"),
    ],
)
def test_one_line(written: str, becomes: str) -> None:
    draft = drafted(long(written) + "\n[r]: #first-part\n")
    assert becomes in draft.files["SKILL.md"].split("\n")


def test_an_anchor_is_that_of_the_words_that_a_reader_sees() -> None:
    """As the checks have it, so that a link that was right is right after the heading has moved."""
    headings = ("Make it _(if you can)_", "`snake_case` *and* __init__", "AT&amp;T \\_x", "\u2699\ufe0f Set-up")
    for heading in headings:
        assert Slugs().add(heading) in anchors(Markdown(f"## {heading}\n"))


def test_links_between_references_are_relative_to_where_they_stand() -> None:
    draft = drafted(long("text").replace("### Deep", "### Deep\n\n[one](#first-part) [self](#deep)"))
    text = draft.files["references/second-part.md"]
    assert "[one](first-part.md#first-part) [self](#deep)" in text
    assert "[up](../SKILL.md#t)" in text


def test_other_documents_are_found_from_the_documents_own_place() -> None:
    draft = drafted(
        "# T\n\n[one](guide/one.md) [two](guide/../guide/two.md#usage) [three](/docs/guide/one.md)\n",
        Document("docs/guide/one.md", "# One\n\nback to [t](../README.md), on to [two](two.md)\n", "docs/guide/one.md"),
        Document("docs/guide/two.md", "# Two\n\n## Usage\n\ntext\n", "docs/guide/two.md"),
    )
    assert (
        "[one](references/one.md) [two](references/two.md#usage) [three](references/one.md)" in draft.files["SKILL.md"]
    )
    assert "back to [t](../SKILL.md), on to [two](two.md)" in draft.files["references/one.md"]


def test_missing_targets_are_one_open_point() -> None:
    draft = drafted("# T\n\n[a](a.md) [b](b.md) [a again](a.md)\n")
    (point,) = [point for point in draft.open_points if "link target" in point]
    assert point.startswith(
        "edit: 2 link targets not among the sources, now text: `a.md` (SKILL.md:10), `b.md` (SKILL.md:10)."
    )


def test_a_kept_folder_keeps_its_links() -> None:
    skill = Document(
        "s/SKILL.md", "---\nname: s\ndescription: Use when x\n---\n\n# S\n\n[g](references/g.md)\n", "s/SKILL.md"
    )
    guide = Document("s/references/g.md", "# G\n\n[s](../SKILL.md) [r](../scripts/run.py)\n", "s/references/g.md")
    script = Document("s/scripts/run.py", "#!/usr/bin/env python3\nprint('[x](y)')\n\n", "s/scripts/run.py")
    draft = ExtractiveDrafter().draft(
        brief_for("", (skill, guide, script), CATEGORIES, "api/s"), (skill, guide, script)
    )
    assert set(draft.files) == {"SKILL.md", "references/g.md", "scripts/run.py"}
    assert draft.files["references/g.md"] == guide.text
    assert draft.files["scripts/run.py"] == script.text
    assert "[g](references/g.md)" in draft.files["SKILL.md"]


def test_slugs_are_githubs() -> None:
    slugs = Slugs()
    titles = ["A & B", "Rocket 🚀 go", "`code()` and *more*", "Same", "Same", "Über-Größe", "snake_case", "[L](x.md)"]
    assert [slugs.add(title) for title in titles] == [
        "a--b", "rocket--go", "code-and-more", "same", "same-1", "über-größe", "snake_case", "l",
    ]  # fmt: skip


def test_the_scanner_finds_brackets_and_destinations() -> None:
    (inner, outer) = links_on('see [![a](b.png)](c.md "t") end')
    assert (inner.to, outer.to) == ("b.png", "c.md")
    assert next(iter(links_on("text](x.md) is the end of a link"))).start == -1
    assert list(links_on("``[a](b)`` `[c](d)`")) == []


def test_the_text_of_a_footnote_stands_where_it_is_referred_to() -> None:
    notes = "[^a]: First note,\n    on two lines.\n[^b]: Second note.\n[^c]: Third note.\n\nThe end.\n"
    text = f"# T\n\nSay[^a].\n\n## Part\n\n{prose(160)}\nSo[^b].\n\n## Notes\n\n{prose(160)}\nThere[^c].\n\n{notes}"
    draft = drafted(text)
    assert_accounted(draft, (Document("docs/README.md", text, "docs/README.md"),))
    assert draft.files["SKILL.md"].endswith("\n\n[^a]: First note,\n    on two lines.\n")
    assert draft.files["references/part.md"].endswith("So[^b].\n\n[^b]: Second note.\n")
    assert draft.files["references/notes.md"].endswith("There[^c].\n\n[^c]: Third note.\n\nThe end.\n")
