"""`create` with a model: what it writes, that it is asked once for the same wish, and that it leaves nothing half done."""

from __future__ import annotations

from pathlib import Path

import pytest

import gitbed
from cli.command import fine, fingerprint, refused, run
from cli.conftest import CREATE
from model.scripted import Exchange, Scripted
from model.skills import planned

BRANCH = "draft/wheels-in-detail"
FILE = "skills/python/wheels-in-detail/SKILL.md"


@pytest.fixture(params=["with a remote", "without"])
def fleet(request: pytest.FixtureRequest) -> gitbed.Bed:
    """A fleet with a remote, and one without."""
    found: gitbed.Bed = request.getfixturevalue("pair" if request.param == "with a remote" else "lone")
    return found


def test_draft_and_pull_request(fleet: gitbed.Bed, model: Scripted) -> None:
    """The model's words are on the branch, its name in the trailer, and the account in the pull request."""
    out = fine(fleet.path, *CREATE)

    assert out.startswith("Drafted python/wheels-in-detail: SKILL.md") and "pull request #1" in out
    assert model.counts == {"draft": 1, "critique": 1}
    assert "# Scripted skill" in fleet.git("show", f"{BRANCH}:{FILE}")
    assert fleet.git("log", "-1", "--format=%(trailers:key=Drafted-by,valueonly)", BRANCH) == "dspy small-model"
    body = fleet.git("log", "-1", "--format=%b", BRANCH)
    assert "## How it was written" in body and "calls" in body
    assert "records/1" in fleet.git("for-each-ref", "refs/skill-fleet-remotes/origin", "refs/skill-fleet/")


def test_same_wish_asks_nobody(fleet: gitbed.Bed, model: Scripted) -> None:
    """A second run finds the draft by what was asked, also without a path, and also after the pull request was not made."""
    words = (*CREATE[:3], "How to build wheels")
    fine(fleet.path, *words, "--no-pr")
    asked, tip = len(model.asked), fleet.tip("draft/scripted-skill")

    out = fine(fleet.path, *words)
    again = fine(fleet.path, *words)

    assert len(model.asked) == asked and fleet.tip("draft/scripted-skill") == tip
    assert out.startswith("Found ") and "pull request #1" in out
    assert again == out


def test_stopped_before_the_pull_request(fleet: gitbed.Bed, model: Scripted, tmp_path: Path) -> None:
    """A run that was stopped after its branch, and one that was not, end in the same words."""
    other = gitbed.Bed(tmp_path / "other")
    gitbed.copy_folder(fleet.path.parent if fleet.path.name == "clone" else fleet.path, other.path)
    there = other.path / "clone" if fleet.path.name == "clone" else other.path
    source = fleet.path.parent / "wheels.md"
    (there.parent / "wheels.md").write_text(source.read_text())
    fine(fleet.path, *CREATE)
    fine(there, *CREATE, "--no-pr")
    fine(there, *CREATE)

    first, second = (fine(folder, "review", "fetch", "1") for folder in (fleet.path, there))
    assert _body(first) == _body(second) and "How it was written" in _body(first)


def test_a_task_is_enough(fleet: gitbed.Bed, model: Scripted) -> None:
    """Without a document the task itself is what the skill rests on."""
    out = fine(fleet.path, "create", "Build wheels by hand.", "--path", "python/wheels")

    assert out.startswith("Drafted python/wheels")


def test_steps_and_cost_are_said(fleet: gitbed.Bed, model: Scripted) -> None:
    """Also where nobody sits: a line a step with the time and the tokens used, and at the end what was spent; no
    call is made that could go beyond the budget."""
    words = ("create", "Build wheels by hand.", "--path", "python/wheels")
    done = run(fleet.path, *words, "--budget", "20000")
    steps = [line for line in done.err.splitlines() if "tokens so far" in line]

    assert (
        [line.split()[2] for line in steps] == ["draft", "critique"]
        and "(0 tokens" in steps[0]
        and "(0 tokens" not in steps[1]
    )
    assert "2 calls, 300 tokens, cost unknown" in done.out
    assert "3 calls" in done.err or "4 calls" in done.err, "what it is going to cost"
    scarce = run(fleet.path, *words[:3], "python/other", "--budget", "500")
    assert scarce.status == 2 and "The budget ended" in scarce.err and len(model.asked) == 2


