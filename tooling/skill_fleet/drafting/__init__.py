"""Drafting without a model: from documents to the files of one skill, with a fate for every source line.

Read aloud: `read_documents` (decode, convert, unpack) -> `fill` (placeholders) -> `select` (which document is
SKILL.md's) -> `brief_for` (its id and what it covers) -> `draft_selection` (plan, write, account).
`render_listing`, `render_preview` and `render_ledger` show it; `add_documents` puts documents into a skill that exists.

Only `read_documents` touches a disk or runs a program (pandoc). Everything else is a function of its arguments, takes
linear time, and raises nothing but UserError, whatever the text.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
