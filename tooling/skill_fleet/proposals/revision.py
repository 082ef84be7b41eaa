"""The revision of a skill that exists: edits by a model that code has checked, or documents added to it."""

from __future__ import annotations

import re
from dataclasses import replace

from skill_fleet import drafting, model, review
from skill_fleet.errors import UserError
from skill_fleet.fleet import ROOT, SKILL_FILE, Skill, find_skill
from skill_fleet.markdown import CannotEdit, read_front_matter, set_value, tidy
from skill_fleet.proposals.opening import Proposal, refuse_taken
from skill_fleet.proposals.presentation import revision_texts
from skill_fleet.proposals.recording import Row, journal
from skill_fleet.proposals.start import Job
from skill_fleet.proposals.written import find_written


def revision_of(job: Job, *, assumes: bool) -> Proposal:
    """Revise the skill `job.request.path`; a revision of the same request is found again on its branch.

    With `assumes`, nobody is asked, and the model takes the most likely reading. Raises UserError when there is no such
    skill, its branch is taken by another draft, or nothing would change.
    """
    request, skill = job.request, find_skill(job.fleet, job.request.path or "")
    if skill.status == "retired":
        raise UserError(f"{skill.id} is retired.", "Revise the skill that replaces it; its SKILL.md names it.")
    if job.bot:
        if found := find_written(job):
            return found
        tip = "Comment on its pull request, or finish that first: skill-fleet review list"
        refuse_taken(job.bot.repo, job.where, f"{review.DRAFT_BRANCHES}{skill.folder}", tip)
    contents = {entry.path: skill.tree.read(entry) for entry in skill.entries}
    files = review.Files(skill.path, contents, {entry.path: entry.mode for entry in skill.entries})
    before = review.texts_of(files)
    if SKILL_FILE not in before:
        raise UserError(f"The {SKILL_FILE} of {skill.id} is not a plain text file.", "Fix that first, on the base.")
    if job.settings and request.documents:
        selection = replace(request, main=request.main or "none", anyway=True).selection()
        request = replace(request, documents=drafting.chosen_documents(selection))
        job = replace(job, request=request)
    names = tuple(one.name for one in request.documents)
    brief = drafting.Brief(tidy(request.task) or f"Revise it by {', '.join(names)}.", skill.id, sources=names)
    if job.settings:
        with journal(job) as kept:
            draft, done, record = _by_model(job, skill, files, brief, kept, assumes=assumes)
        return _proposal(job, skill, files, draft, done, record)
    folders = (f":(top,literal){ROOT}/{one}" for one in (skill.id, *skill.formerly))
    messages = [commit.message for commit in job.repo.commits(job.where.base_oid, "--", *folders)]
    recorded = drafting.read_source_trailers(messages)
    added = drafting.add_documents(skill.id, before, request.documents, recorded, request.only)
    undone = (drafting.Point(drafting.Kind.TASK_NOT_DONE),) if request.task.strip() else ()
    points = (*added.points, *undone)
    return _proposal(
        job, skill, files, drafting.Draft(brief, added.files, added.ledger, points, "extractive", added.notes)
    )


def _proposal(
    job: Job, skill: Skill, files: review.Files, draft: drafting.Draft, done: str = "", record: Row | None = None
) -> Proposal:
    """The proposal for a draft of all files; `done` says in a sentence what was done, and `record` how by a model."""
    request, before = job.request, review.texts_of(files)
    changed = {path: text for path, text in draft.files.items() if before.get(path) != text}
    if odd := next((path for path in changed if path not in before and skill.inside(path) in files.contents), None):
        raise UserError(f"{odd} of {skill.id} is not a plain text file, so it is not replaced.", "Rename the document.")
    old = before.get(SKILL_FILE, "")
    text, point = bumped(old, changed.get(SKILL_FILE, old), more=any(path not in before for path in changed))
    if text != old:
        changed[SKILL_FILE] = text
    draft = replace(draft, files=changed, points=(*draft.points, *([point] if point else [])))
    after = files
    for path, new in changed.items():
        after = after.with_file(f"{skill.path}/{path}", new.encode())
    code = review.model_written_code(changed, before) if job.settings else ()
    record = record or {"before": dict(before), "after": {**before, **changed}}
    facts = {"kind": "revision", "task": request.task, "sources": [document.facts() for document in request.documents]}
    texts, findings = revision_texts(draft, before, done, review.code_trailers(code)), review.skill_findings(after)
    return Proposal(draft, findings, request.digest, texts, {**record, **facts}, by_model=job.settings is not None)


