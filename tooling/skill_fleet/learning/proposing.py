"""A better program as a pull request, and the record that its test set was used."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from skill_fleet import model, proposals
from skill_fleet.errors import UserError
from skill_fleet.learning.optimising import Found
from skill_fleet.learning.planning import Plan

_USED = "test-sets"  # the name among the records


def refuse_used(bot: proposals.AnyForge, digest: str) -> None:
    """Raise UserError if a program was tested with the test set of this digest before. Who may test until it succeeds will
    succeed."""
    if bot.remote:
        proposals.fetch_records(bot.repo, bot.remote)
    if any(row.get("digest") == digest for row in proposals.kept_rows(bot.repo, _USED, bot.remote)):
        tip = "Take another: --seed NUMBER for planted errors, newer pull requests for what reviewers said."
        raise UserError(f"The test set {digest} was used before.", tip)


def record_use(bot: proposals.AnyForge, plan: Plan) -> None:
    """Record that the test set of a plan is used, before it is: a run that is killed has used it, too."""
    proposals.keep(bot, _USED, [{"kind": "test-set", "digest": plan.parts.digest, "step": plan.step}], bot.remote)


def propose(found: Found, where: proposals.Where, bot: proposals.AnyForge) -> int:
    """Open a pull request with the accepted program and return its number."""
    mark, step = hashlib.sha256(found.program.encode()).hexdigest()[:12], found.plan.step
    files, branch = {model.file_of(step): found.program.encode()}, f"learn/{step.replace('_', '-')}-{mark}"
    title, body = f"Improve the prompt of the step {step}", "\n".join(description(found))
    return proposals.open_files(bot, where, branch, files, title, body)


def summary(found: Found) -> list[str]:
    """Return what a run found, in lines for people."""
    before, after, compared, count = found.before, found.after, found.verdict.comparison, len(found.before.scores)
    low, high = compared.interval
    better, worse = (sum(way * each > 0 for each in compared.differences) for way in (1, -1))
    said = "accepted" if found.accepted else "refused"
    tested = [
        f"{said}: {found.plan.step} scores {after.mean:.3f} with the new prompt, {before.mean:.3f} with the old one.",
        f"Difference {compared.mean:+.3f} ({low:+.2f} to {high:+.2f}) on {count} examples of the test set"
        f" {found.plan.parts.digest} (skills: {len({one.skill for one in found.plan.parts.test})}): {better} better, {worse} worse; p = {compared.above:.2g}, {found.verdict.outcome}.",
    ]
    return [
        *(tested if before.scores else ["not tested: the test set counts once."]),
        f"Validation: {found.validation:.3f} with the new prompt; the best of {len(found.best_of)} runs of the old one, at"
        f" equal cost, {max(found.best_of, default=0.0):.3f}.",
        f"{found.plan.optimiser}, {found.plan.metric_calls} metric calls; {found.cost}; {after.model}.",
        *found.notes,
    ]


def description(found: Found) -> Iterator[str]:
    """Yield the lines of the pull request's description: figures before and after, and each example that changed."""
    yield from (f"{line}\n" for line in summary(found))
    for name, each in (("Before", found.before), ("After", found.after)):
        yield "\n".join([f"## {name}\n", *(f"- {line}" for line in each.lines()), ""])
    yield "## Examples whose score changed\n"
    rows = ((key, was.value, found.after.scores[key].value) for key, was in found.before.scores.items())
    yield from (f"- `{key}`: {was:.2f} -> {now:.2f}" for key, was, now in rows if was != now)
    yield f"\nThe prompt is data: `{model.file_of(found.plan.step)}` is read from the base and never run."
