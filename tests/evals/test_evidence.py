"""Evidence: what it holds, when it is stale, and which forgeries of it are found by whom."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import gitbed
from cli.command import run
from evals import planted
from skill_fleet.evals import Status, Store, verify_skills
from skill_fleet.evals.evidence import figures
from skill_fleet.evals.runs import run_of
from skill_fleet.fleet import fleet_at, load_schema, violations
from skill_fleet.site import Advice, count

Document = dict[str, Any]
TASKS = 8


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> gitbed.Bed:
    """A fleet with evidence, committed, and with what was kept."""
    bed = planted.make_fleet(
        tmp_path_factory.mktemp("measured"),
        0,
        **{
            f"{planted.FOLDER}/evals/files/note.txt": "a fixture",
            f"{planted.FOLDER}/evals/evals.json": planted.cases(
                planted.case(1, 0, files=["evals/files/note.txt"]), *(planted.case(n, 0) for n in range(2, TASKS + 1))
            ),
            f"{planted.FOLDER}/SKILL.md": gitbed.skill("colours", body="Answer BLUE.").replace(
                "---\n\n", "metadata:\n  requires: python/packaging\n---\n\n", 1
            ),
        },
    )
    done = planted.measured(bed, "follow", runs=2)
    assert done.status == 0, done
    bed.commit("Measure it")
    return bed


@pytest.fixture
def bed(measured: gitbed.Bed, tmp_path: Path) -> gitbed.Bed:
    """A copy of it."""
    return measured.copy(tmp_path / "fleet")


def forge(bed: gitbed.Bed, change: Callable[[Document], None], *, consistent: bool = False) -> Document:
    """Change the evidence; when consistent, with all that follows from the runs."""
    path, data = planted.evidence(bed)
    change(data)
    if consistent:
        runs = [run_of(each) for each in data["runs"]]
        data = {**data, "runs": [each.as_json() for each in runs], **figures(runs)}
    path.write_text(json.dumps(data))
    return data


def status(bed: gitbed.Bed, *words: str) -> str:
    """What `eval verify` says of the only evidence."""
    (found,) = planted.verified(bed, *words)
    assert found["source"] == "self-reported"
    return str(found["status"])


def test_evidence_has_its_form(measured: gitbed.Bed) -> None:
    """That of the schema, and the names that viewers of a benchmark.json need."""
    _, data = planted.evidence(measured)
    first = data["runs"][0]

    assert not list(violations("evidence", data))
    assert {"with_skill", "without_skill", "delta"} == data["run_summary"].keys()
    assert {"mean", "stddev", "min", "max"} == data["run_summary"]["with_skill"]["pass_rate"].keys()
    assert data["run_summary"]["delta"]["pass_rate"] == "+1.00"
    assert {"eval_id", "configuration", "run_number", "result", "expectations"} <= first.keys()
    assert {"text", "passed", "evidence"} == first["expectations"][0].keys()
    assert data["metadata"]["isolation"] == "none"


def test_the_subject_is_gits_tree_without_evals(measured: gitbed.Bed) -> None:
    """The id is the one that Git gives to the same files."""
    bed, (_, data) = measured, planted.evidence(measured)
    without = [row for row in bed.git("ls-tree", f"HEAD:{planted.FOLDER}").split("\n") if not row.endswith("evals")]
    tree = bed.git("mktree", stdin="".join(f"{row}\n" for row in without).encode())

    assert data["subject"]["tree"] == tree
    assert data["subject"]["requires"] == {"python/packaging": bed.git("rev-parse", f"HEAD:{gitbed.FIRST_SKILL}")}


def test_a_repository_with_sha256(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids of trees are those of the repository."""
    monkeypatch.setenv("GIT_DEFAULT_HASH", "sha256")
    bed = planted.make_fleet(tmp_path, 2)
    planted.measured(bed, "follow")

    assert len(planted.evidence(bed)[1]["subject"]["tree"]) == 64
    assert status(bed, "--regrade") == "fresh"
    bed.commit("Measure it")
    assert status(bed, "--ref", "HEAD") == "fresh"


