"""Receipts: the first line of a comment by which the bot knows later what it has already answered.

A receipt is believed only when the comment is the bot's own, nobody else edited it, and the line is whole, in this
grammar, and bound to this repository and pull request. Any text anywhere else is only text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from skill_fleet.forges import Actor, Item, Snapshot
from skill_fleet.markdown import one_line

KEY = re.compile(r"[a-z-]+:[a-z-]+/[A-Za-z0-9_=.+-]+(?:@[A-Za-z0-9_=.+-]+)?")
_RECEIPT_LINE = re.compile(
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
    found = _RECEIPT_LINE.fullmatch(item.body.partition("\n")[0])
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


_LINE = re.compile(r"(?P<key>[A-Z][A-Za-z-]*): (?P<value>.+)")


def read_trailers(message: str) -> tuple[tuple[str, str], ...]:
    """The trailers of a message: of its last paragraph, if every line of that is one and it is not the first."""
    paragraphs = [part for part in re.split(r"\n[ \t]*\n", message.rstrip()) if part.strip()]
    if len(paragraphs) < 2:
        return ()
    rows = [_LINE.fullmatch(line.rstrip()) for line in paragraphs[-1].strip("\n").split("\n")]
    return tuple((row["key"], row["value"]) for row in rows if row) if all(rows) else ()


def trailer(message: str, key: str) -> str:
    """The first value of `key`, '' when it is not there."""
    return next((value for name, value in read_trailers(message) if name == key), "")


def write_message(subject: str, body: str, trailers: Iterable[tuple[str, str]]) -> str:
    """A whole message. No text can add a trailer: the body never touches the last paragraph, values are one line.

    A trailer without a value is left out: Git would take its line, and so the whole paragraph, for prose.
    """
    pairs = [(key, one_line(value)) for key, value in trailers]
    rows = "\n".join(f"{key}: {value}" for key, value in pairs if value)
    text = "\n\n".join(part for part in (one_line(subject), body.strip(), rows) if part) + "\n"
    return text.encode("utf-8", "replace").decode()  # a lone surrogate is no text to Git


def credit(name: str, address: str) -> str:
    """A person as a trailer names one: `Name <address>`."""
    clean = re.sub(r"[<>]", "", one_line(name)) or "someone"
    return f"{clean} <{re.sub(r'[<> ]', '', one_line(address))}>"
