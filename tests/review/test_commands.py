"""What a comment asks for."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from review.stories import body
from skill_fleet.review import COMMANDS, MISSPELLED, meant_by, read_comment, suggestion_block

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
    assert [each for each in read_comment(text).commands if each[0] != MISSPELLED] == commands


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/cancel.", "/cancel"),
        ("@skill-fleet /cancel", "/cancel"),
        ("\uff0fmove devops", "/move devops"),
        ("\\/cancel", "/cancel"),
        ("/Proceed!", "/proceed"),
        ("/move: devops", "/move devops"),
        ("/cancel please", "/cancel"),
        ("/help @skill-fleet", "/help"),
        ("/ cancel", "/cancel"),
        ("`/move web/y`", "/move web/y"),
        ("- /help", "/help"),
        ("1. **/drop a.md**", "/drop a.md"),
        ("# /help", "/help"),
        ("/mvoe testing", "/move testing"),
        ("/close", "/cancel"),
        ("/Approve!", "/approve"),
        ("<table> is wide.\n/move devops", "/move devops"),
        ("[a](u 'x\n/cancel\n')", "/cancel"),
        ("![a\n/cancel\n](u)", "/cancel"),
        ('<a title="x>\n/cancel\n">', "/cancel"),
        ("```sugestion\na\n```", "```suggestion"),
        ("/usr/bin/env", ""),
        ("/cancel/x", ""),
        ("/etc", ""),
        ("> /cancel.", ""),
        ("```\n/cancel.\n```", ""),
        ("`a\n/cancel\nb`", ""),
        ("<!-- a\n/cancel. -->", ""),
        ("<details>\n\n/cancel.\n\n</details>", ""),
        ("```python\na\n```", ""),
    ],
)
def test_what_looks_like_a_command_is_not_obeyed_but_answered(text: str, meant: str) -> None:
    """Also a line that the page may hide, in a title or an attribute; nothing in code, a quote or a comment."""
    commands = read_comment(text).commands
    assert [name for name, _ in commands] == [MISSPELLED] * bool(meant)
    assert [meant_by(typed) for _, typed in commands] == [meant] * bool(meant)


@pytest.mark.parametrize("word", ["details", "table", "pre", "section", "ul", "div", "blockquote", "style", "template"])
def test_a_word_of_html_hides_nothing(word: str) -> None:
    """An element that is never closed is a word, in a sentence and at its start; one alone on its line is not."""
    ask = "\n\n/move devops\n\n```suggestion\na\n```"
    for text in (f"Do not use <{word}> here.{ask}", f"No <{word}>\nand no </{word}>.{ask}", f"Not `<{word}>`.{ask}"):
        asked = read_comment(text)
        assert asked.commands == (("move", "devops"),) and asked.suggestions == ("a\n",)
    if word not in ("pre", "style"):  # these do not end at a blank line
        assert read_comment(f"<{word}> is too wide.{ask}").suggestions == ("a\n",)
        assert read_comment(f"<{word}>{ask}").suggestions == ()
    assert read_comment(f"See <{word}> this{ask}\n\n</{word}>").commands == ()


@pytest.mark.parametrize(
    ("text", "suggestions", "reach"),
    [
        ("- Please:\n\n  ```suggestion\n  a\n  ```", ("a\n",), ((0, 0),)),
        ("1. x\n   - y\n     ```suggestion\n     a\n       b\n     ```", ("a\n  b\n",), ((0, 0),)),
        ("```suggestion:-1+2\na\n```", ("a\n",), ((1, 2),)),
        ("```suggestion:-0+0 x\n```", ("",), ((0, 0),)),
        ("- > ```suggestion\n  > a\n  > ```", (), ()),
    ],
)
def test_a_suggestion_may_be_in_a_list_and_name_more_lines(
    text: str, suggestions: tuple[str, ...], reach: tuple[tuple[int, int], ...]
) -> None:
    """As GitLab writes them: the lines above and below those of the comment."""
    asked = read_comment(text)
    assert (asked.suggestions, asked.reach) == (suggestions, reach)


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
    assert {command for command, _ in asked.commands} <= {*COMMANDS, MISSPELLED}
    assert read_comment(plain) == read_comment(plain.replace("\n", "\r\n")) == asked


@pytest.mark.parametrize("unit", ["> ", "- ", "* 1. ", "`", "[", "<", "<!--", "~~~\n", "|a", "&#x", "\t", "/", "\\"])
def test_a_long_hostile_comment_is_read(unit: str) -> None:
    """60,000 characters of what makes a parser slow, and the command below them."""
    text = (unit * 60_000)[:60_000]
    assert len(read_comment(text).commands) == 0
    if unit not in ("~~~\n", "<!--"):  # those never end
        assert read_comment(f"{text}\n\n/help").commands[-1:] in ((("help", ""),), ())
