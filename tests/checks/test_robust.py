"""No skill, however broken, raises, and none hides another."""

from __future__ import annotations

from hypothesis import given, strategies as st

from skill_fleet.checks import check_change, check_fleet, check_skill
from skill_fleet.fleet import MemoryTree, read_fleet
from skill_fleet.git import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK

BAD = b"---\nname: Bad\ndescription: Is bad. Use never.\n---\n"
words = [
    "---",
    "name:",
    "description:",
    "metadata:",
    "[",
    "]",
    "{",
    "}",
    "&a",
    "*a",
    "!!x",
    "- ",
    ": ",
    "|",
    "\n",
    "  ",
]
markdown = [
    "```",
    "~~~",
    "`",
    "[a](b)",
    "![](",
    "](",
    "<!--",
    "<a",
    "# ",
    "    ",
    "> ",
    "1. ",
    "{{A}}",
    "\\",
    "\r",
    "\0",
]
soup = st.lists(st.one_of(st.sampled_from(words + markdown), st.text(max_size=5)), max_size=40).map("".join)
content = st.one_of(
    st.binary(max_size=200),
    soup.map(lambda text: text.encode("utf-8", "replace")),
    soup.map(lambda text: f"---\nname: x\n{text}\n---\n{text}".encode("utf-8", "replace")),
)
part = st.one_of(
    st.sampled_from(["SKILL.md", "skill.md", "python", "a", "A", "..", ".git", "references", "x.py", "", "a\\b", "é"]),
    st.text(st.characters(exclude_characters="/\0", exclude_categories=[]), min_size=1, max_size=6),
)
path = st.lists(part, min_size=1, max_size=4).map(lambda parts: "skills/" + "/".join(parts))
mode = st.sampled_from([REGULAR, REGULAR, EXECUTABLE, SYMLINK, SUBMODULE])
trees = st.dictionaries(path, st.tuples(content, mode), max_size=8)


def _tree(files: dict[str, tuple[bytes, int]]) -> MemoryTree:
    good = {path: row for path, row in files.items() if all(not 0xD800 <= ord(c) < 0xDC80 for c in path)}
    good = {path: row for path, row in good.items() if all(not 0xDD00 <= ord(c) <= 0xDFFF for c in path)}
    return MemoryTree(
        {path: body for path, (body, _) in good.items()} | {"skills/python/bad/SKILL.md": BAD},
        {path: kind for path, (_, kind) in good.items()},
    )


@given(trees)
def test_no_tree_raises_and_the_bad_skill_is_told(files: dict[str, tuple[bytes, int]]) -> None:
    fleet = read_fleet(_tree(files))
    found = check_fleet(fleet)
    assert list(found) == sorted(found)
    assert found == check_fleet(read_fleet(_tree(files)))
    if "python/bad" in fleet.by_id:
        assert "spec/name" in {each.rule for each in found if each.skill == "python/bad"}


@given(content)
def test_no_skill_raises(text: bytes) -> None:
    fleet = read_fleet(MemoryTree({"skills/python/x/SKILL.md": text}))
    for finding in check_skill(fleet.skills[0]):
        assert finding.line >= 1
        assert finding.column >= 1
        assert finding.message.isprintable(), "what a skill says is shown, not obeyed"
        assert finding.fix.isprintable()


@given(trees, trees)
def test_a_change_answers_for_what_it_brings(
    before: dict[str, tuple[bytes, int]], after: dict[str, tuple[bytes, int]]
) -> None:
    base, head = read_fleet(_tree(before)), read_fleet(_tree(after))
    outcome = check_change(base, head)
    assert not check_change(head, read_fleet(_tree(after))).findings, "no change, no finding"
    everything = {(each.rule, each.path, each.message) for each in check_fleet(head)}
    old = {(each.rule, each.path, each.message) for each in outcome.existing or ()}
    new = {(each.rule, each.path, each.message) for each in outcome.findings if not each.rule.startswith("change/")}
    assert old | new <= everything
