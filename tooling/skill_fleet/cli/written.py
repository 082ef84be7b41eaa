"""The drafts of a model: found again on their branch when the same was asked before, else understood and written.

A model says something else each time. So the session is named by what was asked, not by the brief that came of it, and
a second run reads from the branch what the first one got; its pull request has the words of its two commits.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from skill_fleet.cli.proposal_words import listed, with_ledger
from skill_fleet.cli.propose import Proposal, findings_of, ground, refuse_id
from skill_fleet.drafting.briefs import render_brief
from skill_fleet.drafting.types import FURTHER, Brief, Draft
from skill_fleet.fleet.fleet import ROOT, Fleet
from skill_fleet.fleet.git import Repository
from skill_fleet.review.edits import Files
from skill_fleet.review.harmless import harmless
from skill_fleet.review.model_code import code_trailers, model_written_code
from skill_fleet.review.opening import Texts, Where, find_session, refuse_taken
from skill_fleet.review.session import DRAFT_BRANCHES, SESSION
from skill_fleet.review.status import skill_findings
from skill_fleet.review.trailers import read_trailers, trailer

if TYPE_CHECKING:
    from skill_fleet.cli.drafting import Wish
    from skill_fleet.drafting.model.drafter import DspyDrafter
    from skill_fleet.drafting.model.settings import ModelSettings
    from skill_fleet.drafting.model.traffic import Progress
    from skill_fleet.drafting.model.understanding import Understood

    Agree = Callable[[DspyDrafter, Understood], Brief]
    """Lets a person settle what was understood, before the long part."""

MOST_KEPT = 30_000  # characters of an account that a commit message keeps


def find_written(repo: Repository, where: Where, wish: Wish) -> Proposal | None:
    """The draft that was written for the same wish, as it was then; None when there is none on a branch."""
    tip = find_session(repo, where, wish.digest)
    if tip is None:
        return None
    commits = repo.commits(f"{where.base_oid}..{tip}")
    session = next(commit for commit in commits if trailer(commit.message, SESSION) == wish.digest)
    first = next((commit for commit in commits if commit.parents == (session.oid,)), None)
    if first is None:
        return None
    skill = trailer(first.message, "Skill")
    sources = tuple(value for key, value in read_trailers(first.message) if key == "Source")
    folder = f"{ROOT}/{skill}"
    entries = repo.entries(first.oid, folder)
    blobs = repo.blobs(f"{first.oid}:{entry.path}" for entry in entries)
    contents = {entry.path: blobs.get(f"{first.oid}:{entry.path}", b"") for entry in entries}
    findings = skill_findings(Files(folder, contents, {entry.path: entry.mode for entry in entries}))
    changed = repo.changed(session.oid, first.oid)
    files = {
        path.removeprefix(f"{folder}/"): content.decode("utf-8", "replace")
        for path, content in contents.items()
        if path in changed
    }
    brief, account = _body(session.message), _body(first.message)
    draft = Draft(Brief(wish.task, skill, sources=sources), files, drafted_by=trailer(first.message, "Drafted-by"))
    title = first.message.partition("\n")[0]
    return Proposal(draft, findings, wish.digest, _texts(title, brief, account), further=_further(account))


def write(
    settings: ModelSettings,
    wish: Wish,
    fleet: Fleet,
    repo: Repository | None,
    where: Where,
    asks: bool,
    record: Path | None = None,
    replay: Path | None = None,
    agree: Agree | None = None,
    told: Progress | None = None,
) -> Proposal:
    """Have the model understand and write what is wished for; `asks` lets its questions be put to the person.

    With `agree`, that settles the brief instead. `told` hears of each step; without it, a terminal shows them.

    UserError, before the long part, when the skill cannot have its id or its branch is taken.
    """
    from skill_fleet.cli.drafting import settle
    from skill_fleet.cli.models import progress
    from skill_fleet.cli.questions import answered
    from skill_fleet.drafting.model.checking import checks_for
    from skill_fleet.drafting.model.drafter import DspyDrafter
    from skill_fleet.drafting.model.learning import as_row

    categories, wanted = ground(wish.path, fleet)
    drafter = DspyDrafter(
        settings,
        categories,
        {skill.id: skill.description for skill in fleet.skills},
        checks_for(wanted or f"{next(iter(categories))}/draft"),
        only=wish.only,
        everything=wish.everything,
        record=record,
        replay=replay,
        progress=told or progress(),
    )
    understood = drafter.understand(wish.task, wish.documents, wanted)
    refuse_id(understood.brief.path, fleet)
    if repo:
        refuse_taken(repo, where, f"{DRAFT_BRANCHES}{understood.brief.name}")
    if understood.covered_by and not agree:
        settle(understood.covered_by, wish, asks=asks)
    wanted_brief = answered(understood.brief) if asks else understood.brief
    if agree:
        wanted_brief = agree(drafter, understood)
    drafter.check = checks_for(wanted_brief.path)
    draft = drafter.draft(wanted_brief, wish.documents)
    brief, account = harmless(render_brief(draft.brief)), harmless(_account(draft))
    row = as_row(drafter.record) if drafter.record else None
    texts = _texts(f"Draft {draft.brief.path}", brief, account, code_trailers(model_written_code(draft.files)))
    further = _further(account) if not agree else ()
    return Proposal(draft, findings_of(draft), wish.digest, texts, row, further)


def _further(account: str) -> tuple[str, ...]:
    """The other tasks, as the account of a draft names them: read back from there, so that a second run finds the same."""
    mark = f"- {FURTHER}"
    return tuple(line.removeprefix(mark).strip() for line in account.split("\n") if line.startswith(mark))


def _account(draft: Draft) -> str:
    """What is open, how it was made, and where the sources went: all that a reviewer has to know besides the files.

    The commit keeps it whole, since a second run can read it nowhere else.
    """
    notes = (listed("Open points", draft.open_points), listed("How it was written", draft.notes))
    return with_ledger(draft, notes, MOST_KEPT)


def _texts(title: str, brief: str, account: str, trailers: tuple[tuple[str, str], ...] = ()) -> Texts:
    return Texts(title, brief, account, f"{brief}\n\n{account}", trailers)


def _body(message: str) -> str:
    """What stands between the subject of a message and its trailers."""
    return message.strip().partition("\n\n")[2].rpartition("\n\n")[0]
