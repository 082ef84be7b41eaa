"""Links that still lead to their target when it has moved, and that become words when it does not exist.

A moved heading gives file#anchor, a document among the sources gives its file; anything else relative is unlinked: its
text stays, the path stands after it in code. Targets are resolved from the document's own path.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from skill_fleet.drafting.pages.anchors import anchors_of, loosely
from skill_fleet.drafting.pages.page import Page
from skill_fleet.markdown import DEFINITION, LinkSpan as Link, links_on

_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_UNREAL = re.compile(r"[\s{}$<>]|\.\.\.$|^(url|link|path|to|href|target)$", re.I)


@dataclass
class Links:
    """All that is needed to rewrite a line: which page is at which path, and where each of its lines went."""

    pages: Mapping[str, Page]
    files: Mapping[str, str]
    spans: Mapping[int, Sequence[tuple[int, int, str]]]
    slugs: Mapping[tuple[int, int], str]
    missing: dict[str, list[tuple[Page, int]]] = field(default_factory=dict)
    _anchors: dict[int, dict[str, int]] = field(default_factory=dict)
    _labels: dict[int, dict[str, tuple[int, str]]] = field(default_factory=dict)

    def rewritten(self, page: Page, number: int, text: str, file: str) -> str:
        """Lines of a page from `number` on that stand together, as they stand in `file`: as many lines as before.

        A link may begin on one line and end on the next, so a definition comes alone, and other lines with their
        neighbours.
        """
        definition = DEFINITION.match(text)
        if definition:
            to = self._resolved(page, definition["to"].strip("<>"), file)
            start, end = definition.span("to")
            return text if to is None else text[:start] + to + text[end:]
        edits: list[tuple[int, int, str]] = []
        ends = [at for at, letter in enumerate(text) if letter == "\n"]
        for link in links_on(text):
            edits += self._edits(page, number + bisect_left(ends, link.close), text, link, file)
        pieces: list[str] = []
        at = 0
        for start, end, new in sorted(edits):
            pieces += (text[at:start], new, "\n" * text.count("\n", start, end))
            at = end
        return "".join([*pieces, text[at:]])

    def _edits(self, page: Page, number: int, text: str, link: Link, file: str) -> list[tuple[int, int, str]]:
        if link.label:
            definition = self._defined(page).get(_label(link.label))
            if definition is None:
                return []
            target, near = definition[1], self._file(page, definition[0]) == file
        else:
            target, near = link.to, True
        to = self._resolved(page, target, file)
        if to is None:
            self.missing.setdefault(target, []).append((page, number))
            if link.start < 0:
                return []
            begin = text.index("[", link.start)
            said = link.text.strip("` *_") == target
            return [(link.start, begin + 1, ""), (link.close, link.end, "" if said else f" (`{target}`)")]
        if link.label:
            return [] if near else [(link.close, link.end, f"]({to})")]
        return [] if to == target else [(*link.at, to)]

    def _resolved(self, page: Page, target: str, file: str) -> str | None:
        """What to write for a target in `file`; the target itself if it is none of ours, None if it is missing."""
        if not target or _ELSEWHERE.match(target) or _UNREAL.search(target):
            return target
        path, _, anchor = target.partition("#")
        path = unquote(path.partition("?")[0])
        if not path:
            return self._anchored(page, anchor, file)
        place = posixpath.normpath(posixpath.join(posixpath.dirname(page.part.path), path))
        for candidate in (place, path.lstrip("/"), f"{place}/README.md", f"{place}/index.md", f"{place}.md"):
            if candidate in self.pages:
                other = self.pages[candidate]
                found = self._anchored(other, anchor, file) if anchor else None
                home = self._file(other, other.top)
                return found or (_relative(home, file) if home else None)
            if candidate in self.files:
                return _relative(self.files[candidate], file)
        return None

    def _anchored(self, page: Page, anchor: str, file: str) -> str | None:
        if not anchor or anchor == "top":
            home = self._file(page, page.top)
            return _relative(home, file) if home and home != file else f"#{anchor}"
        anchors = self._anchors.get(id(page))
        if anchors is None:
            anchors = self._anchors[id(page)] = anchors_of(page)
        name = unquote(anchor)
        line = anchors.get(name, anchors.get(loosely(name)))
        there = self._file(page, line) if line is not None else ""
        if line is None or not there:
            return None
        slug = self.slugs.get((id(page), line), name)
        return f"#{slug}" if there == file else f"{_relative(there, file)}#{slug}"

    def _defined(self, page: Page) -> dict[str, tuple[int, str]]:
        known = self._labels.get(id(page))
        if known is None:
            known = self._labels[id(page)] = {}
            for number, line in enumerate(page.lines):
                if "]:" in line and (found := DEFINITION.match(line)) and not page.literal(number):
                    known.setdefault(_label(found["label"]), (number, found["to"].strip("<>")))
        return known

    def _file(self, page: Page, line: int) -> str:
        spans = self.spans.get(id(page), ())
        at = bisect_right(spans, (line, 1 << 60, "")) - 1
        return spans[at][2] if at >= 0 and spans[at][0] <= line < spans[at][1] else ""


def _label(text: str) -> str:
    return " ".join(text.split()).casefold()


def _relative(path: str, file: str) -> str:
    return posixpath.relpath(path, posixpath.dirname(file) or ".")
