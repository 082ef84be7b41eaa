"""What the double remembers: accounts, pull requests and what was said on them. Times are its own, one second a write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from double.bare import Bare

OWNER, NAME = "fleet", "skills"
REPOSITORY_ID = 7_000_001


class Refusal(Exception):
    """An answer of status 400 or more, in GitHub's words."""

    def __init__(self, status: int, message: str, *errors: str) -> None:
        super().__init__(message)
        self.status, self.message, self.errors = status, message, errors


@dataclass(frozen=True)
class Account:
    """Somebody with a token. `permission` is what GitHub would say: admin, write, read or none."""

    id: int
    login: str
    permission: str = "write"
    kind: str = "User"
    name: str = ""
    email: str = ""

    @property
    def may_write(self) -> bool:
        """Whether it may push."""
        return self.permission in ("admin", "write")


@dataclass
class Remark:
    """A comment on the conversation, a comment on lines, or a review, with whatever belongs to its kind."""

    id: int
    author: Account | None
    body: str
    created: str
    editor: Account | None = None
    edited: str | None = None
    minimized: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Thread:
    """A thread on lines."""

    node: str
    path: str
    side: str
    subject: str
    comments: list[Remark]
    resolver: Account | None = None


@dataclass
class Pull:
    """A pull request. `fork` is the owner of the fork that its branch is in, '' when it is here."""

    number: int
    author: Account
    title: str
    body: str
    head: str
    head_oid: str
    base: str
    draft: bool
    created: str
    fork: str = ""
    state: str = "open"
    merged: str | None = None
    merge_commit: str | None = None
    method: str = ""
    labels: list[str] = field(default_factory=list)
    comments: list[Remark] = field(default_factory=list)
    reviews: list[Remark] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    pushed: str = ""
    """When its branch last moved."""

    @property
    def updated(self) -> str:
        """When something last happened to it."""
        remarks = [*self.comments, *self.reviews, *(each for thread in self.threads for each in thread.comments)]
        times = [self.created, self.pushed, self.merged or "", *(each.created for each in remarks)]
        return max([*times, *(each.edited or "" for each in remarks), *(each["createdAt"] for each in self.events)])


@dataclass
class World:
    """One repository of the double."""

    git: Bare
    accounts: dict[str, Account]
    tokens: dict[str, Account]
    rights: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """The permissions of tokens that do not have all those of their account."""
    pulls: dict[int, Pull] = field(default_factory=dict)
    issues: dict[int, Pull] = field(default_factory=dict)
    """Issues have no branches; the rest is the same."""
    done: list[str] = field(default_factory=list)
    """What else workflows did."""
    settings: dict[str, Any] = field(default_factory=dict)
    runs: list[tuple[str, str]] = field(default_factory=list)
    """Workflow runs that pushes started: the commit, and `queued` or `action_required`."""
    reverse: bool = False
    """Give lists back to front, to see who depends on their order."""
    hidden: set[str] = field(default_factory=set)
    """Connections of which GraphQL loses a node, with an error, as it does when a part of GitHub is down."""
    former: tuple[str, str] = ("", "")
    """The owner and the name that the repository had before: followed by GraphQL, and redirected by Git."""
    patience: int = 100
    """The largest page that GraphQL can make before its time is up."""
    queue: list[int] = field(default_factory=list)
    """The pull requests in the merge queue of main."""
    _followed: dict[str, str] = field(default_factory=dict)
    _ids: int = 1000
    _clock: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def new_id(self) -> int:
        """A number that nothing has yet."""
        self._ids += 1
        return self._ids

    @property
    def now(self) -> datetime:
        """What time it is here."""
        return self._clock

    def tick(self) -> str:
        """A second later; the time as GitHub writes it."""
        self._clock += timedelta(seconds=1)
        return self._clock.strftime("%Y-%m-%dT%H:%M:%SZ")

    def pull(self, number: int) -> Pull:
        """Pull request `number`."""
        if number not in self.pulls:
            raise Refusal(404, "Not Found")
        return self.pulls[number]

    def talk(self, number: int) -> Pull:
        """The issue or pull request `number`."""
        return self.issues.get(number) or self.pull(number)

    @property
    def rules(self) -> list[dict[str, Any]]:
        """The rules of main."""
        return self.settings.get("main", [])

    def allows(self, method: str) -> bool:
        """Whether the settings of the repository allow a way to merge."""
        return self.settings.get({"merge": "allow_merge_commit"}.get(method, f"allow_{method}_merge"), True)

    def run_queue(self) -> None:
        """Merge what is in the merge queue, with a message of its own."""
        for number in self.queue:
            pull = self.pull(number)
            message = f"Merge pull request #{number} from {OWNER}/{pull.head}\n\n{pull.title}"
            pull.merge_commit = self.git.merge(pull.base, pull.head_oid, message, ("GitHub", "noreply@github.com"))
            pull.state, pull.merged = "closed", self.tick()
        self.queue.clear()

    def ghost(self, login: str) -> None:
        """Delete an account: what it wrote stays, without an author."""
        gone = self.accounts.pop(login)
        for pull in self.pulls.values():
            for remark in [*pull.comments, *pull.reviews, *(each for t in pull.threads for each in t.comments)]:
                remark.author = None if remark.author == gone else remark.author
                remark.editor = None if remark.editor == gone else remark.editor

    def follow_branches(self, pusher: Account | None = None) -> None:
        """Let every open pull request follow its branch, as GitHub does after a push."""
        tips = self.git.branches()
        if tips == self._followed:
            return
        self._followed = tips
        for pull in self.pulls.values():
            if pull.state == "open" and not pull.fork:
                self._follow(pull, tips, pusher)

    def _follow(self, pull: Pull, tips: dict[str, str], pusher: Account | None) -> None:
        tip, base = tips.get(pull.head), tips[pull.base]
        if tip is None:  # whoever deletes a branch closes its pull request
            pull.state = "closed"
        elif tip != pull.head_oid:
            pull.pushed = self.tick()
            if not self.git.contains(tip, pull.head_oid):
                before = {"beforeCommit": {"oid": pull.head_oid}, "actor": pusher, "createdAt": pull.pushed}
                pull.events.append({"__typename": "HeadRefForcePushedEvent", **before})
            pull.head_oid = tip
            self.git.keep(pull.number, tip)
            # the plain token's own pushes start nothing by themselves: they wait for a maintainer
            plain = pusher is not None and pusher.login == "github-actions[bot]"
            self.runs.append((tip, "action_required" if plain else "queued"))
            if self.git.contains(base, tip):  # reset to its base: nothing is left to review
                pull.state = "closed"
        elif self.git.contains(base, tip):
            pull.state, pull.merged = "closed", self.tick()
            pull.merge_commit = self.git.merge_of(base, tip)
