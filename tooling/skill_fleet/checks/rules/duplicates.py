"""Skills that are nearly identical, and the size of all descriptions together."""

from __future__ import annotations

import math
import re
import zlib
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

from skill_fleet.checks.contexts import FleetContext
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.fleet import SKILL_FILE, Fleet, Skill
from skill_fleet.markdown import shown

SAME_DESCRIPTION = 0.8
SAME_BODY = 0.85
# Shorter ones are similar by chance, as in "Use this skill when asked."
_MIN_WORDS = 8
_MIN_LINES = 6

_DESCRIPTION = re.compile(rb"^description:(.*(?:\n[ \t].*)*)", re.MULTILINE)
_WORD = re.compile(rb"[\w\x80-\xff]+")


@rule("fleet/near-duplicate", "hint", scope="fleet")
def near_duplicate(context: FleetContext) -> Iterator[Violation]:
    """No two skills have nearly the same description, or nearly the same text.

    An agent cannot choose between them, and a fix in one leaves the other wrong. Descriptions are compared by their words
    (four of five the same), texts by their lines (17 of 20). Retired skills do not count. Intended pairs are listed in
    `accepted-duplicates` of `[tool.skill-fleet]`.

    Good:

        web/forms: Fills HTML forms in a browser.
        pdf/forms: Fills the fields of PDF files.

    Bad:

        web/forms: Fills HTML forms in a browser.
        web/filling: Fills in HTML forms in a browser.

    Fix: merge them and retire one, or make the descriptions distinct.
    """
    retired = {skill.id for skill in context.mentioning(b"status:") if skill.status == "retired"}
    compared = (each for each in context.fleet.skills if context.candidates is None or each.id in context.candidates)
    skills = [skill for skill in compared if skill.file and skill.id not in retired]
    accepted = {frozenset(pair) for pair in context.configuration.accepted_duplicates}
    words = {skill.id: _words(context.front_matters[skill.id]) for skill in skills}
    words = {skill: its for skill, its in words.items() if len(its) >= _MIN_WORDS}
    for pair in similar_pairs(words, SAME_DESCRIPTION, context.focus):
        context.near_duplicates.update(pair)
        if frozenset(pair) not in accepted:
            accepted.add(frozenset(pair))  # so that it is not reported for its text too
            yield _violation(context, pair, "The description is nearly identical to that of", "description")
    read = context.contents(skills) if context.focus is None else _similar_texts(context, skills)
    texts = {skill.id: _lines(content) for skill, content in read}
    texts = {skill: its for skill, its in texts.items() if len(its) >= _MIN_LINES}
    for pair in similar_pairs(texts, SAME_BODY, context.focus):
        if frozenset(pair) not in accepted:
            context.near_duplicates.update(pair)
            yield _violation(context, pair, "This skill is nearly identical to", "")


