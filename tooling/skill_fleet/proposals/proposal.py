"""What would be drafted: the brief, the skill's files, and what the checks say of them. Nothing is written here."""

from __future__ import annotations

import hashlib
import json
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet.checks import Finding
from skill_fleet.drafting import (
    Brief,
    Document,
    Draft,
    Entry,
    Fate,
    Kind,
    Question,
    Undecided,
    brief_for,
    chosen_documents,
    draft_selection,
    most_important,
    name_of,
    points_as_json,
    ranked_categories,
    read_brief,
    render_brief,
    render_ledger,
    safety_points,
    select,
    show_brief,
)
from skill_fleet.errors import UserError
from skill_fleet.fleet import ROOT, SKILL_FILE, TAXONOMY_FILE, Fleet, Skill, is_skill_id, split_id
from skill_fleet.git import REGULAR, Repository
from skill_fleet.markdown import read_front_matter, tidy
from skill_fleet.proposals.opening import Texts, Where, find_session, refuse_taken
from skill_fleet.review import (
    DRAFT_BRANCHES,
    LEDGER_HEADING,
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
    from skill_fleet.fleet import Fleet
    from skill_fleet.git import Repository
    from skill_fleet.model import DspyDrafter, ModelSettings, Progress, Understood
    from skill_fleet.proposals.forge import AnyForge
    from skill_fleet.proposals.opening import Where


@dataclass(frozen=True)
class Proposal:
    """A draft that could be put on a branch. `digest` is the same whenever the same is asked of the same sources.

    `texts` are its words when they are no function of the draft: what a model says is read back from its commits.
    """

    draft: Draft
    findings: tuple[Finding, ...]
    digest: str
    texts: Texts | None = None
    record: Mapping[str, object] | None = None
    """What a later optimiser has to know of how a model wrote it."""
    further: tuple[str, ...] = ()
    """The other skills that were asked for with it, each in a sentence."""

    @property
    def skill(self) -> str:
        """The id that the skill would have."""
        return self.draft.brief.path


Ask = Callable[[Question], str]
"""Puts a question to a person; the answer is one of its options, or words, '' for the default."""


def propose(wish: Wish, fleet: Fleet) -> Proposal:
    """Draft a skill from the documents of `wish` for `fleet`, without a model.

    Raises UserError if it cannot have the id `wish.path`, or nothing says which category it goes to; Undecided if
    nothing says which document becomes SKILL.md; Covered if a skill has the name already.
    """
    categories, wanted = ground(wish.path, fleet)
    selection = select(wish.documents, wish.only, wish.main, wish.anyway)
    brief = brief_for(wish.task, selection, wanted, [*categories])
    taken = [skill for skill in fleet.by_name.get(brief.name, []) if skill.status != "retired"]
    if taken and not is_skill_id(wanted or ""):
        raise Covered(taken[0].id, why="has the name that this skill would get")
    refuse_id(brief.path, fleet)
    draft = draft_selection(brief, selection, wish.description)
    findings = findings_of(draft)
    draft = replace(draft, points=(*draft.points, *safety_points(findings, draft, f"{ROOT}/{brief.path}")))
    record = {
        "kind": "draft",
        "task": brief.task,
        "sources": [document.facts() for document in wish.documents],
        "brief": asdict(brief),
        "neighbours": [skill.id for skill in fleet.skills],
        "files": draft.files,
    }
    return Proposal(draft, findings, wish.digest, record=record)


def decided(wish: Wish, fleet: Fleet, ask: Ask) -> Wish:
    """The wish once a person has said what nothing else says: which document becomes SKILL.md, and the category."""
    categories, _ = ground(wish.path, fleet)
    try:
        selection = select(wish.documents, wish.only, wish.main, wish.anyway)
    except Undecided as several:
        wish = replace(wish, main=ask(main_question(several)) or several.candidates[0])
        selection = select(wish.documents, wish.only, wish.main, wish.anyway)
    if wish.path is None:
        question = category_question(selection_text(wish.documents), name_of(selection), categories, fleet)
        wish = replace(wish, path=ask(question) or question.default)
    return wish


def main_question(several: Undecided) -> Question:
    """Which of several documents becomes SKILL.md."""
    return Question(
        "Which document becomes SKILL.md?",
        "The others become references that SKILL.md lists.",
        (*several.candidates[:20], "none"),
        several.candidates[0],
        "what an agent reads first",
    )


def category_question(text: str, name: str, categories: Mapping[str, str], fleet: Fleet) -> Question:
    """Which category the skill goes to, the most fitting first."""
    ranked = ranked_categories(text, categories, {skill.id: skill.description for skill in fleet.skills})
    return Question(f"Which category should {name} go to?", "", ranked, ranked[0], "where its readers find it")


def selection_text(documents: Sequence[Document]) -> str:
    """The beginning of all documents, for a search."""
    return "\n".join(document.text[:20_000] for document in documents)[:100_000]


def ground(path: str | None, fleet: Fleet) -> tuple[dict[str, str], str | None]:
    """The categories that a skill can go to, and the id or category asked for; UserError when it cannot have that id."""
    fleet.configuration  # noqa: B018  a broken one must be reported before anything is written
    categories = {category.name: category.description for category in fleet.taxonomy.categories.values()}
    if not categories:
        faults = [f"{TAXONOMY_FILE}:{fault.line}: {fault.detail}" for fault in fleet.taxonomy.faults]
        raise UserError(
            "The base has no category to put a skill in.", f"Fix {TAXONOMY_FILE} and commit it. {' '.join(faults)}"
        )
    wanted = None if path is None else path.strip("/").removeprefix(f"{ROOT}/")
    if wanted is not None and wanted not in categories:
        refuse_id(wanted, fleet)
    return categories, wanted


def refuse_id(path: str, fleet: Fleet) -> None:
    """UserError when the skill cannot have this id."""
    if not is_skill_id(path):
        raise UserError(
            f"{path!r} is not of the form CATEGORY/NAME.",
            "Each part has at most 64 lower-case letters, digits and single hyphens, as in python/async-testing.",
        )
    category, name = split_id(path)
    if category not in fleet.taxonomy.categories:
        known = ", ".join(fleet.taxonomy.categories)
        raise UserError(f"There is no category {category!r}.", f"Choose one with --path CATEGORY/{name}: {known}.")
    tip = f"Choose another name: --path {category}/NAME"
    if taken := fleet.by_name.get(name):
        instead = "" if taken[0].status == "retired" else f"Revise that one (skill-fleet revise {taken[0].id}), or c"
        raise UserError(f"The name {name} is taken by {taken[0].id}.", f"{instead}{tip[1:]}" if instead else tip)
    for old, owners in fleet.former.items():
        if old.rpartition("/")[2] == name:
            raise UserError(f"{owners[0].id} was once called {old}, and a name is never used for something else.", tip)


def findings_of(draft: Draft) -> tuple[Finding, ...]:
    """What the checks say of a draft's files."""
    folder = f"{ROOT}/{draft.brief.path}"
    contents = {f"{folder}/{name}": text.encode() for name, text in draft.files.items()}
    return skill_findings(Files(folder, contents, dict.fromkeys(contents, REGULAR)))


class Covered(UserError):
    """A skill that is there covers what is wished for: `skill`. `accepted` is whether the person revises that instead."""

    def __init__(self, skill: str, *, accepted: bool = False, why: str = "covers this already") -> None:
        super().__init__(f"{skill} {why}.", f"Revise that one: skill-fleet revise {skill} TASK")
        self.skill, self.accepted = skill, accepted

    def with_tip(self, task: str, sources: Sequence[str]) -> UserError:
        """The error for the person, with the command that revises it."""
        words = [shlex.quote(" ".join(task.split()))] if task.strip() else []
        words += [f"--from {shlex.quote(source)}" for source in sources]
        command = " ".join(["skill-fleet revise", self.skill, *words])
        return UserError(self.message, f"Name a path for a second one (--path CATEGORY/NAME), or revise it: {command}")


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: a task, documents, and the choices of the command line."""

    task: str
    documents: tuple[Document, ...]
    path: str | None = None
    """CATEGORY/NAME, a category, or None; with `revises`, the id of the skill."""
    only: tuple[str, ...] = ()
    main: str = ""
    description: str = ""
    anyway: bool = False
    revises: bool = False
    has_model: bool = False

    @property
    def digest(self) -> str:
        """A SHA-256 of all of it: the name of the session."""
        sources = [[one.name, one.path, one.text] for one in self.documents]
        facts = [
            "revision" if self.revises else "model" if self.has_model else "documents",
            " ".join(self.task.split()),
            self.path,
            sources,
            self.only,
            self.main,
            self.description,
        ]
        return hashlib.sha256(json.dumps(facts, ensure_ascii=True).encode("ascii")).hexdigest()


def at_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty()


def settle(skill: str, wish: Wish, ask: Ask | None, why: str = "covers this already") -> None:
    """Raise Covered, unless a second skill is wanted: the command line has given it a path, or the person says so."""
    if is_skill_id((wish.path or "").strip("/").removeprefix(f"{ROOT}/")):
        click.echo(f"note: {skill} may cover this already.", err=True)
        return
    if ask is None:
        raise Covered(skill, why=why)
    revise, new = f"revise {skill}", "a second skill"
    if ask(Question(f"{skill} {why}. Revise it instead?", "", (revise, new), revise)) != new:
        raise Covered(skill, accepted=True)


def settings_for(
    repo: Repository, task: str, has_sources: bool, no_model: bool, replay: Path | None, base: str | None = None
) -> ModelSettings | None:
    """The model to draft with, None for none; UserError when there is nothing to draft from without one."""
    from skill_fleet.proposals.start import base_configuration, model_for, why_none, with_programs

    if has_sources and no_model:
        return None
    configuration = base_configuration(repo, base)
    settings = None if no_model else model_for(configuration, "draft", replay)
    if settings is None and not has_sources:
        why = "" if no_model else f". {why_none(configuration, 'draft')}"
        raise UserError("Without a model, a skill is drafted from documents.", f"Name one: --from DOCUMENT.md{why}")
    if not has_sources and not task.strip():
        raise UserError("Nothing was said that a skill could be drafted from.", "Say the task, or name a document.")
    return with_programs(settings, repo, base) if settings else None


def revising_with(
    repo: Repository, task: str, has_sources: bool, no_model: bool, replay: Path | None, base: str | None = None
) -> ModelSettings | None:
    """The model to revise with, None for none; UserError when there is nothing to revise by without one."""
    from skill_fleet.proposals.start import base_configuration, model_for, why_none, with_programs

    if not has_sources and not task.strip():
        raise UserError("No change was requested.", "Say the task, or name a document: --from DOC")
    if no_model and has_sources:
        return None
    configuration = base_configuration(repo, base)
    settings = None if no_model else model_for(configuration, "draft", replay)
    if settings is None and not has_sources:
        why = "" if no_model else f". {why_none(configuration, 'draft')}"
        raise UserError(
            "Without a model, documents can be added to a skill, and its text is changed by hand.",
            f"Name a document: --from DOCUMENT.md{why}",
        )
    return with_programs(settings, repo, base) if settings else None


def draft_of(
    wish: Wish,
    fleet: Fleet,
    bot: AnyForge | None,
    where: Where,
    settings: ModelSettings | None,
    *,
    ask: Ask | None,
    record: Path | None,
    replay: Path | None,
) -> Proposal:
    """The draft for `wish`. What a model wrote for the same wish before is read back from its branch.

    Without `bot` nothing will be written, so no branch is read either.
    """
    if settings is None:
        from skill_fleet.checks import near_duplicate_of

        if ask:
            wish = decided(wish, fleet, ask)
        proposal = propose(wish, fleet)
        if twin := near_duplicate_of(proposal.draft.files, fleet):
            settle(twin, wish, ask, why="has nearly the same text or description")
        return proposal

    if bot and (found := find_written(bot.repo, where, wish)):
        return found
    return write(settings, wish, fleet, bot.repo if bot else None, where, ask, record=record, replay=replay)


def finish(bot: AnyForge, number: int, proposal: Proposal) -> None:
    """Keep how the draft was made; a run that found it on its branch takes that from the run that made it."""
    from skill_fleet.model import drop_row, held_row
    from skill_fleet.proposals.recording import keep

    row = proposal.record or held_row(bot.repo, proposal.digest)
    if row is not None:
        keep(bot, number, [{**row, "by": proposal.draft.drafted_by, "skill": proposal.skill}])
        drop_row(bot.repo, proposal.digest)


MOST = 58_000  # characters: making them harmless adds some, and a pull request holds 65,536
LEAST = 4_000  # characters of the ledger that are shown whatever else there is to say


def texts(proposal: Proposal) -> Texts:
    """The words of the two commits and of the pull request, which has the ledger in full.

    They quote documents, so they are made harmless: the bot says them with its own rights.
    """
    if proposal.texts:
        return proposal.texts
    draft = proposal.draft
    brief = harmless(show_brief(draft.brief))
    parts = (
        brief,
        listed("Open points", most_important(draft.points)),
        listed("Material for the description", draft.material),
        listed("Notes", draft.notes),
    )
    account = harmless(with_ledger(draft, parts))
    ledger = harmless(render_ledger(draft, full=False))
    return Texts(f"Draft {draft.brief.path}", harmless(render_brief(draft.brief)), ledger, account)


def with_ledger(draft: Draft, parts: Sequence[str], most: int = MOST) -> str:
    """Some parts of a pull request's words and, in the room that is left of `most` characters, the whole ledger."""
    said = "\n\n".join(part.strip() for part in parts if part.strip())
    if len(said) > most - LEAST:
        said = f"{said[: most - LEAST]} \u2026\n\n_Cut here: `--format json` has all of it._"
    account = render_ledger(draft, full=True, most=most - min(len(said), most - LEAST)).strip()
    return f"{said}\n\n{LEDGER_HEADING}\n\n{account}".strip()


def listed(heading: str, points: Sequence[str]) -> str:
    """A heading with a list below it; nothing without points."""
    return "\n".join([f"## {heading}", "", *(f"- {point}" for point in points)]) if points else ""


def facts(proposal: Proposal) -> dict[str, object]:
    """What programs are told, whether it was written or not; `files` are named with their size in tokens, about."""
    aside = [entry for entry in proposal.draft.ledger if entry.fate is Fate.LEFT_OUT]
    return {
        "skill": proposal.skill,
        "description": read_front_matter(proposal.draft.files[SKILL_FILE].encode()).value("description"),
        "assumptions": [*proposal.draft.brief.assumptions],
        "left_out": [{"document": entry.document, "reason": entry.reason} for entry in aside],
        "ledger": [_as_json(entry) for entry in proposal.draft.ledger],
        "files": {name: _tokens(text) for name, text in sorted(proposal.draft.files.items())},
        "open_points": points_as_json(proposal.draft.points),
        "material": [*proposal.draft.material],
        "findings": [finding.as_json() for finding in proposal.findings],
    }


def points(proposal: Proposal) -> Iterator[str]:
    """What a person has to look at: what was assumed, open points, and errors that the checks find."""
    yield from (f"  assumed: {assumption}" for assumption in proposal.draft.brief.assumptions)
    for point in most_important(proposal.draft.points):
        yield f"  open: {point}"
    yield from errors(proposal)


def errors(proposal: Proposal) -> Iterator[str]:
    """The errors that the checks find in it, a line each."""
    for finding in proposal.findings:
        if finding.severity == "error":
            yield f"  {finding.path}:{finding.line}  {finding.rule}  {finding.message}"


def files_of(draft: Draft) -> str:
    """How many files it has, as a phrase."""
    more = len(draft.files) - 1
    return f"SKILL.md and {more} more file{'s' * (more != 1)}" if more else "SKILL.md"


def _as_json(entry: Entry) -> dict[str, object]:
    placed = {"file": entry.file, "line": entry.line} if entry.file else {"reason": entry.reason}
    return {"document": entry.document, "first": entry.first, "last": entry.last, "fate": entry.fate, **placed}


def _tokens(text: str) -> int:
    return len(text) // 4


if TYPE_CHECKING:
    Agree = Callable[[DspyDrafter, Understood], Brief]
    """Lets a person settle what was understood, before the long part."""

OTHER_TASK = "Other-task"  # the trailer of each further skill that was asked for
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
    further = tuple(value for key, value in read_trailers(first.message) if key == OTHER_TASK)
    shown = harmless(show_brief(read_brief(brief, skill)))
    texts = Texts(title, brief, account, f"{shown}\n\n{account}")
    return Proposal(draft, findings, wish.digest, texts, further=further)


def write(
    settings: ModelSettings,
    wish: Wish,
    fleet: Fleet,
    repo: Repository | None,
    where: Where,
    ask: Ask | None,
    record: Path | None = None,
    replay: Path | None = None,
    agree: Agree | None = None,
    told: Progress | None = None,
) -> Proposal:
    """Have the model understand and write what is wished for; its questions are put to `ask`, if there is one.

    With `agree`, that settles the brief instead. `told` hears of each step; without it, a terminal shows them.

    UserError, before the long part, when the skill cannot have its id or its branch is taken.
    """
    from skill_fleet.model import DspyDrafter, as_row, checks_for
    from skill_fleet.proposals.start import progress

    digest = wish.digest
    categories, wanted = ground(wish.path, fleet)
    if wish.documents:
        selection = select(wish.documents, wish.only, wish.main, wish.anyway)
        wish = replace(wish, documents=chosen_documents(selection))
    if wanted in categories:
        categories, wanted = {wanted: categories[wanted]}, None
    drafter = DspyDrafter(
        settings,
        categories,
        {skill.id: skill.description for skill in fleet.skills},
        checks_for(wanted or f"{next(iter(categories))}/draft"),
        record=record,
        replay=replay,
        progress=told or progress(),
    )
    understood = drafter.understand(wish.task, wish.documents, wanted)
    refuse_id(understood.brief.path, fleet)
    if repo:
        refuse_taken(repo, where, f"{DRAFT_BRANCHES}{understood.brief.name}")
    if understood.covered_by and not agree:
        settle(understood.covered_by, wish, ask)
    wanted_brief = answered(understood.brief, ask) if ask else understood.brief
    if agree:
        wanted_brief = agree(drafter, understood)
    drafter.check = checks_for(wanted_brief.path)
    draft = drafter.draft(wanted_brief, wish.documents)
    account = harmless(_account(draft))
    row = as_row(drafter.record) if drafter.record else None
    further = tuple(tidy(harmless(point.subject)) for point in draft.points if point.kind is Kind.OTHER_TASK)
    trailers = (*code_trailers(model_written_code(draft.files)), *((OTHER_TASK, task) for task in further))
    shown = harmless(show_brief(draft.brief))
    brief = harmless(render_brief(draft.brief))
    texts = Texts(f"Draft {draft.brief.path}", brief, account, f"{shown}\n\n{account}", trailers)
    return Proposal(draft, findings_of(draft), digest, texts, row, () if agree else further)


def answered(brief: Brief, ask: Ask) -> Brief:
    """The brief once a person has answered its questions."""
    return settled(brief, [ask(question) for question in brief.questions])


def settled(brief: Brief, answers: Sequence[str]) -> Brief:
    """The brief with an answer to each question. One that is left to its default ('') stays in it, for the reviewer."""
    pairs = list(zip(brief.questions, answers, strict=True))
    said = tuple(f"{question.text} {answer}" for question, answer in pairs if answer)
    left = tuple(question for question, answer in pairs if not answer)
    return replace(brief, assumptions=(*brief.assumptions, *said), questions=left)


def _account(draft: Draft) -> str:
    """What is open, how it was made, and where the sources went: all that a reviewer has to know besides the files.

    The commit keeps it whole, since a second run can read it nowhere else.
    """
    notes = (listed("Open points", most_important(draft.points)), listed("How it was written", draft.notes))
    return with_ledger(draft, notes, MOST_KEPT)


def _body(message: str) -> str:
    """What stands between the subject of a message and its trailers."""
    return message.strip().partition("\n\n")[2].rpartition("\n\n")[0]


def revision_facts(proposal: Proposal, skill: Skill) -> dict[str, object]:
    """What programs are told; `files` are those that change, each with what it is: new or changed."""
    before = {skill.relative(entry.path) for entry in skill.entries}
    return {
        "skill": proposal.skill,
        "files": {path: "changed" if path in before else "new" for path in sorted(proposal.draft.files)},
        "open_points": points_as_json(proposal.draft.points),
        "findings": [finding.as_json() for finding in proposal.findings],
    }


def differences(proposal: Proposal, skill: Skill) -> Iterator[str]:
    """The change as a diff; a new file by its size alone."""
    there = {skill.relative(entry.path): entry for entry in skill.entries}
    for path, text in sorted(proposal.draft.files.items()):
        name = skill.inside(path)
        if path not in there:
            yield f"new: {name}, {text.count(chr(10))} lines"
            continue
        old = skill.tree.read(there[path]).decode("utf-8", "replace")
        yield from unified_diff(old.split("\n"), text.split("\n"), f"a/{name}", f"b/{name}", lineterm="")
