"""Folders, dumps, placeholders, damaged text, briefs and points, and documents for a skill that exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from drafting.accounting import faults
from skill_fleet.drafting import (
    Brief,
    Fate,
    Kind,
    Place,
    Point,
    Question,
    Severity,
    Undecided,
    add_documents,
    brief_for,
    document_from_text,
    draft_selection,
    fill,
    most_important,
    points_as_json,
    ranked_categories,
    read_brief,
    read_documents,
    read_source_trailers,
    render_brief,
    render_ledger,
    render_listing,
    render_preview,
    select,
    show_brief,
    source_trailers,
)
from skill_fleet.errors import UserError

FILLER = "The otter daemon keeps a pond of workers and hands every job to the one that has been idle longest. " * 8
RULE = "=" * 40


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_folder_becomes_one_skill(tmp_path: Path) -> None:
    """README is SKILL.md's, other documents are whole references that links lead to, other files are left out by kind."""
    files = {"README.md": f"# Otter\n\n{FILLER} See [setup](guide/setup.md#ports).\n", "logo.png": "\x89PNG", "run.sh": "otter\n",
             "guide/setup.md": f"# Setup\n\n## Ports\n\n{FILLER} Back to [the top](../README.md).\n"}  # fmt: skip
    selection = select(read_documents([written(tmp_path / "otter", files)]))
    draft = draft_selection(brief_for("", selection, "python", ["python"]), selection)
    assert faults(draft, selection.documents) == []
    assert {*draft.files} == {"SKILL.md", "references/setup.md"}
    assert "[setup](references/setup.md#ports)" in draft.files["SKILL.md"]
    assert "[the top](../SKILL.md)" in draft.files["references/setup.md"]
    left = {entry.document for entry in draft.ledger if entry.fate is Fate.LEFT_OUT}
    assert any("run.sh" in name for name in left)
    assert "SKILL.md" in render_listing(selection)
    assert "left out" in render_ledger(draft, full=False)
    assert "# Otter" in render_preview(draft)


def test_main_and_only_choose(tmp_path: Path) -> None:
    """`--main none` gives a title and a table; `--only` takes scripts to scripts/ and other files to assets/."""
    files = {
        "a.md": f"# Ponds\n\n{FILLER}\n",
        "b.md": f"# Rivers\n\n{FILLER}\n",
        "run.sh": "otter\n",
        "x.toml": "a = 1\n",
    }
    folder = written(tmp_path / "otter", files)
    selection = select(read_documents([folder]), main="none")
    draft = draft_selection(brief_for("", selection, "python", ["python"]), selection)
    assert draft.brief.name == "otter"
    assert {*draft.files} == {"SKILL.md", "references/ponds.md", "references/rivers.md"}
    only = ["a.md", "run.sh", "*.toml"]
    selection = select(read_documents([folder], only), only)
    draft = draft_selection(brief_for("", selection, "python", ["python"]), selection)
    assert {*draft.files} == {"SKILL.md", "scripts/run.sh", "assets/x.toml"}
    assert faults(draft, selection.documents) == []


def test_skill_brings_its_folder(tmp_path: Path) -> None:
    """A SKILL.md keeps its description and brings the files of its folder under their own paths."""
    files = {
        "SKILL.md": f"---\nname: other\ndescription: Fills ponds\nlicense: MIT\n---\n\n# Fill\n\n{FILLER} [run](scripts/run.py)\n",
        "scripts/run.py": "print()\n",
        "references/long.md": f"# Long\n\n{FILLER}\n",
    }
    files["SKILL.md"] += f"\n## Long\n\n{FILLER * 60}\n\n## Short\n\nSee [long](references/long.md).\n"
    selection = select(read_documents([written(tmp_path / "pond-filler", files) / "SKILL.md"]))
    draft = draft_selection(brief_for("", selection, "python", ["python"]), selection)
    assert draft.brief.name == "pond-filler"
    assert draft.files["scripts/run.py"] == "print()\n"
    assert draft.files["references/long.md"] == files["references/long.md"]
    assert "[run](scripts/run.py)" in draft.files["SKILL.md"]
    assert "[long](references/long.md)" in draft.files["SKILL.md"]
    assert "references/long-2.md" in draft.files
    assert "description: Fills ponds\n" in draft.files["SKILL.md"]
    assert "license" in draft.files["SKILL.md"]
    assert faults(draft, selection.documents) == []


