"""How far evidence can be believed, and whether it is about the skill as it is. No model is needed, and nothing is run.

A changed figure is found by computing it again from the runs. What the runs were is known by the kept outputs, where they
are here. Nothing can find a forgery that is consistent down to these. So evidence is *self-reported*, unless the workflow
of the default branch made it: then it names the run, and is where no pull request can bring it to.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from skill_fleet.agents import Isolation, Sandbox, find_isolation
from skill_fleet.errors import UserError
from skill_fleet.evals.cases import Case, digest_of, digest_of_files, read_cases
from skill_fleet.evals.evidence import FOLDER, Document, figures, file_of, judged_figures
from skill_fleet.evals.grading import GRADER, grade
from skill_fleet.evals.runs import REUSE, Arm, Run, Store, follows, plan_file, read_transcript, run_of
from skill_fleet.evals.subject import Subject, staged, subject_of
from skill_fleet.fleet import CATALOGUE_BRANCH, ROOT, Fleet, GitTree, Skill, quick_check, read_fleet
from skill_fleet.git import Entry, Repository

_AGED = timedelta(days=90)
_FEW = 100
_SKEW = timedelta(days=1)
"""How far the clocks of two machines may differ."""
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What comes of JSON that does not have the form of evidence."""


class Status(StrEnum):
    """How far evidence can be believed, from the worst to the best."""

    FORGED = "forged"
    INCOMPLETE = "incomplete"
    STALE = "stale"
    AGED = "aged"
    FRESH = "fresh"


class Source(StrEnum):
    """Who says that the runs were made."""

    ATTESTED = "attested"
    CLAIMED = "self-reported, but names a run of a workflow"
    SELF_REPORTED = "self-reported"


class Problem(StrEnum):
    """What is wrong with evidence."""

    FORM = "it does not have the form of evidence"
    PLACE = "its name is not that of its harness and model"
    SKILL = "it is about another skill"
    FIGURES = "its figures do not follow from its runs"
    RUN = "a run is listed twice, or was not planned"
    ASSERTIONS = "its assertions are not those of the cases"
    DATES = "its dates contradict each other, or are in the future"
    MODEL = "its runs have other models than it says"
    TRANSCRIPT = "two runs have the same output, or not the one that was kept"
    PLAN = "its plan is not the one that was recorded"
    ATTESTATION = "it is not what the run that it names has measured"
    GRADES = "the checks decide otherwise on the kept outputs"
    MISSING = "planned runs are missing"
    TREE = "the skill has changed since"
    REQUIRED = "a skill that it requires has changed since"
    CASES = "its cases have changed since"
    GRADER = "the grader has changed since"
    OLD = "it is older than 90 days"

    @property
    def status(self) -> Status:
        """What it makes of the evidence."""
        stale = (Problem.TREE, Problem.REQUIRED, Problem.CASES, Problem.GRADER)
        known = {
            Problem.MISSING: Status.INCOMPLETE,
            Problem.OLD: Status.AGED,
            **dict.fromkeys(stale, Status.STALE),
        }
        return known.get(self, Status.FORGED)


@dataclass(frozen=True)
class Verified:
    """One file of evidence: what is wrong with it, and its content, which is empty when that has not the form of evidence.

    `kept` of its runs have their outputs here; None when nobody looked.
    """

    path: str
    skill: str
    problems: tuple[Problem, ...]
    document: Document = field(default_factory=dict)
    source: Source = Source.SELF_REPORTED
    runs: int = 0
    kept: int | None = None

    @property
    def outcomes(self) -> dict[str, str]:
        """The outcome of each verdict."""
        return {name: str(each["outcome"]) for name, each in self.document.get("verdicts", {}).items()}

    @property
    def said_by(self) -> str:
        """The source for people, with the run of a workflow that it names."""
        run = self.document.get("attestation", {}).get("run")
        return f"{self.source} (run {run})" if run else self.source

    @property
    def status(self) -> Status:
        """The worst that the problems mean."""
        order = list(Status)
        return min((each.status for each in self.problems), key=order.index, default=Status.FRESH)

    @property
    def fails(self) -> bool:
        """Whether it is an error; stale and aged evidence is only a hint."""
        return self.status in (Status.FORGED, Status.INCOMPLETE)


def evidence_entries(skill: Skill) -> list[Entry]:
    """The files of evidence of a skill."""
    return [entry for entry in skill.entries if skill.relative(entry.path).startswith(FOLDER)]


