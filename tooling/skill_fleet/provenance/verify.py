"""Verifying skills: facts that are recomputed from Git, records with who wrote them, and what is not recorded.

Only what is recomputed proves something. A record proves that somebody who may write it wrote it: the trailers of a merge
commit whoever may push to the branch; a receipt whoever may push to the branch of receipts.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from skill_fleet import __version__, evals
from skill_fleet.catalog import INDEX_FILE, LeftOut, tar_of
from skill_fleet.checks import in_batches, rules_digest
from skill_fleet.errors import UserError
from skill_fleet.fleet import Fleet, Skill, home_of
from skill_fleet.git import Commit, GitFailure, Landing, Repository, merge_trees
from skill_fleet.provenance.receipts import OID, Receipt, read_receipts
from skill_fleet.review.markers import read_trailers

_MAX_UNPACKED = 60 * 2**20
_EVIDENCE = "evals/evidence/"


class Basis(StrEnum):
    """How a fact is known."""

    RECOMPUTED = "recomputed"
    RECORDED = "recorded"
    NOT_RECORDED = "not recorded"


class About(StrEnum):
    """What a fact is about."""

    TREE = "tree"
    COMMIT = "commit"
    MERGE = "merge"
    REVIEW = "review"
    APPROVALS = "approvals"
    CHECKS = "checks"
    EVIDENCE = "evidence"
    ARCHIVE = "archive"
    INDEX = "index"


@dataclass(frozen=True)
class Fact:
    """One fact. `holds` is False where Git contradicts it."""

    skill: str
    about: About
    basis: Basis
    value: str
    holds: bool = True


def verify_skills(repo: Repository, fleet: Fleet, commit: str, skills: Sequence[Skill]) -> Iterator[Fact]:
    """The facts about skills as they are in `commit`: how each came in, who approved it, and what was measured."""
    history, now = _History(repo, fleet, commit, skills), datetime.now(UTC)
    published = evals.published_fleets(repo, skills)

    def of_evidence(batch: Sequence[Skill]) -> list[Fact]:
        found = []
        for each in evals.verify_skills(fleet, batch, now, published):
            problems = f": {'; '.join(each.problems)}" if each.problems else ""
            value = f"{each.path} is {each.status}{problems}"
            found.append(Fact(each.skill, About.EVIDENCE, Basis.RECOMPUTED, value, not each.fails))
            found.append(Fact(each.skill, About.EVIDENCE, Basis.RECORDED, f"its runs are {each.said_by}"))
        return found

    measured: dict[str, list[Fact]] = {}
    for fact in in_batches(skills, of_evidence):
        measured.setdefault(fact.skill, []).append(fact)
    for skill in skills:
        yield from (Fact(skill.id, *claim) for claim in history.claims(skill))
        yield from measured.get(skill.id, ())


def checked_by() -> str:
    """The tool and its rules, as a merge's trailer Checked-by has them."""
    return f"skill-fleet {__version__} {rules_digest()}"


Claim = tuple[About, Basis, str, bool]


@dataclass(frozen=True)
class _Branch:
    """What a merge or a squash brought in: the head, the commits, and the best commit it has in common with main.

    `base` is None where only a merge tells.
    """

    head: str
    commits: tuple[Commit, ...]
    base: str | None = None


