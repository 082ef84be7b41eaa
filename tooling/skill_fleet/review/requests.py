"""Every request of a pull request and its state, derived from what people wrote and what the bot answered.

A request is a command, a suggestion, or words by someone with write access. Words outside threads may ask for nothing:
such a remark counts only once a model has answered it. Nothing is stored elsewhere, so any run can continue where another
stopped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from skill_fleet.forges import Actor, Item, Snapshot
from skill_fleet.markdown import as_code
from skill_fleet.review.commands import MISSPELLED, Asked, read_comment
from skill_fleet.review.markers import Receipt, digest_of, is_bot, mark_of, receipts, root_of, status_key

ADOPT = "adopt"
SUGGESTION, COMMENT, CHANGES = "suggestion", "comment", "changes"  # requests that are not commands, as in receipts
FREE_FORM = (COMMENT, "revise", "refine")  # only a model can carry these out
_ADOPTABLE = (SUGGESTION, *FREE_FORM, "describe", "drop", "move")
FAILING: Final = "failing"  # outcome of a failed first attempt: a second one is due
_TO_THREAD = (*FREE_FORM, "drop", "retry", ADOPT)  # words beside these belong to them or to their thread
MAX_QUOTE_LENGTH = 60  # characters of a request that an answer quotes

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
    is_remark: bool = False
    """Whether these are words outside threads, or beside a command, that need not ask for anything."""

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
        return self.receipt.is_open if self.receipt else not self.is_remark

    @property
    def was_edited(self) -> bool:
        """Whether its text has changed since it was answered."""
        return self.receipt is not None and self.receipt.digest not in ("", digest_of(self.item.body))

    def credited(self, text: str) -> str:
        """Return an answer to it that names author and adopter, if there are two."""
        names = f"Written by {as_code(self.item.author.name)}, adopted by {as_code(self.author.name)}."
        return f"{text}\n\n{names}" if self.adopter else text

    def quoting(self, text: str) -> str:
        """Return an answer to it that begins with the request as code, unless it is in the thread of a comment."""
        if self.command == SUGGESTION or (self.command == COMMENT and self.item.thread):
            return text
        asked = " ".join(self.arguments)
        if self.command != COMMENT:
            asked = asked if self.command == MISSPELLED else f"/{self.command} {asked}"
        return f"{as_code(asked, MAX_QUOTE_LENGTH)}: {text}"


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
    return _named(_by_strangers(snapshot), adoption)


def _by_strangers(snapshot: Snapshot) -> list[Item]:
    return [item for item in ordered(snapshot) if _is_stranger(snapshot, item)]


def _named(by_strangers: Sequence[Item], adoption: Item) -> tuple[Item, ...]:
    arguments = [argument for command, argument in asked_in(adoption.body).commands if command == ADOPT]
    if not arguments:
        return ()
    others = [item for item in by_strangers if item.order < adoption.order]
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
    by_strangers = _by_strangers(snapshot)
    for adoption in ordered(snapshot) if by_strangers else ():
        if may_decide(snapshot, adoption) and not adoption.hidden:
            for item in _named(by_strangers, adoption):
                if is_adoptable(item, adoption):
                    found.setdefault(item.key, adoption)
    return found


def adopted_requests(snapshot: Snapshot, adoption: Item, items: Iterable[Item]) -> list[Request]:
    """Return the changes to the skill that `items`, adopted by `adoption`, ask for."""
    return [
        replace(request, adopter=adoption)
        for item in items
        if not may_decide(snapshot, item)
        for request in _requests_in(snapshot, item, is_adopted=True)
        if request.command in _ADOPTABLE
    ]


def read_requests(snapshot: Snapshot, addressed: Collection[str] = ()) -> tuple[Request, ...]:
    """Return every request by someone with write access that was not withdrawn, oldest first.

    `addressed` are the keys of requests that a commit handles; these are answered even if their thread is resolved.
    """
    given = receipts(snapshot)
    answered = {key: receipt for key, receipt in given.items() if receipt.outcome != FAILING}
    last = {root_of(key): answered[key] for key in sorted(answered, key=lambda key: answered[key].item.order)}
    settled = {*map(root_of, addressed), *(root for root, receipt in last.items() if not receipt.is_open)}
    found = [each for each, is_void in _candidates(snapshot) if not is_void or each.key in settled]
    drops = [each for each in found if each.command == "drop" and each.item.thread and not any(each.arguments)]
    found = [each for each in found if each.key in settled or not _is_withdrawn(each, drops)]
    retries = [each for each in found if each.command == "retry"]
    asked = {root_of(key) for key, receipt in answered.items() if receipt.outcome == "asked"}
    by_key = {each.key: each for each in found}
    known = [(by_key.get(root_of(key)), receipt) for key, receipt in answered.items() if receipt.outcome == "asked"]
    questions = [replace(each, receipt=receipt) for each, receipt in known if each]
    current = []
    for each in _one_a_thread(found, answered):
        latest = replace(each, again=last[each.key].key.partition("@")[2]) if each.key in last else each
        current.append(_retried(latest, found if each.key in asked else retries, answered, settled, questions))
    again = {key.partition("@")[2] for key in (*given, *(each.key for each in current))}
    noted = given.get(status_key(snapshot))
    return tuple(
        replace(each, receipt=each.receipt or _noted(each, noted), tried=each.key in given and each.key not in answered)
        for each in current
        if each.command != COMMENT or each.item.thread or id_of(each.item) not in again  # not the answer to a question
    )


def _noted(request: Request, status: Receipt | None) -> Receipt | None:
    """Return the receipt of a remark for which nothing is owed, as the status comment records it."""
    if status is None or not request.is_remark or mark_of(request.item) not in status.noted:
        return None
    return Receipt(request.key, "noted", digest_of(request.item.body), status.item)


def _candidates(snapshot: Snapshot) -> Iterator[tuple[Request, bool]]:
    """Yield each request, and whether its thread, its review or a later approval makes it void."""
    items: dict[str, list[Item]] = {}
    by_key = {item.key: item for item in ordered(snapshot)}
    for key, adoption in sorted(adoptions(snapshot).items(), key=lambda pair: by_key[pair[0]].order):
        items.setdefault(adoption.key, []).append(by_key[key])
    resolved = {thread.key for thread in snapshot.threads if thread.resolved}
    approved = {item.author.id: item.order for item in ordered(snapshot) if item.verdict == "approved"}
    for item in by_key.values():
        if not may_decide(snapshot, item) or item.hidden:
            continue
        is_void = item.thread in resolved or item.verdict == "dismissed"
        is_void |= item.verdict == "changes_requested" and approved.get(item.author.id, "") > item.order
        for request in (*_requests_in(snapshot, item), *adopted_requests(snapshot, item, items.get(item.key, ()))):
            yield request, is_void or request.item.thread in resolved


def _requests_in(snapshot: Snapshot, item: Item, is_adopted: bool = False) -> list[Request]:
    asked = asked_in(item.body)
    arguments: dict[str, list[str]] = {}
    for command, argument in asked.commands:
        arguments.setdefault(command, []).append(argument)
    found = [Request(command, item, tuple(given)) for command, given in arguments.items()]
    if asked.suggestions:
        found.append(Request(SUGGESTION, item, asked.suggestions))
    if not asked.text:
        is_empty = not found and item.verdict == "changes_requested" and not _has_comments(snapshot, item)
        return [Request(CHANGES, item)] if is_empty else found
    if found and (is_adopted or any(each.command in _TO_THREAD for each in found)):
        return found
    is_request = is_adopted or item.thread or item.verdict == "changes_requested"
    return [*found, Request(COMMENT, item, (asked.text,), is_remark=bool(found) or not is_request)]


def _has_comments(snapshot: Snapshot, review: Item) -> bool:
    """Whether the reviewer also commented on lines."""
    return any(item.thread and item.author.id == review.author.id for item in snapshot.items)


def _is_withdrawn(request: Request, drops: Collection[Request]) -> bool:
    """Whether a later `/drop` without PATH withdraws the free-form request of its thread."""
    later = (drop for drop in drops if drop.item.thread == request.item.thread and request.order < drop.order)
    return request.command in FREE_FORM and any(later)


def _one_a_thread(found: list[Request], answered: dict[str, Receipt]) -> list[Request]:
    """Keep only the first comment of a thread until it is settled: the later ones belong to its conversation."""
    begun: dict[str, Request] = {}
    kept = []
    for request in found:
        thread = request.item.thread
        if request.command == COMMENT and thread:
            receipt = answered.get(begun[thread].key) if thread in begun else None
            is_over = receipt and not receipt.is_open and receipt.item.order < request.order
            if thread in begun and not is_over:
                continue
            if not request.is_remark:
                begun[thread] = request
        kept.append(request)
    return kept


def _retried(
    request: Request,
    found: list[Request],
    answered: dict[str, Receipt],
    settled: Collection[str],
    questions: Collection[Request],
) -> Request:
    """Return the request with its receipt, and with a new key if it is asked for again: by an `/adopt`, by a `/retry`, by
    an answer to the bot's question, also to that about a request that contradicts it, or because what contradicted it is
    settled. `questions` are the requests with their receipts that ask something."""

    def answer(again: str = "") -> Request:
        anew = replace(request, again=again, is_remark=request.is_remark and not again)
        return replace(anew, receipt=answered.get(anew.key))

    current = answer(request.again)
    adopter = request.adopter
    if adopter and current.receipt and current.was_edited and current.receipt.item.order < adopter.order:
        current = answer(id_of(adopter))
    if request.command in ("retry", "cancel", "eval", "help"):
        return current
    for other in found:
        if current.receipt and current.receipt.item.order < other.item.order:
            asked = [current, *(each for each in questions if _contradict(current, each))]
            current = answer(id_of(other.item)) if any(_asks_again(other, each) for each in asked) else current
    if (receipt := current.receipt) is None or receipt.outcome != "asked":
        return current
    rivals = (
        differing(request, found)
        if request.command == SUGGESTION
        else [each for each in found if question_pin(each.key) == receipt.pin]
    )
    is_alone = request.command == SUGGESTION or receipt.pin
    return answer(id_of(receipt.item)) if is_alone and all(each.key in settled for each in rivals) else current


def question_pin(key: str) -> str:
    """Return the pin of a question that is asked because the request `key` contradicts another one."""
    return digest_of(root_of(key))


def _contradict(one: Request, other: Request) -> bool:
    """Whether the bot's question about `one` is which of the two it shall be."""
    if one.receipt is None or other.receipt is None or one.receipt.outcome != "asked" or not one.receipt.pin:
        return False
    return one.receipt.pin == question_pin(other.key) or other.receipt.pin == question_pin(one.key)


