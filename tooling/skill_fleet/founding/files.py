"""The files of a new fleet: shared with this repository, written for it, or generated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from skill_fleet.errors import UserError
from skill_fleet.fleet import TAXONOMY_FILE, is_name
from skill_fleet.founding.tool import EXAMPLE, checked_requirement, running_requirement

FIRST_SKILL = "skills/practices/skill-review"
TOOL_FILE = ".github/actions/skill-fleet/requirements.txt"
_VERSIONS_FILE = ".github/actions/skill-fleet/constraints.txt"

_PACKAGE = Path(__file__).resolve().parent
_REPOSITORY = _PACKAGE.parents[2]
# Files that belong to this repository alone, or that each fleet has its own version of.
_NOT_SHARED = re.compile(r"\.github/(CODEOWNERS|SCENARIOS\.md|workflows/release\.yml)|(.*/)?__pycache__/.*")
_MAINTAINED = re.compile(r"\.github/(workflows|actions)/.+")
_LOCAL = re.compile(
    r"^[^\n]*only here: begin\b.*?only here: end[^\n]*\n|^[^\n]*# only here\n", re.DOTALL | re.MULTILINE
)
_TOOL = """# The tool that checks this fleet: its address and commit. To upgrade, change the commit, install it, and update the
# workflows: skill-fleet init --check . | git apply
{line}
"""
_UNKNOWN_TOOL = f"""# Not known yet: the checks fail until this is a line such as the next one, with a commit and without the #.
# {EXAMPLE}"""


@dataclass(frozen=True)
class Options:
    """The choices for a new fleet: its name, the owners of everything that is not a skill, and the tool's requirement.

    `tool` is None when it is not known.
    """

    name: str
    owners: tuple[str, ...] = ()
    tool: str | None = None


def options_for(folder: str, name: str | None, owners: Sequence[str], tool: str | None = None) -> Options:
    """Check the choices; UserError when one is not valid.

    The default for `name` is that of the folder, for `tool` the source of the running version.
    """
    chosen = name if name is not None else re.sub(r"[^a-z0-9]+", "-", folder.lower()).strip("-")
    if not is_name(chosen):
        raise UserError(
            f"A fleet cannot be called {chosen!r}.",
            "Use lower-case letters, digits and single hyphens, at most 64: --name my-skills",
        )
    for owner in owners:
        if not re.fullmatch(r"@[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9][A-Za-z0-9_.-]*)?", owner):
            raise UserError(
                f"{owner!r} is not a login or team.", "Write it as --owner @login or --owner @organisation/team."
            )
    return Options(chosen, tuple(owners), checked_requirement(tool) if tool else running_requirement())


def founding_files(options: Options) -> dict[str, str]:
    """Every file of a new fleet by path, without those that are generated from others."""
    shared = shared_files()
    return {
        **shared,
        **own_files(options.name),
        TOOL_FILE: _tool_file(options.tool),
        _VERSIONS_FILE: _tested_versions(),
        TAXONOMY_FILE: shared[TAXONOMY_FILE].replace("owners: []\n", f"owners: {json.dumps(options.owners)}\n", 1),
    }


def _tool_file(requirement: str | None) -> str:
    return _TOOL.format(line=requirement or _UNKNOWN_TOOL)


def kept_files(root: Path) -> dict[str, str]:
    """The files that this tool maintains in the fleet at `root`, as this version has them."""
    kept = {path: text for path, text in shared_files().items() if _MAINTAINED.fullmatch(path)}
    if (root / "tooling/skill_fleet").is_dir():  # this repository installs the tool from itself
        return kept
    tool = {} if (root / TOOL_FILE).exists() else {TOOL_FILE: _tool_file(running_requirement())}
    return {**kept, **tool, _VERSIONS_FILE: _tested_versions()}


def shared_files() -> dict[str, str]:
    """The files that a fleet has from this repository by path, its first skill among them."""
    return {path: without_local(file.read_text(encoding="utf-8")) for path, file in sorted(_shared())}


def _shared() -> Iterator[tuple[str, Path]]:
    folders = {".github": _source("github", ".github"), FIRST_SKILL: _source("first-skill", FIRST_SKILL)}
    for start, folder in folders.items():
        for file in folder.rglob("*"):
            path = f"{start}/{file.relative_to(folder).as_posix()}"
            if file.is_file() and not _NOT_SHARED.fullmatch(path):
                yield path, file
    yield TAXONOMY_FILE, _source("taxonomy.yaml", TAXONOMY_FILE)


def own_files(name: str) -> dict[str, str]:
    """The files that are written for a fleet called `name`. (Its templates have `dot-` for a leading dot.)"""
    return {
        re.sub(r"\Adot-", ".", file.name): file.read_text(encoding="utf-8").replace("@NAME@", name)
        for file in sorted((_PACKAGE / "templates").iterdir())
    }


def without_local(text: str) -> str:
    """`text` without the parts that are marked "only here"."""
    return _LOCAL.sub("", text)


def _tested_versions() -> str:
    """The versions of other packages that this tool was tested with, as pip's constraints."""
    return _source("constraints.txt", "constraints.txt").read_text(encoding="utf-8")


def _source(packaged: str, path: str) -> Path:
    """A file or folder in the installed package, or in this repository."""
    return found if (found := _PACKAGE / packaged).exists() else _REPOSITORY / path
