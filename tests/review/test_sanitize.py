"""What a model says, whatever it says: nothing live, nothing hidden, short enough, and code as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from review.stories import body, text
from review.test_speech import LIVE, live_text
from skill_fleet.review import LIMIT, sanitize


@settings(deadline=None, max_examples=300)
@given(text | body)
def test_nothing_live(said: str) -> None:
    """No mention, keyword, picture, HTML or receipt gets through, and what did get through once does so again."""
    tame = sanitize(said)

    assert "<!--" not in tame and not LIVE.search(live_text(tame)), tame
    assert len(tame) <= LIMIT and "\u202e" not in tame and "\x00" not in tame


@pytest.mark.parametrize(
    "said",
    [
        "\\`@grace\\`",
        "&#64;grace and &commat;grace",
        "fixes https://forge.example/o/r/issues/1",
        "GH-12",
        "`open\n\n@grace`",
        "[a](<b@c> \"@grace\")",
        "<<!-- x",
        "!\u200b[x](y)",
        "@\\_x #\\1",
        "`<vm-name>` and ``<b>`` and <b>`",
        "\\`<b>\\`",
        "`` `<b>`",
        "`a\n\n<b>`",
        "<div>\n```\n<b>\n```",
        "```\n<b>\n````\n<i>\n```",
        "> ```\n<b>\n```",
        "| a | b |\n| - | - |\n| `<b> | @grace` |",
        "<a title=`<b>` href=x>",
    ],
)  # fmt: skip
def test_ways_around(said: str) -> None:
    """Escapes, entities, addresses and invisible characters do not help."""
    test_nothing_live.hypothesis.inner_test(said)
    assert "issues/1" not in sanitize(said) and "GH-1" not in sanitize(said)


@pytest.mark.parametrize(
    "said",
    ["[docs](https://evil.example/x)", "[docs][a]\n\n[a]: https://evil.example/x", "[d](&#104;ttps://evil.example/x)"],
)
def test_a_link_shows_where_it_leads(said: str) -> None:
    """No text stands for an address: it is read beside it."""
    tame = sanitize(said)
    assert "evil.example/x" in tame
    assert not [
        token for block in MarkdownIt().parse(tame) for token in block.children or () if token.type == "link_open"
    ]


def test_code_keeps_its_letters() -> None:
    """Decorators and comments in code are no mentions."""
    said = "Use `@app.get` as here:\n\n```python\n@app.get('/')  # 1\ndef f(): ...\n```"

    assert sanitize(said) == said
    assert sanitize(f"{said}\n\n@grace") == f"{said}\n\n@ grace"
    assert len(sanitize("@a " * LIMIT)) <= LIMIT


@pytest.mark.parametrize(
    "said", ["Run `virtctl start <vm-name>`.", "```sh\nstart <vm-name> ![x](y)\n```", "``a ` <b>``"]
)
def test_placeholders_in_code(said: str) -> None:
    """Tags and images in code stay as they are; outside of it they are broken."""
    assert sanitize(said) == said
    assert sanitize(f"{said}\n\n<b> ![x](y)") == f"{said}\n\n< b> ! [x] (y)"
