"""What stays in SKILL.md, at the edges of each rule."""

from __future__ import annotations

import pytest

from drafting.accounting import assert_accounted
from drafting.documents import CATEGORIES, code, prose
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.types import Document, Draft

REST = "".join(f"## Rest {name}\n\n{code(320)}\n" for name in "abcd")  # too long to come back to SKILL.md


def drafted(text: str) -> Draft:
    source = Document("d.md", text, "d.md")
    return ExtractiveDrafter().draft(brief_for("", [source], CATEGORIES, None), (source,))


def references(text: str) -> list[str]:
    return [path.removeprefix("references/").removesuffix(".md") for path in drafted(text).files if path != "SKILL.md"]


def test_a_document_that_fits_is_one_file() -> None:
    head = "# T\n\n## A\n\n" + "x = 1\n" * 150 + "\n## B\n\n"
    assert references(head + "line\n" * (240 - head.count("\n"))) == []
    assert references(head + "line\n" * (301 - head.count("\n"))) == ["b"]


def test_3000_tokens_are_one_file_and_more_are_not() -> None:
    text = "# T\n\n## A\n\n{}\n\n## B\n\n" + "word " * 1300 + "\n"
    assert references(text.format("x" * (11_900 - len(text)))) == []
    assert len(references(text.format("x" * (19_400 - len(text))))) == 1


@pytest.mark.parametrize(
    ("section", "moves"),
    [
        (f"## Part\n\n{code(12)}", False),
        (f"## Part\n\n{code(54)}", False),
        (f"## Part\n\n{code(200)}", False),
        (f"## Part\n\n{code(290)}", True),
        ("## Part\n\n" + "- a line\n" * 60, False),
        (f"## When to use\n\n{code(80)}", False),
        (f"## When to use\n\n{code(320)}", True),
        ("## Changelog\n\n- one\n", True),
        ("## What's new\n\n- one\n", True),
        ("## Part\n\n" + "long " * 4100 + "\n", True),
    ],
)
def test_what_a_section_has_to_be_to_stay(section: str, moves: bool) -> None:
    found = references(f"# T\n\n{REST}{section}")
    assert len(found) == 4 + moves


def test_sections_come_back_in_their_order_those_that_hold_for_every_task_first() -> None:
    parts = (("Sails", 130), ("Project structure", 140), ("Ropes", 120), ("Paint", 300), ("Harbour rules", 62))
    text = "# T\n\n" + "".join(f"## {title}\n\n{code(size)}\n" for title, size in parts)
    draft = drafted(text)
    assert [line[3:] for line in draft.files["SKILL.md"].split("\n") if line.startswith("## ")] == [
        "Reference files",
        "Project structure",
        "Harbour rules",
    ]
    assert draft.files["SKILL.md"].count("\n") <= 250


def test_a_small_section_is_no_file_while_there_is_room() -> None:
    text = "# T\n\n" + "".join(f"## {title}\n\n{code(size)}\n" for title, size in (("A", 190), ("B", 50), ("C", 320)))
    assert references(text) == ["c"]


def test_what_was_written_for_another_tool_makes_room_and_stands_below_the_table() -> None:
    foreign = "## Token budget\n\n" + "- a line\n" * 40 + "\n"
    small = "".join(f"## Part {name}\n\n{code(50)}\n" for name in "abcde")
    crowded = drafted(f"# T\n\n{foreign}{small}{REST}").files
    assert (
        "references/token-budget.md) | edit this skill: what was written for another tool, to be dropped |"
        in crowded["SKILL.md"]
    )
    roomy = drafted(f"# T\n\n{foreign}{REST}").files["SKILL.md"]
    assert roomy.index("## Reference files") < roomy.index("## Token budget")


def test_a_section_too_long_for_a_file_is_opened_one_level_deeper() -> None:
    text = f"# T\n\n{REST}## Big\n\nAn introduction.\n\n" + "".join(f"### Part {n}\n\n{code(310)}\n" for n in "xyz")
    draft = drafted(text)
    assert [path for path in draft.files if "part" in path] == [f"references/part-{n}.md" for n in "xyz"]
    named = ", ".join(f"[part-{n}](references/part-{n}.md)" for n in "xyz")
    assert f"## Big\n\nAn introduction.\n\nIts parts: {named}.\n" in draft.files["SKILL.md"]
    assert draft.files["references/part-x.md"].startswith("# Part x\n\n```python\n")