def _asks_again(other: Request, current: Request) -> bool:
    """Whether `other`, later than the answer to `current`, is a `/retry` of it or the answer to the bot's question."""
    outcome, is_same_thread = (
        current.receipt.outcome if current.receipt else "",
        other.item.thread == current.item.thread,
    )
    if other.command == "retry":
        is_meant = is_same_thread or not other.item.thread
        return is_meant and (outcome in ("refused", "open", "asked", "failed") or current.was_edited)
    is_answer = other.command == COMMENT and outcome == "asked" and current.command in FREE_FORM
    return is_answer and is_same_thread and (bool(other.item.thread) or other.author.id == current.author.id)


def differing(request: Request, others: Iterable[Request]) -> list[Request]:
    """Return the suggestions among `others` that want something else for the same lines."""
    place = _lines(request)
    suggestions = [each for each in others if each.command == SUGGESTION and each.item.key != request.item.key]
    return [each for each in suggestions if place and _lines(each) == place and each.arguments != request.arguments]


def _lines(request: Request) -> tuple[str, int, int] | None:
    """Return the path and the present lines of a suggestion, None if it is on none."""
    anchor = request.item.anchor
    if anchor is None or anchor.side == "LEFT" or not anchor.current_line:
        return None
    return anchor.path, anchor.current_start or anchor.current_line, anchor.current_line


def id_of(item: Item) -> str:
    """Return the id of an item without its type, which names a retry."""
    return item.key.rpartition("/")[2]
