"""Every request of a pull request and its state, derived from what people wrote and what the bot answered.

A request is a command, a suggestion, a comment in a thread or a review body by someone with write access. Nothing is
stored elsewhere, so any run can continue where another stopped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from skill_fleet.forges import Actor, Item, Snapshot
from skill_fleet.markdown import as_code
from skill_fleet.review.commands import Asked, read_comment
from skill_fleet.review.markers import Receipt, digest_of, is_bot, receipts

ADOPT = "adopt"
SUGGESTION, COMMENT, CHANGES = "suggestion", "comment", "changes"  # requests that are not commands, as in receipts
FREE_FORM = (COMMENT, "revise", "refine")  # only a model can carry these out
_ADOPTABLE = (SUGGESTION, *FREE_FORM, "describe", "drop", "move")
FAILING: Final = "failing"  # outcome of a failed first attempt: a second one is due

_LINK = re.compile(
    r"(?:\S*?[#/])??(?:(?P<kind>issuecomment-|discussion_r|pullrequestreview-)|(?P<type>[a-z]+)/)?(?P<id>[0-9A-Za-z]+)"
)
_KINDS = {"issuecomment-": "comment", "discussion_r": "line", "pullrequestreview-": "review"}


@dataclass(frozen=True)
class Request:
    """One request. `again` is the id of the comment that asks for it again, `tried` whether a first attempt has failed."""

    command: str
    """The name of a command, or SUGGESTION, COMMENT, CHANGES, MISSPELLED."""
    item: Item
    arguments: tuple[str, ...] = ()
    adopter: Item | None = None
    """The `/adopt` of someone with write access, if the author of `item` has none."""
    again: str = ""
    receipt: Receipt | None = None
    tried: bool = False

    @property
    def key(self) -> str:
        """The name of the request in receipts and trailers."""
        return f"{self.command}:{self.item.key}" + (f"@{self.again}" if self.again else "")

    @property
    def order(self) -> str:
        """The time at which it became a request, as `Item.order`."""
        return (self.adopter or self.item).order

    @property
    def author(self) -> Actor:
        """The person who adopted it, or else wrote it."""
        return (self.adopter or self.item).author

    @property
    def is_answered(self) -> bool:
        """Whether the bot has answered it in any way."""
        return self.receipt is not None

    @property
    def is_open(self) -> bool:
        """Whether something still has to happen before the pull request may be merged."""
        return self.receipt is None or self.receipt.is_open

    @property
    def was_edited(self) -> bool:
        """Whether its text has changed since it was answered."""
        return self.receipt is not None and self.receipt.digest not in ("", digest_of(self.item.body))

    def credited(self, text: str) -> str:
        """Return an answer to it that names author and adopter, if there are two."""
        names = f"Written by {as_code(self.item.author.name)}, adopted by {as_code(self.author.name)}."
        return f"{text}\n\n{names}" if self.adopter else text


@lru_cache(maxsize=10_000)
def asked_in(body: str) -> Asked:
    """Return what a comment asks for, from a cache: most comments are read many times."""
    return read_comment(body)


def ordered(snapshot: Snapshot) -> list[Item]:
    """Return all items, oldest first."""
    return sorted(snapshot.items, key=lambda item: item.order)


def may_decide(snapshot: Snapshot, item: Item) -> bool:
    """Whether its author and its last editor are people with write access. Unknown counts as no."""
    editor = item.editor or item.author
    return not is_bot(snapshot, item.author) and all(
        snapshot.permissions.get(actor.id) == "write" for actor in (item.author, editor)
    )


def _is_stranger(snapshot: Snapshot, item: Item) -> bool:
    return snapshot.permissions.get(item.author.id) == "none" and not is_bot(snapshot, item.author)


def strangers(snapshot: Snapshot) -> tuple[Item, ...]:
    """Return the first comment with a command or suggestion of each person without write access."""
    found: dict[str, Item] = {}
    for item in ordered(snapshot):
        if _is_stranger(snapshot, item) and not item.hidden:
            asked = asked_in(item.body)
            if asked.commands or asked.suggestions:
                found.setdefault(item.author.id, item)
    return tuple(found.values())


def named_by(snapshot: Snapshot, adoption: Item) -> tuple[Item, ...]:
    """Return the comments by people without write access that the `/adopt` in `adoption` means, adoptable or not.

    They are those that it names by link or number, if only one fits, else the earlier ones of its thread; oldest first.
    """
    arguments = [argument for command, argument in asked_in(adoption.body).commands if command == ADOPT]
    if not arguments:
        return ()
    others = [item for item in ordered(snapshot) if item.order < adoption.order and _is_stranger(snapshot, item)]
    found: dict[str, Item] = {}
    for argument in arguments:
        if argument:
            fits = [item for item in others if _fits(argument, item.key)]
            found |= {item.key: item for item in fits if len(fits) == 1}
        elif adoption.thread:
            found |= {item.key: item for item in others if item.thread == adoption.thread}
    return tuple(found.values())


def _fits(argument: str, key: str) -> bool:
    named, (kind, _, number) = _LINK.fullmatch(argument), key.partition("/")
    wanted = (_KINDS.get(named["kind"] or "") or named["type"]) if named else ""
    return named is not None and named["id"] == number and wanted in (None, "", kind)


def is_adoptable(item: Item, adoption: Item) -> bool:
    """Whether `item` is visible and was not edited after the `/adopt` in `adoption`."""
    return not item.hidden and item.edited < adoption.order


def adoptions(snapshot: Snapshot) -> dict[str, Item]:
    """Return, by the key of each adopted comment, the first comment that adopts it."""
    found: dict[str, Item] = {}
    for adoption in ordered(snapshot):
        if may_decide(snapshot, adoption) and not adoption.hidden:
            for item in named_by(snapshot, adoption):
                if is_adoptable(item, adoption):
                    found.setdefault(item.key, adoption)
    return found


def adopted_requests(snapshot: Snapshot, adoption: Item, adopted: dict[str, Item]) -> list[Request]:
    """Return the changes to the skill that the comments adopted by `adoption` ask for."""
    return [
        replace(request, adopter=adoption)
        for item in ordered(snapshot)
        if adopted.get(item.key) == adoption and not may_decide(snapshot, item)
        for request in _requests_in(snapshot, item, is_adopted=True)
        if request.command in _ADOPTABLE
    ]


def read_requests(snapshot: Snapshot, addressed: Collection[str] = ()) -> tuple[Request, ...]:
    """Return every request by someone with write access that was not withdrawn, oldest first.

    `addressed` are the keys of requests that a commit handles; these are answered even if their thread is resolved.
    """
    given = receipts(snapshot)
    answered = {key: receipt for key, receipt in given.items() if receipt.outcome != FAILING}
    waits = {key: receipt.is_open for key, receipt in answered.items()}
    candidates = _candidates(snapshot)
    found = [
        each for each, is_void in candidates if not is_void or each.key in addressed or waits.get(each.key) is False
    ]
    found = [each for each in found if not (waits.get(each.key) and is_withdrawn(each, found))]
    current = [_retried(request, found, answered) for request in _one_a_thread(found, answered)]
    return tuple(replace(each, tried=each.key in given and each.key not in answered) for each in current)


def _candidates(snapshot: Snapshot) -> Iterator[tuple[Request, bool]]:
    """Yield each request, and whether its thread, its review or a later approval makes it void."""
    adopted = adoptions(snapshot)
    resolved = {thread.key for thread in snapshot.threads if thread.resolved}
    approved = {item.author.id: item.order for item in ordered(snapshot) if item.verdict == "approved"}
    for item in ordered(snapshot):
        if not may_decide(snapshot, item) or item.hidden:
            continue
        is_void = item.thread in resolved or item.verdict == "dismissed"
        is_void |= item.verdict == "changes_requested" and approved.get(item.author.id, "") > item.order
        for request in (*_requests_in(snapshot, item), *adopted_requests(snapshot, item, adopted)):
            yield request, is_void or request.item.thread in resolved


def _requests_in(snapshot: Snapshot, item: Item, is_adopted: bool = False) -> list[Request]:
    asked = asked_in(item.body)
    arguments: dict[str, list[str]] = {}
    for command, argument in asked.commands:
        arguments.setdefault(command, []).append(argument)
    found = [Request(command, item, tuple(given)) for command, given in arguments.items()]
    if asked.suggestions:
        found.append(Request(SUGGESTION, item, asked.suggestions))
    if found:
        return found
    if item.verdict == "changes_requested" and not asked.text and not _has_comments(snapshot, item):
        return [Request(CHANGES, item)]
    is_request = is_adopted or item.thread or item.verdict in ("changes_requested", "commented")
    is_request = is_request or _is_addressed(snapshot, asked)
    return [Request(COMMENT, item, (asked.text,))] if is_request and asked.text else []


def _is_addressed(snapshot: Snapshot, asked: Asked) -> bool:
    """Whether a comment outside threads is for the bot: it mentions the bot, or nothing is committed yet."""
    names = {"skill-fleet"}
    if not snapshot.bot.id.endswith("-bot"):  # the bot uses a person's account, so it has that person's name
        names.add(snapshot.bot.name.removesuffix("[bot]").lower())
    return not snapshot.changed or not asked.mentions.isdisjoint(names)


def _has_comments(snapshot: Snapshot, review: Item) -> bool:
    """Whether the reviewer also commented on lines."""
    return any(item.thread and item.author.id == review.author.id for item in snapshot.items)


def is_withdrawn(request: Request, others: Collection[Request]) -> bool:
    """Whether one of `others` is a later `/drop` without PATH that withdraws the free-form request of its thread."""
    return any(_withdraws(other, request) for other in others)


def _withdraws(drop: Request, request: Request) -> bool:
    is_bare = drop.command == "drop" and bool(drop.item.thread) and not any(drop.arguments)
    is_before = drop.item.thread == request.item.thread and request.order < drop.order
    return is_bare and is_before and request.command in FREE_FORM


def _one_a_thread(found: list[Request], answered: dict[str, Receipt]) -> list[Request]:
    """Keep only the first comment of a thread until it is settled: the later ones belong to its conversation."""
    begun: dict[str, Request] = {}
    kept = []
    for request in found:
        thread = request.item.thread
        if thread in begun and _withdraws(request, begun[thread]):
            del begun[thread]
        if request.command == COMMENT and thread:
            receipt = answered.get(begun[thread].key) if thread in begun else None
            is_over = receipt and not receipt.is_open and receipt.item.order < request.order
            if thread in begun and not is_over:
                continue
            begun[thread] = request
        kept.append(request)
    return kept


def _retried(request: Request, found: list[Request], answered: dict[str, Receipt]) -> Request:
    """Return the request with its receipt, and with a new key if an `/adopt` or `/retry` asks for it again."""

    def answer(again: str = "") -> Request:
        anew = replace(request, again=again)
        return replace(anew, receipt=answered.get(anew.key))

    current = answer()
    adopter = request.adopter
    if adopter and current.receipt and current.was_edited and current.receipt.item.order < adopter.order:
        current = answer(id_of(adopter))
    for retry in [other.item for other in found if other.command == "retry"]:
        if request.command in ("retry", "cancel", "help") or current.receipt is None:
            break
        is_meant = retry.thread in ("", request.item.thread) and current.receipt.item.order < retry.order
        if is_meant and (current.receipt.outcome in ("refused", "open", "failed") or current.was_edited):
            current = answer(id_of(retry))
    return current


def id_of(item: Item) -> str:
    """Return the id of an item without its type, which names a retry."""
    return item.key.rpartition("/")[2]