@pytest.mark.parametrize("form", ["rules", "xml", "headings"])
def test_dump_asks_which_document(form: str) -> None:
    """A dump is undecided without `main`; with it, banners are consumed and each file has its place."""
    one, two = f"# Ponds\n\n```sh\notter\n```\n\n{FILLER}", f"# Rivers\n\n{FILLER}"
    dumps = {
        "rules": "".join(
            f"{RULE}\nFILE: docs/{n}.md\n{RULE}\n{t}\n{RULE}\nEND FILE: docs/{n}.md\n{RULE}\n"
            for n, t in (("a", one), ("b", two))
        ),
        "xml": "<files>\n"
        + "".join(f'<file path="docs/{n}.md">\n{t}\n</file>\n' for n, t in (("a", one), ("b", two)))
        + "</files>\n",
        "headings": "".join(f"## File: docs/{n}.md\n\n````md\n{t}\n````\n\n" for n, t in (("a", one), ("b", two))),
    }
    documents = [document_from_text("dump.txt", dumps[form])]
    with pytest.raises(Undecided) as undecided:
        select(documents)
    assert undecided.value.candidates == ("docs/a.md", "docs/b.md")
    selection = select(documents, main="*b.md")
    draft = draft_selection(brief_for("", selection, "python", ["python"]), selection)
    assert draft.brief.name == "rivers"
    assert {*draft.files} == {"SKILL.md", "references/ponds.md"}
    assert faults(draft, selection.documents) == []


def test_cut_dump_says_so() -> None:
    """A file cut at its head inside a fence is read as if the fence were open; one cut at its end has its fence closed."""
    text = (
        f"x = 1\n```\n\n## Use ponds\n\n```python\ny = 2\n```\n\n{FILLER}\n{RULE}\nEND FILE: docs/a.md\n{RULE}\n\n"
        f"{RULE}\nFILE: docs/b.md\n{RULE}\n# Rivers\n\n{FILLER}\n\n```sh\notter\n"
    )
    selection = select([document_from_text("dump.txt", text)], main="*b.md")
    draft = draft_selection(brief_for("", selection, "python", ["python"]), selection)
    assert faults(draft, selection.documents) == []
    assert sum(point.kind is Kind.CUT for point in draft.points) == 2
    for file in draft.files.values():
        assert file.count("```") % 2 == 0
        assert "The source is cut here." in file
    assert "\n## Use ponds\n" in "\n".join(draft.files.values())


def test_included_source_is_placed_once(tmp_path: Path) -> None:
    """A line that includes a file of the folder gives its text there; the include itself is consumed."""
    files = {"index.md": f"# Otter\n\n{FILLER}\n\n{{* code/pond.py hl[1] *}}\n\nDone.\n", "code/pond.py": "fill()\n"}
    selection = select(read_documents([written(tmp_path / "otter", files)]))
    draft = draft_selection(brief_for("", selection, "python", ["python"]), selection)
    assert "```py\nfill()\n```" in draft.files["SKILL.md"]
    assert faults(draft, selection.documents) == []
    assert not [point for point in draft.points if point.kind is Kind.INCLUDES]


def test_text_is_repaired_and_secrets_are_redacted() -> None:
    """Certain misreadings are undone from three on; a secret never reaches a draft, and its line is a point."""
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    document = document_from_text("a.md", f"caf\u00c3\u00a9 \u00c3\u00bc \u00c3\u00b6\ntoken: {token}\n")
    assert document.text.startswith("caf\u00e9 \u00fc \u00f6")
    assert token not in document.text
    assert {point.kind for point in document.points} == {Kind.REPAIRED, Kind.SECRET}
    assert document_from_text("b.md", "\u00c3\u00a9\n").text == "\u00c3\u00a9\n"


def test_placeholders_are_filled() -> None:
    """`--set` fills known keys, never the description; what is left is a point with its places."""
    sources = [document_from_text("a.md", f"# Ponds of {{{{TEAM}}}}\n\n{FILLER} {{{{CITY}}}} {{{{DESCRIPTION}}}}\n")]
    for wrong in ({"OTHER": "x"}, {"DESCRIPTION": "x"}, {"TEAM": "a\nb"}):
        with pytest.raises(UserError):
            fill(sources, wrong)
    selection = select(fill(sources, {"TEAM": "Otters"}))
    draft = draft_selection(brief_for("", selection, "python", ["python"]), selection)
    assert "# Ponds of Otters" in draft.files["SKILL.md"]
    assert [point.subject for point in draft.points if point.kind is Kind.PLACEHOLDER] == ["CITY"]


