"""What a new fleet consists of."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from skill_fleet.errors import UserError
from skill_fleet.fleet.names import is_name
from skill_fleet.fleet.taxonomy import TAXONOMY_FILE
from skill_fleet.founding.templates import own_files, shared_files, tested_versions
from skill_fleet.founding.tool import EXAMPLE, checked_requirement, running_requirement

TOOL_FILE = ".github/actions/skill-fleet/requirements.txt"
_VERSIONS_FILE = ".github/actions/skill-fleet/constraints.txt"

_KEPT = re.compile(r"\.github/(workflows|actions)/.+")


@dataclass(frozen=True)
class Options:
    """What can be chosen: the fleet's name, and who looks after what is no skill (logins or teams).

    `tool` is the requirement that its workflows install; None when nobody knows it.
    """

    name: str
    owners: tuple[str, ...] = ()
    tool: str | None = None


def options_for(folder: str, name: str | None, owners: Sequence[str], tool: str | None = None) -> Options:
    """Check what was asked for; UserError when it cannot be.

    Without `name`, the folder's is taken; without `tool`, the place that the running one came from.
    """
    called = name if name is not None else re.sub(r"[^a-z0-9]+", "-", folder.lower()).strip("-")
    if not is_name(called):
        raise UserError(
            f"A fleet cannot be called {called!r}.",
            "Use lower-case letters, digits and single hyphens, at most 64: --name my-skills",
        )
    for owner in owners:
        if not re.fullmatch(r"@[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9][A-Za-z0-9_.-]*)?", owner):
            raise UserError(
                f"{owner!r} is no login or team.", "Write it as --owner @login or --owner @organisation/team."
            )
    return Options(called, tuple(owners), checked_requirement(tool) if tool else running_requirement())


def founding_files(options: Options) -> dict[str, str]:
    """Every file of a new fleet by its path, but for those that are generated from the others."""
    shared = shared_files()
    return {
        **shared,
        **own_files(options.name),
        TOOL_FILE: _TOOL.format(line=options.tool or _NOWHERE),
        _VERSIONS_FILE: tested_versions(),
        TAXONOMY_FILE: shared[TAXONOMY_FILE].replace("owners: []\n", f"owners: {json.dumps(options.owners)}\n", 1),
    }


def kept_files(root: Path) -> dict[str, str]:
    """The files that the fleet at `root` does not edit, as this version of the tool has them."""
    kept = {path: text for path, text in shared_files().items() if _KEPT.fullmatch(path)}
    # the repository of the tool itself installs it from there, with the versions that stand there
    return {**kept, _VERSIONS_FILE: tested_versions()} if (root / TOOL_FILE).exists() else kept


_TOOL = """# The tool that checks this fleet: where it comes from, and which commit. For a newer one put that commit here, install
# it, and bring the workflows up to date: skill-fleet init --check . | git apply
{line}
"""
_NOWHERE = f"""# Not known yet: the checks stop until a line such as the next stands here, with a whole commit and no # before it.
# {EXAMPLE}"""
