"""`revise`: documents added without a model, edits of one that code has checked, and nothing half done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import gitbed
from cli.command import fine, fingerprint, refused, run
from cli.terminal import sitting
from model.answers import ANSWERS
from model.scripted import Exchange, Scripted
from model.test_wire import WAYS

BRANCH = "draft/packaging"
FILE = "skills/python/packaging/SKILL.md"
TASK = "Please replace `step by step` with `in one go`."
EDIT = ("revise", "python/packaging", TASK)
ADD = ("revise", "python/packaging", "--from", "../wheels.md")


def says(verdict: str, reply: str = "Because. It is so.") -> Callable[[Exchange], None]:
    """A triage that changes nothing."""

    def misbehave(one: Exchange) -> None:
        found = ANSWERS["triage"](one.fields)
        one.say([{**each, "verdict": verdict, "files": [], "sections": [], "reply": reply} for each in found])

    return misbehave


def test_documents_are_added(pair: gitbed.Bed) -> None:
    """Without a model: two commits, a pull request, the old text to the byte, the version raised; modes stay."""
    (pair.path / FILE).chmod(0o755)
    pair.commit(
        "Say the version",
        {FILE: gitbed.skill("packaging").replace("\n---\n", '\nmetadata:\n  version: "1.0.0"\n---\n', 1)},
    )
    pair.git("push", "--quiet", "origin", "main")
    before = pair.read("main", FILE)

    out = fine(pair.path, *ADD)
    again = fine(pair.path, *ADD)

    assert out.startswith("Revised python/packaging: SKILL.md, references/wheels-in-detail.md, on the branch")
    assert "pull request #1" in out and again.startswith("Found ") and "pull request #1" in again
    after = pair.read(BRANCH, FILE)
    assert pair.git("ls-tree", BRANCH, FILE).startswith("100755")
    assert after.startswith(before.replace("1.0.0", "1.1.0")) and "](references/wheels-in-detail.md) |" in after
    subjects = pair.git("log", "--format=%s|%(trailers:key=Drafted-by,valueonly)", f"main..{BRANCH}").split("\n")
    assert [each for each in subjects if each] == [
        "Revise python/packaging|extractive",
        "Begin the revision of python/packaging|",
    ]
    shown = json.loads(fine(pair.path, "review", "fetch", "1"))
    assert shown["title"] == "Revise python/packaging" and "## What changed" in shown["body"]
    assert fine(pair.path, "review", "step", "1") == "Nothing to do.\n"


def test_a_dry_run_shows_the_difference(lone: gitbed.Bed) -> None:
    """And writes nothing; as JSON it says which files are new."""
    before = fingerprint(lone.path)

    out = fine(lone.path, *ADD, "--dry-run")
    facts = json.loads(fine(lone.path, *ADD, "--dry-run", "--format", "json"))

    assert f"+++ b/{FILE}" in out and "new: skills/python/packaging/references/wheels-in-detail.md" in out
    assert (
        facts["files"] == {"SKILL.md": "changed", "references/wheels-in-detail.md": "new"} and facts["number"] is None
    )
    assert fingerprint(lone.path) == before


def test_refusals(lone: gitbed.Bed) -> None:
    """One sentence and a tip for each, and nothing changed."""
    refused(lone.path, "revise", "python/packaging", error="No change was requested.")
    refused(lone.path, *EDIT, error="Without a model, documents can only be added", tip="--from")
    refused(
        lone.path,
        "revise",
        "python/packagin",
        TASK,
        "--from",
        "../wheels.md",
        error="no skill python/packagin",
        tip="Did you mean python/packaging?",
    )
    fine(lone.path, *ADD)
    refused(
        lone.path,
        *ADD,
        "another task",
        error="draft/packaging exists and is another draft",
        tip="skill-fleet review list",
    )


def test_what_is_no_plain_text_stays(lone: gitbed.Bed) -> None:
    """A SKILL.md that is a link is not followed."""
    (lone.path / FILE).unlink()
    (lone.path / FILE).symlink_to("../../../README.md")
    lone.commit("Link it")
    refused(lone.path, *ADD, error="SKILL.md of python/packaging is not a plain text file")


def test_a_branch_that_is_merged_goes_on(merged: gitbed.Bed) -> None:
    """The draft's branch is still there when the skill is revised: it goes on from the base."""
    more = merged.path.parent / "more.md"
    more.write_text("# Boats\n\nHow to build boats.\n\n## Keel\n\nLay it.\n")
    merged.git("branch", "--force", "main", "origin/main", check=False)

    out = fine(merged.path, "revise", "wheels-in-detail", "--from", str(more))

    assert "on the branch draft/wheels-in-detail" in out and "pull request #2" in out
    assert merged.tip("origin/draft/wheels-in-detail") == merged.tip("draft/wheels-in-detail")
    assert merged.git("merge-base", "--is-ancestor", "origin/main", "draft/wheels-in-detail") == ""


