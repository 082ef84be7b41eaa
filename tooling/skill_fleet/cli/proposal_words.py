"""A proposal in words: for its commits and its pull request, for the person who asked, and for programs."""

from __future__ import annotations

from collections.abc import Iterator

from skill_fleet.cli.propose import Proposal
from skill_fleet.drafting.briefs import render_brief
from skill_fleet.drafting.ledger import render_ledger
from skill_fleet.drafting.preview import description_of
from skill_fleet.drafting.types import Draft
from skill_fleet.review.opening import Texts

LEDGER_HEADING = "## Where the source went"


def texts(proposal: Proposal) -> Texts:
    """The words of the two commits and of the pull request."""
    if proposal.texts:
        return proposal.texts
    draft = proposal.draft
    brief = render_brief(draft.brief)
    points = "\n".join(f"- {point}" for point in draft.open_points)
    parts = [brief.strip(), f"## Open points\n\n{points}" if points else "", LEDGER_HEADING]
    body = "\n\n".join([*filter(None, parts), render_ledger(draft, full=True).strip()])
    return Texts(f"Draft {draft.brief.path}", brief, render_ledger(draft, full=False), body)


def facts(proposal: Proposal) -> dict[str, object]:
    """What programs are told, whether it was written or not; `files` are named with their size in tokens, about."""
    aside = [entry for entry in proposal.draft.ledger if entry.fate == "set aside"]
    return {
        "skill": proposal.skill,
        "description": description_of(proposal.draft),
        "left_out": [{"document": entry.document, "reason": entry.reason} for entry in aside],
        "files": {name: _tokens(text) for name, text in sorted(proposal.draft.files.items())},
        "open_points": [*proposal.draft.open_points],
        "findings": [finding.as_json() for finding in proposal.findings],
    }


def points(proposal: Proposal) -> Iterator[str]:
    """What a person has to look at: open points, and errors that the checks find."""
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


def _tokens(text: str) -> int:
    return len(text) // 4
