"""Questions at a terminal: what counts as which answer, and what is left to the reviewer. The keys are held elsewhere."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable

import click
import pytest

from skill_fleet.chat import ask, has_arrow_keys, pick
from skill_fleet.drafting import Brief, Question
from skill_fleet.proposals import answered, with_given_answers

TOOL = Question("Which tool?", "There are two.", ("hatch", "uv"), "uv", "the commands")
FREE = Question("Who reads it?", "It sets the words.")
BRIEF = Brief("Build wheels", "python/wheels", assumptions=("Linux.",), questions=(TOOL, FREE))

Feed = Callable[[bytes], None]


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Feed:
    """Let somebody have typed these bytes."""
    return lambda typed: monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), "utf-8"))


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (b"1\n", "hatch"), (b"\n", "uv"), (b"uv\n", "uv"), (b"  poetry \n", "poetry"), (b"0\n", "0"), (b"3\n", "3"),
        (b"no end", "no end"), (b"\xff\n", "\ufffd"), ("²\n".encode(), "²"), (b"1\r\n", "hatch"),
    ],
)  # fmt: skip
def test_pick(typed: bytes, answer: str, feed: Feed) -> None:
    """A number of an option is that option, nothing is the default, and all else is words."""
    feed(typed)
    out = io.StringIO()

    assert pick(TOOL.options, TOOL.default, out) == answer
    assert "  1. hatch\n  2. uv (default)\n" in out.getvalue()


def test_pick_at_the_end(feed: Feed) -> None:
    """Nobody there is no answer, and never the default."""
    feed(b"")
    with pytest.raises(EOFError):
        pick(TOOL.options, TOOL.default, io.StringIO())


def test_answered(feed: Feed, capsys: pytest.CaptureFixture[str]) -> None:
    """What is answered is agreed on; what has neither an answer nor a default stays a question for the reviewer."""
    feed(b"1\n\n")

    brief = answered(BRIEF, ask)

    assert (brief.assumptions, brief.agreed) == (("Linux.",), ("Which tool? hatch",))
    assert brief.questions == (FREE,)
    shown = capsys.readouterr()
    assert shown.out == "" and "There are two." in shown.err and "It changes the commands." in shown.err


def test_answered_at_the_end(feed: Feed) -> None:
    """A file of answers that is too short stops it, as Ctrl-C would."""
    feed(b"1\n")
    with pytest.raises(click.Abort):
        answered(BRIEF, ask)


def test_settled_takes_each_answer_to_its_own_question() -> None:
    """Also when an earlier question is left to its default, which is agreed on then."""
    brief = with_given_answers(BRIEF, ["", "Beginners"])

    assert brief.questions == () and brief.agreed == ("Which tool? uv", "Who reads it? Beginners")


def test_hostile_words_are_shown_not_obeyed(feed: Feed, capsys: pytest.CaptureFixture[str]) -> None:
    """A question comes from a model, and a model from documents."""
    feed(b"\n")
    evil = Question("\x1b[2Jx?", "\u202eback", ("\x1b]0;t\x07",), "\x1b]0;t\x07", "\x9b")

    answered(Brief("x", "a/b", questions=(evil,)), ask)

    assert not set(capsys.readouterr().err) & set("\x1b\x07\x9b\u202e")


def test_keys_need_a_terminal_and_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, or on a terminal that moves no cursor, numbers do; in a pipe there are no keys to read."""
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb"), os.fdopen(theirs, "r") as seat:
        monkeypatch.setattr(sys, "stdin", seat)
        monkeypatch.setenv("TERM", "xterm")
        assert has_arrow_keys(seat)
        assert not has_arrow_keys(io.StringIO())
        monkeypatch.setitem(sys.modules, "prompt_toolkit", None)
        assert not has_arrow_keys(seat)
        monkeypatch.delitem(sys.modules, "prompt_toolkit")
        for dumb in ("dumb", "", "unknown"):
            monkeypatch.setenv("TERM", dumb)
            assert not has_arrow_keys(seat)
