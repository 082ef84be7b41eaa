"""Sanitizing of Markdown that a model wrote, before the bot posts it under its own name and with its rights.

Whatever the text contains, the result mentions nobody, refers to no issue, and has no links, images, HTML or receipts. Addresses
stay as they are written, so that people see where they lead.
"""

from __future__ import annotations

import re
import unicodedata

from markdown_it import MarkdownIt

from skill_fleet.markdown import code_spans

LIMIT = 60_000
_LIVE = re.compile(r"@(?=\S)|#(?=\d)|\bGH-(?=\d)|\b(?:issues|pull|discussions)/(?=\d)", re.IGNORECASE)
_MARKS = re.compile(r"<(?=[A-Za-z/!?])|!(?=\[)|\](?=[(:])")  # a link could hide where it leads
_COMMENT = re.compile(r"<(?=!--)")  # not even in code: no text may look like a receipt
_ENTITY = re.compile(r"&(?=[#\w])")
_RUN = re.compile("`+")
_PARSERS = (MarkdownIt("commonmark"), MarkdownIt("commonmark").enable("table"))  # a cell of a table ends a code span


def sanitize(text: str) -> str:
    """Return `text` as inert Markdown. Code keeps its characters where a Markdown parser agrees that it is code."""
    given = _COMMENT.sub("< ", visible(text)).strip()[:LIMIT]
    marked = _MARKS.sub(r"\g<0> ", given)
    kept = _outside_code(_MARKS, given, marked)
    for attempt in (kept, _outside_code(_LIVE, kept, marked), _outside_code(_LIVE, marked, marked)):
        if not _is_live(attempt[:LIMIT]):
            return attempt[:LIMIT]
    return _LIVE.sub(r"\g<0> ", _ENTITY.sub("& ", marked).replace("\\", "/"))[:LIMIT]


def visible(text: str) -> str:
    """Return `text` without invisible characters: controls, direction marks, tags, surrogates."""
    lines = text.replace("\r\n", "\n").replace("\t", "    ")
    return "".join(char for char in lines if char == "\n" or unicodedata.category(char)[0] != "C")


def _outside_code(pattern: re.Pattern[str], text: str, marked: str) -> str:
    """Return `text` with a space after each match outside code. `marked` is `text` without HTML, which could hide fences."""
    blocks = [block.map for block in _PARSERS[0].parse(marked) if block.type == "fence" and block.map]
    fenced = {line for block in blocks for line in range(*block)}
    lines = text.split("\n")
    return "\n".join(line if at in fenced else _outside_spans(pattern, line) for at, line in enumerate(lines))


def _outside_spans(pattern: re.Pattern[str], line: str) -> str:
    spans, pieces, at = code_spans(line), [], 0
    for run in _RUN.finditer(line):
        if run.start() >= at and (end := spans.get(run.start())):
            pieces += [pattern.sub(r"\g<0> ", line[at : run.start()]), line[run.start() : end]]
            at = end
    return "".join([*pieces, pattern.sub(r"\g<0> ", line[at:])])


def _is_live(markdown: str) -> bool:
    """Whether a forge would act on the text outside code."""
    for block in (block for parser in _PARSERS for block in parser.parse(markdown)):
        if block.type == "html_block":
            return True
        for token in block.children or ():
            if token.type in ("html_inline", "image", "link_open") or (
                token.type == "text" and _LIVE.search(token.content)
            ):
                return True
            if any(_LIVE.search(str(value)) for value in token.attrs.values()):
                return True
    return False