def test_the_smallest_edit(lone: gitbed.Bed, model: Scripted) -> None:
    """A task to a model: the words it concerns change and no others; a second run asks nobody."""
    out = fine(lone.path, *EDIT)
    asked = len(model.asked)
    again = fine(lone.path, *EDIT)

    assert lone.read(BRANCH, FILE) == lone.read("main", FILE).replace("step by step", "in one go")
    assert out.startswith("Revised python/packaging: SKILL.md, on the branch") and again.startswith("Found ")
    assert len(model.asked) == asked == 2
    message = lone.git("log", "-1", "--format=%B", BRANCH)
    assert "Replaced it by" in message and "1 added, 1 removed" in message and "Drafted-by: dspy small-model" in message
    assert lone.git("log", "-1", "--skip=1", "--format=%b", BRANCH).startswith(TASK)
    assert lone.git("for-each-ref", "refs/skill-fleet/records/1")


def test_documents_reach_the_model(lone: gitbed.Bed, model: Scripted) -> None:
    """A document alone is a task; the model sees its lines when it decides and when it edits."""
    model.always["triage"] = lambda one: one.say(
        [{"thread": "T1", "verdict": "change", "files": ["SKILL.md"], "sections": [], "reply": "Done."}]
    )
    model.always["revise"] = lambda one: one.say(
        [{"id": "T1", "file": "SKILL.md", "old": "Do it", "new": "Run the build"}]
    )

    fine(lone.path, *ADD)

    assert lone.read(BRANCH, FILE) == lone.read("main", FILE).replace("Do it", "Run the build")
    assert all("7| Run the build." in one.fields["passages"] for one in model.asked)
    assert "Source: wheels.md" in lone.git("log", "-1", "--format=%B", BRANCH)


@pytest.mark.parametrize(
    ("verdict", "error"), [("answer", "finds nothing to change"), ("decline", "declines"), ("ask", "is not clear")]
)
def test_nothing_comes_of_it(verdict: str, error: str, lone: gitbed.Bed, model: Scripted) -> None:
    """The model's reason is the tip, and nothing is changed."""
    model.always["triage"] = says(verdict)

    refused(lone.path, *EDIT, error=error, tip="Because. It is so.")


def test_a_question_is_left_open(lone: gitbed.Bed, model: Scripted) -> None:
    """With --auto-approve the model is told to choose, and the reviewer sees the question."""
    model.script["triage", 1] = says("ask", "Which step?")

    out = fine(lone.path, *EDIT, "--auto-approve")

    assert "Which step? Assumed: I cannot answer." in out and model.counts["triage"] == 2
    assert "I cannot answer. Take the reading" in model.asked[1].fields["threads"]


def test_a_question_is_put_to_the_person(lone: gitbed.Bed, model: Scripted) -> None:
    """At a terminal: the question, and the answer in the same talk."""
    model.script["triage", 1] = says("ask", "Which step?")

    with sitting(lone.path, *EDIT) as seat:
        seat.sees("Which step?")
        seat.types("The first one", "\r")
        assert seat.leaves() == 0, seat.shown

    assert "Which step? Assumed: The first one" in seat.shown
    assert "| The first one" in model.asked[1].fields["threads"]


