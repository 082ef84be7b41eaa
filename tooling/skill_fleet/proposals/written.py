"""A draft by a model: understood, agreed on and written, or found on the branch of an earlier run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from skill_fleet import model, review
from skill_fleet.drafting import Brief, Draft, Kind, chosen_documents, read_brief, show_brief
from skill_fleet.fleet import ROOT
from skill_fleet.markdown import tidy
from skill_fleet.proposals.opening import Proposal, Texts, find_session, refuse_taken
from skill_fleet.proposals.presentation import draft_texts
from skill_fleet.proposals.proposal import findings_of
from skill_fleet.proposals.recording import journal
from skill_fleet.proposals.request import Ask, Overlap, offer_revision, refuse_id, resolve_path
from skill_fleet.proposals.start import Job

if TYPE_CHECKING:
    Agree = Callable[[model.DspyDrafter, model.Understood], Brief]
    """Lets a person settle the brief before the skill is reviewed and committed."""

OTHER_TASK = "Other-task"  # the trailer of each further skill that was asked for


def write(job: Job, agree: Agree | None = None) -> Proposal:
    """Have a model write what is asked for; with `agree`, that settles the brief, not the console.

    Raises UserError, before the long part, if the skill cannot have its id or its branch is taken.
    """
    with journal(job) as kept:
        return _write(job, kept, agree)


def _write(job: Job, kept: model.Journal | None, agree: Agree | None) -> Proposal:
    assert job.settings
    request = job.request
    categories, wanted = resolve_path(request.path, job.fleet)
    documents = chosen_documents(request.selection()) if request.documents else ()
    new = request.new or (wanted is not None and wanted not in categories)
    if wanted in categories:
        categories = {wanted: categories[wanted]}
    drafter = model.DspyDrafter(
        model.ModelClient(job.settings, model.Tape(job.record, job.replay), job.console.progress, kept),
        categories,
        {skill.id: skill.description for skill in job.fleet.skills},
        asks=bool(agree or job.console.ask),
    )
    job.console.note(drafter.estimate(request.task, documents))
    understood = drafter.understand(request.task, documents, wanted, new=new)
    if understood.asked:
        _refuse_early(job, understood.brief)
    if understood.covered_by:
        offer_revision(understood.covered_by, Overlap.TASK, request, job.console)
        if not understood.asked:
            understood = drafter.understand(request.task, documents, wanted, new=True)
            _refuse_early(job, understood.brief)
    if agree:
        brief = agree(drafter, understood)
    else:
        brief = answered(understood.brief, job.console.ask) if job.console.ask else understood.brief
    draft = drafter.draft(brief, documents)
    further = tuple(tidy(review.sanitize(point.subject)) for point in draft.points if point.kind is Kind.OTHER_TASK)
    trailers = (
        *review.code_trailers(review.model_written_code(draft.files)),
        *((OTHER_TASK, task) for task in further),
    )
    return Proposal(
        draft,
        findings_of(draft),
        request.digest,
        draft_texts(draft, trailers=trailers),
        drafter.record,
        () if agree else further,
        by_model=True,
    )


def _refuse_early(job: Job, brief: Brief) -> None:
    """Raise UserError, before the long part, if the skill cannot have its id or its branch is taken."""
    refuse_id(brief.path, job.fleet)
    if job.bot:
        refuse_taken(job.bot.repo, job.where, f"{review.DRAFT_BRANCHES}{brief.name}")


def answered(brief: Brief, ask: Ask) -> Brief:
    """The brief once a person has answered its questions."""
    return with_given_answers(brief, [ask(question) for question in brief.questions])


def with_given_answers(brief: Brief, answers: Sequence[str]) -> Brief:
    """The brief with an answer to each question ('' for its default). What a person chose is agreed, a default too.

    A question that has neither stays, for the reviewer.
    """
    pairs = list(zip(brief.questions, answers, strict=True))
    left = tuple(question for question, answer in pairs if not (answer or question.default))
    said = tuple(
        model.agreed_answer(question, answer or question.default)
        for question, answer in pairs
        if answer or question.default
    )
    return replace(brief, agreed=(*brief.agreed, *said), questions=left)


def find_written(job: Job) -> Proposal | None:
    """The draft that was written for the same request, as it was then; None when there is none on a branch."""
    assert job.bot
    repo, digest = job.bot.repo, job.request.digest
    found = find_session(repo, job.where, digest)
    if found is None:
        return None
    commits = repo.commits(f"{job.where.base_oid}..{found[1]}")
    session = next(commit for commit in commits if review.trailer(commit.message, review.SESSION) == digest)
    first = next((commit for commit in commits if commit.parents == (session.oid,)), None)
    if first is None:
        return None
    trailers = review.read_trailers(first.message)
    skill = review.trailer(first.message, "Skill")
    folder = f"{ROOT}/{skill}"
    entries = repo.entries(first.oid, folder)
    blobs = repo.blobs(f"{first.oid}:{entry.path}" for entry in entries)
    contents = {entry.path: blobs.get(f"{first.oid}:{entry.path}", b"") for entry in entries}
    changed = repo.changed(session.oid, first.oid)
    files = {
        path.removeprefix(f"{folder}/"): content.decode("utf-8", "replace")
        for path, content in contents.items()
        if path in changed
    }
    text, account = review.message_body(session.message), review.message_body(first.message)
    brief = read_brief(text, skill)
    sources = tuple(value for key, value in trailers if key == "Source")
    return Proposal(
        Draft(
            Brief(job.request.task, skill, sources=sources),
            files,
            drafted_by=review.trailer(first.message, "Drafted-by"),
        ),
        review.skill_findings(review.Files(folder, contents, {entry.path: entry.mode for entry in entries})),
        digest,
        Texts(first.message.partition("\n")[0], text, account, f"{review.sanitize(show_brief(brief))}\n\n{account}"),
        further=tuple(value for key, value in trailers if key == OTHER_TASK),
        by_model=True,
    )
