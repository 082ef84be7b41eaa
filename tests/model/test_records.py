"""What learning will need: whole, without secrets, and safe in Git."""

from __future__ import annotations

import json
from dataclasses import replace

import gitbed
from model.answers import draft
from model.scripted import Scripted
from model.skills import SKILL, document, drafter, edit_of, edits, plan_with, problem, revised, thread
from skill_fleet.drafting import Document
from skill_fleet.fleet import ModelSettings
from skill_fleet.git import Identity, Repository
from skill_fleet.proposals import PREFIX, keep_rows, kept_rows, names_kept, redacted

BOT = Identity("skill-fleet", "skill-fleet@bot.invalid")


def test_a_draft_and_its_rounds(bed: gitbed.Bed, settings: ModelSettings, server: Scripted) -> None:
    """Everything that was asked and answered, by pull request, each row once."""
    one = drafter(settings)
    draft = one.draft(one.understand("Explain knots.", (document(),)).brief, (document(),))
    done = revised(settings, thread(1, "Please replace `with care` with `slowly`."))
    repo = Repository(bed.path)
    assert one.record
    keep_rows(repo, 7, [one.record], BOT)
    keep_rows(repo, 7, [done.record], BOT)
    tip = repo.refs(PREFIX)
    keep_rows(repo, 7, [done.record], BOT)
    rows = kept_rows(repo, 7)

    assert repo.refs(PREFIX) == tip and names_kept(repo) == {"7"}
    assert [row["kind"] for row in rows] == ["draft", "round"]
    first, second = rows
    assert first["files"] == draft.files and [call["step"] for call in first["calls"]] == ["draft", "critique"]
    assert first["calls"][0]["inputs"]["sources"].startswith("S1 = knots.md\n1| # Knots")
    assert first["calls"][0]["output"][0]["path"] == "python/scripted-skill"
    assert len(first["sources"][0]["sha256"]) == 64 and first["plan"]["files"][0]["path"] == "SKILL.md"
    assert second["handled"][0]["outcome"] == "changed" and second["before"] == SKILL and second["after"] == done.files


def test_secrets_are_taken_out(settings: ModelSettings) -> None:
    """What looks like a key is not kept, wherever it stood."""
    key = "ghp_" + "a1B2" * 9
    done = revised(settings, thread(1, f"Use {key} and https://me:word@host/x and AKIAABCDEFGHIJKLMNOP."))
    text = json.dumps(redacted(done.record))

    assert key not in text and "me:word" not in text and "AKIAABCDEFGHIJKLMNOP" not in text and "[secret]" in text


def test_sources_by_hash_and_licence() -> None:
    """The licence is what a document says at its beginning."""
    licences = {
        "---\nlicense: Apache-2.0\n---\n\n# X\n": "Apache-2.0",
        "# X\n\n**License:** MIT\n": "MIT",
        "# SPDX-License-Identifier: CC-BY-4.0\n": "CC-BY-4.0",
        "# X\n\nNothing.\n": "",
    }

    for text, licence in licences.items():
        facts = Document("x.md", text, "x.md").facts()
        assert facts["licence"] == licence and len(facts["sha256"]) == 64, text


def test_refused_replies_are_in_the_record(settings: ModelSettings, server: Scripted) -> None:
    """What was not taken is what an optimiser learns most from."""
    server.script["draft", 1] = lambda one: one.say(plan_with(one, path="nowhere"), draft(one.fields)[1])
    one = drafter(replace(settings))
    one.draft(one.understand("Explain knots.", (document(),)).brief, (document(),))
    assert one.record
    refused = [call for call in one.record["calls"] if call["refused"]]

    assert [(call["step"], call["output"][0]["path"]) for call in refused] == [("draft", "nowhere")]


def test_what_became_of_each_problem(settings: ModelSettings, server: Scripted) -> None:
    """Fixed, left with the editor's words, refused with the program's, about words that are not there: all are kept."""
    server.script["critique", 1] = lambda one: one.say(
        [problem(quote) for quote in ("holds a rope", "Tie", "the_end", "nowhere to be read")]
    )
    server.script["edit", 1] = edits(
        edit_of("F1", "A knot holds a rope.", "A knot keeps a rope."),
        edit_of("F3", "not there", "x"),
        left={"F2": "It is right."},
    )
    one = drafter(settings)
    one.draft(one.understand("Explain knots.", (document(),)).brief, (document(),))
    assert one.record
    found = {row["quote"]: (row["outcome"], row["reason"]) for row in one.record["problems"]}

    assert found["holds a rope"] == ("fixed", "") and found["Tie"] == ("left", "It is right.")
    assert found["the_end"][0] == "edit-refused" and "occurs 0 times" in found["the_end"][1]
    assert found["nowhere to be read"] == ("quote-not-found", "")
