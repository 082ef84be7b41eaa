"""Circles in a graph."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

_SMALL = 64

Graph = Mapping[str, Sequence[str]]
"""Each node with those that it leads to; a node that leads nowhere may be left out."""


def cycles(graph: Graph) -> list[list[str]]:
    """One shortest circle for each knot of nodes that reach each other, beginning with its first node by name.

    The same graph gives the same answer in whatever order it is written. Linear in nodes and edges: in a knot of more
    than 64 nodes only circles through its first node are weighed.
    """
    found = []
    for knot in _knots(graph):
        starts = sorted(knot)
        ways = (_shortest(graph, start, knot) for start in (starts if len(starts) <= _SMALL else starts[:1]))
        shortest = min(ways, key=lambda way: (len(way), way))
        found.append(shortest)
    return sorted(found)


def _shortest(graph: Graph, start: str, knot: set[str]) -> list[str]:
    """The shortest way from `start` back to it inside the knot, without its end."""
    came: dict[str, str] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for other in sorted(graph.get(node, ())):
            if other == start:
                way = [node]
                while way[-1] != start:
                    way.append(came[way[-1]])
                return way[::-1]
            if other in knot and other not in came:
                came[other] = node
                queue.append(other)
    raise AssertionError("a knot has a way back from each of its nodes")


def _knots(graph: Graph) -> Iterator[set[str]]:
    """Tarjan's strongly connected components that hold a circle, without recursion."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    held: list[str] = []
    holding: set[str] = set()
    for root in sorted(graph):
        if root in order:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(graph[root]))]
        order[root] = low[root] = len(order)
        held.append(root)
        holding.add(root)
        while work:
            node, others = work[-1]
            other = next(others, None)
            if other is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    knot = set()
                    while node not in knot:
                        knot.add(held.pop())
                    holding -= knot
                    if len(knot) > 1 or node in graph.get(node, ()):
                        yield knot
            elif other not in order:
                order[other] = low[other] = len(order)
                held.append(other)
                holding.add(other)
                work.append((other, iter(graph.get(other, ()))))
            elif other in holding:
                low[node] = min(low[node], order[other])
