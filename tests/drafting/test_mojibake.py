"""Repair is exact or not at all."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from drafting.documents import misread
from skill_fleet.drafting.sources.mojibake import repair
from skill_fleet.drafting.sources.unescape import Unescaped, unescape

GOOD = "🚀 start — “quoted” ✅ done\n└── tree ⬇️ … é\n"


@pytest.mark.parametrize("codec", ["cp1252", "mac_roman"])
def test_what_was_misread_is_put_right_to_the_letter(codec: str) -> None:
    text = "— one\n✓ two\n└── three\n" * 2
    found = repair(misread(text, codec))
    assert (found.text, found.replaced, found.codec, found.damaged) == (text, 6, codec, ())


def test_bytes_without_a_character_in_cp1252_are_understood() -> None:
    text = "❌ a\n❌ b\n❌ c\n"
    broken = text.encode().decode("cp1252", "surrogateescape")
    kept = "".join(chr(ord(c) - 0xDC00) if ord(c) >= 0xDC80 else c for c in broken)
    assert repair(kept).text == text


@pytest.mark.parametrize(
    "text", [GOOD, "naïve café", "Ünïcödé “all” right", "漢字かな交じり文", "Ã© once", "Ã© Ã¨ twice"]
)
def test_what_is_right_or_could_be_stays(text: str) -> None:
    assert repair(text).text == text


def test_what_lost_bytes_is_reported_with_its_line_and_not_guessed() -> None:
    text = misread("— a\n— b\n— c\n", "cp1252") + "âœ lost\nfine é\n\ufffd too\n"
    found = repair(text)
    assert found.text.endswith("âœ lost\nfine é\n\ufffd too\n")
    assert found.damaged == (4, 6)


@settings(deadline=None, max_examples=60)
@given(st.text(), st.sampled_from(["cp1252", "mac_roman"]))
def test_lines_stay_lines_and_a_second_run_changes_nothing(text: str, codec: str) -> None:
    broken = text.encode("utf-8", "replace").decode(codec, "replace")
    for one in (text, broken):
        found = repair(one)
        assert found.text.count("\n") == one.count("\n")
        assert found.replaced == 0 or found.replaced >= 3


def test_a_repair_says_where_it_began() -> None:
    """The lines that changed are counted, and the first is shown as it was and as it is."""
    found = repair("plain\n" + misread("— a —\nb ✓\n", "cp1252"))
    assert (found.replaced, found.lines, found.example) == (3, 2, (2, misread("—", "cp1252"), "—"))


def test_python_with_escaped_quotes_is_put_right_where_that_is_provable() -> None:
    """Only blocks that parse so and did not, or whose every quote is wrong; text, other languages and strings are left."""
    wrong = '```python\nx = \\"a\\"\ny = 1\nz = \\"b\\"\n```\n'
    right = wrong.replace('\\"', '"')
    same = 'say \\"a\\"\n\n```json\n{\\"a\\": 1}\n```\n\n```python\nx = "\\"a\\""\n```\n\n```python\ndef \\"a\\"\n```\n'
    assert unescape(f"{same}\n{wrong}\n{wrong[:-4]}") == Unescaped(f"{same}\n{right}\n{wrong[:-4]}", ((16, 18),))
    worse = wrong.replace("y = 1", "y = (1")
    assert unescape(worse).text == worse.replace('\\"', '"')
    mixed = worse.replace("y", 'y["k"]')
    assert unescape(mixed).text == mixed
