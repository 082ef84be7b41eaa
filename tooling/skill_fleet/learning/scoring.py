"""The score of a program on examples, outside of any optimiser: each example is asked once, in a run that counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from skill_fleet import model
from skill_fleet.fleet import ModelSettings
from skill_fleet.learning.examples import Example
from skill_fleet.learning.metrics import METRICS, Score, interval, total
from skill_fleet.markdown import estimated_tokens

_PROMPT = 1_500  # tokens of a question beside its inputs
REPLY = 1_500
"""Tokens of a reply, about."""


@dataclass(frozen=True)
class Scored:
    """The scores of a program by example, and what the run cost, in words."""

    scores: Mapping[str, Score]
    model: str
    cost: str

    @property
    def mean(self) -> float:
        """The mean score."""
        return fmean(one.value for one in self.scores.values()) if self.scores else 0.0

    def figures(self) -> dict[str, Any]:
        """Return the score and what was counted, with intervals of 95 %, as JSON."""
        rows: dict[str, dict[str, float]] = {}
        for name, (seen, of) in total(one.counts for one in self.scores.values()).items():
            rows[name] = {"count": seen, "of": of}
            if seen <= of and not name.startswith("findings"):
                low, high = interval(seen, of)
                rows[name] |= {"low": round(low, 3), "high": round(high, 3)}
        return {
            "examples": len(self.scores),
            "score": round(self.mean, 4),
            "counts": rows,
            "model": self.model,
            "cost": self.cost,
        }


def tokens_of(examples: Sequence[Example]) -> int:
    """Return about how many tokens it takes to ask each example once."""
    return sum(_PROMPT + REPLY + estimated_tokens("".join(one.inputs.values())) for one in examples)


def score(
    examples: Sequence[Example],
    settings: ModelSettings,
    tape: model.Tape,
    steps: Mapping[str, Any] | None = None,
    *,
    jobs: int = 1,
    meter: model.Meter | None = None,
    done: Callable[[int], None] = lambda _: None,
) -> Scored:
    """Ask each example once, `jobs` at a time, and score the answers; `done` is called with how many have ended.

    `meter` is that of a run of which this is a part. An answer that is refused twice scores 0. Raises ModelFailed if the model fails or the budget of `settings` is spent.
    """
    clients: list[model.ModelClient] = []
    meter = meter or model.Meter(settings.calls, settings.tokens)

    def ask(example: Example) -> Score:
        client = model.ModelClient(settings, tape, steps=steps)
        client.meter = meter
        with client.connected():
            clients.append(client)
            try:
                return METRICS[example.step](example.gold, client.ask(example.step, example.inputs))
            except model.Refused as refused:
                return Score(0.0, refused.reason)
            finally:
                done(len(clients))

    with ThreadPoolExecutor(jobs) as pool:
        found = dict(zip((one.key for one in examples), pool.map(ask, examples), strict=True))
    return Scored(found, clients[-1].model if clients else settings.model, meter.words())
