"""Dumps fall apart at their banners, and only the parts that are wanted are taken."""

from __future__ import annotations

import pytest

from drafting.documents import banner, cut_skill, dump
from skill_fleet.drafting.pages.page import lines_of
from skill_fleet.drafting.preview import render_listing
from skill_fleet.drafting.sources.dumps import unpack
from skill_fleet.drafting.sources.gather import gather
from skill_fleet.drafting.sources.shelf import name_of
from skill_fleet.drafting.types import Document
from skill_fleet.errors import UserError


def paths(text: str) -> list[tuple[str, bool, bool]]:
    return [(p.path, p.cut_head, p.cut_tail) for p in unpack("d.txt", "d.txt", lines_of(text)).parts]


def test_no_dump_is_one_part() -> None:
    assert paths("# A\n\nFILE: b\n\ntext\n") == [("d.txt", False, False)]


def test_a_whole_dump() -> None:
    text = f"{banner('a.md')}\n# A\n{banner('a.md', end=True)}\n{banner('b.md')}# B\n{banner('b.md', end=True)}"
    assert paths(text) == [("a.md", False, False), ("b.md", False, False)]


def test_cut_at_both_ends() -> None:
    text = f"tail\n{banner('a.md', end=True)}\n{banner('b.md')}# B\n"
    assert paths(text) == [("a.md", True, False), ("b.md", False, True)]


def test_without_end_banners_nothing_is_cut() -> None:
    assert paths(f"{banner('a.md')}x\n{banner('b.md')}y\n") == [("a.md", False, False), ("b.md", False, False)]


def test_banners_on_one_line() -> None:
    assert paths("===== FILE: a.md =====\nx\n===== END FILE: a.md =====\n") == [("a.md", False, False)]


def test_a_fence_that_is_open_at_the_end_does_not_swallow_the_next_file() -> None:
    text = f"{banner('a.md')}```py\nx\n{banner('a.md', end=True)}\n{banner('b.md')}# B\n{banner('b.md', end=True)}"
    found = gather([Document("d.txt", text, "d.txt")])
    assert [name_of(part) for part in found.parts] == ["a.md", "b.md"]
    assert {page.closing for page in (found.main, *found.others)} == {"```", ""}


def test_which_is_the_main_document() -> None:
    assert name_of(gather([dump()]).main.part) == "docs/index.md"
    assert name_of(gather([cut_skill()]).main.part) == "skills/python/boat-engine/SKILL.md"
    assert name_of(gather([dump()], only=["*sail*"]).main.part).endswith("sail-rigging-design.md")
    largest = gather(
        [Document("a.md", "# A\n\nshort\n", "a.md"), Document("b.md", "# B\n\nmuch longer text\n", "b.md")]
    )
    assert name_of(largest.main.part) == "b.md"


def test_what_belongs_to_another_skill_is_set_aside_unless_all_is_asked_for() -> None:
    reasons = [reason for _, reason in gather([cut_skill()]).aside]
    assert reasons == ["belongs to another skill, skills/practices/knots"]
    assert gather([cut_skill()], everything=True).aside == ()


def test_only_chooses_by_path_or_name_and_says_what_there_is() -> None:
    found = gather([dump()], only=["runner.md"])
    assert name_of(found.main.part) == "docs/moor/runner.md"
    assert len(found.aside) == 5
    with pytest.raises(UserError) as refused:
        gather([dump()], only=["*.rst"])
    assert "docs/index.md" in refused.value.tip


def test_the_listing_names_each_part_with_its_fate() -> None:
    text = render_listing([dump()], only=["*sail*"])
    assert text.startswith("6 documents:\n") and len(text.splitlines()) == 7
    assert render_listing([Document("a.md", "# A\n", "a.md")]) == ""
    assert "(cut at its beginning)" in text
    assert "does not match --only *sail*" in text


def test_code_and_settings_find_their_places() -> None:
    sources = [
        Document("p/README.md", "# P\n\nA project.\n", "p/README.md"),
        Document("p/tool.sh", "#!/bin/sh\necho\n", "p/tool.sh"),
        Document("p/conf.yaml", "a: 1\n", "p/conf.yaml"),
        Document("p/model.py", "x = 1\n", "p/model.py"),
        Document("p/logo.png", "", "p/logo.png", unread="no UTF-8 text"),
    ]
    found = gather(sources)
    assert [name_of(part) for part in found.raw] == ["p/tool.sh", "p/conf.yaml"]
    assert [(name_of(part), reason) for part, reason in found.aside] == [
        ("p/logo.png", "no UTF-8 text"),
        ("p/model.py", "source code, no document and no script"),
    ]


def test_two_sources_of_one_name_and_sources_without_text_are_refused() -> None:
    with pytest.raises(UserError, match="same name"):
        gather([Document("a", "x"), Document("a", "y")])
    with pytest.raises(UserError, match="no text"):
        gather([Document("a", " \n")])
