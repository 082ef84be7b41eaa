"""A skill moves or retires, and whoever knows it by its old id is led on."""

from __future__ import annotations

import pytest

import gitbed
from skill_fleet.checks import check_change
from skill_fleet.errors import UserError
from skill_fleet.fixes import Relocation, move_skill, retire_skill
from skill_fleet.fleet import Fleet, MemoryTree, read_fleet
from skill_fleet.git import EXECUTABLE

FILES = {
    "skills/taxonomy.yaml": gitbed.taxonomy("web", "python").encode(),
    "skills/web/forms/SKILL.md": gitbed.skill(
        "forms", "Fills forms of web pages. Use when one has fields.", "Run `run.sh`."
    ).encode(),
    "skills/web/forms/run.sh": b"true\n",
    "skills/profiles.yaml": b"profiles:\n  tester:\n    description: Tests.\n    skills: [web/forms]\n",
    "skills/web/other/SKILL.md": (
        b"---\nname: other\ndescription: Draws charts of numbers. Use when figures want a picture.\n"
        b"metadata:\n  requires: web/forms\n---\n\nSee web/forms, not web/forms-2.\n"
    ),
}
MODES = {"skills/web/forms/run.sh": EXECUTABLE}


def _fleet(files: dict[str, bytes] | None = None) -> Fleet:
    return read_fleet(MemoryTree(files or FILES, MODES))


def _after(done: Relocation) -> Fleet:
    files = {**FILES, **{path: content for path, content in done.changes.items() if content is not None}}
    kept = {path: content for path, content in files.items() if done.changes.get(path, b"") is not None}
    return read_fleet(MemoryTree(kept, dict.fromkeys(done.executable, EXECUTABLE)))


def test_a_move_leads_everybody_on() -> None:
    after = _after(move_skill(_fleet(), "web/forms", "python/pdf-forms"))
    assert sorted(after.by_id) == ["python/pdf-forms", "web/other"]
    moved = after.by_id["python/pdf-forms"]
    assert (moved.name, moved.formerly) == ("pdf-forms", ("web/forms",))
    assert [entry.mode for entry in moved.entries if entry.path.endswith("run.sh")] == [EXECUTABLE]
    assert after.profiles[0]["tester"].skills == ("python/pdf-forms",)
    other = after.by_id["web/other"]
    assert other.requires == ("python/pdf-forms",)
    assert "See python/pdf-forms, not web/forms-2." in other.front_matter.body
    found = check_change(_fleet(), after).findings
    assert [each.rule for each in found if each.severity == "error"] == []


def test_back_again() -> None:
    once = _after(move_skill(_fleet(), "web/forms", "python/forms"))
    back = move_skill(once, "python/forms", "web/forms").changes["skills/web/forms/SKILL.md"] or b""
    assert b'formerly: "python/forms"' in back


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("web/none", "web/x"),
        ("web/forms", "web/other"),
        ("web/forms", "web/forms"),
        ("web/forms", "x"),
        ("web/forms", "zzz/x"),
        ("web/forms", "web/nul"),
    ],
)
def test_a_move_that_cannot_be_is_refused(old: str, new: str) -> None:
    with pytest.raises(UserError):
        move_skill(_fleet(), old, new)


def test_a_retired_skill_stays_as_a_stub() -> None:
    after = _after(retire_skill(_fleet(), "web/forms", "web/other", "It was slow."))
    stub = after.by_id["web/forms"]
    assert (stub.status, stub.front_matter.metadata("superseded-by")) == ("retired", "web/other")
    assert (
        stub.front_matter.body
        == "\n# Retired\n\nThis skill is retired. Use the skill `web/other` instead.\n\nIt was slow.\n"
    )
    assert len(stub.entries) == 1
    found = check_change(_fleet(), after).findings
    errors = [each.rule for each in found if each.severity == "error"]
    assert errors == ["fleet/profiles", "fleet/requires"]  # of those that still need it


@pytest.mark.parametrize("replacement", ["web/none", "web/forms"])
def test_a_replacement_that_does_not_exist_is_refused(replacement: str) -> None:
    with pytest.raises(UserError):
        retire_skill(_fleet(), "web/forms", replacement)