def test_brief_survives_a_commit_message() -> None:
    """The JSON block gives the brief back; hostile blocks give texts only."""
    brief = Brief("Fill ponds for @ada #1", "web/ponds", "keepers", ("a", "<b>"), ("when \u00fc",), (), ("c",), (Question("Which?", "so", ("x", "y"), "x"),), ("a.md",))  # fmt: skip
    message = f"Begin the draft\n\n{render_brief(brief)}\nSession: 1\n"
    assert read_brief(message, "web/ponds") == brief
    assert "@ada" not in message.partition("```")[2]
    assert "- Covers" not in show_brief(brief)
    hostile = '```json skill-fleet-brief\n{"task": 1, "capabilities": [2, "a"], "questions": ["x"]}\n```'
    assert read_brief(hostile, "a/b") == Brief("", "a/b", capabilities=("a",))


def test_points_are_data() -> None:
    """Points are rows in JSON; at most seven are shown, errors first, and the last names the rest."""
    points = [Point(kind, Severity.NOTE, "s", "d", (Place("SKILL.md", 3),), 2, ("e",)) for kind in Kind]
    points.append(Point(Kind.PLACEHOLDER, Severity.ERROR, "KEY"))
    assert [row["kind"] for row in points_as_json(points)] == [point.kind.value for point in points]
    shown = most_important(points)
    assert len(shown) == 7
    assert "{{KEY}}" in shown[0]
    assert f"{len(points) - 6} more" in shown[-1] and "because it is wrong or unsafe: s d" in shown[-1]


def test_document_is_added_and_replaced() -> None:
    """A document becomes a reference with a row; the same one again replaces it whole; a third time nothing changes."""
    skill = {"SKILL.md": "---\nname: ponds\n---\n\n# Ponds\n\nText.\n"}
    first = add_documents("web/ponds", skill, [document_from_text("care.md", f"# Care\n\nOld. {FILLER}\n")], {})
    assert {*first.files} == {"SKILL.md", "references/care.md"}
    assert first.files["SKILL.md"].startswith(skill["SKILL.md"])
    assert "(references/care.md)" in first.files["SKILL.md"]
    trailers = "\n".join(f"{key}: {value}" for key, value in source_trailers(first.ledger))
    recorded = read_source_trailers([f"Revise\n\n{trailers}\n"])
    newer = document_from_text("care.md", f"# Caring\n\nNew. {FILLER}\n")
    second = add_documents("web/ponds", {**skill, **first.files}, [newer], recorded)
    assert {*second.files} == {"references/care.md"}
    assert "New." in second.files["references/care.md"]
    assert Kind.REPLACED in {point.kind for point in second.points}
    with pytest.raises(UserError):
        add_documents("web/ponds", {**skill, **first.files, **second.files}, [newer], recorded)
    with pytest.raises(UserError, match="made of"):
        add_documents("web/ponds", skill, [newer], {"care.md": "SKILL.md"})


def test_categories_are_ranked_for_the_question() -> None:
    """The category whose description and skills share most with the text comes first; all are there."""
    categories = {"web": "Pages and servers", "python": "Python packages", "ops": "Alerts and runbooks"}
    ranked = ranked_categories("The alert fires when jobs wait.", categories, {"ops/pager": "Answer an alert"})
    assert ranked[0] == "ops"
    assert {*ranked} == {*categories}


def test_too_much_for_one_skill_is_refused(tmp_path: Path) -> None:
    """More than forty documents are refused with the option that narrows them."""
    folder = written(tmp_path / "otter", {f"d{n}.md": f"# D{n}\n\nText.\n" for n in range(41)})
    with pytest.raises(UserError) as refused:
        select(read_documents([folder]))
    assert "--only" in refused.value.tip


def test_contents_and_two_line_links_of_a_page_that_is_split() -> None:
    """Its own list of contents becomes no file, and a link over two lines follows its definition to another file."""
    parts = "".join(
        f"## Part {number}\n\n{FILLER}\nRead the [tables\nof ducks][ducks] first.\n\n{(FILLER + chr(10)) * 12}"
        for number in range(4)
    )
    contents = "## Table of contents\n\n" + "".join(f"- [Part {number}](#part-{number})\n" for number in range(4)) * 30
    document = document_from_text("ponds.md", f"# Ponds\n\n{contents}\n{parts}\n[ducks]: https://example.org/ducks\n")
    selection = select([document])
    draft = draft_selection(brief_for("", selection, "python", ["python"]), selection)
    assert faults(draft, [document]) == []
    assert len(draft.files) > 1
    assert "references/table-of-contents.md" not in draft.files
    elsewhere = next(text for text in draft.files.values() if "[ducks]: " not in text and "of ducks" in text)
    assert "[tables\nof ducks](https://example.org/ducks) first" in elsewhere
