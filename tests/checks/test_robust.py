"""No skill, however broken, raises, and none hides another."""

from __future__ import annotations

import json

from hypothesis import given, strategies as st

from skill_fleet.checks import check_change, check_fleet, check_skill, select
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


json_value = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from(["./", "p", "../x", "./skills/s", "*", "", "\0", "a b"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["name", "version", "source", "skills", "plugins", "strict", "metadata", "pluginRoot", "path", "owner"]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)


@given(json_value, json_value, st.sampled_from(["", "[" * 5000, "9" * 5000, "\ufeff{}", "{"]))
def test_any_manifest_is_checked(shop: object, plugin: object, odd: str) -> None:
    """Whatever JSON it holds."""
    texts = {
        ".claude-plugin/marketplace.json": json.dumps({"plugins": [shop, {"name": "p", "source": "./p"}]}),
        ".github/plugin/marketplace.json": json.dumps(shop),
        "p/.claude-plugin/plugin.json": json.dumps(plugin),
        "p/.cursor-plugin/plugin.json": json.dumps(shop),
        "gemini-extension.json": odd,
        "p/skills/s/SKILL.md": "---\nname: s\ndescription: Does x.\n---\nText.\n",
    }
    check_fleet(read_fleet(MemoryTree({path: text.encode() for path, text in texts.items()}), ""), select(["manifest"]))
