"""skill-fleet review step, and its parts: fetch, decide, write, apply"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from skill_fleet import chat, fleet, forges, proposals, review
from skill_fleet.cli import options
from skill_fleet.cli.files import read_json, write_json
from skill_fleet.cli.lazy import place_options
from skill_fleet.errors import UserError

WORDS_LIMIT = 8 * 1024 * 1024  # bytes: a skill is text that people read
NOTHING = "Nothing to do."


@click.command("step")
@options.number_argument
@options.tape_options
@options.as_me_option
@options.format_option
def step(number: int, record: Path | None, replay: Path | None, as_me: bool, form: str) -> None:
    """Let the bot take its turn: apply, answer, report.

    The bot reads the pull request, decides, commits what it can, and answers every request. It can be interrupted at any
    time and run again. Requests in free words go to the model, if one is configured.
    """
    with options.open_forge(as_bot=True, as_me=as_me) as forge:
        reviser = proposals.reviser_here(forge.repo, record, replay, chat.step_lines())
        done = proposals.take_turn(forge, number, reviser)
    options.show(form, {"number": number, "done": done}, *(done or [NOTHING]))
    options.note(*(f"note: {spent}" for spent in (reviser.spent if reviser else ())))
    if reviser and reviser.failure:  # only now, when everything that needs no model is done
        raise reviser.failure


@click.command("fetch")
@options.number_argument
@options.output_option
def fetch(number: int, output: str) -> None:
    """Write a pull request as one JSON snapshot."""
    with options.open_forge() as forge:
        snapshot = review.previewed(forge.repo, forge.snapshot(number))
        snapshot = replace(snapshot, passages=proposals.recorded_passages(forge, number))
    write_json(output, review.encode(snapshot))


@click.command("decide")
@click.argument("snapshot", metavar="SNAPSHOT")
@options.output_option
@options.attempt_options
def decide(snapshot: str, output: str, run_id: str, attempt: str) -> None:
    """Turn a snapshot into a plan; changes nothing.

    SNAPSHOT is the file that `fetch` wrote; - is standard input. The plan names the workflow run that it belongs to, and
    only that run can carry it out.
    """
    plan = review.decide(review.decode(forges.Snapshot, read_json(snapshot, "snapshot")))
    write_json(output, review.encode(replace(plan, run=run_id, attempt=attempt)))


@click.command("write")
@click.argument("plan", metavar="PLAN")
@click.option("--snapshot", metavar="FILE", help="The snapshot that the plan was decided on; required with a model.")
@options.output_option
def write(plan: str, snapshot: str | None, output: str) -> None:
    """Let a model write the texts that a plan needs.

    PLAN is the file that `decide` wrote; - is standard input. The output is for `apply --words`: new texts of the skill's
    files, a reply to each waiting request, and the model's calls for the record. Without a model, or when it fails, the
    output has no texts: the requests are answered with the reason and stay open.
    """
    checked = review.decode(review.Plan, read_json(plan, "plan"))
    facts = review.decode(forges.Snapshot, read_json(snapshot, "snapshot")) if snapshot else None
    words = review.Words(review.plan_digest(checked), "", {}, None)
    if reviser := proposals.reviser_for(_configuration(), facts.fleet.programs if facts else {}):
        if facts is None:
            raise UserError("The model needs the snapshot of the plan.", "Give it: --snapshot SNAPSHOT.json")
        if (facts.repository, facts.number, facts.head_oid) != (checked.repository, checked.number, checked.head_oid):
            raise UserError("The plan was decided on another snapshot.", "Give the one that `decide` read.")
        secrets = review.own_secrets(os.environ)
        reviser.passages = facts.passages
        words = review.collect_words(facts, checked, review.guarded(reviser, secrets))
        if proposals.NO_TRAIN not in facts.labels:
            words = replace(words, calls=review.model_calls(proposals.redacted(reviser.taken(), secrets), secrets))
        if reviser.failure:
            options.note(f"note: {reviser.failure.message}")
    else:
        options.note("No model is configured, so there are no texts.")
    write_json(output, review.encode(words))


def _configuration() -> fleet.Configuration:
    """Return the configuration of the base branch here; the default outside a repository."""
    try:
        repo = fleet.here()
    except UserError:
        return fleet.Configuration()
    return proposals.base_configuration(repo)


@click.command("apply")
@place_options
@click.argument("plan", metavar="PLAN")
@click.option("--words", metavar="FILE", help="The file that `write` wrote for this plan.")
@click.option("--unwritten", is_flag=True, help="`write` failed: answer the requests that need it with that.")
@options.as_me_option
@options.attempt_options
@options.format_option
def apply(plan: str, words: str | None, unwritten: bool, as_me: bool, run_id: str, attempt: str, form: str) -> None:
    """Carry out a plan.

    PLAN is the file that `decide` wrote; - is standard input. Nothing is done if the pull request has changed since then
    in a way that matters, or if the plan belongs to another run.
    """
    wanted = review.decode(review.Plan, read_json(plan, "plan"))
    if (wanted.run, wanted.attempt) != (run_id, attempt):
        raise UserError("The plan belongs to another run of the workflow.", "Re-run the workflow from its start.")
    reviser, rows = _written(wanted, words, unwritten)
    with options.open_forge(as_bot=True, as_me=as_me) as forge:
        try:
            if reviser:
                snapshot = forge.snapshot(wanted.number)
                review.require_same(snapshot, wanted)
                wanted = review.write(snapshot, wanted, reviser)
            done = review.apply(forge.repo, forge, wanted)
            if done:
                proposals.keep_turn(forge, forge.snapshot(wanted.number), rows)
        except forges.StaleHead as stale:
            raise UserError(str(stale), "Nothing was done; fetch and decide again.") from stale
    options.show(form, {"number": wanted.number, "done": [*done]}, *(done or [NOTHING]))


def _written(
    plan: review.Plan, words: str | None, unwritten: bool
) -> tuple[review.Reviser | None, list[dict[str, Any]]]:
    """Return who has the texts of the plan (None: there are none), and what is recorded of how they were written.

    UserError when they belong to another plan.
    """
    if words and unwritten:
        raise UserError("--words and --unwritten exclude each other.", "Give one of the two.")
    if words is None:
        return review.without_words if unwritten else None, []
    given = review.decode(review.Words, read_json(words, "file of words", WORDS_LIMIT))
    found, row = review.replayed(plan, given), review.round_row(given.by, plan.head_oid, given.calls)
    return review.guarded(found, review.own_secrets(os.environ)) if found else None, [row] if row else []
