"""Names come from the content and are valid everywhere."""

from __future__ import annotations

import re

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from skill_fleet.drafting.wording.names import bare_title, file_stem, skill_name


@pytest.mark.parametrize(
    ("candidates", "name"),
    [
        (["FastAPI Patterns Reference"], "fastapi-patterns"),
        (["Boat Builder Skill - Knowledge Index"], "boat-builder"),
        (["Redis: caching"], "redis-caching"),
        (["Claude & Anthropic: prompt tips for teams"], "prompt-tips-for-teams"),
        (["Über Größe"], "uber-grosse"),
        (["漢字", "guide-ja"], "guide-ja"),
        (["漢字"], "untitled"),
        (["README", "index", "the thing"], "the-thing"),
        (["con"], "con-skill"),
        (["C++ style guide"], "cpp-style-guide"),
        (["C# and F# on .NET"], "csharp-and-fsharp-on-dotnet"),
        (["Building Node.js"], "building-nodejs"),
        (["C and R for all"], "c-and-r-for-all"),
        (["How to write a skill"], "how-to-write-a-skill"),
        (["How to write documentation"], "how-to-write-documentation"),
        (["12"], "untitled"),
        (["word " * 40], "-".join(["word"] * 13)),
        (["x" * 90], "x" * 64),
    ],
)
def test_skill_names(candidates: list[str], name: str) -> None:
    assert skill_name(*candidates) == name


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("🚀 1. Router Patterns", "router"),
        ("Async/Await Best Practices", "async-await"),
        ("2025-Specific Best Practices", "2025-specific-best-practices"),
        ("Anti-Patterns and Best Practices", "anti-patterns"),
        ("Workflow 2: CRUD with Paging, Filters, and Sorting of Rows", "crud-paging-filters-sorting-rows"),
        ("Workflow 6-15: Additional Patterns (Condensed)", "additional-patterns"),
        ("Best Practices", "best-practices"),
        ("Настройка сервера", "настройка-сервера"),
        ("3. C/C++ rules", "c-cpp-rules"),
        ("7、订单接口", "订单接口"),
        ("!!!", "text"),
        ("aux", "aux-notes"),
    ],
)
def test_file_names(title: str, stem: str) -> None:
    assert file_stem(title, set()) == stem


def test_two_of_a_name_are_told_apart_by_their_context_first() -> None:
    assert file_stem("Testing", {"testing"}, "API guide") == "api-guide-testing"
    assert file_stem("Testing", {"testing", "api-guide-testing"}, "API guide") == "api-guide-testing-2"


@settings(deadline=None, max_examples=200)
@given(st.text(), st.sets(st.text("ab-", max_size=3)))
def test_always_valid(title: str, taken: set[str]) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", skill_name(title))
    assert len(skill_name(title)) <= 64
    stem = file_stem(title, taken, "context")
    assert stem not in taken
    assert not re.search(r"[\s/\\.:*?\"<>|]", stem)
    assert bare_title(title) == bare_title(title)
