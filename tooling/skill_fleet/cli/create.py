"""skill-fleet create"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from skill_fleet.cli.options import format_option, say_json
from skill_fleet.errors import UserError

if TYPE_CHECKING:
    from skill_fleet.checks.finding import Finding
    from skill_fleet.drafting.types import Brief, Document, Draft
    from skill_fleet.fleet.fleet import Fleet


@click.command("create")
@click.argument("task", required=False, default="")
@click.option("--from", "sources", metavar="DOC", multiple=True, help="A document or folder to draft from; repeatable.")
@click.option("--path", metavar="CATEGORY/NAME", help="Where the skill goes; without it, the text decides.")
@click.option("--base", metavar="BRANCH", help="The branch to start from and to merge into, if not the default one.")
@click.option("--forge", type=click.Choice(["local"]), default="local", help="Where the pull request lives.")
@click.option("--dry-run", is_flag=True, help="Show what would be drafted; change nothing.")
@click.option("--no-pr", is_flag=True, help="Make the branch and stop there.")
@click.option("--auto-approve", is_flag=True, help="Answer no question: take the stated assumptions.")
@format_option
def create(
    task: str,
    sources: tuple[str, ...],
    path: str | None,
    base: str | None,
    forge: str,
    dry_run: bool,
    no_pr: bool,
    auto_approve: bool,
    form: str,
) -> None:
    """Draft a skill from documents and open a pull request.

    The draft goes on the branch draft/NAME, started from the default branch; your work tree is left alone. Run again
    after a stop, it goes on where it was.
    """
    from skill_fleet.cli.forge import forge_here, person, tell
    from skill_fleet.cli.place import here
    from skill_fleet.cli.start import starting_point
    from skill_fleet.drafting.briefs import brief_digest
    from skill_fleet.drafting.read import read_sources
    from skill_fleet.fleet.fleet import read_fleet
    from skill_fleet.fleet.git import Identity
    from skill_fleet.fleet.git_write import RefMoved
    from skill_fleet.fleet.tree import GitTree
    from skill_fleet.forges.accounts import BOT
    from skill_fleet.review.opening import branch_of, open_pull_request, put_branch
    from skill_fleet.review.step import step

    if not sources:
        raise UserError("Without a model, a skill is drafted from documents.", "Name one: --from DOCUMENT.md")
    with here() as repo:
        repo.resolve("HEAD")
        documents = read_sources([Path(source) for source in sources])
        where, notes = starting_point(repo, base, offline=dry_run)
        for note in notes:
            click.echo(f"note: {note}", err=True)
        fleet = read_fleet(GitTree(repo, where.base_oid))
        brief, draft = _draft(task, documents, path, fleet)
        findings = _check(draft)
        if dry_run:
            _show_draft(draft, findings, form)
            return
        asked_by, digest = person(repo), brief_digest(brief, documents)
        texts = _texts(draft)
        try:
            tip, adopted = put_branch(
                repo, where, draft, texts, digest, Identity(asked_by.name, asked_by.id), Identity(BOT.name, BOT.id)
            )
        except RefMoved as moved:
            raise UserError(
                f"The branch {branch_of(draft)} has just been made by another run.", "Run again."
            ) from moved
        number = 0
        if not no_pr:
            bot = forge_here(repo).acting_as(BOT)
            number, _ = open_pull_request(bot, where, draft, texts, tip)
            step(repo, bot, number)
            tell(bot)
    _say(draft, findings, branch_of(draft), tip, number, adopted, form)


def _draft(task: str, documents: tuple[Document, ...], path: str | None, fleet: Fleet) -> tuple[Brief, Draft]:
    from skill_fleet.drafting.briefs import brief_for
    from skill_fleet.drafting.extractive import ExtractiveDrafter

    categories = {category.name: category.description for category in fleet.taxonomy.categories.values()}
    if not categories:
        raise UserError("The base has no categories to put a skill in.", "Write skills/taxonomy.yaml and commit it.")
    wanted = path.strip("/").removeprefix("skills/") if path else None
    if wanted is not None:
        _refuse_path(wanted, fleet)
    brief = brief_for(task, documents, categories, wanted)
    _refuse_path(brief.path, fleet)
    return brief, ExtractiveDrafter(tuple(skill.description for skill in fleet.skills)).draft(brief, documents)


def _refuse_path(path: str, fleet: Fleet) -> None:
    """UserError when the skill cannot have this id."""
    from skill_fleet.fleet.names import is_skill_id, split_id

    category, name = split_id(path)
    known = ", ".join(fleet.taxonomy.categories)
    if "/" not in path or not is_skill_id(path):
        raise UserError(
            f"{path!r} is no CATEGORY/NAME.",
            "Names have at most 64 lower-case letters, digits and single hyphens, as in python/async-testing.",
        )
    if category not in fleet.taxonomy.categories:
        raise UserError(f"There is no category {category!r}.", f"Choose one with --path CATEGORY/{name}: {known}.")
    tip = f"Choose another name: --path {category}/NAME"
    if taken := fleet.by_name.get(name):
        raise UserError(f"The name {name} is taken by {taken[0].id}.", tip)
    for old, owners in fleet.former.items():
        if old.rpartition("/")[2] == name:
            raise UserError(f"{owners[0].id} was once called {old}, and a name is never used for something else.", tip)


def _check(draft: Draft) -> tuple[Finding, ...]:
    from skill_fleet.fleet.fleet import ROOT
    from skill_fleet.fleet.git import REGULAR
    from skill_fleet.review.edits import Files
    from skill_fleet.review.status import skill_findings

    folder = f"{ROOT}/{draft.brief.path}"
    contents = {f"{folder}/{name}": text.encode() for name, text in draft.files.items()}
    return skill_findings(Files(folder, contents, dict.fromkeys(contents, REGULAR)))


def _texts(draft: Draft):  # type: ignore[no-untyped-def]
    from skill_fleet.drafting.briefs import render_brief
    from skill_fleet.drafting.ledger import render_ledger
    from skill_fleet.review.opening import Texts

    brief = render_brief(draft.brief)
    points = "\n".join(f"- {point}" for point in draft.open_points)
    parts = [brief.strip(), f"## Open points\n\n{points}" if points else "", "## Where the source went"]
    body = "\n\n".join([*filter(None, parts), render_ledger(draft, full=True).strip()])
    return Texts(f"Draft {draft.brief.path}", brief, render_ledger(draft, full=False), body)


def _show_draft(draft: Draft, findings: tuple[Finding, ...], form: str) -> None:
    from skill_fleet.checks.visible import escaped

    if form == "json":
        say_json(_facts(draft, findings))
        return
    click.echo(f"skills/{draft.brief.path}/")
    for name, text in sorted(draft.files.items()):
        click.echo(escaped(f"  {name}  {text.count(chr(10))} lines, about {len(text) // 4} tokens"))
    _show_points(draft, findings)


def _show_points(draft: Draft, findings: tuple[Finding, ...]) -> None:
    from skill_fleet.checks.visible import escaped

    for point in draft.open_points:
        click.echo(escaped(f"  open: {point}"))
    for finding in findings:
        if finding.severity == "error":
            click.echo(escaped(f"  error: {finding.path}:{finding.line} {finding.rule}: {finding.message}"))


def _facts(draft: Draft, findings: tuple[Finding, ...]) -> dict[str, object]:
    return {
        "skill": draft.brief.path,
        "files": {name: len(text) // 4 for name, text in sorted(draft.files.items())},
        "open_points": [*draft.open_points],
        "findings": [finding.as_json() for finding in findings],
    }


def _say(
    draft: Draft, findings: tuple[Finding, ...], branch: str, tip: str, number: int, adopted: bool, form: str
) -> None:
    if form == "json":
        say_json({**_facts(draft, findings), "branch": branch, "commit": tip, "number": number, "adopted": adopted})
        return
    more = len(draft.files) - 1
    files = f"SKILL.md and {more} more file{'s' * (more != 1)}" if more else "SKILL.md"
    click.echo(f"{'Found' if adopted else 'Drafted'} {draft.brief.path}: {files}, on the branch {branch}")
    _show_points(draft, findings)
    if number:
        click.echo(f"pull request #{number}")
        click.echo(f"Next: skill-fleet review show {number}")
