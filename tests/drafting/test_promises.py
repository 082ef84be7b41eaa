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
    torn = drafted(CUT + "## Knots\n\n```python\ntie(\n")
    said = [point for point in torn.open_points if "no section that is left" in point]
    assert said == [
        'edit: The source is cut, and no section that is left explains "rope splicing", "sail mending", "Mending torn sails": '
        'supply the whole text, or take them out of the description and "When to Use" (SKILL.md:10).'
    ]
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
    assert (
        "edit: The same files are listed twice (SKILL.md:12, 22): make one list that says of each when to read it and what "
        "is in it."
    ) in said


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
    assert 'edit: "Feature Coverage" (SKILL.md:12): what the text holds' in said
    assert 'edit: "This skill does NOT" (SKILL.md:20): said of the text' in said
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
    assert heads == [NOTICE, "## Rules", "## When to use each reference", "## Feature Coverage"]
    assert "### Parts\n\n- references/masts.md\n" in skill
    said = next(point for point in draft.open_points if "are not here, and no section" in point)
    assert '"oars"' in said and "masts" not in said and "sails" not in said


def test_the_order_of_an_index_without_its_files() -> None:
    """Steps, what stands by itself, when to read which, other lists, other skills, what speaks of the text."""
    links = "## Quick links\n\n" + "".join(
        f"- references/{n}.md: {n}\n" for n in ("masts", "sails", "oars", "hulls", "ropes")
    )
    away = "\n## Elsewhere\n\n### Cranes\n\nSee the **dock-keeper skill**.\n"
    steps = "\n## Next steps\n\n1. Oil it.\n2. Wash it.\n3. Dry it.\n"
    itself = "\n## Sources\n\nThe skill does NOT name a builder.\n\n- ask one\n"
    skill = drafted(INDEX.replace("## When to", f"{itself}{away}\n{links}\n## When to") + steps).files["SKILL.md"]
    assert [line[3:] for line in skill.split("\n") if line.startswith("## ")] == [
        "Next steps", "Rules", "When to use each reference", "Quick links", "Elsewhere", "Sources", "Feature Coverage",
    ]  # fmt: skip
    assert "See the **dock-keeper skill**.\n\n## Sources\n\nThe skill does NOT name a builder.\n\n- ask one\n" in skill


TREE = "## Organization\n\n```\nSKILL.md (the rules)\n├── references/\n│   └── mast-care.md\n└── scripts/\n    └── rig.py  - Rig it\n```\n\n"


def test_an_index_beside_a_skill_asks_for_the_skill() -> None:
    """Its SKILL.md comes with its files; or the sections that are no more than lists of them go."""
    more = f"See references/masts.md.\n\n- references/oars.md (wax)\n\n| What | In | How |\n| - | - | - |\n| a | oars.md | b |\n\n{TREE}"
    text = INDEX.replace("## Rules", f"## More\n\n{more}## Rules")
    blocking, *rest = drafted(text).open_points[1:]
    assert blocking.startswith(
        "blocks the merge: The text belongs to a skill with a `SKILL.md` of its own (SKILL.md:55), which is not among the "
        "sources, and names 8 files of its own that do not exist: `references/masts.md` (SKILL.md:"
    )
    assert blocking.endswith(
        " Supply that skill's folder with `--from DIR` (its SKILL.md is the skill then, and this text one of its references), or "
        'drop: then the notice below the title, "Parts" (SKILL.md:33), "When to use each reference" (SKILL.md:41) and "Organization" '
        "(SKILL.md:52) go, and in SKILL.md:16, 18, 22, 30 the names, with what speaks of them."
    )
    assert not any("`SKILL.md`" in one for one in rest)
    named = drafted(
        text.replace("All about it.", "All about the boats-and-oars skill.").replace("# Boats", "# Boats and Oars")
    )
    assert any("whose name this draft bears: let it not take that one's place." in one for one in named.open_points)
    whole = drafted(INDEX).open_points[1]
    assert "SKILL.md` of its own" not in whole and " Supply with `--from DIR`, or drop: then the notice" in whole


