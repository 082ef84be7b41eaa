"""A skill while it is being checked: what several rules need is worked out once, and forgotten with it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from skill_fleet.checks.rule import Spot
from skill_fleet.fleet import SKILL_FILE, Skill
from skill_fleet.git import EXECUTABLE, REGULAR
from skill_fleet.markdown import FrontMatter, Link, Mapping, Markdown, Node, Scalar, anchors, sure_anchors

Verdict = Literal["ok", "missing", "outside", "absolute", "anchor"]

# What clients put in place of the skill's folder.
_OWN_FOLDER = re.compile(
    r"(?:\$\{?CLAUDE_SKILL_DIR\}?|\$?\{\{? ?base_?[dD]ir ?\}?\}|\{skill_?[dD]ir\}|\$\{?SKILL_DIR\}?)/*"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_TEMPLATE = re.compile(r"[{}<>*$]|\.\.\.|…")


@dataclass(frozen=True)
class Target:
    """A link's address taken apart. `path` is relative to the skill's folder, '' for that folder itself."""

    verdict: Verdict
    path: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Ground:
    """The files and folders of one skill, relative to its folder."""

    skill: Skill

    @cached_property
    def files(self) -> frozenset[str]:
        """Its files."""
        return frozenset(self.skill.relative(entry.path) for entry in self.skill.entries)

    @cached_property
    def folders(self) -> frozenset[str]:
        """Its folders, and '' for its own."""
        found = {""}
        for path in self.files:
            at = path.rfind("/")
            while at > 0 and (folder := path[:at]) not in found:
                found.add(folder)
                at = path.rfind("/", 0, at)
        return frozenset(found)

    def has(self, path: str) -> bool:
        """Whether a file or a folder stands at `path`."""
        return path in self.files or path in self.folders

    def resolve(self, address: str, folder: str = "") -> Target:
        """Where `address` leads in a file of `folder`: as Markdown has it, or from the skill's top, as the
        specification has it. An anchor is only taken apart, not looked up."""
        address = address.strip()
        if address.startswith("#"):
            return Target("ok", "", address[1:])
        if own := _OWN_FOLDER.match(address):
            address, folder = address[own.end() :], ""
        if _DRIVE.match(address) or address[:5].lower() == "file:":
            return Target("absolute")
        if not address or address.startswith("//") or _SCHEME.match(address):
            return Target("ok")
        if address.startswith(("/", "~/", "\\")):
            return Target("ok") if _TEMPLATE.search(address) else Target("absolute")
        if _TEMPLATE.search(address):
            return Target("ok")
        return self._relative(address, folder)

    def _relative(self, address: str, folder: str) -> Target:
        whole = address
        address, _, anchor = address.partition("#")
        outside = True
        for start in dict.fromkeys((folder, "")):
            for spelling in (address, address.partition("?")[0], whole):
                path = posixpath.normpath(posixpath.join(start, spelling)) if spelling else start
                path = "" if path == "." else path
                if path == ".." or path.startswith("../"):
                    continue
                outside = False
                if self.has(path):
                    return Target("ok", path, anchor)
        return Target("outside" if outside else "missing", address, anchor)


# Whatever may be a link's address, and more: what stands behind a bracket, unless it leads to the web for sure. It is looked
# at and not consumed, since another link may begin in it; and only so far, since a run of brackets has many beginnings.
_FAR = 400
_ADDRESS = re.compile(rf"\](?=[(:]([\s>]{{0,{_FAR}}})(?!https?://|mailto:)(<[^>\n]{{0,{_FAR}}}>|[^\s)]{{0,{_FAR}}}))")
_SIMPLE = re.compile(r"<?[A-Za-z0-9_./#?=+~,@!'{}$-]*>?\Z")
# A definition stands at the start of its line, but for the marks of lists and quotations.
_DEFINITION = re.compile(r"[ \t>*+0-9.)-]*\[")


@dataclass(frozen=True)
class Document:
    """One Markdown file of a skill. `path` is relative to the skill's folder; `sibling` finds another one there."""

    path: str
    markdown: Markdown
    ground: Ground
    sibling: Callable[[str], Document | None]

    @property
    def folder(self) -> str:
        """The folder it stands in, '' for the skill's own."""
        return self.path.rpartition("/")[0]

    @cached_property
    def bad_links(self) -> tuple[tuple[Link, Target], ...]:
        """Its links that lead nowhere. Of the text only what could hold one is parsed."""
        if not (doubtful := self.doubtful_lines()):
            return ()
        judged = ((link, self.judge(link.target)) for link in self.markdown.links_near(doubtful))
        return tuple((link, target) for link, target in judged if target.verdict != "ok")

    def bad(self, verdict: Verdict) -> list[tuple[Link, Target]]:
        """Its links with that verdict."""
        return [(link, target) for link, target in self.bad_links if target.verdict == verdict]

    def judge(self, address: str) -> Target:
        """Where an address leads, its anchor looked up."""
        target = self.ground.resolve(address, self.folder)
        if target.verdict == "ok" and target.anchor:
            named = self if address.startswith("#") else self.sibling(target.path)
            # of an empty file nothing can be said: a stub, or a copy that left the contents behind
            if named and named.markdown.source.strip() and not _has_anchor(named.anchors, target.anchor):
                return Target("anchor", named.path, target.anchor)
        return target

    def doubtful_lines(self) -> set[int]:
        """The lines (from 0) with an address that may be wrong: all others are simple and lead somewhere."""
        text = self.markdown.text
        if "](" not in text and "]:" not in text:
            return set()
        text = self.markdown.without_fences
        found, at, line = set(), 0, 0
        for match in _ADDRESS.finditer(text):
            if not self._is_fine(text, match):
                line += text.count("\n", at, match.start())
                at = match.start()
                found.add(line)
        return found

    def _is_fine(self, text: str, match: re.Match[str]) -> bool:
        """Whether what `match` found is no address, or a simple one that leads somewhere."""
        space, address = match.groups()
        if text[match.start() + 1] == ":" and not _may_define(text, match.start()):
            return True
        if "\n" in space or ">" in space or len(space + address) >= _FAR or not _SIMPLE.match(address):
            return False
        if address.startswith("#") and address[1:].lower() in self.sure_anchors:  # as most links in a text are
            return True
        target = self.ground.resolve(address.strip("<>"), self.folder)
        if target.verdict != "ok":
            return False
        named = None
        if target.anchor:
            named = self if address.startswith(("#", "<#")) else self.sibling(target.path)
        # of an empty file nothing can be said: a stub, or a copy that left the contents behind
        return named is None or not named.markdown.source.strip() or target.anchor.lower() in named.sure_anchors

    @cached_property
    def anchors(self) -> frozenset[str]:
        """Its anchors."""
        return anchors(self.markdown)

    @cached_property
    def sure_anchors(self) -> frozenset[str]:
        """Those of its anchors that can be told without a parse."""
        return sure_anchors(self.markdown)


