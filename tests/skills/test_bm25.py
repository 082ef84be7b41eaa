"""The ranking ranks as BM25 does."""

from __future__ import annotations

from skills.bm25 import Ranking, words


def test_a_rare_word_outweighs_a_common_one() -> None:
    ranking = Ranking({"a": "tests of python code", "b": "tests of pictures", "c": "tests of tests"})
    assert ranking.rank("tests of pictures")[0][0] == "b"


def test_a_text_without_a_common_word_is_left_out() -> None:
    assert Ranking({"a": "python", "b": "rust"}).rank("Please use rust") == Ranking({"a": "x", "b": "rust"}).rank(
        "rust"
    )
    assert Ranking({"a": "python"}).rank("what is this") == []


def test_a_long_text_counts_less() -> None:
    ranking = Ranking({"short": "python wheels", "long": "python " + "other words of no matter " * 5})
    assert [key for key, _ in ranking.rank("python")] == ["short", "long"]


def test_endings_are_cut() -> None:
    assert words("Reviewing reviews, reviewed: the pools pooled") == ["review", "review", "review", "pool", "pool"]
