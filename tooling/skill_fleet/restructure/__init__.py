"""Drafting without a model: from documents to the files of one skill, with a fate for every source line.

Read aloud: `read_documents` (decode, convert, unpack) -> `fill` (placeholders) -> `select` (which document is
SKILL.md's) -> `brief_for` (its id and what it covers) -> `Restructurer(...).draft` (outline, split, write, account).
`render_listing`, `render_preview` and `render_ledger` show it; `add_documents` puts documents into a skill that exists.

Only `read_documents` touches a disk or runs a program (pandoc). Everything else is a function of its arguments, takes
linear time, and raises nothing but UserError, whatever the text.
"""

from __future__ import annotations

from skill_fleet.restructure.adding import Added, add_documents, read_source_trailers, source_trailers
from skill_fleet.restructure.briefs import brief_digest, brief_from_json, read_brief, render_brief, show_brief
from skill_fleet.restructure.drafter import (
    Restructurer,
    brief_for,
    draft_selection,
    name_of,
    render_preview,
    safety_points,
)
from skill_fleet.restructure.naming import ranked_categories, settle_path
from skill_fleet.restructure.points import most_important, point_text, points_as_json, points_from_json
from skill_fleet.restructure.read import PLACEHOLDER, document_from_text, fill, read_documents
from skill_fleet.restructure.selection import Selection, Undecided, render_listing, select
from skill_fleet.restructure.types import (
    Brief,
    Document,
    Draft,
    Drafter,
    Entry,
    Fate,
    Generated,
    Kind,
    Place,
    Point,
    Question,
    Severity,
)
from skill_fleet.restructure.writing import render_ledger

__all__ = [
    "PLACEHOLDER", "Added", "Brief", "Document", "Draft", "Drafter", "Entry", "Fate", "Generated", "Kind", "Place", "Point",
    "Question", "Restructurer", "Selection", "Severity", "Undecided", "add_documents", "brief_digest", "brief_for",
    "brief_from_json", "document_from_text", "draft_selection", "fill", "most_important", "name_of", "point_text",
    "points_as_json", "points_from_json", "ranked_categories", "read_brief", "read_documents", "read_source_trailers",
    "render_brief", "render_ledger", "render_listing", "render_preview", "safety_points", "select", "settle_path",
    "show_brief", "source_trailers",
]  # fmt: skip