@rule("fleet/catalogue-budget", "hint", scope="fleet")
def catalogue_budget(context: FleetContext) -> Iterator[Violation]:
    """The descriptions of all skills together stay within the budget.

    A client lists every skill in every conversation, and drops descriptions beyond its limit. The budget is
    `catalogue-budget` of `[tool.skill-fleet]`, in tokens of four characters. Names and descriptions count.
    Source: https://agentskills.io/specification#progressive-disclosure (about 100 tokens a skill)

    Good:

        200 skills of 60 tokens, with a budget of 15,000

    Bad:

        200 skills of 200 tokens, with a budget of 15,000

    Fix: shorten the longest descriptions, or publish the fleet in parts.
    """
    budget = context.configuration.catalogue_budget
    if context.focus is not None:  # a change is responsible for its own skills, not for the sum
        return
    fronts = context.front_matters
    sizes = {skill.id: (len(skill.folder) + _length(fronts[skill.id])) // 4 for skill in context.fleet.skills}
    total = sum(sizes.values())
    if total > budget:
        longest = ", ".join(shown(each) for each in sorted(sizes, key=lambda each: (-sizes[each], each))[:3])
        message = f"The descriptions have about {total:,} tokens, the budget is {budget:,}: clients drop some of them."
        yield Violation(context.fleet.root or ".", 1, message, f"Shorten the longest: {longest}.", key="budget")


def near_duplicate_of(files: Mapping[str, str], fleet: Fleet) -> str:
    """Return the id of a skill of `fleet` that is nearly identical to a draft of these files, '' if there is none."""
    content = files[SKILL_FILE].encode()
    words, lines = frozenset(_words(content)), frozenset(_lines(content))
    for skill in fleet.skills:
        other = _content(skill)
        same = len(words) >= _MIN_WORDS and _similarity(words, _words(other)) >= SAME_DESCRIPTION
        same = same or (len(lines) >= _MIN_LINES and _similarity(lines, _lines(other)) >= SAME_BODY)
        if same and skill.status != "retired":
            return skill.id
    return ""


def _violation(context: FleetContext, pair: tuple[str, str], what: str, field: str) -> Violation:
    """A violation in the changed skill, or else in the second one."""
    skill, other = pair[::-1]
    if context.focus is not None and skill not in context.focus:
        skill, other = other, skill
    fix = "Merge them, or make the descriptions distinct; list an intended pair in `accepted-duplicates`."
    return context.at(skill, f"{what} {shown(other)}.", fix, field)


def _similar_texts(context: FleetContext, skills: Sequence[Skill]) -> Iterator[tuple[Skill, bytes]]:
    """The changed skills, and all others whose text may be nearly the same.

    Such a text contains at least one of any lines that are more than the lines that may differ: here, of the longest,
    which are rarely the same by chance. Nor can it be much shorter.
    """
    probes: set[bytes] = set()
    sizes = []
    for lines in ({*_text_lines(_content(skill))} for skill in skills if skill.id in (context.focus or ())):
        longest = sorted(lines, key=lambda line: (-len(line), line))
        differing = int(len(lines) * (1 - SAME_BODY)) + 1
        probes.update(longest[:differing])
        sizes.append(sum(map(len, longest[differing:])))
    shortest = min(sizes, default=0)
    for skill, content in context.contents(skills):
        if len(content) >= shortest and not probes.isdisjoint(map(bytes.strip, content.split(b"\n"))):
            yield skill, content


def _content(skill: Skill) -> bytes:
    return skill.tree.read(skill.file) if skill.file else b""


def _words(content: bytes) -> Elements:
    """The words of the raw description: enough to compare, without parsing YAML."""
    found = _DESCRIPTION.search(content, 0, 8192)
    return _packed(_WORD.findall(found[1].lower()) if found else ())


def _length(content: bytes) -> int:
    found = _DESCRIPTION.search(content, 0, 8192)
    return len(found[1].decode("utf-8", "replace").strip()) if found else 0


def _lines(content: bytes) -> Elements:
    """The lines of the text below the front matter."""
    return _packed(_text_lines(content))


def _packed(texts: Iterable[bytes]) -> Elements:
    return array("I", sorted({number % _NUMBERS for number in map(zlib.crc32, texts)}))


def _text_lines(content: bytes) -> list[bytes]:
    """The lines of the text below the front matter, without very short ones."""
    body = content[max(content.find(b"\n---", 3), 0) + 4 :]
    return [line for line in map(bytes.strip, body.split(b"\n")) if len(line) > 3]


_NUMBERS = 1 << 20
Elements = Sequence[int]
"""A set of texts as numbers below _NUMBERS, each once and in order. An array of them takes a twentieth of a set's memory."""

MAX_PAIRS = 3
"""The number of pairs that are named for each set."""
_MAX_COMPARED = 200
"""The number of sets that are compared where many share an element, which then says little."""


def similar_pairs(
    sets: Mapping[str, Elements], threshold: float, focus: Collection[str] | None = None
) -> list[tuple[str, str]]:
    """Return the pairs of names whose sets have at least this Jaccard similarity, in order.

    `focus` limits them to pairs with one of these names. Of equal sets, each is paired with the first only.
    """
    groups: dict[bytes, list[str]] = defaultdict(list)
    for name in sorted(sets):
        if sets[name]:
            groups[array("I", sets[name]).tobytes()].append(name)
    pairs = {(names[0], other) for names in groups.values() for other in names[1:]}
    single = {names[0]: sets[names[0]] for names in groups.values()}
    first = {name: names[0] for names in groups.values() for name in names}
    if focus is None:
        return sorted(pairs.union(_pairs(single, threshold, None)))
    pairs = {pair for pair in pairs if {*pair} & {*focus}}
    return sorted(pairs.union(_pairs(single, threshold, {first[name] for name in focus if name in first})))


def _pairs(sets: Mapping[str, Elements], threshold: float, focus: Collection[str] | None) -> Iterator[tuple[str, str]]:
    """The similar pairs: without `focus`, at most MAX_PAIRS for each set; with it, those with one of these names.

    Two similar sets share one of their rarest elements: of n, one of the n - ceil(n * threshold) + 1 rarest. Only sets
    that share one are compared, so a thousand skills from one template take no longer than others.
    Source: Bayardo, Ma, Srikant, "Scaling Up All Pairs Similarity Search" (prefix filtering).
    """
    if focus is not None:  # the others that have too few of their elements cannot be similar
        known = frozenset(chain.from_iterable(sets[name] for name in focus))
        sets = {name: each for name, each in sets.items() if len(known.intersection(each)) >= len(each) * threshold}
    counts = array("I", bytes(4 * _NUMBERS))
    for element in chain.from_iterable(sets.values()):
        counts[element] += 1
    having: dict[int, list[str]] = defaultdict(list)
    focused: dict[int, list[str]] = defaultdict(list)
    for name in sorted(sets, key=lambda each: (len(sets[each]), each)):
        elements = sets[name]
        shared = [each for each in elements if counts[each] > 1]
        length = len(shared) - math.ceil(len(elements) * threshold - 1e-9) + 1
        prefix = sorted(shared, key=counts.__getitem__)[: max(length, 0)]
        if not prefix:  # the rarest are in no other set
            continue
        own, smallest, found, compared = frozenset(elements), len(elements) * threshold, 0, set[str]()
        is_focused = focus is None or name in focus
        index = having if is_focused else focused
        for other in chain.from_iterable(islice(index.get(element, ()), _MAX_COMPARED) for element in prefix):
            if other in compared:
                continue
            compared.add(other)
            if len(sets[other]) >= smallest and _similarity(own, sets[other]) >= threshold:
                yield min(name, other), max(name, other)
                found += 1
                if found == MAX_PAIRS and focus is None:
                    break
        for element in prefix:
            having[element].append(name)
            if is_focused:
                focused[element].append(name)


def _similarity(one: frozenset[int], other: Elements) -> float:
    """The Jaccard similarity of two sets; 0 when both are empty."""
    shared = len(one.intersection(other))
    return shared / (len(one) + len(other) - shared) if one or other else 0
