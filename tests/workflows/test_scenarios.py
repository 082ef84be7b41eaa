"""The table of scenarios: every test that it names exists, every letter is explained, and every workflow has a column."""

from __future__ import annotations

import re

from workflows.reading import ROOT, WORKFLOWS

TEXT = (ROOT / ".github/SCENARIOS.md").read_text(encoding="utf-8")


def test_named_tests_exist() -> None:
    """A name without a file is of the file before it."""
    named, file = [], ""
    for path, name in re.findall(r"(tests/[\w/]+\.py)?::(\w+)", TEXT):
        file = path or file
        named.append((file, name))
    assert len(named) > 20
    assert [pair for pair in named if f"def {pair[1]}(" not in (ROOT / pair[0]).read_text(encoding="utf-8")] == []


def test_table_is_whole() -> None:
    """No empty cell, no letter without its line; a release is this repository's own."""
    rows = [line.strip("| ").split(" | ") for line in TEXT.split("\n## ")[0].splitlines() if line.startswith("|")]
    cells = [cell for row in rows[2:] for cell in row[1:]]
    letters = {letter for cell in cells for letter in re.findall(r"\b[a-z]\b", cell)}
    assert {len(row) for row in rows[2:]} == {10} and all(cells)
    assert letters == set(re.findall(r"^- ([a-z]):", TEXT, re.MULTILINE))
    assert {file.stem for file in WORKFLOWS} - {"release"} == set(
        re.findall(r"`(\w+)`", TEXT.split("| push")[0].split("| |")[1])
    )
