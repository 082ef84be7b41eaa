"""Add words to a plan: requests that nothing but words can answer are given to a reviser, as one round in one commit.

Pure but for the reviser. It is whoever can write, and nothing it returns is trusted: only the text files of the skill
can come out changed, no new fault of safety gets in, and every answer is made harmless.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import quote

from skill_fleet.checks import find_secrets
from skill_fleet.errors import UserError
from skill_fleet.forges import Action, AnswerAction, CommitAction, FileChange, Snapshot, StatusAction
from skill_fleet.review.edits import Files
from skill_fleet.review.markers import credit
from skill_fleet.review.plan import Plan
from skill_fleet.review.requests import FAILING, WORDS, Request, read_requests
from skill_fleet.review.rounds import Reply, Revised, Reviser, Round, round_of, texts_of
from skill_fleet.review.sanitize import harmless
from skill_fleet.review.scope import check_scope, code_trailers, model_written_code
from skill_fleet.review.session import ADDRESSES, REQUESTED_BY, Session, read_session
from skill_fleet.review.status import skill_findings, status_action

MOST = 15  # requests of a round: their answers have to fit into what one run may write
_NEVER = ("safety/", "layout/")
_AGAIN = " `/retry` asks again."
_NOTHING = "Nothing was changed for this."


def write(snapshot: Snapshot, plan: Plan, reviser: Reviser) -> Plan:
    """`plan` with its open answers replaced by what the reviser made of them; unchanged when there is nothing to write.

    A plan that has commits of its own goes first: the open requests are left out of it, and wait for the next turn.
    """
    session = read_session(snapshot)
    if session is None or session.files is None or session.frozen or plan.state != "open":
        return plan
    requests = read_requests(snapshot, session.commits)
    by_key = {request.key: request for request in requests if request.command in (WORDS, "refine", "revise")}
    waiting = [action for action in plan.actions if isinstance(action, AnswerAction) and action.outcome == "open"]
    waiting = [action for action in waiting if action.key in by_key]
    if not waiting:
        return plan
    now = [] if any(isinstance(action, CommitAction) for action in plan.actions) else waiting[:MOST]
    kept = [action for action in plan.actions if action not in waiting and not _comes_after(action)]
    files = session.files
    written: list[Action] = []
    if now:
        wanted = [by_key[action.key] for action in now]
        made = reviser(round_of(snapshot, session, files, wanted))
        written, files = _written(session, files, wanted, now, made)
    commits = [action for action in written if isinstance(action, CommitAction)]
    actions: list[Action] = [*commits, *kept, *(action for action in written if action not in commits)]
    if status := status_action(snapshot, session, files, requests, actions) if now else None:
        actions.append(status)
    return replace(plan, actions=tuple(actions))


def _comes_after(action: Action) -> bool:
    """What was decided as if the requests stayed open: the next turn decides it anew."""
    is_proceed = isinstance(action, AnswerAction) and action.key.startswith("proceed:")
    return isinstance(action, StatusAction) or is_proceed


def _written(
    session: Session, files: Files, wanted: Sequence[Request], answers: Sequence[AnswerAction], made: Revised
) -> tuple[list[Action], Files]:
    """The commit and the answers of a round, and the files after it."""
    replies = {reply.key: reply for reply in replies_of(made, [request.key for request in wanted])}
    changed = [request for request in wanted if request.key in replies and replies[request.key].outcome == "changed"]
    after, why = with_texts(files, made.files) if changed else (files, "")
    commit = _commit(session, files, after, changed, made.by) if changed and not why else None
    try:
        if commit:
            check_scope(commit)
    except UserError as outside:
        commit, why = None, outside.message
    found: list[Action] = [commit] if commit else []
    for request, answer in zip(wanted, answers, strict=True):
        reply = replies.get(answer.key) or Reply(answer.key, "open", "There was no answer to this.")
        if reply.outcome == "changed" and commit is None:
            reply = Reply(answer.key, "open", why or _NOTHING)
        found.append(_answer(request, answer, reply, commit))
    return found, after if commit else files


def replies_of(made: Revised, keys: Sequence[str]) -> tuple[Reply, ...]:
    """What is replied to each request; the one reason why nothing came of the round, when that is so."""
    return (
        tuple(Reply(key, "open", f"This was not done: {made.failed}") for key in keys) if made.failed else made.replies
    )


def _answer(request: Request, answer: AnswerAction, reply: Reply, commit: CommitAction | None) -> AnswerAction:
    """The answer that a reply comes to. What only stays open is an attempt that failed, and the second is the last."""
    text = harmless(reply.text)
    if reply.outcome == "changed" and commit:
        return replace(answer, outcome="done", text=request.credited(text), commit=commit.key)
    if reply.outcome == "answered":
        return replace(answer, outcome="done", text=request.credited(text))
    if reply.outcome == "declined":
        return replace(answer, outcome="refused", text=f"{text}{_AGAIN}")
    if reply.outcome == "asked":
        return replace(answer, outcome="open", text=f"{text} Answer here, then `/retry`.")
    if request.tried:
        return replace(answer, outcome="failed", text=f"{text} That was the second attempt; it stays open.{_AGAIN}")
    return replace(answer, outcome=FAILING, text=f"{text} It stays open, and the bot tries it once more.")


def with_texts(files: Files, texts: dict[str, str]) -> tuple[Files, str]:
    """The files with the new texts in place, and why that must not be; '' when it may."""
    before, after = texts_of(files), files
    for path, text in texts.items():
        place = f"{files.folder}/{path}"
        if before.get(path) == text:
            continue
        if path not in before and place in files.contents:
            return files, f"{path} is no text file that could be rewritten."
        after = after.with_file(place, text.encode("utf-8", "replace"))
    if after == files:
        return files, _NOTHING
    old = {(each.rule, each.message) for each in skill_findings(files)}
    new = [each for each in skill_findings(after) if each.severity == "error" and each.rule.startswith(_NEVER)]
    bad = [each.message for each in new if (each.rule, each.message) not in old]
    return (files, f"The change is not safe to commit: {bad[0]}") if bad else (after, "")


def _commit(session: Session, files: Files, after: Files, changed: Sequence[Request], by: str) -> CommitAction:
    changes = tuple(
        FileChange(path, content.decode("latin-1"))
        for path, content in sorted(after.contents.items())
        if files.contents.get(path) != content
    )
    people = dict.fromkeys(credit(each.author.name, each.author.address) for each in changed)
    trailers = [("Skill", session.skill), ("Drafted-by", by)]
    trailers += [(REQUESTED_BY, person) for person in people]
    trailers += [(ADDRESSES, request.key) for request in changed]
    trailers += code_trailers(model_written_code(texts_of(after), texts_of(files)))
    subject = (
        "Change what a reviewer asked for" if len(changed) == 1 else f"Change what {len(changed)} comments ask for"
    )
    return CommitAction(changed[0].key, subject, changes, (files.folder,), tuple(trailers))


LEAKED = "What was written for this holds a secret, so none of it is used."
_NAMES = re.compile(r"(?:TOKEN|KEY|SECRET|PASSWORD|PASSWD|CREDENTIAL)S?\Z", re.IGNORECASE)
_SHORTEST = 8  # letters and digits; a shorter value stands in any text
_WORD = re.compile(r"[a-z]+|[A-Z]+")  # a plain word is a setting: to look for it would forbid the word


def own_secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The values in an environment whose names say that they are secret."""
    values = {value.strip() for name, value in environ.items() if _NAMES.search(name)}
    return tuple(sorted(value for value in values if len(_bare(value)) >= _SHORTEST and not _WORD.fullmatch(value)))


