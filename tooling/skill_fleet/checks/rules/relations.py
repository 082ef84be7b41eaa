"""What skills say about each other: requirements, former ids and successors."""

from __future__ import annotations

import difflib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from skill_fleet.checks.contexts import FleetContext
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.fleet import is_skill_id
from skill_fleet.markdown import shown

_STATUSES = ("active", "deprecated", "retired")


@rule("fleet/requires", scope="fleet")
def requires(context: FleetContext) -> Iterator[Violation]:
    """Each id in `metadata.requires` is a skill of the fleet.

    Users who install the skill are asked to install that one too.

    Good:

        metadata:
          requires: web/forms

    Bad:

        metadata:
          requires: web/froms

    Fix: correct the id, or remove it.
    """
    ids = context.fleet.by_id
    for skill, needed in context.requires.items():
        for other in needed:
            if other not in ids:
                near = context.successors.get(other) or difflib.get_close_matches(other[:120], ids, 1, 0.8)
                fix = f"Write `{shown(near[0])}`." if near else "Correct it, or remove it."
                message = f"`requires` names `{shown(other)}`, but there is no such skill."
                yield context.at(skill, message, fix, "metadata.requires")


@rule("fleet/cycle", scope="fleet")
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
    graph = {skill: sorted(ids.keys() & set(needed)) for skill, needed in context.requires.items()}
    for path in cycles(graph):
        listed = " -> ".join(shown(each) for each in (*path[:8], *(["…"] if len(path) > 8 else []), path[0]))
        message = f"These skills require each other in a cycle: {listed}."
        yield context.at(path[0], message, "Remove one of them from `requires`.", "metadata.requires")


@rule("fleet/status", scope="fleet")
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
        if skill.status not in _STATUSES:
            message = f"The status `{shown(skill.status)}` is none of {', '.join(_STATUSES)}, so it has no effect."
            yield context.at(skill, message, "Write one of these three.", "metadata.status")
    for skill in context.mentioning(b"superseded-by"):
        successor = skill.front_matter.metadata("superseded-by")
        others = context.fleet.by_id.keys() - {skill.id}
        if successor is not None and successor not in others:
            message = f"`superseded-by` names `{shown(successor)}`, which is not another skill."
            near = difflib.get_close_matches(successor[:120], others, 1, 0.8)
            fix = f"Write `{shown(near[0])}`." if near else "Write the id of the skill that replaces it."
            yield context.at(skill, message, fix, "metadata.superseded-by")


@rule("fleet/formerly", scope="fleet")
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


Graph = Mapping[str, Sequence[str]]
"""Each node with the nodes that it leads to; a node that leads nowhere may be missing."""

_SMALL = 64


def cycles(graph: Graph) -> list[list[str]]:
    """Return one shortest cycle of each strongly connected component, beginning with its first node by name.

    The result does not depend on the order of the graph. Linear in nodes and edges: in a component of more than 64
    nodes, only cycles through its first node are considered.
    """
    found = []
    for component in _components(graph):
        starts = sorted(component)
        paths = (_shortest(graph, start, component) for start in (starts if len(starts) <= _SMALL else starts[:1]))
        found.append(min(paths, key=lambda path: (len(path), path)))
    return sorted(found)


def _shortest(graph: Graph, start: str, component: set[str]) -> list[str]:
    """The shortest path from `start` back to it, without its end."""
    reached_from: dict[str, str] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for other in sorted(graph.get(node, ())):
            if other == start:
                path = [node]
                while path[-1] != start:
                    path.append(reached_from[path[-1]])
                return path[::-1]
            if other in component and other not in reached_from:
                reached_from[other] = node
                queue.append(other)
    raise AssertionError("a strongly connected component has a path from each node back to it")


def _components(graph: Graph) -> Iterator[set[str]]:
    """Tarjan's strongly connected components that contain a cycle, without recursion."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: dict[str, None] = {}
    for root in sorted(graph):
        work = [] if root in order else [(root, iter(graph[root]))]
        while work:
            node, others = work[-1]
            if node not in order:
                order[node] = low[node] = len(order)
                stack[node] = None
            other = next(others, None)
            if other is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    component: set[str] = set()
                    while node not in component:
                        component.add(stack.popitem()[0])
                    if len(component) > 1 or node in graph.get(node, ()):
                        yield component
            elif other not in order:
                work.append((other, iter(graph.get(other, ()))))
            elif other in stack:
                low[node] = min(low[node], order[other])
