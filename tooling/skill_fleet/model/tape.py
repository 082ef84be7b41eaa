"""Record and replay: every exchange with the model as one line of JSON, found again by what was asked.

With a file to replay, nothing else answers: a question that is not in it is an error. With both, what is not in it is
asked and recorded, which is how a run that was stopped goes on without paying twice.
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
from skill_fleet.model.spending import Usage

Messages = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Reply:
    """What a model said, as the model said it."""

    text: str
    finish: str
    model: str
    usage: Usage


def key_of(messages: Messages, options: Mapping[str, Any]) -> str:
    """What makes two questions the same: the words and the sampling options, not the address or the key."""
    asked = json.dumps([list(messages), dict(options)], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(asked.encode("ascii")).hexdigest()


class Tape:
    """One run's exchanges, of all its rounds. The same question asked twice has the second answer the second time.

    With `begun`, an earlier part of the run has begun the record, and this one goes on behind it.
    """

    def __init__(self, record: Path | None = None, replay: Path | None = None, *, begun: bool = False) -> None:
        self._known = _read(replay) if replay else {}
        self._replay, self._record = replay, record
        self._asked: Counter[str] = Counter()
        if record and (record == replay or (begun and record.exists())):
            _mend_end(record)
        elif record:
            _write(record, "w", "")

    @property
    def is_offline(self) -> bool:
        """Whether nothing but the record may answer."""
        return self._replay is not None and self._record is None

    def find(self, step: str, messages: Messages, options: Mapping[str, Any]) -> Reply | None:
        """The recorded answer; None when the model has to be asked, UserError when it may not be."""
        key = key_of(messages, options)
        self._asked[key] += 1
        found = self._known.get((key, self._asked[key]))
        if found is None and self.is_offline:
            raise UserError(
                f"{self._replay} holds no answer to this question of the step {step!r}.",
                f"Something it depends on has changed. Ask the model and go on: --replay {self._replay} --record {self._replay}",
            )
        if found and self._record and self._record != self._replay:
            self._line(step, messages, options, found)
        return found

    def keep(self, step: str, messages: Messages, options: Mapping[str, Any], reply: Reply) -> None:
        """Record the answer to the question that was just not found. Each line is on the disk before the next call."""
        if self._record:
            self._line(step, messages, options, reply)

    def _line(self, step: str, messages: Messages, options: Mapping[str, Any], reply: Reply) -> None:
        key = key_of(messages, options)
        row = {
            "step": step,
            "key": key,
            "occurrence": self._asked[key],
            "options": dict(options),
            "messages": [dict(message) for message in messages],
            **asdict(reply),
        }
        assert self._record is not None
        _write(self._record, "a", json.dumps(row, ensure_ascii=True) + "\n")


def _write(path: Path, mode: str, text: str) -> None:
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as problem:
        raise _unwritable(path, problem) from None


def _unwritable(path: Path, problem: OSError) -> UserError:
    return UserError(f"{path} cannot be written: {problem.strerror}.", "Name another file: --record FILE")


def _mend_end(path: Path) -> None:
    """Take away the part of a line that a run which was killed left at the end: the next would be written onto it."""
    try:
        content = path.read_bytes()
        tail = content.rpartition(b"\n")[2]
        if tail and not _is_row(tail):
            os.truncate(path, len(content) - len(tail))
        elif tail:
            _write(path, "a", "\n")
    except OSError as problem:
        raise _unwritable(path, problem) from None


def _is_row(line: bytes) -> bool:
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
            if number == len(rows):  # a run that was killed while it wrote its last line
                continue
            raise UserError(
                f"{path}:{number} is not a recorded exchange.", "Record it again: --record FILE"
            ) from problem
    return found
