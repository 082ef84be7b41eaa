"""A draft of documents before anything is written, without a model, and the choices that a person makes for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from skill_fleet import drafting
from skill_fleet.checks import Finding, check_skill
from skill_fleet.fleet import ROOT, Fleet, MemoryTree, Skill, is_skill_id
from skill_fleet.git import REGULAR
from skill_fleet.proposals.opening import Proposal
from skill_fleet.proposals.presentation import draft_texts
from skill_fleet.proposals.request import Covered, Overlap, Request, refuse_id, resolve_path
from skill_fleet.proposals.start import Job

_MOST_CHOICES = 20


def propose(request: Request, fleet: Fleet) -> Proposal:
    """Draft a skill from documents, without a model.

    Raises UserError if it cannot have its id, or nothing says which category it goes to; Undecided if nothing says
    which document becomes SKILL.md; Covered if a skill has the name already.
    """
    categories, wanted = resolve_path(request.path, fleet)
    selection = request.selection()
    brief = drafting.brief_for(request.task, selection, wanted, [*categories])
    taken = [skill for skill in fleet.by_name.get(brief.name, []) if skill.status != "retired"]
    if taken and not is_skill_id(wanted or ""):
        raise Covered([taken[0].id], Overlap.NAME)
    refuse_id(brief.path, fleet)
    draft = drafting.draft_selection(brief, selection, request.description)
    findings = findings_of(draft)
    draft = replace(draft, points=(*draft.points, *drafting.safety_points(findings, draft, f"{ROOT}/{brief.path}")))
    record = {
        "kind": "draft",
        "task": brief.task,
        "sources": [document.facts() for document in request.documents],
        "brief": asdict(brief),
        "neighbours": [skill.id for skill in fleet.skills],
        "files": draft.files,
    }
    return Proposal(draft, findings, request.digest, draft_texts(draft), record)


def findings_of(draft: drafting.Draft) -> tuple[Finding, ...]:
    """The findings in the files of a draft."""
    folder = f"{ROOT}/{draft.brief.path}"
    contents = {f"{folder}/{name}": text.encode() for name, text in draft.files.items()}
    tree = MemoryTree(contents, dict.fromkeys(contents, REGULAR))
    return tuple(check_skill(Skill(draft.brief.path, folder, tree.entries, tree)))


def choose(job: Job) -> Job:
    """The job once a person was asked what nothing else says: the document that becomes SKILL.md, and the category."""
    request, ask = job.request, job.console.ask
    categories, _ = resolve_path(request.path, job.fleet)
    if ask is None or not request.documents:
        return job
    try:
        request.selection()
    except drafting.Undecided as several:
        question = main_question(several)
        request = replace(request, main=ask(question) or question.default)
    if request.path is None and not job.settings:
        question = category_question(request, categories, job.fleet)
        request = replace(request, path=ask(question) or question.default)
    return replace(job, request=request)


def main_question(several: drafting.Undecided) -> drafting.Question:
    """The question which of several documents becomes SKILL.md."""
    return drafting.Question(
        "Which document becomes SKILL.md?",
        "The others become references that SKILL.md lists.",
        (*several.candidates[:_MOST_CHOICES], "none"),
        several.candidates[0],
        "what an agent reads first",
    )


def category_question(request: Request, categories: Mapping[str, str], fleet: Fleet) -> drafting.Question:
    """The question which category a skill goes to, the most fitting first."""
    text = "\n".join(document.text[:20_000] for document in request.documents)[:100_000]
    ranked = drafting.ranked_categories(text, categories, {skill.id: skill.description for skill in fleet.skills})
    name = drafting.name_of(request.selection())
    return drafting.Question(f"Which category should {name} go to?", "", ranked, ranked[0], "where its readers find it")
