"""What is kept for learning of a pull request: its draft, each request with its answer and its change, how it ended.

All but the draft is read from a snapshot, at any time after it happened: what one run did not keep, the next one does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skill_fleet import __version__
from skill_fleet.errors import UserError
from skill_fleet.forges import Snapshot
from skill_fleet.git import Identity, Repository
from skill_fleet.review import ADDRESSES, Receipt, Reply, Revised, Round, own_secrets, read_trailers, receipts

if TYPE_CHECKING:
    from skill_fleet.fleet import Configuration
    from skill_fleet.git import Repository
    from skill_fleet.model import Handled, ModelSettings, Progress, Tape
    from skill_fleet.proposals.forge import AnyForge

NO_TRAIN = "no-train"
_REQUESTS = ("done", "refused", "open", "failed")
_MOST = 200_000  # characters of one change: a longer one is named by its commit alone

Row = dict[str, Any]


def keep_turn(bot: AnyForge, snapshot: Snapshot, more: Sequence[Mapping[str, Any]] = ()) -> None:
    """Keep what a turn of the bot has answered, `more` rows of it, and what the checks say of the skill now."""
    from skill_fleet.model import kept_rows

    if NO_TRAIN in snapshot.labels:
        return
    known = {row.get("key") for row in kept_rows(bot.repo, snapshot.number, bot.remote) if row.get("kind") == "request"}
    found = [row for row in request_rows(bot.repo, snapshot) if row["key"] not in known]
    if found or more:
        keep(bot, snapshot.number, [*more, *found, _tree_row(snapshot)])


def take_turn(bot: AnyForge, number: int, reviser: ModelReviser | None = None) -> tuple[str, ...]:
    """The bot's turn on a pull request, and the record of it; what was done, a line each."""
    from skill_fleet.review import step

    return step(bot.repo, bot, number, reviser, lambda after: keep_turn(bot, after, reviser.taken() if reviser else ()))


