"""One Markdown document, parsed once: front matter, sections, blocks that are never cut, anchors, definitions of links."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from markdown_it import MarkdownIt

from skill_fleet import markdown

ATTRIBUTES = re.compile(r"[ \t]*\{ ?#([\w.:-]+)[^{}]{0,100}\}[ \t]*(?=#*[ \t]*$)")
_ANCHOR = re.compile(
    r"""<\w[^<>]{0,200}?\b(?:id|name)\s*=\s*["']?([^"'\s<>]{1,200})|\{ ?#([\w.:-]{1,100})[^{}]{0,100}\}"""
)
_INCLUDE = re.compile(
    r"\s*(?:\{\*\s*(\S{1,300})[^{}]{0,200}\*\}|include::([^\[\]\s]{1,300})\[.{0,200}\]|(?:;\s*)?--8<--\s+[\"']([^\"'\s]{1,300})[\"']"
    r"|\{\{#(?:include|rustdoc_include|playground)\s+([^\s:{}]{1,300})[^{}]{0,100}\}\}|::: (\w+(?:\.\w+)+))\s*$"
)
_LONE_ANCHOR = re.compile(r"\s*<a\s[^<>]{0,200}>\s*</a>\s*$")
_HTML_H1 = re.compile(r"<h1\b[^<>]{0,300}>(.{1,500}?)</h1>", re.IGNORECASE | re.DOTALL)
_KEY = re.compile(r"([A-Za-z_][\w.-]{0,60}):(?:[ \t]+(.*))?$")
_MATTER_LINES = 400
_MOST_LINES = 20_000  # that are parsed; below them, all is text without headings, in which no link changes


@dataclass(eq=False)
class Section:
    """A heading on line `at` and all below it, from its `body` up to `last`, which is exclusive; lines are counted from 0.

    It begins on line `first`: with the heading, or with anchors (`<a id>`) right before it.
    """

    title: str
    raw: str
    level: int
    at: int
    first: int
    body: int
    last: int
    children: list[Section] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Fence:
    """A fenced block: lines `first` up to `last` (from 0, exclusive), its language in lower case, the line that would
    close it, and whether it is closed.
    """

    first: int
    last: int
    language: str
    mark: str
    closed: bool


@dataclass(frozen=True, eq=False)
class Page:
    """The parsed lines of a document. The body begins on line `start`, behind the front matter `matter`.

    `fault` is what of the front matter was not understood. No links are rewritten on the lines `code` (fences, indented
    code and HTML), but for those of tags on the lines `html`. Paragraphs are spans of lines; `lists` are the first line of each list that is in
    nothing else, and whether it is ordered.
    """

    lines: Sequence[str]
    root: Section
    start: int = 0
    matter: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""
    headings: Mapping[int, Section] = field(default_factory=dict)
    code: Collection[int] = ()
    html: Collection[int] = ()
    fences: Sequence[Fence] = ()
    paragraphs: Sequence[tuple[int, int]] = ()
    lists: Sequence[tuple[int, bool]] = ()
    html_title: str = ""

    @cached_property
    def title(self) -> str:
        """The first heading of level 1, in Markdown or HTML; "" if there is none."""
        first = next((section.title for section in self.headings.values() if section.level == 1 and section.title), "")
        return first or self.html_title

    @cached_property
    def closing(self) -> Mapping[int, str]:
        """The lines that close fences which the text leaves open, by the line before which they belong."""
        return {fence.last: fence.mark for fence in self.fences if not fence.closed}

    @cached_property
    def targets(self) -> Mapping[str, int]:
        """The lines of explicit anchors (`{ #id }`, `<a id>`) by their name, and of headings by theirs."""
        found, seen = dict[str, int](), dict[str, int]()
        fenced = {line for fence in self.fences for line in range(fence.first, fence.last)}
        for at in range(self.start, len(self.lines)):
            line = self.lines[at][:2000]
            for match in _ANCHOR.finditer(line) if ("{" in line or "<" in line) and at not in fenced else ():
                found.setdefault((match[1] or match[2]).lower(), at)
        for at, section in self.headings.items():
            word = numbered(section.raw, seen)
            found.setdefault(word, at)
        return found

    @cached_property
    def definitions(self) -> Mapping[str, tuple[int, str]]:
        """Link definitions by label in lower case: their line and target."""
        found: dict[str, tuple[int, str]] = {}
        for at in range(self.start, len(self.lines)):
            if "]:" in self.lines[at] and at not in self.code and (match := markdown.DEFINITION.match(self.lines[at])):
                found.setdefault(" ".join(match["label"].lower().split()), (at, match["to"].strip("<>")))
        return found


