"""What is kept for learning: of every draft and round, on the remote, without secrets; and `review export`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import gitbed
from cli.command import fine
from cli.conftest import BRANCH, CREATE
from model.scripted import Scripted

FILE = "skills/python/wheels-in-detail/SKILL.md"
RECORDS = "refs/skill-fleet/records/"


def exported(bed: gitbed.Bed) -> list[dict[str, Any]]:
    """The rows of `review export`."""
    return [json.loads(line) for line in fine(bed.path, "review", "export").splitlines()]


def test_from_day_one(pair: gitbed.Bed) -> None:
    """A draft without a model is kept too, on the remote: its task, hashes, brief and files."""
    fine(pair.path, *CREATE)
    draft, ending = exported(pair)

    assert pair.git("ls-remote", "origin", f"{RECORDS}*").endswith(f"{RECORDS}1")
    assert (draft["number"], draft["kind"], draft["by"], draft["skill"]) == (1, "draft", "extractive", CREATE[4])
    assert draft["neighbours"] == ["python/packaging"] and len(draft["sources"][0]["sha256"]) == 64
    assert draft["files"]["SKILL.md"] == pair.read(BRANCH, FILE) and draft["brief"]["path"] == CREATE[4]
    assert (ending["kind"], ending["state"], ending["after"]) == ("ending", "open", "")
    fine(pair.path, *CREATE)
    assert len(exported(pair)) == 2


def test_a_round_with_and_without_a_model(pulled: gitbed.Bed, model: Scripted) -> None:
    """Each request as it was read, what was answered, and the change; of a model's round all that was said."""
    key = "ghp_" + "a1B2c3D4e5" * 3 + "a1B2c3"
    fine(pulled.path, "review", "comment", "1", "/describe How to do it. Use when it is to be done.")
    fine(pulled.path, "review", "comment", "1", "--path", "SKILL.md", "--line", "1", f"Why? {key}")

    fine(pulled.path, "review", "step", "1")
    first = pulled.git("ls-remote", "origin", f"{RECORDS}1")
    fine(pulled.path, "review", "step", "1")
    rows = exported(pulled)

    assert pulled.git("ls-remote", "origin", f"{RECORDS}1") == first, "nothing new, so nothing is written"
    kinds = [row["kind"] for row in rows]
    assert kinds == ["draft", "round", "request", "request", "tree", "ending"] and key not in json.dumps(rows)
    requests = {row["key"].partition(":")[0]: row for row in rows if row["kind"] == "request"}
    assert "+description:" in requests["describe"]["diff"] and requests["describe"]["outcome"] == "done"
    said = next(row for command, row in requests.items() if command != "describe")
    assert said["text"].startswith("Why? [secret]") and said["reply"] and (said["path"], said["first"]) == (FILE, 1)
    assert [call["step"] for call in rows[1]["calls"]] == ["triage"]


def test_in_parts_it_is_kept_as_well(pulled: gitbed.Bed, tmp_path: Any) -> None:
    """`apply` keeps what it answered."""
    fine(pulled.path, "review", "comment", "1", "/describe How to do it. Use when it is to be done.")
    for words in (("fetch", "1"), ("decide", "1.json")):
        fine(pulled.path, "review", *words, "-o", f"{len(words[1])}.json")

    fine(pulled.path, "review", "apply", "6.json")

    assert [row["kind"] for row in exported(pulled)] == ["draft", "request", "tree", "ending"]


def in_parts(bed: gitbed.Bed, folder: Path) -> dict[str, Any]:
    """The bot's turn as the workflow takes it, `write` with neither a repository nor a token; what `write` wrote."""
    snapshot, plan, words = (str(folder / name) for name in ("s.json", "p.json", "w.json"))
    fine(bed.path, "review", "fetch", "1", "-o", snapshot)
    fine(folder, "review", "decide", snapshot, "-o", plan)
    fine(folder, "review", "write", plan, "--snapshot", snapshot, "-o", words)
    fine(bed.path, "review", "apply", plan, "--words", words)
    written: dict[str, Any] = json.loads(Path(words).read_text())
    return written


