"""A better program as a pull request, and the record that its test set was used."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from skill_fleet import git, model, proposals
from skill_fleet.errors import UserError
from skill_fleet.learning.metrics import interval, total

if TYPE_CHECKING:
    from skill_fleet.learning.optimising import Found

    Row = dict[str, Any]

_USED = "test-sets"  # the name among the records


def refuse_used(repo: git.Repository, remote: str | None, digest: str) -> None:
    """Raise UserError if a program was tested with the test set of this digest before. Who may test until it succeeds will
    succeed."""
    used = [row for row in proposals.kept_rows(repo, _USED, remote) if row.get("digest") == digest]
    if used:
        was = "accepted" if used[0].get("accepted") else "refused"
        raise UserError(
            f"The test set {digest} was used before, and the program was {was}.",
            "Take another one: --seed NUMBER for planted errors, newer pull requests for what reviewers said.",
        )


def propose(found: Found, where: proposals.Where, bot: proposals.AnyForge) -> int | None:
    """Record that the test set was used; if the program is accepted, open a pull request and return its number."""
    parts = found.plan.parts
    identity = git.Identity(bot.actor.name, bot.actor.address)
    number = _opened(found, where, bot, identity) if found.accepted else None
    row = {"kind": "test-set", "digest": parts.digest, "step": found.plan.step, "examples": len(parts.test)}
    row |= {"accepted": found.accepted, "pull": number, "program": _digest(found.program)}
    if note := proposals.keep_rows(bot.repo, _USED, [row], identity, bot.remote):
        bot.notes.append(note)
    return number


def _opened(found: Found, where: proposals.Where, bot: proposals.AnyForge, identity: git.Identity) -> int:
    step, branch = found.plan.step, f"learn/{found.plan.step.replace('_', '-')}-{_digest(found.program)}"
    if here := [row for row in bot.list("all", head=branch) if row.state == "open"]:
        return here[-1].number
    proposals.refuse_taken(bot.repo, where, branch, f"Delete it: git branch -D {branch}")
    title = f"Improve the prompt of the step {step}"
    tree = git.write_tree(bot.repo, where.base_oid, {model.file_of(step): found.program.encode()})
    tip = git.write_commit(bot.repo, tree, [where.base_oid], f"{title}\n\n{summary(found)[0]}\n", identity)
    try:
        git.create_branch(bot.repo, where.remote, branch, tip)
    except git.RemoteUnreachable as problem:
        raise git.refused(where.remote, problem) from problem
    body = "\n".join(description(found))
    return bot.open(title=title, body=body, head=branch, base=where.base, head_oid=tip, draft=False)


def _digest(program: str) -> str:
    return hashlib.sha256(program.encode()).hexdigest()[:12]


def summary(found: Found) -> list[str]:
    """Return what a run found, in lines for people."""
    before, after, verdict, count = found.before, found.after, found.verdict, len(found.before.scores)
    if after is None or verdict is None:
        return [f"{found.plan.step} scores {before.mean:.3f} on {count} examples; {found.cost}.", *found.notes]
    compared = verdict.comparison
    low, high = compared.interval
    better, worse = (sum(each > 0 for each in compared.differences), sum(each < 0 for each in compared.differences))
    said = "accepted" if found.accepted else "refused"
    return [
        f"{said}: {found.plan.step} scores {after.mean:.3f} with the new prompt, {before.mean:.3f} with the old one.",
        f"Difference {compared.mean:+.3f} ({low:+.2f} to {high:+.2f}) on {count} examples of the test set"
        f" {found.plan.parts.digest}: {better} better, {worse} worse; p = {compared.above:.2g}, {verdict.outcome}.",
        f"Validation: {found.validation:.3f} with the new prompt; the best of {len(found.best_of)} runs of the old one, at"
        f" equal cost, {max(found.best_of, default=0.0):.3f}.",
        f"{found.plan.optimiser}, {found.plan.metric_calls} metric calls; {found.cost}; {after.model}.",
        *found.notes,
    ]


def description(found: Found) -> Iterator[str]:
    """Yield the lines of the pull request's description: figures before and after, and each example that changed."""
    assert found.after
    yield from (f"{line}\n" for line in summary(found))
    yield "| | before | after |\n| --- | --- | --- |"
    counts = [total(one.counts for one in each.scores.values()) for each in (found.before, found.after)]
    for name in counts[0]:
        cells = []
        for each in counts:
            seen, of = each.get(name, (0, 0))
            low, high = interval(min(seen, of), of)
            cells.append(f"{seen} of {of}" + (f" ({low:.2f} to {high:.2f})" if seen <= of else ""))
        yield f"| {name} | {' | '.join(cells)} |"
    yield "\n<details><summary>Examples whose score changed</summary>\n"
    for key, was in found.before.scores.items():
        now = found.after.scores[key]
        if now.value != was.value:
            yield f"- `{key}`: {was.value:.2f} -> {now.value:.2f}"
    yield "\n</details>\n"
    yield f"The prompt is data: `{model.file_of(found.plan.step)}` is read from the base and never run."
