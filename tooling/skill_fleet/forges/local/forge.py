"""Pull requests kept in the Git repository itself, without accounts or a server; a Git remote shares them if there is one."""

from __future__ import annotations

import builtins
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from skill_fleet import git
from skill_fleet.errors import UserError
from skill_fleet.forges import refusals, types
from skill_fleet.forges.accounts import BOT, account, identity, permissions
from skill_fleet.forges.commit_range import read_range
from skill_fleet.forges.local.exchange import Exchange, View, head_ref, timeline_ref
from skill_fleet.forges.local.pull_state import PullState, complete_anchor
from skill_fleet.forges.local.timeline import Timeline
from skill_fleet.forges.local.writing import NewEvent, Writer, utc_text


def open_local_forge(repo: git.Repository, actor: types.Actor) -> LocalForge:
    """Open the pull requests of `repo`, shared by its remote if it has one."""
    return LocalForge(repo, actor, repo.shared)


class LocalForge:
    """A forge made of Git refs. `Forge` documents the methods.

    Reading and commenting work while the remote does not answer: what was last fetched is shown, what is written is
    sent later. `notes` tells the user so. Opening, pushing and merging need the remote.
    """

    name = "local"

    def __init__(
        self,
        repo: git.Repository,
        actor: types.Actor,
        remote: str | None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        new_id: Callable[[], str] = lambda: secrets.token_hex(8),
        notes: builtins.list[str] | None = None,
    ) -> None:
        self.repo = repo
        self.actor = account(git.Identity(actor.name, actor.id))
        self.remote = remote
        self.notes: builtins.list[str] = [] if notes is None else notes
        self._exchange = Exchange(repo, remote, self.notes)
        self._writer = Writer(repo, self._exchange, self.actor, clock, new_id)

    def acting_as(self, actor: types.Actor) -> LocalForge:
        """Return the same forge, opened as another account; the notes are shared."""
        writer = self._writer
        return LocalForge(self.repo, actor, self.remote, clock=writer.clock, new_id=writer.new_id, notes=self.notes)

    def open(self, *, title: str, body: str, head: str, base: str, head_oid: str, draft: bool) -> int:
        """Open a pull request, and create the branch if it does not exist."""
        refusals.check_opening(self.repo, title, body, head)
        event_id = self._writer.new_id()

        def attempt(view: View) -> int:
            if not view.online:
                raise self._exchange.offline()
            states = self._writer.states(view)
            if (mine := next((at for at in states if at.timeline.holds(event_id)), None)) is not None:
                return mine.number  # the last attempt arrived, and only the answer was lost
            refusals.refuse_rival((at.row for at in states if at.pull.head == head), head)
            root, branch = _new_branch(self.repo, view, head, base, head_oid)
            number = 1 + max(view.numbers, default=0)
            facts = {"title": title, "body": body, "head": head, "base": base, "commit": head_oid, "draft": draft}
            new = NewEvent("opened", {"repository": root, **facts})
            commit = self._writer.record(Timeline(number, (), ()), event_id, new)
            updates = [
                branch,
                git.Update(head_ref(number), head_oid, git.ABSENT),
                git.Update(timeline_ref(number), commit, git.ABSENT),
            ]
            self._exchange.publish(view, number, updates)
            return number

        return self._exchange.retry(attempt)

    def list(self, state: Literal["open", "all"] = "open", head: str = "") -> tuple[types.Listed, ...]:
        """Return the pull requests in the order of their numbers."""
        rows = (at.row for at in self._writer.states(self._exchange.read()) if head in ("", at.pull.head))
        return tuple(row for row in rows if state == "all" or row.state == "open")

    def snapshot(self, number: int) -> types.Snapshot:
        """Return all of one pull request."""
        at = self._writer.state(self._exchange.read(), number)
        return _snapshot(at, self.remote or "", utc_text(self._writer.clock()))

    def snapshots(self, state: Literal["open", "all"] = "open") -> builtins.list[types.Snapshot]:
        """Return all of each pull request, reading the refs once. One that cannot be read is named in the notes."""
        found, now = [], utc_text(self._writer.clock())
        for at in self._writer.states(self._exchange.read()):
            try:
                if state == "all" or at.state == "open":
                    found.append(_snapshot(at, self.remote or "", now))
            except UserError as problem:
                self._exchange.note(f"#{at.number} cannot be read: {problem.message}")
        return found

    def comment(self, number: int, body: str) -> str:
        """Comment on the conversation, also of a closed or merged pull request."""
        refusals.check_text(body, "comment")
        new = NewEvent("commented", {"body": body})
        return f"comment/{self._writer.write(number, lambda at: new, on_last_view=True)}"

    def comment_on(self, number: int, body: str, anchor: types.Anchor) -> str:
        """Start a thread on lines of the diff, at the head or at `anchor.commit`."""
        refusals.check_text(body, "comment")

        def compose(at: PullState) -> NewEvent:
            place = complete_anchor(at, anchor)
            facts = {name: getattr(place, name) for name in ("path", "commit", "start", "line", "side")}
            return NewEvent("commented-on", {"body": body, "from": at.merge_base, **facts})

        return f"line/{self._writer.write(number, compose)}"

    def reply(self, number: int, thread: str, body: str) -> str:
        """Reply in a thread."""
        refusals.check_text(body, "reply")
        event_id = self._writer.write(
            number, lambda at: NewEvent("replied", {"thread": at.thread(thread), "body": body}), on_last_view=True
        )
        return f"line/{event_id}"

    def review(self, number: int, verdict: types.Verdict, body: str) -> str:
        """Give a verdict on the head. Only a comment needs words."""
        refusals.check_verdict(verdict)
        refusals.check_text(body, "review", blank=verdict != "commented")

        def compose(at: PullState) -> NewEvent:
            if verdict != "commented":
                at.require_open()
                if self.actor.id == at.pull.author.id:
                    raise refusals.own_pull_request()
            return NewEvent("reviewed", {"verdict": verdict, "body": body, "commit": at.head_oid})

        return f"review/{self._writer.write(number, compose)}"

    def dismiss(self, number: int, review: str) -> None:
        """Dismiss a verdict."""

        def compose(at: PullState) -> NewEvent | None:
            verdict = at.item(review).verdict
            if verdict in (None, "commented"):
                raise refusals.no_verdict(number, review)
            return None if verdict == "dismissed" else NewEvent("dismissed", {"item": review})

        self._writer.write(number, compose)

    def edit(self, number: int, item: str, body: str) -> None:
        """Replace the text of an item. Only a review may be blank."""
        refusals.check_text(body, "comment", blank=item.startswith("review/"))
        self._writer.write(
            number, lambda at: NewEvent("edited", {"item": at.item(item).key, "body": body}), on_last_view=True
        )

    def describe(self, number: int, body: str) -> None:
        """Replace the description of the pull request."""
        refusals.check_text(body, "description", blank=True)
        self._writer.write(number, lambda at: None if at.pull.body == body else NewEvent("described", {"body": body}))

    def retitle(self, number: int, title: str) -> None:
        """Replace the title of the pull request."""
        refusals.check_text(title, "title", limit=types.TITLE_LIMIT)
        self._writer.write(
            number, lambda at: None if at.pull.title == title else NewEvent("retitled", {"title": title})
        )

    def delete(self, number: int, item: str) -> None:
        """Delete a comment; Git's history still has its text."""

        def compose(at: PullState) -> NewEvent:
            if at.item(item).verdict:
                raise refusals.review_is_kept()
            return NewEvent("deleted", {"item": item})

        self._writer.write(number, compose)

    def resolve(self, number: int, thread: str, resolved: bool = True) -> None:
        """Mark a thread as resolved or unresolved."""

        def compose(at: PullState) -> NewEvent | None:
            if at.pull.threads[at.thread(thread)].resolved == resolved:
                return None
            return NewEvent("resolved", {"thread": thread, "resolved": resolved})

        self._writer.write(number, compose, on_last_view=True)

    def label(self, number: int, name: str, present: bool = True) -> None:
        """Add a label, or remove it."""
        refusals.check_text(name, "label", limit=types.LABEL_LIMIT)
        new = NewEvent("labelled", {"label": name, "present": present})
        self._writer.write(number, lambda at: None if (name in at.pull.labels) == present else new, on_last_view=True)

    def set_draft(self, number: int, draft: bool) -> None:
        """Convert the pull request to a draft, or mark it ready."""

        def compose(at: PullState) -> NewEvent | None:
            at.require_open()
            return None if at.pull.draft == draft else NewEvent("drafted", {"draft": draft})

        self._writer.write(number, compose)

    def close(self, number: int, closed: bool = True) -> None:
        """Close the pull request, or reopen it unless another one is open for the branch by now."""

        def compose(at: PullState) -> NewEvent | None:
            if at.state == "merged":
                at.require_open()
            if (at.state == "closed") == closed:
                return None
            if not closed:
                rows = (each.row for each in self._writer.states(at.view) if each.pull.head == at.pull.head)
                refusals.check_reopening(at.pull.head, at.branch_tip, rows, number)
            return NewEvent("closed", {"closed": closed, "commit": at.head_oid if closed else at.branch_tip})

        self._writer.write(number, compose)

    def push(self, number: int, new: str, expected: str) -> None:
        """Move the head branch, and the person's own branch of that name with it."""
        branch = ""

        def compose(at: PullState) -> NewEvent | None:
            nonlocal branch
            branch = at.pull.head
            git.refuse_dirty(at.repo, branch)
            at.require_open()
            if at.repo.find(new) is None:
                raise refusals.no_commit(new)
            facts = {"old": expected, "new": new}
            if at.branch_tip == new:
                return None if at.pull.heads[-1] == new else NewEvent("pushed", facts, head=new)
            if at.branch_tip != expected:
                raise refusals.stale(branch, at.branch_tip, expected)
            return NewEvent("pushed", facts, [git.Update(f"refs/heads/{branch}", new, expected)], new)

        self._writer.write(number, compose)
        self.follow(branch, new)

    def merge(self, number: int, head_oid: str, message: str) -> str:
        """Merge the pull request, and move the person's own base branch with it."""
        base = onto = commit = ""

        def compose(at: PullState) -> NewEvent | None:
            nonlocal base, onto, commit
            base = at.pull.base
            if at.merge and at.head_oid == head_oid:
                commit = at.merge.commit or head_oid
                return None if at.pull.merged else _merged(commit, head_oid, at.merge.base)
            git.refuse_dirty(at.repo, base)
            at.require_open()
            if commit and at.repo.is_ancestor(commit, at.base_tip):
                # the work tree has it, and then another writer was faster: only the event is missing
                return _merged(commit, head_oid, onto)
            if at.branch_tip is None:
                raise UserError(
                    f"The branch {at.pull.head} of #{number} was deleted.", "Push it again, or close the pull request."
                )
            refusals.check_merge(number, at.pull.head, at.head_oid, head_oid, draft=at.pull.draft)
            onto = at.base_tip
            refusals.check_range(at.repo, base, onto, at.pull.head, head_oid)
            tree = git.merge_trees(at.repo, onto, head_oid)
            text = message.encode("utf-8", "replace").decode()
            commit = git.write_commit(at.repo, tree, [onto, head_oid], text, identity(self.actor))
            pinned = git.Update(f"refs/heads/{at.pull.head}", head_oid, head_oid)
            return _merged(commit, head_oid, onto, git.Update(f"refs/heads/{base}", commit, onto), pinned)

        self._writer.write(number, compose)
        self.follow(base, commit)
        return commit

    def follow(self, branch: str, new: str) -> None:
        """Move the person's own branch too; without a remote it is the one that moved."""
        if self.remote and (why := git.follow_branch(self.repo, branch, new)):
            self._exchange.note(why)


