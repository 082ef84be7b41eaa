"""Free-form requests: what a model is given, what it returns, and how that changes the plan.

Nothing that a model returns is trusted: only text files of the skill can change, no new safety error gets in, no secret
gets out, and every answer is sanitized. The job with the model passes what it returned to the job that may write as
`Words`: texts of files, and replies by number. Only the plan says which pull request, commit and comment they are for.
"""

from __future__ import annotations

import base64
import codecs
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import quote

from skill_fleet.checks import find_secrets
from skill_fleet.drafting import Call, Discussion
from skill_fleet.errors import UserError
from skill_fleet.forges import (
    Action,
    AnswerAction,
    CommitAction,
    FileChange,
    FlagAction,
    Snapshot,
    StaleHead,
    StatusAction,
)
from skill_fleet.review.amendments import digest_at, marks_of_change, point_mark
from skill_fleet.review.markers import command_of, credit, message_body, receipts, root_of, trailer
from skill_fleet.review.plan import Plan, plan_digest
from skill_fleet.review.requests import (
    ADOPT,
    COMMENT,
    FAILING,
    FREE_FORM,
    Request,
    adoptions,
    asked_in,
    id_of,
    may_decide,
    ordered,
    question_pin,
    read_requests,
)
from skill_fleet.review.sanitizing import sanitize, visible
from skill_fleet.review.scope import check_scope, code_trailers, model_written_code
from skill_fleet.review.session import (
    ADDRESSES,
    PLAIN,
    REQUESTED_BY,
    SESSION,
    SETTLES,
    WROTE,
    Files,
    Session,
    errors_in,
    read_session,
)
from skill_fleet.review.status import status_action

MOST_REQUESTS = 15  # in a round: one run must be able to write all their answers
_OUTCOMES = ("changed", "answered", "declined", "asked", "noted", "open")
_UNCHANGED = "No file was changed."
NOTHING_ASKED = "Nothing is asked for here, so nothing was done."
CONTRADICTED = "Another request contradicts this one, so neither was carried out. Which one should it be?"


@dataclass(frozen=True)
class Round:
    """Free-form requests for a model, with the skill: its text files (by path in its folder), the brief as in its commit,
    and the open points of its draft. All text is by the bot or by people with write access, or adopted by the latter."""

    skill: str
    brief: str
    files: dict[str, str]
    wanted: tuple[Discussion, ...]
    points: tuple[str, ...] = ()
    settled: frozenset[str] = frozenset()
    """The marks of the assumptions and open points that earlier rounds decided."""


@dataclass(frozen=True)
class Reply:
    """The reply to one request, with its outcome: changed, answered, declined, asked, noted (words for which nothing is
    owed) or open. `against` is the key of a request that contradicts it: then both are asked, and neither is changed."""

    key: str
    outcome: str
    text: str
    against: str = ""
    settles: tuple[str, ...] = ()
    """The marks of the assumptions and open points that the change decides."""


@dataclass(frozen=True)
class Revised:
    """The files after a round and a reply to each request. `failed` says why there is neither."""

    files: dict[str, str]
    replies: tuple[Reply, ...]
    by: str
    failed: str = ""


Reviser = Callable[[Round], Revised]


def _round(snapshot: Snapshot, plan: Plan) -> Round | None:
    """Return the round for a plan; None if it has no free-form requests, or has commits, which go first."""
    session, waiting = read_session(snapshot), _waiting(snapshot, plan)
    is_first = any(isinstance(action, CommitAction) for action in plan.actions)
    if session is None or session.files is None or not waiting or is_first:
        return None
    opening = next((commit.message for commit in snapshot.commits if trailer(commit.message, SESSION)), "")
    wanted = [_wanted(snapshot, session, session.files, request) for _, request in waiting[:MOST_REQUESTS]]
    texts = texts_of(session.files)
    points = next(filter(None, (open_points(commit.message) for commit in snapshot.commits)), ())
    points = tuple(each for each in points if point_mark(each) not in session.settled)
    return Round(session.skill, visible(message_body(opening)).strip(), texts, tuple(wanted), points, session.settled)


def open_points(text: str) -> tuple[str, ...]:
    """Return the open points that the message of a draft's commit, or the description of its pull request, lists."""
    section = text.partition("\n## Open points\n")[2].partition("\n## ")[0]
    return tuple(visible(line.removeprefix("- ")).strip() for line in section.split("\n") if line.startswith("- "))


