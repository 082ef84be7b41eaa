"""What a text says that it is: its first sentence that says so, or what it covers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.drafting.page import Page
from skill_fleet.drafting.plain import plain, shortened
from skill_fleet.drafting.sections import Section

ROOM = 400
_OVERVIEW = re.compile(r"(overview|introduction|about|summary|purpose|what (is|it does)|description)\b", re.I)
_NOT_ABOUT = re.compile(
    r"(you are|welcome|note|warning|important|tip|click|this section|status|version|last updated|see |table of contents|"
    r"when (to|not)|for more|please|thanks|author|copyright|generated)\b",
    re.I,
)
_ABOUT_TEXT = re.compile(
    r"(?:this|the following|welcome to the) (?:[\w-]+ ){0,3}(?:document|documentation|index|section|guide|page|file|directory|"
    r"folder|hub|article|text|collection|cheat ?sheet|repository|readme)\b",
    re.I,
)
_MARKETING = re.compile(
    r"(?P<article>\ban?\s+)?(?<!and )\b(?:comprehensive|powerful|ultimate|world-class|cutting-edge|seamless(?:ly)?|"
    r"blazing(?:ly)?[ -]fast|amazing|awesome|state-of-the-art|best-in-class|revolutionary|game-changing|next-generation|"
    r"effortless(?:ly)?)(?:,|\s+and)?\s+(?=(?P<next>\w))",
    re.I,
)
_COVERS = re.compile(
    r"\b(cover(s|ed|age)|features|topics|key (patterns|concepts|points|ideas)|what('s| is) (inside|included)|highlights)\b",
    re.I,
)
_LEADING = re.compile(
    r"\s*(?:[-*+]\s+|\d+[.)]\s+|[^\w\s*|#]{1,3}\s*)?\*\*(?P<text>[^*:]{2,40}):?\*\*\s*(?:[:\u2013\u2014-]|$)"
)
MOST_COVERED = 10
LEAST_COVERED = 3
_DEFINITION = re.compile(r" {0,3}(?:\[[^\[\]]+\]:\s*\S|\[\[?_?toc_?\]?\]\s*$)", re.I)
_IMAGE = re.compile(r"!\[[^\[\]]*\]\([^()\s]*\)")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'(\[`])|(?<=[\u3002\uff01\uff1f])")


def first_sentence(page: Page, root: Section) -> str:
    """The first sentence of the overview, else of the text, that says what this is: not "You are" or "Welcome"."""
    overview = [s for s in root.walk() if s.level <= 2 and s.level and _OVERVIEW.match(s.title)][:1]
    for section in (*overview, root):
        upto = section.last
        for line, sentence in _sentences(page, section):
            if line >= upto:
                return ""
            if _ABOUT_TEXT.match(sentence):
                # Past an opening that speaks of the text itself, what comes next is about one of its parts.
                heads = (block.first for block in page.blocks(line, section.last) if block.level)
                upto = min(upto, next(heads, upto))
                continue
            said = len(sentence.split()) > 2 or not sentence.isascii()
            if said and not _NOT_ABOUT.match(sentence) and not sentence.endswith(":"):
                return shortened(sentence, ROOM)
    first = next((sentence for _, sentence in _sentences(page, root)), "")
    return "" if _ABOUT_TEXT.match(first) else first


def _sentences(page: Page, section: Section) -> Iterator[tuple[int, str]]:
    for block in page.blocks(section.first, section.last)[:40]:
        if block.kind in ("paragraph", "blockquote"):
            shown = (line for line in page.lines[block.first : block.end] if not _DEFINITION.match(line))
            lines = [line.strip().lstrip("> ") for line in shown]
            text = plain(_IMAGE.sub("", " ".join(lines)[:2000]))
            yield from ((block.first, sentence) for sentence in _SENTENCE.split(text) if re.search(r"\w{2}", sentence))


def covering(name: str, page: Page, root: Section) -> str:
    """A name, and what the text says that it covers: the bold beginnings below a heading that speaks of contents."""
    for section in root.walk():
        if section.level and _COVERS.search(section.title):
            lines = (page.lines[at] for at in range(section.body, section.last) if not page.literal(at))
            found = [plain(label["text"]) for line in lines if (label := _LEADING.match(line))]
            told = list(dict.fromkeys(word for word in found if word))[:MOST_COVERED]
            if len(told) >= LEAST_COVERED:
                return f"{name}: {', '.join(told[:-1])} and {told[-1]}"
    return name


def unmarketed(sentence: str) -> str:
    """Without words that praise; an article in front is made to fit what follows."""

    def without(found: re.Match[str]) -> str:
        article = found["article"] or ""
        fitting = "an " if found["next"].lower() in "aeiou" else "a "
        return article and (fitting.capitalize() if article[0] == "A" else fitting)

    text = _MARKETING.sub(without, _MARKETING.sub(without, sentence))
    return text[:1].upper() + text[1:] if text != sentence else sentence
