"""Documents added to a skill that exists: nothing of it is lost, everything new can be found from SKILL.md."""

from __future__ import annotations

import posixpath
import re

import pytest
from hypothesis import given, strategies as st

from skill_fleet.drafting.adding.addition import Added, add_documents
from skill_fleet.drafting.adding.versions import next_version, raised
from skill_fleet.drafting.types import Document
from skill_fleet.errors import UserError

FRONT = '---\nname: knots\ndescription: Ties knots. Use when tying.\nmetadata:\n  version: "1.2.3"\n---\n\n'
BODY = "# Knots\n\nTie them.\n\n```text\n| Read | not a table |\n```\n\nThe end.\n"
TABLE = "| Read | When you |\n| --- | --- |\n| [eye](references/eye.md) | work on eyes |\n"
EYE = "# Eye\n\n" + "".join(f"An eye has a turn number {number}.\n" for number in range(12))
WHEELS = Document(
    "wheels.md", "# Wheels\n\nHow to build them.\n\n## Build\n\nRun it.\n\n## Upload\n\nSend it.\n", "wheels.md"
)


def added(skill: str, *documents: Document, **more: str) -> Added:
    """Documents added to a skill of this SKILL.md and an eye."""
    files = {"SKILL.md": skill, "references/eye.md": EYE, **more}
    return add_documents("python/knots", files, documents)


@pytest.mark.parametrize(
    "skill",
    [
        FRONT + BODY,
        FRONT + BODY + TABLE,
        FRONT + TABLE + "\n" + BODY,
        FRONT + BODY + TABLE.rstrip("\n"),
        (FRONT + BODY).rstrip("\n"),
        (FRONT + TABLE + "\n" + BODY).replace("\n", "\r\n"),
    ],
    ids=["no table", "at the end", "in the middle", "no line end", "no line end at all", "CRLF"],
)
def test_what_was_there_stays(skill: str) -> None:
    """Every line of SKILL.md is there in its order, to the byte; there is one row more, in the table that is there."""
    files = added(skill, WHEELS).files
    new = files["SKILL.md"].split("\n")
    rest = iter(new)
    row = "| [wheels](references/wheels.md) | "

    assert all(line in rest for line in skill.removesuffix("\n").split("\n"))
    assert [line.startswith(row) for line in new].count(True) == 1
    assert files["SKILL.md"].count("| --- | --- |") == max(1, skill.count("| --- | --- |"))
    assert files.keys() == {"SKILL.md", "references/wheels.md"} and files["references/wheels.md"] == WHEELS.text
    assert ("\r\n" in skill) == ("\r\n" in files["SKILL.md"]) and files["SKILL.md"].endswith("\n")


def test_a_second_time_adds_nothing() -> None:
    """What is there already is not added again."""
    once = {"SKILL.md": FRONT + BODY, **added(FRONT + BODY, WHEELS).files}
    with pytest.raises(UserError, match=r"All of wheels\.md stands in python/knots already"):
        add_documents("python/knots", once, [WHEELS])


def test_a_newer_text_takes_the_place_of_the_old() -> None:
    """A reference of that name that is mostly the same is replaced, which is said; no second row."""
    newer = Document("eye.md", EYE.replace("number 3.", "number three."), "eye.md")
    made = added(FRONT + BODY + TABLE, newer)

    assert made.files == {"references/eye.md": newer.text}
    assert any("replaced by its newer text; 1 of its lines are gone" in point for point in made.points)


def test_another_text_of_that_name_gets_a_free_one() -> None:
    """Links among the new files, and the row, follow it."""
    eye = Document("eye.md", "# An eye to see\n\nLook. See [the ear](ear.md).\n\n## Lid\n\nShut.\n", "eye.md")
    ear = Document("ear.md", "# Ear\n\nHear. See [the eye](eye.md).\n\n## Drum\n\nBeat.\n", "ear.md")
    made = added(FRONT + BODY + TABLE, eye, ear)
    new = next(path for path in made.files if "eye" in path)

    assert "references/eye.md" not in made.files and new == "references/eye-2.md"
    assert (
        "(eye-2.md)" in made.files["references/ear.md"] and "| [eye-2](references/eye-2.md) |" in made.files["SKILL.md"]
    )


