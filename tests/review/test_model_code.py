"""Code that a model wrote is told apart, named in its commit, and labelled by the decision."""

from __future__ import annotations

from dataclasses import replace

from sessions import draft
from skill_fleet.forges import FlagAction
from skill_fleet.review import CODE_LABEL, CODE_TRAILER, decide, model_written_code


def test_code_is_told_apart() -> None:
    """Programs that a model made or changed are named, so that the pull request can be labelled."""
    files = {
        "SKILL.md": "x",
        "scripts/a.py": "1",
        "assets/b.sh": "1",
        "assets/c.txt": "#!/bin/sh\n",
        "assets/d.txt": "x",
    }

    assert model_written_code(files) == ("assets/b.sh", "assets/c.txt", "scripts/a.py")
    assert model_written_code(files, {**files, "scripts/a.py": "0"}) == ("scripts/a.py",)


def test_a_trailer_calls_for_the_label() -> None:
    """A commit that has the trailer, whoever reads it next; once it is set, nothing more is owed."""
    plain = draft()
    last = plain.commits[-1]
    named = replace(last, message=f"{last.message}{CODE_TRAILER}: scripts/a.py\n")
    owed = replace(plain, commits=(*plain.commits[:-1], named))
    label = FlagAction("label", CODE_LABEL)

    assert label not in decide(plain).actions
    assert label in decide(owed).actions
    assert label not in decide(replace(owed, labels=(CODE_LABEL,))).actions
    assert label not in decide(replace(owed, state="merged")).actions
