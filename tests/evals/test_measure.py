"""A measurement as a whole, with a scripted program as the agent: what it says of planted effects, and what is run."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

import gitbed
from cli.command import PROGRAM, run
from evals import planted
from skill_fleet.agents import find_isolation

COUNTED = "with open(os.environ['COUNT'], 'a') as f: f.write(('head' if there else 'none') + '\\n')"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> gitbed.Bed:
    """A fleet that nobody changes."""
    return planted.make_fleet(tmp_path_factory.mktemp("planted"))


@pytest.fixture
def bed(fleet: gitbed.Bed, tmp_path: Path) -> gitbed.Bed:
    """A copy of it, with the agent beside."""
    gitbed.copy_folder(fleet.path.parent, tmp_path / "copy")
    return gitbed.Bed(tmp_path / "copy/fleet")


@pytest.fixture
def count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a line for each run of an agent that has COUNTED, when it gets COUNT."""
    file = tmp_path / "count"
    file.touch()
    monkeypatch.setenv("COUNT", str(file))
    return file


@pytest.fixture
def small(bed: gitbed.Bed) -> gitbed.Bed:
    """The same with six tasks, for what needs no verdict."""
    bed.write(f"{planted.FOLDER}/evals/evals.json", planted.cases(*(planted.case(number) for number in range(1, 7))))
    return bed


def counted(bed: gitbed.Bed, *words: str, more: tuple[str, ...] = ()) -> int:
    """Measure with an agent that counts its runs, and return how many there were."""
    file = Path(os.environ["COUNT"])
    before = len(file.read_text().split())
    planted.measured(bed, "follow", "--pass-env", "COUNT", *words, more=(COUNTED, *more))
    return len(file.read_text().split()) - before


@pytest.mark.parametrize(
    ("mode", "outcome", "status"),
    [
        ("follow", "helps", 0),
        ("ignore", "no evidence", 0),
        ("misled", "hurts", 1),
        ("blind", "not activated", 0),
    ],
)
def test_a_planted_effect_is_seen(bed: gitbed.Bed, mode: str, outcome: str, status: int) -> None:
    """What the agent does with the skill decides the verdict; cost is compared on its own."""
    done = planted.measured(bed, mode)
    path, data = planted.evidence(bed)

    assert done.status == status, done
    assert data["verdicts"]["effect"]["outcome"] == outcome
    assert path.name == "scripted--scripted-1.json"
    assert ("tokens" in data["costs"] and data["costs"]["tokens"]["p"] <= 0.0125) == (mode != "blind")
    assert [each["status"] for each in planted.verified(bed, "--regrade")] == ["fresh"]


def test_a_sham_tells_a_placebo_from_help(bed: gitbed.Bed) -> None:
    """Only after `helps` is inert text of the same length measured, too."""
    planted.measured(bed, "placebo", "--sham")
    _, data = planted.evidence(bed)
    assert data["verdicts"]["effect"]["outcome"] == "placebo"
    planted.measured(bed, "follow", "--sham", "--fresh")
    _, data = planted.evidence(bed)
    assert data["verdicts"]["effect"]["outcome"] == "helps"
    assert data["metadata"]["configurations"] == ["sham_skill", "with_skill", "without_skill"]
    planted.measured(bed, "ignore", "--sham")
    _, data = planted.evidence(bed)
    assert data["metadata"]["configurations"] == ["with_skill", "without_skill"]


def test_a_change_is_compared_with_its_base(bed: gitbed.Bed) -> None:
    """The skill as it was is an arm of its own; a change that hurts fails."""
    bed.commit("Worse", {f"{planted.FOLDER}/SKILL.md": gitbed.skill("colours", body="Answer as you like.")})
    done = planted.measured(bed, "follow", "--base", "main~1")
    _, data = planted.evidence(bed)

    assert done.status == 1
    assert {name: each["outcome"] for name, each in data["verdicts"].items()} == {
        "effect": "no evidence",
        "change": "hurts",
    }
    assert data["subject"]["base"] != data["subject"]["tree"]


