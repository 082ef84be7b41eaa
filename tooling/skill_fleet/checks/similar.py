"""Pairs of sets that are nearly the same, among thousands."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from itertools import islice

Marks = frozenset[Hashable]

ENOUGH = 3  # pairs that are named for each set; who fixes them runs the check again
CROWD = 200  # sets looked at where many share a mark: a mark that so many have tells little apart


def similar_pairs(
    sets: Mapping[str, Marks], threshold: float, focus: Collection[str] | None = None
) -> list[tuple[str, str]]:
    """The pairs of names whose sets share at least `threshold` of all that either holds (Jaccard), in order.

    `focus` keeps to pairs with one of these names. Of sets that are equal, each is paired with the first one only.
    """
    groups: dict[Marks, list[str]] = defaultdict(list)
    for name in sorted(sets):
        if sets[name]:
            groups[sets[name]].append(name)
    pairs = {(names[0], other) for names in groups.values() for other in names[1:]}
    single = {names[0]: marks for marks, names in groups.items()}
    if focus is None:
        pairs |= set(_all_pairs(single, threshold))
    else:
        of_group = {name: names[0] for names in groups.values() for name in names}
        pairs |= set(_pairs_with(single, threshold, {of_group[name] for name in focus if name in of_group}))
        pairs = {pair for pair in pairs if {of_group[pair[0]], *pair} & set(focus)}
    return sorted(pairs)


def _all_pairs(sets: Mapping[str, Marks], threshold: float) -> Iterator[tuple[str, str]]:
    """Sets that are so alike share one of their rarest elements: of n, one of the n - ceil(n * threshold) + 1 rarest.
    Only those that meet there are compared, each until it has met ENOUGH: a thousand skills from one template are a
    thousand findings, not half a million, and take no longer to find.

    Source: Bayardo, Ma, Srikant, "Scaling Up All Pairs Similarity Search" (prefix filtering).
    """
    counts = Counter(mark for marks in sets.values() for mark in marks)
    met_at: dict[Hashable, list[str]] = defaultdict(list)
    for name in sorted(sets, key=lambda each: (len(sets[each]), each)):
        mine = sets[name]
        rarest = sorted(mine, key=lambda mark: (counts[mark], hash(mark)))
        prefix = rarest[: len(mine) - math.ceil(len(mine) * threshold - 1e-9) + 1]
        least, found = len(mine) * threshold, 0
        for other in dict.fromkeys(other for mark in prefix for other in islice(met_at.get(mark, ()), CROWD)):
            if len(sets[other]) >= least and _share(mine, sets[other]) >= threshold:
                yield (name, other) if name < other else (other, name)
                found += 1
                if found == ENOUGH:
                    break
        for mark in prefix:
            if counts[mark] > 1:  # nobody else is met there
                met_at[mark].append(name)


def _pairs_with(sets: Mapping[str, Marks], threshold: float, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The pairs that one of a few names is in: the marks of the few are looked up in each of the others."""
    having: dict[Hashable, list[str]] = defaultdict(list)
    for name in names:
        for mark in sets[name]:
            having[mark].append(name)
    known = frozenset(having)
    for other, marks in sets.items():
        shared = known & marks
        if len(shared) < len(marks) * threshold:  # not enough, even if all of them were one skill's
            continue
        for name in {name for mark in shared for name in having[mark]}:
            if name != other and _share(sets[name], marks) >= threshold:
                yield (name, other) if name < other else (other, name)


def _share(one: Marks, other: Marks) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
