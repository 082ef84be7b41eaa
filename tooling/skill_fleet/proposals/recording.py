"""Records for learning: the draft of a pull request, each request with its answer and its change, and how it ended.

All but the draft is read from a snapshot, at any time after it happened: what one run did not keep, the next one does.

`refs/skill-fleet/records/<name>` (a pull request's number, or `run-` and a session) is a chain of commits that only
grows: squashed merges and expired logs lose the same facts. A writer that loses a race reads again and appends its rows.
With a remote, its ref is authoritative; rows that it did not accept wait in the local ref and go with the next ones.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from skill_fleet import __version__, git, model
from skill_fleet.checks import find_secrets
from skill_fleet.errors import UserError
from skill_fleet.fleet import violations
from skill_fleet.forges import Snapshot
from skill_fleet.proposals.start import Job
from skill_fleet.review import (
    ADDRESSES,
    may_decide,
    own_secrets,
    read_session,
    read_trailers,
    receipts,
    skill_findings,
    texts_of,
)

if TYPE_CHECKING:
    from skill_fleet.proposals.forge import AnyForge

PREFIX = "refs/skill-fleet/records/"
WAITING = "refs/skill-fleet/records-waiting/"  # by session, of runs that go on
NO_TRAIN = "no-train"
_FILE = "records.jsonl"
_TRIES = 20
_REQUESTS = ("done", "refused", "open", "asked", "failed", "corrected")
_MOST = 200_000  # characters of one change: a longer one is named by its commit alone

Row = dict[str, Any]


def keep_turn(bot: AnyForge, snapshot: Snapshot, more: Sequence[Mapping[str, Any]] = ()) -> None:
    """Keep the requests that the bot has answered, `more` rows, and the findings in the skill as it is now."""
    if NO_TRAIN in snapshot.labels:
        return
    found = _new_requests(bot.repo, snapshot, kept_rows(bot.repo, snapshot.number, bot.remote))
    if found or more:
        keep(bot, snapshot.number, [*more, *found, _tree_row(snapshot)], bot.remote)


def keep(bot: AnyForge, name: int | str, rows: Sequence[Mapping[str, Any]], remote: str | None) -> None:
    """Keep rows, without secrets; the forge's notes say what the remote did not take."""
    clean = redacted(list(rows), own_secrets(os.environ))
    author = git.Identity(bot.actor.name, bot.actor.address)
    if note := keep_rows(bot.repo, name, clean, author, remote):
        bot.notes.append(note)


def recorded_passages(bot: AnyForge, number: int) -> str:
    """Return the lines of the sources that the model was shown when it drafted a pull request; "" if none are kept."""
    if bot.remote:
        with suppress(git.RemoteUnreachable):
            git.fetch(bot.repo, bot.remote, [f"+{PREFIX}{number}:{_mirror(bot.remote)}{number}"])
    for row in kept_rows(bot.repo, number, bot.remote):
        calls = row.get("calls") if row.get("kind") == "draft" else None
        for call in reversed(calls if isinstance(calls, list) else []):
            if isinstance(call, dict) and call.get("step") == "draft" and isinstance(call.get("inputs"), dict):
                return str(call["inputs"].get("sources", ""))
    return ""


def hold(bot: AnyForge, session: str, row: Mapping[str, Any]) -> None:
    """Hold the record of a run as it is now, here alone, until it has a pull request: a run may be killed."""
    ref, author = f"{WAITING}{session}", git.Identity(bot.actor.name, bot.actor.address)
    old = bot.repo.refs(ref).get(ref)
    others = (one for one in held_rows(bot.repo, session) if one.get("run") != row.get("run"))
    rows = [*others, redacted(dict(row), own_secrets(os.environ))]
    content = "".join(f"{json.dumps(one, sort_keys=True)}\n" for one in rows).encode()
    new = git.write_commit(
        bot.repo, git.write_folder(bot.repo, {_FILE: content}), [], "Record of a run that goes on\n", author
    )
    with suppress(git.RefMoved):  # another run of the session
        git.move_refs(bot.repo, [git.Update(ref, new, old or git.ABSENT)])


