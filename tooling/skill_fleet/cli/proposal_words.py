"""A proposal in words: for its commits and its pull request, for the person who asked, and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from skill_fleet.cli.propose import Proposal
from skill_fleet.cli.review.page import LEDGER_HEADING
from skill_fleet.drafting.briefs import render_brief
from skill_fleet.drafting.placing.ledger import render_ledger
from skill_fleet.drafting.preview import description_of
from skill_fleet.drafting.types import Draft, Entry
from skill_fleet.review.harmless import harmless
from skill_fleet.review.opening import Texts

MOST = 58_000  # characters: making them harmless adds some, and a pull request holds 65,536
LEAST = 4_000  # characters of the ledger that are shown whatever else there is to say


def texts(proposal: Proposal) -> Texts:
    """The words of the two commits and of the pull request, which has the ledger in full.

    They quote documents, so they are made harmless: the bot says them with its own rights.
    """
    if proposal.texts:
        return proposal.texts
    draft = proposal.draft
    brief = harmless(render_brief(draft.brief))
    account = harmless(
        with_ledger(draft, (brief, listed("Open points", draft.open_points), listed("Notes", draft.notes)))
    )
    return Texts(f"Draft {draft.brief.path}", brief, harmless(render_ledger(draft, full=False)), account)


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
    aside = [entry for entry in proposal.draft.ledger if entry.fate == "set aside"]
    return {
        "skill": proposal.skill,
        "description": description_of(proposal.draft),
        "assumptions": [*proposal.draft.brief.assumptions],
        "left_out": [{"document": entry.document, "reason": entry.reason} for entry in aside],
        "ledger": [_as_json(entry) for entry in proposal.draft.ledger],
        "files": {name: _tokens(text) for name, text in sorted(proposal.draft.files.items())},
        "open_points": [*proposal.draft.open_points],
        "findings": [finding.as_json() for finding in proposal.findings],
    }


def points(proposal: Proposal) -> Iterator[str]:
    """What a person has to look at: what was assumed, open points, and errors that the checks find."""
    yield from (f"  assumed: {assumption}" for assumption in proposal.draft.brief.assumptions)
    for point in proposal.draft.open_points:
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
