"""Pull requests kept in the Git repository itself: no account, no server but a Git remote, and not even that."""

from __future__ import annotations

import builtins
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from skill_fleet.errors import UserError
from skill_fleet.forges.accounts import BOT, account, permissions
from skill_fleet.forges.commit_range import between
from skill_fleet.forges.local import changes as plans
from skill_fleet.forges.local.changes import merge_head, push_head
from skill_fleet.forges.local.exchange import Exchange, View, head_ref, timeline_ref
from skill_fleet.forges.local.standing import TITLE_LIMIT, Standing, check_text, merge_base
from skill_fleet.forges.local.timeline import Timeline
from skill_fleet.forges.local.writing import Attempts, Plan, Writer, written
from skill_fleet.forges.position import Locator
from skill_fleet.forges.protocol import StaleHead
from skill_fleet.forges.snapshot import ITEM_LIMIT, Actor, Anchor, CommitFact, Item, Listed, Snapshot, Verdict
from skill_fleet.git import ABSENT, Identity, RefMoved, RemoteUnreachable, Repository, Update


def take_snapshot(at: Standing, remote: str, now: str) -> Snapshot:
    """All of one pull request, from its timeline and the branches as one view shows them; `now` is the time there."""
    repo, pull = at.repo, at.pull
    found = between(repo, at.base_oid, at.head_oid)
    too_many = len(pull.items) > ITEM_LIMIT
    shown = [item for item in pull.items.values() if not too_many or item.author.id == BOT.id]
    items = tuple(_located(item, at, found.locator) for item in shown)
    spoken = {item.thread for item in items}
    is_open = at.state == "open"
    return Snapshot(
        repository=pull.repository,
        number=pull.number,
        bot=BOT,
        author=pull.author,
        title=pull.title,
        body=pull.body,
        state=at.state,
        draft=pull.draft,
        base=pull.base,
        base_oid=at.base_oid,
        merge_base=found.merge_base,
        head=pull.head,
        head_oid=at.head_oid,
        head_exists=at.branch_tip is not None,
        draft_changed=pull.draft_changed,
        reopened=pull.reopened,
        labels=tuple(sorted(pull.labels)),
        items=items,
        threads=tuple(thread for thread in pull.threads.values() if thread.key in spoken),
        commits=tuple(CommitFact(each.oid, account(each.author), each.message) for each in found.commits),
        permissions=permissions(_speakers(pull.author, items), found.configuration.writers),
        changed=found.changed,
        files=found.files,
        fleet=found.fleet,
        lost=found.lost(repo, [*pull.heads, *(item.commit for item in items)]) if is_open else (),
        conflicts=found.conflicts if is_open else (),
        remote=remote,
        updated=max((event["at"] for event in at.timeline.events), default=""),
        fetched=now,
        too_many=len(pull.items) if too_many else 0,
        complete=not too_many,
    )


def _located(item: Item, at: Standing, locator: Locator) -> Item:
    if item.anchor is None:
        return item
    return replace(item, anchor=locator.locate(item.anchor, at.pull.left[item.thread]))


def _speakers(author: Actor, items: tuple[Item, ...]) -> list[Actor]:
    """Everybody whose words stand in the pull request: who wrote them, and who edited them since."""
    return [author, *(item.author for item in items), *(item.editor for item in items if item.editor)]


def open_pull_request(
    writer: Writer, *, title: str, body: str, head: str, base: str, head_oid: str, draft: bool
) -> int:
    """Open one and return its number. The branch is created at `head_oid` if the truth has none of that name yet."""
    check_text(title, "title", limit=TITLE_LIMIT)
    check_text(body, "description", blank=True)
    if not writer.repo.is_branch_name(head):
        raise UserError(f"{head!r} cannot be the name of a branch.", "Choose another name.")
    event_id = writer.new_id()
    attempts = Attempts(writer.exchange)
    number = 0
    for view in writer.exchange.looks():
        if not view.online:
            raise attempts.unreachable()
        known = everything(writer, view)
        if (mine := next((at for at in known if at.timeline.holds(event_id)), None)) is not None:
            return mine.pull.number  # the last try arrived, and only the answer was lost
        refuse_rival(known, head)
        root, moves = _branch(writer, view, head, base, head_oid)
        number = 1 + max(view.numbers, default=0)
        facts = {"title": title, "body": body, "head": head, "base": base, "commit": head_oid, "draft": draft}
        planned = Plan("opened", {"repository": root, **facts})
        commit = writer.record(Timeline(number, (), ()), event_id, planned)
        updates = [Update(timeline_ref(number), commit, ABSENT), Update(head_ref(number), head_oid, ABSENT), *moves]
        try:
            writer.exchange.publish(view, number, updates)
            break
        except RefMoved:  # somebody took the number, or the branch moved
            continue
        except RemoteUnreachable as problem:
            attempts.failed(problem)
    return number


def everything(writer: Writer, view: View) -> list[Standing]:
    """Every pull request; one that cannot be read is named in the notes, and does not hide the others."""
    chains = writer.chains(view)
    found = []
    for number in view.numbers:
        if view.tips(number):
            try:
                found.append(writer.standing(view, number, chains))
            except UserError as problem:
                writer.exchange.note(problem.message)
    return found


def refuse_rival(known: list[Standing], head: str, but: int = 0) -> None:
    """UserError when a pull request other than `but` is open for the branch `head`."""
    for at in known:
        if at.pull.head == head and at.pull.number != but and at.state == "open":
            number = at.pull.number
            raise UserError(
                f"Pull request #{number} is already open for {head}.", f"See it: skill-fleet review show {number}"
            )