def test_red_says_task_by_task_what_fails(bed: gitbed.Bed) -> None:
    """All tasks are screened, the training ones too, and nothing of it is kept for a verdict."""
    tasks = [planted.case(1), planted.case(2), planted.case(3, split="train", assertions=["It is so", "It is nice"])]
    bed.write(f"{planted.FOLDER}/evals/evals.json", planted.cases(*tasks, {"id": 9, "prompt": "No check."}))
    done = planted.measured(bed, "follow", "--arm", "none", runs=2)

    assert done.status == 0 and done.err == ""
    rows = done.out.splitlines()
    assert [row.split()[:4] for row in rows if row.startswith("  task")] == [
        ["task", "1:", "none", "100%"],
        ["task", "2:", "none", "0%"],
        ["task", "3:", "none", "100%"],
    ]
    assert any("2 of 2" in row and "The answer is BLUE" in row for row in rows)
    assert any("without a check" in row for row in rows)
    assert not (bed.path / planted.FOLDER / "evals/evidence").exists()
    assert not [ref for ref in bed.refs() if "evals" in ref]


def test_screening_never_enters_a_verdict(small: gitbed.Bed, count: Path) -> None:
    """The runs of a screening are made again for a measurement."""
    assert counted(small, "--arm", "none") == 6
    assert counted(small, "--arm", "none") == 0, "but not for the same screening"
    assert counted(small, "--arm", "none", "--task", "2", "--runs", "2") == 1
    assert counted(small) == 12


def test_runs_are_interleaved(small: gitbed.Bed, count: Path) -> None:
    """Each task has its arms together, and neither arm is always first."""
    counted(small, "--jobs", "1")
    order = count.read_text().split()
    pairs = list(zip(order[::2], order[1::2], strict=True))

    assert all(set(pair) == {"none", "head"} for pair in pairs)
    assert len(set(pairs)) == 2


def test_runs_are_used_again_under_the_same_conditions_only(small: gitbed.Bed, count: Path) -> None:
    """Another skill leaves those without a skill; another case, model, version or size, or a wish, leaves none."""
    assert counted(small) == 12
    assert counted(small) == 0
    assert planted.evidence(small)[1]["metadata"]["attempt"] == 1
    assert counted(small, "--harness-version", "2") == 12
    assert counted(small, "--model", "scripted-2") == 12
    (small.path / planted.FOLDER / "evals/evidence/scripted--scripted-2.json").unlink()
    assert counted(small, "--fresh") == 12
    assert planted.evidence(small)[1]["metadata"]["attempt"] == 2
    assert counted(small, "--runs", "2") == 24, "another size is another attempt"
    assert planted.evidence(small)[1]["metadata"]["attempt"] == 3
    small.write(f"{planted.FOLDER}/SKILL.md", gitbed.skill("colours", body="Answer BLUE."))
    assert counted(small) == 6
    small.write(f"{planted.FOLDER}/evals/evals.json", planted.cases(*(planted.case(n, timeout=9) for n in range(1, 7))))
    assert counted(small) == 12


def test_runs_of_another_model_are_made_again(small: gitbed.Bed, count: Path, tmp_path: Path) -> None:
    """When the provider serves another model than yesterday, all runs of the verdict are of the new one."""
    (small.path.parent / "served").write_text("scripted-1")
    served = (
        "r = os.environ['SKILL_FLEET_REPORT']; f = json.load(open(r)); "
        f"f['model'] = open({str(small.path.parent / 'served')!r}).read(); json.dump(f, open(r, 'w'))"
    )
    stop = "sys.exit(75) if len(open(os.environ['COUNT']).read().split())== 8 else 0"
    assert counted(small, "--jobs", "1", more=(served, stop)) == 8
    (small.path.parent / "served").write_text("scripted-9")
    assert counted(small, "--jobs", "1", more=(served, stop)) == 5 + 7
    assert planted.evidence(small)[1]["metadata"]["executor_model"] == "scripted-9"


def test_a_model_that_is_not_available_is_no_failure(small: gitbed.Bed, count: Path) -> None:
    """Status 75 is no run: what is missing is made by the same command later."""
    stop = "sys.exit(75) if len(open(os.environ['COUNT']).read().split()) == 5 else 0"
    done = planted.measured(small, "follow", "--pass-env", "COUNT", "--jobs", "1", more=(COUNTED, stop))

    assert done.status == 2 and "8 of 12 runs are missing" in done.err
    assert not (small.path / planted.FOLDER / "evals/evidence").exists()
    assert counted(small, "--jobs", "1", more=(stop,)) == 8


