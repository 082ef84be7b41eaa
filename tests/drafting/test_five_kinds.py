"""Documents of five kinds, each judged by what a good skill of it looks like."""

from __future__ import annotations

import re

import pytest

from drafting.accounting import assert_accounted
from drafting.documents import CATEGORIES, cut_skill, dump, index, prose, reference, subagent
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.sources.gather import gather
from skill_fleet.drafting.sources.placeholders import fill
from skill_fleet.drafting.types import Document, Draft


def drafted(*sources: Document, only: tuple[str, ...] = (), everything: bool = False) -> Draft:
    brief = brief_for("", sources, CATEGORIES, None, only=only, everything=everything)
    return ExtractiveDrafter(only=only, everything=everything).draft(brief, sources)


@pytest.mark.parametrize("make", [dump, cut_skill, subagent, reference, index])
def test_of_every_kind(make) -> None:  # type: ignore[no-untyped-def]
    source = make()
    draft = drafted(source)
    assert_accounted(draft, gather((source,)).documents)
    words = sum(len(text.split()) for text in draft.files.values())
    assert words <= 1.15 * len(source.text.split()) + 60
    assert all(text.count("\n") <= 500 for text in draft.files.values())
    assert [path for path in draft.files if path != "SKILL.md" and path not in draft.files["SKILL.md"]] == []
    assert draft == drafted(make())


def test_a_dump_is_a_hub_that_says_how_to_make_one_skill_of_each() -> None:
    draft = drafted(dump())
    assert list(draft.files) == [
        "SKILL.md",
        "references/moor-runner.md",
        "references/hull-review.md",
        "references/plans.md",
        "references/old-drills.md",
        "references/rigging-design.md",
    ]
    verdict, first, *_ = draft.open_points
    assert verdict.startswith("Verdict: not to be merged as it is, for one reason")
    assert first.startswith("blocks the merge: The source holds 6 documents, as it seems on several subjects.")
    assert "--only '*sail*'" in first
    runner, design = draft.files["references/moor-runner.md"], draft.files["references/rigging-design.md"]
    assert runner.startswith("# Moor runner\n\n## Usage\n")
    assert "[the guide](../SKILL.md) and gone (`lost.md`)" in runner
    assert design.endswith("\nTighten it — twice.\n")
    assert "open ✓" in draft.files["references/plans.md"]


def test_a_document_on_another_subject_is_set_aside_with_the_command_that_takes_it() -> None:
    """Where the names say which belong together, one subject is drafted, and nothing of the others is lost."""
    sails = "# Sail rigging\n\nHow to rig.\n\n" + prose(20, "sails")
    sources = (
        Document("sail-rigging.md", sails, "sail-rigging.md"),
        Document("sail-drills.md", "# Drills\n\nTry it.\n", "sail-drills.md"),
        Document("bread.md", "# Bread\n\nBake it.\n", "bread.md"),
    )
    draft = drafted(*sources)
    assert list(draft.files) == ["SKILL.md", "references/sail-drills.md"]
    assert_accounted(draft, sources)
    said = "The source holds 3 documents, on several subjects. This is a skill of one; of each other: "
    assert f"note: {said}`skill-fleet create --from DOC --only bread.md`." in draft.open_points
    assert "references/bread.md" in drafted(*sources, everything=True).files
    near = Document("bread.md", "# Bread\n\nEaten while rigging. No rigging on an empty stomach.\n", "bread.md")
    assert "references/bread.md" in drafted(*sources[:2], near).files


def test_what_a_cut_left_over_is_taken_in_with_all_and_its_fences_closed() -> None:
    """The leading fragment and the torn tail, each with the notice of the cut."""
    draft = drafted(dump(), everything=True)
    runner, design = draft.files["references/moor-runner.md"], draft.files["references/rigging-design.md"]
    assert runner.startswith("# Moor runner\n\n> The source is cut here.\n\n```python\n    return knot\n```\n")
    assert design.endswith("stay = 1\n```\n\n> The source is cut here.\n")
    assert draft.open_points[0].startswith("Verdict: not to be merged as it is, for 3 reasons")


def test_one_subject_of_a_dump_is_a_skill_of_its_own() -> None:
    draft = drafted(dump(), only=("*sail*",))
    skill = draft.files["SKILL.md"]
    assert draft.brief.path == "api/sail-rigging"
    assert list(draft.files) == ["SKILL.md", "references/old-drills.md"]
    assert '  type: "Technique"\n  target: "Crews at sea"\n' in skill
    assert "Skill Metadata" not in skill
    assert "test an answer by Sail drills: Tacking Upwind, Heaving To, Reefing Early" in skill
    assert {entry.reason for entry in draft.ledger if entry.fate == "set aside"} == {
        f"{path}: does not match --only *sail*"
        for path in (
            "docs/moor/runner.md",
            "docs/index.md",
            "docs/internal/HULL_REVIEW_2031_04.md",
            "docs/internal/plans/README.md",
        )
    } | {'the source is cut there, "1. Standing rigging" is not whole'}


def test_a_skill_that_was_cut_ends_at_its_last_whole_section() -> None:
    """A section of which only the heading is sound is set aside whole, and nothing blocks the merge."""
    draft = drafted(cut_skill())
    assert draft.files["SKILL.md"].endswith("| smoke | oil |\n")
    assert draft.open_points[0] == "Verdict: can be merged after 2 edits."
    assert (
        'note: Set aside: lines 32 to 36 of cut.txt: the source is cut there, "Starting" is not whole. `--all` takes it in.'
        in draft.open_points
    )


