"""Several runs at once: one commit and one answer for each request, whoever was faster."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from session import Session

from skill_fleet.errors import UserError
from skill_fleet.review import read_receipt


@pytest.mark.parametrize("attempt", range(2))
def test_two_runs_at_once(session: Session, attempt: int) -> None:
    """Two clones take the same turn at the same moment; the next turn finds nothing doubled and nothing lost."""
    scene = session.scene
    session.talk()

    def turn(number: int) -> object:
        try:
            return session.turn((scene.clone, scene.second)[number])
        except UserError as problem:  # one that lost every race stops; it is run again below
            return problem

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(turn, range(2)))
    session.turn()
    snapshot = session.bot().snapshot(1)
    answers = Counter(receipt.key for item in snapshot.items if (receipt := read_receipt(snapshot, item)))
    assert set(answers.values()) == {1} and len(answers) == 5
    addressed = [commit.message.rpartition("Addresses: ")[2].strip() for commit in snapshot.commits[2:]]
    assert len(addressed) == len(set(addressed)) == 3
