"""The beginning of a session: a branch with the brief and the draft, and a pull request for it.

The branch is the session's id. A second run resumes it: a branch whose session commit has the digest of the same
request is the same session.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from skill_fleet import forges, git
from skill_fleet.checks import Finding
from skill_fleet.drafting import Draft, source_trailers
from skill_fleet.errors import UserError
from skill_fleet.fleet import ROOT
from skill_fleet.review import DRAFT_BRANCHES, REQUESTED_BY, SESSION, credit, sanitize, trailer, write_message

if TYPE_CHECKING:
    from skill_fleet.proposals.forge import AnyForge


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
class Proposal:
    """A draft that could be put on a branch. `digest` is that of its request.

    `record` is what a later optimiser needs to know; `further` are the other skills that the task asks for, each in a
    sentence.
    """

    draft: Draft
    findings: tuple[Finding, ...]
    digest: str
    texts: Texts
    record: Mapping[str, Any] | None = None
    further: tuple[str, ...] = ()
    by_model: bool = False

    @property
    def skill(self) -> str:
        """The id that the skill would have."""
        return self.draft.brief.path


@dataclass(frozen=True)
class Where:
    """The place of a draft: the remote (None: the branches here are the truth), and the base that it starts from."""

    remote: str | None
    base: str
    base_oid: str


def branch_of(draft: Draft) -> str:
    """The branch of a draft: `draft/` and the skill's name."""
    return f"{DRAFT_BRANCHES}{draft.brief.name}"


def put_branch(
    repo: git.Repository,
    where: Where,
    draft: Draft,
    texts: Texts,
    digest: str,
    asked_by: git.Identity,
    bot: git.Identity,
    *,
    creates: bool = True,
) -> tuple[str, bool]:
    """Put the draft on a new branch, or find it on its branch; return its commit, and whether it was there already.

    Two commits: an empty one whose message is the brief, and the files. No work tree is touched. A branch of that name
    whose commits are all merged is reused from the base. Not `creates`: a new branch is left for the forge to create.
    Raises UserError when the branch is something else.
    """
    branch = branch_of(draft)
    ref = f"refs/heads/{branch}"
    there = next(iter(_branches(repo, where, branch).values()), None)
    if there and _session_of(repo, where.base_oid, there) == digest:
        git.create_branch(repo, where.remote, branch, there)  # a run that was stopped may have pushed it and no more
        return there, True
    refuse_taken(repo, where, branch)
    if where.remote and ref in repo.refs(ref) and not there:
        raise UserError(
            f"There is a local branch {branch} that is not on {where.remote}.",
            f"Push it, or delete it: git branch -D {branch}",
        )
    git.refuse_blocked(repo, branch, where.remote)
    git.refuse_dirty(repo, branch)
    trailers = [(SESSION, digest), (REQUESTED_BY, credit(asked_by.name, asked_by.email))]
    message = write_message(f"Begin the {texts.kind} of {draft.brief.path}", texts.brief, trailers)
    session = git.write_commit(repo, f"{where.base_oid}^{{tree}}", [where.base_oid], message, asked_by)
    folder = f"{ROOT}/{draft.brief.path}"
    files: dict[str, bytes | None] = {f"{folder}/{name}": text.encode() for name, text in draft.files.items()}
    trailers = [("Skill", draft.brief.path), ("Drafted-by", draft.drafted_by or "skill-fleet")]
    trailers += source_trailers(draft.ledger) or [("Source", source) for source in draft.brief.sources]
    message = write_message(texts.title, texts.ledger, [*trailers, *texts.trailers])
    executable = {entry.path for entry in repo.entries(session, folder) if entry.mode == git.EXECUTABLE}
    tip = git.write_commit(repo, git.write_tree(repo, session, files, executable), [session], message, bot)
    if there:
        git.advance_branch(repo, where.remote, branch, tip, there)
    elif creates:
        git.create_branch(repo, where.remote, branch, tip)
    return tip, False


def open_pull_request(forge: forges.Forge, where: Where, draft: Draft, texts: Texts, tip: str) -> int:
    """Open the pull request of a draft's branch, or find it, and return its number."""
    branch = branch_of(draft)
    if here := [row for row in forge.list("all", head=branch) if row.state == "open"]:
        return here[-1].number
    return forge.open(title=texts.title, body=_cut(texts.body), head=branch, base=where.base, head_oid=tip, draft=True)


def open_files(forge: AnyForge, where: Where, branch: str, files: Mapping[str, bytes], title: str, body: str) -> int:
    """Open a pull request of the bot's that changes these files, or find it, and return its number.

    Raises UserError when its branch is something else, or the remote refuses it.
    """
    if here := [row for row in forge.list("all", head=branch) if row.state == "open"]:
        return here[-1].number
    refuse_taken(forge.repo, where, branch, f"Delete it: git branch -D {branch}")
    bot = git.Identity(forge.actor.name, forge.actor.address)
    tree = git.write_tree(forge.repo, where.base_oid, files)
    tip = git.write_commit(forge.repo, tree, [where.base_oid], f"{title}\n", bot)
    try:
        git.create_branch(forge.repo, where.remote, branch, tip)
    except git.RemoteUnreachable as problem:
        raise git.refused(where.remote, problem) from problem
    return forge.open(title=title, body=_cut(sanitize(body)), head=branch, base=where.base, head_oid=tip, draft=False)


def _cut(body: str) -> str:
    """A description, as long as a pull request can hold."""
    if len(body) <= forges.BODY_LIMIT:
        return body
    return f"{body[: forges.BODY_LIMIT - 200]}\n\n_Cut here: the rest is longer than a pull request can hold._"


def find_session(repo: git.Repository, where: Where, digest: str) -> tuple[str, str] | None:
    """The draft branch that belongs to the session `digest`, and its tip; None without one."""
    found = _branches(repo, where, DRAFT_BRANCHES).items()
    return next(((name, tip) for name, tip in found if _session_of(repo, where.base_oid, tip) == digest), None)


def refuse_taken(repo: git.Repository, where: Where, branch: str, tip: str = "") -> None:
    """UserError when another draft is on this branch, before anybody works on one that could not be put there.

    `tip` says what to do instead. A branch whose commits are all merged is free again.
    """
    there = next(iter(_branches(repo, where, branch).values()), None)
    if there and not _is_merged(repo, there, where.base_oid):
        raise UserError(
            f"The branch {branch} exists and is another draft.",
            tip or "Choose another name with --path CATEGORY/NAME, or delete the branch.",
        )


def _is_merged(repo: git.Repository, tip: str, base: str) -> bool:
    """Whether a branch came into the base by a merge. A branch on the base's own line has no commit yet."""
    if not repo.is_ancestor(tip, base):
        return False
    since = [*repo.mainline(base, tip).values()]
    return bool(since) and since[-1][:1] != (tip,)


def _branches(repo: git.Repository, where: Where, name: str) -> dict[str, str]:
    """The branches of that name, or below it, with their tips: on the remote or, without one, here."""
    place = f"refs/remotes/{where.remote}/" if where.remote else "refs/heads/"
    return {ref.removeprefix(place): tip for ref, tip in repo.refs(f"{place}{name}").items()}


def _session_of(repo: git.Repository, base: str, tip: str) -> str:
    """The session that a branch belongs to, '' when it is none of ours."""
    return next((found for commit in repo.commits(f"{base}..{tip}") if (found := trailer(commit.message, SESSION))), "")
