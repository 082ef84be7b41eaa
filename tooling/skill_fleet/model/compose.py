"""The files of a draft, composed of its sections, and the ledger that says where each source line went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath

from skill_fleet.drafting import Entry, Fate, Generated
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import tidy, write_front_matter
from skill_fleet.model.shapes import SkillPlan
from skill_fleet.model.skill_text import is_markdown
from skill_fleet.model.sources import Range, Source, Sources

MORE = "Read more when you need it"


@dataclass(frozen=True)
class Section:
    """A written section. `seen` are the source lines that the model was shown for it, `cited` those that it cited.

    `wrong` are the reasons why citations were dropped, `unbacked` its lines that rest on the request alone.
    """

    file: str
    heading: str
    body: str
    seen: tuple[Range, ...]
    cited: tuple[Range, ...]
    wrong: tuple[str, ...] = ()
    unbacked: tuple[str, ...] = ()


def compose(
    name: str, description: str, plan: SkillPlan, sections: Sequence[Section], fields: Mapping[str, str] | None = None
) -> tuple[dict[str, str], tuple[Generated, ...]]:
    """Join the sections: front matter, titles, headings, and in SKILL.md a table that says when to read which file.

    Return the files, and the origin of each of their lines. `fields` are fields of the specification that a document states itself, such as `license`.
    """
    files: dict[str, str] = {}
    generated: list[Generated] = []
    for planned in plan.files:
        markdown, first = is_markdown(planned.path), planned.path == SKILL_FILE
        blocks: list[tuple[str, Sequence[str]]] = []
        if first:
            blocks.append(("front matter", [*write_front_matter(name, description, fields or {}, {}), ""]))
        if markdown:
            title = plan.title if first else _title(planned.path)
            blocks.append(("title", [f"# {tidy(title).lstrip('# ')}"]))
        for section in (one for one in sections if one.file == planned.path):
            origin = f"written from {', '.join(map(str, section.cited or section.seen))}"
            heading = ["", f"## {section.heading}", ""] if markdown else []
            blocks.append((origin, [*heading, *section.body.split("\n")]))
        if first and len(plan.files) > 1:
            blocks.append(("table of files", ["", f"## {MORE}", "", *_table(plan)]))
        at = 0
        for origin, lines in blocks:
            generated.append(Generated(planned.path, at + 1, at + len(lines), origin))
            at += len(lines)
        files[planned.path] = "\n".join(line for _, lines in blocks for line in lines) + "\n"
    return files, tuple(generated)


def ledger(sources: Sources, sections: Sequence[Section]) -> tuple[Entry, ...]:
    """Return the fate of each source line: cited by a section, read for one, or used by none."""
    entries: list[Entry] = []
    for source in sources.all[1:]:
        fates = _fates(source, sources, sections)
        for (fate, reason), run in groupby(range(1, len(source.lines) + 1), key=lambda number: fates[number]):
            numbers = [*run]
            entries.append(Entry(source.name, numbers[0], numbers[-1], fate, reason=reason))
    return tuple(entries)


def _fates(source: Source, sources: Sources, sections: Sequence[Section]) -> dict[int, tuple[Fate, str]]:
    fates = dict.fromkeys(range(1, len(source.lines) + 1), (Fate.LEFT_OUT, "no claim rests on it"))
    # the weaker use first: a line that one section cites and another only read is cited
    for section in reversed(sections):
        _mark(fates, source, section.seen, f"read for {section.file}, {section.heading}")
    for section in reversed(sections):
        _mark(fates, source, section.cited, f"cited in {section.file}, {section.heading}")
    for name, first, last, reason in sources.aside:
        if name == source.name:
            fates.update(dict.fromkeys(range(first, last + 1), (Fate.LEFT_OUT, reason)))
    return fates


def _mark(fates: dict[int, tuple[Fate, str]], source: Source, ranges: Sequence[Range], use: str) -> None:
    for one in ranges:
        if one.source == source.number:
            fates.update(dict.fromkeys(range(one.first, one.last + 1), (Fate.CONSUMED, use)))


def _title(path: str) -> str:
    words = PurePosixPath(path).stem.replace("-", " ")
    return words[:1].upper() + words[1:]


def _table(plan: SkillPlan) -> list[str]:
    rows = ["| Read | when you |", "| --- | --- |"]
    for file in plan.files[1:]:
        when = tidy(file.read_when).rstrip(".").replace("|", "\\|")
        when = when.removeprefix("read it when you ").removeprefix("Read it when you ")
        rows.append(f"| [{PurePosixPath(file.path).name.removesuffix('.md')}]({file.path}) | {when} |")
    return rows