def keep(bot: AnyForge, number: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep rows, without secrets; what the remote does not take is said."""
    from skill_fleet.model import keep_rows, redacted

    clean = redacted(list(rows), own_secrets(os.environ))
    author = Identity(bot.actor.name, bot.actor.address)
    if note := keep_rows(bot.repo, number, clean, author, bot.remote):
        click.echo(f"note: {note}", err=True)


def hold(bot: AnyForge, session: str, row: Mapping[str, Any]) -> None:
    """Keep the record of a draft until it has a pull request, so that a stop in between does not lose it."""
    from skill_fleet.model import hold_row, redacted

    author = Identity(bot.actor.name, bot.actor.address)
    hold_row(bot.repo, session, redacted(dict(row), own_secrets(os.environ)), author)


def request_rows(repo: Repository, snapshot: Snapshot) -> Iterator[Row]:
    """A row for each request that the bot has answered, with the change that it made for it."""
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
        anchor = item.anchor
        place = (
            {"path": anchor.path, "commit": anchor.commit, "first": anchor.start, "last": anchor.line} if anchor else {}
        )
        yield {
            "kind": "request",
            "key": key,
            "by": item.author.id,
            "text": item.body,
            "outcome": receipt.outcome,
            "reply": _said(receipt),
            **place,
            **({"lines": anchor.original.encode("latin-1").decode("utf-8", "replace")} if anchor else {}),
            **_change(repo, commits.get(key, "")),
        }


def ending_row(repo: Repository, snapshot: Snapshot) -> Row:
    """How it stands, or ended: each thread, and by section what people made of the bot's last words."""
    threads = {one.key: one for one in snapshot.threads}
    return {
        "kind": "ending",
        "state": snapshot.state,
        "base": snapshot.merge_base,
        "head": snapshot.head_oid,
        "labels": [*snapshot.labels],
        "threads": [
            {"key": key, "resolved": one.resolved, "by": one.resolver.id if one.resolver else ""}
            for key, one in sorted(threads.items())
        ],
        "verdicts": [
            {"by": item.author.id, "verdict": item.verdict, "commit": item.commit}
            for item in snapshot.items
            if item.verdict
        ],
        "sections": [*_sections(repo, snapshot)],
    }


def _said(receipt: Receipt) -> str:
    return receipt.item.body.partition("\n")[2].strip()


def _change(repo: Repository, oid: str) -> Row:
    """The diff of a commit, whatever a person's configuration says of diffs."""
    if not oid or repo.find(oid) is None:
        return {"change": oid} if oid else {}
    plain = ("--no-color", "--no-ext-diff", "--no-textconv", "--diff-algorithm=myers")
    diff = repo.run("diff-tree", "-p", "--no-commit-id", *plain, oid).decode("utf-8", "replace")
    return {"change": oid, "diff": diff if len(diff) <= _MOST else ""}


def _tree_row(snapshot: Snapshot) -> Row:
    from skill_fleet.review import read_session, skill_findings

    session = read_session(snapshot)
    findings = skill_findings(session.files) if session and session.files else ()
    rows = [{"rule": one.rule, "path": one.path, "line": one.line, "severity": one.severity} for one in findings]
    return {"kind": "tree", "head": snapshot.head_oid, "findings": rows, "rules": __version__}


def _sections(repo: Repository, snapshot: Snapshot) -> Iterator[Row]:
    """The sections that differ between the last commit of the bot and the head."""
    from skill_fleet.model import sections_of

    last = next((one.oid for one in reversed(snapshot.commits) if one.author.id == snapshot.bot.id), "")
    if not last or last == snapshot.head_oid or repo.find(last) is None:
        return
    now = {file.path: file.content.encode("latin-1").decode("utf-8", "replace") for file in snapshot.files}
    blobs = repo.blobs(f"{last}:{path}" for path in now)
    for path, text in sorted(now.items()):
        old = blobs.get(f"{last}:{path}", b"").decode("utf-8", "replace")
        ours, theirs = (sections_of(path, each) for each in (old, text))
        for heading in dict.fromkeys([*ours, *theirs]):
            if ours.get(heading) != theirs.get(heading):
                yield {"file": path, "heading": heading, "ours": ours.get(heading, ""), "now": theirs.get(heading, "")}


class ModelReviser:
    """Gives each round to a model. `failure` is how the last round ended that did not end well.

    All rounds go on one tape, so that a question asked again in a later one is not answered from the earlier one.
    """

    def __init__(self, settings: ModelSettings, tape: Tape | None = None, told: Progress | None = None) -> None:
        self.settings, self.tape, self.told = settings, tape, told
        self.failure: UserError | None = None
        self._rounds: list[Mapping[str, Any]] = []

    def taken(self) -> tuple[Mapping[str, Any], ...]:
        """The records of the rounds since this was asked last."""
        rounds, self._rounds = tuple(self._rounds), []
        return rounds

    def __call__(self, given: Round) -> Revised:
        """The files after the round and a reply to each request; nothing of either when the model fails."""
        from skill_fleet.drafting import read_brief
        from skill_fleet.model import ModelFailed, Thread, as_row, checks_for, revise
        from skill_fleet.proposals.start import progress

        self.failure = None  # what failed before is tried again now
        threads = [
            Thread(each.key, each.path, each.first, each.last, each.quoted, each.conversation) for each in given.wanted
        ]
        try:
            done = revise(
                self.settings,
                given.files,
                read_brief(given.brief, given.skill),
                threads,
                checks_for(given.skill),
                points=given.points,
                tape=self.tape,
                progress=self.told or progress(),
            )
        except ModelFailed as failure:
            self.failure = failure
            return Revised(given.files, (), "", failure.message)
        self._rounds.append(as_row(done.record))
        return Revised(done.files, tuple(_reply(one) for one in done.handled), f"dspy {done.model}")

    def complain(self) -> None:
        """Raise how it failed, once what could be done without it is done."""
        if self.failure:
            raise self.failure


def reviser_here(repo: Repository, record: Path | None = None, replay: Path | None = None) -> ModelReviser | None:
    """The model that the base here sets up for reviews, with the base's programs; None without one, and no `replay`."""
    from skill_fleet.model import Tape
    from skill_fleet.proposals.start import base_configuration, model_for, with_programs

    settings = model_for(base_configuration(repo), "review", replay)
    return ModelReviser(with_programs(settings, repo), Tape(record, replay)) if settings else None


def reviser_for(configuration: Configuration, programs: Mapping[str, str]) -> ModelReviser | None:
    """The model that is set up for reviews where there may be no repository, with these programs; None without one."""
    from skill_fleet.proposals.start import model_for

    settings = model_for(configuration, "review")
    return ModelReviser(replace(settings, programs=programs)) if settings else None


def _reply(one: Handled) -> Reply:
    unsourced = ", ".join(f"`{name}`" for name in one.unsourced)
    note = f"\n\nNowhere in the skill or the request, so look at it: {unsourced}." if unsourced else ""
    return Reply(one.thread, one.outcome, f"{one.reply}{note}")
