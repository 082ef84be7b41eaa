"""We agree with the whole suite, and the reference validator says what the suite says that it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from skills_ref.validator import validate as reference

from conformance.run import lay_out, main, read_cases
from skill_fleet.checks import check_fleet, select
from skill_fleet.fleet import WorkTree, read_fleet

CASES = read_cases()
RULES = select(["spec", "layout", "fleet/empty"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_our_verdict(case: dict[str, Any], tmp_path: Path) -> None:
    lay_out(case, tmp_path / "skills" / "web")
    fleet = read_fleet(WorkTree(tmp_path))
    errors = [finding for finding in check_fleet(fleet, RULES) if finding.severity == "error"]
    assert ("invalid" if errors else "valid") == case["verdict"], case["reason"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_the_references_verdict(case: dict[str, Any], tmp_path: Path) -> None:
    folder = lay_out(case, tmp_path)
    try:
        verdict = "invalid" if reference(folder) else "valid"
    except UnicodeDecodeError:
        verdict = "crash"
    assert verdict == case["reference"]


def test_ids_are_unique_and_reasons_given() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert all(case["reason"].endswith(".") and case["source"].startswith("https://") for case in CASES)


def test_any_command_can_be_held_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["true"]) == 1, "one that takes everything disagrees"
    assert f"of {len(CASES)} agree." in capsys.readouterr().out
