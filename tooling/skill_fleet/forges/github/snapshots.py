"""The snapshot of a pull request: read from the API, checked against Git, with the permissions of all authors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from skill_fleet.forges.commit_range import CommitRange, read_range
from skill_fleet.forges.github import accounts, reading
from skill_fleet.forges.github.branches import fetch_commits, fetch_pull, pulled_refs
from skill_fleet.forges.github.calls import Calls
from skill_fleet.forges.position import Locator
from skill_fleet.forges.types import ITEM_LIMIT, Actor, CommitFact, Item, Permission, Snapshot, State
from skill_fleet.git import Commit, Repository

_TRIES = 4
_STATES: dict[str, State] = {"OPEN": "open", "CLOSED": "closed", "MERGED": "merged"}


@dataclass
class SnapshotReader:
    """Reads snapshots, and remembers what need not be asked again.

    Permissions, and what was fetched, are kept over the bot's own writes, or a turn of twenty answers would cost a
    hundred calls. Two snapshots without a write between them ask twice: the second is the check before a push.
    """

    repo: Repository
    calls: Calls
    bot: Actor
    size: int
    note: Callable[[str], None]
    person: Actor | None = None
    """The person whose account is the bot's too (`--as-me`)."""
    threads: dict[str, str] = field(default_factory=dict)
    """GitHub's id of the thread that each comment is in."""
    _permissions: dict[str, Permission] = field(default_factory=dict)
    _fetched: tuple[object, ...] = ()
    """The state of the branches when Git and the API last agreed, as the API shows it."""
    _writes: int = 0
    """The number of writes at the last snapshot."""

    def read(self, number: int) -> Snapshot:
        """Read all of pull request `number`; not `complete` if GitHub does not return all, or disagrees with Git."""
        if self._writes == self.calls.writes:
            self._permissions, self._fetched = {}, ()
        self._writes = self.calls.writes
        return self._read(number)

    def read_all(self, numbers: Sequence[int]) -> list[Snapshot]:
        """Read several pull requests to show them: permissions are asked once, and known branches are not fetched."""
        self._permissions, self._fetched, self._writes = {}, (), self.calls.writes
        known = reading.read_pulls(self.calls, numbers, self.size)
        return [self._read(number, known.get(number), listed=True) for number in numbers]

    def _read(self, number: int, known: reading.PullData | None = None, listed: bool = False) -> Snapshot:
        for attempt in range(_TRIES):
            data = known if known and not attempt else reading.read_pull(self.calls, number, self.size)
            if data.too_many:
                self.note(
                    f"#{number} has {data.too_many:,} items, more than the {ITEM_LIMIT:,} that are read; skipped."
                )
            if not data.nodes:
                return self._outline(number, data)
            if (base := self._fetch(number, data.pull, listed)) is not None:
                return self._whole(number, data, base)
            self.calls.pause(0.5 * 2**attempt)
        self.note(f"Git and the API of GitHub do not agree about #{number} yet; run it again in a minute.")
        return self._outline(number, data)

    def _fetch(self, number: int, pull: reading.Node, listed: bool) -> str | None:
        """Fetch the branches unless they are known, and return the base's tip; None if Git and the API disagree."""
        base = str(((pull["baseRef"] or {}).get("target") or {}).get("oid", ""))
        branches = (number, pull["state"], pull["baseRefName"], base, pull["headRefName"], pull["headRefOid"])
        if branches == self._fetched or (
            listed and base and pulled_refs(self.repo, number) == {"base": base, "head": pull["headRefOid"]}
        ):
            return base
        # the branch while it is open; else the ref that GitHub keeps, which also has a fork's commits
        live = pull["state"] == "OPEN" and pull["headRef"] and not pull["isCrossRepository"]
        head = f"refs/heads/{pull['headRefName']}" if live else f"refs/pull/{number}/head"
        tip = fetch_pull(self.repo, self.calls.place, number, pull["baseRefName"], head, pull["headRefOid"])
        self._fetched = branches if tip == base else ()
        return tip

    def _whole(self, number: int, data: reading.PullData, base_tip: str) -> Snapshot:
        pull, nodes = data.pull, data.nodes
        outline = self._outline(number, data)
        items = reading.read_items(nodes)
        if self.person:
            items = tuple(accounts.split_shared(item, self.person) for item in items)
        if data.too_many:
            items = tuple(item for item in items if item.author.id == self.bot.id)
        authors, people = [outline.author, *(item.author for item in items)], reading.people_of(data)
        self.threads |= reading.thread_ids(nodes)
        base_oid = self._base(pull, base_tip)
        commits = read_range(self.repo, base_oid, pull["headRefOid"])
        commented = {item.anchor.commit for item in items if item.anchor and item.anchor.commit}
        fetch_commits(self.repo, self.calls.place, commented - {commit.oid for commit in commits.commits})
        events = nodes["timelineItems"]
        replaced = [node["beforeCommit"]["oid"] for node in events if node.get("beforeCommit")]
        pushes = [node for node in events if node["__typename"] == "HeadRefForcePushedEvent"]
        opened_with = self._opened_with(commits, pushes[0]) if pushes else ()
        is_open = pull["state"] == "OPEN"
        return replace(
            outline,
            base_oid=base_oid,
            merge_base=commits.merge_base,
            draft_changed=reading.last_event(events, ("ConvertToDraftEvent", "ReadyForReviewEvent"), but=self.bot),
            reopened=reading.last_event(events, ("ReopenedEvent",)),
            labels=tuple(sorted(label["name"] for label in nodes["labels"])),
            items=tuple(self._located(item, base_oid, commits.locator) for item in items),
            threads=reading.read_threads(nodes),
            commits=tuple(
                CommitFact(each.oid, accounts.committer(each.author), each.message) for each in commits.commits
            ),
            opened_with=tuple(
                CommitFact(each.oid, accounts.committer(each.author), each.message) for each in opened_with or ()
            ),
            opening_lost=opened_with is None,
            permissions={actor.id: self._permission(actor, actor.id in people) for actor in authors},
            changed=commits.changed,
            files=commits.files,
            fleet=commits.fleet,
            updated_from=commits.updated_from,
            lost=commits.lost(self.repo, [*replaced, *(item.commit for item in items)]) if is_open else (),
            conflicts=commits.conflicts if is_open else (),
            complete=data.complete,
        )

    def _outline(self, number: int, data: reading.PullData) -> Snapshot:
        """Return what the first answer contains; not complete."""
        pull = data.pull
        head = str(pull["headRefName"])
        if pull["isCrossRepository"]:  # with its owner, as GitHub writes it, so that nobody takes it for one of ours
            head = f"{(pull['headRepositoryOwner'] or {}).get('login', 'ghost')}:{head}"
        author = accounts.actor_of(pull["author"])
        if self.person and author.id == self.person.id and head.startswith("draft/"):
            author = accounts.bot_half(self.person)
        return Snapshot(
            repository=data.repository,
            number=number,
            bot=self.bot,
            author=author,
            title=pull["title"],
            body=pull["body"] or "",
            state=_STATES[pull["state"]],
            draft=pull["isDraft"],
            base=pull["baseRefName"],
            base_oid="",
            merge_base="",
            head=head,
            head_oid=pull["headRefOid"],
            head_exists=pull["headRef"] is not None,
            remote=self.repo.remote,
            parked=self.bot.id == accounts.ACTIONS.id,
            updated=pull["updatedAt"],
            fetched=self.calls.server_time,
            too_many=data.too_many,
            complete=False,
        )

    def _opened_with(self, commits: CommitRange, push: reading.Node) -> tuple[Commit, ...] | None:
        """Return the commits before the first force-push; None if GitHub no longer serves them."""
        first = (push.get("beforeCommit") or {}).get("oid", "")
        fetch_commits(self.repo, self.calls.place, {first} - {""})
        return commits.opened_with(self.repo, first) if first else None

    def _base(self, pull: reading.Node, tip: str) -> str:
        """Return the base's tip; once merged, its tip before. GitHub's own baseRefOid is that of the last push."""
        commit = (pull["mergeCommit"] or {}).get("oid")
        if pull["state"] != "MERGED" or not commit or not self.repo.find(commit):
            return tip
        return self.repo.find(f"{commit}^1") or tip

    def _located(self, item: Item, base_oid: str, locator: Locator) -> Item:
        """Return the item with its lines: as they were, and where they are now."""
        if item.anchor is None:
            return item
        left = ""
        if item.anchor.side == "LEFT" and self.repo.find(item.anchor.commit):
            left = self.repo.merge_base(base_oid, item.anchor.commit) or ""
        return replace(item, anchor=locator.locate(item.anchor, left))

    def _permission(self, actor: Actor, person: bool) -> Permission:
        """Return what an author may do; an unknown answer is not remembered. Apps and ghosts are never obeyed."""
        if actor.id == self.bot.id:
            return "write"
        if not person:
            return "unknown"
        if actor.id not in self._permissions:
            if (permission := accounts.permission_of(self.calls, actor)) == "unknown":
                return permission
            self._permissions[actor.id] = permission
        return self._permissions[actor.id]