def _branch(writer: Writer, view: View, head: str, base: str, head_oid: str) -> tuple[str, list[Update]]:
    """The repository's id, and what has to hold of the branch."""
    repo, tip = writer.repo, view.branches.get(head)
    if (base_oid := view.branches.get(base)) is None:
        raise UserError(f"There is no branch {base} to merge into.", "Name the base: --base BRANCH")
    if repo.find(head_oid) is None:
        raise UserError(f"There is no commit {head_oid[:12]} here.", "Commit first.")
    if tip not in (None, head_oid):
        raise StaleHead(f"{head} is at {tip}, not at {head_oid}")
    if merge_base(repo, base_oid, head_oid) == head_oid:
        raise UserError(f"There are no commits between {base} and {head}.", "Commit to the branch first.")
    if repo.is_shallow:  # its first commit is not the first one
        raise UserError("This clone is shallow.", "Get the history: git fetch --unshallow")
    return repo.root_commit(base_oid), [Update(f"refs/heads/{head}", head_oid, tip or ABSENT)]


def open_local_forge(repo: Repository, actor: Actor) -> LocalForge:
    """The pull requests of `repo`, shared by its remote `origin` if it has one."""
    return LocalForge(repo, actor, "origin" if repo.has_remote("origin") else None)


class LocalForge:
    """A forge made of Git refs; `Forge` says what each method promises.

    Reading and commenting work while the remote does not answer: what was last fetched is shown, what is written is
    handed over later. `notes` says so, for the verb to print. Opening, pushing and merging need the remote.
    """

    name = "local"

    def __init__(
        self,
        repo: Repository,
        actor: Actor,
        remote: str | None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        new_id: Callable[[], str] = lambda: secrets.token_hex(8),
        notes: builtins.list[str] | None = None,
    ) -> None:
        self.repo = repo
        self.actor = account(Identity(actor.name, actor.id))
        self.remote = remote
        self.notes: builtins.list[str] = [] if notes is None else notes
        self._clock, self._new_id = clock, new_id
        self._exchange = Exchange(repo, remote, self.notes)
        self._writer = Writer(repo, self._exchange, self.actor, clock, new_id)

    def acting_as(self, actor: Actor) -> LocalForge:
        """The same forge, opened as another account; the notes are shared."""
        return LocalForge(self.repo, actor, self.remote, clock=self._clock, new_id=self._new_id, notes=self.notes)

    def open(self, *, title: str, body: str, head: str, base: str, head_oid: str, draft: bool) -> int:
        """Open a pull request, and create the branch if it is not there yet."""
        return open_pull_request(
            self._writer, title=title, body=body, head=head, base=base, head_oid=head_oid, draft=draft
        )

    def list(self, state: Literal["open", "all"] = "open", head: str = "") -> tuple[Listed, ...]:
        """The pull requests in the order of their numbers."""
        found = (at for at in everything(self._writer, self._exchange.look()) if head in ("", at.pull.head))
        return tuple(_row(at) for at in found if state == "all" or at.state == "open")

    def snapshot(self, number: int) -> Snapshot:
        """All of one pull request."""
        standing = self._writer.standing(self._exchange.look(), number)
        return take_snapshot(standing, self.remote or "", written(self._clock()))

    def comment(self, number: int, body: str) -> str:
        """Comment on the conversation."""
        return f"comment/{self._writer.write(number, plans.comment(body), on_seen=True)}"

    def comment_on(self, number: int, body: str, anchor: Anchor) -> str:
        """Begin a thread on lines of the diff, at the head or at `anchor.commit`."""
        return f"line/{self._writer.write(number, plans.comment_on(body, anchor))}"

    def reply(self, number: int, thread: str, body: str) -> str:
        """Add to a thread."""
        return f"line/{self._writer.write(number, plans.reply(thread, body), on_seen=True)}"

    def review(self, number: int, verdict: Verdict, body: str) -> str:
        """Give a verdict on the head."""
        return f"review/{self._writer.write(number, plans.review(self.actor, verdict, body))}"

    def dismiss(self, number: int, review: str) -> None:
        """Take a verdict back."""
        self._writer.write(number, plans.dismiss(review))

    def edit(self, number: int, item: str, body: str) -> None:
        """Replace the text of an item."""
        self._writer.write(number, plans.edit(item, body), on_seen=True)

    def delete(self, number: int, item: str) -> None:
        """Remove an item; Git's history still has its text."""
        self._writer.write(number, plans.delete(item))

    def resolve(self, number: int, thread: str, resolved: bool = True) -> None:
        """Mark a thread resolved, or open again."""
        self._writer.write(number, plans.resolve(thread, resolved), on_seen=True)

    def label(self, number: int, name: str, present: bool = True) -> None:
        """Set a label, or remove it."""
        self._writer.write(number, plans.label(name, present), on_seen=True)

    def set_draft(self, number: int, draft: bool) -> None:
        """Make it a draft, or ready."""
        self._writer.write(number, plans.set_draft(draft))

    def close(self, number: int, closed: bool = True) -> None:
        """Close it, or open it again."""
        self._writer.write(number, plans.close(closed, self._refuse_rival))  # of one branch, one is open

    def push(self, number: int, new: str, expected: str) -> None:
        """Move the head branch, and the person's own branch of that name with it."""
        push_head(self._writer, number, new, expected)

    def merge(self, number: int, head_oid: str, message: str) -> str:
        """Merge it, and bring the person's own base branch along."""
        return merge_head(self._writer, number, head_oid, message)

    def _refuse_rival(self, at: Standing) -> None:
        refuse_rival(everything(self._writer, at.view), at.pull.head, but=at.pull.number)


def _row(at: Standing) -> Listed:
    pull = at.pull
    return Listed(pull.number, pull.title, at.state, pull.draft, pull.head, pull.author, tuple(sorted(pull.labels)))
