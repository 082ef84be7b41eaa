"""What is wrong with a draft: by the checks, and by the passages that it rests on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from skill_fleet.checks import Finding, check_skill
from skill_fleet.fleet import ROOT, MemoryTree, Skill
from skill_fleet.model.ask import is_markdown
from skill_fleet.model.compose import Section
from skill_fleet.model.grounding import not_in
from skill_fleet.model.sources import Range, Sources

Check = Callable[[dict[str, str]], Sequence[Finding]]
"""What the checks say of a skill's files, which are named by their path in the skill's folder."""


@dataclass(frozen=True)
class Fault:
    """Something wrong in `file`. `blocks` is whether the draft may not be committed with it, `told` whether it is only
    for people to judge and not to be mended, `name` the name that stands in no source, if it is about one. What is
    `missing` stands in the passages or the brief, as quoted, and should stand behind `line`."""

    file: str
    line: int
    why: str
    blocks: bool = False
    quote: str = ""
    told: bool = False
    name: str = ""
    missing: bool = False


def faults_of_checks(files: Mapping[str, str], check: Check) -> tuple[Fault, ...]:
    """The findings on files that the model wrote."""
    return tuple(
        Fault(path, one.line, f"{one.rule}: {one.message} {one.fix}".strip(), one.severity == "error")
        for one in check(dict(files))
        for path in [file_of(one.path, files)]
        if path
    )


def faults_of_names(files: Mapping[str, str], sections: Sequence[Section], sources: Sources) -> tuple[Fault, ...]:
    """Names that stand in none of the passages that the skill rests on. In sections that rest on the request, as agreed,
    they are what the model knows: those are only told."""
    found = []
    seen = dict.fromkeys(one for section in sections for one in section.seen)
    passages = sources.plain([*seen, *_request(sources)]) + "\n" + "\n".join(files)
    for path, text in files.items():
        known = {
            one.name
            for section in sections
            if section.file == path and any(each.source == 0 for each in section.seen)
            for one in not_in(passages, section.body, whole_code=not is_markdown(path))
        }
        found += [
            Fault(
                path,
                one.line,
                f"`{one.name}` stands in no cited passage.",
                quote=one.name,
                told=one.name in known,
                name=one.name,
            )
            for one in not_in(passages, _without_front_matter(text), whole_code=not is_markdown(path))
        ]
    return tuple(found)


def line_of(text: str, quote: str, near: int) -> int:
    """The line at which `quote` stands in `text`; where it does so more than once, the one that is nearest to `near`."""
    lines = [text.count("\n", 0, found.start()) + 1 for found in re.finditer(re.escape(quote), text)]
    return min(lines, key=lambda line: abs(line - near))


def seen_for(path: str, sections: Sequence[Section]) -> tuple[Range, ...]:
    """The lines that a file rests on; for SKILL.md, whose table speaks of all files, that is its own sections too."""
    return tuple(dict.fromkeys(one for section in sections if section.file == path for one in section.seen))


def file_of(path: str, files: Mapping[str, str]) -> str:
    """The file of the skill that a finding's path names; '' when it is none of them."""
    return next((name for name in files if path == name or path.endswith(f"/{name}")), "")


def _request(sources: Sources) -> tuple[Range, ...]:
    return (Range(0, 1, len(sources.all[0].lines)),)


def _without_front_matter(text: str) -> str:
    """Blank lines for front matter, so that line numbers stay."""
    if not text.startswith("---\n") or (end := text.find("\n---\n", 3)) < 0:
        return text
    return "\n" * text.count("\n", 0, end + 5) + text[end + 5 :]


def checks_for(skill: str, modes: Mapping[str, int] | None = None) -> Check:
    """What the rules about one skill say of files that would stand in the folder of `skill`."""
    folder = f"{ROOT}/{skill}"

    def check(files: dict[str, str]) -> tuple[Finding, ...]:
        contents = {f"{folder}/{path}": text.encode("utf-8", "surrogatepass") for path, text in files.items()}
        tree = MemoryTree(contents, modes)
        return check_skill(Skill(skill, folder, tree.entries, tree))

    return check
