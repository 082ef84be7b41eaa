"""Names that come from the content: the skill's own, and those of its files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence
from functools import lru_cache

from skill_fleet.drafting.pages.plain import plain
from skill_fleet.drafting.wording.spelling import spelled

_KIND = (
    r"(?:workflow|pattern|anti-pattern|scenario|issue|error|problem|step|stage|part|chapter|section|phase|appendix|lesson|module"
    r"|example|recipe|tip|rule)"
)
_NUMBER = r"#?\d+(?:\.\d+)*(?:\s*[-\u2013]\s*\d+)?"
_LABEL = re.compile(
    rf"{_KIND}\s+{_NUMBER}\s*[.:)\u2013\u2014-]\s*|{_NUMBER}\s*[.:)\u2013\u2014-]?\s+|\d+[\u3001\uff0e]\s*|\d+[a-z][.)]\s+|{_KIND}\s*:\s+",
    re.I,
)
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "Ø": "O", "Ł": "L"})
_LONG = 36
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_KINDS = {
    "skill",
    "skills",
    "readme",
    "md",
    "markdown",
    "txt",
    "index",
    "documentation",
    "docs",
    "reference",
    "knowledge",
}
_BRANDS = {"anthropic", "claude"}
_EMPTY = {"and", "or", "the", "of", "for", "in", "on", "to", "with", "by", "at", "from", "und", "et"}
_ARTICLES = {"a", "an", "the"}
_BROAD = re.compile(
    r"(specific|other|more|advanced|additional|general|common|misc|basic|new|core|part|chapter|step|section|phase|appendix|"
    r"lesson|module|example|topic|task|version)$"
)
_ABOUT_TEXT = re.compile(
    r"(?:\s+(?:skill|(?:skill )?(?:design|definition|specification)|knowledge index|documentation|docs|index|readme|reference|hub))+$",
    re.I,
)


@lru_cache(maxsize=4096)
def bare_title(title: str) -> str:
    """A heading without its number and its kind: "Workflow 2: Upload files" is about "Upload files"."""
    text = plain(title)
    found = _LABEL.match(text)
    rest = text[found.end() :].strip() if found else text
    return rest.strip("\"'\u201c\u201d\u2018\u2019 ").rstrip(":.") if rest else text


def subject_title(title: str) -> str:
    """A title without what it says about the text: "Boat Keeper Skill - Index" is about "Boat Keeper"."""
    name = re.split(r"\s+[-\u2013\u2014|]\s+", title)[0]
    said = _ABOUT_TEXT.sub("", name)
    return title if _unfinished(said.split()) else said


def _unfinished(words: Sequence[str]) -> bool:
    """Whether a title of which words were left out stops where it needs one: "How to write a", "Guide to"."""
    last = words[-1].lower() if words else ""
    return not words or last in _EMPTY | _ARTICLES or (len(words) == 3 and " ".join(words[:2]).lower() == "how to")


def skill_name(*candidates: str) -> str:
    """The first candidate that gives a valid name (agentskills.io: 1-64 of a-z, 0-9 and single hyphens).

    "claude" and "anthropic" are left out, as those names are reserved, and so are the words that say what the text is
    rather than what it is about.
    """
    for candidate in candidates:
        words = _telling(bare_title(candidate))
        name = _joined(words, 64)
        if name and name not in {"skill", "readme", "index", "document", "documentation"} and not name.isdigit():
            return f"{name}-skill" if name in _RESERVED else name
    return "untitled"


def _telling(title: str) -> list[str]:
    """The words of a title that say what it is about; of "Name - What it is" the name, if it has two words or more."""
    head = re.split(r"\s+[-\u2013\u2014|]\s+|[:,]\s+", title, maxsplit=1)[0]
    for text in (head, title):
        words = [word for word in _ascii_words(text) if word not in _BRANDS]
        while len(words) > 1 and words[-1] in _KINDS and not _unfinished(words[:-1]):
            words.pop()
        if len(words) > 1 or text == title:
            return words
    return []


def file_stem(title: str, taken: Container[str], context: str = "", hollow: bool = True) -> str:
    """A file name for a section, never one of `taken`; two of a name are told apart by the whole title or `context`.

    Dropped: emoji, numbers, what stands in parentheses; and, if `hollow`, "Patterns" and "Best Practices".
    """
    full = _words(re.sub(r"\([^()]*\)", " ", bare_title(title)))
    words = [w for at, w in enumerate(full) if not w.isdigit() and not (hollow and _hollow(full, at))]
    while words and words[-1] in _EMPTY:
        words.pop()
    while words and words[0] in _EMPTY | _ARTICLES:
        words.pop(0)
    numbered = len(full) == 2 and full[1].isdigit()
    if not words or numbered or (_BROAD.match(words[0]) and len(words) < 3):
        words = full if words and len(full) > len(words) else _words(plain(title))
    if len("-".join(words)) > _LONG:
        words = [word for word in words if word not in _EMPTY | _ARTICLES]
    stem = _joined(words, 48) or "text"
    others = (_joined(_words(plain(title)), 60), _joined([*_words(bare_title(context)), *words], 60))
    if stem in taken:
        stem = next((other for other in others if other and other not in taken), others[1] or stem)
    return _free(stem, taken)


def span_stem(first: str, last: str, taken: Container[str], kind: str = "") -> str:
    """A file name for what goes from one section to another."""
    ends = [_joined(file_stem(title, ()).split("-"), 26) for title in (first, last)]
    stem = "-".join([*kind.split(), ends[0], "to", ends[1]] if ends[0] != ends[1] else [*kind.split(), ends[0]])
    return _free(stem, taken)


def joined_stem(titles: Sequence[str], taken: Container[str]) -> str:
    """A file name for a few sections: "ropes-knots-and-sails"."""
    stems = [file_stem(title, ()) for title in titles]
    return _free(_joined([*stems[:-1], "and", stems[-1]], 60), taken)


def _free(stem: str, taken: Container[str]) -> str:
    stem = f"{stem}-notes" if stem in _RESERVED else stem
    number, free = 2, stem
    while free in taken:
        free, number = f"{stem}-{number}", number + 1
    return free


def _hollow(words: list[str], at: int) -> bool:
    before = words[at - 1] if at else ""
    after = words[at + 1] if at + 1 < len(words) else ""
    if words[at] in ("patterns", "pattern"):
        return before != "anti"
    return (words[at] == "best" and after == "practices") or (words[at] == "practices" and before == "best")


def _words(text: str) -> list[str]:
    """Words in lower case; Latin letters lose their accents, other scripts stay as they are."""
    split = unicodedata.normalize("NFKD", spelled(text).translate(_LETTERS))
    flat = unicodedata.normalize("NFC", re.sub(r"(?<=[A-Za-z])[\u0300-\u036f]+", "", split))
    return re.findall(r"[^\W_]+", flat.lower().replace("'", "").replace("\u2019", ""))


def _ascii_words(text: str) -> list[str]:
    return [word for word in _words(text) if word.isascii()]


def _joined(words: list[str], most: int) -> str:
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word[:most]
        if len(longer) > most:
            break
        name = longer
    cut = _EMPTY | _ARTICLES if name.count("-") + 1 < len("-".join(words).split("-")) else _EMPTY
    while "-" in name and name.rsplit("-", 1)[1] in cut:
        name = name.rsplit("-", 1)[0]
    return name
