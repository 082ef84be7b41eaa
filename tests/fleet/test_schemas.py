"""The quick check of a schema says what jsonschema says, of valid data and of data that is broken anywhere."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from skill_fleet.fleet import load_schema, quick_check, violations

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(path.name.partition(".")[0] for path in (ROOT / "schemas").glob("*.schema.json"))
ODD = [
    None,
    True,
    False,
    0,
    1,
    -1,
    1.0,
    0.5,
    -2.5,
    float("nan"),
    "",
    "x",
    "a\n",
    "/",
    "A",
    "é",
    [],
    ["x", "x"],
    {},
    {"x": 1},
]
EVENT = {"id": "a1", "seq": 1, "at": "2026-01-01T00:00:00Z", "actor": {"id": "a@example.org", "name": "A"}}
RUN = {
    "eval_id": 1, "configuration": "with_skill", "run_number": 1, "model": "m", "activated": None, "at": "", "transcript": "0" * 64,
    "result": {
        "pass_rate": 1.0, "passed": 1, "failed": 0, "total": 1, "time_seconds": 0.5, "tokens": None, "tool_calls": 0,
        "errors": 0, "exit": None, "cost": 0.1, "turns": 2,
    },
    "expectations": [{"text": "It holds", "passed": True, "evidence": "decided by code"}],
}  # fmt: skip
VALID: dict[str, list[Any]] = {
    "config": [{"approvals": 2, "ignore": ["spec"], "severity": {"spec/name": "hint"}, "accepted-duplicates": [["a/b", "a/c"]]}],
    "evals": [
        {
            "skill_name": "x",
            "evals": [
                {
                    "id": 1, "prompt": "Do", "assertions": ["It is", "It has"], "files": ["evals/files/a"], "split": "train",
                    "timeout": 1.5, "setup": [["git", "init"]], "pressure": {"options": ["A", "B"]}, "other": {"x": [1]},
                    "checks": [
                        {"assertion": 1, "type": "file", "path": "a/b", "not": True},
                        {"assertion": 1, "type": "json", "equals": [1.0]},
                        {"assertion": 2, "type": "command", "command": ["true"], "exit": 1},
                        {"assertion": 2, "type": "choice", "choice": "A"},
                    ],
                },
                {"id": 2, "prompt": "Do", "expectations": [], "checks": []},
            ],
        }
    ],
    "evidence": [
        {
            "metadata": {
                "skill_name": "x", "executor_model": "m", "timestamp": "", "evals_run": [1], "runs_per_configuration": 1,
                "configurations": ["with_skill", "without_skill"], "harness": "lm", "harness_version": "1", "loop": 1,
                "isolation": "none", "neighbours": ["y"], "seed": 0, "attempt": 1, "plan": "0" * 40,
            },
            "subject": {"tree": "0" * 40, "requires": {"a/y": "1" * 40}, "base": "", "cases": {"1": "a" * 64}, "grader": 1},
            "runs": [RUN, RUN], "run_summary": {}, "verdicts": {}, "costs": {},
            "attestation": {"run": 7, "digest": "b" * 64},
        }
    ],
    "frontmatter": [{"name": "x", "description": "Does. Use when.", "metadata": {"version": "1.0.0", "tags": "a"}}],
    "profiles": [{"profiles": {"x": {"description": "For x.", "skills": ["a/b"]}}}],
    "record": [
        {"kind": "request", "key": "k", "text": "t", "outcome": "done", "reply": "", "may_decide": True, "diff": "d"},
        {
            "kind": "round", "skill": "a/b", "calls": [
                {
                    "step": "triage", "inputs": {"files": "f", "threads": "t"}, "refused": "",
                    "output": [{"thread": "t", "verdict": "v", "files": ["a"]}],
                },
                {"step": "revise", "inputs": {"files": "f"}, "refused": "", "output": []},
            ],
        },
    ],
    "taxonomy": [{"owners": ["@a"], "categories": {"web": {"description": "Web.", "owners": ["a@example.org"]}}}],
    "timeline": [
        {**EVENT, "type": "commented", "body": "b"}, {**EVENT, "type": "labelled", "label": "l", "present": True},
        {**EVENT, "type": "of-tomorrow"},
    ],
    "triggers": [[{"query": f"q{n}", "should_trigger": n < 10} for n in range(20)]],
}  # fmt: skip


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Each container inside of `data` with each of its keys."""
    rows = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in [*rows]:
        yield data, key
        yield from _places(value)


def _broken(data: Any, draws: random.Random) -> Any:
    """A copy with one or two changes, which may leave it valid."""
    whole = [copy.deepcopy(data)]
    for _ in range(draws.randint(1, 2)):
        holder, key = draws.choice([*_places(whole)])
        what = draws.randrange(4)
        if what == 0:
            del holder[key]
        elif what == 1 and isinstance(holder, dict):
            holder[draws.choice(["x", "A b", "type", "id", key])] = holder[key]
        elif what == 2 and isinstance(holder, list):
            holder.append(holder[key])
        else:
            holder[key] = draws.choice(ODD)
        if not whole:
            break
    return whole[0] if whole else None


@pytest.mark.parametrize("name", NAMES)
def test_both_agree(name: str) -> None:
    draws, check = random.Random(name), quick_check(name)
    library = Draft202012Validator(load_schema(name))
    examples = VALID[name] + [json.loads(path.read_bytes()) for path in ROOT.glob(f"skills/*/*/evals/{name}.json")][:1]
    for each in examples:
        assert check(each) and library.is_valid(each), list(violations(name, each))
    seen = {True: 0, False: 0}
    for _ in range(120):
        data = _broken(draws.choice(VALID[name]), draws)
        valid = check(data)
        assert valid == library.is_valid(data), data
        seen[valid] += 1
    assert min(seen.values()) > 1, seen
    assert list(violations(name, 7))
