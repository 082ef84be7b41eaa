"""A branch that a person made by hand, offered as a pull request."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from skill_fleet.errors import UserError
from skill_fleet.fleet import ROOT
from skill_fleet.forges import BODY_LIMIT
from skill_fleet.git import Commit, Repository
from skill_fleet.markdown import one_line
from skill_fleet.proposals.opening import Where
from skill_fleet.review import SESSION, trailer


@dataclass(frozen=True)
class Handmade:
    """A branch to offer: its name, its tip, and a title and a body from its commits."""

    branch: str
    tip: str
    title: str
    body: str


def read_branch(repo: Repository, where: Where, branch: str = "") -> Handmade:
    """Read the branch of that name, or the one that is checked out, as one to be merged into the base.

    UserError when there is nothing to offer: no such branch, no commit on it, a skill that is not committed yet,
    commits that are not pushed or not fetched, or a draft of the bot, which opens its own pull request.
    """
    if not (branch := branch or repo.text("branch", "--show-current")):
        raise UserError("No branch is checked out.", "Name one: skill-fleet review open BRANCH")
    if branch == where.base:
        raise UserError(
            f"{branch} is the branch that pull requests are merged into.",
            "Create one of your own: git switch -c my-skill",
        )
    tip = _tip_of(repo, where, branch)
    _refuse_uncommitted(repo, branch)
    commits = repo.commits(f"{where.base_oid}..{tip}")
    if not commits:
        there = f"{where.remote}/{where.base}" if where.remote else where.base
        raise UserError(
            f"{branch} has no commit that {there} does not have.",
            "Commit your skill to it first. To see what is not committed: git status",
        )
    if any(trailer(commit.message, SESSION) for commit in commits):
        raise UserError(
            f"{branch} is a draft of the bot.", "Run the create or revise that made it again, without --no-pr."
        )
    return Handmade(branch, tip, *_words(branch, commits))


def _tip_of(repo: Repository, where: Where, branch: str) -> str:
    """The commit of a branch; with a remote, one that is on it already has to be the same there: UserError if not."""
    ref, there = f"refs/heads/{branch}", f"refs/remotes/{where.remote}/{branch}"
    known = repo.refs("refs/")
    mine, theirs = known.get(ref), known.get(there) if where.remote else None
    if (tip := mine or theirs) is None:
        raise UserError(f"There is no branch {branch!r}.", "List them: git branch --all")
    if mine and theirs and mine != theirs:
        way = "push" if repo.is_ancestor(theirs, mine) else "pull --rebase"
        tip = f"Run: git {way} {where.remote} {shlex.quote(branch)}"
        raise UserError(f"{branch} is not at the same commit here and on {where.remote}.", tip)
    return tip


def _refuse_uncommitted(repo: Repository, branch: str) -> None:
    """UserError when the branch is checked out and files of a skill there are not committed."""
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
        f"Commit them (git add, git commit), or stash them: git -C {at} stash --include-untracked",
    )


def _words(branch: str, commits: tuple[Commit, ...]) -> tuple[str, str]:
    """A title and a body: those of the only commit, else the first subject and a list of all of them."""
    own = [commit.message for commit in commits if len(commit.parents) < 2]
    subjects = [one_line(message.partition("\n")[0]) for message in own]
    title = next((subject for subject in subjects if subject), branch)
    body = own[0].partition("\n")[2].strip() if len(own) == 1 else "\n".join(f"- {subject}" for subject in subjects)
    return title, body[:BODY_LIMIT]
