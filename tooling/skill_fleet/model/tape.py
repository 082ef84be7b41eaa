"""Record and replay: each exchange with the model is one line of JSON, found again by the hash of its question.

With a file to replay, no model is asked: a question that is not in the file is an error. With both, a question that is
not in the file is asked and recorded, so that a stopped run can be resumed without paying twice.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from skill_fleet.errors import UserError

Messages = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Usage:
    """Tokens and cost as the server reports them; None if it does not."""

    prompt: int | None = None
    completion: int | None = None
    cost: float | None = None


@dataclass(frozen=True)
class Reply:
    """The unchanged text of a model, how it ended ("stop" if it is whole), the model's name, and its usage."""

    text: str
    finish: str
    model: str
    usage: Usage


class Tape:
    """The exchanges of one run, in all its rounds. If a question is asked twice, it has two answers in order.

    With `begun`, an earlier part of the run began the recording and this one appends to it.
    """

    def __init__(self, record: Path | None = None, replay: Path | None = None, *, begun: bool = False) -> None:
        self._known = _read(replay) if replay else {}
        self._replay, self._record = replay, record
        self._asked: Counter[str] = Counter()
        if record and (record == replay or (begun and record.exists())):
            _repair_end(record)
        elif record:
            _write(record, "w", "")

    @property
    def is_offline(self) -> bool:
        """Whether only the recording may answer."""
        return self._replay is not None and self._record is None

    def find(self, step: str, messages: Messages, options: Mapping[str, Any]) -> Reply | None:
        """Return the recorded answer, or None if the model has to be asked. Raises UserError if it may not be."""
        key = _key(messages, options)
        self._asked[key] += 1
        found = self._known.get((key, self._asked[key]))
        if found is None and self.is_offline:
            raise UserError(
                f"{self._replay} has no answer to this question of the step {step!r}.",
                "Something that it depends on has changed. Ask the model for what is missing: "
                f"--replay {self._replay} --record {self._replay}",
            )
        if found and self._record != self._replay:
            self.keep(step, messages, options, found)
        return found

    def keep(self, step: str, messages: Messages, options: Mapping[str, Any], reply: Reply) -> None:
        """Record the answer to the question that `find` was asked last. It is written before the next call."""
        if not self._record:
            return
        key = _key(messages, options)
        row = {
            "step": step,
            "key": key,
            "occurrence": self._asked[key],
            "options": dict(options),
            "messages": [dict(message) for message in messages],
            **asdict(reply),
        }
        _write(self._record, "a", json.dumps(row, ensure_ascii=True) + "\n")


def _key(messages: Messages, options: Mapping[str, Any]) -> str:
    """Return the hash of a question: its words and its sampling options, not the address or the API key."""
    asked = json.dumps([list(messages), dict(options)], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(asked.encode("ascii")).hexdigest()


def _write(path: Path, mode: str, text: str) -> None:
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as problem:
        raise _unwritable(path, problem) from None


def _unwritable(path: Path, problem: OSError) -> UserError:
    return UserError(f"{path} cannot be written: {problem.strerror}.", "Name another file: --record FILE")


def _repair_end(path: Path) -> None:
    """Remove an incomplete last line, which a killed run left: the next line would be appended to it."""
    try:
        content = path.read_bytes()
        tail = content.rpartition(b"\n")[2]
        if tail and not _is_json(tail):
            os.truncate(path, len(content) - len(tail))
        elif tail:
            _write(path, "a", "\n")
    except OSError as problem:
        raise _unwritable(path, problem) from None


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _read(path: Path) -> dict[tuple[str, int], Reply]:
    try:
        rows = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as problem:
        raise UserError(f"{path} cannot be read.", "Name the file that --record wrote.") from problem
    found = {}
    for number, row in enumerate(rows, 1):
        if not row.strip():
            continue
        try:
            facts = json.loads(row)
            reply = Reply(str(facts["text"]), str(facts["finish"]), str(facts["model"]), Usage(**facts["usage"]))
            found[str(facts["key"]), int(facts["occurrence"])] = reply
        except (ValueError, KeyError, TypeError) as problem:
            if number == len(rows):  # the incomplete last line of a killed run
                continue
            raise UserError(f"{path}:{number} is not a recorded exchange.", "Record again: --record FILE") from problem
    return found
