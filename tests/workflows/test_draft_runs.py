"""The workflow `draft`, run with a stand-in for the tool: from a labelled issue to the words that the tool is called with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitbed import Bed
from workflows.acting import Stage, needs_act

pytestmark = needs_act

_TOOL = """#!@PYTHON@
import json, os, sys
from pathlib import Path
scene = Path("@STORE@").parent
token, words = os.environ.get("GITHUB_TOKEN"), sys.argv[1:]
texts = [Path(words[at + 1]).read_text() for at, word in enumerate(words) if word == "--from"]
(scene / "created.json").write_text(json.dumps([token, words, texts]))
print(json.dumps({"number": 12}))
"""
BODY = """### Task

--help $(touch pwned) "quoted" `id`

### Example prompts

- one

### Category and name

devops/log-rotation

### Source text

# Logs

Rotate them.

### Source paths

README.md
"""


def labelled(label: str = "draft-skill", body: str = BODY) -> dict[str, Any]:
    """Somebody sets a label."""
    author = {"login": "ada-l", "id": 31}
    return {
        "action": "labeled",
        "issue": {"number": 4, "body": body, "user": author, "title": "$(id)"},
        "label": {"name": label},
        "sender": {"login": "grace", "id": 32},
        "repository": {"default_branch": "main"},
    }


def test_draft_is_created_and_linked(stage: Stage, origin_and_fleet: tuple[Bed, Bed]) -> None:
    """By someone with write: one call with the texts as they are, one comment on the issue, one ring."""
    stage.program("skill-fleet", _TOOL)
    python = stage.bin / "python"
    python.write_text(python.read_text(encoding="utf-8").replace('"-m pip install"*)', '"-m pip install"*) exit 0'))
    stage.answer({"api repos/": {"permission": "write", "user": {"id": 32}}})

    run = stage.run(origin_and_fleet[1], "draft", "issues", labelled())

    assert run.jobs == dict.fromkeys(["plan", "apply", "ring"], "succeeded"), run.log
    token, words, texts = json.loads((stage.folder / "created.json").read_text(encoding="utf-8"))
    assert token == "token"
    assert words[:6] == ["create", "--auto-approve", "--format", "json", "--path", "devops/log-rotation"]
    assert words[-2:] == ["--", '--help $(touch pwned) "quoted" `id`\n\nExample prompts:\n\n- one']
    assert texts[0] == "# Logs\n\nRotate them.\n" and len(texts) == 2
    (comment,) = run.told("api", "--silent", "--method", "POST")
    assert comment[-1].startswith("body=<!-- skill-fleet: draft 12 -->\nA draft is in #12.")
    assert run.told("workflow", "run") == [["workflow", "run", "review.yml", "--field", "pull=12"]]


@pytest.mark.parametrize(
    ("permission", "number"), [("read", 32), ("triage", 32), ("write", 99)], ids=["read", "triage", "another account"]
)
def test_label_by_someone_without_write(
    stage: Stage, origin_and_fleet: tuple[Bed, Bed], permission: str, number: int
) -> None:
    """Triage may set labels, and a login may have changed hands: nothing is drafted."""
    stage.answer({"api repos/": {"permission": permission, "user": {"id": number}}})

    run = stage.run(origin_and_fleet[1], "draft", "issues", labelled(), job="plan")

    assert run.jobs == {"plan": "failed"}, run.log


def test_other_labels_and_empty_requests(stage: Stage, origin_and_fleet: tuple[Bed, Bed]) -> None:
    """Another label starts nothing; a request with nothing to draft from says so."""
    stage.answer({"api repos/": {"permission": "admin", "user": {"id": 32}}})

    assert stage.run(origin_and_fleet[1], "draft", "issues", labelled("bug")).jobs == {}
    empty = stage.run(origin_and_fleet[1], "draft", "issues", labelled(body="Please."), job="plan")
    assert empty.jobs == {"plan": "failed"}
    assert "A draft needs a task, and a source" in empty.log
