"""Many equal sections in a row: what they have in common names their file, and chapters name the tables of many files."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from drafting.accounting import assert_accounted
from drafting.documents import CATEGORIES, code
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.planning.kin import Run, kin, told
from skill_fleet.drafting.preview import description_of
from skill_fleet.drafting.types import Document, Draft

CALLS = [
    f"{verb} /{thing}{rest}"
    for thing in ("boats", "sails", "crews")
    for verb in ("GET", "PUT")
    for rest in ("", "/{id}")
]


def drafted(text: str) -> Draft:
    sources = (Document("d.md", text, "d.md"),)
    draft = ExtractiveDrafter().draft(brief_for("", sources, CATEGORIES, None), sources)
    assert_accounted(draft, sources)
    return draft


def test_the_calls_of_a_resource_are_kin() -> None:
    assert kin(CALLS) == (Run(0, 4, "boats"), Run(4, 8, "sails"), Run(8, 12, "crews"))
    assert told(["Errors", *CALLS, "Limits"]) == ["Errors", "boats", "sails", "crews", "Limits"]
    assert kin(CALLS[:11]) == ()


def test_titles_that_share_nothing_are_not() -> None:
    """Nor are those that all share the same word, for it tells nothing of one of them."""
    assert kin([f"{chr(97 + n) * 4}" for n in range(20)]) == ()
    assert kin([f"boats {chr(97 + n) * 4}" for n in range(20)]) == ()


@given(st.lists(st.text("ab /", max_size=12), max_size=40))
def test_runs_are_in_order_and_apart(titles: list[str]) -> None:
    end = 0
    for run in kin(titles):
        assert end <= run.first < run.last <= len(titles) and run.label
        end = run.last
    assert told(titles) == list(titles) or len(told(titles)) < len(titles)


def test_an_interface_is_divided_by_what_it_is_about() -> None:
    """One file a resource, one row each that says which, and a description that names them and not every call."""
    calls = "".join(f"## {title}\n\nSays.\n\n{code(24)}\n" for title in CALLS)
    draft = drafted(f"# Harbour interface\n\nThe harbour keeps boats.\n\n## Errors\n\nNone.\n\n{calls}")
    assert list(draft.files) == ["SKILL.md", "references/boats.md", "references/sails.md", "references/crews.md"]
    skill = draft.files["SKILL.md"]
    assert (
        "| [sails](references/sails.md) | work on sails: GET /sails, GET /sails/{id}, PUT /sails, PUT /sails/{id} |"
        in skill
    )
    assert "## Errors\n\nNone.\n" in skill
    assert "Use when working on errors, boats, sails or crews." in description_of(draft)
    assert draft.files["references/crews.md"].startswith("# crews\n")


def test_many_files_are_listed_by_their_chapters() -> None:
    chapters = "".join(
        f"## Chapter {name}\n\n" + "".join(f"### {name} {n}\n\n{code(310)}\n" for n in range(size))
        for name, size in (("Alpha", 30), ("Beta", 20), ("Gamma", 15))
    )
    draft = drafted(f"# T\n\nAll.\n\n{chapters}")
    skill = draft.files["SKILL.md"]
    assert "(references/index-of-chapter-alpha.md) | look for Alpha 0, Alpha 1, " in skill
    assert "| look for Chapter Beta, Chapter Gamma |" in skill
    assert "| [beta-1](beta-1.md) |" in draft.files["references/index-of-chapter-beta-to-chapter-gamma.md"]
