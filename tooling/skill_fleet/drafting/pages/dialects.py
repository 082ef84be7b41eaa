"""Headings of other markup languages, marked on their own line: AsciiDoc, MediaWiki, Org, Textile and POD."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from skill_fleet.drafting.pages.page import Used
from skill_fleet.drafting.pages.rewritten import LEAST, Rewritten, headed, without_headings

_ATX = re.compile(r"#{1,6}[ \t]+\S")
_FENCE = re.compile(r"(`{3,}|~{3,})")
_LONGEST = 150  # characters of a heading


@dataclass(frozen=True)
class _Dialect:
    """How a language marks a heading (`mark` says the level), and the lines between which it is none.

    `blocks` begin and end text that is kept as it is, the end being the same line or what follows after a space;
    `code` are those of them that Markdown's fences can stand for; `items` begin an item of a numbered list.
    In a `mixed` text the rest is Markdown.
    """

    name: str
    heading: re.Pattern[str]
    blocks: re.Pattern[str]
    code: str = ""
    items: bool = False
    mixed: bool = False
    sure: re.Pattern[str] | None = None


_NONE = re.compile(r"(?!)")
_DIALECTS = (
    _Dialect(
        "in MediaWiki's markup",
        re.compile(r"(?P<mark>={1,6})[ \t]*(?P<title>[^=\s>](?:.*?[^=\s])?)[ \t]*(?P=mark)[ \t]*$"),
        re.compile(r"<(?P<tag>pre|syntaxhighlight|source|nowiki)\b(?!.*</(?P=tag)>)"),
        items=True,
    ),
    _Dialect(
        "in AsciiDoc",
        re.compile(r"(?P<mark>={1,6})[ \t]+(?P<title>\S.*?)[ \t]*$"),
        re.compile(r"(?P<line>-{4,}|\.{4,}|/{4,}|\+{4,})[ \t]*$"),
        code="-",
    ),
    _Dialect(
        "in Org",
        re.compile(r"(?P<mark>\*{1,6})[ \t]+(?P<title>\S.*?)(?:[ \t]+:[\w:@]+:)?[ \t]*$"),
        re.compile(r"#\+begin_(?P<org>\w+)", re.I),
        sure=re.compile(r"#\+\w+:|:PROPERTIES:|\*\* \S", re.I),
    ),
    _Dialect(
        "with HTML's headings",
        re.compile(r"<h(?P<mark>[1-6])\b[^<>]*>[ \t]*(?P<title>[^\s<].*?)[ \t]*</h(?P=mark)>[ \t]*$", re.I),
        _NONE,
        mixed=True,
    ),
    _Dialect("in Textile", re.compile(r"h(?P<mark>[1-6])\.[ \t]+(?P<title>\S.*?)[ \t]*$"), _NONE),
    _Dialect("in POD", re.compile(r"=head(?P<mark>[1-6])[ \t]+(?P<title>\S.*?)[ \t]*$"), _NONE),
)
_ATTRIBUTE = re.compile(r":!?[\w-]+!?:(?: |$)")
_SOURCE = re.compile(r"\[(?:source|listing)?(?:%[\w%]+)?(?:,[ \t]*(?P<language>[\w+-]+))?[^\]]*\][ \t]*$")


def marked(lines: Sequence[str]) -> Rewritten | None:
    """The text with Markdown's headings, if it is written in one of these languages and not in Markdown."""
    firsts = {line[:1] for line in lines}
    if not firsts & set("=*h<"):
        return None
    for dialect in _DIALECTS:
        found, kept, plain = _headings(dialect, lines)
        if (
            len(found) >= LEAST
            and (dialect.mixed or 4 * plain <= len(found))
            and (dialect.sure is None or _sure(dialect, lines))
        ):
            tops = sum(level == 1 for level, _ in found.values())
            # Several are chapters below a title that the text does not have.
            below = int(tops > 1 and not dialect.mixed)
            heads = {at: (level + below, title) for at, (level, title) in found.items()}
            return _rewritten(dialect, lines, heads, kept)
    return None


def _sure(dialect: _Dialect, lines: Sequence[str]) -> bool:
    return dialect.sure is not None and any(dialect.sure.match(line) for line in lines)


def _headings(dialect: _Dialect, lines: Sequence[str]) -> tuple[dict[int, tuple[int, str]], set[int], int]:
    """The headings by line with level and title, the lines kept as they are, and how many look like Markdown's headings."""
    found: dict[int, tuple[int, str]] = {}
    kept: set[int] = set()
    plain = 0
    end = ""
    for at, line in enumerate(lines):
        if end:
            kept.add(at)
            end = "" if line.strip().lower().startswith(end) else end
        elif len(line) > _LONGEST:
            continue
        elif fence := _FENCE.match(line):
            end = fence[1]
        elif opened := dialect.blocks.match(line):
            end = _end(opened)
        elif heading := dialect.heading.match(line):
            mark = heading["mark"]
            alone = mark[0] != "*" or at == 0 or not lines[at - 1].startswith("*")
            if alone:
                found[at] = (int(mark) if mark.isdigit() else len(mark), heading["title"])
        elif _ATX.match(line) and not dialect.items:
            plain += 1
    return found, kept, plain


def _end(opened: re.Match[str]) -> str:
    groups = opened.groupdict()
    if groups.get("tag"):
        return f"</{groups['tag'].lower()}"
    return f"#+end_{groups['org'].lower()}" if groups.get("org") else groups["line"]


def _rewritten(dialect: _Dialect, lines: Sequence[str], found: dict[int, tuple[int, str]], kept: set[int]) -> Rewritten:
    result, seen = list(lines), list(lines)
    changed: set[int] = set(found)
    used: list[Used] = []
    end = ""
    title = min(found)  # in AsciiDoc, lines that stand against it say who wrote the text, and when
    head = next((at for at in range(title, len(lines)) if not lines[at].strip()), 0) if dialect.code else 0
    last = {line.rstrip(): at for at, line in enumerate(lines) if line[:1] == dialect.code}
    for at, line in enumerate(lines):
        if at in found:
            result[at] = headed(*found[at])
        elif end:
            if line.rstrip() == end:
                result[at], end = "```", ""
                changed.add(at)
            seen[at] = result[at]
            continue
        elif dialect.code and line[:1] == dialect.code and (opened := dialect.blocks.match(line)):
            if last[line.rstrip()] > at:
                end = opened["line"]
                source = _SOURCE.match(lines[at - 1]) if at else None
                result[at] = f"```{(source and source['language']) or ''}"
                changed.add(at)
                if source:
                    result[at - 1] = seen[at - 1] = ""
                    used.append(Used(at - 1, at, f"language of the code below it: {lines[at - 1].strip()}"))
        elif dialect.items and line[:2] == "# " and at not in kept:
            result[at] = f"1. {line[2:]}"
            changed.add(at)
        else:
            seen[at] = f"    {line}" if title < at < head else line if dialect.mixed else _seen(line)
            continue
        seen[at] = result[at]
    return Rewritten(tuple(result), tuple(seen), dialect.name, tuple(sorted(changed)), tuple(used))


def _seen(line: str) -> str:
    """What Markdown would read as a heading's underline or a rule is neither, and attributes are no text."""
    if _ATTRIBUTE.match(line):
        return f"    {line}"
    bare = line.strip()
    return "x" if bare and len(set(bare)) == 1 and bare[0] in "=-" else without_headings(line)