def guarded(reviser: Reviser, secrets: Iterable[str]) -> Reviser:
    """The same reviser, of whom nothing is taken when files or replies hold one of `secrets`, or what looks like one."""
    forms = {form for value in secrets for form in _forms(value)}

    def revise(given: Round) -> Revised:
        made = reviser(given)
        new = [text for path, text in made.files.items() if given.files.get(path) != text]
        texts = [*new, *made.files, *(reply.text for reply in made.replies), made.by, made.failed]
        # paths and names are joined with the texts, so that a value cut in two between them is found as well
        all_of_it = _bare("".join(texts))
        known = {token[0] for before in given.files.values() for _, token in find_secrets(before)}
        token = any(found[0] not in known for text in texts for _, found in find_secrets(text))
        return Revised(given.files, (), "", LEAKED) if token or any(form in all_of_it for form in forms) else made

    return revise


def leaks(text: str, secrets: Iterable[str]) -> bool:
    """Whether `text` holds one of `secrets` in any of those ways."""
    bare = _bare(text)
    return any(form in bare for value in secrets for form in _forms(value))


def _forms(value: str) -> set[str]:
    """Every way in which a text could hold `value`, bare."""
    raw = value.encode("utf-8", "surrogateescape")
    found = {value, value[::-1], raw.hex(), quote(value, safe=""), "".join(f"%{byte:02x}" for byte in raw)}
    for shift in range(3):  # inside a longer text, the letters depend on where in a group of three it begins
        encoded = base64.b64encode(b"\0" * shift + raw).decode()
        inner = encoded[4 * bool(shift) :][: (shift + len(raw)) // 3 * 4 - 4 * bool(shift)]
        found |= {inner, inner.replace("+", "-").replace("/", "_")}
    return {bare for form in found if len(bare := _bare(form)) >= _SHORTEST}


def _bare(text: str) -> str:
    """`text` without anything but letters and digits, so that spaces and marks between them hide nothing."""
    return re.sub(r"[^0-9A-Za-z]", "", text).lower()


MOST_CALLS = 2 * 1024 * 1024  # characters of all calls as JSON, a quarter of what words may have
_DEEPEST = 12  # lists and tables in each other; a plan has five


@dataclass(frozen=True)
class Heard:
    """One call: the step and the hash of what it says, the typed inputs and output, the raw reply, and how it ended."""

    step: str
    program: str
    inputs: dict[str, str]
    output: Any
    reply: str
    finish: str
    model: str
    options: dict[str, Any]
    prompt_tokens: int | None
    completion_tokens: int | None
    refused: str


def heard(rounds: Iterable[Mapping[str, Any]], secrets: Iterable[str]) -> tuple[Heard, ...]:
    """The calls of these records, whole ones from the first on, as far as they may go; none if any holds a secret."""
    found: list[Heard] = []
    left = MOST_CALLS
    for call in (call for row in rounds for call in row["calls"]):
        text = json.dumps(call)
        if len(text) > left:
            break
        left -= len(text)
        found.append(Heard(**call))
    said = "".join(json.dumps(asdict(each), ensure_ascii=False) for each in found)
    return () if leaks(said, secrets) else tuple(found)


def round_row(by: str, head: str, calls: Sequence[Heard]) -> dict[str, Any] | None:
    """The row to keep of a round that was written on `head`, None for no call; UserError when it is of no such shape."""
    facts = [asdict(each) for each in calls if _is_plain([each.output, each.options])]
    if len(facts) < len(calls) or len(json.dumps(facts)) > MOST_CALLS:
        raise UserError("These words have calls that `write` would not keep.", "Give the file as it was written.")
    return {"kind": "round", "by": by, "head": head, "calls": facts} if facts else None


def _is_plain(value: Any) -> bool:
    """Whether a value of JSON is no deeper than such values are, and has only numbers that JSON has."""
    level = [value]
    for _ in range(_DEEPEST):
        inner: list[Any] = []
        for each in level:
            if isinstance(each, float) and not math.isfinite(each):
                return False
            inner += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        if not inner:
            return True
        level = inner
    return False