class _History:
    """The history of a commit, read once for any number of skills."""

    def __init__(self, repo: Repository, fleet: Fleet, commit: str, skills: Sequence[Skill]) -> None:
        self._repo, self._commit = repo, commit
        self._commits = {each.oid: each for each in repo.commits(commit)}
        self._position: dict[str, int] = {}
        """The position on the main line of the commit that brought a commit in."""
        self._brought: list[list[Commit]] = []
        line = repo.text("rev-list", "--first-parent", "--reverse", commit).split()
        for position, oid in enumerate(line):
            self._brought.append([])
            todo = [oid]
            while todo:
                each = todo.pop()
                if each not in self._position:
                    self._position[each] = position
                    self._brought[-1].append(self._commits[each])
                    todo += self._commits[each].parents
        self._line = set(line)
        self._receipts = read_receipts(repo)
        self._last = self._last_changes(fleet, skills)
        landings = {each.oid: each for each in self._last.values()}
        named = {oid: head for oid, each in landings.items() if (head := self._named_head(each))}
        here = repo.ids(f"{head}^{{commit}}" for head in named.values())
        self._trees: dict[tuple[str, str], str | None] = {}
        self._branches = {
            oid: found
            for oid, each in landings.items()
            if (found := self._branch(each, here.get(f"{named.get(oid)}^{{commit}}")))
        }
        names = {_name(commit, path): None for path in self._last}
        for path, landing in self._last.items():
            if branch := self._branches.get(landing.oid):
                wanted = (landing.oid, landing.parents[0], branch.head, branch.base)
                names |= {_name(each, path): None for each in wanted if each}
        self._ids = repo.ids(names)

    def _last_changes(self, fleet: Fleet, skills: Sequence[Skill]) -> dict[str, Landing]:
        """The last commit of the main line that changed each skill, by path. New evidence alone is no change."""
        paths = {each.path for each in skills}
        where = [*paths] if len(paths) == 1 else [fleet.root]
        found: dict[str, Landing] = {}
        for landing in reversed(self._repo.landings(self._commit, *filter(None, where))):
            for entry in landing.files:
                home = home_of(entry.path, paths)
                if home is not None and not entry.path.startswith(f"{home}/{_EVIDENCE}".lstrip("/")):
                    found.setdefault(home, landing)
        return found

    def _named_head(self, landing: Landing) -> str:
        """The head that a squash, or the receipt of one, names; "" for anything else."""
        if len(landing.parents) != 1:
            return ""
        receipt = self._receipts.get(landing.oid)
        named = dict(read_trailers(landing.message)).get("Reviewed-head") or (receipt.head if receipt else "")
        return named if OID.fullmatch(named) else ""

    def _branch(self, landing: Landing, named: str | None) -> _Branch | None:
        """What a commit of the main line brought in; None where nothing shows it."""
        if len(landing.parents) == 2:
            head, own = landing.parents[1], self._brought[self._position[landing.oid]]
            branch = tuple(each for each in own if each.oid != landing.oid)
            bases = {parent for each in branch for parent in each.parents} - {each.oid for each in own} or {head}
            sure = len(bases) == 1 or bases <= self._line
            return _Branch(head, branch, max(bases, key=lambda each: self._position[each]) if sure else None)
        if named and self._merged(landing, named) == self._commits[landing.oid].tree:
            return _Branch(named, self._repo.commits(f"{landing.parents[0]}..{named}"))
        return None

    def _merged(self, landing: Landing, head: str) -> str | None:
        """The tree that the merge of a branch into what was there before gives; None when they conflict."""
        key = landing.parents[0], head
        if key not in self._trees:
            try:
                self._trees[key] = merge_trees(self._repo, *key)
            except (UserError, GitFailure):
                self._trees[key] = None
        return self._trees[key]

    def claims(self, skill: Skill) -> Iterator[Claim]:
        """What is known of how a skill came in."""
        landing = self._last[skill.path]
        branch = self._branches.get(landing.oid)
        yield About.TREE, Basis.RECOMPUTED, self._ids[_name(self._commit, skill.path)], True
        yield About.COMMIT, Basis.RECOMPUTED, f"{landing.oid} ({landing.subject})", True
        if branch:
            yield self._merge(skill.path, landing, branch)
            yield from _trailers(landing, branch)
        else:
            value = "it came by no merge or squash of a branch that is here, so nothing shows what was reviewed"
            yield About.REVIEW, Basis.NOT_RECORDED, value, True
        people = _approvals(landing, self._commits[landing.oid].tree, branch, self._receipts)
        nobody = (About.APPROVALS, Basis.NOT_RECORDED, "no merge commit and no receipt names anybody", True)
        yield from people or [nobody]

    def _merge(self, path: str, landing: Landing, branch: _Branch) -> Claim:
        """Whether a merge has exactly what was on its branch."""
        now, ours, theirs = (
            self._ids.get(_name(each, path)) for each in (landing.oid, landing.parents[0], branch.head)
        )
        same = branch.base is not None and self._ids.get(_name(branch.base, path)) == ours and now == theirs
        if not same:  # both sides changed it, or moved it
            merged = self._merged(landing, branch.head)
            if merged is None:
                return About.MERGE, Basis.NOT_RECORDED, "its merge had conflicts, which a person resolved", True
            name = f"{merged}:{path}" if path else merged
            same = self._repo.ids([name]).get(name) == now
        named = f", which was {branch.head} as a record says" if len(landing.parents) == 1 else ""
        value = f"it has what was on its branch{named}" if same else "it has something that was on no branch"
        return About.MERGE, Basis.RECOMPUTED, value, same