def published_fleets(repo: Repository, skills: Sequence[Skill]) -> tuple[Fleet, ...]:
    """The fleets whose evidence came by no pull request alone: that of the branch `catalog`, and of the default branch.

    They are read as the remote has them, or here where there is none; where `skills` are few, only these.
    """
    paths = [skill.path or ROOT for skill in skills] if len(skills) <= _FEW else [ROOT]
    remote, names = repo.shared, [CATALOGUE_BRANCH]
    with suppress(UserError):  # which branch it is cannot be determined
        names.append(repo.default_branch(remote))
    refs = (f"refs/remotes/{remote}/{name}" if remote else f"refs/heads/{name}" for name in names)
    return tuple(read_fleet(GitTree(repo, tip, *paths)) for ref in refs if (tip := repo.find(ref)))


def verify_skills(
    fleet: Fleet, skills: Iterable[Skill], now: datetime, published: Iterable[Fleet] = (), *,
    outputs: Mapping[str, Store] | None = None, regrade: bool = False,
) -> Iterator[Verified]:  # fmt: skip
    """Check each file of evidence of skills against its own runs, and against the skill as it is.

    What `published` fleets have, and the skill has not, is evidence of it, too. Evidence is attested when it is there.
    With `outputs` by skill, the kept outputs are compared, too. With `regrade`, the checks decide on them again, which
    runs the programs of the cases.
    """
    chosen, others = list(skills), list(published)
    entries = [entry for skill in chosen for entry in skill.entries if "/evals/" in entry.path]
    known = {entry.oid for entry in entries}
    trees = [(fleet.tree, entries)]
    for other in others:
        there = (skill for each in chosen if (skill := other.by_id.get(each.id)))
        trees.append((other.tree, [e for each in there for e in evidence_entries(each) if e.oid not in known]))
    for tree, wanted in trees:
        tree.prefetch(wanted)
    for skill in chosen:
        owned = [found for each in others if (found := each.by_id.get(skill.id))]
        yield from _verified(fleet, skill, now, owned, outputs[skill.id] if outputs else None, regrade)
    for tree, wanted in trees:
        tree.release(wanted)


def _verified(
    fleet: Fleet, skill: Skill, now: datetime, published: Iterable[Skill], outputs: Store | None, regrade: bool
) -> Iterator[Verified]:  # fmt: skip
    there: dict[str, list[tuple[Skill, Entry]]] = {}
    for each in (skill, *published):
        for entry in evidence_entries(each):
            there.setdefault(each.relative(entry.path), []).append((each, entry))
    cases = cases_of(skill) if there else {}
    subject = subject_of(fleet, skill) if there else Subject("", {})
    for path, ((owner, entry), *others) in there.items():
        content = owner.tree.read(entry)
        found = verify_evidence(content, path, skill, subject, cases, now)
        if found.document.get("attestation"):
            same = (entry.oid == other.oid != "" or content == each.tree.read(other) for each, other in others)
            is_published = owner is not skill or any(same)
            found = replace(found, source=Source.ATTESTED if is_published else Source.CLAIMED)
        if outputs is not None and found.document:
            head = digest_of_files(staged(fleet, skill))
            found = _with_outputs(found, head, subject, outputs, cases if regrade else {})
        yield found


def verify_evidence(
    content: bytes, path: str, skill: Skill, subject: Subject, cases: Mapping[int, Case], now: datetime
) -> Verified:
    """Check a file of evidence, which is at `path` in the skill's folder."""
    where = skill.inside(path)
    try:
        document = json.loads(content)
        if not quick_check("evidence")(document):
            return Verified(where, skill.id, (Problem.FORM,))
        runs = [run_of(each) for each in document["runs"]]
        problems = (*_inside(document, runs, skill, path), *_against(document, runs, subject, cases, now))
        outcomes = [str(each["outcome"]) for each in document["verdicts"].values()]
    except _UNREADABLE:
        return Verified(where, skill.id, (Problem.FORM,))
    return Verified(where, skill.id, tuple(dict.fromkeys(problems)), document if outcomes else {}, runs=len(runs))


def cases_of(skill: Skill) -> dict[int, Case]:
    """Return the cases of a skill by id. By a file that is not valid nothing was measured."""
    try:
        return {case.id: case for case in read_cases(skill, validate=False)}
    except (UserError, *_UNREADABLE):
        return {}


def _with_outputs(
    found: Verified, head: str, subject: Subject, store: Store, cases: Mapping[int, Case]
) -> Verified:  # fmt: skip
    """Compare with the plan and the outputs that were kept, and grade `cases` again."""
    if not store.names():
        return replace(found, kept=0)
    try:
        runs = [run_of(each) for each in found.document["runs"]]
        kept, more = _outputs(found.document, runs, store, cases)
        problems = (*found.problems, *_plan(found.document, subject, head, store), *more)
    except _UNREADABLE:
        return replace(found, problems=(Problem.FORM,))
    return replace(found, problems=tuple(dict.fromkeys(problems)), kept=kept)


