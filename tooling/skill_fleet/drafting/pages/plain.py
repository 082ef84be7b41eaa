"""Markdown's inline marks taken off a text, for titles, topics and descriptions."""

from __future__ import annotations

import re
from collections.abc import Sequence

DEEPEST = 6  # the level of a heading below which Markdown has none
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_ANCHOR = re.compile(r"\s*\{#[\w-]+\}\s*$")
_STRONG = re.compile(r"(\*{1,3}|(?<!\w)_{1,3})(?=\S)([^*_]{1,400}?)(?<=\S)\1(?!\w)")
_SYMBOL = re.compile(
    "[\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\ufe0e\ufe0f"
    "\u200d\u20e3\U0001f000-\U0001faff\U000e0020-\U000e007f]+"
)
_CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_MARKED = re.compile(r"[^ \t0-9A-Za-z.,:;()/'\"?!&+%=#$@-]|[=#+-]{5}")
_DRAWN = re.compile(r"[=~#*_+-]{5,}")
_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufffe\uffff\ufeff]+"
)


def plain(text: str) -> str:
    """The words of a line of Markdown: no emphasis, links, tags or pictographs, and code without its backticks."""
    if not _MARKED.search(text):
        return " ".join(text[:2000].split())
    text = _LINK.sub(r"\1", _ANCHOR.sub("", _DRAWN.sub(" ", text[:2000])))
    pieces = _CODE.split(text)
    for at in range(0, len(pieces), 3):
        piece = _TAG.sub("", pieces[at])
        for _ in range(2):
            piece = _STRONG.sub(r"\2", piece)
        pieces[at] = _SYMBOL.sub(" ", _ESCAPE.sub(r"\1", piece))
    for at in range(1, len(pieces), 3):
        pieces[at] = ""
    return tidy("".join(pieces))


def tidy(text: str) -> str:
    """One line of text without control and hidden characters, each gap one space."""
    return " ".join(_CONTROL.sub(" ", text).split())


def shortened(text: str, most: int) -> str:
    """At most `most` characters of a text, cut at a word."""
    if len(text) <= most:
        return text
    cut = text[: most + 1]
    head = cut.rsplit(" ", 1)[0] if " " in cut else cut[:most]
    return head.rstrip(" ,;:.-([\u2014")


def with_and(words: Sequence[str]) -> str:
    """The words as one says them: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
