"""Links that follow what moved: an anchor gives file#anchor, a target among the sources its file, others become text."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from skill_fleet.drafting.dumps import Part
from skill_fleet.drafting.page import ATTRIBUTES, Page
from skill_fleet.markdown import links_on, plain, slug

_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|\{|<|\$|\.\.\.")
_INCLUDE = re.compile(
    r"\s*(?:\{\*\s*(?P<a>\S{1,300})[^{}]{0,200}\*\}|include::(?P<b>[^\[\]\s]{1,300})\[.{0,200}\]|(?:;\s*)?--8<--\s+[\"'](?P<c>[^\"'\s]{1,300})[\"']"
    r"|\{\{#(?:include|rustdoc_include|playground)\s+(?P<d>[^\s:{}]{1,300})[^{}]{0,100}\}\}|::: (?P<e>\w+(?:\.\w+)+))\s*$"
)


def anchor(raw: str) -> str:
    """The anchor that GitHub makes of the raw Markdown of a heading."""
    return slug(plain(raw, pictures=True))


def included(line: str) -> str:
    """The path that a line includes, as MkDocs, mdBook, AsciiDoc or pymdownx write it; "" if it includes none."""
    if "::" not in line and "{*" not in line and "--8<--" not in line and "{{#" not in line:
        return ""
    found = _INCLUDE.match(line[:600])
    return next(filter(None, found.groups()), "") if found else ""


@dataclass(eq=False)
class Map:
    """Where everything went: for each part, the file of each of its lines; for each heading, its anchor in that file."""

    pages: Mapping[str, tuple[Part, Page]]
    """By path of the part."""
    homes: dict[int, list[str]] = field(default_factory=dict)
    """By the id of a page, the file of each line ("" for none)."""
    anchors: dict[tuple[int, int], str] = field(default_factory=dict)
    """By the id of a page and the line of a heading, its anchor."""
    missing: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    """Targets that are not among the sources, with the lines (document, from 1) that link there."""
    _slugs: dict[int, tuple[dict[str, int], dict[str, int]]] = field(default_factory=dict)

    def find(self, path: str, folder: str) -> tuple[Part, Page] | None:
        """The part that a relative path leads to, with or without its ending."""
        path = unquote(path)
        for base in {"": None, folder: None} if path.startswith("/") else {folder: None}:
            whole = posixpath.normpath(posixpath.join(base, path.lstrip("/")))
            stem = posixpath.splitext(whole)[0] if whole.endswith((".html", ".md", ".mdx", ".rst")) else whole
            for name in (
                whole,
                f"{stem}.md",
                f"{whole}/index.md",
                f"{whole}/README.md",
                f"{stem}.rst",
                f"{stem}/index.md",
            ):
                if name in self.pages:
                    return self.pages[name]
        return None

    def line_of(self, page: Page, name: str) -> int | None:
        """The line of an anchor of a page: an explicit one or a heading's, exact or by its letters alone."""
        if id(page) not in self._slugs:
            exact, loose = dict[str, int](), dict[str, int]()
            seen: dict[str, int] = {}
            for at, section in page.headings.items():
                word = anchor(section.raw)
                count = seen[word] = seen.get(word, -1) + 1
                exact.setdefault(f"{word}-{count}" if count else word, at)
                loose.setdefault(_letters(word), at)
                if page.title:
                    loose.setdefault(_letters(page.title + word), at)  # as Confluence writes them
            self._slugs[id(page)] = {**exact, **page.anchors}, loose
        exact, loose = self._slugs[id(page)]
        name = unquote(name).lower()
        return exact.get(name, loose.get(_letters(name)))

    def target(self, page: Page, at: int, name: str) -> tuple[str, str]:
        """The file and the anchor there of the anchor `name` of a page on line `at`."""
        file = self.homes[id(page)][at]
        return file, self.anchors.get((id(page), at), name if at in page.headings else unquote(name))


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def rewrite(line: str, at: int, part: Part, page: Page, file: str, places: Map) -> str:
    """Line `at` of a page as it reads in `file`."""
    if "]" not in line:
        return line
    changes: list[tuple[int, int, str]] = []
    for link in links_on(line):
        label = " ".join(link.label.lower().split())
        defined = page.definitions.get(label) if label else None
        if link.label and (defined is None or defined[0] == at):
            continue
        to = defined[1] if defined else link.to
        new = _resolved(to, page, part, file, places)
        if new == to and defined and places.homes[id(page)][defined[0]] == file:
            continue
        if new is None:
            places.missing.setdefault(to, []).append((part.document, part.first + at + 1))
            start = link.start if link.start >= 0 else link.close
            text = link.text.strip() if link.start >= 0 else "]"
            shown = to.replace("`", "")
            shown = "" if at in page.headings or text.strip("`") == shown else f" (`{shown}`)" if text else f"`{shown}`"
            changes.append((start, link.end, f"{text}{shown}"))
        elif defined and link.start >= 0:
            changes.append((link.close, link.end, f"]({new})"))
        elif new != to and link.at[1] > link.at[0]:
            changes.append((*link.at, new))
    return _changed(line, changes)


def _resolved(to: str, page: Page, part: Part, file: str, places: Map) -> str | None:
    """The target as `file` writes it; None if it is not among the sources."""
    if not to or _ELSEWHERE.match(to):
        return to
    path, _, name = to.partition("#")
    path = path.partition("?")[0]
    found = (part, page) if not path else places.find(path, posixpath.dirname(part.path))
    if found is None:
        return None
    other = found[1]
    line = places.line_of(other, name) if name else None
    if line is None and not path:
        return None
    home, word = places.target(other, line, name) if line is not None else (_first(places.homes.get(id(other), [])), "")
    if not home:
        return None
    relative = "" if home == file else posixpath.relpath(home, posixpath.dirname(file) or ".").replace(" ", "%20")
    return (relative + (f"#{word}" if word else "")) or posixpath.basename(file)


def _first(files: Sequence[str]) -> str:
    return next(filter(None, files), "")


def _changed(line: str, changes: list[tuple[int, int, str]]) -> str:
    """The line with its changes; of nested ones only the outer."""
    out, at = [], 0
    for start, end, text in sorted(changes, key=lambda change: (change[0], -change[1])):
        if start >= at:
            out += [line[at:start], text]
            at = end
    return "".join([*out, line[at:]])


def without_attributes(line: str) -> str:
    """A heading without `{ #id }`, which GitHub would show."""
    return ATTRIBUTES.sub(lambda found: " " if line[found.end() :].strip() else "", line)
