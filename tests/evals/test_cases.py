"""Cases: what other tools write is read, what cannot be graded is refused, and scenario documents become cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.command import fine, refused
from evals import planted
from skill_fleet.errors import UserError
from skill_fleet.evals import Case, read_cases, with_scenarios
from skill_fleet.fleet import MemoryTree, read_fleet
from skills.product import products

OTHERS = {
    "skill_name": "colours",
    "notes": "A key of another tool.",
    "evals": [
        {
            "id": 7,
            "name": "first",
            "prompt": "Mix blue and red.",
            "expected_output": "Violet.",
            "files": ["evals/files/a/paint.txt"],
            "expectations": ["The answer is violet"],
        },
        {"id": 3, "prompt": "Nothing to assert."},
    ],
}
SCENARIOS = """# Baseline (RED)

Each **prompt** is run without the skill.

## Scenario 1: Engine

**Prompt:** "Create an app with a database."

**Expected baseline failures:**
- The engine is made at import
- No `dispose()`

**Success criteria (WITH skill):**
- [ ] The engine is made in the **lifespan**
* `dispose()` is called

---

## Scenario 2

### Test prompt

> Production is down.
>
> A) Fix it at once
> B) Write a test first

## Scenario 3

**Prompt:**

```
# Not a heading
**Prompt:** not a label
```

## Results

### Scenario 1: FAILED

- The engine was made at import
"""


def read(data: Any, **files: bytes) -> tuple[Case, ...]:
    """The cases of a skill in memory."""
    content = data if isinstance(data, bytes) else json.dumps(data).encode()
    tree = {"x/colours/SKILL.md": b"---\nname: colours\n---\n", "x/colours/evals/evals.json": content}
    tree |= {f"x/colours/{name}": text for name, text in files.items()}
    return read_cases(read_fleet(MemoryTree(tree), "").skills[0])


def test_the_cases_of_other_tools_are_read() -> None:
    """`expectations` are assertions, files lose evals/files/, and keys of others are ignored."""
    first, second = read(OTHERS, **{"evals/files/a/paint.txt": b"blue"})

    assert (first.id, first.assertions, first.decided, first.held_out) == (7, ("The answer is violet",), [], True)
    assert first.task.files["a/paint.txt"].content == b"blue"
    assert (second.assertions, second.task.prompt) == ((), "Nothing to assert.")


@pytest.mark.parametrize("product", products(), ids=lambda product: product.id)
def test_the_cases_of_this_fleet_are_read(product: Any) -> None:
    """All of them have assertions and an id of their own."""
    from skill_fleet.fleet import WorkTree
    from skills.product import ROOT

    skill = next(each for each in read_fleet(WorkTree(ROOT, "skills")).skills if each.id == product.id)
    assert all(case.assertions for case in read_cases(skill))


def test_a_digest_covers_the_case_and_its_files() -> None:
    """A changed prompt, fixture or hidden file makes another digest."""
    with_files = planted.case(1, files=["evals/files/a"], hidden=["evals/hidden/b"])
    digests = {
        read({"skill_name": "colours", "evals": [{**with_files, **change}]}, **files)[0].digest
        for change, files in (
            ({}, {"evals/files/a": b"1", "evals/hidden/b": b"1"}),
            ({}, {"evals/files/a": b"2", "evals/hidden/b": b"1"}),
            ({}, {"evals/files/a": b"1", "evals/hidden/b": b"2"}),
            ({"prompt": "Task 1: another?"}, {"evals/files/a": b"1", "evals/hidden/b": b"1"}),
            ({"timeout": 5}, {"evals/files/a": b"1", "evals/hidden/b": b"1"}),
        )
    }
    assert len(digests) == 5


@pytest.mark.parametrize(
    "change",
    [
        {"id": "one"},
        {"prompt": " "},
        {"files": ["evals/files/../../../secret"]},
        {"files": ["evals/files/is-not-there"]},
        {"hidden": ["SKILL.md"]},
        {"split": "test"},
        {"setup": ["git init"]},
        {"assertions": ["same", "same"]},
        {"assertions": [{"text": "no string"}]},
        {"checks": [{"assertion": 2, "type": "file", "path": "x"}]},
        {"checks": [{"assertion": 1, "type": "file", "path": "/etc/passwd"}]},
        {"checks": [{"assertion": 1, "type": "file", "path": "x", "pattern": "y"}]},
        {"checks": [{"assertion": 1, "type": "regex", "pattern": "("}]},
        {"checks": [{"assertion": 1, "type": "taste", "path": "x"}]},
        {"checks": [{"assertion": 1, "type": "command", "command": "rm -r /"}]},
        {"pressure": {"options": ["A"]}},
    ],
    ids=str,
)
def test_what_cannot_be_run_is_refused(change: dict[str, Any]) -> None:
    """A case with a mistake is an error of the user, never a failing grade."""
    with pytest.raises(UserError):
        read({"skill_name": "colours", "evals": [{**planted.case(1), **change}]})


@pytest.mark.parametrize("content", [b"{", b"[]", b"[" * 100_000, b'{"skill_name": "colours", "evals": []}', b"\xff"])
def test_a_file_that_is_none_is_refused(content: bytes) -> None:
    """Whatever is in the file, it is an error of the user."""
    with pytest.raises(UserError):
        read(content)


def test_an_id_is_there_once() -> None:
    """Two cases cannot have the same id."""
    with pytest.raises(UserError):
        read({"skill_name": "colours", "evals": [planted.case(1), planted.case(1)]})


def test_a_document_of_scenarios_becomes_cases() -> None:
    """Prompt, failures and criteria are taken as they are; what is not a scenario is left out."""
    data, added = with_scenarios({"skill_name": "colours", "evals": []}, SCENARIOS)
    first, second, third = data["evals"]

    assert added == 3
    assert first["prompt"] == "Create an app with a database."
    assert first["assertions"] == ["The engine is made in the lifespan", "`dispose()` is called"]
    assert first["expected_failures"] == ["The engine is made at import", "No `dispose()`"]
    assert second["prompt"].startswith("Production is down.\n\nA) Fix it at once\nB)")
    assert third["prompt"] == "# Not a heading\n**Prompt:** not a label"
    assert len(read(data)) == 3, "they have the form of cases"
    assert with_scenarios(data, SCENARIOS) == (data, 0), "what is there is kept, and not added again"


def test_eval_new_writes_cases(tmp_path: Path) -> None:
    """The cases that exist keep their ids, and the new ones follow."""
    bed = planted.make_fleet(tmp_path, tasks=2)
    document = tmp_path / "red.md"
    document.write_text(SCENARIOS)
    fine(bed.path, "eval", "new", planted.SKILL, "--from", str(document))
    data = json.loads((bed.path / planted.FOLDER / "evals/evals.json").read_text())

    assert [case["id"] for case in data["evals"]] == [1, 2, 3, 4, 5]
    refused(bed.path, "eval", "new", planted.SKILL, "--from", str(document), error="no new scenario", tip_works=False)
