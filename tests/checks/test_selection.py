"""Rules are chosen and explained by name, and a wrong name is answered with the right one."""

from __future__ import annotations

import pytest

from skill_fleet.checks import RULES, check_skill, explain, select
from skill_fleet.errors import UserError
from skill_fleet.fleet import Configuration, MemoryTree, read_fleet

SKILL = read_fleet(MemoryTree({"skills/web/demo/SKILL.md": b"---\nname: Other\n---\n"})).skills[0]


def test_default_rules_run_when_none_is_named() -> None:
    assert select().names == {name for name, rule in RULES.items() if rule.default}
    assert select(["all"]).names == frozenset(RULES)


def test_a_rule_that_is_off_runs_where_it_is_named() -> None:
    off = "content/fence-language"
    assert off not in select(["content"]).names
    assert off in select([off]).names
    settings = Configuration(severity={off: "error"})
    assert off in select().under(settings).names
    assert off not in select(["spec"]).under(settings).names
    assert off not in select([], ["content"]).under(settings).names


def test_families_and_rules_are_taken_and_left_out() -> None:
    chosen = select(["spec", "layout/path"], ["spec/name-directory,spec/description"])
    assert "spec/license" in chosen.names
    assert {name.partition("/")[0] for name in chosen.names} == {"spec", "layout"}
    assert {each.rule for each in check_skill(SKILL, chosen)} == {"spec/name"}


@pytest.mark.parametrize(
    ("wrong", "right"), [("spec/nme", "spec/name"), ("specs", "spec"), ("placeholder", "content/placeholder")]
)
def test_an_unknown_name_is_answered_with_near_ones(wrong: str, right: str) -> None:
    for ask in (lambda: select([wrong]), lambda: select([], [wrong]), lambda: explain(wrong)):
        with pytest.raises(UserError) as caught:
            ask()
        assert right in caught.value.tip


def test_a_name_like_no_other_gets_the_families() -> None:
    with pytest.raises(UserError, match="'zzzzzz'") as caught:
        explain("zzzzzz")
    assert "spec" in caught.value.tip


@pytest.mark.parametrize("name", sorted(RULES))
def test_explain_prints_the_rule(name: str) -> None:
    text = explain(name)
    assert text.startswith(f"{name} ({RULES[name].severity}")
    assert ("off by default" in text.partition("\n")[0]) != RULES[name].default
    assert RULES[name].summary in text


def test_explain_lists_a_family() -> None:
    assert len(explain("spec").splitlines()) == sum(name.startswith("spec/") for name in RULES)
