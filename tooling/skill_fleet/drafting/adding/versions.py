"""The version of a skill that changes: raised, so that whoever compares versions sees that it is another."""

from __future__ import annotations

import re

from skill_fleet.markdown import CannotEdit, read_front_matter, set_value

_NUMBERS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})*")


def next_version(version: str, *, more: bool) -> str:
    """The version after `version`: its last number raised, or the one before that when there is `more` than there was.

    '' when it is not numbers and dots.
    """
    if not _NUMBERS.fullmatch(version):
        return ""
    numbers = [int(part) for part in version.split(".")]
    at = len(numbers) - 1 - (more and len(numbers) > 2)
    return ".".join(str(number) for number in [*numbers[:at], numbers[at] + 1, *[0] * (len(numbers) - at - 1)])


def raised(before: str, after: str, *, more: bool) -> tuple[str, str]:
    """The SKILL.md `after` a change with its version raised, and what a person has to do instead; '' when nothing.

    A skill without a version gets none, and one whose version the change raised itself keeps that.
    """
    old, new = (read_front_matter(text.encode("utf-8")).metadata("version") for text in (before, after))
    if old is None or old != new:
        return after, ""
    if not (wanted := next_version(old, more=more)):
        return after, f"Raise the version {old!r} by hand: it is not made of numbers."
    try:
        return set_value(after.encode("utf-8"), "metadata.version", wanted).decode("utf-8"), ""
    except CannotEdit as problem:
        return after, f"Raise the version {old!r} by hand: {problem}."
