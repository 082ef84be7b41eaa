"""Fixes of a front matter: what has one right answer, and not a byte more."""

from __future__ import annotations

import pytest
from hypothesis import given

from checks.reference import our_verdict, reference_verdict
from checks.test_reference import front
from skill_fleet.fixes import fix_front_matter
from skill_fleet.markdown import read_front_matter

HEAD = "name: demo\ndescription: Does x."

MENDS = [
    ("unknown fields", "version: 1.10\nauthor: me", 'metadata:\n  version: "1.10"\n  author: me'),
    (
        "a comment stays",
        "version: 1  # the first\n# who\nauthor: me",
        '# who\nmetadata:\n  version: "1"  # the first\n  author: me',
    ),
    ("nearly one that is there", "licence: MIT\nlicense: MIT", "license: MIT\nmetadata:\n  licence: MIT"),
    ("beside metadata", "tags: [a, b]\nmetadata:\n    x: y", "metadata:\n    x: y\n    tags: a, b"),
    ("between fields", "type: fuzzer\nlicense: MIT", "license: MIT\nmetadata:\n  type: fuzzer"),
    ("a block of text", "notes: |\n  one\n  two", "metadata:\n  notes: |\n    one\n    two"),
    ("a list over lines", "tags:\n  - a  # first\n  - b", "metadata:\n  tags: a, b"),
    ("something deep", "authors:\n  - name: A", 'metadata:\n  authors: "[{\\"name\\": \\"A\\"}]"'),
    ("tools in brackets", "allowed-tools: [Read, 'Bash(git:*)']", "allowed-tools: Read Bash(git:*)"),
    ("tools over lines", "allowed-tools:\n- Read\n# why\n- Bash", "# why\nallowed-tools: Read Bash"),
    ("tools with blanks", "allowed-tools: [Azure MCP/docs]", "allowed-tools: [Azure MCP/docs]"),
    (
        "numbers and dates",
        "metadata:\n  version: 1.10\n  day: 2026-01-01",
        'metadata:\n  version: "1.10"\n  day: "2026-01-01"',
    ),
    ("a key that is true", "metadata:\n  on: push", 'metadata:\n  "on": push'),
    ("nothing", "license:\nmetadata:\n  author:", 'metadata:\n  author: ""'),
    ("empty metadata", "metadata: {}", ""),
    ("metadata in braces", "metadata: {a: 1, b: [c, d]}", 'metadata:\n  a: "1"\n  b: "c, d"'),
    ("a key that is taken", "author: me\nmetadata:\n  author: you", "author: me\nmetadata:\n  author: you"),
    ("another spelling", "License: MIT  # free\nallowed_tools: Read", "license: MIT  # free\nallowed-tools: Read"),
    ("another spelling of what is there", "Description: Or y.", "Description: Or y."),
    ("nothing to do", "metadata:\n  a: b # c", "metadata:\n  a: b # c"),
]


@pytest.mark.parametrize(("what", "before", "after"), MENDS, ids=[row[0] for row in MENDS])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_mend(what: str, before: str, after: str, ending: str) -> None:
    def file(fields: str) -> bytes:
        return f"---\n{HEAD}\n{fields}{chr(10) if fields else ''}---\n\nText  \n".replace("\n", ending).encode()

    assert fix_front_matter(file(before)).decode() == file(after).decode()


def test_a_mark_goes_and_what_was_behind_it_is_mended_too() -> None:
    assert (
        fix_front_matter(f"\ufeff---\n{HEAD}\nlicense: 1\n---\n".encode())
        == f'---\n{HEAD}\nlicense: "1"\n---\n'.encode()
    )


def test_a_description_in_another_spelling_is_the_description() -> None:
    """Moved under `metadata` it would be lost to every client."""
    assert (
        fix_front_matter(b"---\nname: x\nDescription: Does y.\n---\n") == b"---\nname: x\ndescription: Does y.\n---\n"
    )


def test_a_value_that_is_no_yaml_gets_quotes() -> None:
    before = b'---\nname: demo\ndescription: Two steps: plan, "then" act.\nlicense: @me\n---\n'
    after = b'---\nname: demo\ndescription: "Two steps: plan, \\"then\\" act."\nlicense: "@me"\n---\n'
    assert fix_front_matter(before) == after


@pytest.mark.parametrize(
    "content",
    [b"", b"# Text\n", b"---\nname: x\n", b"---\n- a\n---\n", b"---\nname: \xe9\n---\n", b"---\n{a: b}\n---\n"],
)
def test_what_has_no_one_answer_is_left_alone(content: bytes) -> None:
    assert fix_front_matter(content) == content


@given(front)
def test_a_mend_makes_nothing_worse(content: bytes) -> None:
    after = fix_front_matter(content)
    assert fix_front_matter(after) == after
    old, new = read_front_matter(content), read_front_matter(after)
    if after != content:
        assert new.body == old.body
        assert after.endswith(old.body.encode("utf-8", "replace"))
        # when the YAML could not be read at all, what it says is judged only now
        assert "spec/yaml" in our_verdict(content) or len(our_verdict(after)) <= len(our_verdict(content))
    if not our_verdict(content) and not reference_verdict(content):
        assert after == content or not reference_verdict(after)


def test_a_slip_of_the_pen_is_not_moved_away() -> None:
    """It has two fixes, and under `metadata` nothing would name it any more."""
    text = b"---\nname: x\ndescripton: Does it.\n---\n\nText.\n"
    assert fix_front_matter(text) == text
