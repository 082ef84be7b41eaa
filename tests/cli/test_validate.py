"""`validate`: what fails and what does not, on files, on commits, on changes, on any folders."""

from __future__ import annotations

import json
from pathlib import Path

import gitbed
from cli.command import Done, fine, run

GOOD = gitbed.skill("good", "Gluing glass to wood. Use when something lies there in two pieces.")
BAD = gitbed.skill("bad", "Baking bread. Use when somebody is hungry.").replace("name: bad", "name: Worse")
WORSE = BAD.replace("description: Baking bread. Use when somebody is hungry.", "description: ''")


def _rules(done: Done) -> list[str]:
    return [finding["rule"] for finding in json.loads(done.out)["findings"]]


def test_status(lone: gitbed.Bed) -> None:
    """0 without errors, 1 with one; the report names the file, the line and the fix."""
    assert "no errors" in fine(lone.path, "validate")
    lone.write("skills/web/bad/SKILL.md", BAD)

    done = run(lone.path, "validate")

    assert (done.status, done.err) == (1, "")
    assert "skills/web/bad/SKILL.md:2:7  error  spec/name" in done.out and "Fix:" in done.out
    assert "no errors" in fine(lone.path, "validate", "--head", "main")


def test_no_skill_is_a_failure(lone: gitbed.Bed) -> None:
    """Zero skills found means that something is wrong with the search, so it never passes."""
    lone.commit("Remove all", {f"{gitbed.FIRST_SKILL}/SKILL.md": None})

    assert run(lone.path, "validate").status == 1
    assert run(lone.path, "validate", "--head", "main").status == 1


def test_select_ignore_strict(lone: gitbed.Bed) -> None:
    """Rules and families are chosen by name, several in one word as well; --strict fails on hints."""
    lone.write("skills/web/bad/SKILL.md", BAD)
    everything = _rules(run(lone.path, "validate", "--format", "json"))
    assert everything.count("spec/name") == 1 and "spec/name-directory" not in everything

    assert _rules(run(lone.path, "validate", "--format", "json", "--select", "spec/name")) == ["spec/name"]
    assert not any(
        rule.startswith("spec/") for rule in _rules(run(lone.path, "validate", "--format=json", "--ignore=spec"))
    )
    assert run(lone.path, "validate", "--ignore", "spec/name,spec/license").status == 0
    lone.write("skills/web/bad/SKILL.md", gitbed.skill("bad", "Short."))
    assert run(lone.path, "validate").status == 0
    hints = json.loads(fine(lone.path, "validate", "--format", "json"))["hints"]
    assert run(lone.path, "validate", "--strict").status == (1 if hints else 0)


def test_statistics_are_counts_of_rules(lone: gitbed.Bed) -> None:
    lone.write("skills/web/bad/SKILL.md", BAD)
    counts = json.loads(run(lone.path, "validate", "--statistics", "--format", "json").out)["rules"]
    assert counts["spec/name"] == 1
    assert "spec/name" in run(lone.path, "validate", "--statistics").out
    assert run(lone.path, "validate", "--statistics", "--format", "github").status == 2


def test_only_the_change_can_fail(lone: gitbed.Bed) -> None:
    """What was wrong before is not the author's fault: it is counted, shown on demand, and fails nothing."""
    lone.commit("Something bad on main", {"skills/web/bad/SKILL.md": BAD})
    lone.commit_to("work", {"skills/web/good/SKILL.md": GOOD})

    out = fine(lone.path, "validate", "--base", "main", "--head", "work")
    assert out.startswith("1 skill checked: no errors")

    lone.commit_to("work", {"skills/web/bad/SKILL.md": f"{BAD}More.\n"})
    out = fine(lone.path, "validate", "--base", "main", "--head", "work")
    assert "2 skills checked" in out and "existing" in out
    assert "skills/web/bad" not in out
    assert "skills/web/bad" in fine(lone.path, "validate", "--base", "main", "--head", "work", "--show-existing")

    lone.commit_to("work", {"skills/web/bad/SKILL.md": WORSE})
    done = run(lone.path, "validate", "--base", "main", "--head", "work", "--format", "json")
    assert done.status == 1 and "spec/name" not in _rules(done)


