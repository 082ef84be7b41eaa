"""Receipts: the first line of a comment by which the bot knows later what it has already answered.

A receipt is believed only when the comment is the bot's own, nobody else edited it, and the line is whole, in this
grammar, and bound to this repository and pull request. Any text anywhere else is only text.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from skill_fleet.forges.types import Actor, Item, Snapshot

KEY = re.compile(r"[a-z-]+:[a-z-]+/[A-Za-z0-9_=.+-]+(?:@[A-Za-z0-9_=.+-]+)?")
_LINE = re.compile(
    r"<!-- skill-fleet receipt repository=(?P<repository>[A-Za-z0-9_=-]+) pull=(?P<pull>[0-9]+)"
    rf" key=(?P<key>{KEY.pattern}) outcome=(?P<outcome>done|refused|open|failing|failed|notice|status)"
    r" digest=(?P<digest>[0-9a-f]{0,64})(?: pin=(?P<pin>[0-9a-f]{1,64}))? -->"
)


@dataclass(frozen=True)
class Receipt:
    """What a comment of the bot answers: `key` names the request, `digest` the text as it was read, `pin` the digest of
    the description that was settled with it."""

    key: str
    outcome: str
    digest: str
    item: Item
    pin: str = ""

    @property
    def is_open(self) -> bool:
        """Whether what it answers waits for a person."""
        return self.outcome in ("open", "failed")


def render_receipt(snapshot: Snapshot, key: str, outcome: str, digest: str = "", pin: str = "") -> str:
    """The first line of a comment that answers `key`."""
    return (
        f"<!-- skill-fleet receipt repository={snapshot.repository} pull={snapshot.number}"
        f" key={key} outcome={outcome} digest={digest}{f' pin={pin}' if pin else ''} -->"
    )


def read_receipt(snapshot: Snapshot, item: Item) -> Receipt | None:
    """The receipt of `item`, or None when it has none that counts."""
    if not is_bot(snapshot, item.author) or (item.editor and not is_bot(snapshot, item.editor)):
        return None
    found = _LINE.fullmatch(item.body.partition("\n")[0])
    if not found or found["repository"] != snapshot.repository or found["pull"] != str(snapshot.number):
        return None
    return Receipt(found["key"], found["outcome"], found["digest"], item, found["pin"] or "")


def receipts(snapshot: Snapshot) -> dict[str, Receipt]:
    """Every receipt by its key. Of two with one key the older counts, as applying would delete the younger."""
    found: dict[str, Receipt] = {}
    for item in sorted(snapshot.items, key=lambda item: item.order):
        if receipt := read_receipt(snapshot, item):
            found.setdefault(receipt.key, receipt)
    return found


def doubles(snapshot: Snapshot) -> tuple[Item, ...]:
    """The comments whose receipt an older comment has as well."""
    counted = {receipt.item.key for receipt in receipts(snapshot).values()}
    return tuple(item for item in snapshot.items if item.key not in counted and read_receipt(snapshot, item))


def is_bot(snapshot: Snapshot, actor: Actor) -> bool:
    """Whether `actor` is the account that the tool works as. Decided by id alone."""
    return actor.id == snapshot.bot.id


def digest_of(body: str) -> str:
    """What an answer remembers of the text that it answered, to see later whether it was edited."""
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()[:16]
