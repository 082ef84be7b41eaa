"""A revision in words: the difference for the person who asked, and the facts for programs."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from skill_fleet.cli.propose import Proposal
from skill_fleet.fleet.skill import Skill


def facts(proposal: Proposal, skill: Skill) -> dict[str, object]:
    """What programs are told; `files` are those that change, each with what it is: new or changed."""
    before = {skill.relative(entry.path) for entry in skill.entries}
    return {
        "skill": proposal.skill,
        "files": {path: "changed" if path in before else "new" for path in sorted(proposal.draft.files)},
        "open_points": [*proposal.draft.open_points],
        "findings": [finding.as_json() for finding in proposal.findings],
    }


def differences(proposal: Proposal, skill: Skill) -> Iterator[str]:
    """The change as a diff; a new file by its size alone."""
    there = {skill.relative(entry.path): entry for entry in skill.entries}
    for path, text in sorted(proposal.draft.files.items()):
        name = skill.inside(path)
        if path not in there:
            yield f"new: {name}, {text.count(chr(10))} lines"
            continue
        old = skill.tree.read(there[path]).decode("utf-8", "replace")
        yield from unified_diff(old.split("\n"), text.split("\n"), f"a/{name}", f"b/{name}", lineterm="")
