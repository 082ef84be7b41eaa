"""A description in another language than English: what it is, then a list with the words of that language before it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from skill_fleet.drafting.wording.languages import small_word
from skill_fleet.drafting.wording.occasions import Occasions
from skill_fleet.drafting.wording.phrases import Phrases

Fitting = Callable[[Sequence[str], int], list[str]]
ASKED = 300  # characters for what the text itself says
TOLD = 120  # and for its headings, at least
KEYED = 60


def framed(
    text: str,
    title: str,
    language: str,
    phrases: Phrases,
    found: Occasions,
    topics: Sequence[str],
    room: int,
    fit: Fitting,
) -> str:
    """`text`, then when to use it, in the language's own punctuation; `fit` chooses the items that have room."""
    if found.when:
        frame, items, least = phrases.occasions, [_led(item, language) for item in found.when], ASKED
    else:
        frame, items, least = phrases.topics, [_calm(topic) for topic in topics] or [title], TOLD
    said = _sentence(text, phrases) + frame + _list(fit(items, max(room - len(text), least)), phrases)
    keys = [key.strip("\"'\u201c\u201d\u201e\u300c\u300d ") for key in found.keywords]
    if keys:
        said = _sentence(said, phrases) + phrases.keywords + _list(fit(keys, max(room - len(said), KEYED)), phrases)
    return _sentence(said, phrases).strip()


def _led(item: str, language: str) -> str:
    """An item after a colon: a small word that began a sentence is written small."""
    first = item.partition(" ")[0].rstrip(",")
    return item[0].lower() + item[1:] if small_word(language, first) else item


def _calm(topic: str) -> str:
    """A heading in capitals as a sentence begins; what is written in Latin ones may be short for something."""
    return topic.capitalize() if topic.isupper() and not re.search("[A-Z]", topic) else topic


def _list(items: Sequence[str], phrases: Phrases) -> str:
    inner = any(phrases.comma.strip() in item or "," in item for item in items)
    return (phrases.semicolon if inner else phrases.comma).join(items)


def _sentence(text: str, phrases: Phrases) -> str:
    """The text as a whole sentence, and what stands between it and the next."""
    end = phrases.ends.strip()
    body = text.rstrip(" .\u3002\uff0e")
    ended = body[-1:] in "!?\uff01\uff1f\u061f\u2026" or not body
    return body + ("" if ended else end) + phrases.ends[len(end) :]
