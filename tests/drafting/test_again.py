"""A newer state of the document that a skill was made of: nothing stands twice, and what is new stands where it belongs."""

from __future__ import annotations

import pytest

from drafting.documents import CATEGORIES, code, dump, index, prose, reference, subagent
from skill_fleet.drafting.adding.addition import Added, NothingNew, add_documents
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.types import Document

LONG = (
    "# Ropes\n\nHow to keep ropes.\n\n- [Splicing](#splicing)\n- [Drying](#drying)\n- [Storing](#storing)\n\n"
    f"## Splicing\n\n{code(120, name='splice')}\n## Drying\n\n{code(230, name='dry')}\n## Storing\n\n{code(250, name='store')}\n"
)


def made(document: Document) -> dict[str, str]:
    """The files of a skill that was drafted from it."""
    brief = brief_for("", (document,), CATEGORIES, "python/ropes")
    return dict(ExtractiveDrafter().draft(brief, (document,)).files)


def revised(text: str, name: str = "ropes.md") -> Added:
    return add_documents("python/ropes", made(Document("ropes.md", LONG, "ropes.md")), [Document(name, text, name)])


@pytest.mark.parametrize("document", [dump(), index(), reference(), subagent(), Document("ropes.md", LONG, "ropes.md")])
def test_the_same_document_again_is_nothing_new(document: Document) -> None:
    """Though its sections are divided over files, its contents list is used up, and its table stands on top."""
    files = made(document)
    with pytest.raises(NothingNew, match="stands in python/ropes already"):
        add_documents("python/ropes", files, [document])


def test_a_line_changed_in_a_reference_replaces_that_reference_alone() -> None:
    added = revised(LONG.replace("store_7 =", "stow_7 ="), name="v2.md")
    assert list(added.files) == ["references/storing.md"]
    assert "stow_7 = compute(7)" in added.files["references/storing.md"]
    assert added.points[0] == "references/storing.md is replaced by its newer text; 1 of its lines are gone."


def test_a_new_section_stands_once_and_in_its_place() -> None:
    section = "## Coiling\n\nCoil with the sun.\n\n"
    added = revised(LONG.replace("## Splicing", f"{section}## Splicing"))
    skill = added.files["SKILL.md"]
    assert list(added.files) == ["SKILL.md"]
    assert skill.count("Coil with the sun.") == 1 and skill.count("| Read | when you |") == 1
    assert skill.index("| Read |") < skill.index("## Coiling") < skill.index("## Splicing")


def test_what_moved_from_a_file_into_the_other_is_not_there_twice() -> None:
    """Half of the document is gone, so that all of the rest has room in SKILL.md: it stays where it is."""
    half = LONG.replace("- [Drying](#drying)\n", "")
    half = half[: half.index("## Drying")] + half[half.index("## Storing") :]
    with pytest.raises(NothingNew):
        revised(half)


def test_a_document_of_its_own_is_a_file_of_its_own() -> None:
    added = revised(f"# Knots\n\nHow to tie.\n\n{prose(30, 'knots')}", name="knots.md")
    assert "references/knots.md" in added.files
