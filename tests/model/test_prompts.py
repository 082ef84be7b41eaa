"""The prompts, word for word: a change of one is a change of a file in `prompts/`, to be read like any other.

Run with UPDATE_PROMPTS=1 to write them anew.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from model.scripted import Scripted
from model.skills import document, drafted, finding, problem, revised, thread
from model.test_long import long_document
from skill_fleet import model  # its names are taken in the tests: these load DSPy
from skill_fleet.drafting import Document
from skill_fleet.fleet import ModelSettings
from skill_fleet.markdown import estimated_tokens

FOLDER = Path(__file__).parent / "prompts"


def _asked(settings: ModelSettings, server: Scripted) -> dict[str, str]:
    """The first question of each step, as it is sent."""
    is_wrong = [finding("SKILL.md", "is wrong")]
    drafted(settings, document(), check=lambda _: is_wrong)
    drafted(settings, task="Explain knots to people who build boats.", check=lambda _: is_wrong)
    revised(
        settings,
        thread(1, "Please replace `with care` with `slowly`."),
        thread(2, "Why twice?", "references/splices.md", 5),
    )
    drafted(settings, long_document(), task="Explain how to splice the ropes of boats.")
    found: dict[str, str] = {}
    for one, request in zip(server.asked, server.requests, strict=True):
        with_sources = {"sources", "passages"} & one.fields.keys() or one.step not in ("draft", "critique", "edit")
        step = one.step if with_sources else f"{one.step}_task"
        system, user = (message["content"] for message in request["messages"])
        found.setdefault(step, f"{system}\n\n{'=' * 30} the question {'=' * 30}\n\n{user}\n")
    return found


@pytest.mark.skipif(not FOLDER.exists() and "UPDATE_PROMPTS" not in os.environ, reason="no goldens")
def test_goldens(settings: ModelSettings, server: Scripted) -> None:
    """Each step asks exactly this."""
    asked = _asked(settings, server)
    if "UPDATE_PROMPTS" in os.environ:
        FOLDER.mkdir(exist_ok=True)
        for step, text in asked.items():
            (FOLDER / f"{step}.txt").write_text(text, encoding="utf-8")

    assert asked.keys() == {*model.STEPS}
    for step, text in asked.items():
        assert (FOLDER / f"{step}.txt").read_text(encoding="utf-8") == text, step


def test_a_prompt_stands_on_its_own() -> None:
    """It says what a skill is and what each field is, names every field that it speaks of, and can be told its fault."""
    for step in model.STEPS:
        signature = model.signature_of(step)
        text = signature.instructions

        assert "skill" in text.lower() and "agent" in text, step
        assert all(len(field.json_schema_extra["desc"]) > 8 for field in signature.fields.values()), step
        assert list(signature.input_fields)[-1] == "refused", step
        assert 400 < len(text) < 6_000, step


@pytest.mark.parametrize("step", ["draft_task", "critique_task", "edit_task"])
def test_a_prompt_without_documents_has_no_document_machinery(step: str) -> None:
    """No rule, field or type for sources, citations or ranges: one prompt a mode."""
    signature = model.signature_of(step)
    text = f"{signature.instructions} {signature.model_json_schema()}".lower()

    assert not any(word in text for word in ("s1:", "`sources`", "citation", "passages", "left_out", "basis"))


def test_the_size_of_the_questions(settings: ModelSettings, server: Scripted) -> None:
    """All questions for a document together are at most three times its size, and what prompts and the skill need."""
    block = "".join(f"Line {number} tells how to do the thing with part {number}.\n" for number in range(60))
    text = "# Long\n\n" + "".join(f"## Chapter {number}\n\n{block}\n" for number in range(24))
    server.script["critique", 1] = lambda one: one.say([problem("Line 7 tells", lines="S1:12-13")])
    draft = drafted(settings, Document("long.md", text, "long.md"))
    sizes = {one.step: _size(request) for one, request in zip(server.asked, server.requests, strict=True)}
    skill = sum(map(estimated_tokens, draft.files.values()))

    assert sizes["draft"] < 1.3 * estimated_tokens(text) + 2_500, sizes
    assert sizes["critique"] < 1.3 * (estimated_tokens(text) + skill) + 1_500, sizes
    assert sizes["edit"] < 1.3 * skill + 4_000, sizes


def _size(request: dict[str, Any]) -> int:
    return estimated_tokens("".join(each["content"] for each in request["messages"]))
