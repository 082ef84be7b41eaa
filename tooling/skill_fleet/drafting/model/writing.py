"""From a brief and what it rests on to the sections of a skill: plan, write, describe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skill_fleet.drafting.model.ask import NONE, Asker
from skill_fleet.drafting.model.citations import take_out
from skill_fleet.drafting.model.compose import Section, outline
from skill_fleet.drafting.model.echoes import runs_of
from skill_fleet.drafting.model.headings import headings_of
from skill_fleet.drafting.model.judges import (
    REFERENCE_TOKENS,
    SKILL_TOKENS,
    is_markdown,
    judge_description,
    judge_plan,
    judge_section,
)
from skill_fleet.drafting.model.numbered import Sources
from skill_fleet.drafting.model.program import prompt_texts
from skill_fleet.drafting.model.shapes import Plan, PlannedFile, PlannedSection
from skill_fleet.drafting.model.spending import estimated
from skill_fleet.drafting.model.understanding import Grounds, Understood, listed
from skill_fleet.drafting.pages.plain import tidy

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
