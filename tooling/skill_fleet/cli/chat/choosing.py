"""What to do when nothing was said: go on with an open draft, or hear what a new skill is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skill_fleet.cli.chat.talk import Talk
from skill_fleet.errors import UserError
from skill_fleet.review.session import DRAFT_BRANCHES

if TYPE_CHECKING:
    from skill_fleet.cli.forge import AnyForge


def choose_draft(talk: Talk, person: AnyForge) -> tuple[int | None, str]:
    """Nothing was said yet: the draft to go on with, or what a new skill is for; UserError when neither is said."""
    drafts = {
        f"Go on with #{row.number}: {row.title}": row.number
        for row in person.list("open")
        if row.head.startswith(DRAFT_BRANCHES)
    }
    if not talk.asks:
        raise UserError("Nothing was said that a skill could be drafted from.", "Say the task, or name a document.")
    talk.panel("clarify", "What is the skill for?", ["A sentence, or the path of a document to draft it from."])
    said = talk.hear([*drafts], "", "A new one: say what it is for")
    if said.text in drafts:
        return drafts[said.text], ""
    if not said.text:
        raise UserError("Nothing was said that a skill could be drafted from.", "Say the task, or name a document.")
    return None, said.text
