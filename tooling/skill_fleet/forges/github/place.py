"""Which repository of which GitHub a clone belongs to, and the addresses that follow from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from skill_fleet.errors import UserError
from skill_fleet.git import Repository

REMOTE = "origin"

HOME_API = "https://api.github.com"

_HOME = "https://github.com"
_SCP = re.compile(r"(?:[^@/]+@)?(?P<host>[^:/]+):(?P<path>(?!/).+)\Z")  # git@github.com:owner/name.git
_PATH = re.compile(r"/?(?P<owner>[A-Za-z0-9][A-Za-z0-9-]*)/(?P<name>[A-Za-z0-9._-]+?)(?:\.git)?/?\Z")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Place:
    """A repository on a GitHub server. `git` is what Git fetches from: the remote's name, or an address."""

    server: str
    api: str
    graphql: str
    owner: str
    name: str
    git: str

    @property
    def full_name(self) -> str:
        """`owner/name`, as the API writes it."""
        return f"{self.owner}/{self.name}"


def find_place(repo: Repository, env: Mapping[str, str]) -> Place | None:
    """Where the remote `origin` is, if that is GitHub; None when it is elsewhere, or there is none.

    The server is github.com, or the one that GITHUB_SERVER_URL names. A token is for that server alone, so nothing
    that a clone's configuration says can send it anywhere else.
    """
    if (url := repo.address(REMOTE)) is None:
        return None
    server = (env.get("GITHUB_SERVER_URL") or _HOME).rstrip("/")
    address = urlsplit(url) if "://" in url else None
    scp = _SCP.match(url) if address is None else None
    host, path = (address.netloc, address.path) if address else (scp["host"], scp["path"]) if scp else ("", "")
    found = _PATH.match(path)
    if not found or _bare(host) != _bare(urlsplit(server).netloc):
        return None
    by_http = address is not None and url.startswith(("http://", "https://"))
    owner, name = found["owner"], found["name"]
    git = REMOTE if by_http else f"{server}/{owner}/{name}.git"  # a token opens no ssh connection
    api, graphql = _apis(server, env)
    return Place(server, api, graphql, owner, name, git)


def _bare(netloc: str) -> str:
    """Host and port, without a user: `x:token@github.com`, `git@github.com`."""
    return netloc.rpartition("@")[2].lower().removeprefix("ssh.").removesuffix(":443").removesuffix(":22")


def _apis(server: str, env: Mapping[str, str]) -> tuple[str, str]:
    """Actions sets both addresses; elsewhere they follow from the server's."""
    home = server == _HOME
    api = env.get("GITHUB_API_URL") or (HOME_API if home else f"{server}/api/v3")
    graphql = env.get("GITHUB_GRAPHQL_URL") or (f"{HOME_API}/graphql" if home else f"{server}/api/graphql")
    for url in (server, api, graphql):
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise UserError(f"{url} would be spoken to without encryption.", "Give its https:// address.")
    if urlsplit(api).netloc != urlsplit(graphql).netloc:  # PyGithub holds one connection, and so do we one token
        raise UserError(f"{api} and {graphql} are two servers.", "Mend GITHUB_API_URL and GITHUB_GRAPHQL_URL.")
    return api.rstrip("/"), graphql.rstrip("/")
