"""Verifying a skill: facts that are recomputed from Git, records with who wrote them, and what is not recorded.

Only what is recomputed proves something. A record proves that somebody who may write it wrote it: the trailers of a merge
commit whoever may push to the branch; a receipt whoever may push to the branch of receipts.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from skill_fleet import evals
from skill_fleet.catalog import INDEX_FILE, LeftOut, tar_of
from skill_fleet.errors import UserError
from skill_fleet.fleet import Fleet, Skill
from skill_fleet.git import GitFailure, Landing, Repository, merge_trees
from skill_fleet.review.markers import read_trailers

RECEIPTS = "skill-fleet-receipts"
"""The branch with a file `COMMIT.json` for each merge, written by a job that read the approvals."""
_MAX_UNPACKED = 60 * 2**20


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


def verify_skill(
    repo: Repository, fleet: Fleet, commit: str, skill: Skill, published: tuple[Fleet, ...] = ()
) -> Iterator[Fact]:
    """The facts about a skill as it is in `commit`: how it came in, who approved it, and what was measured.

    `published` are the fleets that may have more evidence.
    """

    def fact(about: About, basis: Basis, value: str, holds: bool = True) -> Fact:
        return Fact(skill.id, about, basis, value, holds)

    landings = repo.landings(commit, skill.path) if skill.path else repo.landings(commit)
    landing = landings[-1]
    yield fact(About.TREE, Basis.RECOMPUTED, _tree(repo, commit, skill.path))
    yield fact(About.COMMIT, Basis.RECOMPUTED, f"{landing.oid} ({landing.subject})")
    reviewed = _reviewed(repo, landing)
    if reviewed:
        merged = _merged(repo, landing, reviewed)
        if merged is None:
            yield fact(About.MERGE, Basis.NOT_RECORDED, "its merge had conflicts, which a person resolved")
        else:
            same = _entries(repo, merged, skill.path) == _entries(repo, landing.oid, skill.path)
            value = "the merge has what was on its branch" if same else "the merge has something that was on no branch"
            yield fact(About.MERGE, Basis.RECOMPUTED, value, same)
        yield from (fact(*each) for each in _trailers(repo, landing, reviewed))
    else:
        yield fact(
            About.REVIEW,
            Basis.NOT_RECORDED,
            "its last change is no merge, nor a squash of a branch that is here, so nothing shows what was reviewed",
        )
    receipt = _receipt(repo, landing.oid)
    if receipt is not None:
        yield from (fact(*each) for each in _approvals(repo, landing, reviewed, receipt))
    elif not reviewed:
        yield fact(About.APPROVALS, Basis.NOT_RECORDED, "there is no receipt")
    for each in evals.verify_skill(fleet, skill, datetime.now(UTC), published):
        problems = f": {'; '.join(each.problems)}" if each.problems else ""
        yield fact(About.EVIDENCE, Basis.RECOMPUTED, f"{each.path} is {each.status}{problems}", not each.fails)
        yield fact(About.EVIDENCE, Basis.RECORDED, f"{each.path} is {each.said_by}")


Claim = tuple[About, Basis, str, bool]


def _trailers(repo: Repository, landing: Landing, reviewed: str) -> Iterator[Claim]:
    """What the message of a merge or a squash records, against its branch; a merge queue's own names no people."""
    known = read_trailers(landing.message)
    values = dict(known)
    found = {"Reviewed-head": reviewed, "Reviewed-tree": _tree(repo, reviewed)}
    for name, value in found.items():
        if name in values:
            same = values[name] == value
            text = f"{name} is what was merged" if same else f"{name} says {values[name]}, but {value} was merged"
            yield About.REVIEW, Basis.RECOMPUTED, text, same
    people = [value for name, value in known if name == "Reviewed-by"]
    branch = repo.commits(f"{landing.parents[0]}..{reviewed}")
    asked = dict.fromkeys(who for each in branch for name, who in read_trailers(each.message) if name == "Requested-by")
    if asked:
        yield About.REVIEW, Basis.RECORDED, f"requested by {', '.join(asked)}, by the commits of its branch", True
    if people:
        yield About.APPROVALS, Basis.RECORDED, f"{', '.join(people)}, by the merge commit", True
    else:
        yield About.APPROVALS, Basis.NOT_RECORDED, "the merge commit names nobody", True


