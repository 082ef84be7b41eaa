"""Skills that say the same, and all that a fleet's descriptions cost."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.similar import Marks, similar_pairs
from skill_fleet.checks.survey import Survey
from skill_fleet.fleet import SKILL_FILE, Fleet, Skill
from skill_fleet.markdown import shown

SAME_DESCRIPTION = 0.8
SAME_BODY = 0.85
# Fewer words or lines than these are alike by chance, as in "Use this skill when asked."
_FEWEST_WORDS = 8
_FEWEST_LINES = 6
_SKETCH = 48
_PAIRS = 200

_DESCRIPTION = re.compile(rb"^description:(.*(?:\n[ \t].*)*)", re.MULTILINE)
_WORD = re.compile(rb"[\w\x80-\xff]+")


@rule("fleet/near-duplicate", "hint", scope="fleet")
def near_duplicate(survey: Survey) -> Iterator[Spot]:
    """No two skills have nearly the same description, or nearly the same text.

    An agent cannot choose between them, and a correction of one leaves the other wrong. Descriptions are compared by
    their words (four of five the same), texts by their lines (17 of 20). Retired skills do not count. A pair that is
    meant to be goes into `accepted-duplicates` of `[tool.skill-fleet]`.

    Good:

        web/forms: Fills HTML forms in a browser.
        pdf/forms: Fills the fields of PDF files.

    Bad:

        web/forms: Fills HTML forms in a browser.
        web/filling: Fills in HTML forms in a browser.

    Fix: merge them and retire one, or say in both descriptions what sets them apart.
    """
    retired = {skill.id for skill in survey.naming(b"status:") if skill.status == "retired"}
    known = survey.fleet.skills if survey.among is None else [s for s in survey.fleet.skills if s.id in survey.among]
    skills = [skill for skill in known if skill.file and skill.id not in retired]
    accepted = {frozenset(pair) for pair in survey.configuration.accepted_duplicates}
    words = {skill.id: _words(survey.fronts[skill.id]) for skill in skills}
    told = set()
    for pair in similar_pairs(
        {each: of for each, of in words.items() if len(of) >= _FEWEST_WORDS}, SAME_DESCRIPTION, survey.focus
    ):
        told.add(pair)
        survey.alike.update(pair)
        if frozenset(pair) not in accepted:
            yield _spot(survey, pair, "description", "description")
    del words
    texts = _sketches(survey.contents(skills) if survey.focus is None else _near_texts(survey, skills))
    likely = [pair for pair in similar_pairs(texts, SAME_BODY - 0.25, survey.focus) if pair not in told]
    for pair in _same_texts(survey, [pair for pair in likely if frozenset(pair) not in accepted]):
        survey.alike.update(pair)
        yield _spot(survey, pair, "text", "")


@rule("fleet/catalogue-budget", "hint", scope="fleet")
def catalogue_budget(survey: Survey) -> Iterator[Spot]:
    """All descriptions together fit the budget for them.

    A client lists every skill in every conversation, and drops whole descriptions beyond its limit. The budget is
    `catalogue-budget` of `[tool.skill-fleet]`, in tokens of four letters; each skill takes its name and description.
    Source: https://agentskills.io/specification#progressive-disclosure (about 100 tokens a skill)

    Good:

        200 skills of 60 tokens, with a budget of 15,000

    Bad:

        200 skills of 200 tokens, with a budget of 15,000

    Fix: shorten the longest descriptions, or publish the fleet in parts.
    """
    budget = survey.configuration.catalogue_budget
    if survey.focus is not None:  # a change has its own skill's description to answer for, not the sum
        return
    sizes = {skill.id: (len(skill.folder) + _length(survey.fronts[skill.id])) // 4 for skill in survey.fleet.skills}
    total = sum(sizes.values())
    if total > budget:
        longest = ", ".join(shown(each) for each in sorted(sizes, key=lambda each: (-sizes[each], each))[:3])
        message = f"The descriptions take about {total:,} tokens, over the budget of {budget:,}: clients drop some."
        yield Spot(survey.fleet.root or ".", 1, message, f"Shorten the longest: {longest}.", key="budget")


def twin_of(files: Mapping[str, str], fleet: Fleet) -> str:
    """The id of a skill of `fleet` that a draft of these files is nearly the same as, by the measure of the rule above."""
    content = files[SKILL_FILE].encode()
    words, lines = _words(content), _lines(content)
    for skill in fleet.skills:
        other = _content(skill)
        alike = _share(words, _words(other)) >= SAME_DESCRIPTION if len(words) >= _FEWEST_WORDS else False
        if not alike and len(lines) >= _FEWEST_LINES:
            alike = _share(lines, _lines(other)) >= SAME_BODY
        if alike and skill.status != "retired":
            return skill.id
    return ""


def _share(one: Collection[object], other: Collection[object]) -> float:
    both = len(set(one) & set(other))
    return both / (len(one) + len(other) - both) if one or other else 0


def _spot(survey: Survey, pair: tuple[str, str], what: str, field: str) -> Spot:
    """On the skill that the change touches, or else on the second of the two."""
    mine, other = pair[::-1]
    if survey.focus is not None and mine not in survey.focus:
        mine, other = other, mine
    message = f"Its {what} is nearly that of {shown(other)}, so agents cannot choose and fixes miss one of them."
    fix = "Merge them, or say what sets them apart; a pair meant to be goes into `accepted-duplicates`."
    return survey.at(mine, message, fix, field)


def _same_texts(survey: Survey, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Those of the pairs whose texts are nearly the same by all of their lines. Some are looked at at a time, so that a
    fleet of copies is not held whole."""
    for start in range(0, len(pairs), _PAIRS):
        some = pairs[start : start + _PAIRS]
        skills = [survey.fleet.by_id[each] for each in dict.fromkeys(each for pair in some for each in pair)]
        lines = {skill.id: _lines(content) for skill, content in survey.contents(skills)}
        for one, other in some:
            if len(lines[one] & lines[other]) >= SAME_BODY * len(lines[one] | lines[other]):
                yield one, other


