"""One story (create, suggest, move, approve, promote, catalogue) in every kind of repository ends with the same files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.command import Done, run
from gitbed import Bed, Identity
from kinds.ground import KINDS, Place

ADA, GRACE, MARY = (Identity(name, f"{name.lower()}@example.org") for name in ("Ada", "Grace", "Mary"))
DOCUMENT = (
    "# Log rotation\n\nRotates logs.\n\n## Steps\n\n1. Find `/var/log`.\n2. Add a rule.\n\n## Pitfalls\n\nOpen files.\n"
)
LINE = "description: Rotates the logs of a service, größer ✓. Use when a host runs out of space."
OLD, NEW = "skills/practices/log-rotation", "skills/practices/logs-rotated"

# What `make test` tells, too.
QUICK = ("sha256",)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    yield monkeypatch


def do(patch: pytest.MonkeyPatch, place: Place, who: Identity, *words: str) -> Done:
    """Run one command as a person."""
    for role in ("AUTHOR", "COMMITTER"):
        patch.setenv(f"GIT_{role}_NAME", who.name)
        patch.setenv(f"GIT_{role}_EMAIL", who.email)
    for name, value in place.env.items():
        patch.setenv(name, value)
    done = run(place.at, *place.options, *words)
    assert done.status == 0, f"{' '.join(words)}: {done}"
    return done


def tell(patch: pytest.MonkeyPatch, place: Place, folder: Path) -> None:
    """The story."""
    (folder / "log-rotation.md").write_text(DOCUMENT, encoding="utf-8")
    do(patch, place, ADA, "create", "--from", str(folder / "log-rotation.md"), "--path", "practices")
    do(patch, place, GRACE, "review", "comment", "1", "--path", f"{OLD}/SKILL.md", "--line", "3", "--suggest", LINE)
    do(patch, place, GRACE, "review", "comment", "1", "/move practices/logs-rotated")
    do(patch, place, GRACE, "review", "step", "1")
    do(patch, place, MARY, "review", "approve", "1", "Gut. ✓")
    do(patch, place, MARY, "promote", "1")
    if place.remote and not place.bare:
        patch.delenv("GIT_DIR", raising=False)
        patch.delenv("GIT_INDEX_FILE", raising=False)
        Bed(place.at).git("pull", "--quiet", place.remote, "main")
    if not place.bare:
        do(patch, place, ADA, "generate-xml")
        do(patch, place, ADA, "validate")
    main = f"{place.remote}/main" if place.remote else "main"
    listed = do(patch, place, ADA, "generate-xml", "--ref", main, "-o", "-")
    assert "logs-rotated" in listed.out


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.kinds) for name in KINDS]
)
def test_story(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same files on main, the same refs, nothing left behind, and the person's own work tree as it was."""
    place = KINDS[name](tmp_path)
    if config := place.env.get("GIT_CONFIG_GLOBAL"):
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", config)
    before = _status(place)
    tell(monkeypatch, place, tmp_path)
    skill = place.truth.read("main", f"{NEW}/SKILL.md")
    body = DOCUMENT.partition("Rotates logs.\n")[2]
    front = f'name: "logs-rotated"\n{LINE}\nmetadata:\n  version: "0.1.0"\n'
    assert skill == f"---\n{front}---\n\n# Log rotation\n\nRotates logs.\n{body}"
    assert f"{OLD}/SKILL.md" not in place.truth.git("ls-tree", "-r", "--name-only", "main")
    refs = {ref for ref in place.truth.refs() if not ref.startswith(("refs/remotes/", "refs/skill-fleet-remotes/"))}
    assert refs == {
        "refs/heads/main",
        "refs/heads/draft/log-rotation",
        "refs/skill-fleet/pull/1/timeline",
        "refs/skill-fleet/pull/1/head",
        "refs/skill-fleet/records/1",
    }, refs
    assert left_behind(tmp_path) == []
    assert _status(place) == before


def _status(place: Place) -> list[str]:
    """What a person has changed in the work tree; the catalogue is what the story writes."""
    rows = [] if place.bare else Bed(place.at).git("status", "--porcelain").splitlines()
    return [row for row in rows if "available_skills.xml" not in row and "D  skills" not in row]


def left_behind(folder: Path) -> list[str]:
    """Locks and temporary files."""
    return [
        f"{top}/{name}"
        for top, folders, files in os.walk(folder)
        for name in [*folders, *files]
        if name.endswith((".lock", ".new")) or name.startswith(("tmp", ".skill-fleet"))
    ]
