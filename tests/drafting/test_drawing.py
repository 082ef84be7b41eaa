"""Sources that are no prose: their text is drawn out line for line, or they are kept as files, and the draft says so."""

from __future__ import annotations

import json

import pytest

from drafting.accounting import assert_accounted
from drafting.documents import CATEGORIES, code
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.sources.gather import gather
from skill_fleet.drafting.types import Document, Draft

NO_TEXT = "blocks the merge: The source is no text that says what to do: write when and how to use it."


def drafted(name: str, text: str, *more: Document) -> Draft:
    sources = (Document(name, text, name), *more)
    draft = ExtractiveDrafter().draft(brief_for("", sources, CATEGORIES, "api/t"), sources)
    assert_accounted(draft, gather(sources).documents)
    return draft


def body(draft: Draft) -> str:
    return draft.files["SKILL.md"].split("\n---\n\n", 1)[1]


def notebook(*cells: tuple[str, object], indent: int | None = 1) -> str:
    made = []
    for kind, source in cells:
        cell = {"cell_type": kind, "metadata": {}, "source": source}
        if kind == "code":
            cell |= {"execution_count": 1, "outputs": [{"output_type": "stream", "text": ["0.99\n", "done"]}]}
        made.append(dict(sorted(cell.items())))
    language = {"language_info": {"name": "Julia"}}
    return json.dumps({"cells": made, "metadata": language, "nbformat": 4}, indent=indent) + "\n"


TEXT = [
    "# Fit a line\n",
    "\n",
    "Use it when points lie on a line.\n",
    "\n",
    "- Load them.\n",
    "- Plot them.\n",
    "- Fit.",
]


def test_a_notebook_is_its_text_and_its_code_in_order_without_outputs() -> None:
    draft = drafted(
        "fit.ipynb",
        notebook(
            ("markdown", TEXT),
            ("code", ["s = '```'\n", "fit(s)"]),
            ("raw", ["\\latex"]),
            ("markdown", 'Caf\u00e9 "one".'),
            ("code", []),
        ),
    )
    assert body(draft) == f"{''.join(TEXT)}\n\n````julia\ns = '```'\nfit(s)\n````\n\nCaf\u00e9 \"one\".\n"
    reasons = {entry.reason for entry in draft.ledger if entry.fate == "set aside"}
    assert reasons == {"an output of a code cell", "a raw cell of the notebook"}
    assert not any(point.startswith("blocks") for point in draft.open_points)


@pytest.mark.parametrize(
    "text",
    [
        notebook(("markdown", TEXT), indent=None),
        notebook(("markdown", "# Two\n\nlines of one string")),
        notebook(("code", "x = 1")),
        notebook(),
        '{"cells": [{"cell_type": "markdown", "source": [1]}]}\n',
        "no notebook\n",
        "[" * 5000 + "\n",
    ],
    ids=range(7),
)
def test_a_notebook_whose_lines_are_not_its_own_is_kept_as_a_file(text: str) -> None:
    draft = drafted("fit.ipynb", text)
    assert draft.files["assets/fit.ipynb"] == text
    assert draft.open_points[1] == NO_TEXT


def test_a_command_in_toml() -> None:
    text = '# a command\ndescription = "Reviews a diff for missing tests"\n\n[x]\n'
    prompt = '# Test review\n\nLook at the diff; quote \\"it\\".\n\n1. Run `git diff`.\n2. Look.\n3. Say.\n'
    draft = drafted("review.toml", text.replace("[x]", f'prompt = """\n{prompt}"""\nmodel = "m"'))
    assert body(draft) == prompt.replace('\\"', '"')
    assert "description: Reviews a diff for missing tests" in draft.files["SKILL.md"]
    fates = {(entry.first, entry.fate) for entry in draft.ledger}
    assert {(1, "set aside"), (2, "consumed")} <= fates and any(first == 13 for first, _ in fates)


@pytest.mark.parametrize(
    "text",
    [
        'prompt = """\nA line \\\n   goes on.\n"""\n',
        'prompt = """a\\nb"""\n',
        'prompt = "no end\n',
        "name = 'x'\nversion = 2\n",
    ],
)
def test_toml_whose_quoting_changes_lines_is_kept_as_a_file(text: str) -> None:
    draft = drafted("t.toml", text)
    assert draft.files["assets/t.toml"] == text and draft.open_points[1] == NO_TEXT


def test_modes_in_yaml() -> None:
    mode = (
        "customModes:\n  - slug: docs\n    name: Docs Writer\n    roleDefinition: >-\n      You write\n      the docs.\n"
        "    whenToUse: Use when docs are edited.\n    groups: [read]\n    customInstructions: |-\n"
        "      ## Steps\n\n      1. Read the guide:\n         all of it.\n      2. Write.\n      3. Read again.\n"
    )
    draft = drafted("modes.yaml", mode)
    assert body(draft).replace("\n\n", "\n") == (
        "# Docs Writer\nYou write\nthe docs.\n## Steps\n1. Read the guide:\n   all of it.\n2. Write.\n3. Read again.\n"
    )
    assert "description: Use when docs are edited." in draft.files["SKILL.md"]
    aside = [(entry.first, entry.last) for entry in draft.ledger if entry.fate == "set aside"]
    assert aside == [(1, 2), (8, 8)]
    both = drafted("modes.yaml", mode + mode.partition("\n")[2].replace("Docs", "Test"))
    assert "# Docs Writer" in body(both) and "# Test Writer" in body(both) and "Use when docs are edited." in body(both)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("api.yaml", "openapi: 3.0.0\ninfo:\n  title: Boats\n  description: |\n    All about boats.\n"),
        ("mode.yaml", 'roleDefinition: "One.\\nTwo."\n'),
        ("loop.yaml", "&a [*a]\n"),
        ("page.html", "<h1>Boats</h1>\n"),
        ("table.csv", "a,b\n1,2\n"),
        ("lib.py", "x = 1\n"),
    ],
)
def test_what_holds_no_text_is_kept_as_a_file_and_waits_for_some(name: str, text: str) -> None:
    draft = drafted(name, text)
    assert draft.files[f"assets/{name}"] == text
    assert draft.open_points[:2] == ("Verdict: not to be merged as it is, for one reason.", NO_TEXT)


def test_beside_a_text_settings_stay_settings() -> None:
    draft = drafted("t.toml", 'prompt = """\nDo.\n"""\n', Document("a.md", f"# A\n\n{'Text. ' * 30}\n", "a.md"))
    assert draft.files["assets/t.toml"] == 'prompt = """\nDo.\n"""\n'
    assert not any(point.startswith("blocks") for point in draft.open_points)


@pytest.mark.parametrize("text", ["# Deploy\n", code(700), "# T\n\n" + code(20), "# T\n\n## U\n\nSee it.\n\n---\n"])
def test_a_document_that_hardly_says_anything_waits_for_text(text: str) -> None:
    (said,) = [point for point in drafted("d.md", text).open_points if point.startswith("blocks")]
    assert said.startswith("blocks the merge: The source says next to nothing of what to do (")
    enough = drafted("d.md", f"{text}\nLift the boat when the tide is low.\nScrape it.\nPaint it.\nWait.\nLower it.\n")
    assert not any("next to nothing" in point for point in enough.open_points)
