"""Setting one value of front matter: that one reads as wanted, everything else as before, or nothing is changed."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given, strategies as st

from skill_fleet.fixes import fix_front_matter
from skill_fleet.markdown import CannotEdit, read_front_matter, set_value

word = st.text(max_size=30)
scalar = word | st.sampled_from(
    ["yes", "2026-01-01", "null", "a: b", "- x", "# no", "'", '"', "two\nlines\n", " pad ", "é"]
)
block = st.dictionaries(st.sampled_from(["version", "tags", "formerly", "other"]), scalar, max_size=3)
value = scalar | block | st.lists(scalar, max_size=3)
matter = st.dictionaries(st.sampled_from(["license", "compatibility", "tags", "allowed-tools"]), value, max_size=3)
KEYS = st.sampled_from(["name", "description", "license", "metadata.formerly", "metadata.version", "tags", "new"])


def read(content: bytes) -> dict[str, object]:
    """The front matter as a common YAML reader has it, every scalar as text."""
    text = content.decode().replace("\r\n", "\n")
    loaded = yaml.load(text.split("\n---\n")[0].removeprefix("---\n"), Loader=yaml.BaseLoader)
    return dict(loaded)


@given(matter, block, st.booleans(), st.booleans(), st.sampled_from(["\n", "\r\n"]), KEYS, scalar)
def test_one_value_and_nothing_else(
    more: dict[str, object], metadata: dict[str, str], has_metadata: bool, flow: bool, end: str, key: str, new: str
) -> None:
    """For any front matter and any value: the field reads as set, the others and the body as before."""
    facts = {"name": "x", "description": "Old.", **more, **({"metadata": metadata} if has_metadata else {})}
    dumped = yaml.safe_dump(facts, allow_unicode=True, sort_keys=False, default_flow_style=flow or None)
    content = f"---\n{dumped}---\n\n# Body\n---\n".replace("\n", end).encode("utf-8", "replace")
    if read_front_matter(content).faults:
        with pytest.raises(CannotEdit):
            set_value(content, key, new)
        return
    try:
        changed = set_value(content, key, new)
    except CannotEdit:
        return
    wanted, got = read(content), read(changed)
    if "." in key:
        before = wanted.get("metadata")
        wanted["metadata"] = {**(before if isinstance(before, dict) else {}), key.partition(".")[2]: new}
    else:
        wanted[key] = new
    assert got == wanted
    assert changed.split(b"# Body")[1] == content.split(b"# Body")[1]
    assert changed.count(b"\r\n") == (changed.count(b"\n") if end == "\r\n" else 0)


@given(
    st.binary(max_size=60) | st.text(max_size=60).map(lambda text: f"---\n{text}\n---\n".encode("utf-8", "replace")),
    KEYS,
    word,
)
def test_any_bytes_are_edited_or_refused(content: bytes, key: str, new: str) -> None:
    """It raises CannotEdit and nothing else."""
    try:
        changed = set_value(content, key, new)
    except CannotEdit:
        return
    after = read_front_matter(changed)
    assert (after.metadata(key.partition(".")[2]) if "." in key else after.value(key)) == new


@pytest.mark.parametrize("key", ["description", "metadata.version"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_comments_order_and_quoting_stay(key: str, end: str) -> None:
    """Only the lines of the value itself are other ones, also when it had several and a list follows."""
    text = "---\n# top\nname: 'x'  # why\ndescription: >\n  Long\n\n  and old.\n\ntags:\n  - a\n  - \"b\"\nmetadata:\n  # in\n  version: '1'\n  z: z\n---\nB\n"
    content = text.replace("\n", end).encode()
    gone = ["description: >", "  Long", "", "  and old."] if key == "description" else ["  version: '1'"]
    new = f'{key.rpartition(".")[2]}: "New."'
    wanted = text.replace("\n".join(gone), new if key == "description" else f"  {new}").replace("\n", end)
    assert set_value(content, key, "New.").decode() == wanted


@pytest.mark.parametrize(
    "matter",
    [
        "{name: x, description: y}",
        "name: x\nname: y",
        "name: &a x",
        "name: [",
        "- a",
        "",
        "name: x\nmetadata: {a: b}",
        "name: x\nmetadata: no",
    ],
)
def test_what_cannot_be_edited_safely(matter: str) -> None:
    """Braces, duplicates, anchors, faults, a metadata that is no block: refused with the reason."""
    with pytest.raises(CannotEdit):
        set_value(f"---\n{matter}\n---\n".encode(), "metadata.version", "1")
    with pytest.raises(CannotEdit):
        set_value(b"---\nname: x\n---\n", "name", "\ud800")


@pytest.mark.limits
def test_many_fields_take_linear_time() -> None:
    """A front matter of 20,000 fields is read, fixed (fifty fields at a time) and edited within seconds."""
    rows = "".join(f"key{number}: {number}\n" for number in range(20_000))
    content = f"---\nname: x\ndescription: y\n{rows}---\n".encode()
    start = time.process_time()
    fixed = fix_front_matter(content)
    assert read_front_matter(set_value(fixed, "name", "z")).metadata("key49") == "49"
    assert time.process_time() - start < 20
