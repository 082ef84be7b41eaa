"""Proposals on their way to a branch and a pull request, one for each skill that a request asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from skill_fleet import forges, git
from skill_fleet.checks import near_duplicate_of
from skill_fleet.drafting import Question
from skill_fleet.errors import UserError
from skill_fleet.proposals.opening import Proposal, branch_of, find_session, open_pull_request, put_branch
from skill_fleet.proposals.proposal import propose
from skill_fleet.proposals.request import Console, Overlap, offer_revision
from skill_fleet.proposals.start import Job
from skill_fleet.review import DRAFT_BRANCHES

if TYPE_CHECKING:
    from skill_fleet.proposals.forge import AnyForge


@dataclass(frozen=True)
class Opened:
    """A proposal and where it is: the tip of its branch ('' when nothing was written), and its pull request's number.

    `adopted` is whether an earlier run had put it there.
    """

    proposal: Proposal
    tip: str = ""
    adopted: bool = False
    number: int | None = None

    @property
    def branch(self) -> str:
        """The branch that it is, or would be, on."""
        return branch_of(self.proposal.draft)

    def place(self) -> dict[str, object]:
        """The place for programs."""
        return {"branch": self.branch, "commit": self.tip, "adopted": self.adopted, "number": self.number}


def draft_each(job: Job, *, opens: bool, further: bool = False) -> Iterator[Opened]:
    """Draft and open the skill that is asked for, then, with `further` or a person's yes, others that the model found.

    Each is put on its branch before the next one is drafted. Raises UserError for the first that failed once all were
    tried; run again, and those that are there are found.
    """
    if opens:
        refuse_too_many(job)
    first = draft_of(job)
    yield open_proposal(job, first, opens=opens)
    failed: UserError | None = None
    for task in first.further:
        if not further and not _wanted(task, job.console):
            job.console.note(f"This is a skill of its own, and was not drafted (--all-tasks): {task}")
            continue
        job.console.note(f"This is a skill of its own: {task}")
        request = replace(job.request, task=task, path=None)
        try:
            next_job = replace(job, request=request, replay=job.record or job.replay)  # one tape for all
            if opens:
                refuse_too_many(next_job)
            yield open_proposal(job, draft_of(next_job), opens=opens)
        except UserError as problem:
            job.console.note(f"It was not drafted: {problem.message} {problem.tip}")
            failed = failed or problem
    if failed:
        raise failed


def _wanted(task: str, console: Console) -> bool:
    """Whether a person says that another skill is to be drafted too. Nobody asked for it in so many words."""
    yes, no = "draft it too", "not now"
    return console.ask is not None and console.ask(Question(f"Another skill: {task}", "", (yes, no), no)) == yes


def refuse_too_many(job: Job) -> None:
    """UserError when as many drafts are open as the base's settings allow, and none of them is this request's.

    Two runs at the same time may both be let through.
    """
    most, bot = job.fleet.configuration.open_drafts, job.bot
    if not most or not bot or find_session(bot.repo, job.where, job.request.digest):
        return
    count = sum(row.head.startswith(DRAFT_BRANCHES) for row in bot.list())
    if count >= most:
        raise UserError(
            f"{count} {'draft is' if count == 1 else 'drafts are'} open; the setting `open-drafts` allows {most}.",
            "Merge or close one first: skill-fleet review list",
        )


def draft_of(job: Job) -> Proposal:
    """The draft for a request; one that a model wrote for it before is read back from its branch.

    Raises Covered if a person would rather revise a skill that exists, or nobody can say.
    """
    if job.settings:
        from skill_fleet.proposals.written import find_written, write

        return (find_written(job) if job.bot else None) or write(job)
    proposal = propose(job.request, job.fleet)
    if twin := near_duplicate_of(proposal.draft.files, job.fleet):
        offer_revision([twin], Overlap.TEXT, job.request, job.console)
    return proposal


def open_proposal(job: Job, proposal: Proposal, *, opens: bool = True, takes_turn: bool = True) -> Opened:
    """Put a proposal on its branch and, if it `opens` a pull request, let the bot take its first turn on that.

    Nothing is written without a bot. `takes_turn` is false if the caller lets the bot take it.
    """
    bot = job.bot
    if bot is None:
        return Opened(proposal)
    from skill_fleet.proposals.recording import drop_rows, held_rows, hold, keep

    if proposal.record and proposal.by_model:  # without a model it can be made again
        hold(bot, proposal.digest, proposal.record)
    at_once = opens and bot.name == "local"  # the branch and its pull request in one push: both, or neither
    tip, adopted = _put_on_branch(job, bot, proposal, creates=not at_once)
    if not opens:
        return Opened(proposal, tip, adopted)
    number = open_pull_request(bot, job.where, proposal.draft, proposal.texts, tip)
    if at_once:
        git.keep_branch(bot.repo, job.where.remote, branch_of(proposal.draft), tip)
    # held: also by the run that put it on its branch, and by runs that were killed
    rows = held_rows(bot.repo, proposal.digest) or [{**row} for row in [proposal.record] if row]
    if rows:
        keep(
            bot, number, [{**row, "by": proposal.draft.drafted_by, "skill": proposal.skill} for row in rows], bot.remote
        )
        drop_rows(bot.repo, proposal.digest)
    if takes_turn:
        from skill_fleet.proposals.reviser import take_turn

        take_turn(bot, number)
    return Opened(proposal, tip, adopted, number)


def _put_on_branch(job: Job, bot: AnyForge, proposal: Proposal, *, creates: bool) -> tuple[str, bool]:
    asked = _requester(job)
    author, committer = git.Identity(asked.name, asked.address), git.Identity(bot.actor.name, bot.actor.address)
    draft = proposal.draft
    try:
        return put_branch(
            bot.repo, job.where, draft, proposal.texts, proposal.digest, author, committer, creates=creates
        )
    except git.RefMoved as moved:
        raise UserError(f"The branch {branch_of(draft)} was just created by another run.", "Run again.") from moved
    except git.RemoteUnreachable as problem:
        raise git.refused(job.where.remote, problem) from problem


def _requester(job: Job) -> forges.Actor:
    """Who asks for the draft: the account that types, or in a job with the bot's token, the author that Git names."""
    assert job.person
    return forges.account(job.person.repo.identity()) if job.is_workflow else job.person.actor
