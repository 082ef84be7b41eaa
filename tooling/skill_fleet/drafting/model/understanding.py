"""From a task and sources to a Brief and the claims that a draft will rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skill_fleet.drafting.model.ask import NONE, Asker
from skill_fleet.drafting.model.judges import judge_understanding
from skill_fleet.drafting.model.numbered import Range, Sources, brief_text
from skill_fleet.drafting.pages.plain import tidy
from skill_fleet.drafting.types import Brief, Question


@dataclass(frozen=True)
class Grounds:
    """One thing that the skill may say, and where it stands."""

    text: str
    lines: Range


@dataclass(frozen=True)
class Understood:
    """What the model made of a task. `covered_by` is a skill that should be revised instead, `other_tasks` the further
    skills that the task asks for, each to be a pull request of its own."""

    brief: Brief
    grounds: tuple[Grounds, ...]
    covered_by: str = ""
    other_tasks: tuple[str, ...] = ()


def understand(
    asker: Asker,
    task: str,
    sources: Sources,
    categories: Mapping[str, str],
    neighbours: Mapping[str, str],
    path: str | None = None,
    agreed: Brief | None = None,
) -> Understood:
    """Ask what the skill will be; with `agreed`, only for the claims that it rests on."""
    wanted = agreed.path if agreed else path
    answer = asker.ask(
        "understand",
        lambda reply: judge_understanding(reply, sources, categories, neighbours, wanted),
        sources=sources.text(),
        categories=listed(categories),
        neighbours=listed(neighbours),
        given_path=wanted or NONE,
        agreed=brief_text(agreed) if agreed else NONE,
    )
    grounds = tuple(Grounds(tidy(one.text), Range(one.source, one.first, one.last)) for one in answer.claims)
    brief = agreed or Brief(
        task=tidy(task) or f"Make a skill of {', '.join(document.name for document in sources.documents)}.",
        path=answer.path,
        audience=tidy(answer.audience),
        capabilities=_tidy(answer.capabilities),
        triggers=_tidy(answer.triggers),
        non_goals=_tidy(answer.non_goals),
        assumptions=_tidy(answer.assumptions),
        questions=tuple(
            Question(tidy(one.text), tidy(one.why), _tidy(one.options), tidy(one.default), tidy(one.changes))
            for one in answer.questions
        ),
        sources=tuple(document.name for document in sources.documents),
    )
    return Understood(brief, grounds, answer.covered_by, _tidy(answer.other_tasks))


def listed(entries: Mapping[str, str]) -> str:
    """Names with what is said of them, a line each, as the model reads them."""
    return "\n".join(f"{name}: {tidy(text)}" for name, text in sorted(entries.items())) or NONE


def _tidy(texts: list[str]) -> tuple[str, ...]:
    return tuple(tidy(text) for text in texts if tidy(text))
