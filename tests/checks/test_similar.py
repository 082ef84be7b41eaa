"""Similar pairs: the short way finds what comparing all with all finds."""

from __future__ import annotations

import random
import time
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, strategies as st

from skill_fleet.checks import MAX_PAIRS, similar_pairs

sets = st.dictionaries(st.sampled_from("abcdefgh"), st.frozensets(st.integers(0, 12), max_size=9), max_size=8)


@given(sets, st.sampled_from([0.5, 0.7, 0.8, 1.0]), st.frozensets(st.sampled_from("abcdefgh"), max_size=3))
def test_all_pairs_are_found(found: dict[str, frozenset[int]], threshold: float, focus: frozenset[str]) -> None:
    def share(one: str, other: str) -> float:
        both = found[one] | found[other]
        return len(found[one] & found[other]) / len(both) if both else 0

    known = [
        pair for pair in combinations(sorted(found), 2) if share(*pair) >= threshold and found[pair[0]] | found[pair[1]]
    ]
    packed = {name: sorted(each) for name, each in found.items()}
    pairs = similar_pairs(packed, threshold)
    assert set(pairs) <= set(known)
    # of sets that are equal, each is paired with the first one only, and so are those that are like it
    first = {name: min(other for other in found if found[other] == found[name]) for name in found}
    reported = {frozenset({first[one], first[other]}) for one, other in pairs if first[one] != first[other]}
    missing = {frozenset({first[one], first[other]}) for one, other in known if first[one] != first[other]} - reported
    named = Counter(name for pair in reported for name in pair)
    assert all(max(named[name] for name in pair) >= MAX_PAIRS for pair in missing), "only where enough others are named"
    assert {name for pair in pairs for name in pair} >= {name for name in found if first[name] != name and found[name]}
    wanted = {frozenset({first[one], first[other]}) for one, other in known if focus & {one, other}}
    assert {frozenset({first[one], first[other]}) for one, other in similar_pairs(packed, threshold, focus)} >= {
        pair for pair in wanted if len(pair) > 1
    }
    for pair in similar_pairs(packed, threshold, focus):
        assert pair in known
        assert {*pair, first[pair[0]], first[pair[1]]} & {first[name] for name in focus if name in first} | set(
            pair
        ) & focus


@pytest.mark.limits
def test_thousands_take_seconds() -> None:
    chance = random.Random(7)
    many = {str(number): sorted({*chance.choices(range(4000), k=30)}) for number in range(5_000)}
    many["twin"] = [*many["77"][:28], 4000]
    start = time.process_time()
    assert similar_pairs(many, 0.8) == [("77", "twin")]
    assert similar_pairs(many, 0.8, {"twin"}) == similar_pairs(many, 0.8, {*many}) == [("77", "twin")]
    assert time.process_time() - start < 25
