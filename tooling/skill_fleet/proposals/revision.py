"""The revision of a skill that exists, as a proposal: edits of a model that code has checked, or documents added to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skill_fleet.drafting import (
    Brief,
    Draft,
    Entry,
    Kind,
    Place,
    Point,
    Question,
    Severity,
    add_documents,
    chosen_documents,
    most_important,
    read_brief,
    read_source_trailers,
    render_brief,
    render_ledger,
    select,
    show_brief,
)
from skill_fleet.errors import UserError
from skill_fleet.fleet import ROOT, SKILL_FILE, Fleet, Skill
from skill_fleet.git import Commit, Repository
from skill_fleet.markdown import CannotEdit, read_front_matter, set_value, shortened, tidy
from skill_fleet.proposals.opening import Texts, Where, refuse_taken
from skill_fleet.proposals.proposal import Proposal
from skill_fleet.review import (
    DRAFT_BRANCHES,
    MOVED,
    SESSION,
    Files,
    code_trailers,
    harmless,
    model_written_code,
    skill_findings,
    texts_of,
    trailer,
    visible,
    with_texts,
)

if TYPE_CHECKING:
    from skill_fleet.model import ModelSettings, Revision, Tape
    from skill_fleet.proposals.forge import AnyForge
    from skill_fleet.proposals.opening import Where
    from skill_fleet.proposals.proposal import Ask, Wish


@dataclass(frozen=True)
class Revised:
    """What was made of a skill: its new texts, what was done in a sentence, and what a reviewer has to know."""

    files: Mapping[str, str]
    by: str
    done: str = ""
    points: tuple[Point, ...] = ()
    ledger: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()
    record: Mapping[str, Any] | None = None


def revision_of(
    wish: Wish,
    fleet: Fleet,
    repo: Repository,
    bot: AnyForge | None,
    where: Where,
    settings: ModelSettings | None,
    *,
    ask: Ask | None,
    assumes: bool,
    record: Path | None,
    replay: Path | None,
) -> Proposal:
    """What is put on the branch for a `wish` to revise the skill `wish.path`; what was begun for it is found again.

    Raises UserError when there is no such skill, its branch is taken by another draft, or nothing would change.
    """
    from skill_fleet.proposals.proposal import find_written

    skill, digest = skill_called(fleet, wish.path or ""), wish.digest
    if bot:
        if found := find_written(bot.repo, where, wish):
            return found
        branch = f"{DRAFT_BRANCHES}{skill.folder}"
        refuse_taken(
            bot.repo, where, branch, "Comment on its pull request, or finish that first: skill-fleet review list"
        )
    files = _files(skill)
    before = texts_of(files)
    if SKILL_FILE not in before:
        raise UserError(f"The {SKILL_FILE} of {skill.id} is no plain text file.", "Make it one first, on the base.")
    if settings:
        if wish.documents:
            selection = select(wish.documents, wish.only, wish.main or "none", anyway=True)
            wish = replace(wish, documents=chosen_documents(selection))
        origin = made_from(repo, where, skill, online=bot is not None)
        made = rework(settings, wish, skill, files, origin, ask=ask, assumes=assumes, record=record, replay=replay)
    else:
        messages = [commit.message for commit in _touching(repo, where.base_oid, [skill.id, *skill.formerly])]
        made = _added(wish, skill, before, read_source_trailers(messages))
    return _proposal(wish, skill, files, before, made, digest)


def skill_called(fleet: Fleet, typed: str) -> Skill:
    """The skill of that id, or of that name alone; UserError when there is none, or it is retired."""
    named = fleet.by_name.get(typed, [])
    skill = fleet.by_id.get(typed) or (named[0] if len(named) == 1 else None)
    if skill is None or skill.file is None:
        from difflib import get_close_matches

        near = get_close_matches(typed, [*fleet.by_id, *fleet.by_name], 1, 0.5)
        heirs = fleet.former.get(typed)
        tip = f"It is {heirs[0].id} now." if heirs else f"Did you mean {near[0]}?" if near else ""
        raise UserError(f"There is no skill {typed} on the base.", tip or "See what there is: skill-fleet list")
    if skill.status == "retired":
        raise UserError(f"{skill.id} is retired.", "Revise the one that replaces it; its SKILL.md says which.")
    return skill


def _files(skill: Skill) -> Files:
    contents = {entry.path: skill.tree.read(entry) for entry in skill.entries}
    return Files(skill.path, contents, {entry.path: entry.mode for entry in skill.entries})


def _added(wish: Wish, skill: Skill, before: Mapping[str, str], recorded: Mapping[str, str]) -> Revised:
    """The documents added, which needs no model."""
    added = add_documents(skill.id, before, wish.documents, recorded, wish.only)
    points = [*added.points, *([Point(Kind.TASK_NOT_DONE)] if wish.task.strip() else [])]
    return Revised(added.files, "extractive", "", tuple(points), added.ledger, added.notes)


def _proposal(
    wish: Wish, skill: Skill, files: Files, before: Mapping[str, str], made: Revised, digest: str
) -> Proposal:
    changed = {path: text for path, text in made.files.items() if before.get(path) != text}
    if odd := next((path for path in changed if path not in before and skill.inside(path) in files.contents), None):
        raise UserError(
            f"{odd} of {skill.id} is no plain text file, so nothing is put in its place.",
            "Call the document otherwise.",
        )
    text, point = bumped(
        before.get(SKILL_FILE, ""),
        changed.get(SKILL_FILE, before.get(SKILL_FILE, "")),
        more=any(path not in before for path in changed),
    )
    if text != before.get(SKILL_FILE):
        changed[SKILL_FILE] = text
    points = (*made.points, *([point] if point else []))
    brief = Brief(wish.task or f"Revise it by {', '.join(one.name for one in wish.documents)}.", skill.id)
    brief = Brief(" ".join(brief.task.split()), skill.id, sources=tuple(one.name for one in wish.documents))
    draft = Draft(brief, changed, made.ledger, points, made.by, made.notes)
    after = files
    for path, new in changed.items():
        after = after.with_file(f"{skill.path}/{path}", new.encode())
    shown, account = harmless(show_brief(brief)), harmless(_account(draft, before, made.done))
    code = model_written_code(changed, before) if made.by != "extractive" else ()
    title = f"Revise {skill.id}"
    texts = Texts(
        title, harmless(render_brief(brief)), account, f"{shown}\n\n{account}", code_trailers(code), "revision"
    )
    record = made.record or {"before": dict(before), "after": {**before, **changed}}
    facts = {"kind": "revision", "task": wish.task, "sources": [document.facts() for document in wish.documents]}
    return Proposal(draft, skill_findings(after), digest, texts, {**record, **facts})


def _account(draft: Draft, before: Mapping[str, str], done: str) -> str:
    """What was done, to which files, what is open, and where the documents went."""
    rows = [f"`{path}`: {size_of(text, before.get(path))}" for path, text in sorted(draft.files.items())]
    ledger, points = render_ledger(draft, full=False).strip(), most_important(draft.points)
    parts = [
        "\n\n".join(["## What changed", *([done] if done else []), "\n".join(f"- {row}" for row in rows)]),
        "\n".join(["## Open points", "", *(f"- {point}" for point in points)]) if points else "",
        f"## Where the source went\n\n{ledger}" if ledger else "",
        "\n".join(["## How it was written", "", *(f"- {note}" for note in draft.notes)]) if draft.notes else "",
    ]
    return "\n\n".join(part for part in parts if part)


def size_of(text: str, before: str | None) -> str:
    """How much of a file changes, in words."""
    from difflib import SequenceMatcher

    lines = text.splitlines()
    if before is None:
        return f"new, {len(lines)} lines"
    steps = SequenceMatcher(None, before.splitlines(), lines, autojunk=False).get_opcodes()
    more = sum(step[4] - step[3] for step in steps if step[0] != "equal")
    less = sum(step[2] - step[1] for step in steps if step[0] != "equal")
    return f"{more} lines more, {less} fewer"


_FROM_SOURCES = (
    "Take over what the sources say on this skill's subject: what it lacks, and what it says otherwise. "
    "Leave alone what they do not concern."
)
_CHOOSE = "I cannot answer. Take the reading that you find most likely, and say in the reply which one you took."
_ROUNDS = 3  # of questions, after which it is said that the task is unclear


def rework(
    settings: ModelSettings,
    wish: Wish,
    skill: Skill,
    files: Files,
    origin: Brief | None = None,
    *,
    ask: Ask | None,
    assumes: bool,
    record: Path | None,
    replay: Path | None,
) -> Revised:
    """What the model makes of the skill. Its question is put to `ask`, if there is one; if it `assumes`, to nobody.
    `origin` is the brief that the skill was once made from, where that is known.

    Raises UserError, with nothing changed, when it declines, has nothing to change, or its edits cannot be made.
    """
    from skill_fleet.model import Tape, as_row

    tape = Tape(record, replay)  # one for all rounds: each takes what it finds, and adds to the same record

    said, spent = [("the requester", wish.task.strip() or _FROM_SOURCES)], list[str]()
    for _ in range(_ROUNDS):
        done = _asked(settings, wish, skill, files, origin, said, tape)
        one = done.handled[0]
        spent.append(done.spent.words())
        if one.outcome != "asked":
            break
        answer = _CHOOSE if assumes else (ask(Question(one.reply, "")) or _CHOOSE) if ask else ""
        if not answer:
            break
        said += [("the bot", one.reply), ("the requester", answer)]
        used = done.spent.prompt + done.spent.completion
        settings = replace(settings, calls=settings.calls - done.spent.calls, tokens=settings.tokens - used)
    _refuse(skill, one.outcome, one.reply)
    _, why = with_texts(files, done.files)
    if why:
        raise UserError(f"The revision by {done.model} cannot be committed: {why}", "Run again, or edit it by hand.")
    points = [Point(Kind.NOT_IN_SOURCES, examples=one.unsourced)] if one.unsourced else []
    programs = ", ".join(dict.fromkeys(f"{call.step} {call.program}" for call in done.record.calls))
    notes = (f"Revised by {done.model}: {'; then '.join(spent)}.", f"Programs: {programs}.")
    if len(said) > 1:
        points.insert(0, Point(Kind.ASSUMED, Severity.WARNING, tidy(said[-2][1]), tidy(said[-1][1])))
    return Revised(done.files, f"dspy {done.model}", one.reply, tuple(points), (), notes, as_row(done.record))


def _asked(
    settings: ModelSettings,
    wish: Wish,
    skill: Skill,
    files: Files,
    origin: Brief | None,
    said: list[tuple[str, str]],
    tape: Tape,
) -> Revision:
    from skill_fleet.model import Thread, checks_for, revise
    from skill_fleet.proposals.start import progress

    return revise(
        settings,
        texts_of(files),
        Brief("", skill.id),
        [Thread("task", "", 0, 0, "", tuple(said))],
        checks_for(skill.id),
        origin=origin,
        sources=wish.documents,
        tape=tape,
        progress=progress(),
    )


def _refuse(skill: Skill, outcome: str, reply: str) -> None:
    """UserError when nothing came of it."""
    said = f"It says: {' '.join(reply.split())}"
    if outcome == "answered":
        raise UserError(f"The model finds nothing to change in {skill.id}.", f"{said} Say more closely what you want.")
    if outcome == "declined":
        raise UserError(f"The model declines to revise {skill.id} so.", f"{said} Say it otherwise, or edit it by hand.")
    if outcome == "asked":
        tip = f"{said} Answer in the task, or leave it open with --auto-approve."
        raise UserError(f"What is wanted of {skill.id} is not clear.", tip)
    if outcome == "open":
        why = " ".join(reply.split())
        raise UserError(f"No edit of {skill.id} could be made.", f"{why} Run again, or say it otherwise.")


_NUMBERS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})*")


def next_version(version: str, *, more: bool) -> str:
    """The version after `version`: its last number bumped, or the one before that when there is `more` than there was.

    '' when it is not numbers and dots.
    """
    if not _NUMBERS.fullmatch(version):
        return ""
    numbers = [int(part) for part in version.split(".")]
    at = len(numbers) - 1 - (more and len(numbers) > 2)
    return ".".join(str(number) for number in [*numbers[:at], numbers[at] + 1, *[0] * (len(numbers) - at - 1)])


def bumped(before: str, after: str, *, more: bool) -> tuple[str, Point | None]:
    """The SKILL.md `after` a change with its version bumped, and the point that asks a person to do it instead, if any.

    A skill without a version gets none, and one whose version the change bumped itself keeps that.
    """
    old, new = (read_front_matter(text.encode("utf-8")).metadata("version") for text in (before, after))
    if old is None or old != new:
        return after, None
    if not (wanted := next_version(old, more=more)):
        return after, Point(Kind.VERSION, subject=old, detail="it is not made of numbers", places=(Place(SKILL_FILE),))
    try:
        return set_value(after.encode("utf-8"), "metadata.version", wanted).decode("utf-8"), None
    except CannotEdit as problem:
        return after, Point(Kind.VERSION, subject=old, detail=str(problem), places=(Place(SKILL_FILE),))


_BEGIN = "Begin the draft of "
_NUMBER = re.compile(r"#([1-9][0-9]{0,8})\b")
_MOVES = 8  # of one skill that are followed
_PULLS = 3  # that are looked at: it began with the oldest
_LINES, _LONGEST = 20, 400  # entries of a list, and characters of one: whoever wrote it, it is shown to a model


def made_from(repo: Repository, where: Where, skill: Skill, *, online: bool) -> Brief | None:
    """The task, audience, capabilities and agreements of the draft that `skill` once was; None when nothing says so.

    Only what the base contains is looked at, and a record only of a pull request that the base names; if `online`, it
    is fetched.
    """
    ids = list(dict.fromkeys((skill.id, *skill.formerly)))
    commits = _touching(repo, where.base_oid, ids)
    for _ in range(_MOVES):  # a move within the pull request is told by its commit alone
        moved = (trailer(commit.message, MOVED).partition(" -> ") for commit in commits)
        if not (new := [old for old, _, to in moved if to in ids and old not in ids]):
            break
        ids += dict.fromkeys(new)
        commits = _touching(repo, where.base_oid, ids)
    found = _in_history(repo, commits, ids) or _on_record(repo, commits, ids, where.remote, online)
    return _bounded(found, skill.id) if found and (found.task or found.capabilities) else None


def _touching(repo: Repository, base: str, ids: Sequence[str]) -> tuple[Commit, ...]:
    """The commits of the base that touched the folders of these skills, oldest first."""
    return repo.commits(base, "--", *(f":(top,literal){ROOT}/{one}" for one in ids))


def _in_history(repo: Repository, commits: Sequence[Commit], ids: Sequence[str]) -> Brief | None:
    """What the commit says that the first draft of it stands on."""
    for commit in commits:
        if trailer(commit.message, "Skill") in ids and trailer(commit.message, "Drafted-by") and commit.parents:
            (session,) = repo.commits(f"{commit.parents[0]}^!")
            if session.message.startswith(_BEGIN) and trailer(session.message, SESSION):
                text = session.message.strip().partition("\n\n")[2].rpartition("\n\n")[0]
                return read_brief(visible(text), "")
    return None


def _on_record(
    repo: Repository, commits: Sequence[Commit], ids: Sequence[str], remote: str | None, online: bool
) -> Brief | None:
    """What was kept of the pull request that a commit of the base names, of a draft of this skill."""
    from skill_fleet.model import fetch_record, kept_rows

    numbers = dict.fromkeys(int(number) for commit in commits for number in _named(commit.message))
    for number in list(numbers)[:_PULLS]:
        if remote and online:
            fetch_record(repo, remote, number)
        for row in kept_rows(repo, number, remote):
            brief = row.get("brief")
            if row.get("kind") == "draft" and row.get("skill") in ids and isinstance(brief, dict):
                return _read(brief)
    return None


def _named(message: str) -> Iterator[str]:
    yield from _NUMBER.findall(message.partition("\n")[0])
    yield from _NUMBER.findall(trailer(message, "Pull-request"))


def _read(brief: dict[str, Any]) -> Brief:
    """A brief of a record, which anybody who may push can have written: only texts where texts belong."""

    def text(name: str) -> str:
        return visible(value) if isinstance(value := brief.get(name), str) else ""

    def entries(name: str) -> tuple[str, ...]:
        value = brief.get(name)
        return tuple(visible(each) for each in value if isinstance(each, str)) if isinstance(value, list) else ()

    said = (entries("capabilities"), entries("triggers"), entries("non_goals"), entries("assumptions"))
    return Brief(text("task"), "", text("audience"), *said)


def _bounded(brief: Brief, path: str) -> Brief:
    def short(entries: Sequence[str]) -> tuple[str, ...]:
        return tuple(shortened(tidy(each), _LONGEST) for each in entries[:_LINES])

    return Brief(
        shortened(tidy(brief.task), 5 * _LONGEST),
        path,
        shortened(tidy(brief.audience), _LONGEST),
        short(brief.capabilities),
        short(brief.triggers),
        short(brief.non_goals),
        short(brief.assumptions),
    )
