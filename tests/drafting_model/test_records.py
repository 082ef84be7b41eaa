"""What learning will need: whole, without secrets, and safe in Git."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import gitbed
from drafting_model.scripted import Scripted
from drafting_model.skills import SKILL, document, drafter, revised, thread
from skill_fleet.drafting.model.learning import MergeRecord, as_row
from skill_fleet.drafting.model.records import PREFIX, export_records, keep_record
from skill_fleet.drafting.model.settings import ModelSettings
from skill_fleet.fleet.git import Identity, Repository

BOT = Identity("skill-fleet", "skill-fleet@bot.invalid")


def test_a_draft_and_its_rounds(bed: gitbed.Bed, settings: ModelSettings, server: Scripted) -> None:
    """Everything that was asked and answered, by pull request, as lines of JSON."""
    one = drafter(settings)
    draft = one.draft(one.understand("Explain knots.", (document(),)).brief, (document(),))
    done = revised(settings, thread(1, "Please replace `with care` with `slowly`."))
    with Repository(bed.path) as repo:
        assert one.record
        keep_record(repo, 7, as_row(one.record), BOT)
        keep_record(repo, 7, as_row(done.record), BOT)
        again = keep_record(repo, 7, as_row(done.record), BOT)
        rows = [json.loads(line) for line in export_records(repo)]
        tip = repo.refs(PREFIX)[f"{PREFIX}7"]

    assert [(row["number"], row["kind"]) for row in rows] == [(7, "draft"), (7, "round")] and tip == again
    first, second = rows
    assert first["files"] == draft.files and len(first["calls"]) == 10 and first["calls"][0]["step"] == "understand"
    assert (
        first["calls"][0]["inputs"]["sources"].startswith("S0 = ")
        and first["calls"][1]["output"]["title"] == "Scripted skill"
    )
    assert len(first["sources"][0]["sha256"]) == 64 and first["plan"]["files"][0]["path"] == "SKILL.md"
    assert second["handled"][0]["outcome"] == "changed" and second["before"] == SKILL and second["after"] == done.files


def test_secrets_are_taken_out(settings: ModelSettings) -> None:
    """What looks like a key is not kept, wherever it stood."""
    key = "ghp_" + "a1B2" * 9
    done = revised(settings, thread(1, f"Use {key} and https://me:word@host/x and AKIAABCDEFGHIJKLMNOP."))
    text = json.dumps(as_row(done.record))

    assert key not in text and "me:word" not in text and "AKIAABCDEFGHIJKLMNOP" not in text and "[secret]" in text


def test_many_writers(bed: gitbed.Bed) -> None:
    """Each row is kept, whoever wins."""

    def write(number: int) -> None:
        with Repository(bed.path) as repo:
            keep_record(repo, 1, {"kind": "round", "n": number}, BOT)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    with Repository(bed.path) as repo:
        found = sorted(json.loads(line)["n"] for line in export_records(repo))

    assert found == [0, 1, 2, 3]


def test_no_train(bed: gitbed.Bed) -> None:
    """A pull request that may not be learned from is not exported."""
    with Repository(bed.path) as repo:
        keep_record(repo, 1, {"kind": "draft"}, BOT)
        keep_record(repo, 2, as_row(MergeRecord({"SKILL.md": "a"}, {"SKILL.md": "b"}, ())), BOT)
        keep_record(repo, 2, {"kind": "draft", "no_train": True}, BOT)

        assert [json.loads(line)["number"] for line in export_records(repo)] == [1]


def test_refused_replies_are_in_the_record(settings: ModelSettings, server: Scripted) -> None:
    """What was not taken is what an optimiser learns most from."""
    server.script["describe", 1] = lambda one: one.say("Too short.")
    one = drafter(replace(settings))
    one.draft(one.understand("Explain knots.", (document(),)).brief, (document(),))
    assert one.record
    refused = [call for call in one.record.calls if call.refused]

    assert [(call.step, call.output) for call in refused] == [("describe", "Too short.")]
