"""Fixes of a front matter: what has one right answer, and not a byte more."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from checks.reference import our_verdict, reference_verdict
from checks.test_reference import front, line, value
from skill_fleet.checks import CLIENT_FIELDS, readers
from skill_fleet.fixes import fix_front_matter
from skill_fleet.markdown import Mapping, Scalar, read_front_matter, scalars

HEAD = "name: demo\ndescription: Does x."

FIXES = [
    ("unknown fields", "level: 1.10\nauthor: me", 'metadata:\n  level: "1.10"\n  author: me'),
    (
        "a comment stays",
        "level: 1  # the first\n# who\nauthor: me",
        '# who\nmetadata:\n  level: "1"  # the first\n  author: me',
    ),
    ("nearly one that exists", "licence: MIT\nlicense: MIT", "license: MIT\nmetadata:\n  licence: MIT"),
    ("beside metadata", "tags: [a, b]\nmetadata:\n    x: y", "metadata:\n    x: y\n    tags: a, b"),
    ("between fields", "type: fuzzer\nlicense: MIT", "license: MIT\nmetadata:\n  type: fuzzer"),
    ("a block of text", "notes: |\n  one\n  two", "metadata:\n  notes: |\n    one\n    two"),
    ("a list over lines", "tags:\n  - a  # first\n  - b", "metadata:\n  tags: a, b"),
    (
        "numbers and dates",
        "metadata:\n  version: 1.10   # why\n  day: 2026-01-01",
        'metadata:\n  version: "1.10"   # why\n  day: "2026-01-01"',
    ),
    ("numbers in braces", "metadata: {a: 1, b: [c, d]}", 'metadata: {a: "1", b: [c, d]}'),
    ("a key that is true", "metadata:\n  on: push", 'metadata:\n  "on": push'),
    ("empty fields", "license:\nmetadata: {}", ""),
    ("another spelling", "License: MIT  # free", "license: MIT  # free"),
]
KEPT = [
    "Description: Or y.",
    "metadata:\n  a: b # c",
    "author: me\nmetadata:\n  author: you",
    "authors:\n  - name: A",
    "beta: true",
    "requires: jq\ninternal: true\nopenclaw: x\nshort-description: x",
    "allowed-tools: Read, Write, Bash(git add:*)",
    "allowed-tools: [Read, 'Bash(git:*)']",
    "allowed-tools:\n- Read\n# why\n- Bash",
    "allowed_tools: Read",
    "tools: Read, Grep",
    "unknown-invocable: {a: b}",
    "unallowed-tools: Bash\nenable-model-invocation: sometimes",
    "disable-model-invocation: true\nuser-invocable: no\nargument-hint: [env]\nmodel: 4\nversion: 1.10",
    "user_invocable: false\ndisableModelInvocation: true",
    "hooks:\n  PreToolUse:\n    - matcher: Bash\n      timeout: 10",
    "metadata:\n  internal: true\n  beta: yes\n  tags: [a, 1]\n  hermes:\n    version: 1.0\n  author:",
    'metadata: {"openclaw": {"emoji": "x", "requires": {"bins": ["gh"]}}}',
    "license: #1 choice",
]


@pytest.mark.parametrize(("what", "before", "after"), FIXES, ids=[row[0] for row in FIXES])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_fix(what: str, before: str, after: str, ending: str) -> None:
    def file(fields: str) -> bytes:
        return f"---\n{HEAD}\n{fields}{chr(10) if fields else ''}---\n\nText  \n".replace("\n", ending).encode()

    assert fix_front_matter(file(before)).decode() == file(after).decode()


@pytest.mark.parametrize("fields", KEPT)
def test_what_a_client_may_act_on_stays(fields: str) -> None:
    """Fields of clients, tools in any form, truth values, lists and mappings, and keys with a meaning elsewhere."""
    content = f"---\n{HEAD}\n{fields}\n---\n\nText.\n".encode()
    assert fix_front_matter(content) == content


def test_only_the_broken_line_gets_quotes() -> None:
    """A block of text may have lines that would not be values by themselves."""
    block = "compatibility: |\n  Note: one: two\n  @three: @four"
    content = f"---\nname: demo\n{block}\ndescription: Two steps: plan.\n---\nText.\n"
    fixed = content.replace("Two steps: plan.", '"Two steps: plan."')
    assert fix_front_matter(content.encode()).decode() == fixed


def test_a_mark_goes_and_what_was_after_it_is_fixed_too() -> None:
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


def _acted_on(content: bytes) -> dict[str, tuple[str, str]]:
    """The scalars of everything that a client acts on, by their path."""
    found = {}
    for name, node in read_front_matter(content).mapping.pairs:
        if name.text == "metadata" and isinstance(node, Mapping):
            for key, inner in node.pairs:
                if readers(f"metadata.{key.text}") or not isinstance(inner, Scalar) or inner.kind == "bool":
                    found |= {f"metadata.{key.text} {path}": (each.text, each.kind) for path, each in scalars(inner)}
        elif readers(name.text):
            found |= {f"{name.text} {path}": (each.text, each.kind) for path, each in scalars(node)}
    return found


client_line = st.builds(
    lambda row, value: f"metadata:\n  {row.name[9:]}: {value}" if "." in row.name else f"{row.name}: {value}",
    st.sampled_from(CLIENT_FIELDS),
    st.one_of(
        value, st.sampled_from(["true", "no", '"true"', "[a, b]", "{a: {b: 1}}", "\n  a:\n    - b", "1.10", "|\n  a"])
    ),
)
with_client_fields = st.builds(
    lambda before, after: "\n".join(["---", *before, "name: demo", *after, "---", "Text."]).encode(
        "utf-8", "surrogatepass"
    ),
    st.lists(st.one_of(client_line, line), max_size=4),
    st.lists(st.one_of(client_line, line), max_size=4),
)


@given(st.one_of(front, with_client_fields))
def test_a_fix_makes_nothing_worse(content: bytes) -> None:
    """It is idempotent, keeps the body, finds no new fault, and leaves whatever a client acts on."""
    after = fix_front_matter(content)
    assert fix_front_matter(after) == after
    old, new = read_front_matter(content), read_front_matter(after)
    if after != content:
        assert new.body == old.body
        assert after.endswith(old.body.encode("utf-8", "replace"))
        # when the YAML could not be read at all, what it says is judged only now
        if "spec/yaml" not in our_verdict(content):
            assert len(our_verdict(after)) <= len(our_verdict(content))
            assert _acted_on(after) == _acted_on(content)
    if not our_verdict(content) and not reference_verdict(content):
        assert after == content or not reference_verdict(after)


def test_a_slip_of_the_pen_is_not_moved_away() -> None:
    """It has two fixes, and under `metadata` nothing would name it any more."""
    text = b"---\nname: x\ndescripton: Does it.\n---\n\nText.\n"
    assert fix_front_matter(text) == text