def test_facts_that_go_with_a_list_of_missing_files_are_named() -> None:
    """So that nobody drops them unseen; a word that a section about the text has too is no reason to drop it here."""
    links = "".join(
        f"- references/{n}.md: {w} it\n" for n, w in (("masts", "linseed"), ("sails", "wash"), ("oars", "tung"))
    )
    text = INDEX.replace("### Parts\n\n", f"### Parts\n\n{links}").replace(
        "- all\n", "- all\n- Tung for ropes\n- Oars\n"
    )
    said = drafted(text).open_points
    assert " go, but for facts that only they have (SKILL.md:25, 27)" in said[1]
    assert any(
        '"Feature Coverage" (SKILL.md:45): ' in one and one.endswith("only there (SKILL.md:48, 49).") for one in said
    )


def test_steps_that_lead_to_missing_files_are_not_raised() -> None:
    steps = "\n## Next steps\n\n1. Read references/oars.md.\n2. See references/masts.md.\n3. Dry it.\n"
    skill = drafted(INDEX + steps).files["SKILL.md"]
    assert skill.index("## Rules") < skill.index("## Next steps") < skill.index("## When to use each")


def test_an_index_by_links_is_one() -> None:
    """Links that lead nowhere are asked for as names are, once."""
    text = INDEX.replace("references/oars.md |", "[oars](references/oars.md) |")
    said = drafted(text).open_points
    assert said[0].startswith("Verdict: an index") and "`references/oars.md` (SKILL.md:" in said[1]
    assert not any("link target" in one for one in said)


def test_an_index_says_when_to_use_it_for_what_it_explains() -> None:
    """Tasks that only a missing file explains are no reason to load it; if all are such, they stay."""
    draft = drafted(INDEX)
    assert draft.files["SKILL.md"].split("\n")[2].endswith("Use when working on masts or sails.")
    said = 'The description leaves out "oars", "hulls", "ropes", "keels": the files that it names are not here, and no section'
    assert any(said in one for one in draft.open_points)
    none = drafted(INDEX.replace("Oil the mast", "Oil it").replace("the sails.", "it."))
    assert "oars" in none.files["SKILL.md"].split("\n")[2]
    assert any(
        '"oars", "hulls", "ropes", "keels": supply them, or take them out of the description' in one
        for one in none.open_points
    )
    assert not any("leaves out" in one for one in none.open_points)


@pytest.mark.parametrize(
    ("step", "explained"),
    [
        ("1. **Oars** (reference: oars.md)\n   - Wax them.\n", True),
        ("1. **Oars** (reference: oars.md)\n", False),
        ("\n| What | Where | How |\n| - | - | - |\n| oars | oars.md | with wax |\n", True),
        ("\n| What | Where |\n| - | - |\n| oars | oars.md |\n", False),
    ],
)
def test_a_line_that_names_a_missing_file_may_say_more(step: str, explained: bool) -> None:
    draft = drafted(INDEX.replace("### Parts", f"{step}\n### Parts"))
    assert ("oars" in draft.files["SKILL.md"].split("\n")[2]) == explained


def test_a_list_of_what_is_covered_says_what_only_it_names() -> None:
    listed = "- masts\n- sails and ropes\n- Lighthouses (far)\n"
    said = drafted(
        f"# Boats\n\nOil masts.\n\n## Care\n\nSails hang on ropes.\n\n## Domain Coverage\n\n{listed}"
    ).open_points
    assert any("themselves; keep what stands only there (SKILL.md:20)." in one for one in said)


def test_an_index_is_asked_which_file_is_for_what() -> None:
    """Files that no row sends to, and two with almost one name."""
    more = INDEX.replace("### Parts\n\n", "### Parts\n\n- references/mast.md\n- references/mast-care.md\n")
    said = drafted(more).open_points
    assert any(
        '"When to use each reference" (SKILL.md:' in one
        and one.endswith(" does not say when to read `mast.md`, `mast-care.md`: add them.")
        for one in said
    )
    assert (
        "edit: If the files are supplied: these may be names of one file: `mast.md` and `mast-care.md`. Say which is for what, or drop one."
        in said
    )
    assert not any(
        "names of one file" in one or "does not say when to read" in one for one in drafted(INDEX).open_points
    )


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