def texts_of(files: Files) -> dict[str, str]:
    """Return the regular text files by path in the skill's folder; only those can be rewritten."""
    found = {}
    for path, content in sorted(files.contents.items()):
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if files.modes[path] in PLAIN and path.startswith(f"{files.folder}/") and "\0" not in text:
            found[path.removeprefix(f"{files.folder}/")] = text
    return found


def _wanted(snapshot: Snapshot, session: Session, files: Files, request: Request) -> Discussion:
    path, first, last = _place(session, files, request)
    anchor = request.item.anchor
    quoted = visible(anchor.original.encode("latin-1").decode("utf-8", "replace")) if anchor and path else ""
    said = _conversation(snapshot, request)
    near = anchor.near if anchor and path and anchor.side == "RIGHT" else 0
    return Discussion(request.key, path, first, last, quoted, said, _failure(snapshot, request), near)


def _place(session: Session, files: Files, request: Request) -> tuple[str, int, int]:
    """Return the path in the skill's folder and the lines at the head that a request is on, as in `Discussion`."""
    anchor = request.item.anchor
    path = session.path_now(anchor) if anchor else ""
    if anchor is None or path not in files.contents or not path.startswith(f"{files.folder}/"):
        return "", 0, 0
    last = anchor.current_line if anchor.side == "RIGHT" else 0
    return path.removeprefix(f"{files.folder}/"), (anchor.current_start or last) if last else 0, last


def _conversation(snapshot: Snapshot, request: Request) -> tuple[tuple[str, str], ...]:
    """Return the request with the comments of its thread that a model may read, oldest first.

    From elsewhere, these are the bot's questions about it and the answers to them.
    """
    adopted = adoptions(snapshot)
    answers = {receipt.item.key: receipt for receipt in receipts(snapshot).values()}
    own = {key for key, receipt in answers.items() if root_of(receipt.key) == root_of(request.key)}
    again = {key.partition("@")[2] for key in (request.key, *(answers[item].key for item in own))}
    said = []
    for item in ordered(snapshot):
        is_own = item.key == request.item.key or item.key in own or id_of(item) in again
        is_near = item.thread and item.thread == request.item.thread
        if item.hidden or not (is_near or is_own):
            continue
        if item.key == request.item.key:
            commands = request.arguments if request.command != COMMENT else ()
            text = "\n".join(filter(None, (*commands, asked_in(item.body).text)))
        elif item.key in answers:
            answer = answers[item.key]
            if answer.outcome in (FAILING, "failed") or command_of(answer.key) in ("retry", ADOPT):
                continue  # `failed` has the reason, and the other two say nothing about the request
            text = item.body.partition("\n")[2]
        elif item.key in adopted or may_decide(snapshot, item):
            text = asked_in(item.body).text
        else:
            continue
        if (shown := visible(text).strip()) or item.key == request.item.key or item.key in answers:
            said.append((item.author.name, shown))
    return tuple(said)


def _failure(snapshot: Snapshot, request: Request) -> str:
    """Return why the last attempt at a request failed, as its answer says in all paragraphs but the last."""
    mine = [each for each in receipts(snapshot).values() if root_of(each.key) == root_of(request.key)]
    last = max(mine, key=lambda receipt: receipt.item.order, default=None)
    if last is None or last.outcome not in (FAILING, "failed"):
        return ""
    return visible(last.item.body.partition("\n")[2].rpartition("\n\n")[0])


def write(snapshot: Snapshot, plan: Plan, reviser: Reviser) -> Plan:
    """Return `plan` with its open answers replaced by the commit and answers of a reviser.

    If the plan has commits, these go first: its open answers are left out and wait for the next turn.
    """
    session, waiting = read_session(snapshot), _waiting(snapshot, plan)
    if session is None or session.files is None or not waiting:
        return plan
    answers = [answer for answer, _ in waiting]
    kept = [action for action in plan.actions if action not in answers and not _depends(action)]
    if (given := _round(snapshot, plan)) is None:
        return replace(plan, actions=tuple(kept))
    commit, written, files = _written(session, session.files, waiting[:MOST_REQUESTS], reviser(given))
    actions: list[Action] = [*([commit] if commit else []), *kept, *written]
    requests = read_requests(snapshot, session.commits)
    if status := status_action(snapshot, session, files, requests, actions):
        actions.append(status)
    return replace(plan, actions=tuple(actions))


def _waiting(snapshot: Snapshot, plan: Plan) -> list[tuple[AnswerAction, Request]]:
    """Return the open answers that a reviser may replace, with their free-form requests."""
    session = read_session(snapshot)
    if session is None or session.files is None or session.frozen or plan.state != "open":
        return []
    requests = read_requests(snapshot, session.commits)
    by_key = {request.key: request for request in requests if request.command in FREE_FORM}
    return [(answer, by_key[answer.key]) for answer in _open_answers(plan) if answer.key in by_key]


