"""Version 2 of a document: what it adds to the text of SKILL.md is put there, and nothing of what stands is changed."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from skill_fleet.drafting.adding.addition import add_documents
from skill_fleet.drafting.adding.insertion import insert
from skill_fleet.drafting.types import Document
from skill_fleet.errors import UserError

FRONT = "---\nname: logs\ndescription: Keeps logs small. Use when a disk is full.\n---\n\n"
BODY = "# Logs\n\nKeep them small.\n\n## Look\n\nRun `du -sh` first.\n\n## Limit\n\nKeep seven days.\n"
TABLE = "\n## Reference files\n\n| Read | when you |\n| --- | --- |\n| [sizes](references/sizes.md) | count |\n"
MORE = BODY.replace("first.\n", "first.\nThen look again.\n") + "\n## Check\n\nCount the lines.\n"
SIZES = "# Sizes\n\n" + "".join(f"A log of kind {number} has {number} lines.\n" for number in range(9))

row = st.sampled_from(["", "a", "b", "# c", "- d", "| e |", "```"])


def files(skill: str) -> dict[str, str]:
    """A skill of this SKILL.md and a reference."""
    return {"SKILL.md": skill, "references/sizes.md": SIZES}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("table", ["", TABLE])
def test_what_was_only_added(table: str, ending: str) -> None:
    """It stands where the document has it, before the table, in the file's own line ends; the point names the lines."""
    skill = (FRONT + BODY + table).replace("\n", ending)
    made = add_documents("web/logs", files(skill), [Document("v2.md", MORE, "v2.md")])

    assert made.files == {"SKILL.md": (FRONT + MORE + table).replace("\n", ending)}
    assert made.points == (
        "SKILL.md has 3 new lines where the document has them, the rest as it was: 13, 19, 21.",
    ) and all(entry.file in ("", "SKILL.md") for entry in made.ledger)


def test_what_has_other_words() -> None:
    """It is left and named; all that was only added is placed beside it. With nothing added there is nothing to draft."""
    changed = MORE.replace("small", "tiny")
    made = add_documents("web/logs", files(FRONT + BODY), [Document("v2.md", changed, "v2.md")])

    assert "Keep them small." in made.files["SKILL.md"] and "Then look again." in made.files["SKILL.md"]
    assert "in the place of 1 line of v2.md (`Keep them tiny.`)" in made.points[1]
    with pytest.raises(UserError, match=r"in the place of 1 line of v2\.md \(`Keep ten days\.`\)"):
        add_documents("web/logs", files(FRONT + BODY), [Document("v2.md", BODY.replace("seven", "ten"), "v2.md")])


def test_what_has_less() -> None:
    """A document that is all there, or has lost lines since, adds nothing."""
    for text in (BODY, BODY.replace("\nKeep them small.\n", "")):
        with pytest.raises(UserError, match=r"All of v2\.md stands in web/logs already"):
            add_documents("web/logs", files(FRONT + BODY + TABLE), [Document("v2.md", text, "v2.md")])


def test_a_reference_under_another_name() -> None:
    """A newer state of a reference takes its place, whatever the file is called; no second one, no second row."""
    newer = SIZES + "And more.\n"
    made = add_documents("web/logs", files(FRONT + BODY + TABLE), [Document("sizes-v2.md", newer, "new/sizes-v2.md")])

    assert made.files == {"references/sizes.md": newer}
    assert made.points == ("references/sizes.md is replaced by its newer text; 0 of its lines are gone.",)


@given(st.lists(row, max_size=12), st.lists(row, max_size=12))
def test_not_a_line_of_the_standing_text_is_changed(old: list[str], new: list[str]) -> None:
    """Every line stands, in its order; the rest are the placed ones and blanks; `now` is true of each line it names."""
    standing, newer = FRONT + "\n".join(old), "\n".join(new)
    done = insert(standing, newer)
    lines = done.text.split("\n")

    rest = iter(lines)
    assert all(line in rest for line in standing.split("\n"))
    more = len(lines) - len(standing.split("\n"))
    assert all(lines[number - 1].strip() for number in done.placed) and len(done.placed) <= more
    assert all(lines[there - 1].strip() == newer.split("\n")[number - 1].strip() for number, there in done.now.items())
    assert not {*done.left} & {*done.now}