def test_an_agent_that_does_not_work_is_no_result(small: gitbed.Bed) -> None:
    """A failure without an answer is not graded: nobody takes it for a skill that does not help."""
    done = planted.measured(small, "follow", more=("raise SystemExit('no library')",))

    assert done.status == 2 and "no library" in done.err
    assert not (small.path / planted.FOLDER / "evals/evidence").exists()


@pytest.mark.skipif(find_isolation() != "bubblewrap", reason="bubblewrap does not work here")
def test_a_measurement_in_bubblewrap(small: gitbed.Bed) -> None:
    """The agent has what it needs by --mount, and the evidence says how it was confined."""
    command = shlex.split(planted.agent(small, "follow"))
    command[0] = str(Path(command[0]).resolve())
    mount = ("--mount", sys.base_prefix, "--isolation", "auto", "--command", shlex.join(command))
    done = planted.measured(small, "follow", *mount)

    assert done.status == 0, done
    assert planted.evidence(small)[1]["metadata"]["isolation"] == "bubblewrap"
    assert [each["status"] for each in planted.verified(small, "--regrade")] == ["fresh"]


def test_a_budget_holds(small: gitbed.Bed, count: Path) -> None:
    """No run begins that could go beyond it, and what was run is kept for the next budget."""
    assert counted(small, "--budget", "0.055") == 5
    assert counted(small, "--budget", "0") == 0
    assert counted(small, "--budget", "1") == 7


def test_a_budget_needs_costs(bed: gitbed.Bed) -> None:
    """A harness that reports none cannot hold one."""
    silent = "os.remove(os.environ['SKILL_FLEET_REPORT'])"
    done = planted.measured(bed, "follow", "--budget", "1", more=(silent,))

    assert done.status == 2 and "budget" in done.err


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_blow_loses_a_finished_run(bed: gitbed.Bed, count: Path, blow: signal.Signals) -> None:
    """Ctrl-C, a termination and a kill at any moment: what had ended is kept, and only what is missing is run."""
    words = [
        "eval",
        planted.SKILL,
        "--command",
        planted.agent(bed, "follow", COUNTED),
        "--runs",
        "1",
        "--isolation",
        "none",
    ]
    words += ["--harness", "scripted", "--jobs", "2", "--pass-env", "COUNT"]
    process = subprocess.Popen([*PROGRAM, *words], cwd=bed.path, start_new_session=True, stderr=subprocess.PIPE)
    while len(count.read_text().split()) < 9:
        time.sleep(0.01)
    process.send_signal(blow)
    _, err = process.communicate()
    done = len([*(bed.path / ".git/skill-fleet/evals").rglob("*.json")])

    assert process.returncode == (-9 if blow is signal.SIGKILL else 130), err
    assert 7 <= done < 32
    time.sleep(0.5)  # those that were running when it was killed
    before = len(count.read_text().split())
    assert before - done <= 3
    assert counted(bed) == 32 - done
    assert [each["status"] for each in planted.verified(bed)] == ["fresh"]


def test_what_was_kept_and_is_broken_is_run_again(small: gitbed.Bed, count: Path) -> None:
    """A file of another program, or half a file, is as good as none."""
    assert counted(small, "--arm", "none") == 6
    files = [*(small.path / ".git/skill-fleet/evals").rglob("*.json")]
    for file, text in zip(files, ("", "[]", "{}", '{"run": {}}', file_with_a_date_of_no_time(files[4])), strict=False):
        file.write_text(text)
    assert counted(small, "--arm", "none") == 5


def file_with_a_date_of_no_time(file: Path) -> str:
    """The content of a kept file, with a time that is none."""
    data = json.loads(file.read_text())
    return json.dumps({**data, "run": {**data["run"], "at": "yesterday"}})


def test_a_contaminated_control_is_invalid(bed: gitbed.Bed) -> None:
    """When a run without the skill read it, there is nothing to compare."""
    read = (
        "r = os.environ['SKILL_FLEET_REPORT']; f = json.load(open(r)); "
        "f['skills'] = ['colours']; json.dump(f, open(r, 'w'))"
    )
    planted.measured(bed, "follow", more=(read,))
    assert planted.evidence(bed)[1]["verdicts"]["effect"]["outcome"] == "invalid"


