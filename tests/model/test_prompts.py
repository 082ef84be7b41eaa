"""The prompts, word for word: a change of one is a change of a file in `prompts/`, to be read like any other.

Run with UPDATE_PROMPTS=1 to write them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from model.scripted import Scripted
from model.skills import document, drafted, finding, revised, thread
from skill_fleet.drafting import Document
from skill_fleet.model import STEPS, ModelSettings, estimated, signature_of

FOLDER = Path(__file__).parent / "prompts"


def _asked(settings: ModelSettings, server: Scripted) -> dict[str, str]:
    """The first question of each step, as it is sent."""
    drafted(settings, document(), check=lambda _: [finding("SKILL.md", "is wrong")])
    repairs = server.counts["edit"]
    revised(
        settings,
        thread(1, "Please replace `with care` with `slowly`."),
        thread(2, "Why twice?", "references/splices.md", 5),
    )
    found: dict[str, str] = {}
    for one, request in zip(server.asked, server.requests, strict=True):
        step = one.step
        if step == "edit" and repairs:  # a repair first, then a revision
            step, repairs = "repair", repairs - 1
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

    assert asked.keys() == {*STEPS, "repair"}
    for step, text in asked.items():
        assert (FOLDER / f"{step}.txt").read_text(encoding="utf-8") == text, step


@pytest.mark.parametrize("step", STEPS)
def test_a_prompt_stands_on_its_own(step: str) -> None:
    """It says what a skill is and what each field is, names every field that it speaks of, and can be told its fault."""
    signature = signature_of(step)
    text = signature.instructions

    assert "skill" in text.lower() and "agent" in text
    assert all(len(field.json_schema_extra["desc"]) > 8 for field in signature.fields.values())
    assert "refused" in signature.input_fields and len(signature.output_fields) == 1
    assert 600 < len(text) < 4500


def test_the_size_of_the_questions(settings: ModelSettings, server: Scripted) -> None:
    """On a document of 3,300 lines: one long question, and no later one repeats the sources."""
    block = "".join(f"Line {number} tells how to do the thing with part {number}.\n" for number in range(60))
    text = "# Long\n\n" + "".join(f"## Chapter {number}\n\n{block}\n" for number in range(52))
    drafted(settings, Document("long.md", text, "long.md"))
    sizes = {step: max(_size(server, step)) for step in ("understand", "plan", "write", "describe", "critique")}

    assert text.count("\n") > 3_200
    assert sizes["understand"] < 1.6 * estimated(text) and sizes["write"] < 6_000 and sizes["plan"] < 8_000
    assert sizes["critique"] < 24_000, sizes


def _size(server: Scripted, step: str) -> list[int]:
    pairs = zip(server.asked, server.requests, strict=True)
    return [
        estimated("".join(each["content"] for each in request["messages"]))
        for one, request in pairs
        if one.step == step
    ]
