"""Errors in skills: which, where, and how a critic's findings are counted."""

from __future__ import annotations

from typing import Any

import pytest

from learning.knots import skill_text
from skill_fleet.checks import check_files
from skill_fleet.learning import Change, Kind, critique_score, plant
from skill_fleet.model import STEPS, signature_of

FILES = {"SKILL.md": skill_text("knots"), "scripts/tie.py": "tie_it(turns=30)\n"}


def test_each_kind_can_be_planted() -> None:
    """With enough seeds, all kinds; each at its lines, and what rules find is as before."""
    seen = set()
    for seed in range(20):
        made, errors = plant("python/knots", FILES, str(seed), 3)
        assert 1 <= len(errors) <= 3 and made.keys() == FILES.keys()
        for one in errors:
            seen.add(one.kind)
            assert tuple(made[one.file].split("\n")[one.first - 1 : one.last]) == one.lines
            assert one.new in "\n".join(one.lines)
        assert len(check_files("python/knots", made)) <= len(check_files("python/knots", FILES))

    assert seen == {*Kind}


def test_a_seed_gives_the_same_errors() -> None:
    """And another one gives others; nothing is planted in the front matter."""
    made = [plant("python/knots", FILES, seed, 4) for seed in ("1", "1", "2")]

    assert made[0] == made[1] != made[2]
    head = FILES["SKILL.md"].partition("\n# ")[0]
    assert all(files["SKILL.md"].startswith(head) for files, _ in made)


@pytest.mark.parametrize("text", ["", "no line end", "# Only\n", "```\nopen", "1. a\n1. b\n", "\n\n\f\r\n", "- \n  If"])
def test_texts_without_errors(text: str) -> None:
    """What cannot be made wrong stays as it is."""
    assert plant("python/knots", {"SKILL.md": text}, "0", 5) == ({"SKILL.md": text}, ())


def _gold(*errors: Change) -> dict[str, Any]:
    from dataclasses import asdict

    return {"files": {"SKILL.md": "a\nb b\nc\nd\n"}, "errors": [*map(asdict, errors)]}


def _problem(quote: str, rule: str = "false", why: str = "It is wrong.") -> Any:
    from skill_fleet.model.prompts import Problem

    return Problem(rule=rule, file="SKILL.md", quote=quote, why=why)


ERROR = Change(Kind.NUMBER, "SKILL.md", 2, 2, ("b b",), "3", "30")
OTHER = Change(Kind.CONDITION, "SKILL.md", 4, 4, ("d",), " if", "")


@pytest.mark.parametrize(
    ("problems", "recall", "precision"),
    [
        ([], 0, (0, 0)),
        ([_problem("b b")], 1, (1, 1)),
        ([_problem("b b"), _problem("b")], 1, (2, 2)),
        ([_problem("a"), _problem("nowhere")], 0, (0, 2)),
        ([_problem("c")], 0, (0, 1)),
        ([_problem("c", "missing"), _problem("b b")], 2, (2, 2)),
    ],
)
def test_which_findings_count(problems: list[Any], recall: int, precision: tuple[int, int]) -> None:
    """Those that quote a line of an error; for what is missing, the line before it."""
    score = critique_score(_gold(ERROR, OTHER), problems)

    assert [(score.seen[name], score.of[name]) for name in ("recall", "precision")] == [(recall, 2), precision]
    assert score.value == (recall + precision[0]) / (2 + len(problems))


def test_a_name_in_the_reason_counts() -> None:
    """Who says that the two spellings differ has found the error, whichever line they quote."""
    error = Change(Kind.NAME, "SKILL.md", 2, 2, ("b b",), "--dry-run", "--run-dry")

    assert critique_score(_gold(error), [_problem("a", why="Elsewhere it is --run-dry.")]).value == 1
    assert "--dry-run" in critique_score(_gold(error), []).feedback


def test_no_finding_in_a_skill_as_it_is() -> None:
    """Each finding there lowers the score."""
    assert [critique_score(_gold(), [_problem("a")] * count).value for count in (0, 1, 3)] == [1, 0.5, 0.25]


def test_the_step_is_one_of_the_model() -> None:
    """The critic that is asked is the one without sources: a merged skill has none."""
    assert "critique_task" in STEPS and "files" in signature_of("critique_task").input_fields


def test_long_lines() -> None:
    """A line that nobody wrote by hand is left alone, so that it takes no time and no memory."""
    text = f"# Long\n\n{'Wait for 30 seconds if it rains. ' * 20_000}\n\n```python\n{'tie_knot(turns_left=5) ' * 20_000}\n```\n"

    assert plant("python/knots", {"SKILL.md": text}, "0", 5) == ({"SKILL.md": text}, ())


@pytest.mark.parametrize(
    "text",
    ["Python 3 knows it.", "Use C++20 features here.", "1. Sail away now.\n2. Dance at night.", "See 12-24 hours."],
)
def test_what_would_be_no_error(text: str) -> None:
    """Names with numbers, and steps that have nothing to do with each other."""
    kinds = {
        one.kind
        for seed in range(9)
        for one in plant("python/knots", {"SKILL.md": f"# A\n\n{text}\n"}, str(seed), 5)[1]
    }

    assert kinds <= {Kind.UNSAFE}
