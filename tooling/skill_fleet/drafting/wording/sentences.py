"""What a text says that it is: its first sentence that says so, or what it covers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.plain import plain, shortened
from skill_fleet.drafting.pages.sections import Section
from skill_fleet.drafting.wording.prose import prose

ROOM = 400
_OVERVIEW = re.compile(r"(overview|introduction|about|summary|purpose|what (is|it does)|description)\b", re.I)
_NOT_ABOUT = re.compile(
    r"(?:you(?: (?:are|can|could|may|might|should|must|need|will|have|want|do|also)|['\u2019](?:ll|re|ve))|"
    r"(?:after|once|before|if|when|as) (?:you|[a-z]+ed(?=,))|read (?:the|this|all|on|more)|welcome|note|warning|important|tip|click|this section|status|version|last updated|see |"
    r"table of contents|when (to|not)|for more|please|thanks|author|copyright|generated|stability|attendees|participants|"
    r"(?:created|written|posted|edited|maintained) (?:by|on)|tools used|act as|as an? (?:[\w-]+ ){1,4}you|as an? (?:[\w-]+ ){0,3}(?:assistant|agent|expert|engineer|developer)|before (?:reading|using|starting)|only (?:run|use|do)|let(?:'s|\u2019s| us)|this (?:prompt|skill|agent|command) (?:can|may|should|will|must|uses|requires|assumes|has)|"
    r"(?:however|but|therefore|thus|hence|also|additionally|moreover|furthermore|otherwise|instead|in addition|for example|"
    r"for instance|and|or|so|then|this (?:one|is|can|will|may)|these|those|they|it (?:also|can|may|will)|as mentioned))\b(?!-)",
    re.I,
)
# What follows a colon belongs to whoever filed the text: "Attendees: Ana", "Subject: Restart", "Q: Who may?".
_FILED = re.compile(
    r"(?:owners?|date|tags?|labels?|category|from|to|cc|subject|level|duration|reviewers?|approvers?|licen[cs]e|types?|[qa]|question|supported [a-z]+|(?:skill )?resources|answer|"
    r"location|languages?|keywords?)\s*:",
    re.I,
)
# Nothing that says what a thing is begins with a sign, asks, or still has marks of a list or a table in it.
_DEBRIS = re.compile(
    r"[^\w\"'\u2018\u201c\u201e\u00ab\u300c\u300e(\[\u00bf\u00a1.*]|.*[?\uff1f\u061f]$|.*\w@\w+\.\w|.*\b[A-Z][A-Z_]{2,}=|.*(?:\*\*|\s[*|#]\s|\[\d+\.?$)",
    re.S,
)
_ABOUT_TEXT = re.compile(
    r"(?:this|the following|welcome to the) (?:[\w-]+ ){0,3}(?:document|documentation|index|section|guide|page|file|directory|"
    r"folder|hub|article|text|collection|cheat ?sheet|repository|readme)\b",
    re.I,
)
# "This guide explains how ropes are spliced" is about how ropes are spliced.
_EXPLAINS = re.compile(
    rf"{_ABOUT_TEXT.pattern} (?:(?:also|briefly) )?(?:(?:explains|describes|documents|covers|outlines|defines|details|is about) "
    r"(?:in detail )?(?=\S+ \S+ \S)|(?:tells|shows|teaches|explains to) (?:\w+ ){1,3}?(?=how|what|why))(?P<what>\w.*)",
    re.I | re.S,
)
_ROLE = re.compile(r"your (?:role|job|task|goal|purpose|mission) is to (?=\w)", re.I)
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
_IMAGE = re.compile(r"!\[[^\[\]]*\]\([^()\s]*\)")
# A sentence ends before a capital letter of any alphabet that has them, before a letter of one that has none.
_SENTENCE = re.compile(
    r"(?<=[.!?\u061f])\s+(?=[A-Z\"'(\[`\u00c0-\u00de\u0400-\u042f\u0490\u0600-\u06ff\uac00-\ud7af\u00ab\u201c\u201e\u00bf\u00a1])|"
    r"(?<=[\u3002\uff01\uff1f])"
)


def first_sentence(page: Page, root: Section) -> str:
    """The first sentence of the overview, else of the text, that says what this is: not "You are" or "Welcome"."""
    overview = [s for s in root.walk() if s.level <= 2 and s.level and _OVERVIEW.match(s.title)][:1]
    short = ""
    for section in (*overview, root):
        upto = section.last
        for line, sentence in _sentences(page, section):
            if line >= upto:
                return ""
            if explained := _EXPLAINS.match(sentence):
                sentence = explained["what"][0].upper() + explained["what"][1:]
            elif _ABOUT_TEXT.match(sentence):
                # Past an opening that speaks of the text itself, what comes next is about one of its parts.
                heads = (block.first for block in page.blocks(line, section.last) if block.level)
                upto = min(upto, next(heads, upto))
                continue
            if _tells(sentence, page):
                sentence = _said(sentence)
                if len(sentence.split()) > 2 or not sentence.isascii():
                    return shortened(sentence, ROOM)
                short = short or sentence
    return short


def _tells(sentence: str, page: Page) -> bool:
    """Whether a sentence can say what the thing is: a statement of its own, about the subject."""
    torn = page.torn_head and sentence[0].islower()
    whole = not torn and sentence[-1] not in ":\uff1a"
    return whole and not (_NOT_ABOUT.match(sentence) or _FILED.match(sentence) or _DEBRIS.match(sentence))


def _said(sentence: str) -> str:
    """A sentence without a role that it gives its reader, or a quotation mark that is never closed."""
    text = sentence[1:] if sentence[0] in '"\u201c' and sentence.count('"') + sentence.count("\u201d") < 2 else sentence
    text = _ROLE.sub("", text)
    return text[:1].upper() + text[1:] if text != sentence else sentence


def _sentences(page: Page, section: Section) -> Iterator[tuple[int, str]]:
    for block in page.blocks(section.first, section.last)[:40]:
        if block.kind in ("paragraph", "blockquote"):
            text = plain(_IMAGE.sub("", prose(page.lines[block.first : block.end])))
            yield from ((block.first, sentence) for sentence in _SENTENCE.split(text) if re.search(r"\w{2}", sentence))


def covering(name: str, page: Page, root: Section) -> str:
    """A name, and what the text says that it covers: the bold beginnings below a heading that speaks of contents."""
    for section in root.walk():
        if section.level and _COVERS.search(section.title):
            lines = (page.lines[at] for at in range(section.body, section.last) if not page.literal(at))
            found = [(line.lstrip()[:1], plain(label["text"])) for line in lines if (label := _LEADING.match(line))]
            # what another list begins with is another kind of thing
            told = list(dict.fromkeys(word for mark, word in found if word and mark == found[0][0]))[:MOST_COVERED]
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
