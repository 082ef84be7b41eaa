"""What a later optimiser needs, as facts that survive JSON: kept from the first draft on, because Git forgets nothing
and merges that squash, and logs that expire, forget all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from skill_fleet.drafting import Document
from skill_fleet.model.ask import Asker
from skill_fleet.model.critic import Repaired
from skill_fleet.model.lm import Call
from skill_fleet.model.records import redacted
from skill_fleet.model.shapes import Plan
from skill_fleet.model.understanding import Understood


@dataclass(frozen=True)
class DraftRecord:
    """One draft: what went in, every exchange, the files before and after repair, and what was still wrong."""

    task: str
    sources: tuple[Mapping[str, str], ...]
    brief: Mapping[str, Any]
    grounds: tuple[Mapping[str, Any], ...]
    plan: Mapping[str, Any]
    first: Mapping[str, str]
    files: Mapping[str, str]
    faults: tuple[Mapping[str, Any], ...]
    rounds: int
    calls: tuple[Call, ...]
    kind: str = "draft"


@dataclass(frozen=True)
class RoundRecord:
    """One round of revision: the threads as they were read, what became of each, and the files before and after."""

    threads: tuple[Mapping[str, Any], ...]
    handled: tuple[Mapping[str, Any], ...]
    before: Mapping[str, str]
    after: Mapping[str, str]
    calls: tuple[Call, ...]
    kind: str = "round"


def draft_record(
    asker: Asker,
    understood: Understood,
    plan: Plan,
    first: Mapping[str, str],
    mended: Repaired,
    sources: Sequence[Document],
) -> DraftRecord:
    """The record of a draft. A source is named by its hash: its words are in the calls as far as the model saw them."""
    return DraftRecord(
        task=understood.brief.task,
        sources=tuple(source.facts() for source in sources),
        brief=asdict(understood.brief),
        grounds=tuple({"text": one.text, "lines": str(one.lines)} for one in understood.grounds),
        plan=plan.model_dump(),
        first=dict(first),
        files=dict(mended.files),
        faults=tuple(asdict(fault) for fault in mended.left),
        rounds=mended.rounds,
        calls=tuple(asker.traffic.calls),
    )


def as_row(record: DraftRecord | RoundRecord) -> dict[str, Any]:
    """A record as JSON has it, with what looks like a secret taken out."""
    row = redacted(asdict(record))
    assert isinstance(row, dict)
    return row
