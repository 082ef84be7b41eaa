"""What would be drafted: the brief, the skill's files, and what the checks say of them. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from skill_fleet.checks.finding import Finding
from skill_fleet.drafting.briefs import brief_digest, brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.sources.provenance import source_facts
from skill_fleet.drafting.types import Document, Draft
from skill_fleet.errors import UserError
from skill_fleet.fleet.fleet import ROOT, Fleet
from skill_fleet.fleet.git import REGULAR
from skill_fleet.fleet.names import is_skill_id, split_id
from skill_fleet.fleet.skill import Skill
from skill_fleet.fleet.taxonomy import TAXONOMY_FILE
from skill_fleet.review.edits import Files
from skill_fleet.review.opening import Texts
from skill_fleet.review.status import skill_findings


@dataclass(frozen=True)
class Proposal:
    """A draft that could be put on a branch. `digest` is the same whenever the same is asked of the same sources.

    `texts` are its words when they are no function of the draft: what a model says is read back from its commits.
    """

    draft: Draft
    findings: tuple[Finding, ...]
    digest: str
    texts: Texts | None = None
    record: Mapping[str, object] | None = None
    """What a later optimiser has to know of how a model wrote it."""
    further: tuple[str, ...] = ()
    """The other skills that were asked for with it, each in a sentence."""

    @property
    def skill(self) -> str:
        """The id that the skill would have."""
        return self.draft.brief.path


def propose(
    task: str,
    documents: tuple[Document, ...],
    path: str | None,
    fleet: Fleet,
    only: tuple[str, ...] = (),
    everything: bool = False,
) -> Proposal:
    """Draft a skill from `documents` for `fleet`; UserError when it cannot have the id `path`, or finds none.

    Of a dump or a folder, `only` names the documents to draft from, and `everything` places those too that would be
    set aside.
    """
    categories, wanted = ground(path, fleet)
    brief = brief_for(task, documents, categories, wanted, only, everything)
    taken = [skill for skill in fleet.by_name.get(brief.name, []) if skill.status != "retired"]
    if path is None and taken:
        from skill_fleet.cli.drafting import Covered

        _refuse_the_same(taken[0], documents, only, everything)
        raise Covered(taken[0].id, why="has the name that this would get")
    refuse_id(brief.path, fleet)
    neighbours = tuple(skill.description for skill in fleet.skills)
    draft = ExtractiveDrafter(neighbours, only, everything).draft(brief, documents)
    record = {
        "kind": "draft",
        "task": brief.task,
        "sources": source_facts(documents),
        "brief": asdict(brief),
        "neighbours": [skill.id for skill in fleet.skills],
        "files": draft.files,
    }
    return Proposal(draft, findings_of(draft), brief_digest(brief, documents), record=record)


def ground(path: str | None, fleet: Fleet) -> tuple[dict[str, str], str | None]:
    """The categories that a skill can go to, and the id that was asked for; UserError when it cannot have that."""
    fleet.configuration  # noqa: B018  a broken one must be said before anything is written, not by what reads it later
    categories = {category.name: category.description for category in fleet.taxonomy.categories.values()}
    if not categories:
        faults = [f"{TAXONOMY_FILE}:{fault.line}: {fault.detail}" for fault in fleet.taxonomy.faults]
        raise UserError(
            "The base has no category to put a skill in.", f"Mend {TAXONOMY_FILE} and commit it. {' '.join(faults)}"
        )
    wanted = None if path is None else path.strip("/").removeprefix(f"{ROOT}/")
    if wanted is not None:
        refuse_id(wanted, fleet)
    return categories, wanted


def refuse_id(path: str, fleet: Fleet) -> None:
    """UserError when the skill cannot have this id."""
    if not is_skill_id(path):
        raise UserError(
            f"{path!r} is not of the form CATEGORY/NAME.",
            "Each part has at most 64 lower-case letters, digits and single hyphens, as in python/async-testing.",
        )
    category, name = split_id(path)
    if category not in fleet.taxonomy.categories:
        known = ", ".join(fleet.taxonomy.categories)
        raise UserError(f"There is no category {category!r}.", f"Choose one with --path CATEGORY/{name}: {known}.")
    tip = f"Choose another name: --path {category}/NAME"
    if taken := fleet.by_name.get(name):
        instead = "" if taken[0].status == "retired" else f"Revise that one (skill-fleet revise {taken[0].id}), or c"
        raise UserError(f"The name {name} is taken by {taken[0].id}.", f"{instead}{tip[1:]}" if instead else tip)
    for old, owners in fleet.former.items():
        if old.rpartition("/")[2] == name:
            raise UserError(f"{owners[0].id} was once called {old}, and a name is never used for something else.", tip)


def _refuse_the_same(skill: Skill, documents: tuple[Document, ...], only: tuple[str, ...], everything: bool) -> None:
    """UserError when the skill has all of the documents, so that nobody is sent to revise it by them in vain."""
    from skill_fleet.drafting.adding.addition import NothingNew, add_documents

    texts = {
        skill.relative(entry.path): skill.tree.read(entry).decode("utf-8", "replace")
        for entry in skill.entries
        if entry.mode == REGULAR
    }
    try:
        add_documents(skill.id, texts, documents, only, everything)
    except NothingNew as same:
        raise UserError(same.message, "For a second skill of it, choose a path: --path CATEGORY/NAME") from same
    except UserError:
        return  # it says more in `revise` itself


def findings_of(draft: Draft) -> tuple[Finding, ...]:
    """What the checks say of a draft's files."""
    folder = f"{ROOT}/{draft.brief.path}"
    contents = {f"{folder}/{name}": text.encode() for name, text in draft.files.items()}
    return skill_findings(Files(folder, contents, dict.fromkeys(contents, REGULAR)))