def numbered(raw: str, seen: dict[str, int]) -> str:
    """The anchor that GitHub makes of the raw Markdown of a heading, after those that it has `seen` in the file."""
    word = markdown.slug(markdown.inline_text(ATTRIBUTES.sub("", raw)))
    count = seen[word] = seen.get(word, -1) + 1
    return f"{word}-{count}" if count else word


def included_path(line: str) -> str:
    """The path that a line includes, as MkDocs, mdBook, AsciiDoc or pymdownx write it; "" if it includes none."""
    is_one = "::" in line or "{*" in line or "{{#" in line or "--8<--" in line
    found = _INCLUDE.match(line[:600]) if is_one else None
    return next(filter(None, found.groups())) if found else ""


def parse_page(lines: Sequence[str]) -> Page:
    """Parse a document given as lines without line ends. Linear in its length; raises nothing."""
    matter, start, fault = _front_matter(lines)
    end = min(len(lines), _MOST_LINES)
    body = "\n".join([*("" for _ in range(start)), *lines[start:end]]).replace("\0", "\ufffd")
    parser = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join", "reference"])
    tokens = parser.parse(f"{body}\n")
    code: set[int] = {*range(end, len(lines))}
    html: set[int] = set()
    fences: list[Fence] = []
    heads: list[Section] = []
    paragraphs, lists = list[tuple[int, int]](), list[tuple[int, bool]]()
    html_title = ""
    for at, token in enumerate(tokens):
        if token.map is None:
            continue
        first, last = token.map
        if token.type in ("fence", "code_block", "html_block"):
            (html if token.type == "html_block" else code).update(range(first, last))
        if token.type == "fence":
            closed = last - first > token.content.count("\n") + 1
            if not closed and last >= end - 1:  # the end of a fence may be below what is parsed
                last, closed = len(lines), end < len(lines)
            before = re.sub(r"[^>\s]", " ", lines[first].partition(token.markup)[0])
            fences.append(Fence(first, last, (token.info.split() or [""])[0].lower(), before + token.markup, closed))
        elif token.type == "html_block" and not html_title and (found := _HTML_H1.search(token.content[:4000])):
            html_title = markdown.plain(found[1])
        elif token.type == "heading_open" and token.level == 0:
            raw, begin = tokens[at + 1].content, _with_anchors(lines, first, start)
            heads.append(Section(markdown.plain(raw), raw, int(token.tag[1]), first, begin, last, len(lines)))
        elif token.type == "paragraph_open" and token.level == 0:
            paragraphs.append((first, last))
        elif token.type in ("bullet_list_open", "ordered_list_open") and token.level == 0:
            lists.append((first, token.type == "ordered_list_open"))
    root = Section("", "", 0, start, start, start, len(lines))
    stack = [root]
    for section in heads:
        while stack[-1].level >= section.level:
            stack.pop().last = section.first
        stack[-1].children.append(section)
        stack.append(section)
    headings = {one.at: one for one in heads}
    return Page(lines, root, start, matter, fault, headings, code | html, html, fences, paragraphs, lists, html_title)


def plain_page(lines: Sequence[str]) -> Page:
    """A file that is no Markdown: nothing in it is a heading or a link."""
    return Page(lines, Section("", "", 0, 0, 0, 0, len(lines)), code=range(len(lines)))


def _with_anchors(lines: Sequence[str], at: int, start: int) -> int:
    """The line of the first anchor right before a heading on line `at`, or `at`."""
    first = at
    for line in range(at - 1, max(start, at - 6) - 1, -1):
        if _LONE_ANCHOR.match(lines[line]):
            first = line
        elif lines[line].strip():
            break
    return first


def _front_matter(lines: Sequence[str]) -> tuple[Mapping[str, str], int, str]:
    """Texts by key (a list joined by commas, nested keys with dots), the line of the body, and what was not understood."""
    if not lines or lines[0].rstrip() != "---":
        return {}, 0, ""
    end = next((at for at in range(1, min(len(lines), _MATTER_LINES)) if lines[at].rstrip() in ("---", "...")), 0)
    inside = lines[1:end]
    if not end or (any(map(str.strip, inside)) and not any(map(_KEY.match, inside))):
        return {}, 0, ""  # a rule, not front matter
    node, faults = markdown.parse("\n".join(inside), first_line=2)
    if not faults and isinstance(node, markdown.Mapping):
        texts: dict[str, list[str]] = {}
        for path, value in markdown.scalars(node):
            if not path.endswith(":"):  # else it is a key
                texts.setdefault(path.replace("[]", ""), []).append(value.text)
        return {path: ", ".join(words) for path, words in texts.items()}, end + 1, ""
    found = {match[1]: (match[2] or "").strip().strip("\"'") for line in inside if (match := _KEY.match(line))}
    return found, end + 1, faults[0].detail if faults else "not a mapping" if found else ""
