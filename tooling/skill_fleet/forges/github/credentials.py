"""A repository whose Git knows the token, for the commands that go over the network and for one server.

The token reaches Git in its environment alone: not in a command line, which every account of the machine can list, not
in an address, which Git repeats in its errors and keeps in its configuration, not in a file.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from pathlib import Path

from skill_fleet.fleet.git import Repository
from skill_fleet.forges.github.place import Place

_NETWORK = ("fetch", "push", "ls-remote")
_USER = re.compile(r"(?<=//)[^/@\s]*@")


class KnownRepository(Repository):
    """`repo` again, with the token of `place`. Everything that is done with the one can be done with the other."""

    def __init__(self, repo: Repository, place: Place, token: str) -> None:
        vars(self).update(vars(repo))  # one handle, one cache: it is the same repository
        self._token = token
        self._settings = _settings(place, token)

    def attempt(
        self, *words: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> tuple[int, bytes, str]:
        """As always; a network command gets the token, and what it says is passed on without secrets."""
        if words[0] not in _NETWORK:
            return super().attempt(*words, stdin=stdin, env=env, cwd=cwd)
        status, out, err = super().attempt(*words, stdin=stdin, env={**(env or {}), **self._environment()}, cwd=cwd)
        return status, out, self._clean(err)

    def _environment(self) -> dict[str, str]:
        """The settings as Git reads them from its environment, after any that are there already."""
        first = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
        rows: dict[str, str] = {}
        for number, (key, value) in enumerate(self._settings, first):
            rows |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        # a trace of the connection hides the header unless it is told not to
        return {**rows, "GIT_CONFIG_COUNT": str(first + len(self._settings)), "GIT_TRACE_REDACT": "1"}

    def _clean(self, text: str) -> str:
        return _USER.sub("", text.replace(self._token, "***"))


def _settings(place: Place, token: str) -> tuple[tuple[str, str], ...]:
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    header = f"http.{place.server}/.extraheader"
    return (
        (header, ""),  # forget what actions/checkout left in the clone: GitHub refuses two such headers
        (header, f"Authorization: Basic {basic}"),
        (f"http.{place.server}/.followRedirects", "false"),  # the header would be sent along
        ("credential.helper", ""),  # the person's own keychain is not asked, nor told that its password is wrong
        ("core.hooksPath", os.devnull),  # hooks would find the token in their environment
        ("fetch.recurseSubmodules", "false"),  # a pull request may name any repository as one
        ("push.recurseSubmodules", "no"),
    )
