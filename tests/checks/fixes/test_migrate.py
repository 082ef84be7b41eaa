"""Skills from elsewhere become valid ones here, and not a byte of a body changes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from checks.reference import explained, our_verdict, reference_verdict
from checks.test_reference import front
from skill_fleet.fixes import MigratedSkill, Origin, migrate
from skill_fleet.fleet import MemoryTree
from skill_fleet.git import EXECUTABLE, SYMLINK
from skill_fleet.markdown import Node, read_front_matter, scalars

ORIGIN = Origin("https://example.org/skills", "abc123")


def _migrate(
    files: dict[str, bytes | str], modes: dict[str, int] | None = None, taken: tuple[str, ...] = ()
) -> tuple[MigratedSkill, ...]:
    tree = MemoryTree({path: each.encode() if isinstance(each, str) else each for path, each in files.items()}, modes)
    return migrate(tree, "web", ORIGIN, taken)


def _one(content: str | bytes, folder: str = "demo", **files: str) -> tuple[str, bytes]:
    extra = {f"{folder}/{name.replace('__', '.')}": text for name, text in files.items()}
    (skill,) = _migrate({f"{folder}/SKILL.md": content, **extra})
    return skill.id, skill.files[f"skills/{skill.id}/SKILL.md"]


def test_a_valid_skill_gets_its_source_and_keeps_its_comments() -> None:
    skill_id, text = _one("---\nname: demo # us\ndescription: Does x. # it does\nlicense: MIT\n---\nText  \n")
    assert skill_id == "web/demo"
    assert text.decode() == (
        '---\nname: "demo"\ndescription: Does x. # it does\nlicense: MIT\nmetadata:\n'
        '  source: "https://example.org/skills/demo"\n  source-commit: "abc123"\n  source-license: "MIT"\n---\nText  \n'
    )


HOPELESS = [
    "# Only text\n\nIt does x for y.\n",
    "",
    "---\nname: My Skill\n",
    "---\nname: [a]\ndescription: {b: c}\nmetadata: none\n---\nText\n",
    "---\nname: demo\nname: other\ndescription: &x Does x.\nallowed-tools: [Azure MCP/docs]\n---\nText\n",
    "---\r\nname: Démo Ünit\r\ndescription: "
    + "Long. " * 400
    + "\r\ncompatibility: "
    + "y" * 600
    + "\r\n---\r\nText\r\n",
    "---\n---\n\n```\ncode\n```\n",
    "---\nname: '123'\ndescription: 42\nversion: 1.10\ntags: [a, b]\n---\nText\n",
]


def _is_explained(text: bytes, name: str) -> bool:
    """Whether the reference validator takes it, or refuses it for a reason that is listed."""
    theirs = reference_verdict(text, name)
    return not theirs or explained(text, [], theirs) is not None


@pytest.mark.parametrize("content", HOPELESS)
def test_whatever_it_was_it_is_valid_then(content: str) -> None:
    skill_id, text = _one(content)
    name = skill_id.rpartition("/")[2]
    assert our_verdict(text, name) == [] and _is_explained(text, name)
    assert text.endswith(read_front_matter(content.encode()).body.encode())


def test_nothing_is_lost() -> None:
    _, text = _one("---\nname: My Skill\nauthor: me\ndescription: " + "Long words. " * 100 + "\n---\n")
    read = read_front_matter(text)
    assert (read.value("name"), read.metadata("author")) == ("my-skill", "me")
    assert (read.metadata("full-description") or "").strip() == ("Long words. " * 100).strip()


def test_the_old_metadata_file_is_read_in() -> None:
    old = {
        "skill_id": "data/csv",
        "name": "x",
        "version": "1.0.0",
        "type": "technical",
        "tags": ["a", "b"],
        "evolution": {"n": 1},
    }
    _, text = _one("# CSV\n\nReads CSV.\n", metadata__json=json.dumps(old | {"description": "Reads tables."}))
    read = read_front_matter(text)
    assert read.value("description") == "Reads tables."
    assert [read.metadata(key) for key in ("formerly", "version", "tags", "evolution")] == [
        "data/csv",
        "1.0.0",
        "a, b",
        '{"n": 1}',
    ]


def test_the_old_index_tells_other_ids() -> None:
    index = {
        "skills": {"data-csv": {"canonical_path": "data/csv", "aliases": ["old/csv", "No Id"], "status": "active"}}
    }
    text = "---\nname: csv\ndescription: Reads tables.\n---\n"
    (skill,) = _migrate({"skills/data/csv/SKILL.md": text, "skills/taxonomy_index.json": json.dumps(index)})
    assert read_front_matter(skill.files["skills/web/csv/SKILL.md"]).metadata("formerly") == "old/csv"


def test_the_longest_path_in_the_index_is_the_skills() -> None:
    """An index may list a path that is the end of another."""
    index = [{"canonical_path": "b", "aliases": ["old/other"]}, {"canonical_path": "a/b", "aliases": ["old/own"]}]
    text = "---\nname: b\ndescription: Reads tables.\n---\n"
    for rows in (index, index[::-1]):
        listed = json.dumps({"skills": dict(zip("xy", rows, strict=True))})
        (skill,) = _migrate({"x/a/b/SKILL.md": text, "x/taxonomy_index.json": listed})
        assert read_front_matter(skill.files["skills/web/b/SKILL.md"]).metadata("formerly") == "old/own"


def test_a_recorded_source_keeps_its_own_commit() -> None:
    """A skill that says where it is from stays so, without the commit of another repository; former ids are joined."""
    front = "---\nname: csv\ndescription: Reads tables.\nmetadata:\n  source: elsewhere\n  formerly: old/a\n---\n"
    _, text = _one(f"{front}Read.\n", metadata__json=json.dumps({"skill_id": "data/csv"}))
    read = read_front_matter(text)
    assert [read.metadata(key) for key in ("source", "source-commit", "formerly")] == [
        "elsewhere",
        None,
        "old/a data/csv",
    ]


def test_what_is_no_id_is_kept_and_the_old_name_is_used() -> None:
    old = json.dumps({"skill_id": "No Id", "name": "csv-tables"})
    (skill,) = _migrate({"x/SKILL.md": "Reads tables.\n", "x/metadata.json": old})
    assert skill.id == "web/csv-tables"
    assert read_front_matter(skill.files["skills/web/csv-tables/SKILL.md"]).metadata("skill-id") == "No Id"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_first_paragraph_is_the_description(ending: str) -> None:
    """Neither a fence with a blank line nor the line ends of the file make a difference, and the line ends stay."""
    body = "# Tables\n\n```sh\nread\n\nnot this text of a program\n```\n\nReads big tables\nfrom files.\n\nMore text.\n"
    _, text = _one(body.replace("\n", ending))
    assert read_front_matter(text).value("description") == "Reads big tables from files."
    assert text.decode().endswith(body.replace("\n", ending))
    assert text.count(b"\r\n") == (text.count(b"\n") if ending == "\r\n" else 0)


def test_another_file_of_that_name_stays() -> None:
    (skill,) = _migrate(
        {"demo/SKILL.md": "---\nname: demo\ndescription: Does x.\n---\n", "demo/metadata.json": '{"a": 1}'}
    )
    assert skill.files["skills/web/demo/metadata.json"] == b'{"a": 1}'


def test_files_come_along_and_links_do_not() -> None:
    files = {
        "a/demo/skill.md": "---\nname: demo\ndescription: Does x.\n---\n",
        "a/demo/run.sh": "x",
        "a/demo/out": "/etc/passwd",
    }
    (skill,) = _migrate({**files, "README.md": "Hello."}, {"a/demo/run.sh": EXECUTABLE, "a/demo/out": SYMLINK})
    assert set(skill.files) == {"skills/web/demo/SKILL.md", "skills/web/demo/run.sh"}
    assert skill.executable == {"skills/web/demo/run.sh"}
    assert any("link" in note for note in skill.notes)


def test_a_name_that_is_taken_gets_the_category_in_front_or_stays_out() -> None:
    text = "---\nname: demo\ndescription: Does x.\n---\n"
    done = _migrate({"a/demo/SKILL.md": text, "b/demo/SKILL.md": text, "c/demo/SKILL.md": text})
    assert [skill.id for skill in done] == ["web/demo", "web/web-demo", ""]
    assert "taken" in done[2].notes[0]


def test_what_cannot_be_brought_in_is_said() -> None:
    files = {"a": b"---\nname: a\xe9\n---\n", "b": "x", "c": "---\nname: c\ndescription: a: b\n  - what\n---\n"}
    done = _migrate({f"{name}/SKILL.md": text for name, text in files.items()}, {"b/SKILL.md": SYMLINK})
    assert [(skill.id, bool(skill.notes), skill.files) for skill in done] == [("", True, {})] * 3
    assert "line 3" in done[2].notes[0]


@given(front.filter(lambda content: b"\xef\xbb\xbf" not in content[:3]), st.sampled_from(["demo", "My Skill", "é", ""]))
def test_any_front_matter_becomes_valid(content: bytes, folder: str) -> None:
    (skill,) = _migrate({f"{folder}/SKILL.md" if folder else "SKILL.md": content})
    if skill.id:
        text = skill.files[f"skills/{skill.id}/SKILL.md"]
        # what is below `metadata` and is no text stays, because some client may act on it; a misspelled field does too
        left = {"spec/metadata", "spec/quoted-string", "spec/unknown-field"}
        assert set(our_verdict(text, skill.id.rpartition("/")[2])) <= left
        assert text.endswith(read_front_matter(content).body.encode())


CLIENTS = """name: demo
description: Deploys. Use when releasing.
disable-model-invocation: true
argument-hint: [env]
allowed-tools: Read, Write
hooks:
  PreToolUse:
    - matcher: Bash
      timeout: 10
