"""What a comment asks for."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from review.stories import body
from skill_fleet.review import COMMANDS, read_comment, suggestion_block

markdown = st.text(st.characters(exclude_characters="\0\r", exclude_categories=()), max_size=80)


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("/help", [("help", "")]),
        ("  /help  \r\nplease", [("help", "")]),
        ("Please\n/move testing\n/drop a.md", [("move", "testing"), ("drop", "a.md")]),
        ("/help me", []),
        ("/Help", [("help", "")]),
        ("/Move testing", [("move", "testing")]),
        ("/unknown", []),
        ("/usr/bin/env", []),
        ("say /help", []),
        ("    /help", []),
        ("> /help", []),
        ("> said\n/help", []),
        ("- /help", []),
        ("# /help", []),
        ("```\n/help\n```", []),
        ("~~~\n/cancel", []),
        ("<!-- \n/help\n-->", []),
        ("text <!--\n/help\n-->", []),
        ("<div>\n/help\n</div>", []),
        ("<details>\n\n/cancel\n\n</details>\n\n/help", [("help", "")]),
        ("<details><summary>x</summary>\n\n<details>\n\n</details>\n\n/cancel\n\n</details>", []),
        ("see <blockquote>\n/cancel\n</blockquote>\n\n/help", [("help", "")]),
        ("<!--\n\n<div>\n\n-->\n\n/help", [("help", "")]),
        ("Use `<details>` here.\n\n/help", [("help", "")]),
        ("> <div>\n> said\n\n/help", [("help", "")]),
        ("</details>\n\n/help", [("help", "")]),
        ("/describe  Two   words. ", [("describe", "Two   words.")]),
        ("/describe", [("describe", "")]),
        ("/drop\n/drop x", [("drop", ""), ("drop", "x")]),
    ],
)
def test_a_command_stands_alone_on_a_line_of_a_paragraph(text: str, commands: list[tuple[str, str]]) -> None:
    """Not in a fence, a quote, a list, a heading, HTML, or among words."""
    assert list(read_comment(text).commands) == commands


def test_suggestions_are_those_of_the_top_level() -> None:
    """Each fence at the top whose language is `suggestion`; in a quote it is somebody else's."""
    asked = read_comment("Both:\n\n```suggestion\na\n```\n\n> ```suggestion\n> b\n> ```\n\n~~~ Suggestion x\nc\n\n~~~")
    assert asked.suggestions == ("a\n", "c\n\n")
    assert asked.text == "Both:\nb"


@given(markdown)
def test_a_suggestion_block_gives_its_text_back(text: str) -> None:
    """Whatever text is proposed, with fences of its own, comes back to the letter."""
    asked = read_comment(f"See:\n\n{suggestion_block(text)}\n")
    assert asked.suggestions == (text if not text or text.endswith("\n") else f"{text}\n",)
    assert asked.commands == () and asked.text == "See:"


@given(body | st.text(max_size=60))
def test_reading_never_raises(text: str) -> None:
    """Any text is read, with any line ends; only commands that there are come out."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    asked = read_comment(text)
    assert {command for command, _ in asked.commands} <= set(COMMANDS)
    assert read_comment(plain) == read_comment(plain.replace("\n", "\r\n")) == asked


@pytest.mark.parametrize("unit", ["> ", "- ", "* 1. ", "`", "[", "<", "<!--", "~~~\n", "|a", "&#x", "\t", "/", "\\"])
def test_a_long_hostile_comment_is_read(unit: str) -> None:
    """60,000 characters of what makes a parser slow, and the command below them."""
    text = (unit * 60_000)[:60_000]
    assert len(read_comment(text).commands) == 0
    if unit not in ("~~~\n", "<!--"):  # those never end
        assert read_comment(f"{text}\n\n/help").commands[-1:] in ((("help", ""),), ())
