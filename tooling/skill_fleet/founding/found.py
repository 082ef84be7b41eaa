"""What a new fleet consists of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from skill_fleet import __version__
from skill_fleet.errors import UserError
from skill_fleet.fleet.names import is_name
from skill_fleet.founding.templates import own_files, shared_files

VERSION_FILE = ".github/actions/skill-fleet/requirements.txt"

_KEPT = re.compile(r"\.github/(workflows|actions)/.+")
_PROTECTED = ("/.github/", "/pyproject.toml", "/skills/taxonomy.yaml")


@dataclass(frozen=True)
class Options:
    """What can be chosen: the fleet's name, and who looks after what is no skill (logins or teams)."""

    name: str
    owners: tuple[str, ...] = ()


def options_for(folder: str, name: str | None, owners: Sequence[str]) -> Options:
    """Check what was asked for; UserError when it cannot be. Without `name`, the folder's is taken."""
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
    return Options(called, tuple(owners))


def founding_files(options: Options) -> dict[str, str]:
    """Every file of a new fleet by its path, but for those that are generated from the others."""
    return {
        **shared_files(),
        **own_files(options.name),
        VERSION_FILE: _VERSION,
        ".github/CODEOWNERS": _codeowners(options.owners),
    }


def kept_files() -> dict[str, str]:
    """The files that a fleet does not edit, as this version of the tool has them."""
    return {path: text for path, text in shared_files().items() if _KEPT.fullmatch(path)}


_VERSION = f"""# The tool that checks this fleet. A newer one comes as a pull request; then look at: skill-fleet init --check
skill-fleet=={__version__}
"""


def _codeowners(owners: Sequence[str]) -> str:
    who = " ".join(owners) or "@OWNER"
    mark = "" if owners else "# "
    lines = [
        "# Who must approve what is no skill: the gate, its settings and the categories.",
        *(
            []
            if owners
            else ["# Nobody yet: put a login or team for @OWNER and take the # away. Until then nothing guards them."]
        ),
        *(f"{mark}{path} {who}" for path in _PROTECTED),
    ]
    return "\n".join(lines) + "\n"
