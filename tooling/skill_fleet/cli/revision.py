"""The revision of a skill that exists, as a proposal: edits of a model that code has checked, or documents added to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skill_fleet.cli.propose import Proposal
from skill_fleet.drafting.adding.versions import raised
from skill_fleet.drafting.briefs import render_brief
from skill_fleet.drafting.placing.ledger import render_ledger
from skill_fleet.drafting.sources.provenance import source_facts
from skill_fleet.drafting.types import Brief, Draft, Entry
from skill_fleet.errors import UserError
from skill_fleet.fleet.fleet import Fleet
from skill_fleet.fleet.git import Repository
from skill_fleet.fleet.skill import SKILL_FILE, Skill
from skill_fleet.review.edits import Files
from skill_fleet.review.harmless import harmless
from skill_fleet.review.model_code import code_trailers, model_written_code
from skill_fleet.review.opening import Texts, Where, refuse_taken
from skill_fleet.review.rounds import texts_of
from skill_fleet.review.session import DRAFT_BRANCHES
from skill_fleet.review.status import skill_findings

if TYPE_CHECKING:
    from skill_fleet.cli.drafting import Wish
    from skill_fleet.cli.forge import AnyForge
    from skill_fleet.drafting.model.settings import ModelSettings


@dataclass(frozen=True)
class Revised:
    """What was made of a skill: its new texts, what was done in a sentence, and what a reviewer has to know."""

    files: Mapping[str, str]
    by: str
    done: str = ""
    points: tuple[str, ...] = ()
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
    asks: bool,
    assumes: bool,
    record: Path | None,
    replay: Path | None,
) -> Proposal:
    """What is put on the branch for a `wish` to revise the skill `wish.path`; what was begun for it is found again.

    Raises UserError when there is no such skill, its branch is taken by another draft, or nothing would change.
    """
    from skill_fleet.cli.written import find_written

    skill = skill_called(fleet, wish.path or "")
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
        from skill_fleet.cli.made_from import made_from
        from skill_fleet.cli.reworking import rework

        origin = made_from(repo, where, skill, online=bot is not None)
        made = rework(settings, wish, skill, files, origin, asks=asks, assumes=assumes, record=record, replay=replay)
    else:
        made = _added(wish, skill, before)
    return _proposal(wish, skill, files, before, made)


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


def _added(wish: Wish, skill: Skill, before: Mapping[str, str]) -> Revised:
    """The documents added, which needs no model."""
    from skill_fleet.drafting.adding.addition import add_documents

    added = add_documents(skill.id, before, wish.documents, wish.only, wish.everything)
    points = list(added.points)
    if wish.task.strip():
        points.append("The task was not worked in: without a model, documents are added, and no text is changed.")
    if any(path not in before for path in added.files):
        points.append("The description does not speak of what is new; `/describe TEXT` changes it.")
    return Revised(added.files, "extractive", "", tuple(points), added.ledger, added.notes)


def _proposal(wish: Wish, skill: Skill, files: Files, before: Mapping[str, str], made: Revised) -> Proposal:
    changed = {path: text for path, text in made.files.items() if before.get(path) != text}
    if odd := next((path for path in changed if path not in before and skill.inside(path) in files.contents), None):
        raise UserError(
            f"{odd} of {skill.id} is no plain text file, so nothing is put in its place.",
            "Call the document otherwise.",
        )
    text, point = raised(
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
    words, account = harmless(render_brief(brief)), harmless(_account(draft, before, made.done))
    code = model_written_code(changed, before) if made.by != "extractive" else ()
    title = f"Revise {skill.id}"
    texts = Texts(title, words, account, f"{words}\n\n{account}", code_trailers(code), "revision")
    record = made.record or {"before": dict(before), "after": {**before, **changed}}
    facts = {"kind": "revision", "task": wish.task, "sources": source_facts(wish.documents)}
    return Proposal(draft, skill_findings(after), wish.digest, texts, {**record, **facts})


def _account(draft: Draft, before: Mapping[str, str], done: str) -> str:
    """What was done, to which files, what is open, and where the documents went."""
    rows = [f"`{path}`: {size_of(text, before.get(path))}" for path, text in sorted(draft.files.items())]
    ledger = render_ledger(draft, full=False).strip()
    parts = [
        "\n\n".join(["## What changed", *([done] if done else []), "\n".join(f"- {row}" for row in rows)]),
        "\n".join(["## Open points", "", *(f"- {point}" for point in draft.open_points)]) if draft.open_points else "",
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
