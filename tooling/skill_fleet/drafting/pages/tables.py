"""Rules for the block parser that make one token: GFM's tables without their cells, and headings marked with `#`."""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock

from skill_fleet.drafting.pages.plain import DEEPEST

_RULED = re.compile(r":?-+:?")
_PIPE = re.compile(r"(?<!\\)\|")


def quick_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """GFM's table as one block without its cells: the parser's own rule makes several tokens a cell."""
    ruled = start + 1
    if ruled >= end or state.sCount[ruled] < state.blkIndent or state.is_code_block(ruled):
        return False
    columns = _columns(state.src[state.bMarks[ruled] + state.tShift[ruled] : state.eMarks[ruled]])
    head = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]] if columns else ""
    if "|" not in head or state.is_code_block(start) or _cells(head) != columns:
        return False
    if silent:
        return True
    enders = state.md.block.ruler.getRules("blockquote")
    line = ruled + 1
    while line < end and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        if state.is_code_block(line) or any(rule(state, line, end, True) for rule in enders):
            break
        line += 1
    state.push("table_open", "table", 1).map = [start, line]
    state.push("table_close", "table", -1)
    state.line = line
    return True


def quick_heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A heading marked with `#`, which no rule but a table's could claim before the parser's own comes to it."""
    first, last = state.bMarks[start] + state.tShift[start], state.eMarks[start]
    if silent or not state.src.startswith("#", first) or state.is_code_block(start):
        return False
    line = state.src[first:last]
    level = len(line) - len(line.lstrip("#"))
    if level > DEEPEST or line[level : level + 1] not in ("", " ", "\t") or "|" in line:
        return False
    state.line = start + 1
    token = state.push("heading_open", f"h{level}", 0)
    token.markup, token.map = "#" * level, [start, start + 1]
    return True


def _columns(rule: str) -> int:
    """How many columns the line below a table's head announces; 0 if it is no such line."""
    if len(rule) < 2 or rule[0] not in "|-:" or (rule[0] == "-" and rule[1].isspace()):  # the last is a list
        return 0
    cells = [cell.strip(" \t") for cell in rule.split("|")]
    inner = cells[not cells[0] : len(cells) - (len(cells) > 1 and not cells[-1])]
    return len(inner) if all(map(_RULED.fullmatch, inner)) else 0


def _cells(row: str) -> int:
    """How many cells a row has."""
    cells = _PIPE.split(row.strip())
    return len(cells) - (not cells[0]) - (len(cells) > 1 and not cells[-1])