def _open_answers(plan: Plan) -> list[AnswerAction]:
    answers = [action for action in plan.actions if isinstance(action, AnswerAction)]
    return [*(answer for answer in answers if answer.outcome == "open"), *plan.remarks]


def _depends(action: Action) -> bool:
    """Whether `action` was decided for requests that stay open; the next turn decides it again."""
    is_proceed = isinstance(action, AnswerAction) and command_of(action.key) == "proceed"
    is_ready = isinstance(action, FlagAction) and action.what == "ready"
    return isinstance(action, StatusAction) or is_proceed or is_ready


def _written(
    session: Session, files: Files, waiting: Sequence[tuple[AnswerAction, Request]], made: Revised
) -> tuple[CommitAction | None, list[Action], Files]:
    """Return the commit of a round, its answers, and the files after it."""
    given = {reply.key: reply for reply in _replies(made, [answer.key for answer, _ in waiting])}
    replies = _undecided(given)
    changed = [request for _, request in waiting if (reply := replies.get(request.key)) and reply.outcome == "changed"]
    after, why = with_texts(files, made.files) if changed else (files, "")
    if any(reply.outcome == "changed" != replies[reply.key].outcome for reply in given.values()):
        why = "The change also has what two requests contradict each other about."
    settles = sorted({mark for request in changed for mark in replies[request.key].settles if _MARK.fullmatch(mark)})
    commit = _commit(session, files, after, changed, made.by, settles) if changed and not why else None
    try:
        if commit:
            check_scope(commit)
    except UserError as outside:
        commit, why = None, outside.message
    found: list[Action] = []
    for answer, request in waiting:
        reply = replies.get(answer.key) or Reply(answer.key, "open", "The model did not answer this.")
        if reply.outcome == "changed" and commit is None:
            reply = Reply(answer.key, "open", why or _UNCHANGED)
        found.append(_answer(session, request, answer, reply, commit))
    return commit, found, after if commit else files


def _undecided(replies: dict[str, Reply]) -> dict[str, Reply]:
    """Return the replies with a question to both of two requests that contradict each other, each `against` the other."""
    replies = {key: one if one.against in replies else replace(one, against="") for key, one in replies.items()}
    found = dict(replies)
    for reply in replies.values():
        if (other := replies.get(reply.against)) is None:
            continue
        for one, rival in ((reply, other), (other, reply)):
            question = (one.text if one.outcome == "asked" else "") or CONTRADICTED
            found[one.key] = replace(one, outcome="asked", text=question, against=one.against or rival.key)
    return found


def _replies(made: Revised, keys: Sequence[str]) -> tuple[Reply, ...]:
    """Return the replies; if the round failed, replies that say why."""
    failed = tuple(Reply(key, "open", f"Not done: {made.failed}") for key in keys)
    return failed if made.failed else made.replies


def _answer(
    session: Session, request: Request, answer: AnswerAction, reply: Reply, commit: CommitAction | None
) -> AnswerAction:
    """Return the answer to a request. A reply that leaves it open is a failed attempt, and the second is the last."""
    text = sanitize(reply.text)
    if reply.outcome == "changed" and commit:
        return replace(answer, outcome="done", text=request.credited(request.quoting(text)), commit=commit.key)
    if reply.outcome == "noted" and request.is_remark and not request.tried:
        return replace(answer, outcome="noted", text="")
    pinned = replace(answer, pin=digest_at(session, request))
    text = request.quoting(text or NOTHING_ASKED if reply.outcome == "noted" else text)
    if reply.outcome in ("answered", "noted"):
        return replace(pinned, outcome="done", text=request.credited(text))
    if reply.outcome == "declined":
        return replace(pinned, outcome="refused", text=text)
    if reply.outcome == "asked":
        where = "this thread" if request.item.thread else "a comment"
        text = f"{text}\n\nAnswer in {where}; no command is needed."
        return replace(answer, outcome="asked", text=text, pin=question_pin(reply.against) if reply.against else "")
    if request.tried:
        text = f"{text}\n\nThat was the second attempt, so this stays open. To try again, write `/retry`."
        return replace(answer, outcome="failed", text=text)
    return replace(answer, outcome=FAILING, text=f"{text}\n\nThis stays open; the bot will try once more.")


