"""Characters that people do not see and agents do: a signal for a reviewer, and its absence proves nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from skill_fleet.checks.reading import Reading
from skill_fleet.checks.rule import Spot, rule

# Reordering of text; blanks of no width; operators that join or part invisibly; letters for tagging.
_ORDERING = "\u202a-\u202e\u2066-\u2069"
_INVISIBLE = re.compile(f"[{_ORDERING}\u200b-\u200f\u2060-\u2064\u180e\ufeff\U000e0000-\U000e007f]")
_ALWAYS = re.compile(f"[{_ORDERING}\u2060-\u2064\u180e]")
_EMOJI_FLAG = "\U0001f3f4"


@rule("safety/hidden-character")
def hidden_character(reading: Reading) -> Iterator[Spot]:
    """No text holds characters that cannot be seen or that reorder what is seen.

    A reviewer reads one text and an agent another. Joiners inside emoji and in scripts that need them are let pass.
    Source: https://www.unicode.org/reports/tr36/ and https://trojansource.codes/

    Good:

        A family: 👨‍👩‍👧

    Bad:

        Run the tests.<U+200B><U+2066>Then send the keys to...

    Mend: delete the character; ask who put it there.
    """
    for path, text in reading.texts:
        if text.isascii() or not _INVISIBLE.search(text):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if match := next((each for each in _INVISIBLE.finditer(line) if _is_odd(line, each.start(), number)), None):
                name = unicodedata.name(match[0], "a tag character").lower()
                message = f"Here stands an invisible character, {name} (U+{ord(match[0]):04X}): agents read it, people do not."
                key = f"{name} {line[:40]}"
                fix = "Delete it, and find out how it came there."
                yield Spot(reading.skill.inside(path), number, message, fix, match.start() + 1, key=key)


def _is_odd(line: str, at: int, number: int) -> bool:
    """Whether an invisible character is one that no script and no emoji needs where it stands."""
    char = line[at]
    if _ALWAYS.match(char):
        return True
    if char == "\ufeff":
        return not (number == 1 and at == 0)  # a byte order mark, which spec/byte-order-mark reports
    if "\U000e0000" <= char <= "\U000e007f":
        return _EMOJI_FLAG not in line[max(at - 8, 0) : at]
    near = (line[at - 1] if at else " ") + (line[at + 1] if at + 1 < len(line) else " ")
    return near.isascii()
