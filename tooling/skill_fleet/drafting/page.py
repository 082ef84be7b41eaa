"""One Markdown document, parsed once: front matter, sections, blocks that are never cut, anchors, definitions of links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from markdown_it import MarkdownIt

from skill_fleet.markdown import Mapping as YamlMapping, Scalar, Sequence as YamlSequence, parse, plain

ATX = re.compile(r"( {0,3})(#{1,6})(?=[ \t]|$)")
ATTRIBUTES = re.compile(r"[ \t]*\{ ?#([\w.:-]+)[^{}]{0,100}\}[ \t]*(?=#*[ \t]*$)")
_ANCHOR = re.compile(
    r"""<\w[^<>]{0,200}?\b(?:id|name)\s*=\s*["']?([^"'\s<>]{1,200})|\{ ?#([\w.:-]{1,100})[^{}]{0,100}\}"""
)
_DEFINITION = re.compile(r" {0,3}\[(?P<label>[^\[\]^][^\[\]]{0,300})\]:\s*(?P<to><[^<>]{0,2000}>|\S+)")
_LONE_ANCHOR = re.compile(r"\s*<a\s[^<>]{0,200}>\s*</a>\s*$")
_HTML_H1 = re.compile(r"<h1\b[^<>]{0,300}>(.{1,500}?)</h1>", re.IGNORECASE | re.DOTALL)
_KEY = re.compile(r"([A-Za-z_][\w.-]{0,60}):(?:[ \t]+(.*))?$")
_MATTER_LINES = 400


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

    def walk(self) -> Iterator[Section]:
        """This section and all in it, in the order of the text."""
        ahead = [self]
        while ahead:
            section = ahead.pop()
            yield section
            ahead += section.children[::-1]


@dataclass(frozen=True, eq=False)
class Fence:
    """A fenced block: lines `first` up to `last` (from 0, exclusive), what follows its opening marks, the line that would
    close it, whether it is closed, and whether it is in no list or quotation.
    """

    first: int
    last: int
    info: str
    mark: str
    closed: bool
    top: bool


@dataclass(frozen=True, eq=False)
class Page:
    """The parsed lines of a document. The body begins on line `start`, behind the front matter `matter`."""

    lines: Sequence[str]
    start: int
    matter: Mapping[str, str]
    fault: str
    root: Section
    headings: Mapping[int, Section]
    code: frozenset[int]
    """Lines of fences, indented code and HTML: no links are rewritten there."""
    fences: tuple[Fence, ...]
    paragraphs: tuple[tuple[int, int], ...]
    items: tuple[tuple[int, int], ...]
    lists: tuple[tuple[int, int, bool], ...]
    """Lists at the top level: first line, last line (exclusive), whether ordered."""
    html_title: str

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
    def anchors(self) -> Mapping[str, int]:
        """Lines of explicit anchors (`{ #id }`, `<a id>`), by their name in lower case."""
        found: dict[str, int] = {}
        fenced = {line for fence in self.fences for line in range(fence.first, fence.last)}
        for at in range(self.start, len(self.lines)):
            line = self.lines[at]
            if ("{" in line or "<" in line) and at not in fenced:
                for match in _ANCHOR.finditer(line[:2000]):
                    found.setdefault((match[1] or match[2]).lower(), at)
        return found

    @cached_property
    def definitions(self) -> Mapping[str, tuple[int, str]]:
        """Link definitions by label in lower case: their line and target."""
        found: dict[str, tuple[int, str]] = {}
        for at in range(self.start, len(self.lines)):
            if "]:" in self.lines[at] and at not in self.code and (match := _DEFINITION.match(self.lines[at])):
                found.setdefault(" ".join(match["label"].lower().split()), (at, match["to"].strip("<>")))
        return found

    def text(self, span: tuple[int, int]) -> str:
        """The lines of a span as one text."""
        return " ".join(line.strip() for line in self.lines[span[0] : span[1]])


