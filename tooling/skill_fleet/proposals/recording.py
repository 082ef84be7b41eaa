"""Records for learning: the draft of a pull request, each request with its answer and its change, and how it ended.

All but the draft is read from a snapshot, at any time after it happened: what one run did not keep, the next one does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from skill_fleet import __version__, git, model
from skill_fleet.errors import UserError
from skill_fleet.forges import Snapshot
from skill_fleet.proposals.start import Job
from skill_fleet.review import ADDRESSES, own_secrets, read_session, read_trailers, receipts, skill_findings

if TYPE_CHECKING:
    from skill_fleet.proposals.forge import AnyForge

NO_TRAIN = "no-train"
_REQUESTS = ("done", "refused", "open", "asked", "failed", "corrected")
_MOST = 200_000  # characters of one change: a longer one is named by its commit alone

Row = dict[str, Any]


def keep_turn(bot: AnyForge, snapshot: Snapshot, more: Sequence[Mapping[str, Any]] = ()) -> None:
    """Keep the requests that the bot has answered, `more` rows, and the findings in the skill as it is now."""
    if NO_TRAIN in snapshot.labels:
        return
    found = _new_requests(bot.repo, snapshot, model.kept_rows(bot.repo, snapshot.number, bot.remote))
    if found or more:
        keep(bot, snapshot.number, [*more, *found, _tree_row(snapshot)], bot.remote)


def keep(bot: AnyForge, name: int | str, rows: Sequence[Mapping[str, Any]], remote: str | None) -> None:
    """Keep rows, without secrets; the forge's notes say what the remote did not take."""
    clean = model.redacted(list(rows), own_secrets(os.environ))
    author = git.Identity(bot.actor.name, bot.actor.address)
    if note := model.keep_rows(bot.repo, name, clean, author, remote):
        bot.notes.append(note)


def recorded_passages(bot: AnyForge, number: int) -> str:
    """Return the lines of the sources that the model was shown when it drafted a pull request; "" if none are kept."""
    if bot.remote:
        model.fetch_record(bot.repo, bot.remote, number)
    for row in model.kept_rows(bot.repo, number, bot.remote):
        calls = row.get("calls") if row.get("kind") == "draft" else None
        for call in reversed(calls if isinstance(calls, list) else []):
            if isinstance(call, dict) and call.get("step") == "draft" and isinstance(call.get("inputs"), dict):
                return str(call["inputs"].get("sources", ""))
    return ""


def hold(bot: AnyForge, session: str, row: Mapping[str, Any]) -> None:
    """Hold the record of a run until it has a pull request, so that a run that is killed does not lose it."""
    author = git.Identity(bot.actor.name, bot.actor.address)
    model.hold_row(bot.repo, session, model.redacted(dict(row), own_secrets(os.environ)), author)


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
        if bot and (rows := model.held_rows(bot.repo, session)):
            keep(bot, f"run-{session[:16]}", rows, bot.remote if job.is_workflow else None)
            model.drop_rows(bot.repo, session)
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
            "text": item.body,
            "outcome": receipt.outcome,
            "reply": receipt.item.body.partition("\n")[2].strip(),
            **place,
            **_change(repo, commits.get(key, "")),
        }


def _ending_row(repo: git.Repository, snapshot: Snapshot) -> Row:
    """The row on how a pull request is, or ended: its threads, what people said outside of them and nobody answered, and
    the sections that people changed after the bot."""
    answered = {key.partition(":")[2].partition("@")[0] for key in receipts(snapshot)}
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
        "sections": [*_sections(repo, snapshot)],
    }


def _change(repo: git.Repository, oid: str) -> Row:
    """The diff of a commit, the same whatever Git is configured to show."""
    if not oid or repo.find(oid) is None:
        return {"change": oid} if oid else {}
    plain = ("--no-color", "--no-ext-diff", "--no-textconv", "--diff-algorithm=myers")
    diff = repo.run("diff-tree", "-p", "--no-commit-id", *plain, oid).decode("utf-8", "replace")
    return {"change": oid, "diff": diff if len(diff) <= _MOST else ""}


def _tree_row(snapshot: Snapshot) -> Row:
    session = read_session(snapshot)
    findings = skill_findings(session.files) if session and session.files else ()
    rows = [{"rule": one.rule, "path": one.path, "line": one.line, "severity": one.severity} for one in findings]
    return {"kind": "tree", "head": snapshot.head_oid, "findings": rows, "rules": __version__}


def _sections(repo: git.Repository, snapshot: Snapshot) -> Iterator[Row]:
    """The sections that differ between the last commit of the bot and the head."""
    last = next((one.oid for one in reversed(snapshot.commits) if one.author.id == snapshot.bot.id), "")
    if not last or last == snapshot.head_oid or repo.find(last) is None:
        return
    now = {file.path: file.content.encode("latin-1").decode("utf-8", "replace") for file in snapshot.files}
    blobs = repo.blobs(f"{last}:{path}" for path in now)
    for path, text in sorted(now.items()):
        old = blobs.get(f"{last}:{path}", b"").decode("utf-8", "replace")
        ours, theirs = (model.sections_of(path, each) for each in (old, text))
        for heading in dict.fromkeys([*ours, *theirs]):
            if ours.get(heading) != theirs.get(heading):
                yield {"file": path, "heading": heading, "ours": ours.get(heading, ""), "now": theirs.get(heading, "")}


def export_records(forge: AnyForge) -> tuple[list[Row], list[int]]:
    """Return the records of every pull request, without secrets, and the numbers of those that are left out (no-train)."""
    rows: list[Row] = []
    left_out: list[int] = []
    listed = {row.number: row for row in forge.list("all")}  # also fetches the commits of the pull requests
    if forge.remote:
        try:
            model.fetch_records(forge.repo, forge.remote)
        except git.RemoteUnreachable as problem:
            forge.notes.append(f"{forge.remote} does not answer ({problem.reason}); only local records are exported.")
    secrets = own_secrets(os.environ)
    names = model.names_kept(forge.repo, forge.remote)
    for name in sorted(each for each in names if not each.isdecimal()):  # of runs that led to no pull request
        rows += ({"number": 0, **row} for row in model.kept_rows(forge.repo, name, forge.remote))
    for number in sorted({*listed, *(int(each) for each in names if each.isdecimal())}):
        found = kept = model.kept_rows(forge.repo, number, forge.remote)
        if (number in listed and NO_TRAIN in listed[number].labels) or any(row.get("no_train") for row in kept):
            left_out.append(number)
            continue
        if number in listed:
            snapshot = forge.snapshot(number)
            if read_session(snapshot) is None and not kept:
                continue
            found = [*kept, *_new_requests(forge.repo, snapshot, kept), _ending_row(forge.repo, snapshot)]
        rows += ({"number": number, **model.redacted(row, secrets)} for row in found)
    return rows, left_out