def test_outputs_are_kept_in_git(measured: gitbed.Bed) -> None:
    """All of them, and the plan that was committed before the first; nothing waits beside."""
    refs = [name for name in measured.refs() if name.startswith("refs/skill-fleet/evals/")]
    names = measured.git("ls-tree", "--name-only", refs[0]).split("\n")
    first = measured.git("rev-list", "--max-parents=0", refs[0])

    assert len(refs) == 1 and len(names) == TASKS * 2 * 2 + 1
    assert measured.git("ls-tree", "--name-only", first).startswith("plan-")
    assert not [*(measured.path / ".git/skill-fleet").rglob("*.json")]
    assert [(each["status"], each["kept"], each["runs"]) for each in planted.verified(measured)] == [("fresh", 32, 32)]


def test_evidence_is_the_same_in_a_commit_and_in_a_clone(bed: gitbed.Bed, tmp_path: Path) -> None:
    """Freshness needs neither the work tree nor what was kept."""
    bed.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare"))
    (found,) = planted.verified(gitbed.Bed(tmp_path / "bare"), "--ref", "main")

    assert (found["status"], found["kept"]) == ("fresh", 0)
    assert status(bed, "--ref", "HEAD") == "fresh"


MOVED: dict[str, tuple[str, Callable[[str], str]]] = {
    "the skill": (f"{planted.FOLDER}/SKILL.md", lambda text: f"{text}More.\n"),
    "a skill that it requires": (f"{gitbed.FIRST_SKILL}/SKILL.md", lambda text: f"{text}More.\n"),
    "a case": (f"{planted.FOLDER}/evals/evals.json", lambda text: text.replace("Task 3", "Problem 3")),
    "a new case": (
        f"{planted.FOLDER}/evals/evals.json",
        lambda text: planted.cases(*json.loads(text)["evals"], planted.case(99)),
    ),
    "a fixture": (f"{planted.FOLDER}/evals/files/note.txt", lambda text: "another"),
    "no cases": (f"{planted.FOLDER}/evals/evals.json", lambda text: "{"),
}


@pytest.mark.parametrize("what", MOVED)
def test_a_change_makes_evidence_stale(bed: gitbed.Bed, what: str) -> None:
    """Of the skill, of one that it requires, of a case or a fixture; in the work tree and once committed. It is a hint."""
    path, change = MOVED[what]
    bed.write(path, change((bed.path / path).read_text()))
    assert status(bed) == "stale"
    bed.commit("Change it")
    assert status(bed, "--ref", "HEAD") == "stale"
    assert run(bed.path, "eval", "verify").status == 0


def test_stats_recommend_to_measure_again(bed: gitbed.Bed) -> None:
    """As soon as the evidence is stale, and not before."""

    def advised() -> bool:
        found = count(bed.repo, fleet_at(bed.repo, bed.tip()), bed.tip(), datetime.now(UTC))
        return any(each.advice is Advice.MEASURE for each in found.recommendations)

    before = advised()
    bed.commit("Change it", {f"{planted.FOLDER}/more.md": "More.\n"})
    assert (before, advised()) == (False, True)


def test_other_files_do_not(bed: gitbed.Bed) -> None:
    """Triggers, other skills and the evidence itself are not what was measured."""
    bed.commit("Other", {f"{planted.FOLDER}/evals/triggers.json": "[]", "skills/web/x/SKILL.md": gitbed.skill("x")})
    assert status(bed, "--regrade") == "fresh"


def test_evidence_ages(bed: gitbed.Bed) -> None:
    """After 90 days it is aged, never stale; evidence from the future is none."""
    ours = fleet_at(bed.repo, None)
    skill = ours.by_id[planted.SKILL]
    now = datetime.now(UTC)
    found = {days: next(verify_skills(ours, [skill], now + timedelta(days=days))).status for days in (89, 91, -2)}

    assert found == {89: Status.FRESH, 91: Status.AGED, -2: Status.FORGED}


def _runs(data: Document, task: int, configuration: str = "without_skill") -> list[Document]:
    return [each for each in data["runs"] if (each["eval_id"], each["configuration"]) == (task, configuration)]


def _set(*path: str, value: Any) -> Callable[[Document], None]:
    def change(data: Document) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


def _in_every_run(change: Callable[[Document], None]) -> Callable[[Document], None]:
    return lambda data: [change(each) for each in data["runs"]] and None


def _copied_run(data: Document) -> None:
    bad, good = _runs(data, 2)[0], _runs(data, 2, "with_skill")[0]
    bad.update(result=good["result"], expectations=good["expectations"], transcript=good["transcript"])


