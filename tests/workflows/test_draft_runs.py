"""The workflow `draft`, run with a stand-in for the tool: from a labelled issue to the words that the tool is called with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitbed import Bed
from workflows.acting import Stage, needs_act
from workflows.reading import ROOT, load

pytestmark = needs_act

_TOOL = """#!@PYTHON@
import json, os, sys
from pathlib import Path
scene = Path("@STORE@").parent
token, words = os.environ.get("GITHUB_TOKEN"), sys.argv[1:]
texts = [Path(words[at + 1]).read_text() for at, word in enumerate(words) if word == "--from"]
(scene / "created.json").write_text(json.dumps([token, words, texts]))
print("::add-mask::text of the issue", file=sys.stderr)
if (scene / "refuse").exists():
    sys.exit("error: There is no category `cobol`.\\ntip: @ada: choose another.")
print(json.dumps({"number": 12, "further": [{"number": 13}]}))
"""
BODY = """### Task

--help $(touch pwned) "quoted" `id`

### Example prompts

- one

### Category

devops

### Name

log-rotation

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


def with_stand_in(stage: Stage) -> None:
    """Let the tool be the stand-in, for a request of someone with write."""
    stage.program("skill-fleet", _TOOL)
    python = stage.bin / "python"
    python.write_text(python.read_text(encoding="utf-8").replace('"-m pip install"*)', '"-m pip install"*) exit 0'))
    stage.answer({"api repos/": {"permission": "write", "user": {"id": 32}}})


def test_draft_is_created_and_linked(stage: Stage, origin_and_fleet: tuple[Bed, Bed]) -> None:
    """By someone with write: one call with the texts as they are; for each skill one comment on the issue, one ring."""
    with_stand_in(stage)

    run = stage.run(origin_and_fleet[1], "draft", "issues", labelled())

    assert run.jobs == dict.fromkeys(["plan", "apply", "ring"], "succeeded"), run.log
    token, words, texts = json.loads((stage.folder / "created.json").read_text(encoding="utf-8"))
    assert token == "token"
    assert words[:6] == ["create", "--auto-approve", "--format", "json", "--path", "devops/log-rotation"]
    assert words[-2:] == ["--", '--help $(touch pwned) "quoted" `id`\n\nExample prompts:\n\n- one']
    assert texts[0] == "# Logs\n\nRotate them.\n" and len(texts) == 2
    comments = run.told("api", "--silent", "--method", "POST")
    for number, words in zip((12, 13), comments, strict=True):
        assert words[-1].startswith(f"body=<!-- skill-fleet: draft {number} -->\n") and f"#{number}" in words[-1]
    assert [words[-1] for words in run.told("workflow", "run", "review.yml")] == ["pull=12", "pull=13"]
    assert "::stop-commands::" in run.log or "add-mask" not in run.log.replace("| ::add-mask::", "")


def test_issue_hears_that_there_is_no_draft(stage: Stage, origin_and_fleet: tuple[Bed, Bed]) -> None:
    """Whoever labelled it looks there, not at runs. A comment of ours is edited, not another's; nothing is rung for."""
    with_stand_in(stage)
    (stage.folder / "refuse").touch()
    run = stage.run(origin_and_fleet[1], "draft", "issues", labelled())
    assert run.jobs == {"plan": "succeeded", "apply": "failed"}, run.log
    (comment,) = run.told("api", "--silent", "--method", "POST")
    first, said, *why = comment[-1].removeprefix("body=").split("\n")
    assert said.startswith("No draft was made.") and "The log: http" in said
    assert why[1:] == ["    error: There is no category `cobol`.", "    tip: @ada: choose another."], (
        "as code: it pings nobody"
    )

    (step,) = (
        step
        for step in load(ROOT / ".github/actions/create-draft/action.yml")["runs"]["steps"]
        if step.get("if") == "always()"
    )
    variables = {"GH_REPO": "o/r", "ISSUE": "4", "PULLS": "", "RUN": "there", "SKILL_FLEET_BOT_ID": "41898282"}
    ours, other = (
        {"id": number, "user": {"id": who}, "body": f"{first}\n{said}"} for number, who in [(7, 41898282), (6, 31)]
    )
    for comments, told in [
        ([other, ours], ["PATCH", "repos/o/r/issues/comments/7"]),
        ([other], ["POST", "repos/o/r/issues/4/comments"]),
    ]:
        stage.answer({"api --paginate repos/": comments})
        assert [words[3:5] for words in stage.script(step["run"], variables) if "--silent" in words] == [told]


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
    """Another label starts nothing; of a request with nothing to draft from, the issue says why."""
    stage.answer({"api repos/": {"permission": "admin", "user": {"id": 32}}})

    assert stage.run(origin_and_fleet[1], "draft", "issues", labelled("bug")).jobs == {}
    empty = stage.run(origin_and_fleet[1], "draft", "issues", labelled(body="Please."))
    assert empty.jobs == {"plan": "succeeded", "apply": "failed"}, empty.log
    (comment,) = empty.told("api", "--silent", "--method", "POST")
    assert "A draft needs a task, and a source" in comment[-1] and not (stage.folder / "created.json").exists()