def _new_branch(repo: git.Repository, view: View, head: str, base: str, head_oid: str) -> tuple[str, git.Update]:
    """Return the repository's id (the first commit of the base), and the update that creates or pins the branch."""
    base_oid, tip = view.branches.get(base), view.branches.get(head)
    refusals.check_range(repo, base, base_oid, head, head_oid)
    if tip not in (None, head_oid):
        raise refusals.stale(head, tip, head_oid)
    if repo.is_shallow:  # its first commit is not the first one
        raise UserError("This clone is shallow.", "Run: git fetch --unshallow")
    return repo.root_commit(base_oid or ""), git.Update(f"refs/heads/{head}", head_oid, tip or git.ABSENT)


def _merged(commit: str, head: str, base: str, *moves: git.Update) -> NewEvent:
    return NewEvent("merged", {"commit": commit, "head": head, "base": base}, moves, head)


def _snapshot(at: PullState, remote: str, now: str) -> types.Snapshot:
    """Return all of one pull request, read at the time `now`."""
    pull = at.pull
    found = read_range(at.repo, at.base_oid, at.head_oid)
    too_many = sum(item.author.id != BOT.id for item in pull.items.values()) > types.ITEM_LIMIT
    items = tuple(
        replace(item, anchor=found.locator.locate(item.anchor, pull.left[item.thread])) if item.anchor else item
        for item in pull.items.values()
        if not too_many or item.author.id == BOT.id
    )
    threads = {item.thread for item in items}
    opened_with = found.opened_with(at.repo, pull.heads[0])
    speakers = [pull.author, *(item.author for item in items), *(item.editor for item in items if item.editor)]
    is_open = at.state == "open"
    return types.Snapshot(
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
        threads=tuple(thread for thread in pull.threads.values() if thread.key in threads),
        commits=tuple(types.CommitFact(each.oid, account(each.author), each.message) for each in found.commits),
        opened_with=tuple(types.CommitFact(each.oid, account(each.author), each.message) for each in opened_with or ()),
        opening_lost=opened_with is None,
        permissions=permissions(speakers, found.configuration.writers, found.fleet.addresses),
        changed=found.changed,
        files=found.files,
        fleet=found.fleet,
        updated_from=found.updated_from,
        lost=found.lost(at.repo, [*pull.heads, *(item.commit for item in items)]) if is_open else (),
        conflicts=found.conflicts if is_open else (),
        remote=remote,
        updated=max((event["at"] for event in at.timeline.events), default=""),
        fetched=now,
        too_many=len(pull.items) if too_many else 0,
        complete=not too_many,
    )