@contextmanager
def journal(job: Job) -> Iterator[model.Journal | None]:
    """Hold the record of a run as it grows. That of a run that ends without a draft is kept under the session's name: here
    alone, unless here is a job of a workflow, of which nothing stays.

    Without a bot nothing may be written.
    """
    bot, session = job.bot, job.request.digest
    try:
        yield partial(hold, bot, session) if bot else None
    except UserError:
        if bot and (rows := held_rows(bot.repo, session)):
            keep(bot, f"run-{session[:16]}", rows, bot.remote if job.is_workflow else None)
            drop_rows(bot.repo, session)
        raise


def _new_requests(repo: git.Repository, snapshot: Snapshot, kept: Sequence[Row]) -> list[Row]:
    """The rows of the requests that the bot has answered and that are not among those kept."""
    known = {row.get("key") for row in kept if row.get("kind") == "request"}
    return [row for row in _request_rows(repo, snapshot) if row["key"] not in known]


def _request_rows(repo: git.Repository, snapshot: Snapshot) -> Iterator[Row]:
    """A row for each request that the bot has answered, with the change that it made."""
    items = {item.key: item for item in snapshot.items}
    commits = {
        key: commit.oid
        for commit in snapshot.commits
        for name, key in read_trailers(commit.message)
        if name == ADDRESSES
    }
    for key, receipt in receipts(snapshot).items():
        item = items.get(key.partition(":")[2].partition("@")[0])
        if receipt.outcome not in _REQUESTS or item is None:
            continue
        place: Row = {}
        if anchor := item.anchor:
            place = {"path": anchor.path, "commit": anchor.commit, "first": anchor.start, "last": anchor.line}
            place["lines"] = anchor.original.encode("latin-1").decode("utf-8", "replace")
        yield {
            "kind": "request",
            "key": key,
            "by": item.author.id,
            "may_decide": may_decide(snapshot, item),
            "text": item.body,
            "outcome": receipt.outcome,
            "reply": receipt.item.body.partition("\n")[2].strip(),
            **place,
            **_change(repo, commits.get(key, "")),
        }


def _ending_row(repo: git.Repository, snapshot: Snapshot) -> Row:
    """The row on how a pull request is, or ended: its threads, what people said outside of them and nobody answered, and
    the files of the skill, with what people changed after the bot."""
    answered = {key.partition(":")[2].partition("@")[0] for key in receipts(snapshot)}
    session = read_session(snapshot)
    return {
        "kind": "ending",
        "state": snapshot.state,
        "base": snapshot.merge_base,
        "head": snapshot.head_oid,
        "labels": [*snapshot.labels],
        "threads": [
            {"key": one.key, "resolved": one.resolved, "by": one.resolver.id if one.resolver else ""}
            for one in sorted(snapshot.threads, key=lambda one: one.key)
        ],
        "verdicts": [
            {"by": item.author.id, "verdict": item.verdict, "commit": item.commit}
            for item in snapshot.items
            if item.verdict
        ],
        "words": [
            {"key": item.key, "by": item.author.id, "text": item.body}
            for item in snapshot.items
            if item.body.strip() and not item.thread and item.author.id != snapshot.bot.id and item.key not in answered
        ],
        "after": _after(repo, snapshot),
        "files": texts_of(session.files) if session and session.files else {},
    }


def _change(repo: git.Repository, oid: str) -> Row:
    """A commit and its diff."""
    if not oid or repo.find(oid) is None:
        return {"change": oid} if oid else {}
    return {"change": oid, "diff": _diff(repo, oid)}


def _after(repo: git.Repository, snapshot: Snapshot) -> str:
    """The diff between the last commit of the bot and the head; "" if they are the same."""
    last = next((one.oid for one in reversed(snapshot.commits) if one.author.id == snapshot.bot.id), "")
    is_known = last and repo.find(last) and repo.find(snapshot.head_oid)
    return _diff(repo, last, snapshot.head_oid) if is_known else ""


