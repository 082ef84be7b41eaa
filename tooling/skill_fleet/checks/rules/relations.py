"""What skills say about each other: requirements, former ids and successors."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from skill_fleet.checks.contexts import FleetContext
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.fleet import is_skill_id
from skill_fleet.markdown import shown

STATUSES = ("active", "deprecated", "retired")
_MAX_COMPARED = 20
"""The number of unknown ids for which one like it is searched, which takes as long as all other checks of them."""


@rule("fleet/requires", scope="fleet", ours=True)
def requires(context: FleetContext) -> Iterator[Violation]:
    """Each id in `metadata.requires` is a skill of the fleet that is not retired.

    Whoever installs the skill gets that one too. Ids have commas or spaces between them.

    Good:

        metadata:
          requires: web/forms

    Bad:

        metadata:
          requires: web/froms

    Fix: correct the id, or remove it.
    """
    ids = context.fleet.by_id
    retired = {each.id: each for each in context.mentioning(b"retired") if each.status == "retired"}
    wrong = {other for needed in context.requires.values() for other in needed if other not in ids}
    near = {each: context.successors.get(each) or [] for each in wrong}
    for each in sorted(wrong)[:_MAX_COMPARED]:
        near[each] = near[each] or difflib.get_close_matches(each[:120], ids, 1, 0.8)
    for skill, needed in context.requires.items():
        for other in needed:
            if other in wrong:
                message, instead = f"`requires` names `{shown(other)}`, but there is no such skill.", near[other]
            elif other in retired:
                successor = retired[other].front_matter.metadata("superseded-by")
                message, instead = f"`requires` names `{shown(other)}`, which is retired.", [successor or ""]
            else:
                continue
            fix = f"Write `{shown(instead[0])}`." if instead and instead[0] else "Correct it, or remove it."
            yield context.at(skill, message, fix, "metadata.requires")


@rule("fleet/cycle", scope="fleet", ours=True)
def cycle(context: FleetContext) -> Iterator[Violation]:
    """No skill requires itself, directly or through others.

    There would be no order in which to install or read them.

    Good:

        web/forms requires web/html

    Bad:

        web/forms requires web/html, web/html requires web/forms

    Fix: remove one of them from `requires`, or move what both need into a skill of its own.
    """
    ids = context.fleet.by_id
    for path in cycles({skill: ids.keys() & set(needed) for skill, needed in context.requires.items()}):
        listed = " -> ".join(shown(each) for each in (*path[:8], *(["…"] if len(path) > 8 else []), path[0]))
        message = f"These skills require each other in a cycle: {listed}."
        yield context.at(path[0], message, "Remove one of them from `requires`.", "metadata.requires")


@rule("fleet/status", scope="fleet", ours=True)
def status(context: FleetContext) -> Iterator[Violation]:
    """`metadata.status` is active, deprecated or retired, and `superseded-by` is another skill of the fleet.

    The catalogue leaves out retired skills, and points to the skill that replaces them.

    Good:

        metadata:
          status: retired
          superseded-by: web/forms

    Bad:

        metadata:
          status: old

    Fix: write one of the three words, and the id of an existing skill.
    """
    for skill in context.mentioning(b"status:"):
        if skill.status not in STATUSES:
            message = f"The status `{shown(skill.status)}` is none of {', '.join(STATUSES)}, so it has no effect."
            yield context.at(skill, message, "Write one of these three.", "metadata.status")
    for skill in context.mentioning(b"superseded-by"):
        successor = skill.front_matter.metadata("superseded-by")
        others = context.fleet.by_id.keys() - {skill.id}
        if successor is not None and successor not in others:
            message = f"`superseded-by` names `{shown(successor)}`, which is not another skill."
            near = difflib.get_close_matches(successor[:120], others, 1, 0.8)
            fix = f"Write `{shown(near[0])}`." if near else "Write the id of the skill that replaces it."
            yield context.at(skill, message, fix, "metadata.superseded-by")


@rule("fleet/formerly", scope="fleet", ours=True)
def formerly(context: FleetContext) -> Iterator[Violation]:
    """An id in `metadata.formerly` is valid, is not used now, and is listed by one skill only.

    Users who installed the old id are directed to the new one. With two candidates they would get the wrong skill.

    Good:

        metadata:
          formerly: web/old-name

    Bad:

        metadata:
          formerly: web/testing        (and skills/web/testing exists)

    Fix: remove the wrong id, or rename the other skill.
    """
    for skill, former in context.formerly.items():
        for old in former:
            word = shown(old)
            others = [shown(other) for other in context.successors[old] if other != skill]
            fix = "Remove it from `formerly`, or rename the other skill."
            if not is_skill_id(old):
                message, fix = f"`{word}` in `formerly` is not an id.", "Write CATEGORY/NAME, ids separated by spaces."
            elif old == skill:
                message, fix = f"`formerly` lists `{word}`, which is the skill's id now.", "Remove it from `formerly`."
            elif old in context.fleet.by_id:
                message = f"`formerly` lists `{word}`, which is another skill now."
            elif others:
                message = f"`formerly` lists `{word}`, and so does that of {', '.join(others)}."
            else:
                continue
            yield context.at(skill, message, fix, "metadata.formerly")


_MAX_CYCLES = 20


def cycles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Return cycles that have no node in common, each beginning with its first node by name: at most 20, or none.

    `graph` has the nodes that each node leads to; a node that leads nowhere may be missing.
    """
    left = {node: sorted(others) for node, others in sorted(graph.items())}
    found: list[list[str]] = []
    while len(found) < _MAX_CYCLES:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            path = error.args[1][:0:-1]  # its nodes in the other direction, the first one repeated at the end
            first = path.index(min(path))
            found.append(path[first:] + path[:first])
            for node in path:
                del left[node]
        else:
            break
    return sorted(found)