def _name(commit: str, path: str) -> str:
    """Git's name for the tree of a folder."""
    return f"{commit}:{path}" if path else f"{commit}^{{tree}}"


def _trailers(landing: Landing, branch: _Branch) -> Iterator[Claim]:
    """What the message of a merge or a squash records, against its branch; a merge queue's own names no people."""
    known = read_trailers(landing.message)
    values = dict(known)
    tree = next((each.tree for each in branch.commits if each.oid == branch.head), None)
    for name, value in (("Reviewed-head", branch.head), ("Reviewed-tree", tree)):
        if name in values and value:
            same = values[name] == value
            text = f"{name} is what was merged" if same else f"{name} says {values[name]}, but {value} was merged"
            yield About.REVIEW, Basis.RECOMPUTED, text, same
    messages = (each.message for each in branch.commits)
    asked = dict.fromkeys(who for each in messages for name, who in read_trailers(each) if name == "Requested-by")
    if asked:
        yield About.REVIEW, Basis.RECORDED, f"requested by {', '.join(asked)}, by the commits of its branch", True
    if tool := values.get("Checked-by"):
        again = f"validate --base {landing.parents[0]} --head {landing.oid}"
        here = f"as here, so this repeats it: {again}" if tool == checked_by() else "another tool or rules than here"
        yield About.CHECKS, Basis.RECORDED, f"{tool}, by the merge commit; {here}", True


def _approvals(
    landing: Landing, tree: str, branch: _Branch | None, receipts: Mapping[str, Receipt | None]
) -> list[Claim]:
    """What a merge commit and a receipt record, which is compared with the commit that it is about."""
    people = [value for name, value in read_trailers(landing.message) if name == "Reviewed-by"] if branch else []
    found = [(About.APPROVALS, Basis.RECORDED, f"{', '.join(people)}, by the merge commit", True)] if people else []
    if landing.oid not in receipts:
        return found
    receipt = receipts[landing.oid]
    if receipt is None:
        return [*found, (About.APPROVALS, Basis.RECORDED, "the receipt cannot be read", False)]
    heads = {receipt.head, *(each.oid for each in branch.commits)} if branch else set()
    differences = {
        "another commit": receipt.commit != landing.oid,
        "another tree": receipt.tree != tree,
        "another head than was merged": branch and receipt.head != branch.head,
        "approvals of another branch": branch and any(each.head not in heads for each in receipt.approvals),
    }
    if wrong := [what for what, differs in differences.items() if differs]:
        return [*found, (About.APPROVALS, Basis.RECORDED, f"the receipt is about {' and '.join(wrong)}", False)]
    named = ", ".join(
        f"{each.login} ({each.id}){'' if each.head == receipt.head else f', of {each.head}'}"
        for each in receipt.approvals
    )
    where = f"in #{receipt.pull}, by the receipt, whose commits name {' and '.join(receipt.writers)} as author"
    basis = Basis.RECORDED if named else Basis.NOT_RECORDED
    return [*found, (About.APPROVALS, basis, f"{named or 'nobody'} {where}", True)]


