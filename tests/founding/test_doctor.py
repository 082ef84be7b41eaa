"""What the doctor says of the model: which is set, and whether its key is there, but not the key."""

from __future__ import annotations

import pytest

from gitbed import Bed
from skill_fleet.founding import checkup
from skill_fleet.git import Repository


def model_of(bed: Bed) -> tuple[str, str, str]:
    """The state of the model, what is said of it, and the command that fixes it."""
    found = next(each for each in checkup(Repository(bed.path)) if each.what == "model")
    return found.state, found.says, found.fix


def test_the_catalogue_on_its_branch(bed: Bed) -> None:
    """A workflow writes it there: nobody is told to write main's own copy."""
    bed.git("update-ref", "refs/remotes/origin/catalog", "HEAD")
    (found,) = [each for each in checkup(Repository(bed.path)) if each.what == "catalogue"]
    assert (found.state, found.fix) == ("good", "")


def test_the_model(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is fine; one without its key, or that is not committed, is a hint with the command; the key is never shown."""
    for name in ("SKILL_FLEET_MODEL", "SKILL_FLEET_API_BASE", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert model_of(bed)[0] == "good" and "No model is configured" in model_of(bed)[1]
    bed.write("pyproject.toml", '[tool.skill-fleet.lm]\nmodel = "anthropic/x"\n')
    assert model_of(bed)[::2] == ("hint", "git commit pyproject.toml")
    bed.git("add", "pyproject.toml")
    bed.git("commit", "-qm", "Name a model")
    assert model_of(bed)[::2] == ("hint", "export ANTHROPIC_API_KEY=KEY")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
    assert model_of(bed) == ("good", "anthropic/x, with a key.", "")