def test_base_is_where_the_branch_began(lone: gitbed.Bed) -> None:
    """What others have done on main meanwhile does not look like the author's."""
    lone.commit_to("work", {"skills/web/good/SKILL.md": GOOD})
    lone.commit_to("main", {"skills/web/bad/SKILL.md": BAD})

    assert fine(lone.path, "validate", "--base", "main", "--head", "work").startswith("1 skill checked")

    lone.git("reset", "--quiet", "--hard")
    lone.git("switch", "--quiet", "work")
    assert fine(lone.path, "validate", "--base", "main").startswith("1 skill checked")


def test_no_changed_skill_is_fine(lone: gitbed.Bed) -> None:
    """A change that touches no skill passes."""
    lone.commit_to("work", {"README.md": "Other words.\n"})

    assert fine(lone.path, "validate", "--base", "main", "--head", "work").startswith("no skills checked: no errors")


def test_files_as_they_are_against_a_base(lone: gitbed.Bed) -> None:
    """Without --head, what is in the work tree is checked, committed or not."""
    lone.write("skills/web/bad/SKILL.md", BAD)

    assert run(lone.path, "validate", "--base", "main").status == 1
    assert run(lone.path, "validate", "--base", "main", "--head", "HEAD").status == 0


def test_hand_edited_catalogue(lone: gitbed.Bed) -> None:
    """A generated file in a change is an error that names the command which writes it."""
    lone.commit_to("work", {"skills/available_skills.xml": "<available_skills>\n</available_skills>\n"})

    done = run(lone.path, "validate", "--base", "main", "--head", "work")

    assert done.status == 1 and "available_skills.xml" in done.out and "generate-xml" in done.out


def test_any_folders(lone: gitbed.Bed, tmp_path: Path) -> None:
    """Skills anywhere: one folder, a tree of them, a SKILL.md itself, outside any repository and above the current folder."""
    two = gitbed.skill("two", "Counts to two and no further. Use when three is too many.", "Count.")
    one = gitbed.skill("one", "Counts to one. Use when there is a single thing.", "One.")
    for name, text in {"one": one, "deep/er/two": two}.items():
        (tmp_path / "any" / name).mkdir(parents=True)
        (tmp_path / "any" / name / "SKILL.md").write_text(text)
    folder = tmp_path / "any"

    assert fine(folder, "validate", ".").startswith("2 skills checked")
    assert fine(folder, "validate", "one", "deep").startswith("2 skills checked")
    assert fine(folder, "validate", "one/SKILL.md").startswith("1 skill checked")
    assert fine(folder / "one", "validate", ".").startswith("1 skill checked")
    assert fine(folder / "one", "validate", "../deep", str(folder)).startswith("2 skills checked")
    assert fine(lone.path, "validate", "skills/python", str(folder)).startswith("3 skills checked")
    (folder / "one/SKILL.md").write_text(BAD)
    done = run(folder, "validate", "one", "deep", "--format", "json")
    assert done.status == 1
    assert {finding["path"] for finding in json.loads(done.out)["findings"]} == {"one/SKILL.md"}


def test_skills_outside_a_fleet_are_named(lone: gitbed.Bed) -> None:
    """They are in no category, so the fleet does not have them; as a PATH they are checked."""
    lone.commit(
        "Another place", {".claude/skills/x/SKILL.md": gitbed.skill("x"), "tests/y/SKILL.md": gitbed.skill("y")}
    )
    for words in ((), ("--head", "main"), ("--base", "main~1")):
        assert [
            each["path"] for each in json.loads(fine(lone.path, "validate", "--format", "json", *words))["notes"]
        ] == [".claude/skills/x/SKILL.md"]
    assert fine(lone.path, "validate", ".claude/skills").startswith("1 skill checked")