_FROM_SOURCES = (
    "Take over what the sources say on this skill's subject: what it lacks, and what it says otherwise. "
    "Leave alone what they do not concern."
)
_CHOOSE = "I cannot answer. Take the reading that you find most likely, and say in the reply which one you took."
_ROUNDS = 3  # of questions, after which the task counts as unclear


def _by_model(
    job: Job, skill: Skill, files: review.Files, brief: drafting.Brief, kept: model.Journal | None, *, assumes: bool
) -> tuple[drafting.Draft, str, Row]:
    """The revision by the model, what it did, and the record. A person who can answer is asked the model's questions.

    Raises UserError, with nothing changed, when it declines, has nothing to change, or its edits cannot be made.
    """
    assert job.settings
    ask = None if assumes else job.console.ask
    settings, tape = job.settings, model.Tape(job.record, job.replay)  # one for all rounds
    job.console.note(model.estimated(review.texts_of(files), job.request.documents))
    talk, spent = [("the requester", job.request.task.strip() or _FROM_SOURCES)], list[str]()
    for _ in range(_ROUNDS):
        client = model.ModelClient(settings, tape, job.console.progress, kept)
        done = model.revise(
            client,
            review.texts_of(files),
            drafting.Brief("", skill.id),
            [drafting.Discussion("task", "", 0, 0, "", tuple(talk))],
            sources=job.request.documents,
        )
        one = done.handled[0]
        spent.append(client.meter.words())
        if one.outcome != "asked":
            break
        answer = _CHOOSE if assumes else (ask(drafting.Question(one.reply, "")) or _CHOOSE) if ask else ""
        if not answer:
            break
        talk += [("the bot", one.reply), ("the requester", answer)]
        used = client.meter.prompt + client.meter.completion
        settings = replace(settings, calls=settings.calls - client.meter.calls, tokens=settings.tokens - used)
    _refuse(skill, one)
    _, why = review.with_texts(files, done.files)
    if why:
        raise UserError(f"The revision by {client.model} cannot be committed: {why}", "Run again, or edit it by hand.")
    points = [drafting.Point(drafting.Kind.NOT_IN_SOURCES, examples=one.unsourced)] if one.unsourced else []
    if len(talk) > 1:
        points.insert(
            0, drafting.Point(drafting.Kind.ASSUMED, drafting.Severity.WARNING, tidy(talk[-2][1]), tidy(talk[-1][1]))
        )
    programs = ", ".join(dict.fromkeys(f"{call['step']} {call['program']}" for call in done.record["calls"]))
    notes = (f"Revised by {client.model}: {'; then '.join(spent)}.", f"Programs: {programs}.")
    draft = drafting.Draft(brief, done.files, (), tuple(points), f"dspy {client.model}", notes)
    return draft, one.reply, done.record


def _refuse(skill: Skill, one: model.Handled) -> None:
    """UserError when nothing came of the request."""
    reply = tidy(one.reply)
    refusals = {
        "answered": ("The model finds nothing to change in {}.", "It says: {} Say more closely what you want."),
        "declined": ("The model declines this revision of {}.", "It says: {} Say it differently, or edit it by hand."),
        "asked": (
            "What is wanted of {} is not clear.",
            "It asks: {} Answer in the task, or leave it open with --auto-approve.",
        ),
        "open": ("No edit of {} could be made.", "{} Run again, or say it differently."),
    }
    if one.outcome in refusals:
        message, tip = refusals[one.outcome]
        raise UserError(message.format(skill.id), tip.format(reply))


_NUMBERS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})*")


def next_version(version: str, *, more: bool) -> str:
    """The version after `version`: its last number bumped, or with `more` files the one before; '' if it has others
    than numbers and dots."""
    if not _NUMBERS.fullmatch(version):
        return ""
    numbers = [int(part) for part in version.split(".")]
    at = len(numbers) - 1 - (more and len(numbers) > 2)
    return ".".join(str(number) for number in [*numbers[:at], numbers[at] + 1, *[0] * (len(numbers) - at - 1)])


def bumped(before: str, after: str, *, more: bool) -> tuple[str, drafting.Point | None]:
    """SKILL.md `after` a change with its version bumped, and the point that asks a person to do it instead, if any.

    A skill without a version gets none, and a version that the change bumped itself stays.
    """
    old, new = (read_front_matter(text.encode("utf-8")).metadata("version") for text in (before, after))
    if old is None or old != new:
        return after, None
    why = "it is not made of numbers"
    if wanted := next_version(old, more=more):
        try:
            return set_value(after.encode("utf-8"), "metadata.version", wanted).decode("utf-8"), None
        except CannotEdit as problem:
            why = str(problem)
    place = drafting.Place(SKILL_FILE)
    return after, drafting.Point(drafting.Kind.VERSION, subject=old, detail=why, places=(place,))