def with_texts(files: Files, texts: dict[str, str]) -> tuple[Files, str]:
    """Return the files with new texts, and the reason why they may not be committed, '' if they may."""
    before, after = texts_of(files), files
    for path, text in texts.items():
        place = f"{files.folder}/{path}"
        if before.get(path) == text:
            continue
        if path not in before and place in files.contents:
            return files, f"{path} is not a text file, so it cannot be rewritten."
        after = after.with_file(place, text.encode("utf-8", "replace"))
    if after == files:
        return files, _UNCHANGED
    old = {(each.rule, each.message) for each in errors_in(files)}
    for each in errors_in(after):
        if each.rule.partition("/")[0] in ("safety", "layout") and (each.rule, each.message) not in old:
            return files, f"The change is not safe to commit: {each.message}"
    return after, ""


def _commit(
    session: Session, files: Files, after: Files, changed: Sequence[Request], by: str, settles: Sequence[str]
) -> CommitAction:
    changes = tuple(
        FileChange(path, content.decode("latin-1"))
        for path, content in sorted(after.contents.items())
        if files.contents.get(path) != content
    )
    people = dict.fromkeys(credit(each.author.name, each.author.address) for each in changed)
    trailers = [("Skill", session.skill), ("Drafted-by", by)]
    for request in changed:
        if marks := marks_of_change(texts_of(files), texts_of(after), *_place(session, files, request)):
            trailers.append((WROTE, " ".join([request.key, *marks])))
    trailers += [(SETTLES, " ".join(settles))] if settles else []
    trailers += [(REQUESTED_BY, person) for person in people]
    trailers += [(ADDRESSES, request.key) for request in changed]
    trailers += code_trailers(model_written_code(texts_of(after), texts_of(files)))
    asked = "a reviewer asked" if len(changed) == 1 else f"{len(changed)} comments ask"
    return CommitAction(changed[0].key, f"Change the skill as {asked}", changes, (files.folder,), tuple(trailers))


@dataclass(frozen=True)
class Word:
    """The reply to open answer number `item` of the plan, from 1."""

    item: int
    outcome: str
    text: str
    against: int = 0
    """The number of the open answer whose request contradicts this one, 0 if none does."""
    settles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """What `by` wrote for the plan with the digest `plan`. `replies` is None if there was no model."""

    plan: str
    by: str
    files: dict[str, str]
    replies: tuple[Word, ...] | None
    calls: tuple[Call, ...] = ()


_MARK = re.compile("[0-9a-f]{8}")
_BY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+ -]{0,150}")


def collect_words(snapshot: Snapshot, plan: Plan, reviser: Reviser) -> Words:
    """Run a reviser for a plan, and return what it wrote."""
    if (given := _round(snapshot, plan)) is None:
        return Words(plan_digest(plan), "", {}, ())
    made = reviser(given)
    numbers = {answer.key: number for number, answer in enumerate(_open_answers(plan), 1)}
    replies = _replies(made, [each.key for each in given.wanted])
    words = tuple(
        Word(numbers[each.key], each.outcome, each.text, numbers.get(each.against, 0), each.settles)
        for each in replies
        if each.key in numbers
    )
    files = {path: text for path, text in made.files.items() if given.files.get(path) != text}
    return Words(plan_digest(plan), made.by, files, words)


def replayed(plan: Plan, words: Words) -> Reviser | None:
    """Return a reviser that returns these words, None if there was no model. Raises UserError if they do not fit the plan.

    The reviser raises StaleHead if a request that led to a change is gone.
    """
    keys = {number: answer.key for number, answer in enumerate(_open_answers(plan), 1)}
    replies = words.replies or ()
    is_known = all(word.item in keys and word.against in (0, *keys) and word.outcome in _OUTCOMES for word in replies)
    if words.plan != plan_digest(plan) or not is_known or (words.by and not _BY.fullmatch(words.by)):
        raise UserError("These words were written for another plan.", "Pass those that `write` made from this plan.")
    if words.replies is None:
        return None

    def replay(given: Round) -> Revised:
        wanted = {each.key for each in given.wanted}
        if any(word.outcome == "changed" and keys[word.item] not in wanted for word in replies):
            raise StaleHead("A request was edited, withdrawn or answered since this was written.")
        said = tuple(
            Reply(keys[word.item], word.outcome, word.text, keys.get(word.against, ""), word.settles)
            for word in replies
        )
        return Revised({**given.files, **words.files}, said, words.by)

    return replay


def without_words(given: Round) -> Revised:
    """Return the result of a round for which the job with the model returned nothing."""
    return Revised(given.files, (), "", "The job with the model failed.")


