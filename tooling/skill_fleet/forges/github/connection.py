"""Opening the forge: the token and its account, the bot's account, and whether the one may act as the other."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from skill_fleet.errors import UserError
from skill_fleet.forges.github.accounts import ACTIONS, bot_half, rest_actor
from skill_fleet.forges.github.calls import Calls, explained
from skill_fleet.forges.github.forge import GitHubForge
from skill_fleet.forges.github.place import Place, find_place
from skill_fleet.forges.github.queries import HERE
from skill_fleet.forges.github.reading import WHOLE_PAGE
from skill_fleet.forges.types import Actor
from skill_fleet.git import Repository, Take

_NETWORK = ("fetch", "push", "ls-remote")
_USER = re.compile(r"(?<=//)[^/@\s]*@")


class AuthenticatedRepository(Repository):
    """A view of `repo` whose network commands carry the token of `place`."""

    def __init__(self, repo: Repository, place: Place, token: str) -> None:
        vars(self).update(vars(repo))  # the same handle and the same cache
        self._token = token
        self._settings = _settings(place, token)

    def attempt(
        self,
        *words: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        take: Take | None = None,
    ) -> tuple[int, bytes, str]:
        """Run a Git command. A network command gets the token, and its words are passed on without secrets."""
        if words[0] not in _NETWORK:
            return super().attempt(*words, stdin=stdin, env=env, cwd=cwd, take=take)
        status, out, err = super().attempt(*words, stdin=stdin, env={**(env or {}), **self._environment()}, cwd=cwd)
        return status, out, self._clean(err)

    def _environment(self) -> dict[str, str]:
        """Return the settings as Git reads them from its environment, after any that are there already."""
        first = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
        rows: dict[str, str] = {}
        for number, (key, value) in enumerate(self._settings, first):
            rows |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        # a trace of the connection hides the header unless this is off
        return {**rows, "GIT_CONFIG_COUNT": str(first + len(self._settings)), "GIT_TRACE_REDACT": "1"}

    def _clean(self, text: str) -> str:
        return _USER.sub("", text.replace(self._token, "***"))


def _settings(place: Place, token: str) -> tuple[tuple[str, str], ...]:
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    header = f"http.{place.server}/.extraheader"
    return (
        (header, ""),  # drop what actions/checkout left in the clone: GitHub refuses two such headers
        (header, f"Authorization: Basic {basic}"),
        (f"http.{place.server}/.followRedirects", "false"),  # the header would be sent along
        ("credential.helper", ""),  # do not ask the person's keychain, nor let Git reject its password
        ("core.hooksPath", os.devnull),  # hooks would find the token in their environment
        ("fetch.recurseSubmodules", "false"),  # a pull request may name any repository as one
        ("push.recurseSubmodules", "no"),
    )


BOT_VARIABLE = "SKILL_FLEET_BOT_ID"
_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")  # in the order of GitHub's own tool
_GH_SECONDS = 10  # it may ask a keychain


@dataclass(frozen=True)
class Choice:
    """Whether pull requests are on GitHub: `place` if they are, `token` if there is one, and `why`, for the user."""

    why: str
    place: Place | None = None
    token: str = field(default="", repr=False)


def choose(repo: Repository, env: Mapping[str, str]) -> Choice:
    """Choose GitHub if the remote is on GitHub. The token is that of the environment, else that of GitHub's own tool."""
    place = find_place(repo, env)
    if place is None:
        return Choice(f"the remote {repo.remote} is not on GitHub" if repo.shared else "there is no remote origin")
    there = f"the remote {repo.remote} is {place.full_name} on GitHub"
    for name in _TOKENS:
        if token := env.get(name, "").strip():
            return Choice(f"{there}, and {name} is set", place, token)
    if token := _token_of_gh(place, env):
        return Choice(f"{there}, and gh has a token", place, token)
    return Choice(f"{there}, but neither {' nor '.join(_TOKENS)} is set, and gh has no token", place)


