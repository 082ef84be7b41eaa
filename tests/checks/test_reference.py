"""Our `spec/` rules against the reference validator: they agree, or the table of deviations says why not."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from checks.case import CASES, all_cases
from checks.reference import DEVIATIONS, Deviation, explained, our_verdict, reference_verdict
from skill_fleet.git import EXECUTABLE, REGULAR

SKILLS = [
    (case.path.relative_to(CASES).as_posix(), skill.folder, skill.tree.read(skill.file))
    for case in all_cases()
    for skill in case.head.fleet.skills
    if skill.file and skill.file.mode in (REGULAR, EXECUTABLE)
]

WORDS = [
    *("demo", "Demo", "other", "1.10", "1", "no", "yes", "~", "null", "2026-01-01", "0x1F", "1e3", ".inf", "=", "<<"),
    *("[a, b]", "[]", "{}", "{a: b}", "&a b", "*a", "!!str x", "!x y", "'it''s'", '"a\\tb"', '""', "''", "|", ">-"),
    *("a: b", "a #b", "#b", "a---b", "---", "...", "- a", "? a", "@a", "`a`", "%a", "é", "日本", "x" * 500, "y" * 1025),
    *("  ", "\t", "a\tb", "a\\b", "\u2028", "\x85", "\x07", "\ufeff", "🍰", "-demo", "demo-", "de--mo", "de_mo", ", a"),
]
KEYS = ["name", "description", "license", "compatibility", "metadata", "allowed-tools", "version", "tags", "on", "1"]
value = st.one_of(st.sampled_from(WORDS), st.text(max_size=12))
line = st.builds(
    lambda indent, key, colon, value: f"{indent}{key}{colon}{value}",
    st.sampled_from(["", "", "", "", "  ", "    ", "- ", "\t"]),
    st.one_of(st.sampled_from(KEYS), value),
    st.sampled_from([": ", ": ", ": ", ":", " : ", "", ":\n  ", ":\n  a: ", ":\n- "]),
    value,
)
valid = st.sampled_from(["name: demo", "description: Does x.", "license: MIT", "# a comment", "", "metadata:\n  a: b"])
fields = st.lists(st.one_of(valid, valid, line), max_size=7)
front = st.builds(
    lambda before, lines, end, newline: (before + newline.join(["---", *lines, end]) + "\nText.").encode(
        "utf-8", "surrogatepass"
    ),
    st.sampled_from(["", "", "", "", "\n", "\ufeff", " "]),
    st.one_of(fields, st.builds(lambda more: ["name: demo", "description: Does x.", *more], fields)),
    st.sampled_from(["---", "---", "---", "--- ", "----", "", "..."]),
    st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"]),
)


def test_cases_agree_or_the_table_says_why() -> None:
    for case, folder, content in SKILLS:
        try:
            _agree(content, folder)
        except AssertionError as problem:
            problem.add_note(case)
            raise


@given(front)
def test_any_front_matter_agrees_or_the_table_says_why(content: bytes) -> None:
    _agree(content, "demo")


@pytest.mark.parametrize("row", DEVIATIONS, ids=lambda row: row.name)
def test_each_deviation_is_one(row: Deviation) -> None:
    ours, theirs = our_verdict(row.example), reference_verdict(row.example)
    assert explained(row.example, ours, theirs) == row
    if row.name != "not UTF-8":
        assert bool(ours) != bool(theirs)
        assert bool(ours) == (row.stricter == "ours") or row.stricter == "either"


def _agree(content: bytes, folder: str) -> None:
    ours, theirs = our_verdict(content, folder), reference_verdict(content, folder)
    if bool(ours) != bool(theirs):
        assert explained(content, ours, theirs), f"{content!r}\nours: {ours}\ntheirs: {theirs}"