def _without_task(data: Document) -> None:
    data["metadata"]["evals_run"].remove(3)
    del data["subject"]["cases"]["3"]
    data["runs"] = [each for each in data["runs"] if each["eval_id"] != 3]


def _extra_run(data: Document) -> None:
    data["runs"].append({**copy.deepcopy(data["runs"][0]), "run_number": 3, "transcript": "0" * 64})


# What is forged, how, and whether the figures are made to follow. Each is found by the file alone.
PLAIN: dict[str, tuple[Callable[[Document], None], bool]] = {
    "the outcome": (_set("verdicts", "effect", "outcome", value="no evidence"), False),
    "the lift": (_set("verdicts", "effect", "lift", value=0.5), False),
    "a mean": (_set("run_summary", "without_skill", "pass_rate", "mean", value=0.1), False),
    "a cost": (_set("costs", "tokens", "ratio", value=1.0), False),
    "a grade": (lambda data: _runs(data, 1)[0]["expectations"][0].update(passed=True), False),
    "a pass rate": (lambda data: _runs(data, 1)[0]["result"].update(pass_rate=0.9), False),
    "a run is missing": (lambda data: data["runs"].pop(), True),
    "a run is listed twice": (lambda data: data["runs"].append(data["runs"][0]), True),
    "a run that was not planned": (_extra_run, True),
    "the output of a good run for a bad one": (_copied_run, True),
    "more runs planned than made": (_set("metadata", "runs_per_configuration", value=3), False),
    "an assertion under another name": (
        lambda data: (
            [one.update(text="It is nice") for each in _runs(data, 1) for one in each["expectations"]] and None
        ),
        True,
    ),
    "another model in a run": (lambda data: data["runs"][0].update(model="scripted-2"), True),
    "another model": (_set("metadata", "executor_model", value="scripted-2"), False),
    "another harness": (_set("metadata", "harness", value="claude"), False),
    "another skill": (_set("metadata", "skill_name", value="packaging"), False),
    "a date": (_set("metadata", "timestamp", value="2999-01-01T00:00:00+00:00"), False),
    "a claim of its own": (lambda data: data.update(attested=True), False),
    "no form": (lambda data: data.pop("subject"), False),
    "a type": (_set("metadata", "evals_run", value=7), False),
}
# Consistent, so that the file alone does not tell; each is found where the outputs or the plan are.
CONSISTENT: dict[str, Callable[[Document], None]] = {
    "grades": lambda data: (
        [one.update(passed=False) for each in _runs(data, 1, "with_skill") for one in each["expectations"]] and None
    ),
    "tokens": _in_every_run(lambda each: each["result"].update(tokens=1)),
    "who read it": _in_every_run(lambda each: each.update(activated=None)),
    "how often it was tried": _set("metadata", "attempt", value=2),
    "isolation": _set("metadata", "isolation", value="bubblewrap"),
    "the version of the harness": _set("metadata", "harness_version", value="9"),
    "when each was run": _in_every_run(
        lambda each: each.update(at=each["at"].replace("2026", "2026"), activated=False)
    ),
}


@pytest.mark.parametrize("what", PLAIN)
def test_a_forgery_is_found_by_the_file_alone(bed: gitbed.Bed, what: str) -> None:
    """Nobody needs the outputs for these: `validate` fails."""
    change, consistent = PLAIN[what]
    forge(bed, change, consistent=consistent)
    for ref in bed.refs():
        if "evals" in ref:
            bed.git("update-ref", "-d", ref)
    found = json.loads(run(bed.path, "validate", "--format", "json").out)["findings"]
    errors = [each for each in found if each["rule"] == "evals/evidence" and each["severity"] == "error"]

    assert status(bed) in ("forged", "incomplete")
    assert run(bed.path, "eval", "verify").status == 1
    assert [each["path"] for each in errors] == [f"{planted.FOLDER}/evals/evidence/scripted--scripted-1.json"]


@pytest.mark.parametrize("what", CONSISTENT)
def test_a_consistent_forgery_is_found_by_what_was_kept(bed: gitbed.Bed, what: str) -> None:
    """By the outputs and the plan; without them it is what all evidence is: self-reported, with no outputs here."""
    forge(bed, CONSISTENT[what], consistent=True)
    assert status(bed) == "forged"
    for ref in bed.refs():
        if "evals" in ref:
            bed.git("update-ref", "-d", ref)
    (found,) = planted.verified(bed)
    assert (found["status"], found["source"], found["kept"]) == ("fresh", "self-reported", 0)