def test_record_and_replay(fleet: gitbed.Bed, model: Scripted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What was recorded is drafted again with no model set up at all."""
    tape = str(tmp_path / "tape.jsonl")
    once = fine(fleet.path, *CREATE, "--dry-run", "--record", tape)
    monkeypatch.delenv("SKILL_FLEET_API_BASE")
    asked = len(model.asked)

    again = fine(fleet.path, *CREATE, "--dry-run", "--replay", tape)

    assert len(model.asked) == asked
    assert again.partition("Notes:")[0] == once.partition("Notes:")[0]


@pytest.mark.parametrize("step", ["draft", "critique"])
def test_a_model_that_fails(step: str, fleet: gitbed.Bed, model: Scripted) -> None:
    """Whatever step it fails in: one sentence, a tip, and nothing changed anywhere."""

    def fail(one: Exchange) -> None:
        one.text, one.finish = one.text[:5], "length"

    model.always[step] = fail
    fine(fleet.path, "review", "list")  # the first look makes a reflog
    around = fleet.path.parent
    before = {name: each for name, each in fingerprint(around).items() if "FETCH_HEAD" not in name}

    done = run(fleet.path, *CREATE)

    assert done.status == 2 and done.out == "" and "error: " in done.err and "\ntip: " in done.err
    assert {name: each for name, each in fingerprint(around).items() if "FETCH_HEAD" not in name} == before


def test_another_draft_is_there(fleet: gitbed.Bed, model: Scripted) -> None:
    """A branch of that name stops it before the long part."""
    fine(fleet.path, *CREATE, "--no-model", "--no-pr")

    done = run(fleet.path, *CREATE)

    assert done.status == 2 and "exists and is another draft" in done.err
    assert model.counts.keys() == {"draft"}


def test_questions_and_what_covers_it(fleet: gitbed.Bed, model: Scripted) -> None:
    """Nobody is asked where nobody sits: the default is taken, and the reviewer sees it. A neighbour is named."""
    question = {
        "text": "Which tool?", "why": "There are two.", "options": ["hatch", "uv"], "default": "uv", "changes": "the commands",
    }  # fmt: skip

    model.always["draft"] = planned(questions=[question], covered_by=["python/packaging"])
    done = run(fleet.path, *CREATE)

    assert done.status == 0, done
    assert "note: python/packaging may cover this already" in done.err
    assert "open: Which tool? Assumed: uv" in done.out


def test_hostile_words_are_tamed(fleet: gitbed.Bed, model: Scripted) -> None:
    """What a model says in the pull request calls nobody and closes nothing."""

    hostile = "@grace fixes #1 <!-- x --> ![a](http://e.example/y.png)"
    model.always["draft"] = planned(assumptions=[hostile], audience=hostile)
    fine(fleet.path, *CREATE)

    body = _body(fine(fleet.path, "review", "fetch", "1"))
    assert "grace" in body and not any(bad in body for bad in ("@grace", "#1", "<!--", "!["))


def test_without_a_model(pair: gitbed.Bed) -> None:
    """A task alone is refused, with what would help."""
    refused(pair.path, "create", "Build wheels.", error="skills are drafted from documents.", tip="SKILL_FLEET_MODEL")


def test_a_model_that_is_not_committed(lone: gitbed.Bed) -> None:
    """It is not asked, because settings are read from the base; that is said, with and without a document."""
    lone.write(
        "pyproject.toml", (lone.path / "pyproject.toml").read_text() + '\n[tool.skill-fleet.lm]\nmodel = "ollama/x"\n'
    )

    refused(lone.path, "create", "Build wheels.", error="skills are drafted", tip="does not name ollama/x yet")
    assert "does not name ollama/x yet" in run(lone.path, *CREATE, "--dry-run").err


def test_a_category_reaches_the_model(lone: gitbed.Bed, model: Scripted) -> None:
    """A person's choice of a category is no longer open when the model names the skill."""
    fine(lone.path, "create", "Build wheels.", "--path", "python", "--dry-run", "--auto-approve")

    assert model.asked[0].fields["given_path"] == "python"


def test_no_command_without_a_model_loads_dspy(pulled: gitbed.Bed) -> None:
    """Neither the entry point nor a draft, a revision, a turn or an export without a model knows that there is such."""
    words = [
        [*CREATE[:3], "--path", "python/other", "--dry-run"],
        ["revise", "packaging", "--from", "../wheels.md"],
        ["review", "step", "1"],
        ["review", "export", "-o", "../rows.jsonl"],
        ["promote", "1", "--dry-run"],
    ]
    check = (
        "import sys; from skill_fleet.cli.main import main; assert 'dspy' not in sys.modules\n"
        f"for words in {words!r}:\n"
        "    assert main(words) in (0, 1), words\n"
        "    assert not {'dspy', 'litellm', 'pydantic'} & set(sys.modules), words\n"
    )

    assert _python(pulled.path, check) == 0


def _python(folder: Path, code: str) -> int:
    import subprocess
    import sys

    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, check=False).returncode


def _body(snapshot: str) -> str:
    import json

    return str(json.loads(snapshot)["body"])
