"""Stopped at any write and run again: the same end, nothing twice, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import GRACE, Scene
from session import Session
from stops import Trial, moment_of


def opened(session: Session) -> None:
    """A draft with its status, and nothing said about it."""
    session.scene.origin.git("update-ref", "-d", "refs/heads/draft/x")
    session.open()
    session.turn()


def suggested(session: Session) -> None:
    """A draft with a suggestion, and a command in a request for changes."""
    opened(session)
    session.suggest()
    session.scene.forge(GRACE).review(1, "changes_requested", "/describe Do x well. Use it when x is asked for.")


def approved(session: Session) -> None:
    """A draft that may be merged."""
    opened(session)
    session.approve()


def nothing(session: Session) -> None:
    """A fleet without a draft."""
    session.scene.origin.git("update-ref", "-d", "refs/heads/draft/x")


def begin(session: Session) -> None:
    """From the first push to the status comment."""
    session.open()
    session.turn()


STORIES = {
    "begin": (nothing, begin, 3),
    "turn": (suggested, Session.turn, 4),  # the command changes the line of the suggestion, whose answer is corrected
    "promote": (approved, Session.promote, 3),
}


@pytest.mark.parametrize("name", STORIES)
def test_stopped_anywhere(scene: Scene, tmp_path: Path, name: str) -> None:
    """Killed before or after any write, or with a request or an answer lost: the end of the undisturbed run."""
    prepare, run, writes = STORIES[name]
    prepare(Session(scene))
    trial = Trial(moment_of(scene, tmp_path / "start"), run, tmp_path).all_stops()
    assert (len(trial.points), len(trial.tried)) == (writes, 5 * writes)