LEAKED = "The model's text contains a secret, so none of it is used."
_NAMES = re.compile(r"(?:TOKEN|KEY|SECRET|PASSWORD|PASSWD|CREDENTIAL)S?\Z", re.IGNORECASE)
_SHORTEST = 8  # letters and digits; a shorter value may be in any text by chance
_WORD = re.compile(r"[a-z]+|[A-Z]+")  # a plain word is a setting, which texts may contain


def own_secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values of the variables of an environment whose names say that they are secret."""
    values = {value.strip() for name, value in environ.items() if _NAMES.search(name)}
    return tuple(sorted(value for value in values if len(_bare(value)) >= _SHORTEST and not _WORD.fullmatch(value)))


def guarded(reviser: Reviser, secrets: Iterable[str]) -> Reviser:
    """Return the reviser with its result rejected if it contains one of `secrets`, or a new token of any service."""
    forms = {form for value in secrets for form in _forms(value)}

    def revise(given: Round) -> Revised:
        made = reviser(given)
        new = [text for path, text in made.files.items() if given.files.get(path) != text]
        texts = [*new, *made.files, *(reply.text for reply in made.replies), made.by, made.failed]
        whole = _bare("".join(texts))  # joined, since a secret may be split between texts
        known = {token[0] for before in given.files.values() for _, token in find_secrets(before)}
        token = any(found[0] not in known for text in texts for _, found in find_secrets(text))
        return Revised(given.files, (), "", LEAKED) if token or any(form in whole for form in forms) else made

    return revise


def _forms(value: str) -> set[str]:
    """Return every form in which a text could contain `value`, bare."""
    raw = value.encode("utf-8", "surrogateescape")
    found = {value, value[::-1], raw.hex(), quote(value, safe=""), "".join(f"%{byte:02x}" for byte in raw)}
    for shift in range(3):  # in a longer text, base64 depends on the offset modulo three
        encoded = base64.b64encode(b"\0" * shift + raw).decode()
        inner = encoded[4 * bool(shift) :][: (shift + len(raw)) // 3 * 4 - 4 * bool(shift)]
        found |= {inner, inner.replace("+", "-").replace("/", "_")}
    for shift in range(5):  # and base32 on that modulo five
        encoded = base64.b32encode(b"\0" * shift + raw).decode()
        found.add(encoded[8 * bool(shift) :][: (shift + len(raw)) // 5 * 8 - 8 * bool(shift)])
    for form in ("x{:02x}", "u{:04x}", "{}", "{:o}", "{:03o}", "{:08b}"):  # escapes and lists of numbers
        found.add("".join(form.format(byte) for byte in raw))
    found |= {codecs.encode(value, "rot13"), *(form[::-1] for form in found)}
    return {bare for form in found if len(bare := _bare(form)) >= _SHORTEST}


def _bare(text: str) -> str:
    """Return the letters and digits of `text`, in lower case, so that nothing between them hides a secret."""
    return re.sub(r"[^0-9A-Za-z]", "", text).lower()


MOST_CALLS = 2 * 1024 * 1024  # characters of all calls as JSON, a quarter of the limit of words
_DEEPEST = 12  # levels of nested lists and tables; a plan has five


def model_calls(rounds: Iterable[Mapping[str, Any]], secrets: Iterable[str]) -> tuple[Call, ...]:
    """Return the first calls of these records that fit into the limit; none if any contains a secret."""
    found: list[Call] = []
    left = MOST_CALLS
    for call in (call for row in rounds for call in row["calls"]):
        text = json.dumps(call)
        if len(text) > left:
            break
        left -= len(text)
        found.append(Call(**call))
    whole = _bare("".join(json.dumps(asdict(each), ensure_ascii=False) for each in found))
    return () if any(form in whole for value in secrets for form in _forms(value)) else tuple(found)


def round_row(by: str, head: str, calls: Sequence[Call]) -> dict[str, Any] | None:
    """Return the record of a round on `head`, None without calls. Raises UserError if it has an invalid shape."""
    facts = [asdict(each) for each in calls if _is_plain([each.output, each.options])]
    if len(facts) < len(calls) or len(json.dumps(facts)) > MOST_CALLS:
        raise UserError("The record of calls is not one that `write` makes.", "Pass its file unchanged.")
    return {"kind": "round", "by": by, "head": head, "calls": facts} if facts else None


def _is_plain(value: Any, most: int = _DEEPEST) -> bool:
    """Whether a JSON value is not too deep, and has only numbers that JSON has."""
    if isinstance(value, float):
        return math.isfinite(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return most > 0 and all(_is_plain(each, most - 1) for each in inner)