def parse_page(lines: Sequence[str]) -> Page:
    """Parse a document given as lines without line ends. Linear in its length; raises nothing."""
    matter, start, fault = _front_matter(lines)
    body = "\n".join([*("" for _ in range(start)), *lines[start:]]).replace("\0", "\ufffd")
    tokens = _parser().parse(f"{body}\n")
    code: set[int] = set()
    fences: list[Fence] = []
    heads: list[Section] = []
    spans: dict[str, list[tuple[int, int]]] = {"paragraph": [], "item": []}
    lists: list[tuple[int, int, bool]] = []
    html_title = ""
    for at, token in enumerate(tokens):
        if token.map is None:
            continue
        first, last = token.map
        if token.type in ("fence", "code_block", "html_block"):
            code.update(range(first, last))
        if token.type == "fence":
            closed = last - first > token.content.count("\n") + 1
            last = len(lines) if not closed and last >= len(lines) - 1 else last
            before = re.sub(r"[^>\s]", " ", lines[first].partition(token.markup)[0])
            fences.append(Fence(first, last, token.info.strip(), before + token.markup, closed, token.level == 0))
        elif token.type == "html_block" and not html_title and (found := _HTML_H1.search(token.content[:4000])):
            html_title = plain(found[1])
        elif token.type == "heading_open" and token.level == 0:
            raw = tokens[at + 1].content
            heads.append(Section(plain(raw), raw, int(token.tag[1]), first, first, last, len(lines)))
        elif token.type == "paragraph_open":
            spans["paragraph" if token.level == 0 else "item"].append((first, last))
        elif token.type in ("bullet_list_open", "ordered_list_open") and token.level == 0:
            lists.append((first, last, token.type[0] == "o"))
    for section in heads:
        section.first = _with_anchors(lines, section.at, start)
    root = _nest(heads, start, len(lines))
    return Page(
        lines, start, matter, fault, root, {one.at: one for one in heads}, frozenset(code), tuple(fences),
        tuple(spans["paragraph"]), tuple(spans["item"]), tuple(lists), html_title,
    )  # fmt: skip


def _with_anchors(lines: Sequence[str], at: int, start: int) -> int:
    """The line of the first anchor right before a heading on line `at`, or `at`."""
    first = at
    for line in range(at - 1, max(start, at - 6) - 1, -1):
        if _LONE_ANCHOR.match(lines[line]):
            first = line
        elif lines[line].strip():
            break
    return first


def plain_page(lines: Sequence[str]) -> Page:
    """A file that is no Markdown: nothing in it is a heading or a link."""
    return Page(lines, 0, {}, "", _nest([], 0, len(lines)), {}, frozenset(range(len(lines))), (), (), (), (), "")


def _nest(heads: Sequence[Section], start: int, end: int) -> Section:
    root = Section("", "", 0, start, start, start, end)
    stack = [root]
    for section in heads:
        while stack[-1].level >= section.level:
            stack.pop().last = section.first
        stack[-1].children.append(section)
        stack.append(section)
    return root


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table").disable(["inline", "text_join", "reference"])


def _front_matter(lines: Sequence[str]) -> tuple[Mapping[str, str], int, str]:
    """Texts by key (a list joined by commas, nested keys with dots), the line of the body, and what was not understood."""
    if not lines or lines[0].rstrip() != "---":
        return {}, 0, ""
    end = next((at for at in range(1, min(len(lines), _MATTER_LINES)) if lines[at].rstrip() in ("---", "...")), 0)
    inside = lines[1:end]
    if not end or (any(map(str.strip, inside)) and not any(map(_KEY.match, inside))):
        return {}, 0, ""  # a rule, not front matter
    node, faults = parse("\n".join(inside), first_line=2)
    if not faults and isinstance(node, YamlMapping):
        return dict(_texts(node, "")), end + 1, ""
    found = {match[1]: (match[2] or "").strip().strip("\"'") for line in inside if (match := _KEY.match(line))}
    return found, end + 1, faults[0].detail if faults else "" if not inside or not found else "not a mapping"


def _texts(node: YamlMapping, prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in node.pairs:
        name = f"{prefix}{key.text}"
        if isinstance(value, Scalar):
            yield name, value.text
        elif isinstance(value, YamlSequence):
            yield name, ", ".join(item.text for item in value.items if isinstance(item, Scalar))
        elif not prefix:
            yield from _texts(value, f"{name}.")
