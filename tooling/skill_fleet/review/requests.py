"""Every request of a pull request and how far it is: derived from what people wrote and what the bot answered.

A request is a thread comment, a review body or a command line, by someone who may decide. Nothing is remembered
anywhere else, so any run can go on where another stopped.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from skill_fleet.errors import UserError
from skill_fleet.forges import Actor, Forge, Item, Snapshot
from skill_fleet.markdown import as_code
from skill_fleet.review.commands import Asked, read_comment
from skill_fleet.review.markers import Receipt, digest_of, doubles, is_bot, receipts

ADOPT = "adopt"
_NAMED = re.compile(
    r"(?:\S*?[#/])??(?:(?P<kind>issuecomment-|discussion_r|pullrequestreview-)|(?P<type>[a-z]+)/)?(?P<id>[0-9A-Za-z]+)"
)
_KINDS = {"issuecomment-": "comment", "discussion_r": "line", "pullrequestreview-": "review"}


def strangers(snapshot: Snapshot) -> tuple[Item, ...]:
    """The first comment of each person without write that asks for something only people with write may ask."""
    found: dict[str, Item] = {}
    for item in sorted(snapshot.items, key=lambda item: item.order):
        if snapshot.permissions.get(item.author.id) == "none" and not is_bot(snapshot, item.author) and not item.hidden:
            asked = asked_in(item.body)
            if asked.commands or asked.suggestions:
                found.setdefault(item.author.id, item)
    return tuple(found.values())


def may_decide(snapshot: Snapshot, item: Item) -> bool:
    """Whether its author is a person with write. Unknown is no: such an item is neither obeyed nor answered.

    Nor is one whose words somebody else put there by editing it, unless he is known to have write as well.
    """
    allowed = snapshot.permissions
    edited_by = item.editor.id if item.editor else item.author.id
    return (
        not is_bot(snapshot, item.author)
        and allowed.get(item.author.id) == "write"
        and allowed.get(edited_by) == "write"
    )


def named_by(snapshot: Snapshot, order: Item) -> tuple[Item, ...]:
    """The comments of people without write that the `/adopt` in `order` is about, by age, whether or not it holds.

    Those it names by link or number (one that fits two comments names none); else those that stand before it in its thread.
    """
    strangers_ = [
        item
        for item in sorted(snapshot.items, key=lambda item: item.order)
        if item.order < order.order and _is_stranger(snapshot, item)
    ]
    found: dict[str, Item] = {}
    for argument in [argument for command, argument in asked_in(order.body).commands if command == ADOPT]:
        if argument:
            fits = [item for item in strangers_ if _fits(argument, item.key)]
            found |= {item.key: item for item in fits if len(fits) == 1}
        elif order.thread:
            found |= {item.key: item for item in strangers_ if item.thread == order.thread}
    return tuple(found.values())


def is_adoptable(item: Item, order: Item) -> bool:
    """Whether `item` is still what it was when `order` adopted it."""
    return not item.hidden and item.edited < order.order


def adoptions(snapshot: Snapshot) -> dict[str, Item]:
    """The comments that are adopted, by key, each with the comment that adopted it first."""
    found: dict[str, Item] = {}
    for order in sorted(snapshot.items, key=lambda item: item.order):
        if may_decide(snapshot, order) and not order.hidden:
            for item in named_by(snapshot, order) if _adopts(order) else ():
                if is_adoptable(item, order):
                    found.setdefault(item.key, order)
    return found


def _adopts(item: Item) -> bool:
    return any(command == ADOPT for command, _ in asked_in(item.body).commands)


def _is_stranger(snapshot: Snapshot, item: Item) -> bool:
    return snapshot.permissions.get(item.author.id) == "none" and not is_bot(snapshot, item.author)


def _fits(argument: str, key: str) -> bool:
    named, (kind, _, number) = _NAMED.fullmatch(argument), key.partition("/")
    wanted = (_KINDS.get(named["kind"] or "") or named["type"]) if named else ""
    return named is not None and named["id"] == number and wanted in (None, "", kind)


@lru_cache(maxsize=10_000)
def asked_in(body: str) -> Asked:
    """What a comment asks for; many are read again and again."""
    return read_comment(body)


SUGGESTION, WORDS, CHANGES = "suggestion", "comment", "changes"
_ADOPTED = (SUGGESTION, WORDS, "revise", "refine", "describe", "drop", "move")
FAILING: Final = "failing"  # the outcome of a first attempt that came to nothing: its request is still owed an answer


@dataclass(frozen=True)
class Request:
    """One thing asked for. `key` is its name for ever; `receipt` the bot's answer, if there is one; `tried` says that an
    attempt at it came to nothing, and that the next one is the last."""

    key: str
    command: str
    item: Item
    arguments: tuple[str, ...] = ()
    receipt: Receipt | None = None
    tried: bool = False
    adopter: Item | None = None
    """The comment by which somebody who may decide made the words of somebody who may not his own."""

    @property
    def order(self) -> str:
        """When it became a request."""
        return (self.adopter or self.item).order

    @property
    def author(self) -> Actor:
        """Who asks for it: whoever adopted it, else who wrote it."""
        return (self.adopter or self.item).author

    def credited(self, text: str) -> str:
        """An answer to it, with the names of both when another wrote it than asks for it."""
        names = f"Written by {as_code(self.item.author.name)}, adopted by {as_code(self.author.name)}."
        return f"{text}\n\n{names}" if self.adopter else text

    @property
    def is_answered(self) -> bool:
        """Whether the bot has answered it, in whatever way."""
        return self.receipt is not None

    @property
    def is_open(self) -> bool:
        """Whether something still has to happen before the pull request may be merged."""
        return self.receipt is None or self.receipt.is_open

    @property
    def was_edited(self) -> bool:
        """Whether its text is another one than the one that was answered."""
        return self.receipt is not None and self.receipt.digest not in ("", digest_of(self.item.body))


def read_requests(snapshot: Snapshot, addressed: Collection[str] = ()) -> tuple[Request, ...]:
    """Every request that somebody with write made and has not withdrawn, in the order the server received them.

    `addressed` are the keys that some commit already handles: those are owed an answer, whatever became of the thread.
    """
    given = receipts(snapshot)
    answered = {key: receipt for key, receipt in given.items() if receipt.outcome != FAILING}
    adopted = adoptions(snapshot)
    resolved = {thread.key for thread in snapshot.threads if thread.resolved}
    approvals = [item for item in snapshot.items if item.verdict == "approved"]
    content = {item.author.id: item.order for item in sorted(approvals, key=lambda item: item.order)}
    found: list[Request] = []
    for item in sorted(snapshot.items, key=lambda item: item.order):
        if not may_decide(snapshot, item) or item.hidden:
            continue
        is_void = item.thread in resolved or item.verdict == "dismissed"
        # who approves later says with it that the words of an earlier request for changes are settled
        is_void |= item.verdict == "changes_requested" and content.get(item.author.id, "") > item.order
        for request in (*_requests_of(snapshot, item), *adopted_requests(snapshot, item, adopted)):
            is_gone = is_void or request.item.thread in resolved
            if is_gone and request.key not in addressed and not _is_kept(request, answered):
                continue
            found.append(request)
    found = [request for request in found if not _is_forgotten(request, found, answered)]
    current = _retried(_one_conversation_a_thread(found, answered), answered)
    return tuple(replace(each, tried=each.key in given and each.key not in answered) for each in current)


def adopted_requests(snapshot: Snapshot, order: Item, adopted: dict[str, Item]) -> list[Request]:
    """What the comments that `order` adopts ask for: changes of the skill, and nothing about the pull request itself."""
    found = []
    for item in sorted(snapshot.items, key=lambda item: item.order):
        if adopted.get(item.key) == order and not may_decide(snapshot, item):
            requests = _requests_of(snapshot, item, is_free=True)
            found += [replace(each, adopter=order) for each in requests if each.command in _ADOPTED]
    return found


def _requests_of(snapshot: Snapshot, item: Item, is_free: bool = False) -> list[Request]:
    asked = asked_in(item.body)
    found = []
    for command in dict.fromkeys(command for command, _ in asked.commands):
        arguments = tuple(argument for name, argument in asked.commands if name == command)
        found.append(Request(f"{command}:{item.key}", command, item, arguments))
    if asked.suggestions:
        found.append(Request(f"{SUGGESTION}:{item.key}", SUGGESTION, item, asked.suggestions))
    if found:
        return found
    if item.verdict == "changes_requested" and not asked.words and not _has_comments(snapshot, item):
        return [Request(f"{CHANGES}:{item.key}", CHANGES, item)]
    free = (
        is_free
        or bool(item.thread)
        or item.verdict in ("changes_requested", "commented")
        or _is_addressed(snapshot, asked)
    )
    return [Request(f"{WORDS}:{item.key}", WORDS, item, (asked.words,))] if free and asked.words else []


def _is_addressed(snapshot: Snapshot, asked: Asked) -> bool:
    """Whether words in the conversation are for the bot: it is called by a name, or nothing is committed yet (clarify)."""
    names = {"skill-fleet"}
    if not snapshot.bot.id.endswith("-bot"):  # else the name is that of the person who lends the bot an account
        names.add(snapshot.bot.name.removesuffix("[bot]").lower())
    return not snapshot.changed or not asked.mentions.isdisjoint(names)


def _has_comments(snapshot: Snapshot, review: Item) -> bool:
    """Whether the same person commented on lines, so that a review without words says something after all."""
    return any(item.thread and item.author.id == review.author.id for item in snapshot.items)


def _is_kept(request: Request, answered: dict[str, Receipt]) -> bool:
    """A resolved thread withdraws what was not answered yet; what was stays in the account."""
    receipt = answered.get(request.key)
    return receipt is not None and not receipt.is_open


def forgets(drop: Request, request: Request) -> bool:
    """Whether `drop`, alone in a thread, withdraws the earlier words `request` of that thread."""
    is_bare = drop.command == "drop" and bool(drop.item.thread) and not any(drop.arguments)
    is_before = drop.item.thread == request.item.thread and request.order < drop.order
    return is_bare and is_before and request.command in (WORDS, "revise", "refine")


def _is_forgotten(request: Request, found: list[Request], answered: dict[str, Receipt]) -> bool:
    """Whether it waits for something that a later `/drop` in its thread took back."""
    receipt = answered.get(request.key)
    return receipt is not None and receipt.is_open and any(forgets(other, request) for other in found)


def _one_conversation_a_thread(found: list[Request], answered: dict[str, Receipt]) -> list[Request]:
    """Words in one thread are one request, until it is done or refused: who adds a word wants one answer, not two."""
    begun: dict[str, Request] = {}
    kept = []
    for request in found:
        thread = request.item.thread
        if thread in begun and forgets(request, begun[thread]):
            del begun[thread]
        if request.command == WORDS and thread:
            receipt = answered.get(begun[thread].key) if thread in begun else None
            is_over = receipt and not receipt.is_open and receipt.item.order < request.order
            if thread in begun and not is_over:
                continue
            begun[thread] = request
        kept.append(request)
    return kept


def _retried(found: list[Request], answered: dict[str, Receipt]) -> tuple[Request, ...]:
    """Give each request its receipt; one that a `/retry` asks to read again gets a new key, so that it is owed again."""
    retries = [request for request in found if request.command == "retry"]
    result = []
    for request in found:
        current = replace(request, receipt=answered.get(request.key))
        again = request.adopter
        if again and current.receipt and current.was_edited and current.receipt.item.order < again.order:
            key = f"{request.key}@{again.key.rpartition('/')[2]}"
            current = replace(request, key=key, receipt=answered.get(key))
        for retry in retries:
            if current.command in ("retry", "cancel", "help") or current.receipt is None:
                continue
            if retry.item.thread and retry.item.thread != request.item.thread:
                continue
            asks_again = current.receipt.outcome in ("refused", "open", "failed") or current.was_edited
            if asks_again and current.receipt.item.order < retry.item.order:
                key = f"{request.key}@{retry.item.key.rpartition('/')[2]}"
                current = replace(request, key=key, receipt=answered.get(key))
        result.append(current)
    return tuple(result)


def clear_doubles(forge: Forge, snapshot: Snapshot) -> bool:
    """Delete the younger ones, and say whether there were any. Two runs that do this at once may both do it.

    There are some when two runs answered at the same moment, or each offline in its own clone.
    """
    found = doubles(snapshot)
    for item in found:
        try:
            forge.delete(snapshot.number, item.key)
        except UserError:
            if any(other.key == item.key for other in forge.snapshot(snapshot.number).items):
                raise
    return bool(found)
