"""From a task and sources to a Brief and the claims that a draft will rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skill_fleet.drafting import Brief, Question
from skill_fleet.markdown import tidy
from skill_fleet.model.ask import (
    NONE,
    REFERENCE_TOKENS,
    SKILL_TOKENS,
    Asker,
    is_markdown,
    judge_description,
    judge_plan,
    judge_section,
    judge_understanding,
)
from skill_fleet.model.compose import Section, outline
from skill_fleet.model.grounding import runs_of
from skill_fleet.model.headings import headings_of
from skill_fleet.model.program import prompt_texts
from skill_fleet.model.shapes import Plan, PlannedFile, PlannedSection
from skill_fleet.model.sources import Range, Sources, brief_text, take_out
from skill_fleet.model.spending import estimated


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


FEWEST, CLAIMS_PER_SECTION = 8, 3
"""What a plan may have of sections: a few always, and then by what there is to say."""


def plan_skill(asker: Asker, understood: Understood, brief: str, sources: Sources) -> Plan:
    """Ask for the files and sections."""
    capabilities = understood.brief.capabilities
    plan: Plan = asker.ask(
        "plan",
        lambda reply: judge_plan(reply, len(understood.grounds), capabilities),
        brief=brief,
        claims="\n".join(_claim(number, one, sources) for number, one in enumerate(understood.grounds, 1)),
        limits=f"SKILL.md: all its sections together at most {SKILL_TOKENS} tokens.\n"
        f"Every other file: at most {REFERENCE_TOKENS} tokens. At most 16 files.\n"
        f"At most {max(FEWEST, -(-len(understood.grounds) // CLAIMS_PER_SECTION))} sections in all files together.",
    )
    return plan


def write_sections(
    asker: Asker, understood: Understood, brief: str, plan: Plan, sources: Sources, neighbours: Mapping[str, str]
) -> tuple[Section, ...]:
    """Ask for each section, in the order of the plan."""
    runs = runs_of([*prompt_texts(), *neighbours.values()])
    purposes = {file.path: file.purpose for file in plan.files}
    shape = outline(
        {file.path: [f"{each.heading}: {tidy(each.says)}" for each in file.sections] for file in plan.files}, purposes
    )
    return tuple(
        _write(asker, understood.grounds, brief, shape, file, section, sources, runs, tuple(purposes))
        for file in plan.files
        for section in file.sections
    )


def _write(
    asker: Asker,
    grounds: Sequence[Grounds],
    brief: str,
    shape: str,
    file: PlannedFile,
    section: PlannedSection,
    sources: Sources,
    runs: frozenset[tuple[str, ...]],
    paths: Sequence[str],
) -> Section:
    seen = tuple(dict.fromkeys(grounds[number - 1].lines for number in section.claims))
    passages, markdown = sources.passages(seen), is_markdown(file.path)
    points = [f"- {grounds[number - 1].text} ({grounds[number - 1].lines})" for number in section.claims]
    tried = 0

    def judge(reply: str) -> str:
        nonlocal tried
        tried += 1
        cited = take_out(_body(reply, section.heading), sources, seen)
        wrong = judge_section(
            cited.text if markdown else reply,
            markdown=markdown,
            cites=bool(cited.ranges or cited.wrong),
            runs=runs,
            passages=passages,
            planned=paths,
        )
        if cited.wrong and tried == 1:  # the second time it is dropped and said in the open points
            wrong = f"{wrong} {' '.join(cited.wrong)}".strip()
        return wrong

    reply = asker.ask(
        "write",
        judge,
        brief=brief,
        outline=shape,
        file=file.path,
        section="\n".join([section.heading, tidy(section.says), *points, f"About {section.tokens} tokens."]),
        passages=passages or NONE,
    )
    if not markdown:
        return Section(file.path, section.heading, reply, seen, seen)
    cited = take_out(_body(reply, section.heading), sources, seen)
    heading = tidy(section.heading)
    return Section(file.path, heading, cited.text, seen, cited.ranges, cited.wrong, cited.unbacked)


def describe_skill(asker: Asker, brief: str, files: Mapping[str, str], neighbours: Mapping[str, str]) -> str:
    """Ask for the description, once there is something to describe."""
    runs = runs_of([*prompt_texts(), *neighbours.values()])
    text = asker.ask(
        "describe",
        lambda reply: judge_description(reply.strip(), runs),
        brief=brief,
        headings=outline({path: headings_of(path, each) for path, each in files.items()}, {}),
        neighbours=listed(neighbours),
    )
    return tidy(text)


def _claim(number: int, one: Grounds, sources: Sources) -> str:
    return f"C{number} ({one.lines}, {estimated(sources.plain([one.lines]))} tokens): {one.text}"


def _body(reply: str, heading: str) -> str:
    """The reply without the section's own heading, which many models repeat whatever one says."""
    first, _, rest = reply.partition("\n")
    return (
        rest.strip("\n")
        if first.lstrip("#").strip().lower() == heading.strip().lower() and first.startswith("#")
        else reply
    )