def test_what_is_over_300_lines_moves_from_the_end_and_shares_files() -> None:
    """A few small sections with their neighbours, many by the size of a good reference."""
    text = "# T\n\n## When to use\n\n- always\n\n" + "".join(f"## Part {n}\n\n{prose(15)}" for n in range(12))
    draft = drafted(text)
    assert list(draft.files) == ["SKILL.md", "references/part-8-and-part-9.md", "references/part-10-and-part-11.md"]
    assert 250 < draft.files["SKILL.md"].count("\n") <= 300
    assert draft.files["references/part-8-and-part-9.md"].startswith("# Part 8 and Part 9\n\n## Part 8\n")
    many = references(text + "".join(f"## Part {n}\n\n{prose(15)}" for n in range(12, 40)))
    assert many[0] == "part-8-to-part-16" and len(many) < 6


def test_the_first_of_several_top_headings_is_the_title_if_it_holds_most() -> None:
    text = f"# Title\n\n{REST}# Appendix\n\n{code(320)}"
    assert references(text) == ["rest-a", "rest-b", "rest-c", "rest-d", "appendix"]
    even = f"# One\n\n{code(310)}\n# Two\n\n{code(310)}\n# Three\n\n{code(310)}"
    assert references(even) == ["one", "two", "three"]


def test_a_small_file_goes_to_its_neighbour() -> None:
    """To one as small, or to one whose subject it names; never to just any."""
    small = "".join(f"## {title}\n\n{code(30)}\n" for title in ("Paint Brushes", "Glue Pots"))
    text = f"# T\n\n{REST}## Project structure\n\n{code(270)}\n{small}## Ropes\n\n{code(290)}"
    assert references(text)[-2:] == ["paint-brushes-and-glue-pots", "ropes"]
    apart = text.replace(code(30), code(50))
    assert references(apart)[-3:] == ["paint-brushes", "glue-pots", "ropes"]
    named = f"## Project structure\n\n{code(230)}\n## Pythagoras\n\n{code(200)}\n## Corners\n\nAfter Pythagoras.\n\n{code(50)}\n## Ropes\n\n{code(290)}"
    assert references(f"# T\n\n{REST}{named}")[-2:] == ["pythagoras-and-corners", "ropes"]


def test_contents_do_not_make_a_file_too_long() -> None:
    parts = "".join(f"### Knot {n} of it\n\n{code(34)}\n" for n in range(10))
    text = drafted(f"# T\n\n{REST}## Knots\n\n{parts}").files["references/knots.md"]
    assert "\n\nContents: [Knot 0 of it](#knot-0-of-it); [Knot 1 of it]" in text
    assert 385 < text.count("\n") <= 400


def test_where_the_table_stands() -> None:
    """On top, but never between what leads on and what it leads to; the author's own table goes to the top too."""
    guide = "## When to Use Each File\n\n| Task | File |\n| --- | --- |\n| sail | sail.md |\n\n"
    text = f"# T\n\nIntro.\n\n{REST}## Short\n\n{prose(15)}## More\n\n{prose(15)}{guide}## References\n\n- [x](https://x.example)\n"
    heads = [line[3:] for line in drafted(text).files["SKILL.md"].split("\n") if line.startswith("## ")]
    assert heads == ["Reference files", "When to Use Each File", "Short", "More", "References"]
    little = f"# T\n\nIntro.\n\nIt has:\n\n- sails\n\n## Long\n\n{code(310)}\n## Short\n\n{prose(15)}## References\n\n- [x](https://x.example)\n"
    skill = drafted(little).files["SKILL.md"]
    heads = [line[3:] for line in skill.split("\n") if line.startswith("## ")]
    assert heads == ["Reference files", "Short", "References"]
    assert "It has:\n\n- sails\n" in skill


def test_device_names_and_numbers() -> None:
    text = f"# T\n\n{REST}## Aux\n\n{code(310)}\n## Case 3\n\n{code(310)}"
    assert references(text)[-2:] == ["aux-notes", "case-3"]