def _inside(document: Document, runs: list[Run], skill: Skill, path: str) -> Iterator[Problem]:
    """What is wrong with evidence by itself."""
    facts = document["metadata"]
    if path != file_of(document):
        yield Problem.PLACE
    if facts["skill_name"] != skill.folder:
        yield Problem.SKILL
    again = {**document, **figures(runs)}
    if judge := document.get("judge"):
        again["judge"] = {**judge, **judged_figures(judge, runs)}
    if document != again or not all(map(follows, runs, document["runs"])):
        yield Problem.FIGURES
    if "attestation" in document:
        named, measured = document["attestation"], {key: document[key] for key in document if key != "attestation"}
        if int(named["run"]) < 1 or named["digest"] != digest_of(measured) or facts["isolation"] == Isolation.NONE:
            yield Problem.ATTESTATION
    tasks, configurations, most = set(facts["evals_run"]), set(facts["configurations"]), facts["runs_per_configuration"]
    slots = {(run.task, run.arm, run.number) for run in runs}
    planned = [slot for slot in slots if slot[0] in tasks and slot[1] in configurations and 1 <= slot[2] <= most]
    if len(planned) < len(runs):
        yield Problem.RUN
    size = len(tasks) * len(configurations) * most
    if len(planned) < size or document["subject"]["cases"].keys() != set(map(str, tasks)):
        yield Problem.MISSING
    if {run.model for run in runs} != {facts["executor_model"]}:
        yield Problem.MODEL
    if len({run.transcript for run in runs}) < len(runs):
        yield Problem.TRANSCRIPT


def _against(
    document: Document, runs: list[Run], subject: Subject, cases: Mapping[int, Case], now: datetime
) -> Iterator[Problem]:
    """What is wrong with evidence about a skill as it is now."""
    dates = [datetime.fromisoformat(run.at) for run in runs]
    last = datetime.fromisoformat(document["metadata"]["timestamp"])
    if max(dates) != last or last > now + _SKEW or min(dates) < last - REUSE:
        yield Problem.DATES
    elif last < now - _AGED:
        yield Problem.OLD
    facts = document["subject"]
    if facts["tree"] != subject.tree:
        yield Problem.TREE
    if facts["requires"] != subject.requires:
        yield Problem.REQUIRED
    if facts["grader"] != GRADER:
        yield Problem.GRADER
    same = _unchanged(document, cases)
    if len(same) < len(facts["cases"]) or any(
        each.decided and each.held_out and each.id not in same for each in cases.values()
    ):
        yield Problem.CASES
    decided = {task: case.decided for task, case in same.items()}
    if any([*run.grades] != decided[run.task] for run in runs if run.task in decided):
        yield Problem.ASSERTIONS


def _unchanged(document: Document, cases: Mapping[int, Case]) -> dict[int, Case]:
    measured = document["subject"]["cases"]
    return {task: case for task, case in cases.items() if measured.get(str(task)) == case.digest}


def _outputs(document: Document, runs: list[Run], store: Store, cases: Mapping[int, Case]) -> tuple[int, list[Problem]]:
    """Compare with what was kept, and grade `cases` again: the number of outputs that are here, and what is wrong."""
    plans = {name for name in store.names() if name.startswith(("plan-", "judge-"))}
    known = {found[0].transcript: found for found in map(read_transcript, store.read(store.names() - plans).values())}
    same = _unchanged(document, cases)
    sandbox = Sandbox(find_isolation() if same else Isolation.NONE)
    problems = []
    ours = [run for run in runs if run.transcript in known]
    for run in ours:
        other, output, attempt = known[run.transcript]
        if other != run or attempt != document["metadata"]["attempt"]:
            problems.append(Problem.TRANSCRIPT)
        if run.task in same and grade(same[run.task], output, sandbox, threading.Event()) != run.grades:
            problems.append(Problem.GRADES)
    return len(ours), problems


def _plan(document: Document, subject: Subject, head: str, store: Store) -> Iterator[Problem]:
    """Compare with the plan that was recorded before the first run, where it is here.

    `head` is the digest of the files that an agent would get now.
    """
    facts, measured = document["metadata"], document["subject"]
    name = plan_file(facts["plan"], facts["attempt"])
    if found := store.read([name]).get(name):
        size = json.loads(found)["size"]
        names = ("harness", "harness_version", "isolation", "seed", "runs_per_configuration")
        same = (measured["tree"], measured["requires"]) == (subject.tree, subject.requires)
        if (
            [facts[name] for name in names] != [size[name] for name in names]
            or measured["cases"] != size["cases"]
            or (same and size["arms"][Arm.HEAD] != head)
        ):
            yield Problem.PLAN
