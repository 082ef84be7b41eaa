"""The files of a draft, made of its sections, with an account of where each line of them comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from skill_fleet.drafting import Entry, Fate, Generated
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import new_front_matter, tidy, tidy_value
from skill_fleet.model.ask import is_markdown
from skill_fleet.model.shapes import Plan
from skill_fleet.model.sources import Range, Sources

MORE = "Read more when you need it"


@dataclass(frozen=True)
class Section:
    """One section as it was written: `seen` are the lines that the model was shown for it, `cited` those it named,
    `unbacked` the lines of it that rest on the request alone."""

    file: str
    heading: str
    body: str
    seen: tuple[Range, ...]
    cited: tuple[Range, ...]
    wrong: tuple[str, ...] = ()
    unbacked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Composed:
    """The files, and where each of their lines comes from."""

    files: dict[str, str]
    generated: tuple[Generated, ...]


def compose(
    name: str, description: str, plan: Plan, sections: Sequence[Section], fields: Mapping[str, str] | None = None
) -> Composed:
    """Put the sections together: front matter, titles, headings, and in SKILL.md a table of when to read what.

    `fields` are those of the specification that a document states itself.
    """
    files: dict[str, str] = {}
    generated: list[Generated] = []
    for planned in plan.files:
        mine = [section for section in sections if section.file == planned.path]
        blocks: list[tuple[str, Sequence[str]]] = []
        if not is_markdown(planned.path):
            blocks = [(_origin(section), section.body.split("\n")) for section in mine]
        else:
            if planned.path == SKILL_FILE:
                head = {"name": name, "description": description, **(fields or {})}
                rows = new_front_matter({key: tidy_value(value) for key, value in head.items() if value}, {})
                blocks.append(("front matter", rows))
            title = plan.title if planned.path == SKILL_FILE else _title(planned.path)
            blocks.append(("title", [*([""] if blocks else []), f"# {tidy(title).lstrip('# ')}"]))
            blocks += (
                (_origin(section), ["", f"## {section.heading}", "", *section.body.split("\n")]) for section in mine
            )
            if planned.path == SKILL_FILE and len(plan.files) > 1:
                blocks.append(("table of files", ["", f"## {MORE}", "", *_table(plan)]))
        at = 0
        for origin, lines in blocks:
            generated.append(Generated(planned.path, at + 1, at + len(lines), origin))
            at += len(lines)
        files[planned.path] = "\n".join(line for _, lines in blocks for line in lines) + "\n"
    return Composed(files, tuple(generated))


def account(sources: Sources, sections: Sequence[Section]) -> tuple[Entry, ...]:
    """One fate for each line of the sources: what a section cites, what it was shown, what no claim rests on."""
    entries: list[Entry] = []
    aside = {(name, n): why for name, first, last, why in sources.aside for n in range(first, last + 1)}
    for source in sources.all[1:]:
        uses: dict[int, str] = {}
        for section in sections:
            where = f"{section.file}, {section.heading}"
            for word, ranges in (("cited in", section.cited), ("read for", section.seen)):
                for one in (each for each in ranges if each.source == source.number):
                    for number in range(one.first, one.last + 1):
                        if not uses.get(number, "read").startswith("cited"):
                            uses[number] = f"{word} {where}"
        run: Entry | None = None
        for number in range(1, len(source.lines) + 1):
            reason = aside.get((source.name, number)) or uses.get(number, "no claim rests on it")
            used = (source.name, number) not in aside and number in uses
            fate = Fate.CONSUMED if used else Fate.LEFT_OUT
            if run and (run.fate, run.reason) == (fate, reason):
                run = Entry(run.document, run.first, number, run.fate, reason=reason)
                entries[-1] = run
            else:
                run = Entry(source.name, number, number, fate, reason=reason)
                entries.append(run)
    return tuple(entries)


def outline(files: Mapping[str, Sequence[str]], purposes: Mapping[str, str]) -> str:
    """Files and headings, as the model reads them."""
    rows = []
    for path, headings in files.items():
        rows.append(f"{path}: {tidy(purposes[path])}" if purposes.get(path) else path)
        rows += (f"  - {heading}" for heading in headings)
    return "\n".join(rows)


def _origin(section: Section) -> str:
    ranges = section.cited or section.seen
    return f"written from {', '.join(map(str, ranges))}"


def _title(path: str) -> str:
    words = PurePosixPath(path).stem.replace("-", " ")
    return words[:1].upper() + words[1:]


def _table(plan: Plan) -> list[str]:
    rows = ["| Read | when you |", "| --- | --- |"]
    for file in plan.files[1:]:
        said = tidy(file.read_when).rstrip(".").replace("|", "\\|")
        said = said.removeprefix("read it when you ").removeprefix("Read it when you ")
        rows.append(f"| [{PurePosixPath(file.path).name.removesuffix('.md')}]({file.path}) | {said} |")
    return rows
