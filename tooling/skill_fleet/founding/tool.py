"""Where a new fleet gets the tool from: never by its bare name, which anybody may have taken on an index."""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit

from skill_fleet.errors import UserError
from skill_fleet.fleet.git import Repository

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