def _token_of_gh(place: Place, env: Mapping[str, str]) -> str:
    """Return the token that GitHub's own tool has for this server; '' without one (cli.github.com/manual/gh_auth_token)."""
    if not (gh := shutil.which("gh", path=env.get("PATH", ""))):
        return ""
    command = [gh, "auth", "token", "--hostname", urlsplit(place.server).netloc]
    try:
        done = subprocess.run(command, capture_output=True, env=dict(env), timeout=_GH_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):  # as good as none: the error names what else there is
        return ""
    return "" if done.returncode else done.stdout.decode(errors="replace").strip()


def connect(
    repo: Repository,
    env: Mapping[str, str],
    *,
    choice: Choice | None = None,
    size: int = WHOLE_PAGE,
    pause: Callable[[float], None] = time.sleep,
) -> GitHubForge:
    """Open the forge of `repo` as the account of the token in `env`; UserError if there is none.

    The bot is the account with the number SKILL_FLEET_BOT_ID, else the app that the token belongs to, else GitHub
    Actions.
    """
    choice = choice or choose(repo, env)
    if choice.place is None:
        raise UserError(f"Pull requests are not on GitHub here: {choice.why}.", "Keep them here: --forge local")
    if not choice.token:
        raise UserError(
            f"There is no token: {choice.why}.",
            'Log in with `gh auth login`, or export GH_TOKEN="$(gh auth token)". '
            "To keep pull requests in this repository instead: --forge local",
        )
    calls = Calls(choice.place, choice.token, pause, is_job="GITHUB_ACTIONS" in env)
    here = _here(calls)
    viewer = here["viewer"]
    account = Actor(str(viewer["databaseId"]), viewer["login"])
    calls.place = _renamed(choice.place, here["repository"]["nameWithOwner"])
    own = AuthenticatedRepository(repo, calls.place, choice.token)
    return GitHubForge(own, account, calls, _bot(calls, account, env.get(BOT_VARIABLE, "").strip()), size=size)


def as_bot(forge: GitHubForge, *, as_me: bool = False) -> GitHubForge:
    """Return the forge acting as the bot; UserError for a person's token without `as_me`."""
    account, bot = forge.account, forge.bot
    if account.id == bot.id:
        return forge
    if not as_me:
        raise UserError(
            f"The token is {account.name}'s, and the bot here is {bot.name}.",
            f"If it is the bot's: export {BOT_VARIABLE}={account.id}, and set that variable for the workflows. "
            "If it is yours: --as-me lends it to the bot.",
        )
    return replace(forge, bot=bot_half(account), person=account)


def _here(calls: Calls) -> dict[str, Any]:
    """Return the token's account and the repository, in one call."""
    place = calls.place
    with explained("read the repository"):
        data, errors = calls.query(HERE, owner=place.owner, name=place.name)
    if not data.get("repository") or not data.get("viewer"):
        reason = errors[0].get("message", "") if errors else "no reason given"
        raise UserError(f"The token cannot read {place.full_name} on GitHub: {reason}", "Use one that can read it.")
    return dict(data)


def _renamed(place: Place, full_name: str) -> Place:
    """Return the place under its current name: GitHub redirects reads of a renamed repository, but no writes."""
    if full_name.lower() == place.full_name.lower():
        return place
    owner, _, name = full_name.partition("/")
    return replace(place, owner=owner, name=name, git=f"{place.server}/{full_name}.git")


def _bot(calls: Calls, actor: Actor, number: str) -> Actor:
    """Return the bot's account. Only the login of an app ends in `[bot]`: those of people contain no brackets."""
    if not number:
        return actor if actor.name.endswith("[bot]") else ACTIONS
    for known in (actor, ACTIONS):
        if known.id == number:
            return known
    if not number.isdigit():
        raise UserError(f"{BOT_VARIABLE} is {number!r}, which is not a number.", "Find it: gh api users/LOGIN --jq .id")
    with explained(f"read account {number}"):
        answer = calls.find(f"/user/{number}")
    if answer is None:
        raise UserError(f"GitHub has no account number {number}.", f"Fix {BOT_VARIABLE}.")
    return rest_actor(answer)
