"""Rows of the reading table say more than the file's name, in the text's own casing, and what is a record."""

from __future__ import annotations

import pytest

from drafting.documents import CATEGORIES, code
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.omitting.records import record_of
from skill_fleet.drafting.pages.opening import open_page
from skill_fleet.drafting.pages.page import Part, lines_of
from skill_fleet.drafting.pages.sections import tree
from skill_fleet.drafting.types import Document

LONG = code(320)


def row(section: str) -> str:
    """The one row for a section that is too long for SKILL.md."""
    sources = (Document("d.md", f"# T\n\nAll of it.\n\n{section}\n{LONG}\n## Rest\n\n{LONG}\n", "d.md"),)
    brief = brief_for("", sources, CATEGORIES, None, everything=True)
    skill = ExtractiveDrafter(everything=True).draft(brief, sources).files["SKILL.md"]
    return next(line for line in skill.split("\n") if line.startswith("| [")).split(" | ")[1].removesuffix(" |")


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("## Masts\n\n### Stepping a Mast\n", "work on Masts: Stepping a Mast"),
        ("## Sails\n\nUse cloth, e.g. canvas. Sew it.\n", "work on Sails: Use cloth, e.g. canvas"),
        ("## What is a sail?\n\n**What is a sail?** It is cloth.\n", "work on What is a sail?"),
        ("## Masts\n\n```python\nclass Mast:\n    def step_up(self): ...\n```\n", "work on Masts (`Mast`)"),
        ("## Masts\n\n```python\nfrom sea import Sail\n\ndef step_up(): ...\n```\n", "work on Masts (`step_up`)"),
        ("## Masts\n\n```python\n@crane.lift\n```\n", "work on Masts (`crane.lift`)"),
        ("## Masts\n\n```\n├── mast/\n│   └── step.md\n```\n", "work on Masts (`mast/`, `step.md`)"),
        ("## Masts\n\nThey stand in steps. And more.\n", "work on Masts: They stand in steps"),
        ("## Ropes\n\n### JWT Login\n\n### Error handling\n", "work on Ropes: JWT Login, Error handling"),
        ("## Ropes\n\n### Error handling\n\n### Retry policy\n", "work on Ropes: error handling, retry policy"),
        ("## Ropes\n\n### Database Lifecycle\n\n### Testing\n", "work on Ropes: Database Lifecycle, Testing"),
        ("## Hull Review Report - 2031-04-05\n\n### Findings\n", "see the hull review report of 2031-04-05 (record)"),
        ("## Recent progress\n\n### Done\n", "see the recent progress (record)"),
    ],
)
def test_rows(section: str, says: str) -> None:
    assert row(section) == says


def test_all_topics_are_listed_and_of_very_many_how_many_more() -> None:
    some = "## Ropes\n\n" + "".join(f"### knot {n}\n\n" for n in range(25))
    assert row(some).endswith("knot 23, knot 24")
    assert row(some + "### splice\n").endswith("knot 24 and 1 more")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("# A\n\n## Scenario 1: x\n\n**Prompt:** do\n\n## Scenario 2: y\n", "evaluation"),
        ("# A\n\n## Method\n\n## Scenario 1: x\n\n## Scenario 2: y\n\n## Scenario 3: z\n", "evaluation"),
        ("# A\n\n## Method\n\n## Scenario 1: x\n\n## Result\n", ""),
        ("# Review of 2031-04-05\n\ntext\n", "record"),
        ("# A\n\n## Recent progress (2031-04-05)\n\ntext\n", "record"),
        ("# Reviewing a hull\n\ntext\n", ""),
    ],
)
def test_records_and_evaluations(text: str, kind: str) -> None:
    page = open_page(Part("d", 0, lines_of(text), "d.md"))
    assert record_of(page, tree(page)) == kind


def test_bold_lines_before_a_fence_are_in_the_contents_of_a_long_file() -> None:
    section = "## Ropes\n\n" + "".join(f"**Workflow {n}: Splice {n}**\n\n{code(85)}\n" for n in range(1, 5))
    sources = (Document("d.md", f"# T\n\nAll.\n\n{section}## Rest\n\n{LONG}\n", "d.md"),)
    files = ExtractiveDrafter().draft(brief_for("", sources, CATEGORIES, None), sources).files
    assert files["references/ropes.md"].startswith("# Ropes\n\n- Workflow 1: Splice 1\n- Workflow 2: Splice 2\n")
    assert "| build Splice 1, Splice 2, Splice 3, Splice 4 |" in files["SKILL.md"]


def test_there_is_one_table_whatever_is_opened() -> None:
    text = f"# T\n\nAll.\n\n## One\n\n{LONG}\n## Two\n\nIntroduced.\n\n" + "".join(
        f"### Part {n}\n\n{LONG}\n" for n in "ab"
    )
    sources = (Document("d.md", text, "d.md"),)
    brief = brief_for("", sources, CATEGORIES, None, everything=True)
    skill = ExtractiveDrafter(everything=True).draft(brief, sources).files["SKILL.md"]
    assert skill.count("| Read | when you |") == 1
    named = "[part-a](references/part-a.md), [part-b](references/part-b.md)"
    assert f"## Two\n\nIntroduced.\n\nIts parts: {named}.\n" in skill
