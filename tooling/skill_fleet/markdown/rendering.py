"""Markdown of strangers as HTML that is safe on a page: no HTML of theirs, no image, no style, only links that are resolved.

What CommonMark would pass on is not enough: addresses of any scheme are links, and images are requests to anywhere.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from skill_fleet.markdown.document import slug

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_RENDERED = 300_000
"""The characters of a text that are rendered; a longer one is shown as it is written."""
PREFIX = "text-"
"""What comes before the ids of headings, so that no text can take an id of the page."""
_MAX_BRACKETS = 300
_MARKED = re.compile(r"[\\`*_~\[\]<&!\n]")
_SHIFT = {f"h{level}": f"h{min(level + 1, 6)}" for level in range(1, 7)}  # the page has its own first heading
_ALIGNED = re.compile(r"text-align:\s*(left|center|right)")
# Controls, and what changes the direction of text or has no width. (Joiners stay: words and pictographs need them.)
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff\ud800-\udfff\ufffe\uffff]"
)


def visible(text: str) -> str:
    """`text` with the code point (`⟨U+202E⟩`) for each character that is invisible or changes the direction of text."""
    if text.isprintable():
        return text
    return _INVISIBLE.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text.replace("\r\n", "\n"))


def render_html(text: str, resolve: Callable[[str], str | None]) -> str:
    """A Markdown text as HTML. `resolve` returns the address for the target of a link, or None: then it is no link.

    An image becomes a link. Headings are one level lower, and their ids begin with `PREFIX`.
    """
    text = visible(text)
    if len(text) > MAX_RENDERED:
        return f'<pre tabindex="0">{html.escape(text)}</pre>'
    markdown_it, seen = _parser(), dict[str, int]()
    tokens = markdown_it.parse(text)
    for at, token in enumerate(tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = _SHIFT[token.tag]
            if token.type == "heading_open":
                token.attrs = {"id": _id(tokens[at + 1].content, seen)}
        elif token.type in ("th_open", "td_open"):
            found = _ALIGNED.search(str(token.attrs.get("style", "")))
            token.attrs = {"class": f"align-{found[1]}"} if found else {}
        elif token.type == "inline":
            token.children = _checked(token.children or [], resolve)
    made = str(markdown_it.renderer.render(tokens, markdown_it.options, {}))
    return made.replace("<pre>", '<pre tabindex="0">').replace("<table>", '<table tabindex="0">')  # which may scroll


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

    def inline(state: StateCore) -> None:
        """Parse the lines: not plain ones, which is quicker, and no brackets where very many would each be searched for."""
        for token in state.tokens:
            if token.type == "inline" and _MARKED.search(token.content):
                if token.content.count("[") > _MAX_BRACKETS:
                    token.content = token.content.replace("[", "&#91;")
                token.children = []
                state.md.inline.parse(token.content, state.md, state.env, token.children)
            elif token.type == "inline":
                token.children = [Token("text", "", 0, content=token.content)]

    made = MarkdownIt("commonmark", {"html": False, "maxNesting": 50}).enable(["table", "strikethrough"])
    made.validateLink = lambda url: True  # type: ignore[method-assign]  # the caller decides
    made.core.ruler.at("inline", inline)
    return made


def _id(heading: str, seen: dict[str, int]) -> str:
    word = slug(heading)
    seen[word] = seen.get(word, -1) + 1
    return f"{PREFIX}{word}-{seen[word]}" if seen[word] else f"{PREFIX}{word}"


def _checked(tokens: list[Token], resolve: Callable[[str], str | None]) -> list[Token]:
    """The tokens of a line: links with a resolved address, or without a link; images as links."""
    from markdown_it.token import Token

    done: list[Token] = []
    links: list[bool] = []  # of each link around this place, whether it stays one
    for token in tokens:
        if token.type == "link_open":
            address = resolve(str(token.attrs.get("href", "")))
            links.append(address is not None)
            if address is not None:
                token.attrs = _link(address)
                done.append(token)
        elif token.type == "link_close":
            if links.pop():
                done.append(token)
        elif token.type == "image":
            text = Token("text", "", 0, content=f"Image: {token.content or 'without a description'}")
            address = None if any(links) else resolve(str(token.attrs.get("src", "")))
            if address is None:
                done.append(text)
            else:
                done += [Token("link_open", "a", 1, attrs=_link(address)), text, Token("link_close", "a", -1)]
        else:
            done.append(token)
    return done


def _link(address: str) -> dict[str, str | int | float]:
    return {"href": address, "rel": "nofollow noopener noreferrer ugc"}
