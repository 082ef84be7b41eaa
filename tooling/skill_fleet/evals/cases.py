"""The cases of a skill: tasks with their files, assertions, and the checks that decide about these.

`evals/evals.json` is the format that skill-creator and the guide at agentskills.io share. What is ours are siblings,
which other tools ignore.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from skill_fleet.agents import File, Files, Task
from skill_fleet.errors import UserError
from skill_fleet.evals.triggers import TRIGGERS_FILE
from skill_fleet.fleet import Skill, read_json, violations
from skill_fleet.git import EXECUTABLE, REGULAR

CASES_FILE = "evals/evals.json"
TIMEOUT = 600.0
"""The seconds that an agent has unless the case says otherwise."""


@dataclass(frozen=True)
class Case:
    """One task of an evals.json. `digest` covers all of it and the contents of its files."""

    id: int
    task: Task
    assertions: tuple[str, ...]
    checks: tuple[Mapping[str, Any], ...]
    hidden: Files
    held_out: bool
    digest: str

    @property
    def decided(self) -> list[str]:
        """The assertions that code decides about."""
        return [self.assertions[at] for at in sorted({check["assertion"] - 1 for check in self.checks})]


def case_of(data: Mapping[str, Any], files: Files, hidden: Files) -> Case:
    """Return the case that an object of an evals.json describes.

    The prompt of a pressure scenario is told how to name the choice.
    """
    prompt, options = data["prompt"], data.get("pressure", {}).get("options")
    if options:
        prompt += f"\n\nEnd your answer with one line that names your choice, such as `Choice: {options[0]}`."
    return Case(
        data["id"], Task(prompt, files, tuple(data.get("setup", ())), data.get("timeout", TIMEOUT)),
        tuple(data.get("assertions", data.get("expectations", ()))), tuple(data.get("checks", ())), hidden,
        data.get("split") != "train", digest_of([data, digest_of_files({"files": files, "hidden": hidden})]),
    )  # fmt: skip


def read_cases(skill: Skill, *, validate: bool = True) -> tuple[Case, ...]:
    """Read the cases of a skill in the order of its file; none when there is no file. UserError when one is not valid.

    Without `validate` it is quick, and what is not valid raises other exceptions.
    """
    entries = {skill.relative(entry.path): entry for entry in skill.entries if entry.mode in (REGULAR, EXECUTABLE)}
    if CASES_FILE not in entries:
        return ()
    where = skill.inside(CASES_FILE)
    try:
        data = read_json(skill.tree.read(entries[CASES_FILE]))
    except (ValueError, RecursionError) as problem:
        raise UserError(f"{where} is not JSON: {problem}", f"Fix {where}.") from problem
    for place, what in _faults(data) if validate else ():
        raise UserError(f"{where} is not valid at {place or 'the top'}: {what}", f"Fix {where}.")

    def files(names: list[str]) -> Files:
        if missing := next((name for name in names if name not in entries), None):
            raise UserError(
                f"{where} names {missing}, which is not a file of the skill.", "Add it, or remove its name."
            )
        found = ((name.split("/", 2)[2], entries[name]) for name in names)
        return {name: File(skill.tree.read(entry), entry.mode == EXECUTABLE) for name, entry in found}

    return tuple(case_of(each, files(each.get("files", [])), files(each.get("hidden", []))) for each in data["evals"])


def faults(skill: Skill, is_ours: bool) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the cases and the triggers of a skill: the path of the file, the place in it, and the problem.

    Unless the skill `is_ours`, nothing is wrong with a file with no item in the format that is read here.
    """
    for entry in skill.entries:
        if (name := skill.relative(entry.path)) in (CASES_FILE, TRIGGERS_FILE) and entry.mode in (REGULAR, EXECUTABLE):
            try:
                data = read_json(skill.tree.read(entry))
            except (ValueError, RecursionError) as problem:
                yield entry.path, "", f"It is not JSON: {problem}"
                continue
            found = _faults(data) if name == CASES_FILE else violations("triggers", data)
            yield from ((entry.path, place, what) for place, what in found if is_ours or _is_known(data))


def _is_known(data: Any) -> bool:
    """Whether an item of a file is in the format that is read here."""
    if isinstance(data, dict) and isinstance(data.get("evals"), list):
        return any(not any(violations("evals", {"skill_name": "x", "evals": [each]})) for each in data["evals"])
    return isinstance(data, list) and any(isinstance(each, dict) and "should_trigger" in each for each in data)


def _faults(data: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with the content of a file of cases, with the place of each."""
    if any(found := list(violations("evals", data))):
        yield from found
        return
    ids = [case["id"] for case in data["evals"]]
    for at, case in enumerate(data["evals"]):
        if ids.index(case["id"]) < at:
            yield f"evals.{at}.id", f"{case['id']} is the id of another case, too."
        count = len(case.get("assertions", case.get("expectations", ())))
        for number, check in enumerate(case.get("checks", ())):
            place = f"evals.{at}.checks.{number}"
            if check["assertion"] > count:
                yield f"{place}.assertion", f"There are only {count} assertions."
            try:
                re.compile(check.get("pattern", ""))
            except re.error as problem:
                yield f"{place}.pattern", f"It is not a regular expression: {problem}."


def canonical(value: object) -> bytes:
    """A value as JSON that is the same for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def digest_of(value: object) -> str:
    """The SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(canonical(value)).hexdigest()


def digest_of_files(groups: Mapping[str, Files]) -> str:
    """The digest of files in named groups."""
    rows = {
        f"{name}/{path}": [hashlib.sha256(file.content).hexdigest(), file.executable]
        for name, files in groups.items()
        for path, file in files.items()
    }
    return digest_of(rows)
