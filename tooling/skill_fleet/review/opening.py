"""How a session begins: a branch with the brief and the draft, and a pull request for it.

The branch is the session's id. Run again after a stop, opening goes on where it was: a branch whose session commit
names the same brief and sources is the same session.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from skill_fleet.drafting.types import Draft
from skill_fleet.errors import UserError
from skill_fleet.fleet.fleet import ROOT
from skill_fleet.fleet.git import Identity, Repository
from skill_fleet.fleet.git_write import (
    advance_branch,
    create_branch,
    refuse_blocked,
    refuse_dirty,
    write_commit,
    write_tree,
)
from skill_fleet.forges.protocol import Forge
from skill_fleet.forges.types import BODY_LIMIT
from skill_fleet.review.session import DRAFT_BRANCHES, REQUESTED_BY, SESSION
from skill_fleet.review.trailers import credit, trailer, write_message


@dataclass(frozen=True)
class Texts:
    """The words that go with a draft: for the two commits and for the pull request. `trailers` are further ones of the
    commit that has the files."""

    title: str
    brief: str
    ledger: str
    body: str
    trailers: tuple[tuple[str, str], ...] = ()
    kind: Literal["draft", "revision"] = "draft"


@dataclass(frozen=True)
class Where:
    """Where a draft goes: the remote (None: the branches here are the truth), and the base it starts from."""

    remote: str | None
    base: str
    base_oid: str


def branch_of(draft: Draft) -> str:
    """The branch of a draft: `draft/` and the skill's name."""
    return f"{DRAFT_BRANCHES}{draft.brief.path.rpartition('/')[2]}"


def put_branch(
    repo: Repository, where: Where, draft: Draft, texts: Texts, digest: str, asked_by: Identity, bot: Identity
) -> tuple[str, bool]:
    """Put the draft on its branch, which must not exist, and return its commit and whether it was there already.

    Two commits: an empty one whose message is the brief, and the files. No work tree is touched. A branch of that name
    that is merged whole goes on from the base. Raises UserError when it is something else.
    """
    branch = branch_of(draft)
    ref = f"refs/heads/{branch}"
    there = next(iter(_there(repo, where, branch).values()), None)
    if there and _session_of(repo, where.base_oid, there) == digest:
        create_branch(repo, where.remote, branch, there)  # a run that was stopped may have pushed it and no more
        return there, True
    refuse_taken(repo, where, branch)
    if where.remote and ref in repo.refs(ref) and not there:
        raise UserError(
            f"There is a local branch {branch} that is not on {where.remote}.",
            f"Push it, or delete it: git branch -D {branch}",
        )
    refuse_blocked(repo, branch, where.remote)
    refuse_dirty(repo, branch)
    trailers = [(SESSION, digest), (REQUESTED_BY, credit(asked_by.name, asked_by.email))]
    base_tree = f"{where.base_oid}^{{tree}}"
    message = write_message(f"Begin the {texts.kind} of {draft.brief.path}", texts.brief, trailers)
    session = write_commit(repo, base_tree, [where.base_oid], message, asked_by)
    folder = f"{ROOT}/{draft.brief.path}"
    files: dict[str, bytes | None] = {f"{folder}/{name}": text.encode() for name, text in draft.files.items()}
    trailers = [("Skill", draft.brief.path), ("Drafted-by", draft.drafted_by or "skill-fleet")]
    trailers += [("Source", source) for source in draft.brief.sources]
    message = write_message(texts.title, texts.ledger, [*trailers, *texts.trailers])
    tip = write_commit(repo, write_tree(repo, session, files), [session], message, bot)
    if there:
        advance_branch(repo, where.remote, branch, tip, there)
    else:
        create_branch(repo, where.remote, branch, tip)
    return tip, False


def open_pull_request(forge: Forge, where: Where, draft: Draft, texts: Texts, tip: str) -> tuple[int, bool]:
    """Open the pull request of a draft's branch, or find it; returns its number and whether it was there already."""
    branch = branch_of(draft)
    if here := [row for row in forge.list("all", head=branch) if row.state == "open"]:
        return here[-1].number, True
    body = texts.body
    if len(body) > BODY_LIMIT:
        body = f"{body[: BODY_LIMIT - 200]}\n\n_Cut here: the rest is longer than a pull request can hold._"
    number = forge.open(title=texts.title, body=body, head=branch, base=where.base, head_oid=tip, draft=True)
    return number, False


def find_session(repo: Repository, where: Where, digest: str) -> str | None:
    """The tip of the draft that was begun as the session `digest`, whatever its branch is called; None without one."""
    for tip in _there(repo, where, DRAFT_BRANCHES).values():
        if _session_of(repo, where.base_oid, tip) == digest:
            return tip
    return None


def refuse_taken(repo: Repository, where: Where, branch: str, tip: str = "") -> None:
    """UserError when there is a draft on this branch, so that nobody works on one that could not be put there; `tip`
    says what to do instead. One that is merged whole is none any more."""
    there = next(iter(_there(repo, where, branch).values()), None)
    if there and not _is_merged(repo, there, where.base_oid):
        raise UserError(
            f"The branch {branch} exists and is another draft.",
            tip or "Choose another name with --path CATEGORY/NAME, or delete the branch.",
        )


def _is_merged(repo: Repository, tip: str, base: str) -> bool:
    """Whether a branch came into the base by a merge. One that stands on the base's own line has nothing yet."""
    if not repo.is_ancestor(tip, base):
        return False
    since = [*repo.mainline(base, tip).values()]
    return bool(since) and since[-1][:1] != (tip,)


def _there(repo: Repository, where: Where, name: str) -> dict[str, str]:
    """The branches of that name, or below it, where the truth is."""
    return repo.refs(f"refs/remotes/{where.remote}/{name}" if where.remote else f"refs/heads/{name}")


def _session_of(repo: Repository, base: str, tip: str) -> str:
    """The session that a branch belongs to, '' when it is none of ours."""
    return next((found for commit in repo.commits(f"{base}..{tip}") if (found := trailer(commit.message, SESSION))), "")
