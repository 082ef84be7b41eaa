"""`chat` at a real terminal: arrow keys, words of one's own, Ctrl-C and going on, colours, and terminals without any."""

from __future__ import annotations

import re

import gitbed
from cli.terminal import DOWN, END, ENTER, INTERRUPT, UP, sitting

CHAT = ("chat", "--from", "../wheels.md")
BRANCH = "draft/wheels-in-detail"
CYAN, BLUE, GREEN = "\x1b[36m", "\x1b[34m", "\x1b[32m"


def test_keys_stop_and_go_on(pair: gitbed.Bed) -> None:
    """An option by arrow keys, a place in words; Ctrl-C keeps the answers; the same command goes on to the end.

    NO_COLOR takes the colours and leaves the keys.
    """
    with sitting(pair.path, *CHAT, NO_COLOR="1") as seat:
        seat.sees("Which category")
        second = re.findall(r" 2\. (\w+)", seat.sees("Other: in your own words"))[-1]
        seat.types(DOWN, DOWN, UP, ENTER)
        seat.sees(f"Confirm: {second}/wheels-in-detail")
        seat.sees("Another place")
        seat.types("/move testing", ENTER)
        seat.sees("Confirm: testing/wheels-in-detail")
        seat.sees("Another place")
        seat.types(INTERRUPT)
        seat.sees(": skill-fleet chat --from ../wheels.md")
        assert seat.leaves() == 130
        assert not re.search(r"\x1b\[(?:\d+;)*(?:3[0-9]|4[0-8]|9[0-7])(?:;\d+)*m", seat.raw)
    assert not pair.repo.refs("refs/heads/draft/") and [*(pair.path / ".git/skill-fleet/chat").glob("*")]

    with sitting(pair.path, *CHAT) as seat:
        seat.sees(f"As before: Which category should wheels-in-detail go to?  {second}")
        seat.sees("Confirm: testing/wheels-in-detail")
        seat.sees("Another place")
        seat.types("/cancal", ENTER)
        seat.sees("did you mean /cancel?")
        seat.sees("Another place")
        seat.types(ENTER)
        seat.sees("Preview: testing/wheels-in-detail, pull request #1")
        seat.sees("Ask for a change")
        seat.types(DOWN, DOWN, ENTER)  # to one's own words by the menu's last row
        seat.types("/describe How to build a wheel. Use when a package is built.", ENTER)
        seat.sees("+description: ")
        seat.sees("Ask for a change")
        seat.types(ENTER)
        seat.sees("Validate: testing/wheels-in-detail")
        seat.sees("Ask for a change")
        seat.types(ENTER)
        seat.sees("Next: skill-fleet promote 1")
        assert seat.leaves() == 0
        assert all(colour in seat.raw for colour in (CYAN, BLUE, GREEN))
    assert pair.git("diff", "--name-only", f"main...{BRANCH}") == "skills/testing/wheels-in-detail/SKILL.md"
    assert not [*(pair.path / ".git/skill-fleet/chat").glob("*")]


def test_dumb_terminal(pair: gitbed.Bed) -> None:
    """Where no cursor moves, numbers and lines do, and nothing but text is sent."""
    with sitting(pair.path, *CHAT, "--path", "web/wheels", TERM="dumb") as seat:
        seat.sees("1. Go on: write the skill (default)")
        seat.types("/help\n")
        seat.sees("/retry     ")
        seat.types(END)
        seat.sees(": skill-fleet chat --from ../wheels.md --path web/wheels")
        assert seat.leaves() == 2
        assert "\x1b" not in seat.raw
