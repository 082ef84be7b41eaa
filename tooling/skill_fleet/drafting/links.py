"""Links that follow what moved: an anchor gives file#anchor, a target among the sources its file, others become text."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from skill_fleet.drafting.dumps import Part
from skill_fleet.drafting.page import Page, letters
from skill_fleet.markdown import links_on

_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|\{|<|\$|\.\.\.")


@dataclass(frozen=True, eq=False)
class Places:
    """Where everything went."""

    pages: Mapping[str, tuple[Part, Page]]
    """By path of the part."""
    homes: dict[Page, list[str]]
    """The file of each line of a page ("" for none)."""
    anchors: dict[tuple[Page, int], str] = field(default_factory=dict)
    """The anchor of the heading on a line of a page."""
    missing: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    """Targets that are not among the sources, with the lines (document, from 1) that link there."""

    def find(self, path: str, folder: str) -> tuple[Part, Page] | None:
        """The part that a path leads to from a folder, with or without its ending."""
        path = unquote(path)
        for base in ("", folder) if path.startswith("/") else (folder,):
            whole = posixpath.normpath(posixpath.join(base, path.lstrip("/")))
            stem = posixpath.splitext(whole)[0] if whole.endswith((".html", ".md", ".mdx", ".rst")) else whole
            ends = (".md", ".rst", "/index.md", "/README.md")
            for name in (whole, *(stem + end for end in ends), *(whole + end for end in ends)):
                if name in self.pages:
                    return self.pages[name]
        return None

    def resolve(self, to: str, part: Part, page: Page, file: str) -> str | None:
        """A target of a page as `file` writes it; None if it is not among the sources."""
        if not to or _ELSEWHERE.match(to):
            return to
        path, _, name = to.partition("#")
        path = path.partition("?")[0]
        _, other = (part, page) if not path else self.find(path, posixpath.dirname(part.path)) or (None, None)
        if other is None:
            return None
        name = unquote(name)
        exact, loose = other.targets
        line = exact.get(name.lower(), loose.get(letters(name))) if name else None
        if line is None and not path:
            return None
        homes = self.homes[other]
        home = homes[line] if line is not None else next(filter(None, homes), "")
        word = "" if line is None else self.anchors.get((other, line), name)
        if not home:
            return None
        relative = "" if home == file else posixpath.relpath(home, posixpath.dirname(file) or ".").replace(" ", "%20")
        return (relative + (f"#{word}" if word else "")) or posixpath.basename(file)


def rewrite(line: str, at: int, part: Part, page: Page, file: str, places: Places) -> str:
    """Line `at` of a page as it reads in `file`."""
    if "]" not in line:
        return line
    changes: list[tuple[int, int, str]] = []
    for link in links_on(line):
        defined = page.definitions.get(" ".join(link.label.lower().split())) if link.label else None
        if link.label and (defined is None or defined[0] == at):
            continue
        to = defined[1] if defined else link.to
        new = places.resolve(to, part, page, file)
        if new is None:
            places.missing.setdefault(to, []).append((part.document, part.first + at + 1))
            start, text = (link.start, link.text.strip()) if link.start >= 0 else (link.close, "]")
            shown = f"`{to.replace('`', '')}`"
            is_said = at in page.headings or text.strip("`") == shown.strip("`")
            changes.append((start, link.end, text if is_said else f"{text} ({shown})" if text else shown))
        elif defined and link.start >= 0 and (new != to or places.homes[page][defined[0]] != file):
            changes.append((link.close, link.end, f"]({new})"))
        elif not defined and new != to and link.at[1] > link.at[0]:
            changes.append((*link.at, new))
    out, done = [], 0
    for start, end, text in sorted(changes, key=lambda change: (change[0], -change[1])):
        if start >= done:  # of nested links, only the outer changes
            out += [line[done:start], text]
            done = end
    return "".join([*out, line[done:]])