def test_in_parts_the_raw_calls_are_kept_as_well(
    pulled: gitbed.Bed, model: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They go with the words, without secrets, and are kept under the pull request of the plan; as in one process."""
    key = "ghp_" + "a1B2c3D4e5" * 3 + "a1B2c3"
    monkeypatch.setenv("SKILL_FLEET_MODEL_KEY", "Correct-Horse-7-Battery")
    said = f"Why? {key} Correct-Horse-7-Battery"
    fine(pulled.path, "review", "comment", "1", "--path", "SKILL.md", "--line", "1", said)
    written = in_parts(pulled, tmp_path)
    rows = exported(pulled)

    assert [row["kind"] for row in rows] == ["draft", "round", "request", "tree", "ending"]
    (call,) = rows[1]["calls"]
    assert call == written["calls"][0] and (call["step"], call["finish"]) == ("triage", "stop")
    assert "Why? [secret] [secret]" in call["inputs"]["threads"] and call["output"][0]["verdict"] == "answer"
    assert call["reply"].startswith("[[ ## verdicts ## ]]") and call["model"] == "small-model" and call["program"]
    assert (rows[1]["by"], rows[1]["number"]) == ("dspy small-model", 1)
    assert rows[1]["head"] == pulled.tip(BRANCH)
    text = json.dumps([written, rows])
    assert key not in text and "Battery" not in text


def test_in_parts_the_document_is_there_too(lone: gitbed.Bed, model: Scripted, tmp_path: Path) -> None:
    """A job without a repository is shown the passages that the skill was made from: they come with the snapshot."""
    fine(lone.path, *CREATE)
    fine(lone.path, "review", "comment", "1", "/refine Why?")
    in_parts(lone, tmp_path)

    assert model.asked[-1].step == "triage" and model.asked[-1].fields["passages"].startswith("S1 = ")


def test_in_parts_with_no_train(pulled: gitbed.Bed, model: Scripted, tmp_path: Path) -> None:
    """No call leaves the job that has the model, not even as far as the next one."""
    from skill_fleet.git import Repository
    from skill_fleet.proposals import forge_here

    repo = Repository(pulled.path)
    forge_here(repo).label(1, "no-train")
    fine(pulled.path, "review", "comment", "1", "/refine Why?")

    assert in_parts(pulled, tmp_path)["calls"] == [] and model.counts == {"triage": 1}
    assert exported(pulled) == []


def test_how_it_ended(merged: gitbed.Bed) -> None:
    """A merged one: its verdicts, and what people made of the bot's words."""
    ending = exported(merged)[-1]

    assert ending["state"] == "merged" and [one["verdict"] for one in ending["verdicts"]] == ["approved"]


def test_what_people_changed(pulled: gitbed.Bed) -> None:
    """A person's own commit is told apart from the bot's last one."""
    text = pulled.read(BRANCH, FILE)
    pulled.git("switch", "--quiet", BRANCH)
    pulled.commit("Say it better", {FILE: text.replace("Run the build.", "Run it twice.")})
    pulled.git("push", "--quiet", "origin", BRANCH)

    rows = exported(pulled)[-1]["after"].split("\n")
    assert any(row[:1] == "-" and "Run the build." in row for row in rows)
    assert any(row[:1] == "+" and "Run it twice." in row for row in rows)


def test_no_train(pulled: gitbed.Bed) -> None:
    """A pull request with that label is left out, and nothing more of it is kept."""
    from skill_fleet.git import Repository
    from skill_fleet.proposals import forge_here

    repo = Repository(pulled.path)
    forge_here(repo).label(1, "no-train")
    before = pulled.git("ls-remote", "origin", f"{RECORDS}*")
    fine(pulled.path, "review", "comment", "1", "/help")
    fine(pulled.path, "review", "step", "1")

    assert exported(pulled) == [] and pulled.git("ls-remote", "origin", f"{RECORDS}*") == before


def test_a_stop_before_the_pull_request(lone: gitbed.Bed, model: Scripted) -> None:
    """What the first run knew of the model's words is kept by the second, which opens the pull request."""
    words = ("revise", "packaging", "Please replace `step by step` with `in one go`.")
    fine(lone.path, *words, "--no-pr")
    waiting = lone.git("for-each-ref", "refs/skill-fleet/records-waiting/")
    fine(lone.path, *words)

    assert waiting and not lone.git("for-each-ref", "refs/skill-fleet/records-waiting/")
    assert [call["step"] for call in exported(lone)[0]["calls"]] == ["triage", "revise"]


def test_a_revision(lone: gitbed.Bed, model: Scripted) -> None:
    """The task, the files before and after, and every call; also where there is no remote."""
    fine(lone.path, "revise", "packaging", "Please replace `step by step` with `in one go`.")
    revision = exported(lone)[0]

    assert revision["kind"] == "revision" and "step by step" in revision["task"]
    assert "step by step" in revision["before"]["SKILL.md"] and "in one go" in revision["after"]["SKILL.md"]
    assert [call["step"] for call in revision["calls"]] == ["triage", "revise"]
