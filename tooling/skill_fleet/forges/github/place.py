"""The GitHub repository that a clone belongs to, and its addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from skill_fleet.errors import UserError
from skill_fleet.git import Repository

HOME_API = "https://api.github.com"

_HOME = "https://github.com"
_SCP = re.compile(r"(?:[^@/]+@)?(?P<host>[^:/]+):(?P<path>(?!/).+)\Z")  # git@github.com:owner/name.git
_PATH = re.compile(r"/?(?P<owner>[A-Za-z0-9][A-Za-z0-9-]*)/(?P<name>[A-Za-z0-9._-]+?)(?:\.git)?/?\Z")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Place:
    """A repository on a GitHub server. `git` is the remote's name, or the address to fetch from."""

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
    """Return the repository of the remote with the pull requests; None if it is not on GitHub, or there is no such remote.

    The server is github.com, or the one in GITHUB_SERVER_URL. A token is for that server alone, so nothing in a
    clone's configuration can send it anywhere else.
    """
    if (url := repo.remote_url(repo.remote)) is None:
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
    git = repo.remote if by_http else f"{server}/{owner}/{name}.git"  # a token opens no ssh connection
    api, graphql = _apis(server, env)
    return Place(server, api, graphql, owner, name, git)


def _bare(netloc: str) -> str:
    """Return host and port without the user: `x:token@github.com`, `git@github.com`."""
    return netloc.rpartition("@")[2].lower().removeprefix("ssh.").removesuffix(":443").removesuffix(":22")


def _apis(server: str, env: Mapping[str, str]) -> tuple[str, str]:
    """Return the addresses of the API. Actions sets both; elsewhere they follow from the server's."""
    scheme, _, host = server.partition("://")
    # SUBDOMAIN.ghe.com is GitHub's cloud as well; any other is an enterprise server
    cloud = HOME_API if server == _HOME else f"{scheme}://api.{host}" if host.endswith(".ghe.com") else ""
    api = env.get("GITHUB_API_URL") or cloud or f"{server}/api/v3"
    graphql = env.get("GITHUB_GRAPHQL_URL") or f"{cloud or f'{server}/api'}/graphql"
    for url in (server, api, graphql):
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise UserError(f"{url} is not encrypted.", "Use its https:// address.")
    if urlsplit(api).netloc != urlsplit(graphql).netloc:  # one client, one token, one server
        raise UserError(f"{api} and {graphql} are two servers.", "Fix GITHUB_API_URL and GITHUB_GRAPHQL_URL.")
    return api.rstrip("/"), graphql.rstrip("/")
