"""What is kept for learning: of every draft and round, on the remote, without secrets; and `review export`."""

from __future__ import annotations

import json
from typing import Any

import gitbed
from cli.command import fine
from cli.conftest import BRANCH, CREATE
from drafting_model.scripted import Scripted

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
    assert (draft["number"], draft["kind"], draft["by"], draft["skill"]) == (1, "draft", "extractive", CREATE[-1])
    assert draft["neighbours"] == ["python/packaging"] and len(draft["sources"][0]["sha256"]) == 64
    assert draft["files"]["SKILL.md"] == pair.read(BRANCH, FILE) and draft["brief"]["path"] == CREATE[-1]
    assert (ending["kind"], ending["state"], ending["sections"]) == ("ending", "open", [])
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
    said = next(row for verb, row in requests.items() if verb != "describe")
    assert said["text"].startswith("Why? [secret]") and said["reply"] and (said["path"], said["first"]) == (FILE, 1)
    assert [call["step"] for call in rows[1]["calls"]] == ["triage"]


def test_in_parts_it_is_kept_as_well(pulled: gitbed.Bed, tmp_path: Any) -> None:
    """`apply` keeps what it answered."""
    fine(pulled.path, "review", "comment", "1", "/describe How to do it. Use when it is to be done.")
    for words in (("fetch", "1"), ("decide", "1.json")):
        fine(pulled.path, "review", *words, "-o", f"{len(words[1])}.json")

    fine(pulled.path, "review", "apply", "6.json")

    assert [row["kind"] for row in exported(pulled)] == ["draft", "request", "tree", "ending"]


def test_how_it_ended(merged: gitbed.Bed) -> None:
    """A merged one: its verdicts, and what people made of the bot's words, by section."""
    ending = exported(merged)[-1]

    assert ending["state"] == "merged" and [one["verdict"] for one in ending["verdicts"]] == ["approved"]


def test_what_people_changed(pulled: gitbed.Bed) -> None:
    """A person's own commit is told apart from the bot's last one."""
    text = pulled.read(BRANCH, FILE)
    pulled.git("switch", "--quiet", BRANCH)
    pulled.commit("Say it better", {FILE: text.replace("Run the build.", "Run it twice.")})
    pulled.git("push", "--quiet", "origin", BRANCH)

    (section,) = exported(pulled)[-1]["sections"]
    assert section["heading"] == "Build" and "Run the build." in section["ours"] and "Run it twice." in section["now"]


def test_no_train(pulled: gitbed.Bed) -> None:
    """A pull request with that label is left out, and nothing more of it is kept."""
    from skill_fleet.cli.forge import forge_here
    from skill_fleet.fleet.git import Repository

    with Repository(pulled.path) as repo:
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
    assert [call["step"] for call in exported(lone)[0]["calls"]] == ["triage", "edit"]


def test_a_revision(lone: gitbed.Bed, model: Scripted) -> None:
    """The task, the files before and after, and every call; also where there is no remote."""
    fine(lone.path, "revise", "packaging", "Please replace `step by step` with `in one go`.")
    revision = exported(lone)[0]

    assert revision["kind"] == "revision" and "step by step" in revision["task"]
    assert "step by step" in revision["before"]["SKILL.md"] and "in one go" in revision["after"]["SKILL.md"]
    assert [call["step"] for call in revision["calls"]] == ["triage", "edit"]
