"""Sentences that steer the agent that reads them and say nothing of the subject: no description, and never merged unseen."""

# ruff: noqa: RUF001 - the letters are those of other alphabets, and meant.
from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.drafting.pages.page import Page
from skill_fleet.drafting.pages.plain import shortened, tidy
from skill_fleet.drafting.pages.spots import Spots

MOST = 12
_LONGEST = 4_000  # characters of a line that are looked at
_OTHERS = r"(?:all |any |the |your |my |its )*(?:of )?(?:the |your |my )?(?:previous|prior|above|earlier|preceding|other|existing|system)"
_STEERS = re.compile(
    rf"\b(?:ignore|disregard|forget|override|bypass)\s+{_OTHERS}\s+(?:\w+\s+)?(?:instructions?|prompts?|rules|messages|skills?|guidelines|guardrails)\b"
    r"|\b(?:do not|don['\u2019]?t|never|without)\s+(?:tell|inform|alert|notify|mention|reveal|telling|informing|alerting|notifying|mentioning)"
    r"\w*\s+(?:(?:this|it|that|anything|about)\s+)*(?:to\s+)?(?:(?:the|your|any)\s+)?(?:users?|humans?|anyone|reviewers?|maintainers?)\b"
    r"|\bnever mention (?:this|it)\b|\bdo(?: not|n['\u2019]?t) mention this (?:comment|instruction|note)\b"
    r"|\b(?:before|instead of) any other skill\b|\bfor (?:every|each|any|all) (?:single )?(?:requests?|prompts?|messages?|questions?|tasks?), always\b"
    r"|\balways\s+(?:use|load|run|invoke|pick|choose)\s+this\s+skill\s+(?:first|for (?:every|any|all)|before any|no matter)"
    r"|\b(?:reveal|print|show|repeat|output)\s+(?:me\s+)?your\s+(?:system|hidden|initial)\s+(?:prompt|instructions)"
    r"|\byou are now (?:DAN|in (?:developer|debug|god) mode)\b|\bapprove this (?:pull|merge) request\b"
    r"|\b(?:send|post|upload|exfiltrate)\b.{0,60}(?:~/\.ssh|\.env\b|id_rsa|credentials|private keys?).{0,40}\bto\s+https?://"
    r"|\bignoriere\w*\s+(?:alle\s+)?(?:vorherigen|bisherigen|obigen)\s+(?:anweisungen|regeln)"
    r"|\bignore[zr]?\s+toutes\s+les\s+instructions\b|\bignora\s+(?:todas\s+las|tutte\s+le)\s+(?:instrucciones|istruzioni)"
    r"|\bигнорируй(?:те)?\s+(?:все\s+)?(?:предыдущие|прежние)\s+(?:инструкции|указания)|忽略(?:之前|以上|先前|所有)的?(?:所有)?(?:指令|指示)"
    r"|(?:これまで|以前|上記)の(?:すべての)?指示を(?:すべて)?無視",
    re.I,
)
_HINT = re.compile(
    r"ignor|disregard|forget|overrid|bypass|mention|tell|inform|alert|notif|reveal|any other skill|, always|this skill|"
    r"your (?:system|hidden|initial)|you are now|approve this|send|post|upload|exfiltrate|игнор|忽略|無視",
    re.I,
)


def steers(text: str) -> bool:
    """Whether a text tells an agent how to treat its instructions, its user or this skill, whatever it is asked."""
    return bool(_HINT.search(text) and _STEERS.search(text))


def steering(page: Page, spot: Spots) -> Iterator[str]:
    """Such lines of a page with their places; what stands in a fence is an example, what stands in a comment is not."""
    fenced = {line for fence in page.outline.fences for line in range(fence.first, fence.last)}
    said: list[str] = []
    for number, line in enumerate(page.lines):
        if number in fenced or not _HINT.search(line[:_LONGEST]) or not (found := _STEERS.search(line[:_LONGEST])):
            continue
        place = spot(page, number)
        if place or number < page.start:
            where = place or f"front matter, line {number + page.part.offset + 1} of {page.part.document}"
            said.append(f'"{shortened(tidy(line[found.start() :]), 80)}" ({where})')
    if said:
        more = f" and {len(said) - MOST} more" if len(said) > MOST else ""
        few = len(said) == 1
        yield (
            f"{', '.join(said[:MOST])}{more}: {'speaks' if few else 'speak'} to the agent that reads "
            f"{'it' if few else 'them'}, not about the subject: drop?"
        )
