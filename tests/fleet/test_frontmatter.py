"""Front matter: what is read from it, and what is said of it when it is wrong."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, strategies as st

from skill_fleet.markdown import Mapping, Scalar, parse, read_front_matter

GOOD = b"---\nname: x\ndescription: 'it: is'\nmetadata:\n  version: \"1.0\"\n---\n# Body\n"


def test_values_and_lines() -> None:
    """Each value comes with the line of its key, the body with its own."""
    matter = read_front_matter(GOOD)

    assert matter.faults == ()
    assert (matter.value("name"), matter.value("description")) == ("x", "it: is")
    assert matter.metadata("version") == "1.0"
    assert [matter.line(key) for key in ("name", "description", "metadata.version", "license")] == [2, 3, 5, 1]
    assert (matter.body, matter.body_line) == ("# Body\n", 7)


@pytest.mark.parametrize(
    ("content", "fault", "line"),
    [
        (b"", "missing", 1),
        (b"# Title\n", "missing", 1),
        (b"----\nname: x\n----\n", "missing", 1),
        (b"---\nname: x\n", "unclosed", 1),
        (b"---\nname: x\n ---\n", "unclosed", 1),
        (b"\xef\xbb\xbf---\nname: x\n---\n", "bom", 1),
        (b"---\nname: x\ndescription: caf\xe9\n---\n", "encoding", 3),
        (b"---\nname: x\nname: y\n---\n", "duplicate-key", 3),
        (b"---\na: &n x\nb: *n\n---\n", "anchor", 2),
        (b"---\na: b\nc: *n\n---\n", "alias", 3),
        (b"---\na: !!str x\n---\n", "tag", 2),
        (b"---\n- x\n---\n", "not-a-mapping", 2),
        (b"---\n---\n", "not-a-mapping", 2),
        (b"---\nname: x\ndescription: a: b\n---\n", "syntax", 3),
        (b"---\nname: [" + b"[" * 50 + b"\n---\n", "syntax", 2),
        (b"---\nname: \x01\n---\n", "syntax", 2),
    ],
)
def test_fault_is_on_its_line(content: bytes, fault: str, line: int) -> None:
    """Each error has a kind and a line."""
    assert (fault, line) in [(each.what, each.line) for each in read_front_matter(content).faults]


def test_dashes_inside_a_value_do_not_end_it() -> None:
    """Only a line of three dashes closes the front matter; the reference tool cuts a description there."""
    matter = read_front_matter(b"---\ndescription: this --- that\nname: x\n---\nbody\n---\n")

    assert (matter.value("description"), matter.value("name"), matter.body) == ("this --- that", "x", "body\n---\n")


def test_windows_line_ends() -> None:
    """Carriage returns are part of line ends, not of values."""
    matter = read_front_matter(GOOD.replace(b"\n", b"\r\n"))

    assert (matter.faults, matter.value("name"), matter.body) == ((), "x", "# Body\r\n")


KINDS = {
    "yes": "bool",
    "1.10": "float",
    "2026-01-01": "timestamp",
    "~": "null",
    "": "null",
    "007": "int",
    "'yes'": "str",
    '"1"': "str",
    "1.2.3": "str",
    "yes please": "str",
}


@pytest.mark.parametrize(("text", "kind"), KINDS.items())
def test_kind_is_what_other_readers_would_take_it_for(text: str, kind: str) -> None:
    """A plain scalar that PyYAML would turn into another type is distinguished from text."""
    node, _ = parse(f"key: {text}")

    assert isinstance(node, Mapping)
    assert isinstance(node.pairs[0][1], Scalar)
    assert node.pairs[0][1].kind == kind


@given(st.binary(max_size=300))
def test_any_bytes_are_read(content: bytes) -> None:
    """No bytes make it raise; every fault has a place in the file."""
    for head in (b"", b"---\n"):
        matter = read_front_matter(head + content)
        assert all(fault.line >= 1 and fault.column >= 1 for fault in matter.faults)
        assert matter.body == matter.text[matter.body_at :]


VALUES = st.recursive(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc-", min_size=1, max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=5), VALUES, min_size=1, max_size=5), st.booleans())
def test_agrees_with_a_yaml_library(data: dict[str, object], flow: bool) -> None:
    """What a YAML library writes is read back as what was written."""
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True)
    node, faults = parse(text)

    assert not faults
    assert _plain(node) == data


def _plain(node: object) -> object:
    if isinstance(node, Mapping):
        return {key.text: _plain(value) for key, value in node.pairs}
    return node.text if isinstance(node, Scalar) else [_plain(item) for item in node.items]  # type: ignore[attr-defined]
