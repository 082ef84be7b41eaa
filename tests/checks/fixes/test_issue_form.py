"""The list of categories in the issue form, where it has one."""

from __future__ import annotations

import pytest

from skill_fleet.checks import check_fleet
from skill_fleet.fixes import fix_fleet
from skill_fleet.fleet import FORM_FILE, MemoryTree, read_fleet

TAXONOMY = b"categories:\n  python:\n    description: The language.\n  on:\n    description: A word that YAML reads otherwise.\n"
SKILL = b"---\nname: demo\ndescription: Shows the form. Use when in doubt.\n---\n\n# Demo\n"
FORM = "body:\n  - attributes:\n      options:\n        # categories: begin (ours)\n{}        # categories: end\n      label: x\n"


def tree(form: bytes) -> dict[str, bytes]:
    """A fleet with a form."""
    return {"skills/taxonomy.yaml": TAXONOMY, "skills/python/demo/SKILL.md": SKILL, FORM_FILE: form}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("rows", ["", '        - "gone"\n', '        - "on"\n        - "python"\n'])
def test_the_list_is_written(rows: str, end: str) -> None:
    """In the order of the taxonomy; every other byte stays, and the rule finds nothing after it."""
    before = tree(FORM.format(rows).replace("\n", end).encode())
    changes = fix_fleet(read_fleet(MemoryTree(before)))

    right = FORM.format('        - "python"\n        - "on"\n').replace("\n", end).encode()
    assert changes == {FORM_FILE: right}
    assert [each.rule for each in check_fleet(read_fleet(MemoryTree(before))) if each.path == FORM_FILE] == [
        "fleet/issue-form"
    ]
    after = read_fleet(MemoryTree({**before, FORM_FILE: right}))
    assert fix_fleet(after) == {} and not [each for each in check_fleet(after) if each.path == FORM_FILE]


@pytest.mark.parametrize("form", [b"", b"body: []\n", b"# categories: begin\n- x\n", b"# categories: end\n\xff"])
def test_a_form_without_a_list_is_left_alone(form: bytes) -> None:
    """Somebody else's form, half a list, bytes that are no text."""
    assert fix_fleet(read_fleet(MemoryTree(tree(form)))) == {}