def _diff(repo: git.Repository, *commits: str) -> str:
    """The diff of a commit or between two, the same whatever Git is configured to show; "" if it is too long."""
    plain = ("--no-color", "--no-ext-diff", "--no-textconv", "--diff-algorithm=myers")
    diff = repo.run("diff-tree", "-p", "--no-commit-id", *plain, *commits).decode("utf-8", "replace")
    return diff if len(diff) <= _MOST else ""


def _tree_row(snapshot: Snapshot) -> Row:
    session = read_session(snapshot)
    findings = skill_findings(session.files) if session and session.files else ()
    rows = [{"rule": one.rule, "path": one.path, "line": one.line, "severity": one.severity} for one in findings]
    return {"kind": "tree", "head": snapshot.head_oid, "findings": rows, "rules": __version__}


def export_records(forge: AnyForge) -> tuple[list[Row], list[int]]:
    """Return the records of every pull request, without secrets, and the numbers of those that are left out (no-train).

    Whoever may push may write records: what is not of our form is left out, with a note.
    """
    rows: list[Row] = []
    left_out: list[int] = []
    listed = {row.number: row for row in forge.list("all")}  # also fetches the commits of the pull requests
    if forge.remote:
        try:
            fetch_records(forge.repo, forge.remote)
        except git.RemoteUnreachable as problem:
            forge.notes.append(f"{forge.remote} does not answer ({problem.reason}); only local records are exported.")
    secrets = own_secrets(os.environ)
    names = names_kept(forge.repo, forge.remote)
    runs: list[int | str] = [*sorted(each for each in names if not each.isdecimal())]  # that led to no pull request
    for name in [*runs, *sorted({*listed, *(int(each) for each in names if each.isdecimal())})]:
        number = name if isinstance(name, int) else 0
        if number in listed and NO_TRAIN in listed[number].labels:
            left_out.append(number)
            continue
        found = kept = kept_rows(forge.repo, name, forge.remote)
        if any(row.get("no_train") for row in kept):
            left_out.append(number)
            continue
        wrong = next((where or "a row" for row in kept for where, _ in violations("record", row)), "")
        if wrong:
            forge.notes.append(f"The record {name} is left out: it is not of our form ({wrong}).")
            continue
        if number in listed:
            snapshot = forge.snapshot(number)
            if read_session(snapshot) is None and not kept:
                continue
            found = [*kept, *_new_requests(forge.repo, snapshot, kept), _ending_row(forge.repo, snapshot)]
        rows += ({**redacted(row, secrets), "number": number} for row in found)
    return rows, left_out


def keep_rows(
    repo: git.Repository,
    name: int | str,
    rows: Sequence[Mapping[str, Any]],
    author: git.Identity,
    remote: str | None = None,
) -> str:
    """Add `rows` to the records of a pull request (its number) or run, each once. Return a warning for people, or "".

    A failure is only a warning, because the change to the pull request is made already.
    """
    wanted = [json.dumps(dict(row), sort_keys=True, ensure_ascii=True) for row in rows]
    ref, there = f"{PREFIX}{name}", f"{_mirror(remote)}{name}" if remote else ""
    for _ in range(_TRIES):
        refs = repo.refs("refs/")
        own, old = refs.get(ref), refs.get(there or ref)
        parents = list(dict.fromkeys(tip for tip in (old, own) if tip))
        known = list(dict.fromkeys(line for tip in parents for line in _lines(repo, tip)))
        lines = list(dict.fromkeys([*known, *wanted]))
        if len(lines) == len(known) and len(parents) == 1 and old:
            return ""
        tree = git.write_folder(repo, {_FILE: ("\n".join(lines) + "\n").encode("ascii")})
        kinds = ", ".join(dict.fromkeys(str(row.get("kind", "row")) for row in rows))
        new = git.write_commit(repo, tree, parents, f"Record of {name}: {kinds}\n", author)
        try:
            if not remote:
                git.move_refs(repo, [git.Update(ref, new, old or git.ABSENT)])
                return ""
            git.push(repo, remote, [git.Update(ref, new, old or git.ABSENT)])
        except git.RefMoved:
            if remote:
                fetch_records(repo, remote)
            continue
        except git.RemoteUnreachable as problem:
            git.move_refs(repo, [git.Update(ref, new, own or git.ABSENT)])
            return f"The record of {name} is kept here for now: {remote} did not accept it ({problem.reason})."
        moves = [git.Update(there, new, old or git.ABSENT), *([git.Update(ref, git.ABSENT, own)] if own else [])]
        with suppress(git.RefMoved):  # somebody fetched or appended in between: the next writer cleans up
            git.move_refs(repo, moves)
        return ""
    return f"The record of {name} was not kept: others wrote to it {_TRIES} times in a row."


