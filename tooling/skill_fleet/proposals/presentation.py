"""A draft in words: for its commits and its pull request, for a terminal, and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from difflib import SequenceMatcher, unified_diff
from typing import Literal

from skill_fleet import drafting
from skill_fleet.fleet import SKILL_FILE, Skill
from skill_fleet.markdown import read_front_matter
from skill_fleet.proposals.opening import Proposal, Texts
from skill_fleet.review import LEDGER_HEADING, sanitize

MOST = 30_000  # characters of an account: a commit message keeps it, since a second run can read it nowhere else
LEAST = 4_000  # characters of the ledger that are shown whatever else there is to say


def draft_texts(draft: drafting.Draft, *, trailers: tuple[tuple[str, str], ...] = ()) -> Texts:
    """The words of the two commits and of the pull request of a new skill."""
    return _texts(draft, f"Draft {draft.brief.path}", [], trailers)


def revision_texts(
    draft: drafting.Draft, before: Mapping[str, str], done: str, trailers: tuple[tuple[str, str], ...] = ()
) -> Texts:
    """The words for a revision of the texts `before`; `done` says in a sentence what was done."""
    rows = "\n".join(f"- `{path}`: {size_of(text, before.get(path))}" for path, text in sorted(draft.files.items()))
    changes = "\n\n".join(["## What changed", *([done] if done else []), rows])
    return _texts(draft, f"Revise {draft.brief.path}", [changes], trailers, "revision")


def _texts(
    draft: drafting.Draft,
    title: str,
    first: Sequence[str],
    trailers: tuple[tuple[str, str], ...],
    kind: Literal["draft", "revision"] = "draft",
) -> Texts:
    """They quote documents, so what the bot says of them is sanitized: it has rights that their authors do not have."""
    parts = [
        *first,
        _listed("Open points", drafting.most_important(draft.points)),
        _listed("Material for the description", draft.material),
        _listed("How it was written", draft.notes),
    ]
    account = sanitize(with_ledger(draft, parts))
    body = f"{sanitize(drafting.show_brief(draft.brief))}\n\n{account}"
    return Texts(title, sanitize(drafting.render_brief(draft.brief)), account, body, trailers, kind)


def with_ledger(draft: drafting.Draft, parts: Sequence[str], most: int = MOST) -> str:
    """Parts of a pull request's words and, in the room that is left of `most` characters, the ledger, if there is one."""
    said = "\n\n".join(part.strip() for part in parts if part.strip())
    if not draft.ledger:
        return said[:most]
    if len(said) > most - LEAST:
        said = f"{said[: most - LEAST]} \u2026\n\n_Cut here: `--format json` has all of it._"
    account = drafting.render_ledger(draft, full=True, most=most - min(len(said), most - LEAST)).strip()
    return f"{said}\n\n{LEDGER_HEADING}\n\n{account}".strip()


def _listed(heading: str, points: Sequence[str]) -> str:
    return "\n".join([f"## {heading}", "", *(f"- {point}" for point in points)]) if points else ""


def size_of(text: str, before: str | None) -> str:
    """How much of a file changes, in words."""
    lines = text.splitlines()
    if before is None:
        return f"new, {len(lines)} lines"
    steps = SequenceMatcher(None, before.splitlines(), lines, autojunk=False).get_opcodes()
    more = sum(step[4] - step[3] for step in steps if step[0] != "equal")
    less = sum(step[2] - step[1] for step in steps if step[0] != "equal")
    return f"lines: {more} added, {less} removed"


def facts(proposal: Proposal) -> dict[str, object]:
    """A draft for programs, written or not. `files` are named with their size in tokens, about."""
    draft = proposal.draft
    left = [entry for entry in draft.ledger if entry.fate is drafting.Fate.LEFT_OUT]
    return {
        **_common_facts(proposal),
        "description": read_front_matter(draft.files[SKILL_FILE].encode()).value("description"),
        "assumptions": [*draft.brief.assumptions],
        "left_out": [{"document": entry.document, "reason": entry.reason} for entry in left],
        "ledger": [asdict(entry) for entry in draft.ledger],
        "files": {name: len(text) // 4 for name, text in sorted(draft.files.items())},
        "material": [*draft.material],
    }


def revision_facts(proposal: Proposal, skill: Skill) -> dict[str, object]:
    """A revision for programs. `files` are those that change, each with whether it is new or changed."""
    before = {skill.relative(entry.path) for entry in skill.entries}
    files = {path: "changed" if path in before else "new" for path in sorted(proposal.draft.files)}
    return {**_common_facts(proposal), "files": files}


def _common_facts(proposal: Proposal) -> dict[str, object]:
    return {
        "skill": proposal.skill,
        "open_points": drafting.points_as_json(proposal.draft.points),
        "findings": [finding.as_json() for finding in proposal.findings],
    }


def points(proposal: Proposal) -> Iterator[str]:
    """What a person has to look at, a line each: assumptions, open points, and errors that the checks find."""
    yield from (f"  assumed: {assumption}" for assumption in proposal.draft.brief.assumptions)
    yield from (f"  open: {point}" for point in drafting.most_important(proposal.draft.points))
    for finding in proposal.findings:
        if finding.severity == "error":
            yield f"  {finding.path}:{finding.line}  {finding.rule}  {finding.message}"


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """The diff between two states of some files; a file that is new or deleted by its size alone."""
    for path in sorted({*before, *after}):
        old, new = (texts.get(path, "").splitlines() for texts in (before, after))
        if path in before and path in after:
            yield from unified_diff(old, new, f"a/{path}", f"b/{path}", n=2, lineterm="")
        else:
            yield f"{'new' if path in after else 'deleted'}: {path}, {len(new or old)} lines"