def _sketches(contents: Iterable[tuple[Skill, bytes]]) -> dict[str, Marks]:
    """A few marks of each text, the same ones for the same lines, so that thousands fit into memory."""
    lines = ((skill.id, _lines(content)) for skill, content in contents)
    return {name: frozenset(sorted(marks)[:_SKETCH]) for name, marks in lines if len(marks) >= _FEWEST_LINES}


def _near_texts(survey: Survey, skills: Sequence[Skill]) -> Iterator[tuple[Skill, bytes]]:
    """The skills in focus, and those others whose text may be nearly the same. Such a text has so many of the lines that
    it cannot be much shorter, and of more than may differ it has one: of the longest, which are seldom there by chance."""
    probes: set[bytes] = set()
    sizes = []
    for lines in (_texts(_content(skill)) for skill in skills if skill.id in (survey.focus or ())):
        longest = sorted(lines, key=lambda line: (-len(line), line))
        differing = int(len(lines) * (1 - SAME_BODY)) + 1
        probes.update(longest[:differing])
        sizes.append(sum(map(len, longest[differing:])))
    least = min(sizes, default=0)
    for skill, content in survey.contents(skills):
        if len(content) >= least and not probes.isdisjoint(map(bytes.strip, content.split(b"\n"))):
            yield skill, content


def _content(skill: Skill) -> bytes:
    return skill.tree.read(skill.file) if skill.file else b""


def _words(content: bytes) -> Marks:
    """The words of the description as it is written: enough to compare, and no YAML to read for thousands of skills."""
    found = _DESCRIPTION.search(content, 0, 8192)
    return frozenset(map(zlib.crc32, _WORD.findall(found[1].lower()))) if found else frozenset()


def _length(content: bytes) -> int:
    found = _DESCRIPTION.search(content, 0, 8192)
    return len(found[1].decode("utf-8", "replace").strip()) if found else 0


def _lines(content: bytes) -> set[int]:
    """A number for each line of the text below the front matter, blank and very short lines left out."""
    return set(map(zlib.crc32, _texts(content)))


def _texts(content: bytes) -> set[bytes]:
    body = content[max(content.find(b"\n---", 3), 0) + 4 :]
    return {line for line in map(bytes.strip, body.split(b"\n")) if len(line) > 3}
