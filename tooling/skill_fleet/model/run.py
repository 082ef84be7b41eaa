"""One run with one model: its limits, its recording, its step and its calls.

A recording has a line of JSON for each exchange, found again by the hash of its question. With a file to replay, no model
is asked: a question that is not in the file is an error. With both, a question that is not in the file is asked and
recorded, so that a stopped run can be resumed without paying twice.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

from skill_fleet.drafting import Call
from skill_fleet.errors import UserError
from skill_fleet.fleet import ModelSettings
from skill_fleet.markdown import estimated_tokens

Messages = Sequence[Mapping[str, Any]]
Progress = Callable[[str, float, int], None]
"""Called with the step that begins ("": none for now), the seconds since the run began, and the tokens used."""
TRACE = "SKILL_FLEET_TRACE"
"""The file of the trace, or the address of an MLflow server."""
_SHORTEST = 1_000  # tokens of a reply, below which it is not worth asking


class ModelFailed(UserError):
    """The model failed. Nothing was changed; the user can try again, or without a model. `record` is that of the run."""

    record: dict[str, Any] | None = None


class Unsafe(ModelFailed):
    """The model wrote something that may not be committed. The same replies would fail again."""


class OutOfBudget(BaseException):
    """The budget is spent. Not an Exception: libraries retry those, and this must not be retried."""


class Unreadable(Exception):
    """A reply that is incomplete or not of the requested form. The message goes back to the model, once."""


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
    """The hash of a question: its words and its sampling options, not the address or the API key."""
    return hashlib.sha256(json.dumps([messages, options], sort_keys=True).encode("ascii")).hexdigest()


def _write(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as problem:
        raise UserError(f"{path} cannot be written: {problem.strerror}.", "Name another file.") from None


def _read(path: Path) -> dict[tuple[str, int], Reply]:
    """The answers of a recording, by question and occurrence. What is no whole line of JSON is no answer."""
    found = {}
    try:
        for line in path.read_text(encoding="utf-8").split("\n"):
            try:
                row = json.loads(line)
            except ValueError:
                continue
            found[str(row["key"]), int(row["occurrence"])] = Reply(*(row[each.name] for each in fields(Reply)))
    except (OSError, ValueError, LookupError, TypeError) as problem:
        raise UserError(
            f"{path} is not a recording that can be read.", "Name the file that --record wrote."
        ) from problem
    return found


class Meter:
    """Counts calls and tokens, and refuses a call before it could exceed the budget.

    The totals include calls that failed. `exact` is False if any server reported no usage, and `cost` is None if any
    price is unknown. `used` are the tokens of all calls, never less than half of our estimate.
    """

    def __init__(self, most_calls: int, most_tokens: int) -> None:
        self.most_calls, self.most_tokens = most_calls, most_tokens
        self.calls = self.replayed = self.prompt = self.completion = 0
        self.exact = True
        self.cost: float | None = 0.0
        self.used = self._free = 0  # the second: of those that were replayed and cost nothing
        self._lock = Lock()  # several clients may share it

    def begin(self, prompt: str, longest_reply: int) -> int:
        """Count a call that is about to be made, and return how many tokens its reply may have. Raises OutOfBudget if it
        may not be made."""
        with self._lock:
            made, spent = self.calls - self.replayed, self.used - self._free
            room = self.most_tokens - spent - estimated_tokens(prompt)
            if made + 1 > self.most_calls:
                raise OutOfBudget(f"{made} of {self.most_calls} calls are made")
            if room < min(longest_reply, _SHORTEST):
                raise OutOfBudget(f"about {spent:,} of {self.most_tokens:,} tokens are spent")
            self.calls += 1
            return min(room, longest_reply)

    def end(self, prompt: str, reply: Reply, *, replayed: bool = False) -> None:
        """Count the tokens of a call. A replayed one costs nothing now, so it counts only in the totals."""
        with self._lock:
            asked, answered = estimated_tokens(prompt), estimated_tokens(reply.text)
            into, out = reply.prompt, reply.completion
            if into is None or out is None:
                self.exact, into, out = False, asked, answered
            self.prompt += into
            self.completion += out
            self.cost = None if self.cost is None or reply.cost is None else self.cost + reply.cost
            # a server's count may be wrong or hostile: never less than half of our estimate
            used = max(into + out, (asked + answered) // 2)
            self.used += used
            self._free += used * replayed
            self.calls += replayed
            self.replayed += replayed

    def words(self) -> str:
        """Return the totals as text for the pull request."""
        tokens = f"{'' if self.exact else 'about '}{self.prompt + self.completion:,} tokens"
        cost = "cost unknown" if self.cost is None else f"${self.cost:.4f}"
        again = f", {self.replayed} of them replayed" if self.replayed else ""
        return f"{self.calls} call{'s' * (self.calls != 1)}{again}, {tokens}, {cost}"


class Run:
    """The state of a run. `last` is the last reply of the present step."""

    def __init__(self, settings: ModelSettings, tape: Tape | None = None, progress: Progress | None = None) -> None:
        self.settings, self.tape, self.progress = settings, tape or Tape(), progress
        self.options = {"temperature": settings.temperature, "max_tokens": settings.max_tokens}
        self.meter = Meter(settings.calls, settings.tokens)
        self.calls: list[Call] = []
        self.began = time.monotonic()
        self.step = ""
        self.last: Reply | None = None

    def trace(self, reply: Reply, seconds: float, *, replayed: bool) -> None:
        """Add a line on a call to the file that TRACE names, if it names one: figures, and no words."""
        if not (place := os.environ.get(TRACE)) or "://" in place:
            return
        facts = {name: value for name, value in asdict(reply).items() if name != "text"}
        row = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "step": self.step, **facts}
        _write(Path(place), json.dumps({**row, "seconds": round(seconds, 3), "replayed": replayed}) + "\n")

    def show(self, step: str) -> None:
        """Tell the progress that a step asks the model now; "" if none does."""
        if self.progress:
            self.progress(step.removesuffix("_task"), time.monotonic() - self.began, self.meter.used)


@cache
def trace_to(server: str) -> None:
    """Have MLflow log all that DSPy does, prompts and replies too, to a server. Raises UserError without MLflow."""
    try:
        mlflow = import_module("mlflow")
    except ImportError as problem:
        tip = "Install it: python -m pip install 'mlflow>=3.5'"
        raise UserError("Tracing to a server needs the package mlflow.", tip) from problem
    mlflow.set_tracking_uri(server)
    import_module("mlflow.dspy").autolog()


@cache
def load_dspy() -> ModuleType:
    """Return the library, set up. It is loaded here, and only when it is needed. Raises UserError if there is none."""
    # Without it the first call fetches a price list, and waits five seconds where there is no network.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "true")
    try:
        import dspy  # type: ignore[import-untyped]
    except ImportError as problem:
        tip = "Install it: python -m pip install 'dspy>=3.4.1,<3.5'"
        raise UserError("A model needs the package dspy.", tip) from problem
    # Its cache is on by default, 30 GB in the home folder, and ignores the address of the server.
    dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)
    dspy.disable_logging()
    library: ModuleType = dspy
    return library