"""
METADATA = [
    "metadata:\n  internal: true\n  openclaw:\n    requires: {bins: [gh]}\n",
    'metadata: {"internal": true, "openclaw": {"requires": {"bins": ["gh"]}}}\n',
]


@pytest.mark.parametrize("metadata", METADATA)
@pytest.mark.parametrize("more", ["", "extra: {a: b}\n", "name: demo\n"])
def test_what_clients_read_keeps_its_place_and_its_type(metadata: str, more: str) -> None:
    """Also where the front matter has to be rewritten: a mapping that is unknown, a key twice."""
    before, text = f"---\n{CLIENTS}{metadata}---\nText.\n", _one(f"---\n{CLIENTS}{metadata}{more}---\nText.\n")[1]
    old, new = (read_front_matter(each).mapping for each in (before.encode(), text))
    for name in ("disable-model-invocation", "argument-hint", "allowed-tools", "hooks"):
        assert _values(new.get(name)) == _values(old.get(name)), name
    for key in ("internal", "openclaw"):
        assert _values(new.get("metadata").get(key)) == _values(old.get("metadata").get(key)), key  # type: ignore[union-attr]


def _values(node: Node | None) -> list[tuple[str, str, str]]:
    assert node is not None
    return [(path, each.text, each.kind) for path, each in scalars(node)]


@pytest.mark.parametrize(
    "fields", ["metadata:\n  requires: jq, curl\n  status: beta", "requires: jq, curl\nstatus: beta"]
)
def test_a_key_that_means_something_else_here_is_not_written(fields: str) -> None:
    """`requires` has ids of skills here, and `status` one of three words."""
    _, text = _one(f"---\nname: demo\ndescription: Does x. Use when asked.\n{fields}\n---\nText.\n")
    read = read_front_matter(text)
    assert [read.metadata(key) for key in ("requires", "status")] == [None, None]
    assert [read.metadata(f"source-{key}") for key in ("requires", "status")] == ["jq, curl", "beta"]


def test_a_key_that_means_the_same_here_stays() -> None:
    """A skill of another fleet."""
    _, text = _one("---\nname: demo\ndescription: X.\nmetadata:\n  requires: web/forms\n  status: active\n---\nText.\n")
    assert (read_front_matter(text).metadata("requires"), read_front_matter(text).metadata("status")) == (
        "web/forms",
        "active",
    )


def test_no_skill_gets_a_name_that_windows_reserves() -> None:
    """The category goes in front."""
    assert _one("---\nname: con\ndescription: Does x.\n---\nText.\n", "con")[0] == "web/web-con"


@pytest.mark.parametrize("more", ["", "extra: {a: b}\n"])
def test_what_may_have_been_meant_for_a_client_stays(more: str) -> None:
    """It has two fixes, so a person decides."""
    fields = "tools: Read, Grep\nuser_invocable: false\n"
    _, text = _one(f"---\nname: demo\ndescription: Does x.\n{fields}{more}---\nText.\n")
    read = read_front_matter(text)
    assert (read.value("tools"), read.value("user_invocable")) == ("Read, Grep", "false")