def _approvals(repo: Repository, landing: Landing, reviewed: str, receipt: Mapping[str, Any]) -> Iterator[Claim]:
    """What a receipt records, against the commit that it is about."""
    approvals = receipt.get("approvals")
    rows = [each for each in approvals if isinstance(each, dict)] if isinstance(approvals, list) else []
    head = receipt.get("head")
    wrong = [
        *(["another commit"] if receipt.get("commit") != landing.oid else []),
        *(["another tree"] if receipt.get("tree") != _tree(repo, landing.oid) else []),
        *(["another head than was merged"] if reviewed and head != reviewed else []),
        *(["approvals of another head"] if any(each.get("head") != head for each in rows) else []),
    ]
    if wrong:
        yield About.APPROVALS, Basis.RECORDED, f"the receipt is about {' and '.join(wrong)}", False
        return
    people = ", ".join(f"{each.get('login')} ({each.get('id')})" for each in rows)
    where = f"by the receipt, which {_last_author(repo)} wrote"
    yield About.APPROVALS, Basis.RECORDED, f"{people or 'nobody'}, {where}", True


def verify_archive(repo: Repository, fleet: Fleet, commit: str, skill: Skill, content: bytes) -> Fact:
    """Whether an archive holds exactly what the tree of the skill does, now or at an earlier commit.

    It is unpacked and compared; compression differs between machines, so nothing is compressed again.
    """
    unpacked = _unpacked(content)
    if unpacked is not None:
        for landing in reversed(repo.landings(commit, skill.path)):
            entries = tuple(entry for entry in repo.entries(landing.oid, skill.path))
            done = tar_of(replace(skill, entries=entries)) if entries else None
            if done and not isinstance(done, LeftOut) and done[0] == unpacked:
                return Fact(skill.id, About.ARCHIVE, Basis.RECOMPUTED, f"it is the skill as of {landing.oid}")
    return Fact(skill.id, About.ARCHIVE, Basis.RECOMPUTED, "it is the skill at no commit", False)


def verify_site(fleet: Fleet, folder: Path) -> Iterator[Fact]:
    """Compare the index and the archives of a published site with the fleet as it is; UserError when there is no index."""
    try:
        rows = json.loads((folder / INDEX_FILE).read_text(encoding="utf-8"))["skills"]
        listed = {str(each["name"]): each for each in rows}
        doubled = len(listed) != len(rows)
    except (OSError, ValueError, LookupError, TypeError) as problem:
        raise UserError(f"There is no index of skills in {folder}.", "Name the folder of a site.") from problem
    skills = {each.name: each for each in fleet.skills if each.status != "retired"}
    if doubled:
        yield Fact("", About.INDEX, Basis.RECOMPUTED, "it lists a skill twice", False)
    for name in sorted(listed.keys() - skills.keys()):
        yield Fact(name, About.INDEX, Basis.RECOMPUTED, "the fleet has no such skill", False)
    for name, skill in sorted(skills.items()):
        done = tar_of(skill)
        if name not in listed:
            if not isinstance(done, LeftOut):
                yield Fact(skill.id, About.INDEX, Basis.RECOMPUTED, "it is not listed", False)
            continue
        value = _difference(folder, listed[name], skill, done)
        yield Fact(skill.id, About.ARCHIVE, Basis.RECOMPUTED, value or "it is the skill as it is", not value)


def _difference(
    folder: Path, row: Mapping[str, Any], skill: Skill, done: tuple[bytes, dict[str, str]] | LeftOut
) -> str:
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
    if isinstance(done, LeftOut) or _unpacked(content) != done[0]:
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


def _reviewed(repo: Repository, landing: Landing) -> str:
    """The head of the branch that a merge brought in; of a squash, the one that it names, if it has just that; else ''."""
    if len(landing.parents) == 2:
        return landing.parents[1]
    named = dict(read_trailers(landing.message)).get("Reviewed-head", "")
    if not named or len(landing.parents) != 1 or repo.find(named) != named:
        return ""
    return named if _merged(repo, landing, named) == _tree(repo, landing.oid) else ""


def _merged(repo: Repository, landing: Landing, head: str) -> str | None:
    """The tree that the merge of a branch into what was there before gives; None when they conflict."""
    try:
        return merge_trees(repo, landing.parents[0], head)
    except (UserError, GitFailure):
        return None


def _tree(repo: Repository, commit: str, path: str = "") -> str:
    return repo.text("rev-parse", "--verify", f"{commit}^{{tree}}" if not path else f"{commit}:{path}")


def _entries(repo: Repository, treeish: str, path: str) -> tuple[object, ...]:
    return repo.entries(treeish, *([path] if path else []))


def _branch(repo: Repository) -> str | None:
    """The commit of the branch of receipts, here or as it was fetched."""
    return repo.find(f"refs/heads/{RECEIPTS}") or repo.find(f"refs/remotes/origin/{RECEIPTS}")


def _receipt(repo: Repository, commit: str) -> Mapping[str, Any] | None:
    """The receipt for a commit; empty when it cannot be read, None when there is none."""
    branch = _branch(repo)
    name = f"{branch}:{commit}.json"
    content = repo.blobs([name]).get(name) if branch else None
    if content is None:
        return None
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _last_author(repo: Repository) -> str:
    return repo.text("log", "-1", "--format=%an <%ae>", str(_branch(repo)))