def test_a_task_left_out_is_found(bed: gitbed.Bed) -> None:
    """By its case, which was not measured; and by the plan."""
    forge(bed, _without_task, consistent=True)
    assert status(bed) == "forged"


def test_a_new_stamp_on_old_runs_is_found(bed: gitbed.Bed) -> None:
    """Evidence that is said to be about a changed skill, or changed cases, contradicts the plan."""
    for path, key in ((f"{planted.FOLDER}/SKILL.md", "tree"), (f"{planted.FOLDER}/evals/files/note.txt", "cases")):
        text = (bed.path / path).read_text()
        bed.write(path, f"{text}More.")
        ours = fleet_at(bed.repo, None)
        from skill_fleet.evals import read_cases, subject_of

        skill = ours.by_id[planted.SKILL]
        now = {"tree": subject_of(ours, skill).tree, "cases": {str(case.id): case.digest for case in read_cases(skill)}}
        before = planted.evidence(bed)[0].read_text()
        forge(bed, _set("subject", key, value=now[key]))
        assert status(bed) == "forged"
        planted.evidence(bed)[0].write_text(before)
        bed.write(path, text)
    assert status(bed) == "fresh"


def test_grades_are_repeated_on_the_kept_outputs(bed: gitbed.Bed) -> None:
    """A forgery of the grades in what was kept, too, is found by the checks alone."""
    store = Store(bed.repo, planted.SKILL)
    _, data = planted.evidence(bed)
    from hashlib import sha256

    for name, content in store.read(store.names()).items():
        kept = json.loads(content)
        if kept.get("run", {}).get("configuration") == "without_skill" and kept["run"]["eval_id"] == 2:
            kept["run"]["expectations"][0]["passed"] = True
            kept["run"] = run_of(kept["run"]).as_json()
            new = json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()
            store.keep(name, new)
            for each in data["runs"]:
                if each["transcript"] == sha256(content).hexdigest():
                    each.update(expectations=kept["run"]["expectations"], transcript=sha256(new).hexdigest())
    forge(bed, lambda document: document.update(data), consistent=True)

    assert status(bed) == "fresh"
    assert status(bed, "--regrade") == "forged"


@pytest.mark.parametrize(
    "content", ["", "[]", "{", "[" * 100_000, '{"runs": [{}]}', "null", '{"metadata": {}, "runs": []}']
)
def test_any_file_can_be_verified(bed: gitbed.Bed, content: str) -> None:
    """What is no evidence is forged, and never a bug."""
    planted.evidence(bed)[0].write_text(content)
    assert status(bed) == "forged"
    assert run(bed.path, "validate").status == 1


def test_the_gate_looks_at_skills_that_change(bed: gitbed.Bed) -> None:
    """Against a base only what changes is verified; stale evidence is a hint, and maintainers can switch it off."""

    def found(*words: str) -> list[str]:
        listed = json.loads(run(bed.path, "validate", "--format", "json", *words).out)["findings"]
        return [each["severity"] for each in listed if each["rule"] == "evals/evidence"]

    bed.git("branch", "start")
    bed.commit("Other", {"skills/web/x/SKILL.md": gitbed.skill("x")})
    forge(bed, PLAIN["the lift"][0])
    bed.commit("Forge it")
    assert found("--base", "start") == ["error"]
    bed.git("branch", "--force", "start")
    bed.commit("Another", {"skills/web/y/SKILL.md": gitbed.skill("y")})
    assert found("--base", "start") == [] and found() == ["error"]
    bed.git("checkout", "--quiet", "HEAD~2", "--", planted.FOLDER)
    bed.commit("Change the skill", {f"{planted.FOLDER}/SKILL.md": gitbed.skill("colours", body="Answer RED.")})
    assert found("--base", "start") == ["hint"]
    bed.commit("Ignore", {"pyproject.toml": '[tool.skill-fleet]\nignore = ["evals"]\n'})
    assert found() == []


def test_the_schema_is_one() -> None:
    """And it describes what it names."""
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(load_schema("evidence"))