def kept_rows(repo: git.Repository, name: int | str, remote: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of one pull request or run that are known here, the oldest first."""
    refs = repo.refs("refs/")
    names = [f"{_mirror(remote)}{name}"] if remote else []
    tips = [refs[each] for each in (*names, f"{PREFIX}{name}") if each in refs]
    return [_row(line, name) for line in dict.fromkeys(line for tip in tips for line in _lines(repo, tip))]


def _row(line: str, name: int | str) -> dict[str, Any]:
    """A line of a record. UserError if it is no object: whoever may push may write records."""
    try:
        return dict(json.loads(line).items())
    except (ValueError, AttributeError, RecursionError) as problem:
        tip = f"Look at it: git show {PREFIX}{name}:{_FILE}, or that of the remote below refs/skill-fleet-remotes"
        raise UserError(f"The record {name} has a line that is no JSON object.", tip) from problem


def fetch_records(repo: git.Repository, remote: str) -> None:
    """Fetch all records of the remote. Raises RemoteUnreachable if it does not answer."""
    git.fetch(repo, remote, [f"+{PREFIX}*:{_mirror(remote)}*"], prune=True)


def names_kept(repo: git.Repository, remote: str | None = None) -> set[str]:
    """Return the names under which there are records: numbers of pull requests, and others for runs without one."""
    prefixes = [PREFIX, *([_mirror(remote)] if remote else [])]
    return {ref.removeprefix(prefix) for prefix in prefixes for ref in repo.refs(prefix)}


def held_rows(repo: git.Repository, session: str) -> list[dict[str, Any]]:
    """Return the rows that are held for a session, one a run, also of runs that were killed."""
    tip = repo.refs(f"{WAITING}{session}").get(f"{WAITING}{session}")
    return [json.loads(line) for line in _lines(repo, tip)] if tip else []


def drop_rows(repo: git.Repository, session: str) -> None:
    """Delete the rows that are held for a session, once they are kept."""
    ref = f"{WAITING}{session}"
    if tip := repo.refs(ref).get(ref):
        with suppress(git.RefMoved):
            git.move_refs(repo, [git.Update(ref, git.ABSENT, tip)])


def _mirror(remote: str | None) -> str:
    return f"refs/skill-fleet-remotes/{remote}/records/"


def _lines(repo: git.Repository, tip: str) -> Iterator[str]:
    content = repo.blobs([f"{tip}:{_FILE}"]).get(f"{tip}:{_FILE}", b"")
    return (line for line in content.decode("utf-8", "replace").split("\n") if line)


HIDDEN = "[secret]"
_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bAKIA[0-9A-Z]{16}\b"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bAIza[0-9A-Za-z_-]{30,}|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}"
    r"|(?<=://)[^/\s:@]+:[^/\s:@]+(?=@)",
    re.DOTALL,
)


def redacted(value: Any, known: Iterable[str] = ()) -> Any:
    """Return a JSON value with every secret in its texts replaced. `known` are secrets that look like nothing special."""
    known = sorted(filter(None, known), key=len, reverse=True)
    if isinstance(value, str):
        for each in (*known, *(match[0] for _, match in find_secrets(value))):
            value = value.replace(each, HIDDEN)
        return _SECRET.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {redacted(str(key), known): redacted(each, known) for key, each in value.items()}
    return [redacted(each, known) for each in value] if isinstance(value, list | tuple) else value
