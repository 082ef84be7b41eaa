"""Plain text from Markdown: titles without markup, file stems, the first sentence of a text; and text escaped.

A file name or a value from a skill or a person may hold anything, also commands for a terminal.
"""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

PLACEHOLDER = re.compile(r"\{\{([A-Z][A-Z0-9_]*)\}\}")
MAX_SHOWN = 80
MOST_READ = 2_000  # characters of a line or paragraph that are read for a title or a sentence
_IMAGE = re.compile(r"!\[[^\[\]]{0,300}\](?:\([^()]{0,500}\)|\[[^\[\]]{0,200}\])")
_LINK = re.compile(r"\[([^\[\]]{0,500})\](?:\([^()]{0,300}(?:\([^()]{0,100}\)[^()]{0,200})?\)|\[[^\[\]]{0,200}\])")
_SHORTCUT = re.compile(r"(?<!\\)\[([^\[\]]{2,300})\](?!\()")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>|<!--.{0,500}?-->")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]{1,300})>")
_ATTRIBUTES = re.compile(r"[ \t]*\{ ?[#.:][^{}]{0,200}\}[ \t]*$")
_EMPHASIS = re.compile(r"(\*{1,3}|(?<!\w)_{1,3})(?=\S)([^*_]{1,500}?)(?<=\S)\1(?!\w)")
_MARKED = re.compile(r"[^ \t0-9A-Za-z.,;()/'\"?+%=-]")
_CODE = re.compile(r"(?<!\\)(`+)(?!`)(.{1,500}?)(?<!`)\1(?!`)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufe0e\ufe0f\ufeff\ud800-\udfff]+")
_PICTURES = re.compile("[\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]+")
_NUMBER = re.compile(r"^(?:(?:chapter|section|part)\s+)?\d+(?:\.\d+)*[.):]?\s+(?=\S)", re.IGNORECASE)
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_END = re.compile(r"(?<=[.!?])[\"')\u201d\u00bb]*\s+(?=[^a-z\s])|(?<=[\u3002\uff01\uff1f])")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NO_SENTENCE = re.compile(
    r"(?:auto-?generated|generated (?:from|by|with)|do not edit|this (?:file|page|document) (?:is|was) (?:auto|generated)"
    r"|(?:created|written|maintained|authored|edited)\b[^.]{0,40} by\b|by [A-Z]|authors?\b|last (?:updated|modified|edited)"
    r"|updated:|copyright\b|\(c\)|\u00a9|licen[cs]ed under|spdx-|(?:table of )?contents\b|(?:please )?see\b|back to|yes\b|no[,.]"
    r"|(?:note|warning|tip|info|important|caution|todo|date|version|status|tags)\b:?)"
    r"|.{0,80}\b(?:previous|last|next) (?:section|chapter|page)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"[\w.+/-]{2,40}(?:, [\w.+/-]{2,40}){0,5} (?:-{1,2}|[\u2013\u2014]) (?=\S)")
_ANAPHORA = re.compile(r"(?:it|that|they|these|those|then|this (?:will|is|also)|and|but|also|however)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][\w.+-]+[\w+]")  # without the full stop of a sentence
_COMMON = {
    "the", "and", "for", "with", "that", "this", "from", "into", "use", "using", "how", "what", "when", "make", "write",
    "skill", "skills", "create", "about", "draft", "build", "new", "all", "are", "our", "your", "should", "agent", "agents",
}  # fmt: skip
_QUOTE = re.compile(
    "[\"'\u201c\u2018\u00ab].{10,}[\"'\u201d\u2019\u00bb]\\s*(?:[-\u2013\u2014~]|--)|[-\u2013\u2014]\\s*[A-Z]"
)


def tidy(text: str) -> str:
    """The text on one line, without control and hidden characters, each gap one space."""
    return " ".join(_HIDDEN.sub(" ", text).split())


def shortened(text: str, most: int) -> str:
    """At most `most` characters of a text, cut at a word."""
    if len(text) <= most:
        return text
    head = text[: most + 1].rpartition(" ")[0] or text[:most]
    return head.rstrip(" ,;:.-([\u2014")


def plain(text: str) -> str:
    """The words of inline Markdown: no emphasis, links, tags, pictographs or heading attributes; code without backticks."""
    if not _MARKED.search(text, 0, MOST_READ):
        return " ".join(text[:MOST_READ].split())
    text = _ATTRIBUTES.sub("", text[:MOST_READ])
    parts = _CODE.split(text)
    code = parts[2::3]
    text = "".join(
        part if at % 3 == 0 else f"\x01{at // 3}\x01" if at % 3 == 2 else "" for at, part in enumerate(parts)
    )
    text = _ESCAPE.sub(lambda found: chr(0x12000 + ord(found[1])), text)
    text = _LINK.sub(r"\1", _IMAGE.sub(" ", text))
    text = _TAG.sub("", _AUTOLINK.sub(r"\1", text))
    for _ in range(2):
        text = _EMPHASIS.sub(r"\2", text)
    text = _SHORTCUT.sub(r"\1", _PICTURES.sub(" ", text))
    text = re.sub("[\U00012000-\U0001207f]", lambda found: chr(ord(found[0]) - 0x12000), html.unescape(text))
    text = re.sub(r"\x01(\d+)\x01", lambda found: code[int(found[1])].strip(), text)
    return tidy(text)


def relevance(texts: Sequence[str], asked: str) -> list[float]:
    """How much each text has of what is asked: the rarer a word is among the texts, the more it counts, in long texts less."""
    wanted = {*_WORD.findall(asked.casefold())} - _COMMON
    shared = [wanted.intersection(_WORD.findall(text.casefold())) for text in texts]
    count = Counter(word for words in shared for word in words)
    sums = (sum(1 / count[word] for word in words) for words in shared)
    return [found / math.sqrt(800 + len(text)) for found, text in zip(sums, texts, strict=True)]


def slugged(text: str, most: int) -> str:
    """Lower-case ASCII letters and digits of a text, words joined by hyphens, cut at a word; "" if it has none."""
    text = text.translate({0xDF: "ss", 0xE4: "ae", 0xF6: "oe", 0xFC: "ue", 0xC4: "Ae", 0xD6: "Oe", 0xDC: "Ue"})
    text = unicodedata.normalize("NFKD", re.sub(r"['\u2019`]", "", text)).encode("ascii", "ignore").decode()
    text = text.replace("C++", "cpp").replace("C#", "csharp").replace("&", " and ")
    word = "-".join(re.findall(r"[a-z0-9]+", text.lower()))
    return word if len(word) <= most else (word[: most + 1].rsplit("-", 1)[0] if "-" in word[:most] else word[:most])


def stem(title: str, taken: Collection[str], default: str = "part") -> str:
    """A file's name without its ending for a title: not in `taken`, never a reserved name of Windows."""
    word = slugged(_NUMBER.sub("", plain(title)), 48) or slugged(title, 48) or slugged(default, 48) or "part"
    word = f"{word}-text" if word in _RESERVED else word
    name, number = word, 2
    while name in taken:
        name, number = f"{word}-{number}", number + 1
    return name


def first_sentence(paragraphs: Iterable[str]) -> str:
    """The first sentence of the first of `paragraphs` (Markdown) that is prose; "" if none is.

    Badges, lines of links, epigraphs, bylines, keys, and notes about the document itself are no prose. A paragraph that
    only leads to a block ("Run this:") is taken if there is no other, or if the next one goes on from it ("It ...").
    """
    leading = ""
    for paragraph in paragraphs:
        text = plain(paragraph)
        if not _is_prose(paragraph, text):
            continue
        sentence = _first(text)
        if _NAMED.match(text):
            return sentence
        if leading and _ANAPHORA.match(text):
            return leading
        if text.endswith((".", "!", "?", "\u3002")) or sentence != text:
            return sentence
        leading = leading or (sentence.rstrip(":").rstrip() if len(sentence.split()) > 5 else "")
    return leading


def _is_prose(paragraph: str, text: str) -> bool:
    words = text.split()
    if len(words) < 4 and len(_CJK.findall(text)) < 8:
        return False
    if not (text[0].isalnum() or text[0] in "`\"'\u201c(.") or _NO_SENTENCE.match(text) or _QUOTE.match(text):
        return False
    linked = sum(len(found[1]) for found in _LINK.finditer(paragraph[:MOST_READ]))
    return linked < 0.6 * len(text)


def _first(text: str) -> str:
    found = _END.search(text)
    return text[: found.end()].strip() if found else text


def escaped(text: str) -> str:
    """`text` with an escape (`\\x1b`, `\\u202e`) for every character that is not printable."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def shown(text: str) -> str:
    """`text` escaped, and cut if it is long, for a message of one line."""
    return escaped(text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…")


def _escape(char: str) -> str:
    if "\udc80" <= char <= "\udcff":  # a byte of a path that is not UTF-8
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode()


def as_code(text: str, limit: int = 200) -> str:
    """`text` on one line, as a Markdown code span that it cannot break out of."""
    line = one_line(text).replace("<!--", "<! --")
    line = f"{line[:limit]}…" if len(line) > limit else line
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else "` `"


def one_line(text: str) -> str:
    """`text` with one space for every run of white space and control characters; invisible letters of words stay."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip()
