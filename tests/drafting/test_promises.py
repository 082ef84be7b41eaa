"""What a text promises and does not hold, what it says in several places, and which file has what its code imports."""

from __future__ import annotations

import pytest

from drafting.documents import CATEGORIES, code
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.placing.standing import NOTICE
from skill_fleet.drafting.types import Document, Draft

CUT = (
    "---\nname: boats\ndescription: Ways to keep boats, covering mast care, rope splicing and sail mending\n---\n"
    "# Boats\n\n## When to Use\n\n- Caring for a mast\n- Mending torn sails\n\n## Mast care\n\nOil the mast, with care.\n\n"
)


def drafted(text: str) -> Draft:
    sources = (Document("d.md", text, "d.md"),)
    return ExtractiveDrafter().draft(brief_for("", sources, CATEGORIES, None), sources)


def test_a_text_that_was_cut_says_what_it_lacks() -> None:
    """Each thing once, in the words of the description or of the occasions; a whole text is believed."""
    torn = drafted(CUT + "## Ropes\n\n```python\nsplice(\n")
    said = [point for point in torn.open_points if "no section that is left" in point]
    assert (
        said
        == [
            'edit: The source is cut, and no section that is left speaks of "rope splicing", "sail mending", "Mending torn sails": '
            "supply the whole text, or take them out of the description."
        ]
        or '"rope splicing", "sail mending"' in said[0]
    )
    assert "no section that is left" not in "\n".join(drafted(CUT).open_points)


def test_a_row_that_leads_nowhere_names_the_nearest_heading() -> None:
    table = "| Sign | Location |\n| --- | --- |\n| crack | Mast care |\n| tear | Sail mending |\n"
    text = f"# T\n\n{table}\n## Caring for masts\n\nOil.\n\n## Mending a sail\n\nSew.\n"
    said = next(point for point in drafted(text).open_points if '"Location"' in point)
    assert '"Mast care", "Sail mending" (see SKILL.md:' in said


@pytest.mark.parametrize(
    "imports",
    [
        "from app.deps import get_boat, Nothing",
        "from app.deps import (\n    get_boat,\n    Nothing,\n)",
        "from app.deps import get_boat as boat  # noqa",
        'import { get_boat } from "./deps"',
    ],
)
def test_a_row_says_that_its_file_defines_what_the_main_file_imports(imports: str) -> None:
    deps = f"```python\ndef get_boat():\n    return 1\n\ndef other():\n    return 2\n```\n\n{code(310)}"
    text = f"# T\n\nAll.\n\n## Start\n\n```python\n{imports}\n```\n\n## Parts\n\n{deps}\n## Rest\n\n{code(310)}\n"
    rows = [line for line in drafted(text).files["SKILL.md"].split("\n") if line.startswith("| [")]
    assert rows[0].endswith("; it defines `get_boat` |")
    assert "defines" not in rows[1]


def test_a_subject_in_several_files_is_named() -> None:
    long = code(310)
    text = f"# T\n\nAll.\n\n## Mast care\n\n{long}\n## Mast care at sea\n\n{long}\n## Best practices\n\n{long}\n"
    said = drafted(text).open_points[-1]
    assert said.startswith('note: Subjects that stand in several files: "Mast care" (references/mast-care.md:1; ')
    assert "practices" not in said


def test_a_list_of_the_same_files_again_is_named() -> None:
    names = [f"{name}.md" for name in ("ropes", "masts", "sails", "hulls", "oars")]
    table = "| Task | File |\n| --- | --- |\n" + "".join(f"| {name} | {name} |\n" for name in names)
    again = "".join(f"- {name}\n" for name in names)
    steps = "".join(f"{n}. Read {name}\n" for n, name in enumerate(names, 1))
    said = drafted(f"# T\n\nAll.\n\n{table}\n## Again\n\n{again}\n## Steps\n\n{steps}").open_points
    assert "edit: The same files are listed again (SKILL.md:12, 22): keep the one that says when to read each." in said


def test_a_row_says_where_a_name_is_defined_that_the_main_file_uses() -> None:
    """Spelt as code is, and once, for the first file; a name that is imported may be assigned there."""
    uses = "```python\nfrom app import fleet_settings\nsail = Depends(get_boat)\nfor_each(x)\n```"
    deps = "```python\ndef get_boat():\n    return 1\n```\n\n"
    settings = "```python\nfleet_settings: Settings = Settings()\nother_settings = 1\n```\n\n"
    text = (
        f"# T\n\nAll.\n\n## Start\n\n{uses}\n\n## Parts\n\n{deps}{code(310)}\n## Rest\n\n{deps}{settings}{code(310)}\n"
    )
    rows = [line for line in drafted(text).files["SKILL.md"].split("\n") if line.startswith("| [")]
    assert rows[0].endswith("; it defines `get_boat` |")
    assert rows[1].endswith("; it defines `fleet_settings` |")


def test_what_lists_the_text_itself_is_named() -> None:
    text = (
        "# T\n\nAll.\n\n## Feature Coverage\n\n- sails\n\n## Organization\n\nThe crew.\n\nThis skill does NOT swim.\n"
    )
    said = "\n".join(drafted(text).open_points)
    assert '"Feature Coverage" (SKILL.md:12), "This skill does NOT" (SKILL.md:20): what the text holds' in said
    drawn = drafted(text.replace("The crew.", "```\nSKILL.md\n```")).open_points
    assert '"Organization"' in "\n".join(drawn)


INDEX = (
    "# Boats\n\nAll about it.\n\n## When to use each reference\n\n| Task | Reference |\n| --- | --- |\n"
    + "".join(f"| {name} | references/{name}.md |\n" for name in ("masts", "sails", "oars", "hulls", "ropes", "keels"))
    + "\n## Rules\n\nOil the mast.\n\n- Wash it.\n- Dry it.\n- See references/masts.md.\n- Store the sails.\n\n### Parts\n\n"
    + "".join(f"- references/{name}.md\n" for name in ("masts", "sails", "oars", "hulls", "ropes"))
    + "\n## Feature Coverage\n\n- all\n"
)


def test_what_stands_by_itself_comes_before_lists_of_missing_files() -> None:
    """And it is said above them that nothing of it is here, and what the description promises nevertheless."""
    draft = drafted(INDEX)
    skill = draft.files["SKILL.md"]
    heads = [line for line in skill.split("\n") if line.startswith(("## ", "> "))]
    assert heads == [NOTICE, "## When to use each reference", "## Rules", "## Feature Coverage"]
    assert "### Parts\n\n- references/masts.md\n" in skill
    said = next(point for point in draft.open_points if "are not here, and no section" in point)
    assert '"oars"' in said and "masts" not in said and "sails" not in said


def test_an_index_with_its_files_keeps_its_order() -> None:
    sources = tuple(
        Document(f"s/{path}", text, f"s/{path}")
        for path, text in (
            ("SKILL.md", INDEX),
            *((f"references/{n}.md", f"# {n}\n\nText.\n") for n in ("masts", "sails")),
        )
    )
    skill = ExtractiveDrafter().draft(brief_for("", sources, CATEGORIES, None), sources).files["SKILL.md"]
    assert skill.index("## When to use each") < skill.index("## Rules") and NOTICE not in skill