def test_a_long_document() -> None:
    """It is cut into references, its beginning too, and every link of every new file leads somewhere."""
    chapters = "".join(f"## Chapter {n}\n\n" + f"Chapter {n} says line after line.\n" * 90 for n in range(9))
    long = Document("long.md", f"# The long one\n\nRead me first. See [it](#chapter-3).\n\n{chapters}", "long.md")
    made = added(FRONT + BODY, long)
    skill = made.files["SKILL.md"]

    assert "| [long](references/long.md) | work on" in skill and "Read me first" not in skill
    assert "Read me first" in made.files["references/long.md"] and len(made.files) > 3
    source = long.text.split("\n")
    for entry in made.ledger:
        if entry.file and entry.last - entry.first < 5:
            there = made.files[entry.file].split("\n")[entry.line - 1]
            assert source[entry.first - 1].lstrip("# ")[:12] in there, entry
    for path, text in made.files.items():
        for target in re.findall(r"\]\(([^)#\s]+)", text):
            place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            assert place in made.files, (path, target)


def test_what_stands_in_the_text_is_refused() -> None:
    """A document that is mostly SKILL.md's own text would have to be worked in, which takes words."""
    lines = "".join(f"Rule number {number} is to hold on.\n" for number in range(9))
    own = Document("own.md", f"# Knots\n\n{lines.replace('4 is', '4 was')}", "own.md")
    with pytest.raises(UserError, match=r"place of 1 line of own\.md \(`Rule number 4 was to hold on\.`\)"):
        added(f"{FRONT}# Knots\n\n{lines}", own)


def test_scripts_and_settings() -> None:
    """A script is listed by itself, and nothing is executable by what we say of it."""
    made = added(FRONT + BODY, WHEELS, Document("run.sh", "#!/bin/sh\necho hi\n", "run.sh"))

    assert made.files["scripts/run.sh"] == "#!/bin/sh\necho hi\n"
    assert "Scripts to run: [scripts/run.sh](scripts/run.sh)." in made.files["SKILL.md"]


def test_a_whole_skill_becomes_a_reference() -> None:
    """A document that is called SKILL.md does not become the skill."""
    made = added(
        FRONT + BODY, Document("x/SKILL.md", "---\nname: x\ndescription: y\n---\n\n# X\n\nDo x.\n", "x/SKILL.md")
    )

    assert made.files["SKILL.md"].startswith(FRONT + BODY) and "Do x." in made.files["references/x.md"]


@pytest.mark.parametrize(
    ("old", "more", "new"),
    [("1.2.3", False, "1.2.4"), ("1.2.3", True, "1.3.0"), ("1.2", True, "1.3"), ("7", False, "8"), ("1.x", True, "")],
)
def test_the_next_version(old: str, more: bool, new: str) -> None:
    """A correction raises the last number, more raises the one before."""
    assert next_version(old, more=more) == new


@given(st.lists(st.integers(0, 10**8), min_size=1, max_size=4), st.booleans())
def test_a_version_only_rises(numbers: list[int], more: bool) -> None:
    """Whatever the numbers are."""
    new = next_version(".".join(map(str, numbers)), more=more)

    assert [int(part) for part in new.split(".")] > numbers and new.count(".") == len(numbers) - 1


def test_a_version_is_raised_once() -> None:
    """Only where there is one, and the change has not raised it itself; one of words is left to a person."""
    skill = FRONT + BODY
    other = skill.replace("1.2.3", "2.0.0")

    assert raised(skill, f"{skill}More.\n", more=False)[0] == f"{skill}More.\n".replace("1.2.3", "1.2.4")
    assert raised(skill, other, more=True) == (other, "")
    assert raised("---\nname: x\n---\n", "---\nname: x\n---\nMore.\n", more=True)[0] == "---\nname: x\n---\nMore.\n"
    assert "by hand" in raised(skill.replace("1.2.3", "new"), skill.replace("1.2.3", "new"), more=True)[1]


def test_points_name_the_lines_as_they_are() -> None:
    """What is said of a line is said of the file and the line where it stands in the revision."""
    chapters = "".join(f"## Chapter {n}\n\n" + f"Chapter {n} says line after line.\n" * 90 for n in range(9))
    long = Document("long.md", f"# The long one\n\nRead me first: {{{{NAME}}}}.\n\n{chapters}", "long.md")
    made = added(FRONT + BODY, long)
    point = next(point for point in made.points if "{{NAME}}" in point)
    place = re.search(r"references/long\.md:(\d+)", point)

    assert place and "{{NAME}}" in made.files["references/long.md"].split("\n")[int(place[1]) - 1], point
