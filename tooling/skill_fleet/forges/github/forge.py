"""Pull requests of a GitHub repository. Reading is in the modules beside; writing is here."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from skill_fleet.errors import UserError
from skill_fleet.forges import refusals
from skill_fleet.forges.github.accounts import rest_actor
from skill_fleet.forges.github.branches import branch_tip, fetch_branch, push_branch
from skill_fleet.forges.github.calls import Calls, Json, Refused, Unclear, explained
from skill_fleet.forges.github.merging import merge_commit, merge_pull
from skill_fleet.forges.github.pulls import Pull, get_item, get_pull, list_pulls
from skill_fleet.forges.github.queries import DRAFT, READY, REPLY, RESOLVE, UNRESOLVE
from skill_fleet.forges.github.reading import WHOLE_PAGE, read_pull, thread_ids
from skill_fleet.forges.github.snapshots import SnapshotReader
from skill_fleet.forges.protocol import StaleHead
from skill_fleet.forges.types import LABEL_LIMIT, TITLE_LIMIT, Actor, Anchor, Listed, Snapshot, Verdict
from skill_fleet.git import ABSENT, Repository, follow_branch

_EVENTS = {"approved": "APPROVE", "changes_requested": "REQUEST_CHANGES", "commented": "COMMENT"}
_STATES = {"approved": "APPROVED", "changes_requested": "CHANGES_REQUESTED", "commented": "COMMENTED"}
_SHOWN_TRIES = 6  # polls until the API shows a push


@dataclass
class GitHubForge:
    """Pull requests of one GitHub repository, as the account of one token. `Forge` documents the methods.

    `repo` is the clone, with the token.
    """

    repo: Repository
    account: Actor
    """The account of the token."""
    calls: Calls
    bot: Actor
    person: Actor | None = None
    """The person whose account is used by the bot; `actor` is then the bot."""
    size: int = WHOLE_PAGE
    notes: builtins.list[str] = field(default_factory=list)
    name: str = "github"

    def __post_init__(self) -> None:
        self.remote = self.repo.remote
        self.actor = self.bot if self.person else self.account
        self._snapshots = SnapshotReader(self.repo, self.calls, self.bot, self.size, self._note, self.person)
        self._known: set[int] = set()
        """Numbers that are known to be pull requests."""
        self._created: set[str] = set()
        """Ids of what this process created: never taken for something else of the same text."""

    def open(self, *, title: str, body: str, head: str, base: str, head_oid: str, draft: bool) -> int:
        """Open a pull request, and create the branch if it does not exist."""
        refusals.check_opening(self.repo, title, body, head)
        refusals.refuse_rival(self.list(head=head), head)
        base_oid = branch_tip(self.repo, self.calls.place, base)
        if base_oid:
            fetch_branch(self.repo, self.calls.place, base)
        refusals.check_range(self.repo, base, base_oid, head, head_oid)
        tip = branch_tip(self.repo, self.calls.place, head)
        if tip not in ("", head_oid):
            raise refusals.stale(head, tip, head_oid)
        if not tip:
            push_branch(self.repo, self.calls, head, head_oid, ABSENT)
        facts = {"title": title, "body": body, "head": head, "base": base, "draft": draft}

        def find(since: str) -> builtins.list[Json]:
            rows = self.calls.pages("pulls", state="open", head=f"{self.calls.place.owner}:{head}")
            return [row["number"] for row in rows if row["head"]["ref"] == head]

        def send() -> Json:
            try:
                return self.calls.create("pulls", facts)["number"]
            except Refused as problem:
                if not draft or problem.status != 422:
                    raise
            # Free plans have no drafts in private repositories. Whatever else is wrong refuses this as well.
            number = self.calls.create("pulls", {**facts, "draft": False})["number"]
            self._note("There are no draft pull requests in this repository, so it is a normal one.")
            return number

        return int(self._create("open a pull request", send, find))

    def list(self, state: Literal["open", "all"] = "open", head: str = "") -> tuple[Listed, ...]:
        """Return the pull requests in the order of their numbers."""
        return list_pulls(self.calls, state, head)

    def snapshot(self, number: int) -> Snapshot:
        """Return all of one pull request."""
        with explained(f"read #{number}"):
            snapshot = self._snapshots.read(number)
        self._known.add(number)
        return snapshot

    def merged_by(self, commit: str) -> int | None:
        """Return the number of the pull request whose merge made a commit; None if GitHub knows of none."""
        with explained(f"find the pull request of {commit[:12]}"):
            rows = self.calls.pages(f"commits/{commit}/pulls")
        merged = (int(row["number"]) for row in rows if row["merged_at"])
        return next((number for number in merged if merge_commit(self.calls, number) == commit), None)

    def snapshots(self, state: Literal["open", "all"] = "open") -> builtins.list[Snapshot]:
        """Return all of each pull request."""
        numbers = [row.number for row in self.list(state)]
        with explained("list pull requests"):
            found = self._snapshots.read_all(numbers)
        self._known |= {*numbers}
        return found

    def comment(self, number: int, body: str) -> str:
        """Comment on the conversation."""
        refusals.check_text(body, "comment")
        self._require(number)
        path = f"issues/{number}/comments"
        return "comment/" + self._create_comment(path, body, lambda: self.calls.create(path, {"body": body})["id"])

    def comment_on(self, number: int, body: str, anchor: Anchor) -> str:
        """Start a thread on lines, at the head or at `anchor.commit`."""
        refusals.check_text(body, "comment")
        pull = self._pull(number)
        facts: dict[str, Any] = {"body": body, "commit_id": anchor.commit or pull.head_oid, "path": anchor.path}
        if anchor.line:
            facts |= {"line": anchor.line, "side": anchor.side}
            if anchor.start not in (0, anchor.line):  # GitHub refuses a range of one line
                facts |= {"start_line": anchor.start, "start_side": anchor.side}
        else:
            facts["subject_type"] = "file"
        path = f"pulls/{number}/comments"
        return "line/" + self._create_comment(path, body, lambda: self.calls.create(path, facts)["id"])

    def reply(self, number: int, thread: str, body: str) -> str:
        """Reply in a thread."""
        refusals.check_text(body, "reply")
        self._require(number)
        known = self._snapshots.threads.get(thread) or self._thread(number, thread)

        def send() -> Json:  # REST replies to a comment, which may be deleted by now
            answer = self.calls.mutate(REPLY, once=True, thread=known, body=body)
            return answer["addPullRequestReviewThreadReply"]["comment"]["fullDatabaseId"]

        try:
            return "line/" + self._create_comment(f"pulls/{number}/comments", body, send)
        except UserError:
            self._thread(number, thread)  # if it is gone, that is the reason
            raise

    def review(self, number: int, verdict: Verdict, body: str) -> str:
        """Give a verdict on the head. GitHub wants words with every verdict but an approval."""
        refusals.check_verdict(verdict)
        refusals.check_text(body, "review", blank=verdict == "approved")
        pull = self._pull(number)
        if verdict != "commented":
            refusals.require_open(number, pull.state)
        path = f"pulls/{number}/reviews"
        facts = {"event": _EVENTS[verdict], "body": body, "commit_id": pull.head_oid}

        def find(since: str) -> builtins.list[Json]:  # GitHub does not list reviews by time
            rows = [row for row in self.calls.pages(path) if row["state"] == _STATES[verdict]]
            return [row["id"] for row in rows if self._is_own(row, body) and (row["submitted_at"] or "") >= since]

        return "review/" + self._create("review", lambda: self.calls.create(path, facts)["id"], find)

    def dismiss(self, number: int, review: str) -> None:
        """Dismiss a verdict."""
        self._require(number)
        path, answer = get_item(self.calls, number, review)
        state = answer.get("state")
        if state == "DISMISSED":  # GitHub refuses to do it twice
            return
        if not review.startswith("review/") or state == "COMMENTED":
            raise refusals.no_verdict(number, review)
        with explained("dismiss a review"):
            self.calls.set("PUT", f"{path}/dismissals", {"message": "Dismissed."})

    def edit(self, number: int, item: str, body: str) -> None:
        """Replace the text of an item. Only a review may be blank."""
        is_review = item.startswith("review/")
        refusals.check_text(body, "comment", blank=is_review)
        self._require(number)
        path, _ = get_item(self.calls, number, item)
        with explained(f"change {item}"):
            self.calls.set("PUT" if is_review else "PATCH", path, {"body": body})

    def describe(self, number: int, body: str) -> None:
        """Replace the description of the pull request."""
        refusals.check_text(body, "description", blank=True)
        self._require(number)
        with explained(f"describe #{number}"):
            self.calls.set("PATCH", f"pulls/{number}", {"body": body})

    def retitle(self, number: int, title: str) -> None:
        """Replace the title of the pull request."""
        refusals.check_text(title, "title", limit=TITLE_LIMIT)
        self._require(number)
        with explained(f"change the title of #{number}"):
            self.calls.set("PATCH", f"pulls/{number}", {"title": title})

    def delete(self, number: int, item: str) -> None:
        """Delete a comment."""
        self._require(number)
        path, _ = get_item(self.calls, number, item)
        if item.startswith("review/"):
            raise refusals.review_is_kept()
        self._delete(f"delete {item}", path)

    def resolve(self, number: int, thread: str, resolved: bool = True) -> None:
        """Mark a thread as resolved or unresolved."""
        with explained("resolve a thread"):
            self.calls.mutate(RESOLVE if resolved else UNRESOLVE, id=self._thread(number, thread))

    def label(self, number: int, name: str, present: bool = True) -> None:
        """Add a label, or remove it. The bot leaves out one that does not exist, with a note; for people, GitHub creates it.

        A workflow's token may add labels to pull requests with the right to write those, but create none:
        https://github.com/actions/labeler/issues/870
        """
        refusals.check_text(name, "label", limit=LABEL_LIMIT)
        self._require(number)
        path = f"issues/{number}/labels"
        if not present:
            self._delete(f"remove the label {name}", f"{path}/{quote(name, safe='')}")
            return
        with explained(f"add the label {name}"):
            if self.actor == self.bot and self.calls.find(f"labels/{quote(name, safe='')}") is None:
                self._note(f"There is no label {name}. Create it: skill-fleet doctor --forge github --fix")
                return
            self.calls.set("POST", path, {"labels": [name]})

    def set_draft(self, number: int, draft: bool) -> None:
        """Convert the pull request to a draft, or mark it ready. REST cannot."""
        pull = self._pull(number)
        refusals.require_open(number, pull.state)
        if pull.draft != draft:
            with explained(f"make #{number} {'a draft' if draft else 'ready'}"):
                self.calls.mutate(DRAFT if draft else READY, id=pull.node)

    def close(self, number: int, closed: bool = True) -> None:
        """Close the pull request, or reopen it unless another one is open for the branch by now."""
        pull = self._pull(number)
        if pull.state == "merged":
            refusals.require_open(number, pull.state)
        if (pull.state == "closed") == closed:
            return
        if not closed:
            tip = branch_tip(self.repo, self.calls.place, pull.head) if pull.ours else pull.head_oid
            refusals.check_reopening(pull.head, tip, self.list(head=pull.head), number)
        with explained(f"{'close' if closed else 'reopen'} #{number}"):
            self.calls.set("PATCH", f"pulls/{number}", {"state": "closed" if closed else "open"})

    def push(self, number: int, new: str, expected: str) -> None:
        """Move the head branch, and wait until the API shows it: an answer that names the commit must come later."""
        pull = self._pull(number)
        if self.repo.find(new) is None:
            raise refusals.no_commit(new)
        if not pull.ours:
            raise UserError(f"The branch of #{number} is in a fork.", "Ask its author for the change.")
        if (tip := branch_tip(self.repo, self.calls.place, pull.head)) not in (expected, new):
            raise refusals.stale(pull.head, tip, expected)
        refusals.require_open(number, pull.state)
        if tip != new:
            push_branch(self.repo, self.calls, pull.head, new, expected)
        for attempt in range(_SHOWN_TRIES):
            if self._pull(number).head_oid == new:
                break
            self.calls.pause(0.5 * 2**attempt)
        else:
            raise StaleHead(f"GitHub does not show {new[:12]} on #{number} yet")
        self._follow(pull.head, new)

    def merge(self, number: int, head_oid: str, message: str) -> str:
        """Merge the pull request, and move the person's own base branch with it."""
        pull = self._pull(number)
        if pull.state == "merged" and pull.head_oid == head_oid:
            return merge_commit(self.calls, number)
        refusals.require_open(number, pull.state)
        refusals.check_merge(number, pull.head, pull.head_oid, head_oid, draft=pull.draft)
        commit, said = merge_pull(self.repo, self.calls, pull, message)
        if said:
            self._note(said)
        if not commit:
            return ""
        try:
            fetch_branch(self.repo, self.calls.place, pull.base)
        except UserError:
            self._note(f"Your branch {pull.base} was not updated; run: git pull")
        else:
            self._follow(pull.base, commit)
        return commit

    def _pull(self, number: int) -> Pull:
        pull = get_pull(self.calls, number)
        self._known.add(number)
        return pull

    def _require(self, number: int) -> None:
        """Raise UserError if `number` is no pull request: GitHub would comment on an issue of that number as well."""
        if number not in self._known:
            self._pull(number)

    def _thread(self, number: int, key: str) -> str:
        """Return GitHub's id of the thread that the comment `key` is in; UserError if no comment of it is left."""
        with explained(f"read #{number}"):
            nodes = read_pull(self.calls, number, self.size).nodes
        if found := thread_ids(nodes).get(key) if nodes else None:
            return found
        raise refusals.no_thread(number, key)

    def _create_comment(self, path: str, body: str, send: Callable[[], Json]) -> str:
        """Create a comment and return its id. One of ours with this text that is not older than the call is the same."""

        def find(since: str) -> builtins.list[Json]:
            rows = self.calls.pages(path, since=since)  # which is about the time of the last change
            return [row["id"] for row in rows if self._is_own(row, body) and row["created_at"] >= since]

        return self._create("comment", send, find)

    def _create(self, what: str, send: Callable[[], Json], find: Callable[[str], builtins.list[Json]]) -> str:
        """Create something once and return its id: after an unclear answer, `find` is asked before it is sent again."""
        since = self.calls.server_time
        with explained(what):
            try:
                created = str(send())
            except Unclear:
                ids = map(str, find(since))
                created = next((each for each in ids if each not in self._created), "") or str(send())
        self._created.add(created)
        return created

    def _is_own(self, row: Json, body: str) -> bool:
        return rest_actor(row["user"]).id == self.account.id and row["body"] == body

    def _delete(self, what: str, path: str) -> None:
        """Delete something; if it is gone, so much the better: an earlier call may have arrived."""
        with explained(what):
            try:
                self.calls.set("DELETE", path)
            except Refused as problem:
                if problem.status != 404:
                    raise

    def _follow(self, branch: str, new: str) -> None:
        """Move the person's own branch of that name too."""
        if why := follow_branch(self.repo, branch, new):
            self._note(why)

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
