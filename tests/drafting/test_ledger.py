"""The account in words: short for a commit, whole for a pull request, and cut where that is full."""

from __future__ import annotations

from drafting.documents import CATEGORIES, cut_skill, reference
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.placing.ledger import render_ledger
from skill_fleet.drafting.types import Document, Draft


def drafted(source: Document) -> Draft:
    return ExtractiveDrafter().draft(brief_for("", [source], CATEGORIES, None), (source,))


def test_short_it_says_what_is_set_aside_and_why() -> None:
    """One line a document, and one for each reason."""
    text = render_ledger(drafted(cut_skill()), full=False)
    assert text.count("\n") == 3
    assert "\n  - set aside: skills/practices/knots/scripts/tie.py: belongs to another skill" in text
    assert text.endswith('\n  - set aside: the source is cut there, "Starting" is not whole\n')


def test_in_full_it_has_every_line() -> None:
    """Each range has a row, and the seams are in one line below them."""
    draft = drafted(reference())
    text = render_ledger(draft, full=True)
    rows = [line for line in text.split("\n") if line.startswith("| ") and line[2].isdigit()]
    seams = next(line for line in text.split("\n") if line.startswith("Consumed, ")).split(": ")[1].split(", ")
    assert len(rows) + len(seams) == len(draft.ledger)


def test_what_does_not_fit_is_said() -> None:
    """The rows that fit, how many do not, and where all of it is."""
    draft = drafted(reference())
    text = render_ledger(draft, full=True, most=600)
    assert len(text) <= 600
    assert "more lines are longer than fits" in text and "`--format json`" in text
    assert render_ledger(draft, full=True, most=100_000) == render_ledger(draft, full=True)
