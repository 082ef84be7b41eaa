"""Record and replay: each exchange with the model is one line of JSON, found again by the hash of its question.

With a file to replay, no model is asked: a question that is not in the file is an error. With both, a question that is
not in the file is asked and recorded, so that a stopped run can be resumed without paying twice.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from skill_fleet.errors import UserError

Messages = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Reply:
    """The unchanged text of a model, how it ended ("stop" if it is whole), and the model's name. Tokens and cost are as
    the server reports them; None if it does not."""

    text: str
    finish: str
    model: str
    prompt: int | None = None
    completion: int | None = None
    cost: float | None = None


class Tape:
    """The exchanges of a run, in all its rounds. If a question is asked twice, it has two answers in order.

    A recording that exists is continued; of two answers to the same question, the later one is replayed.
    """

    def __init__(self, record: Path | None = None, replay: Path | None = None) -> None:
        self._known = _read(replay) if replay else {}
        self._replay, self._record = replay, record
        self._asked: Counter[str] = Counter()
        if record:
            _write(record, "\n")  # a killed run may have left an incomplete line: it stays one of its own

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
            ways = f"Ask the model for what is missing: --replay {self._replay} --record {self._replay}"
            missing = f"{self._replay} has no answer to this question of the step {step!r}."
            raise UserError(missing, f"Something that it depends on has changed. {ways}")
        if found and self._record != self._replay:
            self.keep(step, messages, options, found)
        return found

    def keep(self, step: str, messages: Messages, options: Mapping[str, Any], reply: Reply) -> None:
        """Record the answer to the question that `find` was asked last. It is written before the next call."""
        if self._record:
            key = _key(messages, options)
            asked = {"step": step, "key": key, "occurrence": self._asked[key], "options": options, "messages": messages}
            _write(self._record, json.dumps({**asked, **asdict(reply)}) + "\n")


def _key(messages: Messages, options: Mapping[str, Any]) -> str:
    """Return the hash of a question: its words and its sampling options, not the address or the API key."""
    return hashlib.sha256(json.dumps([messages, options], sort_keys=True).encode("ascii")).hexdigest()


def _write(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as problem:
        raise UserError(f"{path} cannot be written: {problem.strerror}.", "Name another file: --record FILE") from None


def _read(path: Path) -> dict[tuple[str, int], Reply]:
    """Return the answers of a recording, by question and occurrence. What is no whole line of JSON is no answer."""
    found = {}
    try:
        for line in path.read_text(encoding="utf-8").split("\n"):
            try:
                row = json.loads(line)
            except ValueError:
                continue
            facts = {each.name: row[each.name] for each in fields(Reply)}
            found[str(row["key"]), int(row["occurrence"])] = Reply(**facts)
    except (OSError, ValueError, LookupError, TypeError) as problem:
        raise UserError(
            f"{path} is not a recording that can be read.", "Name the file that --record wrote."
        ) from problem
    return found
