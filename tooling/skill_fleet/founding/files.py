"""What a new fleet consists of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit

from skill_fleet.errors import UserError
from skill_fleet.fleet import TAXONOMY_FILE, is_name
from skill_fleet.git import Repository

_CHECKOUT = Path(__file__).resolve().parents[3]
_COMMIT = r"@[0-9a-f]{40}"
_FROM = re.compile(
    rf"git\+(?:https|ssh)://[^\s#]+{_COMMIT}"
    r"|https://[^\s#]+\.(?:whl|zip|tar\.gz)#sha256=[0-9a-f]{64}"
)
_VERSION = re.compile(r"==[0-9][0-9A-Za-z.+!-]*")
EXAMPLE = "skill-fleet @ git+https://HOST/OWNER/skill-fleet@COMMIT"


def checked_requirement(text: str) -> str:
    """`text` as one line for pip, with the name in front; UserError when it does not say exactly which tool it means.

    That is a commit of a Git repository, or an archive with its hash. A bare version is taken from whoever asks for
    it, as only they know which index their workflows use and who owns the name there.
    """
    wanted = text.strip().removeprefix("skill-fleet").lstrip().removeprefix("@").lstrip()
    if _VERSION.fullmatch(wanted):
        return f"skill-fleet{wanted}"
    if not _FROM.fullmatch(wanted):
        raise UserError(
            f"{text!r} does not say which skill-fleet is meant.", f"Name a whole commit: --tool '{EXAMPLE}'"
        )
    if urlsplit(wanted).password is not None:
        raise UserError("The address of the tool has a password in it.", "Leave it out: the file is committed.")
    return f"skill-fleet @ {wanted}"


def running_requirement() -> str | None:
    """The requirement that gives others this very tool; None when no public address of its commit is known."""
    if (_CHECKOUT / "pyproject.toml").is_file():
        return _of_checkout(_CHECKOUT)
    try:  # what pip noted down when it was not asked for a bare name (PEP 610)
        noted = json.loads(metadata.distribution("skill-fleet").read_text("direct_url.json") or "{}")
    except (metadata.PackageNotFoundError, ValueError):
        return None
    if noted.get("vcs_info", {}).get("vcs") == "git":
        return _requirement(noted["url"], noted["vcs_info"]["commit_id"])
    parts = urlsplit(str(noted.get("url", "")))
    return _of_checkout(Path(unquote(parts.path))) if parts.scheme == "file" and "dir_info" in noted else None


def _of_checkout(folder: Path) -> str | None:
    """By the origin of the clone at `folder`, if that has the commit as well."""
    try:
        with Repository(folder) as repo:
            if repo.root is None or repo.root.resolve() != folder.resolve():
                return None  # a copy that somebody keeps inside another repository
            commit = repo.find("HEAD")
            there = commit and repo.attempt("branch", "--remotes", "--contains", commit, "--list", "origin/*")[1]
            url = repo.address("origin")
    except UserError:
        return None
    return _requirement(url, commit) if there and commit and url is not None else None


def _requirement(url: str, commit: str) -> str | None:
    """The line for a public address; a folder or a server that only this machine knows gives None."""
    if found := re.fullmatch(r"(?:ssh://)?git@([\w.-]+)[:/](.+)", url):  # the same place, without anybody's key
        url = f"https://{found[1]}/{found[2]}"
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return None
    address = f"git+https://{parts.netloc.rpartition('@')[2]}{parts.path}@{commit}"  # without a password
    return f"skill-fleet @ {address}" if _FROM.fullmatch(address) else None


_PACKAGE = Path(__file__).resolve().parent
_SOURCE = _PACKAGE.parents[2]

FIRST_SKILL = "skills/practices/skill-review"

# What this repository has for the tool alone, or what each fleet has its own of.
_OURS = re.compile(r"\.github/(CODEOWNERS|workflows/release\.yml)|(.*/)?__pycache__/.*")
_LOCAL = re.compile(
    r"^[^\n]*only here: begin\b.*?only here: end[^\n]*\n|^[^\n]*# only here\n", re.DOTALL | re.MULTILINE
)


def without_local(text: str) -> str:
    """`text` without the parts that are marked "only here"."""
    return _LOCAL.sub("", text)


def shared_files() -> dict[str, str]:
    """The files that a fleet has from this repository, by their path in it; among them its first skill."""
    return {path: without_local(file.read_text(encoding="utf-8")) for path, file in sorted(_sources())}


def own_files(name: str) -> dict[str, str]:
    """The files that are written for a fleet called `name`; their names here have no leading dot."""
    found = {}
    for file in sorted((_PACKAGE / "templates").iterdir()):
        path = f".{file.name.removeprefix('dot-')}" if file.name.startswith("dot-") else file.name
        found[path] = file.read_text(encoding="utf-8").replace("@NAME@", name)
    return found


def tested_versions() -> str:
    """The versions of other packages that the tool was tested with, as a file for pip."""
    return _source("constraints.txt", _SOURCE / "constraints.txt").read_text(encoding="utf-8")


def _sources() -> Iterator[tuple[str, Path]]:
    folders = {
        ".github": _source("github", _SOURCE / ".github"),
        FIRST_SKILL: _source("first-skill", _SOURCE / FIRST_SKILL),
    }
    for start, folder in folders.items():
        for file in folder.rglob("*"):
            path = f"{start}/{file.relative_to(folder).as_posix()}"
            if file.is_file() and not _OURS.fullmatch(path):
                yield path, file
    yield "skills/taxonomy.yaml", _source("taxonomy.yaml", _SOURCE / "skills" / "taxonomy.yaml")


def _source(inside: str, checkout: Path) -> Path:
    """Where it lies in an installed package; in a checkout, where it belongs."""
    return found if (found := _PACKAGE / inside).exists() else checkout


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