def test_verdicts_use_held_out_tasks(bed: gitbed.Bed) -> None:
    """A task to train with is in no evidence."""
    tasks = [planted.case(number, split="train" if number < 4 else "held-out") for number in range(1, 9)]
    bed.write(f"{planted.FOLDER}/evals/evals.json", planted.cases(*tasks))
    planted.measured(bed, "follow")

    assert planted.evidence(bed)[1]["metadata"]["evals_run"] == [4, 5, 6, 7, 8]


def test_what_a_skill_requires_is_staged(small: gitbed.Bed) -> None:
    """And is a part of what was measured."""
    text = gitbed.skill("colours", body="Answer BLUE.").replace(
        "---\n\n", "metadata:\n  requires: python/packaging\n---\n\n"
    )
    small.write(f"{planted.FOLDER}/SKILL.md", text)
    look = "assert not there or (skill.parent.parent / 'packaging/SKILL.md').exists() and not (skill.parent / 'evals').exists()"
    planted.measured(small, "follow", more=(look,))
    _, data = planted.evidence(small)

    assert all(each["result"]["errors"] == 0 for each in data["runs"])
    assert data["metadata"]["neighbours"] == ["packaging"]
    assert data["subject"]["requires"] == {"python/packaging": small.git("rev-parse", f"HEAD:{gitbed.FIRST_SKILL}")}


def test_reports(bed: gitbed.Bed) -> None:
    """Each form has the verdict or the failures, with hostile text escaped."""
    hostile = [planted.case(1, 0, assertions=["<b>&\x1b[31m | `"]), *(planted.case(number) for number in range(2, 8))]
    bed.write(f"{planted.FOLDER}/evals/evals.json", planted.cases(*hostile))
    texts = {
        form: planted.measured(bed, "follow", "--format", form).out for form in ("text", "json", "markdown", "junit")
    }
    (tests,) = ElementTree.fromstring(texts["junit"].encode())

    assert not any("\x1b" in text for text in texts.values())
    assert json.loads(texts["json"])["skills"][planted.SKILL]["verdicts"]["effect"]["outcome"] in texts["text"]
    assert texts["markdown"].count("\n| ") == 2 + 7
    assert (tests.get("tests"), len(tests)) == ("14", 14)
    failed = {test.get("classname") for test in tests if test.find("failure") is not None}
    assert failed == {"none"}


def test_pool(bed: gitbed.Bed) -> None:
    """One verdict on the tasks of two skills, each of which has too few."""
    body = gitbed.skill("colours", body="Answer BLUE.")
    for name, numbers in (("colours", range(0, 8, 2)), ("packaging", range(8, 16, 2))):
        text = planted.cases(*(planted.case(number + 1, 0) for number in numbers)).replace('"colours"', f'"{name}"')
        bed.write(f"skills/python/{name}/evals/evals.json", text)
        bed.write(f"skills/python/{name}/SKILL.md", body.replace("name: colours", f"name: {name}"))
    done = planted.measured(bed, "follow", "python/packaging", "--pool")

    assert done.out.count("too few tasks") == 2
    assert "All these skills, against none: " in done.out


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("nobody/knows", "--command", "true"), "There is no skill"),
        ((planted.SKILL, "--command", "no-such-program"), "There is no program"),
        ((planted.SKILL, "--command", "true", "--arm", "base"), "--base"),
        ((planted.SKILL, "--command", "true", "--base", "main", "--arm", "head"), "--base"),
        ((planted.SKILL, "--command", "true", "--task", "1"), "held-out"),
        (("python/packaging", "--command", "true"), "no held-out task"),
        (("python/packaging", "--command", "true", "--arm", "none"), "no task"),
    ],
)
def test_refusals(fleet: gitbed.Bed, words: tuple[str, ...], error: str) -> None:
    """Nothing is run and nothing is written."""
    before = gitbed.visible(fleet)
    done = run(fleet.path, "eval", *words)

    assert done.status == 2 and error in done.err, done
    assert gitbed.visible(fleet) == before


def test_the_help_is_found() -> None:
    """Of the group and of each command."""
    for words in (
        ["eval", "--help"],
        ["eval", "run", "--help"],
        ["eval", "new", "--help"],
        ["eval", "verify", "--help"],
    ):
        done = subprocess.run([*PROGRAM, *words], capture_output=True, check=False)
        assert done.returncode == 0 and b"Usage: " in done.stdout
