"""The anchors of a Markdown text, which links refer to as `#part`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from skill_fleet.markdown.document import Markdown

_EXPLICIT = re.compile(r"""(?:\b(?:id|name)\s*=\s*["']?|\{:?(?:[ \t]*\.[\w-]+)*[ \t]*#)([^"'\s>}]+)""")
_HTML = re.compile(r"^[^\S\n]*<", re.MULTILINE)
_NO_ANCHOR = re.compile(r"[^a-z0-9_ -]+")
_PLAIN_HEADING = re.compile(r"^#{1,6} +([\w ,.;:()/&'\"!?-]+?) *$", re.MULTILINE)


def slug(heading: str) -> str:
    """The anchor that GitHub makes of a heading's text: lower case, hyphens for spaces, no punctuation.

    Source: https://docs.github.com/en/get-started/writing-on-github (section links)
    """
    heading = heading.strip().lower()
    if heading.isascii():
        return _NO_ANCHOR.sub("", heading).replace(" ", "-")
    kept = (char for char in heading if char in "-_ " or char.isalnum() or _is_mark(char))
    return "".join(kept).replace(" ", "-")


def anchors(text: Markdown) -> frozenset[str]:
    """Every anchor of a text, in lower case: of its headings, of attributes such as `{ #id }`, and of HTML."""
    found = set(_slugs(words for _, words in text.headings))
    return frozenset(found | {match.lower() for match in _EXPLICIT.findall(text.text)})


def sure_anchors(text: Markdown) -> frozenset[str]:
    """Anchors that are certain without a parse: those of headings in plain words, outside fences."""
    beside = text.without_fences
    if "<" in beside and _HTML.search(beside):
        return frozenset()  # a heading inside an HTML block does not count
    return frozenset(map(slug, _PLAIN_HEADING.findall(beside)))


def _slugs(headings: Iterable[str]) -> Iterable[str]:
    """The anchors of headings in order: a second heading of the same words gets `-1` appended, a third `-2`."""
    seen: dict[str, int] = {}
    for heading in headings:
        word = slug(heading)
        yield f"{word}-{seen[word]}" if word in seen else word
        # with and without the sign that makes an emoji of a letter: renderers differ
        yield word.replace("\ufe0f", "")
        seen[word] = seen.get(word, 0) + 1


def _is_mark(char: str) -> bool:
    return not char.isascii() and unicodedata.category(char)[0] == "M"