def verify_archive(repo: Repository, fleet: Fleet, commit: str, skill: Skill, content: bytes) -> Fact:
    """Whether an archive holds exactly what the tree of the skill does, now or at an earlier commit.

    It is unpacked and compared; compression differs between machines, so nothing is compressed again.
    """
    unpacked = _unpacked(content)
    paths, homes = [skill.path] if skill.path else [], {each.path for each in fleet.skills}
    if unpacked is not None:
        for landing in reversed(repo.landings(commit, *paths)):
            found = repo.entries(landing.oid, *paths)
            entries = tuple(entry for entry in found if home_of(entry.path, homes) == skill.path)
            done = tar_of(replace(skill, entries=entries)) if entries else None
            if done and not isinstance(done, LeftOut) and done[0] == unpacked:
                return Fact(skill.id, About.ARCHIVE, Basis.RECOMPUTED, f"it is the skill as of {landing.oid}")
    return Fact(skill.id, About.ARCHIVE, Basis.RECOMPUTED, "it is not the skill at any commit", False)


def verify_site(fleet: Fleet, folder: Path) -> Iterator[Fact]:
    """Compare the index and the archives of a published site with the fleet as it is; UserError when there is no index."""
    try:
        rows = json.loads((folder / INDEX_FILE).read_text(encoding="utf-8"))["skills"]
        listed = {str(each["name"]): each for each in rows}
        doubled = len(listed) != len(rows)
    except (OSError, ValueError, LookupError, TypeError) as problem:
        raise UserError(f"There is no index of skills in {folder}.", "Name the folder of a site.") from problem
    value = "it lists a skill twice" if doubled else f"it lists {len(listed):,} of {len(fleet.skills):,} skills"
    yield Fact("", About.INDEX, Basis.RECOMPUTED, value, not doubled)
    known = set()
    for skill in fleet.skills:
        done = tar_of(skill)
        if isinstance(done, LeftOut) or skill.status == "retired" or skill.name in known:
            continue
        known.add(skill.name)
        if row := listed.get(skill.name):
            value = _difference(folder, row, skill, done)
            yield Fact(skill.id, About.ARCHIVE, Basis.RECOMPUTED, value or "it is the skill as it is", not value)
        else:
            yield Fact(skill.id, About.INDEX, Basis.RECOMPUTED, "it is not listed", False)
    for name in sorted(listed.keys() - known):
        yield Fact(name, About.INDEX, Basis.RECOMPUTED, "the fleet has no such skill to install", False)


def _difference(folder: Path, row: Mapping[str, Any], skill: Skill, done: tuple[bytes, dict[str, str]]) -> str:
    """How a row of an index, and its archive, differ from the skill; "" when they do not."""
    top = folder.resolve()
    file = (folder / INDEX_FILE).parent / str(row.get("url"))
    if not file.resolve().is_relative_to(top) or not file.is_file():
        return "its archive is not in the site"
    content = file.read_bytes()
    if row.get("digest") != f"sha256:{hashlib.sha256(content).hexdigest()}":
        return "its archive has another digest than the index says"
    if row.get("description") != " ".join(skill.description.split()):
        return "the index has another description"
    if _unpacked(content) != done[0]:
        return "its archive holds something else"
    if isinstance(files := row.get("files"), dict) and files != done[1]:
        return "the index has other digests of its files"
    return ""


def _unpacked(content: bytes) -> bytes | None:
    """The content of one gzip stream; None when it is none, too large, or has something behind it."""
    stream = zlib.decompressobj(wbits=31)
    try:
        found = stream.decompress(content, _MAX_UNPACKED)
    except zlib.error:
        return None
    return found if stream.eof and not stream.unused_data else None
