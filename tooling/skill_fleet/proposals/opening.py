"""How a session begins: a branch with the brief and the draft, and a pull request for it.

The branch is the session's id. Run again after a stop, opening goes on where it was: a branch whose session commit
names the same brief and sources is the same session.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Literal

from skill_fleet.drafting import Draft, source_trailers
from skill_fleet.errors import UserError
from skill_fleet.fleet import ROOT
from skill_fleet.forges import BODY_LIMIT, Forge
from skill_fleet.git import (
    Commit,
    Identity,
    Repository,
    advance_branch,
    create_branch,
    refuse_blocked,
    refuse_dirty,
    write_commit,
    write_tree,
)
from skill_fleet.markdown import one_line
from skill_fleet.review import DRAFT_BRANCHES, REQUESTED_BY, SESSION, credit, trailer, write_message


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
    trailers += source_trailers(draft.ledger) or [("Source", source) for source in draft.brief.sources]
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


@dataclass(frozen=True)
class Handmade:
    """A branch that a pull request can be opened for: its name, its tip, and the words that its commits have for it."""

    branch: str
    tip: str
    title: str
    body: str


def read_branch(repo: Repository, where: Where, branch: str = "") -> Handmade:
    """The branch of that name, or the one that is checked out, as a person would offer it to be merged into the base.

    UserError when there is nothing to offer: no such branch, nothing committed to it, a skill that is not committed
    yet, commits that are not pushed or not fetched, or a draft of the bot, which opens its own.
    """
    branch = branch or _checked_out(repo)
    if branch == where.base:
        raise UserError(
            f"{branch} is the branch that pull requests are merged into.",
            "Work on one of your own; this makes it: git switch -c my-skill",
        )
    tip = _tip_of(repo, where, branch)
    _refuse_uncommitted(repo, branch)
    commits = repo.commits(f"{where.base_oid}..{tip}")
    if not commits:
        there = f"{where.remote}/{where.base}" if where.remote else where.base
        raise UserError(
            f"{branch} has no commit that {there} does not have.",
            "Commit your skill to it first; this shows what is not committed: git status",
        )
    if any(trailer(commit.message, SESSION) for commit in commits):
        raise UserError(
            f"{branch} is a draft that the bot began.", "Run the create or revise that made it again, without --no-pr."
        )
    return Handmade(branch, tip, *_words(branch, commits))


def _checked_out(repo: Repository) -> str:
    status, out, _ = repo.attempt("symbolic-ref", "--quiet", "HEAD")
    if status:
        raise UserError("No branch is checked out.", "Name one: skill-fleet review open BRANCH")
    return out.decode().strip().removeprefix("refs/heads/")


def _tip_of(repo: Repository, where: Where, branch: str) -> str:
    """The commit of a branch; with a remote, one that is on it already has to be the same there."""
    ref, there = f"refs/heads/{branch}", f"refs/remotes/{where.remote}/{branch}"
    known = repo.refs("refs/")
    mine, theirs = known.get(ref), known.get(there) if where.remote else None
    if (tip := mine or theirs) is None:
        raise UserError(f"There is no branch {branch!r}.", "See those there are: git branch --all")
    if mine and theirs and mine != theirs:
        if repo.is_ancestor(theirs, mine):
            raise UserError(
                f"{branch} has commits that {where.remote} does not have yet.",
                f"Push them: git push {where.remote} {shlex.quote(branch)}",
            )
        raise UserError(
            f"{branch} has commits on {where.remote} that are not here.",
            f"Get them: git pull --rebase {where.remote} {shlex.quote(branch)}",
        )
    return tip


def _refuse_uncommitted(repo: Repository, branch: str) -> None:
    """UserError when the branch is checked out and something of a skill there is not committed, new files too."""
    if (worktree := repo.worktrees().get(f"refs/heads/{branch}")) is None:
        return
    rows = repo.run("status", "--porcelain", "-z", "--untracked-files=all", "--", ROOT, cwd=worktree)
    if not rows:
        return
    path = rows.decode("utf-8", "replace").split("\0")[0][3:]
    skill = "/".join(path.split("/")[:-1][:3]) or path
    at = shlex.quote(str(worktree))
    raise UserError(
        f"{skill} has changes that are not committed.",
        f"Commit them (git add, git commit), or put them aside with: git -C {at} stash --include-untracked",
    )


def _words(branch: str, commits: tuple[Commit, ...]) -> tuple[str, str]:
    """The title and the description: those of the only commit, else the first one's subject and a list of all."""
    own = [commit.message for commit in commits if len(commit.parents) < 2]  # what was merged in is not what it is for
    subjects = [one_line(message.partition("\n")[0]) for message in own]
    title = next((subject for subject in subjects if subject), branch)
    body = own[0].partition("\n")[2].strip() if len(own) == 1 else "\n".join(f"- {subject}" for subject in subjects)
    return title, body[:BODY_LIMIT]