def test_record_and_replay(lone: gitbed.Bed, model: Scripted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Both rounds of a question are recorded, and done again with no model at all."""
    tape = str(tmp_path / "tape.jsonl")
    model.script["triage", 1] = says("ask", "Which step?")
    once = fine(lone.path, *EDIT, "--auto-approve", "--dry-run", "--record", tape)
    monkeypatch.delenv("SKILL_FLEET_API_BASE")
    asked = len(model.asked)

    assert fine(lone.path, *EDIT, "--auto-approve", "--dry-run", "--replay", tape) == once
    assert len(model.asked) == asked == 3


def test_a_replay_that_is_recorded_anew(lone: gitbed.Bed, model: Scripted, tmp_path: Path) -> None:
    """With both files, the answers of later rounds count as well: nobody is asked, and the new record is as good."""
    one, other = str(tmp_path / "one"), str(tmp_path / "other")
    model.script["triage", 1] = says("ask", "Which step?")
    once = fine(lone.path, *EDIT, "--auto-approve", "--dry-run", "--record", one)
    asked = len(model.asked)

    assert fine(lone.path, *EDIT, "--auto-approve", "--dry-run", "--replay", one, "--record", other) == once
    assert fine(lone.path, *EDIT, "--auto-approve", "--dry-run", "--replay", other) == once
    assert len(model.asked) == asked == 3
    assert Path(other).read_text() == Path(one).read_text()


def test_scripts_of_a_model(lone: gitbed.Bed, model: Scripted) -> None:
    """A script that a revision changes is committed as a plain file, named in the commit, and the label is set."""
    script = "skills/python/packaging/scripts/build.sh"
    lone.commit("Add a script", {script: "#!/bin/sh\necho no\n"})
    model.always["triage"] = lambda one: one.say(
        [{"thread": "T1", "verdict": "change", "files": ["scripts/build.sh"], "sections": [], "reply": "Done."}]
    )
    model.always["revise"] = lambda one: one.say(
        [{"id": "T1", "file": "scripts/build.sh", "old": "echo no", "new": "echo yes"}]
    )

    fine(lone.path, "revise", "packaging", "Say yes.")

    assert "Model-written-code: scripts/build.sh" in lone.git("log", "-1", "--format=%B", BRANCH)
    assert lone.git("ls-tree", BRANCH, script).startswith("100644 ")
    assert json.loads(fine(lone.path, "review", "fetch", "1"))["labels"] == ["model-written-code"]


def test_an_unsafe_edit_is_not_committed(lone: gitbed.Bed, model: Scripted) -> None:
    """What the safety rules forbid stays out, however the model puts it."""
    key = "ghp_" + "a1B2c3D4e5" * 3 + "a1B2c3"
    model.always["revise"] = lambda one: one.say(
        [{"id": "T1", "file": "SKILL.md", "old": "step by step", "new": f"with {key}"}]
    )

    done = refused(lone.path, *EDIT, error="No edit of python/packaging could be made.")

    assert key not in done.err


@pytest.mark.parametrize("step", ["triage", "revise"])
def test_each_way_to_fail(step: str, lone: gitbed.Bed, model: Scripted) -> None:
    """Whatever the server does: status 2, one sentence, a tip, and nothing changed; then it goes on as if nothing was."""
    lone.commit("Be quick", {"pyproject.toml": "[tool.skill-fleet.lm]\ntimeout = 0.3\nretries = 0\n"})
    fine(lone.path, "review", "list")
    before = fingerprint(lone.path)
    for name, (misbehave, _) in WAYS.items():
        model.always[step] = misbehave
        done = run(lone.path, *EDIT)
        assert (done.status, done.out) == (2, ""), (name, done)
        assert done.err.count("error: ") == done.err.count("\ntip: ") == 1, (name, done)
        assert fingerprint(lone.path) == before, name
    model.always.clear()
    lone.commit("Take time", {"pyproject.toml": "[tool.skill-fleet.lm]\ntimeout = 30\n"})

    assert "pull request #1" in fine(lone.path, *EDIT)


def test_the_budget_holds(lone: gitbed.Bed, model: Scripted) -> None:
    """The call that would be one too many is not made. What it is going to cost is said before."""
    lone.commit("Be thrifty", {"pyproject.toml": "[tool.skill-fleet.lm]\ncalls = 1\n"})

    done = refused(lone.path, *EDIT, error="The budget ended in the step 'revise'")
    assert "A revision takes" in done.err
    scarce = refused(lone.path, *EDIT, "--budget", "900", error="The budget ended in the step 'triage'")
    assert "calls" in scarce.err
    assert sum(model.counts.values()) == 1
    lone.commit("Be less so", {"pyproject.toml": "[tool.skill-fleet.lm]\ncalls = 2\n"})
    model.script["triage", 2] = says("ask", "Which step?")
    refused(lone.path, *EDIT, "--auto-approve", error="The budget ended in the step 'revise'")
    assert sum(model.counts.values()) == 3, "a question does not renew the budget"


def test_a_stopped_run_goes_on(lone: gitbed.Bed, model: Scripted, tmp_path: Path) -> None:
    """What was recorded before the server failed is not asked again."""
    tape = str(tmp_path / "tape")
    model.script["revise", 1] = lambda one: setattr(one, "status", 401)
    assert run(lone.path, *EDIT, "--record", tape).status == 2

    fine(lone.path, *EDIT, "--record", tape, "--replay", tape)

    assert model.counts == {"triage": 1, "revise": 2}
    assert lone.read(BRANCH, FILE) == lone.read("main", FILE).replace("step by step", "in one go")
