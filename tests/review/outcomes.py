"""What a scene has come to, as values that can be compared: all that people see, without ids and times."""

from __future__ import annotations

import re
from typing import Any

import gitbed
from review.scenes import Scene
from skill_fleet.forges import Snapshot
from skill_fleet.review import receipts

_OID = re.compile(r"\b[0-9a-f]{40}\b")


def outcome(scene: Scene) -> dict[str, Any]:
    """The pull requests, the branches by their trees, the settings and the work trees."""
    forge = scene.forge(ids="f")
    found: dict[str, Any] = {}
    for row in forge.list("all"):
        found[f"#{row.number}"] = _pull(scene, forge.snapshot(row.number))
    for bed in scene.beds:
        refs = bed.refs()
        if bed != scene.truth:
            assert not [name for name in refs if name.startswith("refs/skill-fleet/")], "something waits in the outbox"
        heads = {name: oid for name, oid in refs.items() if name.startswith(("refs/heads/", "refs/remotes/"))}
        name = bed.path.name
        if bed == scene.truth:
            found[f"{name} branches"] = bed.git(
                "for-each-ref", "--format=%(refname) %(tree)", "refs/heads", "refs/remotes"
            )
        else:  # a stop may leave a person's own branch behind what was pushed, never beside it
            found[f"{name} branches"] = sorted(heads)
            for ref in (ref for ref in heads if ref.startswith("refs/heads/")):
                there = scene.truth.refs().get(ref)
                assert there is None or bed.repo.is_ancestor(heads[ref], there)
        found[f"{name} settings"] = (bed.path / ("config" if name.endswith(".git") else ".git/config")).read_text()
        found[f"{name} changes"] = "" if name.endswith(".git") else bed.git("status", "--porcelain")
    return found


def _pull(scene: Scene, snapshot: Snapshot) -> dict[str, Any]:
    names = {commit.oid: f"commit {number}" for number, commit in enumerate(snapshot.commits)}
    mine = {receipt.item.key: key for key, receipt in receipts(snapshot).items()}
    items = [
        (
            item.author.id,
            _OID.sub(lambda found: names.get(found[0], "elsewhere"), item.body),
            item.verdict,
            mine.get(item.key, ""),
            mine.get(item.thread, item.thread),
        )
        for item in snapshot.items
    ]
    return {
        "items": sorted(items, key=repr),
        "commits": [(commit.author, commit.message) for commit in snapshot.commits],
        "facts": (snapshot.state, snapshot.draft, snapshot.labels, snapshot.threads, snapshot.head, snapshot.title),
        "tree": scene.truth.git("rev-parse", f"{snapshot.head_oid}^{{tree}}"),
    }


def visible(scene: Scene) -> str:
    """Everything of a scene that a later run can find."""
    return gitbed.visible(*scene.beds)
