"""The steps of a procedure stay together and in order, whatever room there is."""

from __future__ import annotations

import pytest

from drafting.accounting import assert_accounted
from drafting.documents import CATEGORIES, code, prose
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.planning.steps import runs
from skill_fleet.drafting.types import Document, Draft


def drafted(text: str) -> Draft:
    sources = (Document("d.md", text, "d.md"),)
    draft = ExtractiveDrafter().draft(brief_for("", sources, CATEGORIES, None), sources)
    assert_accounted(draft, sources)
    return draft


@pytest.mark.parametrize(
    ("titles", "found"),
    [
        (["Step 1: Hull", "Step 2: Mast", "Step 3"], [(0, 3)]),
        (["Before", "1. Prepare the hull", "2. Set the mast", "3. Sails", "After"], [(1, 4)]),
        (["1. Hulls", "2. Masts", "3. Sails"], []),
        (["Step 1", "Step 2"], []),
        (["Step 1", "Step 3", "Step 4"], []),
        (["Phase 0: a", "Phase 1: b", "Phase 2: c", "Step 1", "Step 2", "Step 3"], [(0, 3), (3, 6)]),
    ],
)
def test_what_is_counted_up_and_tells_to_do_something(titles: list[str], found: list[tuple[int, int]]) -> None:
    assert list(runs(titles)) == found


def test_short_and_long_steps_go_together() -> None:
    """The short ones would stay and the long ones go: a reader would do the third before the second."""
    long = [60, 3, 60, 3]
    text = (
        "# Rig\n\nHow.\n\n## Notes\n\n"
        + code(250)
        + "".join(
            f"\n## Step {n}: {name}\n\n{code(size) if size > 9 else prose(size)}"
            for n, (name, size) in enumerate(zip(("Hull", "Mast", "Sail", "Flag"), long, strict=True), 1)
        )
    )
    files = drafted(text).files
    held = [path for path, text in files.items() if "## Step 1: Hull" in text]
    assert len(held) == 1
    steps = [line for line in files[held[0]].split("\n") if "Step" in line and line.startswith("## ")]
    assert steps == [f"## Step {n}: {name}" for n, name in enumerate(("Hull", "Mast", "Sail", "Flag"), 1)]


def test_a_procedure_that_is_too_long_is_read_on_in_its_files() -> None:
    """What fits into SKILL.md are the first steps, never the last."""
    text = "# Rig\n\nHow.\n\n" + "".join(f"## Step {n}: Sail {chr(64 + n)}\n\n{code(130)}\n" for n in range(1, 8))
    files = drafted(text).files
    lines = [line.lstrip("# ") for text in files.values() for line in text.split("\n") if line.startswith("#")]
    assert [line for line in lines if line.startswith("Step")] == [f"Step {n}: Sail {chr(64 + n)}" for n in range(1, 8)]
