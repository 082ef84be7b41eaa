"""A draft before anything is written: made from documents, written by a model, or found on the branch of an earlier run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from skill_fleet.checks import Finding, twin_of
from skill_fleet.drafting import (
    Brief,
    Draft,
    Kind,
    Question,
    Undecided,
    brief_for,
    chosen_documents,
    draft_selection,
    name_of,
    ranked_categories,
    read_brief,
    safety_points,
    show_brief,
)
from skill_fleet.fleet import ROOT, Fleet, is_skill_id
from skill_fleet.git import REGULAR
from skill_fleet.markdown import tidy
from skill_fleet.proposals.opening import Proposal, Texts, find_session, refuse_taken
from skill_fleet.proposals.presentation import draft_texts
from skill_fleet.proposals.request import Ask, Covered, Overlap, Request, offer_revision, refuse_id, resolve_path
from skill_fleet.proposals.start import Job
from skill_fleet.review import (
    DRAFT_BRANCHES,
    SESSION,
    Files,
    code_trailers,
    harmless,
    model_written_code,
    read_trailers,
    skill_findings,
    trailer,
)

if TYPE_CHECKING:
    from skill_fleet.model import DspyDrafter, Understood

    Agree = Callable[[DspyDrafter, Understood], Brief]
    """Lets a person settle the brief before the skill is written."""

OTHER_TASK = "Other-task"  # the trailer of each further skill that was asked for
_MOST_CHOICES = 20


def draft_of(job: Job) -> Proposal:
    """The draft for a request; one that a model wrote for it before is read back from its branch."""
    if job.settings:
        return (find_written(job) if job.bot else None) or write(job)
    proposal = propose(job.request, job.fleet)
    if twin := twin_of(proposal.draft.files, job.fleet):
        offer_revision(twin, Overlap.TEXT, job.request, job.console)
    return proposal


def propose(request: Request, fleet: Fleet) -> Proposal:
    """Draft a skill from documents, without a model.

    Raises UserError if it cannot have its id, or nothing says which category it goes to; Undecided if nothing says
    which document becomes SKILL.md; Covered if a skill has the name already.
    """
    categories, wanted = resolve_path(request.path, fleet)
    selection = request.selection()
    brief = brief_for(request.task, selection, wanted, [*categories])
    taken = [skill for skill in fleet.by_name.get(brief.name, []) if skill.status != "retired"]
    if taken and not is_skill_id(wanted or ""):
        raise Covered(taken[0].id, Overlap.NAME)
    refuse_id(brief.path, fleet)
    draft = draft_selection(brief, selection, request.description)
    findings = _findings_of(draft)
    draft = replace(draft, points=(*draft.points, *safety_points(findings, draft, f"{ROOT}/{brief.path}")))
    record = {
        "kind": "draft",
        "task": brief.task,
        "sources": [document.facts() for document in request.documents],
        "brief": asdict(brief),
        "neighbours": [skill.id for skill in fleet.skills],
        "files": draft.files,
    }
    return Proposal(draft, findings, request.digest, draft_texts(draft), record)


def _findings_of(draft: Draft) -> tuple[Finding, ...]:
    folder = f"{ROOT}/{draft.brief.path}"
    contents = {f"{folder}/{name}": text.encode() for name, text in draft.files.items()}
    return skill_findings(Files(folder, contents, dict.fromkeys(contents, REGULAR)))


def choose(job: Job) -> Job:
    """The job once a person was asked what nothing else says: the document that becomes SKILL.md, and the category."""
    request, ask = job.request, job.console.ask
    categories, _ = resolve_path(request.path, job.fleet)
    if ask is None or not request.documents:
        return job
    try:
        request.selection()
    except Undecided as several:
        question = main_question(several)
        request = replace(request, main=ask(question) or question.default)
    if request.path is None and not job.settings:
        question = category_question(request, categories, job.fleet)
        request = replace(request, path=ask(question) or question.default)
    return replace(job, request=request)


def main_question(several: Undecided) -> Question:
    """The question which of several documents becomes SKILL.md."""
    return Question(
        "Which document becomes SKILL.md?",
        "The others become references that SKILL.md lists.",
        (*several.candidates[:_MOST_CHOICES], "none"),
        several.candidates[0],
        "what an agent reads first",
    )


def category_question(request: Request, categories: Mapping[str, str], fleet: Fleet) -> Question:
    """The question which category a skill goes to, the most fitting first."""
    text = "\n".join(document.text[:20_000] for document in request.documents)[:100_000]
    ranked = ranked_categories(text, categories, {skill.id: skill.description for skill in fleet.skills})
    name = name_of(request.selection())
    return Question(f"Which category should {name} go to?", "", ranked, ranked[0], "where its readers find it")


def write(job: Job, agree: Agree | None = None) -> Proposal:
    """Have a model understand and write what is asked for; with `agree`, that settles the brief, not the console.

    UserError, before the long part, when the skill cannot have its id or its branch is taken.
    """
    from skill_fleet.model import DspyDrafter, as_row, checks_for

    assert job.settings
    request = job.request
    categories, wanted = resolve_path(request.path, job.fleet)
    documents = chosen_documents(request.selection()) if request.documents else ()
    if wanted in categories:
        categories, wanted = {wanted: categories[wanted]}, None
    drafter = DspyDrafter(
        job.settings,
        categories,
        {skill.id: skill.description for skill in job.fleet.skills},
        checks_for(wanted or f"{next(iter(categories))}/draft"),
        record=job.record,
        replay=job.replay,
        progress=job.console.progress,
    )
    understood = drafter.understand(request.task, documents, wanted)
    brief = understood.brief
    refuse_id(brief.path, job.fleet)
    if job.bot:
        refuse_taken(job.bot.repo, job.where, f"{DRAFT_BRANCHES}{brief.name}")
    if agree:
        brief = agree(drafter, understood)
    else:
        if understood.covered_by:
            offer_revision(understood.covered_by, Overlap.TASK, request, job.console)
        brief = answered(brief, job.console.ask) if job.console.ask else brief
    drafter.check = checks_for(brief.path)
    draft = drafter.draft(brief, documents)
    further = tuple(tidy(point.subject) for point in draft.points if point.kind is Kind.OTHER_TASK)
    trailers = (*code_trailers(model_written_code(draft.files)), *((OTHER_TASK, task) for task in further))
    return Proposal(
        draft,
        _findings_of(draft),
        request.digest,
        draft_texts(draft, trailers=trailers),
        as_row(drafter.record) if drafter.record else None,
        () if agree else further,
        by_model=True,
    )


def answered(brief: Brief, ask: Ask) -> Brief:
    """The brief once a person has answered its questions."""
    return with_given_answers(brief, [ask(question) for question in brief.questions])


def with_given_answers(brief: Brief, answers: Sequence[str]) -> Brief:
    """The brief with an answer to each question. A question that was left to its default ('') stays, for the reviewer."""
    pairs = list(zip(brief.questions, answers, strict=True))
    said = tuple(f"{question.text} {answer}" for question, answer in pairs if answer)
    left = tuple(question for question, answer in pairs if not answer)
    return replace(brief, assumptions=(*brief.assumptions, *said), questions=left)


def find_written(job: Job) -> Proposal | None:
    """The draft that was written for the same request, as it was then; None when there is none on a branch."""
    assert job.bot
    repo, digest = job.bot.repo, job.request.digest
    tip = find_session(repo, job.where, digest)
    if tip is None:
        return None
    commits = repo.commits(f"{job.where.base_oid}..{tip}")
    session = next(commit for commit in commits if trailer(commit.message, SESSION) == digest)
    first = next((commit for commit in commits if commit.parents == (session.oid,)), None)
    if first is None:
        return None
    trailers = read_trailers(first.message)
    skill = trailer(first.message, "Skill")
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
    text, account = message_body(session.message), message_body(first.message)
    brief = read_brief(text, skill)
    sources = tuple(value for key, value in trailers if key == "Source")
    return Proposal(
        Draft(Brief(job.request.task, skill, sources=sources), files, drafted_by=trailer(first.message, "Drafted-by")),
        skill_findings(Files(folder, contents, {entry.path: entry.mode for entry in entries})),
        digest,
        Texts(first.message.partition("\n")[0], text, account, f"{harmless(show_brief(brief))}\n\n{account}"),
        further=tuple(value for key, value in trailers if key == OTHER_TASK),
        by_model=True,
    )


def message_body(message: str) -> str:
    """The part of a commit message between its subject and its trailers."""
    return message.strip().partition("\n\n")[2].rpartition("\n\n")[0]
