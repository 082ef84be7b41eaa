"""The requirement by which a fleet's workflows install this tool: exactly one version, from a public place."""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit

from skill_fleet.errors import UserError
from skill_fleet.git import Repository

UNKNOWN = "HOST/OWNER/skill-fleet"
"""Stands for the address of the tool in what is written where that is not known."""
EXAMPLE = f"skill-fleet @ git+https://{UNKNOWN}@COMMIT"

_CHECKOUT = Path(__file__).resolve().parents[3]
_EXACT = re.compile(
    r"git\+(?:https|ssh)://[^\s#]+@[0-9a-f]{40}|https://[^\s#]+\.(?:whl|zip|tar\.gz)#sha256=[0-9a-f]{64}"
)
_VERSION = re.compile(r"==[0-9][0-9A-Za-z.+!-]*")


def checked_requirement(text: str) -> str:
    """`text` as one line for pip, with the name in front; UserError when it does not identify one version exactly.

    It names a commit of a Git repository, or an archive with its hash. A bare version is accepted from a person, who
    knows which index the workflows use and who owns the name there.
    """
    wanted = text.strip().removeprefix("skill-fleet").lstrip().removeprefix("@").lstrip()
    if _VERSION.fullmatch(wanted):
        return f"skill-fleet{wanted}"
    if not _EXACT.fullmatch(wanted):
        raise UserError(f"{text!r} does not identify one version of skill-fleet.", f"Name a commit: --tool '{EXAMPLE}'")
    if urlsplit(wanted).password is not None:
        raise UserError("The address of the tool contains a password.", "Leave it out: the file is committed.")
    return f"skill-fleet @ {wanted}"


def repository_of(requirement: str) -> tuple[str, str]:
    """The https address and commit of the repository that a requirement names; two empty texts if it names none."""
    found = re.fullmatch(r"skill-fleet @ git\+(https://\S+)@(\w+)", requirement)
    return (found[1], found[2]) if found else ("", "")


def action_of(requirement: str) -> str | None:
    """The action of the tool as a workflow names it, if the requirement is a commit on GitHub."""
    url, commit = repository_of(requirement)
    found = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?", url)
    return f"{found[1]}/.github/actions/skill-fleet@{commit}" if found else None


def running_requirement() -> str | None:
    """The requirement that installs the running version of this tool; None when no public address of it is known."""
    if (_CHECKOUT / "pyproject.toml").is_file():
        return _of_checkout(_CHECKOUT)
    try:  # pip records where a package came from, if not from an index (PEP 610)
        record = json.loads(metadata.distribution("skill-fleet").read_text("direct_url.json") or "{}")
    except (metadata.PackageNotFoundError, ValueError):
        return None
    if record.get("vcs_info", {}).get("vcs") == "git":
        return _requirement(record["url"], record["vcs_info"]["commit_id"])
    parts = urlsplit(str(record.get("url", "")))
    return _of_checkout(Path(unquote(parts.path))) if parts.scheme == "file" and "dir_info" in record else None


def _of_checkout(folder: Path) -> str | None:
    """The requirement for the clone at `folder`, if its origin has the commit as well."""
    try:
        repo = Repository(folder)
        if repo.root is None or repo.root.resolve() != folder.resolve():
            return None  # a copy inside another repository
        commit = repo.find("HEAD")
        published = commit and repo.attempt("branch", "--remotes", "--contains", commit, "--list", "origin/*")[1]
        url = repo.remote_url("origin")
    except UserError:
        return None
    return _requirement(url, commit) if published and commit and url is not None else None


def _requirement(url: str, commit: str) -> str | None:
    """The requirement for a commit at a public address; None for a folder or a server that only this machine knows."""
    if found := re.fullmatch(r"(?:ssh://)?git@([\w.-]+)[:/](.+)", url):  # the same place, without anybody's key
        url = f"https://{found[1]}/{found[2]}"
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return None
    address = f"git+https://{parts.netloc.rpartition('@')[2]}{parts.path}@{commit}"  # without user and password
    return f"skill-fleet @ {address}" if _EXACT.fullmatch(address) else None
