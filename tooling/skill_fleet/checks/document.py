"""The Markdown files of a skill, and the links of each that lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from skill_fleet.checks.anchors import anchors, sure_anchors
from skill_fleet.checks.markdown import Link, Markdown
from skill_fleet.checks.targets import Ground, Target, Verdict

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
