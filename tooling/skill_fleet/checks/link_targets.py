"""Where links lead: the files of a skill, and the links of its Markdown files that are broken."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from html import unescape
from typing import Literal
from urllib.parse import unquote

from skill_fleet.fleet import Skill
from skill_fleet.markdown import Link, Markdown, anchors, sure_anchors, without_code

Verdict = Literal["ok", "missing", "outside", "absolute", "anchor"]

# Variables that clients replace by the skill's folder.
_OWN_FOLDER = re.compile(
    r"(?:\$\{?CLAUDE_SKILL_DIR\}?|\$?\{\{? ?base_?[dD]ir ?\}?\}|\{skill_?[dD]ir\}|\$\{?SKILL_DIR\}?)/*"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_TEMPLATE = re.compile(r"[{}<>*$]|\.\.\.|…")
# What a text about links writes for any address: `[text](url)`, `[Name](path/to/file.md)`.
_STAND_IN = re.compile(
    r"(?:\./)?(?:(?:[\w-]{0,40}(?:url|uri|link|path|href)|address|target|destination|image|page|source|(?:your-)?file(?:name)?(?:\.\w{1,4})?)\Z|"
    r"(?:relative/)?path[/_-]to[/_-]|relative/path\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class LinkTarget:
    """A resolved link address. `path` is relative to the skill's folder, '' for the folder itself."""

    verdict: Verdict
    path: str = ""
    anchor: str = ""


