"""Markers of what was done: receipts, which are the first line of the bot's comments, and the trailers of its commits.

A receipt counts only if the comment is the bot's own, nobody else edited it, and the line is whole, in this grammar, and
names this repository and pull request. Anything else is plain text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from skill_fleet.forges import Actor, AnswerAction, Item, Snapshot
from skill_fleet.markdown import one_line

KEY = re.compile(r"[a-z-]+:[a-z-]+/[A-Za-z0-9_=.+-]+(?:@[A-Za-z0-9_=.+-]+)?")
_RECEIPT_LINE = re.compile(
    r"<!-- skill-fleet receipt repository=(?P<repository>[A-Za-z0-9_=-]+) pull=(?P<pull>[0-9]+)"
    rf" key=(?P<key>{KEY.pattern}) outcome=(?P<outcome>done|refused|open|asked|failing|failed|corrected|notice|status)"
    r" digest=(?P<digest>[0-9a-f]{0,64})(?: pin=(?P<pin>[0-9a-f]{1,64}))?(?: noted=(?P<noted>[0-9a-f,]+))? -->"
)


@dataclass(frozen=True)
class Receipt:
    """The receipt of a comment: `key` of the request, `digest` of its text as the bot read it, `pin`, the digest of the
    text that the answer is about, and `noted`, the marks of what is settled: in the status comment, of words for which
    nothing is owed; in a preview, of labels that were set."""

    key: str
    outcome: str
    digest: str
    item: Item
    pin: str = ""
    noted: frozenset[str] = frozenset()

    @property
    def is_open(self) -> bool:
        """Whether the request waits for a person."""
        return self.outcome in ("open", "asked", "failed")


def render_receipt(
    snapshot: Snapshot, key: str, outcome: str, digest: str = "", pin: str = "", noted: Iterable[str] = ()
) -> str:
    """Return the first line of a comment that answers the request `key`."""
    marks = ",".join(sorted(noted))
    return (
        f"<!-- skill-fleet receipt repository={snapshot.repository} pull={snapshot.number} key={key} outcome={outcome}"
        f" digest={digest}{f' pin={pin}' if pin else ''}{f' noted={marks}' if marks else ''} -->"
    )


def render_answer(snapshot: Snapshot, answer: AnswerAction, commit: str) -> str:
    """Return the text of the comment for an answer; `commit` is the id of the commit that it names, if any."""
    receipt = render_receipt(snapshot, answer.key, answer.outcome, answer.digest, answer.pin)
    lead = f"Done in {commit}. " if commit else ""
    return f"{receipt}\n{lead}{answer.text}".rstrip()


def read_receipt(snapshot: Snapshot, item: Item) -> Receipt | None:
    """Return the receipt of `item`, None if it has none that counts."""
    if not is_bot(snapshot, item.author) or (item.editor and not is_bot(snapshot, item.editor)):
        return None
    found = _RECEIPT_LINE.fullmatch(item.body.partition("\n")[0])
    if not found or found["repository"] != snapshot.repository or found["pull"] != str(snapshot.number):
        return None
    noted = frozenset(filter(None, (found["noted"] or "").split(",")))
    return Receipt(found["key"], found["outcome"], found["digest"], item, found["pin"] or "", noted)


def receipts(snapshot: Snapshot) -> dict[str, Receipt]:
    """Return every receipt by its key. Of two with the same key, the older one counts."""
    found: dict[str, Receipt] = {}
    for item in sorted(snapshot.items, key=lambda item: item.order):
        if receipt := read_receipt(snapshot, item):
            found.setdefault(receipt.key, receipt)
    return found


def duplicates(snapshot: Snapshot) -> tuple[Item, ...]:
    """Return the comments whose receipt an older comment also has."""
    counted = {receipt.item.key for receipt in receipts(snapshot).values()}
    return tuple(item for item in snapshot.items if item.key not in counted and read_receipt(snapshot, item))


def command_of(key: str) -> str:
    """Return the command (or other kind of request) in the key of a request."""
    return key.partition(":")[0]


def root_of(key: str) -> str:
    """Return the key of a request as it was before anybody asked for it again."""
    return key.partition("@")[0]


def is_bot(snapshot: Snapshot, actor: Actor) -> bool:
    """Whether `actor` is the bot's account, by its id alone."""
    return actor.id == snapshot.bot.id


def mark_of(item: Item) -> str:
    """Return the mark of an item with its present text: eight digits, so that those of all items fit into a comment."""
    return digest_of(f"{item.key}\n{item.body}")[:8]


def status_key(snapshot: Snapshot) -> str:
    """Return the key of the status comment."""
    return f"status:pull/{snapshot.number}"


def digest_of(body: str) -> str:
    """Return the digest of a text, by which a later edit is noticed."""
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()[:16]


_LINE = re.compile(r"(?P<key>[A-Z][A-Za-z-]*): (?P<value>.+)")


def read_trailers(message: str) -> tuple[tuple[str, str], ...]:
    """Return the trailers of a message: the last paragraph, unless it is the first or has any other line."""
    paragraphs = [part for part in re.split(r"\n[ \t]*\n", message.rstrip()) if part.strip()]
    if len(paragraphs) < 2:
        return ()
    rows = [_LINE.fullmatch(line.rstrip()) for line in paragraphs[-1].strip("\n").split("\n")]
    return tuple((row["key"], row["value"]) for row in rows if row) if all(rows) else ()


def trailer(message: str, key: str) -> str:
    """Return the first value of the trailer `key`, '' without one."""
    return next((value for name, value in read_trailers(message) if name == key), "")


def write_message(subject: str, body: str, trailers: Iterable[tuple[str, str]]) -> str:
    """Return a whole message. No text can add a trailer: the body is never the last paragraph, and values are one line.

    A trailer without a value is left out, since Git would take the whole paragraph for prose.
    """
    pairs = [(key, one_line(value)) for key, value in trailers]
    rows = "\n".join(f"{key}: {value}" for key, value in pairs if value)
    text = "\n\n".join(part for part in (one_line(subject), body.strip(), rows) if part) + "\n"
    return text.encode("utf-8", "replace").decode()  # Git cannot encode a lone surrogate


def message_body(message: str) -> str:
    """Return the part of a message between its subject and its trailers."""
    return message.strip().partition("\n\n")[2].rpartition("\n\n")[0]


def credit(name: str, address: str) -> str:
    """Return a person in the form of a trailer: `Name <address>`."""
    clean = re.sub(r"[<>]", "", one_line(name)) or "someone"
    return f"{clean} <{re.sub(r'[<> ]', '', one_line(address))}>"