def test_the_beginnings_of_other_documents_leave_where_there_is_no_room() -> None:
    """A hub of one block, and two long documents that begin with sixty lines each."""
    long = prose(58) + "".join(f"## Part {n}\n\n{code(200)}" for n in range(3))
    sources = tuple(
        Document(f"{name}.md", text, f"{name}.md") for name, text in (("index", code(60)), ("a", long), ("b", long))
    )
    draft = ExtractiveDrafter().draft(brief_for("", sources, CATEGORIES, None), sources)
    assert_accounted(draft, sources)
    assert draft.files["SKILL.md"].count("\n") <= 300


def test_underlined_headings_keep_their_form_when_they_rise() -> None:
    text = f"Title\n=====\n\nPart\n----\n\n{code(310)}\n### Deep\n\nx\n\nOther\n-----\n\n{code(200)}"
    assert drafted(text).files["references/part.md"].startswith("Part\n====\n")
    assert "\n## Deep\n" in drafted(text).files["references/part.md"]


def test_what_stands_right_below_a_whole_file_is_not_lost() -> None:
    text = f"# T\n\n{REST}## Settings\n\n```yaml\n# a.yml\n" + "k: v\n" * 320 + "```\nright below\n"
    assert "The file: [assets/a.yml](../assets/a.yml)\n\nright below\n" in drafted(text).files["references/settings.md"]


def test_a_definition_leads_to_where_its_target_is() -> None:
    text = f"# T\n\n{REST}## End\n\nsee [it][x]\n\n[x]: #rest-b 'title'\n"
    assert "[x]: references/rest-b.md#rest-b 'title'\n" in drafted(text).files["SKILL.md"]


def test_so_many_files_that_one_table_cannot_list_them() -> None:
    text = "# T\n\n" + "".join(f"## Part {n}\n\n{code(310)}\n" for n in range(90))
    draft = drafted(text)
    skill = draft.files["SKILL.md"]
    assert skill.count("\n") < 20
    assert "(references/index-of-part-0-to-part-39.md) | look for Part 0, Part 1" in skill
    assert "| [part-1](part-1.md) | work on part 1 |" in draft.files["references/index-of-part-0-to-part-39.md"]


def test_a_contents_list_that_moved_itself_is_kept() -> None:
    parts = [f"Part {n}" for n in range(9)]
    text = "# T\n\n" + "".join(f"## {part}\n\n{code(310)}\n" for part in parts) + "## Contents\n\n"
    text += "".join(f"- [{part}](#{part.lower().replace(' ', '-')})\n" for part in parts) + "\n" + prose(170)
    source = Document("d.md", text, "d.md")
    draft = drafted(text)
    assert_accounted(draft, (source,))
    assert "- [Part 1](part-1.md#part-1)" in draft.files["references/contents.md"]


def test_a_heading_whose_parts_are_all_in_the_table_is_used_up() -> None:
    """It says nothing more; one with words of its own, or that a link leads to, keeps its place and names its parts."""
    parts = "".join(f"### Part {n}\n\n{code(310)}\n" for n in "xyz")
    text = f"# T\n\n{REST}## Big\n\n{parts}"
    draft = drafted(text)
    assert "## Big\n" not in draft.files["SKILL.md"] and "Its parts" not in draft.files["SKILL.md"]
    assert [one.reason for one in draft.ledger if one.first == text[: text.index("## Big")].count("\n") + 1] == [
        'heading "Big", whose parts are rows of the table'
    ]
    assert any('heading "Big", whose parts are rows of the table' in point for point in draft.open_points)
    assert "## Big\n\nIts parts: " in drafted(f"# T\n\nSee [big](#big).\n\n{REST}## Big\n\n{parts}").files["SKILL.md"]


def test_files_that_are_packed_twice_stay_short() -> None:
    """Sections that moved for room share files, and those files share again where there would be more than sixty."""
    text = "# T\n\n" + "".join(f"## Part {n}\n\n{prose(15 + n % 5 * 20)}" for n in range(120))
    files = drafted(text).files
    assert len(files) > 20 and max(text.count("\n") for text in files.values()) <= 400
