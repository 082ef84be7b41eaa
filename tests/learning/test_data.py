"""`learn data`: what reviewers said, of real sessions; and the parts that it is split into."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gitbed
from cli.command import fine, run
from cli.conftest import CREATE, as_person, lone
from cli_model.test_records import in_parts
from learning.knots import says
from model.scripted import Scripted
from skill_fleet.drafting import Document
from skill_fleet.fleet import Fleet, MemoryTree, fleet_at, read_fleet
from skill_fleet.forges import BOT
from skill_fleet.git import Identity, Repository
from skill_fleet.learning import METRICS, Example, data_rows, recorded_examples
from skill_fleet.model import Range, drafted, files_shown, number_sources, shown_files, sources_shown
from skill_fleet.proposals import export_records, forge_here, keep_rows

__all__ = ["as_person", "lone"]

NO_FLEET: Fleet = read_fleet(MemoryTree({}))
Sit = Callable[[gitbed.Identity], None]


def rows_of(bed: gitbed.Bed) -> tuple[list[dict[str, Any]], str]:
    """The rows of `learn data`, and what it says on standard error."""
    done = run(bed.path, "learn", "data")
    assert done.status == 0, done
    return [json.loads(line) for line in done.out.splitlines()], done.err


@pytest.fixture
def reviewed(lone: gitbed.Bed, model: Scripted, tmp_path: Path) -> gitbed.Bed:
    """A draft with a problem that the critic saw, a request that was carried out, and a question, in jobs of their own."""
    key = "ghp_" + "a1B2c3D4e5" * 3 + "a1B2c3"
    model.always["critique"] = says(
        {"rule": "false", "file": "SKILL.md", "quote": "Run the build.", "why": "It is wrong.", "lines": ""}
    )
    fine(lone.path, *CREATE)
    fine(lone.path, "review", "comment", "1", f"/refine Replace `Run the build.` with `Run it twice.` {key}")
    fine(lone.path, "review", "step", "1")
    fine(lone.path, "review", "comment", "1", "/refine Why?")
    in_parts(lone, tmp_path)
    return lone


def merge(bed: gitbed.Bed, as_person: Sit) -> None:
    """Merge it, as another person."""
    as_person(gitbed.Identity("Bo", "bo@example.org"))
    fine(bed.path, "review", "approve", "1")
    fine(bed.path, "promote", "1")


def test_a_merged_session(reviewed: gitbed.Bed, as_person: Sit) -> None:
    """Open, it gives nothing; merged, a row for the draft and one for each thread, and examples with their gold."""
    assert rows_of(reviewed)[0] == []
    merge(reviewed, as_person)
    rows, said = rows_of(reviewed)

    assert [row["kind"] for row in rows] == ["draft", "thread", "thread"]
    assert "a1B2c3D4e5" not in json.dumps(rows)
    assert rows[0]["draft"]["SKILL.md"] and rows[0]["findings"][0]["outcome"] and rows[0]["task"] is not None
    changed, asked = rows[1], rows[2]
    assert "+Run it twice." in changed["edit"] and changed["outcome"] == "done" and "[secret]" in changed["comment"]
    assert asked["edit"] == "" and asked["reply"]
    assert {row["part"] for row in rows} == {"test"} and "missing for test" in said and "triage: 2 examples" in said

    records = export_records(forge_here(Repository(reviewed.path)))[0]
    draft, *examples = recorded_examples(records, fleet_at(Repository(reviewed.path), "main"))
    assert [one.step for one in (draft, *examples)] == ["draft", "triage", "revise", "triage"]
    assert examples[0].gold["verdicts"]["T1"]["verdict"] == "change"
    assert examples[1].gold["before"] != examples[1].gold["after"] and examples[1].skill == CREATE[4]
    assert "Run it twice." in draft.gold["after"]["SKILL.md"] and draft.inputs["may_ask"] == "no"
    first = next(row for row in records if row["kind"] == "draft")["first"]
    assert drafted(CREATE[4], reply_of(draft, records), sources_shown(draft.gold["sources"])) == first
    for one in examples:
        assert one.inputs["files"] and one.step in METRICS


def reply_of(draft: Example, records: list[dict[str, Any]]) -> Any:
    """The reply that was recorded."""
    from skill_fleet.model.prompts import SourcedPlan

    calls = next(row for row in records if row["kind"] == "draft")["calls"]
    plan, files = next(call for call in calls if call["step"] == draft.step)["output"]
    return SourcedPlan(**plan), files


def test_no_train(reviewed: gitbed.Bed, as_person: Sit) -> None:
    """The label keeps a pull request out, and it is named."""
    forge_here(Repository(reviewed.path)).label(1, "no-train")
    merge(reviewed, as_person)
    rows, said = rows_of(reviewed)

    assert rows == [] and "left out: #1" in said


RECORDS: list[dict[str, Any]] = [
    {"number": 1, "kind": "draft", "skill": "a/b", "files": {"SKILL.md": "x"}, "task": "t", "by": BOT.id},
    {"number": 1, "kind": "request", "key": "comment:1", "may_decide": False, "text": "evil", "outcome": "done",
     "reply": "r"},
    {"number": 1, "kind": "request", "key": "comment:2", "may_decide": True, "text": "good", "outcome": "done",
     "reply": "r"},
    {"number": 1, "kind": "round", "calls": [
        {"step": "triage", "refused": "", "inputs": {"threads": ""}, "output": [{"thread": "T1", "verdict": "none"}]}
    ]},
    {"number": 1, "kind": "ending", "state": "merged", "after": "", "files": {}},
]  # fmt: skip


def test_words_of_strangers() -> None:
    """They are in no row, and no round that read them is an example."""
    rows, _ = data_rows(RECORDS)

    assert [row.get("comment") for row in rows] == [None, "good"]
    assert [*recorded_examples(RECORDS, NO_FLEET)] == []


EMPTY = {"files": "", "threads": ""}


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"kind": "ending", "state": "merged"},
        {"kind": "request", "key": "comment:1", "text": ["x"], "outcome": "done", "reply": "", "may_decide": True},
        {"kind": "request", "key": "comment:1", "text": "x", "outcome": "done", "reply": ""},
        *({"kind": "round", "calls": [call]} for call in (
            None, {"step": "triage", "refused": "", "inputs": {}, "output": []},
            {"step": "triage", "refused": "", "inputs": EMPTY, "output": [{"thread": []}]},
            {"step": "revise", "refused": "", "inputs": EMPTY, "output": [{"id": "T1"}]},
            {"step": "revise", "refused": "", "inputs": {"files": {}}, "output": []},
        )),
    ],
)  # fmt: skip
def test_records_that_others_wrote(row: Any, lone: gitbed.Bed) -> None:
    """Whoever may push may write records: what is not of our form is left out, and that is said; others are read."""
    repo = Repository(lone.path)
    for number, each in ((1, row), (2, RECORDS[2])):
        keep_rows(repo, number, [each], Identity("Mallory", "m@example.org"))
    forge = forge_here(repo)
    rows, left_out = export_records(forge)

    assert [one["number"] for one in rows] == [2] and left_out == []
    assert any("record 1 is left out" in note for note in forge.notes)


def test_who_came_back_was_not_content() -> None:
    """A verdict after which the person said more in the thread is no example."""
    thread = "Thread T1 at SKILL.md, lines 1-1:\n  ada said:\n    | Shorter."
    later = f"{thread}\n  bot said:\n    | No.\n  ada said:\n    | Do it."
    verdicts = [{"thread": "T1", "verdict": "decline", "files": []}]
    rounds = [
        {"number": 1, "kind": "round", "calls": [
            {"step": "triage", "refused": "", "inputs": {"threads": text}, "output": verdicts}
        ]}
        for text in (thread, later)
    ]  # fmt: skip
    examples = [*recorded_examples([RECORDS[0], *rounds, RECORDS[-1]], NO_FLEET)]

    assert [one.key for one in examples] == ["1/1"]


def test_files_as_they_were_shown() -> None:
    """A round that a job of its own wrote keeps no more than its calls: the files are read from the question."""
    files = {"SKILL.md": "a\n\n=== FILE x\n 12| b\n", "references/x.md": "c\n"}

    assert files_shown(shown_files(files)) == files


def test_sources_as_they_were_shown() -> None:
    """Those of a draft are read from its question, with gaps."""
    sources = number_sources(
        [Document("a.md", "# A\n\nS9 = x\n\nend\n"), Document("empty.md", ""), Document("b.md", "c\n")]
    )
    text = sources.text()

    assert sources_shown(text).text() == text
    part = sources.only([Range(1, 3, 3), Range(3, 1, 1)]).text()
    assert sources_shown(part).text() == part and sources_shown(part).all[0].lines == ("", "", "S9 = x")
    assert sources_shown("S999999999 = x\n1| y\nS1 = y\n999999999| z").text() == ""


def test_it_is_a_file(lone: gitbed.Bed, tmp_path: Path) -> None:
    """Without records it is empty, and what is missing is said."""
    fine(lone.path, "learn", "data", "-o", str(tmp_path / "rows"))

    assert (tmp_path / "rows").read_text() == ""
