"""Opening the forge: whose token it is, which account the bot is, and whether the one may act as the other."""

from __future__ import annotations

import base64
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.forges.github.accounts import ACTIONS, Permissions, Shared, rest_actor
from skill_fleet.forges.github.calls import Calls, Refused, Unclear, refuse
from skill_fleet.forges.github.forge import GitHubForge
from skill_fleet.forges.github.place import Place, find_place
from skill_fleet.forges.github.pulls import INNER_PAGE, PAGE, Reader
from skill_fleet.forges.github.queries import HERE
from skill_fleet.forges.github.snapshots import Photographer
from skill_fleet.forges.snapshot import Actor
from skill_fleet.git import Repository

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


BOT_VARIABLE = "SKILL_FLEET_BOT_ID"
_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")  # in the order in which GitHub's own tool looks


@dataclass(frozen=True)
class Choice:
    """Why pull requests are on GitHub, or are not: `place` and `token` when they are, `why` for the person."""

    why: str
    place: Place | None = None
    token: str = field(default="", repr=False)


def choose(repo: Repository, env: Mapping[str, str]) -> Choice:
    """Whether this clone's pull requests are GitHub's: when the remote is, and there is a token."""
    place = find_place(repo, env)
    if place is None:
        return Choice(
            "the remote origin is not on GitHub" if repo.has_remote("origin") else "there is no remote origin"
        )
    for name in _TOKENS:
        if token := env.get(name, "").strip():
            return Choice(f"the remote origin is {place.full_name} on GitHub, and {name} is set", place, token)
    return Choice(f"the remote origin is on GitHub, but neither {' nor '.join(_TOKENS)} is set")


def connect(
    repo: Repository,
    env: Mapping[str, str],
    *,
    pages: tuple[int, int] = (PAGE, INNER_PAGE),
    pause: Callable[[float], None] = time.sleep,
) -> GitHubForge:
    """The forge of `repo` as the account of the token in `env`; UserError when there is none.

    The bot is the account whose number SKILL_FLEET_BOT_ID is, else the app that the token belongs to, else the one of
    GitHub Actions.
    """
    choice = choose(repo, env)
    if choice.place is None:
        raise UserError(
            f"Pull requests are not on GitHub here: {choice.why}.",
            "Work in a clone of a repository there, with: export GH_TOKEN=…",
        )
    calls = Calls(choice.place, choice.token, pause)
    here = _here(calls)
    viewer = here["viewer"]
    actor = Actor(str(viewer["databaseId"]), viewer["login"])
    calls.place = _renamed(choice.place, here["repository"]["nameWithOwner"])
    own = KnownRepository(repo, calls.place, choice.token)
    bot = _bot(calls, actor, env.get(BOT_VARIABLE, "").strip())
    photographer = Photographer(own, Reader(calls, *pages), Permissions(calls), bot)
    return GitHubForge(own, actor, actor, calls, photographer)


def as_bot(forge: GitHubForge, *, as_me: bool = False) -> GitHubForge:
    """The forge that acts as the bot. A person's token does that only with `as_me`; UserError else."""
    account, bot = forge.account, forge.photographer.bot
    if account.id == bot.id:
        return replace(forge, actor=bot)
    if not as_me:
        raise UserError(
            f"The token is {account.name}'s, and the bot here is {bot.name}.",
            f"If it is the bot's: export {BOT_VARIABLE}={account.id}, and a variable of that name for the workflows. "
            "If it is yours: --as-me lends it to the bot.",
        )
    shared = Shared(account)
    return replace(forge, actor=shared.bot, photographer=replace(forge.photographer, bot=shared.bot, shared=shared))


def _here(calls: Calls) -> dict[str, Any]:
    """Who we are, and the repository, in one call."""
    place = calls.place
    try:
        data, errors = calls.query(HERE, owner=place.owner, name=place.name)
    except (Refused, Unclear) as problem:
        refuse(problem, "a look at the repository")
    if not data.get("repository") or not data.get("viewer"):
        said = errors[0].get("message", "") if errors else "no reason given"
        raise UserError(
            f"The token does not open {place.full_name} on GitHub: {said}", "Give one that can read the repository."
        )
    return dict(data)


def _renamed(place: Place, full_name: str) -> Place:
    """The place under its present name: GitHub redirects reads of a repository that was renamed, and no writes."""
    if full_name.lower() == place.full_name.lower():
        return place
    owner, _, name = full_name.partition("/")
    return replace(place, owner=owner, name=name, git=f"{place.server}/{full_name}.git")


def _bot(calls: Calls, actor: Actor, number: str) -> Actor:
    """The account whose marks count. Only an app's login ends in `[bot]`: people's hold no brackets."""
    if not number:
        return actor if actor.name.endswith("[bot]") else ACTIONS
    for known in (actor, ACTIONS):
        if known.id == number:
            return known
    if not number.isdigit():
        raise UserError(f"{BOT_VARIABLE} is {number!r}, and not a number.", "Find it: gh api users/LOGIN --jq .id")
    try:
        return rest_actor(calls.get(f"/user/{number}"))
    except (Refused, Unclear) as problem:
        if isinstance(problem, Refused) and problem.status == 404:
            raise UserError(f"GitHub knows no account number {number}.", f"Mend {BOT_VARIABLE}.") from problem
        refuse(problem, f"a look at account {number}")