def by_name(paths: Iterable[str]) -> dict[str, list[str]]:
    """Paths by the last part of each."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        found[path.rpartition("/")[2]].append(path)
    return dict(found)


@dataclass(frozen=True)
class SkillFiles:
    """The files and folders of one skill, by their paths relative to its folder."""

    skill: Skill

    @cached_property
    def files(self) -> frozenset[str]:
        """The paths of its files."""
        return frozenset(self.skill.relative(entry.path) for entry in self.skill.entries)

    @cached_property
    def folders(self) -> frozenset[str]:
        """The paths of its folders, with '' for its own."""
        found = {""}
        for path in self.files:
            at = path.rfind("/")
            while at > 0 and (folder := path[:at]) not in found:
                found.add(folder)
                at = path.rfind("/", 0, at)
        return frozenset(found)

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """The paths of its files, by the names of the files."""
        return by_name(self.files)

    @cached_property
    def by_lower_case(self) -> dict[str, str]:
        """The paths and the names of its files, by the same in lower case."""
        names = {path.rpartition("/")[2].lower(): path for path in sorted(self.files, reverse=True)}
        return names | {path.lower(): path for path in self.files}

    def nearest(self, path: str) -> str:
        """The file that `path` probably means: the same in another case, of that name elsewhere, or of a similar path.

        '' when there is none.
        """
        same = self.by_lower_case.get(path.lower()) or self.by_lower_case.get(path.rpartition("/")[2].lower())
        close = () if same else get_close_matches(path[:120], sorted(self.files)[:2000], 3, 0.85)
        return same or next((each for each in close if get_close_matches(_stem(path), [_stem(each)], 1, 0.75)), "")

    def has(self, path: str) -> bool:
        """Whether `path` is a file or a folder."""
        return path in self.files or path in self.folders

    def resolve(self, address: str, folder: str = "") -> LinkTarget:
        """Resolve the address of a link in a file of `folder`, without looking up its anchor.

        A path is relative to the file, as in Markdown, or to the skill's folder, as in the specification.
        """
        address = address.strip()
        if address.startswith("#"):
            return LinkTarget("ok", "", address[1:])
        if own := _OWN_FOLDER.match(address):
            address, folder = address[own.end() :], ""
        if _DRIVE.match(address) or address[:5].lower() == "file:":
            return LinkTarget("absolute")
        if not address or address.startswith("//") or _SCHEME.match(address) or _TEMPLATE.search(address):
            return LinkTarget("ok")
        if address.startswith(("/", "~/", "\\")):
            return LinkTarget("absolute")
        return self._relative(address, folder)

    def _relative(self, address: str, folder: str) -> LinkTarget:
        path, _, anchor = address.partition("#")
        outside = True
        for start in dict.fromkeys((folder, "")):
            for written in dict.fromkeys((path, path.partition("?")[0], address)):
                full = posixpath.normpath(posixpath.join(start, written)) if written else start
                full = "" if full == "." else full
                if full == ".." or full.startswith("../"):
                    continue
                outside = False
                if self.has(full):
                    return LinkTarget("ok", full, "" if written == address else anchor)
        if _STAND_IN.match(path):
            return LinkTarget("ok")
        return LinkTarget("outside" if outside else "missing", path, anchor)


def _stem(path: str) -> str:
    return posixpath.splitext(path.rpartition("/")[2])[0][:120]


# Anything that may be a link's address: what follows a bracket, unless it clearly leads to the web. A lookahead, because
# another link may begin inside it; of limited length, because a run of brackets has many beginnings.
_MAX_ADDRESS = 400
_ADDRESS = re.compile(
    rf"\](?=[(:]([\s>]{{0,{_MAX_ADDRESS}}})(?!https?://|mailto:)(<[^>\n]{{0,{_MAX_ADDRESS}}}>|[^\s)]{{0,{_MAX_ADDRESS}}}))"
)
_ELEMENT = re.compile(
    r"<(a|img|source|video|audio)\b[^<>]{0,300}?\s(?:href|src)\s{0,4}=\s{0,4}"
    r"(?:\"([^\"<>\n]{1,400})\"|'([^'<>\n]{1,400})'|([^\s\"'`=<>]{1,400}))",
    re.IGNORECASE,
)
_SIMPLE = re.compile(r"<?[A-Za-z0-9_./#?=+~,@!'{}$-]*>?\Z")
# A link definition starts its line, after the marks of lists and quotations.
_DEFINITION = re.compile(r"[ \t>*+0-9.)-]*\[")


@dataclass(frozen=True)
class MarkdownFile:
    """One Markdown file of a skill. `path` is relative to the skill's folder; `find` returns another file by its path."""

    path: str
    markdown: Markdown
    files: SkillFiles
    find: Callable[[str], MarkdownFile | None]

    @cached_property
    def broken_links(self) -> tuple[tuple[Link, LinkTarget], ...]:
        """Its broken links. Only the parts of the text that may have one are parsed."""
        suspect = self._suspect_lines()
        links = [*(self.markdown.links_at(suspect) if suspect else ()), *self._html_links()]
        resolved = ((link, self.resolve(link.target)) for link in links)
        return tuple((link, target) for link, target in resolved if target.verdict != "ok")

    def _html_links(self) -> Iterator[Link]:
        """The links and images in HTML that are not fine at first sight, outside code."""
        if "href=" not in self.markdown.text and "src=" not in self.markdown.text:
            return
        text = self.markdown.without_fences
        for match in _ELEMENT.finditer(text):
            value = match.lastindex or 0  # the group of this way to quote it
            address = unquote(unescape(match[value]))
            if self.resolve(address).verdict == "ok":
                continue
            at = match.start(value)
            line, column = text.count("\n", 0, at), at - text.rfind("\n", 0, at)
            block = next(iter(self.markdown.blocks_at([line])), None)
            if block is None or block.kind in ("fence", "code"):
                continue
            row = without_code("\n".join(self.markdown.lines[block.start : block.end])).split("\n")[line - block.start]
            if block.kind == "html" or row[column - 1 :].startswith(address[:1]):
                yield Link(address, self.markdown.first_line + line, column, match[1].lower() != "a")

    def resolve(self, address: str) -> LinkTarget:
        """Resolve an address, and look up its anchor."""
        target = self.files.resolve(address, self.path.rpartition("/")[0])
        named = self._with_anchor(target, address.startswith("#"))
        if named and not _has_anchor(named.anchors, target.anchor):
            return LinkTarget("anchor", named.path, target.anchor)
        return target

    def _with_anchor(self, target: LinkTarget, is_here: bool) -> MarkdownFile | None:
        """The file in which the target's anchor has to be; None when there is no anchor to look up."""
        if target.verdict != "ok" or not target.anchor:
            return None
        named = self if is_here else self.find(target.path)
        # an empty file may have any anchor: it is a stub, or a copy without its contents
        return named if named and named.markdown.source.strip() else None

    def _suspect_lines(self) -> set[int]:
        """The lines, from 0, with an address that may be broken: all others are simple and lead somewhere."""
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
        """Whether `match` is no address at all, or a simple one that leads somewhere."""
        space, address = match.groups()
        if text[match.start() + 1] == ":" and not _may_define(text, match.start()):
            return True
        if "\n" in space or ">" in space or len(space + address) >= _MAX_ADDRESS or not _SIMPLE.match(address):
            return False
        if address.startswith("#") and address[1:].lower() in self.sure_anchors:  # as for most links
            return True
        target = self.files.resolve(address.strip("<>"), self.path.rpartition("/")[0])
        named = self._with_anchor(target, address.startswith(("#", "<#")))
        return target.verdict == "ok" and (named is None or target.anchor.lower() in named.sure_anchors)

    @cached_property
    def anchors(self) -> frozenset[str]:
        """Its anchors."""
        return anchors(self.markdown)

    @cached_property
    def sure_anchors(self) -> frozenset[str]:
        """The anchors that are found without parsing."""
        return sure_anchors(self.markdown)


def _may_define(text: str, at: int) -> bool:
    """Whether the bracket at `at` may close the label of a link definition that this line or an earlier one opens."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return "[" not in line or _DEFINITION.match(line) is not None


def _has_anchor(known: frozenset[str], anchor: str) -> bool:
    word = anchor.lower().removeprefix("user-content-")
    return word in known or word.replace("\ufe0f", "") in known or word in ("", "top")