def _may_define(text: str, at: int) -> bool:
    """Whether the bracket at `at` may close the label of a definition, whose line or an earlier one opens it."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return "[" not in line or _DEFINITION.match(line) is not None


def _has_anchor(known: frozenset[str], anchor: str) -> bool:
    word = anchor.lower().removeprefix("user-content-")
    return word in known or word.replace("\ufe0f", "") in known or word in ("", "top")


# With one of these there are no fields to speak of, and the rules about fields keep quiet.
_UNREAD = frozenset({"missing", "unclosed", "syntax", "not-a-mapping"})

TEXT = (
    *(".md", ".markdown", ".txt", ".py", ".sh", ".bash", ".js", ".ts", ".mjs", ".json", ".yaml", ".yml", ".toml"),
    *(".csv", ".html", ".css", ".xml", ".svg", ".rb", ".go", ".rs", ".java", ".sql", ".ps1", ".tex", ".ini", ".cfg"),
)
"""The endings of files that hold text."""

MAX_TEXT = 1_000_000
"""The size in bytes up to which a file is read as a text; layout/file-size reports larger ones."""


@dataclass(frozen=True)
class Reading:
    """One skill and what was read of it."""

    skill: Skill

    @property
    def path(self) -> str:
        """The path of its SKILL.md in the tree."""
        return self.skill.inside(SKILL_FILE)

    @cached_property
    def is_readable(self) -> bool:
        """Whether its SKILL.md is a file: not a link, not a folder, not a submodule."""
        return self.skill.file is not None and self.skill.file.mode in (REGULAR, EXECUTABLE)

    @cached_property
    def front_matter(self) -> FrontMatter | None:
        """Its front matter, None when there is no file to read it from."""
        return self.skill.front_matter if self.is_readable else None

    @cached_property
    def fields(self) -> Mapping | None:
        """The fields of its front matter, None when they cannot be read."""
        if self.front_matter is None or any(fault.what in _UNREAD for fault in self.front_matter.faults):
            return None
        return self.front_matter.mapping

    @cached_property
    def body(self) -> Markdown:
        """The text below its front matter; all of it when there is none."""
        front = self.front_matter
        return Markdown(front.body, front.body_line) if front else Markdown("")

    @cached_property
    def ground(self) -> Ground:
        """Its files and folders."""
        return Ground(self.skill)

    @cached_property
    def contents(self) -> tuple[tuple[str, bytes], ...]:
        """Its regular files: paths relative to its folder, and what is in them."""
        files = [entry for entry in self.skill.entries if entry.mode in (REGULAR, EXECUTABLE)]
        self.skill.tree.prefetch(files)
        return tuple((self.skill.relative(entry.path), self.skill.tree.read(entry)) for entry in files)

    @cached_property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Its files that are text, SKILL.md among them, up to a size: paths relative to its folder, and the texts. Empty
        ones are left out."""
        found = []
        for path, content in self.contents:
            if 0 < len(content) <= MAX_TEXT and b"\0" not in content:
                found.append((path, content.decode("utf-8", "replace")))
        return tuple(found)

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """Its Markdown files that can be read: SKILL.md first, then the others, without those that are no text."""
        found = [Document(SKILL_FILE, self.body, self.ground, self._document)] if self.is_readable else []
        for path, content in self.contents:
            is_text = path != SKILL_FILE and path.endswith((".md", ".markdown"))
            if is_text and len(content) <= MAX_TEXT and b"\0" not in content:
                text = content.decode("utf-8", "replace").removeprefix("\ufeff")
                found.append(Document(path, Markdown(text), self.ground, self._document))
        return tuple(found)

    def _document(self, path: str) -> Document | None:
        return next((document for document in self.documents if document.path == path), None)

    def field(self, name: str) -> tuple[Scalar, Node] | None:
        """The first field `name` with its value."""
        pairs = self.fields.pairs if self.fields else ()
        return next((pair for pair in pairs if pair[0].text == name), None)

    def at(self, node: Node | None, message: str, fix: str, key: str = "") -> Spot:
        """A spot in SKILL.md: where `node` stands, or its first line."""
        line, column = (node.line, node.column) if node else (1, 1)
        return Spot(self.path, line, message, fix, column, key=key)
