"""The snapshot of a pull request: told by the API, checked against Git, with the permission of everybody who spoke."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from skill_fleet.errors import UserError
from skill_fleet.forges.commit_range import between
from skill_fleet.forges.github.accounts import ACTIONS, Author, Permissions, Shared, author_of, committer
from skill_fleet.forges.github.place import REMOTE, Place
from skill_fleet.forges.github.pulls import Node, Reader, Told, last_event, read_items, read_threads, thread_ids
from skill_fleet.forges.position import Locator
from skill_fleet.forges.snapshot import ITEM_LIMIT, Actor, CommitFact, FleetFacts, Item, Snapshot, State
from skill_fleet.git import RemoteUnreachable, Repository, fetch

_PASSING = re.compile(r"couldn't find remote ref|cannot lock ref|unable to update local ref")
_PULLS = f"refs/skill-fleet-remotes/{REMOTE}/github"  # what we fetch, out of the way of the person's branches


@dataclass(frozen=True)
class Head:
    """Where GitHub says the head is, and the ref of its repository that should be there."""

    ref: str
    oid: str


def fetch_pull(repo: Repository, place: Place, number: int, base: str, head: Head) -> str | None:
    """Bring the head and the base here, in one go; the base's tip, or None when Git and the API do not agree.

    They may disagree for a moment after a push: refs and API answers are two systems of GitHub's. Another run that
    fetches the same at the same time makes it None too: ask again.
    """
    mine = f"{_PULLS}/{number}"
    try:
        fetch(repo, place.git, [f"+{head.ref}:{mine}/head", f"+refs/heads/{base}:{mine}/base"])
    except RemoteUnreachable as problem:
        if _PASSING.search(problem.stderr):
            return None
        raise
    there = repo.refs(f"{mine}/")
    return there[f"{mine}/base"] if there.get(f"{mine}/head") == head.oid else None


def fetch_commits(repo: Repository, place: Place, oids: set[str]) -> None:
    """Bring commits that a force-push has cut off: comments were made on them. GitHub keeps most, and serves them."""
    for oid in sorted(oids):
        if repo.find(oid) is None:
            try:
                fetch(repo, place.git, [f"{oid}:{_PULLS}/kept/{oid}"])
            except RemoteUnreachable:
                continue  # forgotten: the comment stands, its lines are unknown


def located(repo: Repository, item: Item, base_oid: str, locator: Locator) -> Item:
    """The item with its lines: as they were, and where they are now."""
    if item.anchor is None:
        return item
    left = ""
    if item.anchor.side == "LEFT" and repo.find(item.anchor.commit):
        left = repo.merge_base(base_oid, item.anchor.commit) or ""
    return replace(item, anchor=locator.locate(item.anchor, left))


LOOKS = 4

_STATES: dict[str, State] = {"OPEN": "open", "CLOSED": "closed", "MERGED": "merged"}


@dataclass
class Photographer:
    """Takes snapshots for one account; remembers which thread each comment was in."""

    repo: Repository
    reader: Reader
    permissions: Permissions
    bot: Actor
    shared: Shared | None = None
    note: Callable[[str], None] = lambda text: None
    threads: dict[str, str] = field(default_factory=dict)
    _fetched: tuple[object, ...] = ()
    """What stood where when Git and the API last agreed, as the API tells it."""
    _writes: int = 0
    """How much we had written when we last looked."""

    def take(self, number: int) -> Snapshot:
        """All of pull request `number`; not `complete` when GitHub does not tell all, or not the same as Git."""
        for look in range(LOOKS):
            told = self.reader.read(number)
            if told.too_many:
                self.note(
                    f"#{number} has {told.too_many:,} items, and {ITEM_LIMIT:,} are read at most: nothing is done there."
                )
            if not told.nodes:
                return self._incomplete(number, told)
            base = self._fetch(number, told.pull)
            if base is not None:
                return self._whole(number, told, base)
            self.reader.calls.pause(0.5 * 2**look)
        self.note(f"Git and the API of GitHub do not agree about #{number} yet; run it again in a minute.")
        return self._incomplete(number, told)

    def _fetch(self, number: int, pull: Node) -> str | None:
        """The base's tip. What was fetched is not fetched again after a comment of our own that moved neither branch."""
        calls = self.reader.calls
        base = str(((pull["baseRef"] or {}).get("target") or {}).get("oid", ""))
        stand = (number, pull["state"], pull["baseRefName"], base, pull["headRefName"], pull["headRefOid"])
        ours = calls.writes != self._writes
        self._writes = calls.writes
        if ours and stand == self._fetched:
            return base
        try:
            tip = fetch_pull(self.repo, calls.place, number, pull["baseRefName"], _head(number, pull))
        except RemoteUnreachable as problem:
            raise unreachable(problem) from problem
        self._fetched = stand if tip == base else ()
        return tip

    def _whole(self, number: int, told: Told, base_tip: str) -> Snapshot:
        pull, nodes = told.pull, told.nodes
        said = [replace(each, item=self._mine(each.item)) for each in read_items(nodes)]
        if told.too_many:
            said = [each for each in said if each.item.author.id == self.bot.id]
        items = tuple(each.item for each in said)
        self.threads |= thread_ids(nodes)
        base_oid = self._base(pull, base_tip)
        found = between(self.repo, base_oid, pull["headRefOid"])
        commits = {item.anchor.commit for item in items if item.anchor and item.anchor.commit}
        commits -= {commit.oid for commit in found.commits}
        fetch_commits(self.repo, self.reader.calls.place, commits)
        opener = Author(self._opener(pull), author_of(pull["author"]).person)
        authors = [opener, *(Author(each.item.author, each.author.person) for each in said)]
        events = nodes["timelineItems"]
        pushed_away = [node["beforeCommit"]["oid"] for node in events if node.get("beforeCommit")]
        known = [*pushed_away, *(item.commit for item in items)]
        is_open = pull["state"] == "OPEN"
        return replace(
            self._bare(number, told),
            base_oid=base_oid,
            merge_base=found.merge_base,
            draft_changed=last_event(events, ("ConvertToDraftEvent", "ReadyForReviewEvent"), but=self.bot),
            reopened=last_event(events, ("ReopenedEvent",)),
            labels=tuple(sorted(label["name"] for label in nodes["labels"])),
            items=tuple(located(self.repo, item, base_oid, found.locator) for item in items),
            threads=read_threads(nodes),
            commits=tuple(CommitFact(each.oid, committer(each.author), each.message) for each in found.commits),
            permissions=self.permissions.ask(authors, self.bot),
            changed=found.changed,
            files=found.files,
            fleet=found.fleet,
            lost=found.lost(self.repo, known) if is_open else (),
            conflicts=found.conflicts if is_open else (),
            complete=told.complete,
        )

    def _incomplete(self, number: int, told: Told) -> Snapshot:
        return replace(self._bare(number, told), complete=False)

    def _bare(self, number: int, told: Told) -> Snapshot:
        """What the first answer says already."""
        pull = told.pull
        return Snapshot(
            repository=told.repository,
            number=number,
            bot=self.bot,
            author=self._opener(pull),
            title=pull["title"],
            body=pull["body"] or "",
            state=_STATES[pull["state"]],
            draft=pull["isDraft"],
            base=pull["baseRefName"],
            base_oid="",
            merge_base="",
            head=_branch(pull),
            head_oid=pull["headRefOid"],
            head_exists=pull["headRef"] is not None,
            fleet=FleetFacts(),
            remote=REMOTE,
            parked=self.bot.id == ACTIONS.id,
            updated=pull["updatedAt"],
            fetched=self.reader.calls.server_time,
            too_many=told.too_many,
        )

    def _base(self, pull: Node, tip: str) -> str:
        """The base's tip; once merged, what the base was before. GitHub's own baseRefOid is that of the last push."""
        commit = (pull["mergeCommit"] or {}).get("oid")
        if pull["state"] != "MERGED" or not commit or not self.repo.find(commit):
            return tip
        return self.repo.find(f"{commit}^1") or tip

    def _opener(self, pull: Node) -> Actor:
        """Who opened it. An account that is the bot's too opens drafts as the bot."""
        actor = author_of(pull["author"]).actor
        as_bot = self.shared and actor.id == self.shared.person.id and _branch(pull).startswith("draft/")
        return self.shared.bot if self.shared and as_bot else actor

    def _mine(self, item: Item) -> Item:
        """The item with the half of a shared account that wrote it."""
        if self.shared is None:
            return item
        shared, editor = self.shared, item.editor
        if item.author.id == shared.person.id:
            item = replace(item, author=shared.split(item))
            if item.verdict == "approved":  # nobody approves what his own account commits
                item = replace(item, verdict="commented")
        if editor and editor.id == shared.person.id and item.author.id == shared.bot.id:
            item = replace(item, editor=shared.bot)
        return item


def _head(number: int, pull: Node) -> Head:
    """The branch while it is open; else the ref that GitHub keeps, which is also where a fork's commits are."""
    live = pull["state"] == "OPEN" and pull["headRef"] and not pull["isCrossRepository"]
    return Head(f"refs/heads/{pull['headRefName']}" if live else f"refs/pull/{number}/head", pull["headRefOid"])


def _branch(pull: Node) -> str:
    """The head's branch; that of a fork with its owner, as GitHub writes it, so that nobody takes it for one of ours."""
    if not pull["isCrossRepository"]:
        return str(pull["headRefName"])
    return f"{(pull['headRepositoryOwner'] or {}).get('login', 'ghost')}:{pull['headRefName']}"


def unreachable(problem: RemoteUnreachable) -> UserError:
    """The error that says what Git said."""
    words = [line.strip() for line in problem.stderr.splitlines() if line.strip()]
    return UserError(
        f"GitHub does not serve Git here ({words[-1] if words else 'no reason given'}).",
        "Try it: git fetch; the token needs to read contents.",
    )
