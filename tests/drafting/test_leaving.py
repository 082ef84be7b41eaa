"""What is certainly no guidance is set aside with its lines and the reason; what may be guidance stays."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from drafting.accounting import assert_accounted
from drafting.documents import CATEGORIES, SECTIONED, banner, prose
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.sources.gather import gather
from skill_fleet.drafting.types import Document, Draft

REST = f"## Rigging\n\n{prose(12)}"
UNFIT = (
    "## Token budget\n\nThis subagent returns a summary.\n",
    "## Changelog\n\n- Added masts\n- Fixed sails\n",
    "## [1.2.0] - 2031-02-03\n\n- masts\n",
    "## Changelog\n\n### [1.2.0] - 2031-02-03\n\n#### Masts\n\n- taller\n",
    "## Recent Progress (2031-04)\n\n### Done\n\n- masts\n",
    "## What changed in phase 3\n\n1. **Added masts**\n2. Updated sails\n",
    "## Updating this skill\n\nRun it.\n",
    "To add new patterns:\n1. Test it.\n2. Write it.\n",
    "*Last updated: 2031-02-03*\n",
    "**Created**: 2031-01-12\n**Rework Enhancement**: Phase 3\n  - Added masts\n**Update Frequency**: As needed\n",
)
GUIDANCE = (
    "## Token usage\n\nPut the token into the header.\n",
    "## Response format\n\nEach answer is JSON.\n",
    "## Context management\n\nA subagent has a context window of its own; the main agent gets a summary.\n",
    "## What's new (2031-04)\n\n- Call `moor()` with two arguments\n",
    "## Release notes\n\n- Write one a change\n- Name the author\n",
    "## What changed in 2.0\n\nCall `moor()` with two arguments.\n",
    "## Best practices (2031-04)\n\nPaint it.\n",
    "## Next steps\n\nPaint it.\n",
    "Updated 2031-02, the crane needs two people.\n",
    "*Last updated: 2031-02-03*\n**Requires**: two people\n",
    "To add new patterns, test them.\n",
)
TOP = "# Boats\n\nHow to keep a boat.\n\n## When to use\n\n- Keeping a boat.\n\n"
BAD = "**❌ Common mistake:**\n```python\nsail(1)\n```\n\n"


def drafted(text: str, everything: bool = False) -> Draft:
    source = Document("d.md", text, "d.md")
    draft = ExtractiveDrafter(everything=everything).draft(
        brief_for("", [source], CATEGORIES, None, everything=everything), (source,)
    )
    assert_accounted(draft, gather((source,), everything=everything).documents)
    return draft


def aside(text: str, everything: bool = False) -> list[str]:
    """The lines that were set aside, and that a note says so of each."""
    draft = drafted(text, everything)
    lines = text.split("\n")
    entries = [entry for entry in draft.ledger if entry.fate == "set aside"]
    said = "\n".join(point for point in draft.open_points if point.startswith("note: Set aside:"))
    assert all(f"{entry.reason}. `--all` takes it in." in said for entry in entries)
    return [line for entry in entries for line in lines[entry.first - 1 : entry.last] if line]


@pytest.mark.parametrize("section", UNFIT)
def test_what_is_certainly_no_guidance_is_set_aside(section: str) -> None:
    """Its lines and no others, in the middle as at the end; with everything asked for, none."""
    lines = [line for line in section.split("\n") if line]
    assert aside(f"{TOP}{section}\n{REST}") == lines
    assert aside(f"{TOP}{REST}{section}") == lines
    assert aside(f"{TOP}{section}\n{REST}", everything=True) == []


@pytest.mark.parametrize("section", GUIDANCE)
def test_what_may_be_guidance_stays(section: str) -> None:
    """A title or a date alone decides nothing."""
    assert aside(f"{TOP}{section}\n{REST}") == []


def test_results_that_alone_name_a_call_are_guidance() -> None:
    """Of two results of trying a text, the one that names what the rest does not stays."""
    tests = "".join(f"### Scenario {n}: Sail {n}\n\n**Prompt:** Sail.\n\n**Expected:** It sails.\n\n" for n in (1, 2))
    lesson = "### Scenario 1: failed\n\n- **Impact:** it sank\n- **Fix:** caulk it\n\n"
    results = f"## Baseline Test Results\n\n{lesson}### Scenario 2: passed\n\nThe agent called `{{call}}`.\n\n"
    text = f"{TOP}{REST}## Scenarios\n\n{tests}{results}"
    assert aside(text.format(call="hoist(sail=2)")) == []
    gone = ["### Scenario 2: passed", "The agent called `hoist`."]
    assert aside(text.format(call="hoist")) == gone
    known = text.format(call="hoist(2)").replace("**Prompt:** Sail.", "**Prompt:** Sail with `hoist(1)`.")
    assert aside(known) == [gone[0], "The agent called `hoist(2)`."]


LISTS = "# Boats\n\nHow to keep a boat.\n\n" + "".join(f"- references/{n}.md\n" for n in ("a", "b", "c", "d", "e"))
TREE = "## Organization\n\n```\nSKILL.md\n├── references/\n│   └── a.md\n```\n"


def test_an_index_without_its_files_loses_the_drawing_of_them() -> None:
    """With its files, without enough besides, with all asked for, or if only it names one of them, it stays; and so does
    what rates the text.
    """
    text = f"{LISTS}\n{TREE}\n## Domain Coverage\n\n✅ Much:\n- masts\n\n## Rigging\n\n{prose(12)}"
    assert aside(text) == [line for line in TREE.split("\n") if line]
    assert aside(text, everything=True) == []
    assert aside(text.replace(".md\n", "\n").replace("SKILL", "SKILL.md")) == []
    assert aside(text.replace(prose(12), "Tie it.\n")) == []
    assert aside(text.replace("a.md\n```", "z.md\n```")) == []


def test_a_heading_with_nothing_left_below_it_goes_too() -> None:
    """Its only part was set aside; a heading with words of its own stays."""
    part = "### Changelog\n\n- Added masts\n"
    assert aside(f"{TOP}## More\n\n{part}\n{REST}") == ["## More", "### Changelog", "- Added masts"]
    assert aside(f"{TOP}## More\n\nWords.\n\n{part}\n{REST}") == ["### Changelog", "- Added masts"]


def test_a_document_that_is_a_record_stays_one() -> None:
    """Without guidance besides, the record is what it is about."""
    assert aside("# Boats\n\n## Changelog\n\n- Added masts\n- Fixed sails\n") == []


def test_of_several_documents_a_record_is_set_aside_whole() -> None:
    """A report in a dump, unless it is all there is."""
    report = "# Code Review Report - 2031-04-05\n\n## Findings\n\nNone.\n"
    sources = [Document("a.md", f"{TOP}{REST}", "a.md"), Document("b.md", report, "b.md")]
    assert [reason for _, reason in gather(sources).aside] == ["a record, not guidance"]
    assert gather(sources, everything=True).aside == ()
    assert gather(sources[1:]).aside == ()


@pytest.mark.parametrize(
    ("tail", "gone"),
    [
        ("## B\n\nOne is sound.\n\n```python\nsail(", ["```python", "sail("]),
        ("## B\n\n```python\nsail(", ["## B", "```python", "sail("]),
        (f"## B\n\n{BAD}**✅ Production pattern:**\n```python\nsail(", 8),
        (f"## B\n\n**✅ Good:**\n\nMoor.\n\n{BAD}**✅ Good:**\n```python\nsail(", 7),
        ("## B\n\nThis is a sentence that breaks", 2),
        (f"## B\n\n{prose(3)}```python\n" + "sail(1)\n" * 30, []),
    ],
)
def test_a_torn_tail_goes_with_what_is_no_use_without_it(tail: str, gone: list[str] | int) -> None:
    """A heading alone, or a wrong way whose right way was cut; a long tail stays and is an open point."""
    text = f"{banner('a.py')}x = 1\n{banner('a.py', end=True)}{banner('d.md')}{TOP}{REST}{tail}"
    lines = [line for line in aside(text) if line not in banner("a.py") and line != "x = 1"]
    assert (len(lines) if isinstance(gone, int) else lines) == gone
    cut = any("cut at its end" in point for point in drafted(text).open_points)
    assert cut == (gone == [])


WRAPPED = (
    "# Boats\n\nHow to keep a boat.\n\n```markdown\n# Boats\n\n## Rigging\n\nTie it.\n\n- tight\n- dry\n```\n\nEnd.\n"
)


def test_a_page_inside_a_fence_under_its_own_title_is_unwrapped() -> None:
    """The marks and the second title are used up and said; a fence that holds less or another title stays."""
    draft = drafted(WRAPPED)
    assert draft.files["SKILL.md"].endswith("How to keep a boat.\n\n## Rigging\n\nTie it.\n\n- tight\n- dry\n\nEnd.\n")
    assert any("lines 5 to 6 of d.md: fence around the whole page" in point for point in draft.open_points)
    for other in (WRAPPED.replace("# Boats\n\n## R", "# Ships\n\n## R"), WRAPPED + prose(30)):
        assert "```markdown\n" in drafted(other).files["SKILL.md"]


def test_the_hub_is_no_index_of_files_that_are_missing() -> None:
    """The guide of the subject with the most documents takes its place, unless all are asked for or files are there."""
    listed = "".join(f"- `docs/guides/{name}.md`: all of it\n" for name in ("hull", "mast", "sail", "rudder", "keel"))
    index = Document("docs/index.md", f"# Harbour\n\nWhere things are.\n\n{listed}", "docs/index.md")
    guides = [
        Document(f"docs/{name}.md", f"{TOP}{prose(30)}", f"docs/{name}.md") for name in ("dock", "boat-a", "boat-b")
    ]
    found = gather([index, *guides])
    assert (found.main.part.path, [(part.path, why) for part, why in found.aside]) == (
        "docs/boat-a.md",
        [("docs/index.md", "an index of files that are not among the sources")],
    )
    assert gather([index, *guides], everything=True).main.part.path == "docs/index.md"
    there = Document("docs/guides/hull.md", TOP, "docs/guides/hull.md")
    assert gather([index, *guides, there]).main.part.path == "docs/index.md"
    assert gather([index]).main.part.path == "docs/index.md"


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(SECTIONED, st.lists(st.sampled_from([*UNFIT, *GUIDANCE]), min_size=1, max_size=4), SECTIONED)
def test_every_line_is_accounted_for_whatever_is_set_aside(before: str, sections: list[str], after: str) -> None:
    """Between sections of any kind, folds and fences too, nothing is lost or doubled."""
    drafted(f"{TOP}{before}\n\n{''.join(f'{one}{chr(10)}' for one in sections)}{REST}{after}")


def test_a_step_on_a_log_is_no_log() -> None:
    """A heading that says to do something with the changelog stays among the steps, and nothing asks to drop it."""
    steps = ("Prepare the branch", "Update the changelog", "Write the release notes", "Publish", "Record what changed")
    text = "# Releasing\n\nHow.\n\n" + "".join(
        f"## {number}. {step}\n\n{prose(70)}" for number, step in enumerate(steps)
    )
    source = Document("r.md", text, "r.md")
    draft = ExtractiveDrafter().draft(brief_for("", (source,), CATEGORIES, None), (source,))
    assert not any("record" in point for point in draft.open_points)
    assert "references/changelog.md" not in draft.files
    assert "(record)" not in draft.files["SKILL.md"]


def test_results_that_teach_stay_and_how_a_text_was_tried_goes() -> None:
    """What was wrong, what it led to and what to do is guidance, though it is headed as results."""
    scenarios = "".join(f"## Scenario {n}: Sail {n}\n\n**Prompt:** sail.\n\n{prose(12)}" for n in (1, 2))
    teaches = (
        "## Test results\n\n1. Torn sail\n   - **Impact:** no way\n2. No mast\n   - **Likely symptom:** no sail\n\n"
    )
    tried = "## Testing methodology\n\nWe ask.\n\n## Test results\n\nAll passed.\n"
    assert aside(f"# Boat drills\n\nDrills.\n\n{scenarios}{teaches}") == []
    part = "### Scenario 9: Fair wind\n\nAll passed.\n\n"
    parts = teaches.replace("## Test results\n\n", "## Test results\n\n### Scenario 8: Gale\n\n")
    assert aside(f"# Boat drills\n\nDrills.\n\n{scenarios}{parts}{part}") == [line for line in part.split("\n") if line]
    assert aside(f"# Boat drills\n\nDrills.\n\n{scenarios}{tried}") == [line for line in tried.split("\n") if line]
