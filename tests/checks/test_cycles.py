"""Cycles: none is missed, they are the same in any order, and long ones take no time."""

from __future__ import annotations

import time
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, strategies as st

from skill_fleet.checks import cycles

nodes = st.sampled_from("abcdef")
graphs = st.dictionaries(nodes, st.lists(nodes, max_size=3), max_size=6)


def test_cycles_are_found() -> None:
    """Each cycle begins with its first node; nodes that only lead to one are not part of it."""
    assert cycles({"b": ["c"], "a": ["b"], "c": ["a"]}) == [["a", "b", "c"]]
    assert cycles({"b": ["c"], "a": ["b"], "c": ["b"]}) == [["b", "c"]]
    assert cycles({"a": ["a"], "c": ["d"], "d": ["c"]}) == [["a"], ["c", "d"]]
    assert cycles({"a": ["b"]}) == []


@given(graphs, st.randoms())
def test_each_is_one_and_order_does_not_matter(graph: dict[str, list[str]], random: Random) -> None:
    """What is found are cycles, and one is found if there is any."""
    found = cycles(graph)
    for way in found:
        for one, other in pairwise([*way, way[0]]):
            assert other in graph[one]
    shuffled = list(graph.items())
    random.shuffle(shuffled)
    assert cycles({node: random.sample(others, len(others)) for node, others in shuffled}) == found
    assert bool(found) == _has_cycle(graph)


@pytest.mark.limits
def test_a_long_chain_and_many_ways_take_no_time() -> None:
    """Neither thousands of layers nor a cycle of thousands takes long."""
    layers = {f"{layer}.{place}": [f"{layer + 1}.0", f"{layer + 1}.1"] for layer in range(2000) for place in (0, 1)}
    ring = {str(number): [str((number + 1) % 5000)] for number in range(5000)}
    start = time.process_time()
    assert cycles(layers) == []
    assert len(cycles(ring)[0]) == 5000
    assert time.process_time() - start < 2


def _has_cycle(graph: dict[str, list[str]]) -> bool:
    left = {node: set(others) for node, others in graph.items()}
    while leaves := [node for node in left if not left[node] & left.keys()]:
        for node in leaves:
            del left[node]
    return bool(left)