def test_a_skill_that_was_cut_stays_one_file_with_its_own_words() -> None:
    draft = drafted(cut_skill(), only=("*SKILL.md",), everything=True)
    skill = draft.files["SKILL.md"]
    assert list(draft.files) == ["SKILL.md"]
    assert skill.startswith(
        '---\nname: boat-engine\ndescription: "Use when an engine has to start: at sea, in the cold, or at all"\n'
        'license: MIT\nmetadata:\n  version: "1.10"\n  skill_id: "old/engines"\n  source-name: "boat-engine-care"\n---\n\n# Boat engine care\n'
    )
    assert skill.endswith("from pumps import Choke\n```\n\n> The source is cut here.\n")
    points = "\n".join(draft.open_points)
    assert "The front matter calls it `boat-engine-care`, the folder `boat-engine`" in points
    assert "`Choke` is imported from `engines` and from `pumps` (SKILL.md:23)" in points
    assert [e.reason for e in draft.ledger if e.fate == "set aside"] == [
        "skills/practices/knots/scripts/tie.py: does not match --only *SKILL.md"
    ]


def test_a_subagent_becomes_a_skill_and_says_what_no_longer_fits() -> None:
    draft = drafted(subagent())
    skill = draft.files["SKILL.md"]
    assert "Use when building hulls of wood or needing a keel. Keywords: hull, keel." in skill
    assert "allowed-tools" not in skill
    assert "<details>" not in skill
    assert re.findall(r"^## (.*)", skill, re.M) == [
        "Reference files",
        "🚀 Quick Start",
        "Your Role",
        "Hull Patterns",
        "Troubleshooting",
        "Complete Workflows",
        "References",
    ]
    assert "references/dinghy-with-oars.md) | build Dinghy With Oars" in skill
    assert draft.files["references/anti-patterns.md"].startswith(
        "# Anti-Patterns and Best Practices\n\n- [Anti-Pattern 1: Wet Wood](#anti-pattern-1-wet-wood)\n"
    )
    points = "\n".join(draft.open_points)
    for said in (
        "`{{WOOD}}` stands 2 times",
        '"Token Budget" is written for another tool. `--all` takes it in.',
        '"Expand sections below"',
        '"This Subagent"',
    ):
        assert said in points
    assert [question.text for question in draft.brief.questions] == [
        "What stands for `{{WOOD}}`?",
        "What stands for `{{GLUE}}`?",
    ]


def test_placeholders_are_filled_before_the_draft() -> None:
    sources = fill((subagent(),), {"WOOD": "oak", "GLUE": "pitch"})
    draft = drafted(*sources)
    assert "works in oak and pitch" in draft.files["SKILL.md"]
    assert not any("{{" in point for point in draft.open_points)


def test_a_reference_becomes_a_short_skill_with_a_table_in_place_of_its_contents_list() -> None:
    draft = drafted(reference())
    skill = draft.files["SKILL.md"]
    assert 100 < skill.count("\n") <= 300
    assert "## Hull Layout\n" in skill
    assert "Table of Contents" not in skill
    assert [path for path in draft.files if path.startswith("references/")] == [
        "references/mast-step.md",
        "references/rudder-tiller.md",
        "references/bilge-pumps.md",
        "references/deck.md",
        "references/launch-and-upkeep.md",
    ]
    assert [path for path in draft.files if path.startswith("assets/")] == [
        "assets/crane.yml",
        "assets/Dockerfile",
        "assets/env.sample",
    ]
    assert "## Crane" not in draft.files["references/launch-and-upkeep.md"].split("\n")[0]
    assert "The file: [assets/crane.yml](../assets/crane.yml)" in draft.files["references/launch-and-upkeep.md"]
    assert (
        "[assets/env.sample](../assets/env.sample) (copy as `.env.sample`)"
        in draft.files["references/launch-and-upkeep.md"]
    )
    assert "[assets/env.sample](assets/env.sample) (copy as `.env.sample`)" in skill
    assert draft.files["assets/env.sample"].startswith("# .env.sample\nKEY0=1\n")
    assert (
        "[bilge pumps](bilge-pumps.md#bilge-pumps) and [hull](../SKILL.md#hull-layout)"
        in draft.files["references/deck.md"]
    )
    assert [e.reason for e in draft.ledger if "contents" in e.reason] == ["contents list, replaced by the table"]


def test_an_index_of_missing_files_keeps_its_words_and_reports_them_once() -> None:
    draft = drafted(index())
    assert list(draft.files) == ["SKILL.md", "references/changelog.md"]
    verdict, point, *rest = draft.open_points
    assert verdict == "Verdict: not to be merged as it is, for one reason, and 6 edits."
    assert point.startswith(
        "blocks the merge: The text names 5 files of its own that do not exist: `references/hull.md`"
    )
    assert "cranes.md" not in point
    assert rest[0] == 'edit: "What Changed in Phase 3" (references/changelog.md:1): record, not guidance: drop?'
    assert [said.split(" (")[0] for said in rest[1:]] == [
        'edit: The title "Boat Keeper Skill - Index"',
        "edit: The text names a `SKILL.md`",
        'edit: "Organization"',
        "edit: The text names the skill `boat-keeper`",
        "edit: Other skills that it sends to: `dock-keeper`",
        "note: Category `api`: a guess, for no category shares a word with the text; `/move CATEGORY` settles it.",
    ]
    assert "(references/hull.md): all about it" in draft.files["SKILL.md"]
