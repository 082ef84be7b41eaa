"""skill-fleet verify"""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby
from pathlib import Path

import click

from skill_fleet import fleet, markdown, provenance
from skill_fleet.cli import FINDINGS, FINE
from skill_fleet.cli.options import format_option, say, say_json
from skill_fleet.errors import UserError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("verify")
@click.argument("skill", required=False)
@click.option("--archive", type=_FILE, metavar="FILE", help="Compare an archive of the skill with its history.")
@click.option("--site", "folder", type=_FOLDER, metavar="DIR", help="Compare a published site with the skills.")
@click.option(
    "--ref", metavar="REF", default="HEAD", help="Verify the skills of this commit or branch (default: HEAD)."
)
@click.option("--require-record", is_flag=True, help="Exit 1 as well where approvals are not recorded.")
@format_option
def verify(
    skill: str | None, archive: Path | None, folder: Path | None, ref: str, require_record: bool, form: str
) -> int:
    """Verify where skills come from: recomputed from Git, recorded by somebody, or not recorded.

    Exits 1 when something that was recomputed differs, or a record contradicts Git. The trailers of a merge can be
    written by whoever may push; a receipt by whoever may push to the branch skill-fleet-receipts.
    """
    repo = fleet.here()
    skills = fleet.skills_at(repo, ref)
    if not skills.skills:
        raise fleet.no_skill(skills)
    commit = repo.resolve(ref)
    chosen = [fleet.find_skill(skills, fleet.skill_id(skill))] if skill else list(skills.skills)
    if repo.is_shallow:
        raise UserError("This clone is shallow, so its history is not here.", "Fetch it: git fetch --unshallow")
    if archive:
        if not skill:
            raise UserError("Of which skill is this the archive?", f"skill-fleet verify SKILL --archive {archive}")
        facts = [provenance.verify_archive(repo, skills, commit, chosen[0], archive.read_bytes())]
    elif folder:
        facts = list(provenance.verify_site(skills, folder))
    else:
        facts = list(provenance.verify_skills(repo, skills, commit, chosen))
    if form == "json":
        say_json([asdict(fact) for fact in facts])
    for name, own in groupby(facts, lambda fact: fact.skill) if form == "text" else ():
        say(markdown.escaped(name) or "the index")
        say(
            *(
                markdown.escaped(f"  {'' if each.holds else 'DIFFERS: '}{each.basis}: {each.about}: {each.value}")
                for each in own
            )
        )
    missing = [each for each in facts if each.basis == provenance.Basis.NOT_RECORDED]
    wrong = any(not fact.holds for fact in facts) or (require_record and missing)
    return FINDINGS if wrong else FINE
