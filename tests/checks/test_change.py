"""A change answers for what it brings, and for nothing that was there before."""

from __future__ import annotations

from pathlib import Path

import gitbed
from skill_fleet.checks import check_change, compare
from skill_fleet.fleet import Fleet, GitTree, MemoryTree, WorkTree, read_fleet

TAXONOMY = gitbed.taxonomy("python", "web").encode()
BROKEN = "---\nname: demo\ndescription: Shows it. Use when in doubt.\nlevel: 1\n---\n\nText.\n"


def _fleet(**skills: str) -> Fleet:
    files = {f"skills/{path.replace('__', '/').replace('_', '-')}/SKILL.md": text for path, text in skills.items()}
    return read_fleet(
        MemoryTree({path: text.encode() for path, text in files.items()} | {"skills/taxonomy.yaml": TAXONOMY})
    )


def test_what_was_there_is_counted_and_not_reported() -> None:
    moved = BROKEN.replace("name: demo", "# a comment that moves every line\nname: demo")
    outcome = check_change(_fleet(python__demo=BROKEN), _fleet(python__demo=moved))
    assert outcome.findings == ()
    assert [(each.rule, each.line) for each in outcome.existing or ()] == [("spec/unknown-field", 5)]


def test_a_number_in_the_message_makes_no_new_finding() -> None:
    def skill(size: int) -> str:
        return gitbed.skill("demo", description="x" * size)

    outcome = check_change(_fleet(python__demo=skill(1100)), _fleet(python__demo=skill(1090)))
    assert (len(outcome.findings), len(outcome.existing or ())) == (0, 2), "too long, and it says no when"


def test_a_second_one_of_the_same_kind_is_new() -> None:
    worse = BROKEN.replace("level: 1", "level: 1\nauthor: me")
    outcome = check_change(_fleet(python__demo=BROKEN), _fleet(python__demo=worse))
    assert [(each.rule, each.line) for each in outcome.findings] == [("spec/unknown-field", 5)]


def test_a_skill_that_was_not_touched_is_not_looked_at() -> None:
    outcome = check_change(_fleet(python__demo=BROKEN), _fleet(python__demo=BROKEN, web__new=gitbed.skill("new")))
    assert (outcome.skills, outcome.findings, outcome.existing) == (1, (), ())


def test_a_moved_skill_takes_its_old_findings_along() -> None:
    outcome = check_change(_fleet(python__demo=BROKEN), _fleet(web__demo=BROKEN))
    assert [each.rule for each in outcome.existing or ()] == ["spec/unknown-field"]
    assert not [each for each in outcome.findings if each.rule.startswith("spec/")]


def test_a_name_that_is_taken_is_the_newcomers_fault() -> None:
    outcome = check_change(
        _fleet(python__demo=gitbed.skill("demo")),
        _fleet(python__demo=gitbed.skill("demo"), web__demo=gitbed.skill("demo", "Another. Use when in doubt.")),
    )
    assert "fleet/name-unique" in {each.rule for each in outcome.findings}
    assert "web/demo" in {each.skill for each in outcome.findings}


def test_a_removed_file_touches_its_skill() -> None:
    base = MemoryTree({"skills/web/a/SKILL.md": gitbed.skill("a").encode(), "skills/web/a/notes.md": b"x"})
    head = MemoryTree({"skills/web/a/SKILL.md": gitbed.skill("a").encode()})
    change = compare(read_fleet(base), read_fleet(head))
    assert change.paths == {"skills/web/a/notes.md": "D"}
    assert [skill.id for skill in change.changed] == ["web/a"]


def test_the_three_kinds_of_tree_see_the_same_change(bed: gitbed.Bed) -> None:
    """A base from Git's objects against a head from objects, and against the same files in the work tree."""
    base = bed.tip()
    bed.write("skills/web/demo/SKILL.md", BROKEN)
    bed.write("skills/web/demo/scripts/run.sh", "#!/bin/sh\n").chmod(0o755)
    bed.write("skills/python/packaging/notes.md", "x")
    bed.write("README.md", None)
    was = read_fleet(GitTree(bed.repo, base))
    files = compare(was, read_fleet(WorkTree(bed.path, repo=bed.repo)))
    head = bed.commit("Change")
    objects = compare(was, read_fleet(GitTree(bed.repo, head)))
    assert files.paths == objects.paths == bed.repo.changed(base, head)
    assert check_change(was, files.head) == check_change(was, objects.head)


def test_an_untouched_checkout_is_no_change(bed: gitbed.Bed, tmp_path: Path) -> None:
    was = read_fleet(GitTree(bed.repo, bed.tip()))
    assert compare(was, read_fleet(WorkTree(bed.path, repo=bed.repo))).paths == {}
