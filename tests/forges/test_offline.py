"""People who write now with the remote and now without it end up with the same pull request, nothing lost or doubled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings, strategies as st

import gitbed
from forges.grounds import FACTORIES, someone
from skill_fleet.forges import Snapshot
from skill_fleet.forges.local import LocalForge

WRITERS = 2

step = st.tuples(st.integers(0, WRITERS - 1), st.booleans(), st.sampled_from(["comment", "label", "look"]))


@given(st.lists(step, min_size=3, max_size=8))
@settings(max_examples=7, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_interleaving_ends_equal_everywhere(
    prepared: Callable[[str], Path], steps: list[tuple[int, bool, str]]
) -> None:
    with TemporaryDirectory() as folder:
        FACTORIES["shared"].make(prepared("shared"), Path(folder) / "all")
        beds = [gitbed.Bed(Path(folder) / "all" / name) for name in ("clone", "second")]
        forge_of(beds[1], 1, True).snapshot(1)  # nobody knows of it before he has seen it once
        said, labels = [], set()
        for place, (writer, online, what) in enumerate(steps):
            forge = forge_of(beds[writer], writer, online)
            if what == "comment":
                forge.comment(1, f"{place}")
                said.append(f"{place}")
            elif what == "label":
                forge.label(1, f"label {place}")
                labels.add(f"label {place}")
            else:
                mine = [item.body for item in forge.snapshot(1).items if item.author == forge.actor]
                assert mine == [
                    f"{at}" for at, did in enumerate(steps[:place]) if did[0] == writer and did[2] == "comment"
                ]
        for writer in range(WRITERS):
            forge_of(beds[writer], writer, True).snapshot(1)
        ends = [forge_of(bed, 0, True).snapshot(1) for bed in beds]
        assert ends[0] == ends[1]
        check(ends[0], said, labels)


def forge_of(bed: gitbed.Bed, writer: int, online: bool) -> LocalForge:
    config = bed.path / ".git" / "config"
    there, away = "../origin.git", "../nowhere.git"
    text = config.read_text().replace(away, there)
    config.write_text(text if online else text.replace(there, away))
    return LocalForge(bed.repo, someone(f"Writer{writer}"), "origin")


def check(end: Snapshot, said: list[str], labels: set[str]) -> None:
    assert sorted(item.body for item in end.items) == sorted(said)
    assert set(end.labels) == labels
    for writer in {item.author for item in end.items}:
        mine = [int(item.body) for item in end.items if item.author == writer]
        assert mine == sorted(mine)
