"""`new`, `move`, `retire`, `migrate`: what they write, and that they write nothing when they refuse."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import gitbed
from cli.command import fine, fingerprint, run

NEW = "skills/web/forms/SKILL.md"


def test_new_stays_red_until_it_is_filled_in(lone: gitbed.Bed) -> None:
    """The skeleton is valid but for its description and its text, which nobody can overlook."""
    fine(lone.path, "new", "web/forms")
    done = json.loads(run(lone.path, "validate", "--format", "json").out)

    errors = [each for each in done["findings"] if each["severity"] == "error"]
    assert {(each["rule"], each["path"]) for each in errors} == {("content/placeholder", NEW)}
    assert [each["line"] for each in errors] == [3, 10, 14, 15]
    fine(lone.path, "new", "skills/web/tables/", "--description", 'Lays out "tables". Use when data has columns.')
    text = (lone.path / "skills/web/tables/SKILL.md").read_text()
    lone.write("skills/web/tables/SKILL.md", re.sub(r"\{\{[A-Z_]+\}\}", "Done.", text))
    assert run(lone.path, "validate", "skills/web/tables").status == 0


def test_move_mends_what_names_the_old_id(lone: gitbed.Bed) -> None:
    """Files, name, alias, and the skills that require it follow; modes stay."""
    lone.write("skills/web/a/SKILL.md", gitbed.skill("a"))
    lone.write("skills/web/a/scripts/run.sh", "#!/bin/sh\n").chmod(0o755)
    user = gitbed.skill("b").replace("\n---\n\n", "\nmetadata:\n  requires: web/a\n---\n\n", 1)
    lone.commit("Two", {"skills/web/b/SKILL.md": user})
    fine(lone.path, "move", "web/a", "testing/alpha")

    moved = (lone.path / "skills/testing/alpha/SKILL.md").read_text()
    assert "name: alpha" in moved.replace('"', "") and "web/a" in moved
    assert (lone.path / "skills/testing/alpha/scripts/run.sh").stat().st_mode & 0o111
    assert "testing/alpha" in (lone.path / "skills/web/b/SKILL.md").read_text()
    assert not (lone.path / "skills/web/a").exists()
    assert run(lone.path, "validate", "--base", "main").status == 0


def test_modes_where_the_system_has_none(lone: gitbed.Bed, tmp_path: Path) -> None:
    """As on Windows: executable bits are those of Git's index, also of an edited file, when skills move or come in."""
    source = gitbed.make_repo(
        tmp_path / "source", {"tool/SKILL.md": gitbed.skill("tool"), "tool/run.sh": "#!/bin/sh\n"}
    )
    lone.commit("One", {"skills/web/a/SKILL.md": gitbed.skill("a"), "skills/web/a/run.sh": "#!/bin/sh\n"})
    for bed, path in ((lone, "skills/web/a/run.sh"), (source, "tool/run.sh")):
        bed.git("update-index", "--chmod=+x", path)
        bed.git("config", "core.fileMode", "false")
        bed.git("commit", "--quiet", "-m", "Make it executable")
        bed.write(path, "#!/bin/sh\necho edited\n")
    fine(lone.path, "move", "web/a", "testing/alpha")
    fine(lone.path, "migrate", str(source.path), "--to", "web")

    assert lone.git("diff", "--cached", "--name-only") == "", "nothing is staged"
    lone.git("add", "--all")
    rows = [line.split() for line in lone.git("ls-files", "--stage").splitlines()]
    modes = {path: mode for mode, _, _, path in rows}
    assert modes["skills/testing/alpha/run.sh"] == modes["skills/web/tool/run.sh"] == "100755"
    assert modes["skills/web/tool/SKILL.md"] == "100644" and "skills/web/a/run.sh" not in modes
    assert run(lone.path, "validate", "--base", "HEAD", "--staged").status == 0


def test_fix_shows_and_mends(lone: gitbed.Bed) -> None:
    """A name that is its folder's, written otherwise, is shown as a patch and fixed; when nothing is, that is said."""
    none = run(lone.path, "fix", "--diff")
    assert (none.status, none.out, none.err) == (0, "", "Nothing to fix.\n")

    path = f"{gitbed.FIRST_SKILL}/SKILL.md"
    good = gitbed.skill("packaging")
    lone.write(path, good.replace("name: packaging", "name: Packaging"))
    shown = run(lone.path, "fix", "--diff")
    assert "\n-name: Packaging\n+name: packaging\n" in shown.out and shown.err == ""
    found = fine(lone.path, "explain", "spec/name-directory")
    assert "spec/name" in found and run(lone.path, "validate").out.count("  error  ") == 1
    assert fine(lone.path, "fix") == f"fixed {path}\n" and (lone.path / path).read_text() == good


def test_fix_renames_a_file_in_the_wrong_case(lone: gitbed.Bed) -> None:
    """The rename is one line of the answer; a patch in JSON keeps every byte, and says that nothing is changed yet."""
    right, wrong = (f"{gitbed.FIRST_SKILL}/{name}" for name in ("SKILL.md", "skill.md"))
    content = (lone.path / right).read_bytes() + b"\xff\n"
    (lone.path / right).rename(lone.path / wrong)
    (lone.path / wrong).write_bytes(content)
    lone.git("add", "--all")
    shown = json.loads(fine(lone.path, "fix", "--diff", "--format", "json"))
    assert shown["would_change"] == [right, wrong] and "changed" not in shown
    lone.git("apply", "--check", stdin=shown["patch"].encode("utf-8", "surrogateescape"))
    assert fine(lone.path, "fix") == f"renamed {wrong} to {right}\n" and (lone.path / right).read_bytes() == content


def test_retire_leaves_a_stub(lone: gitbed.Bed) -> None:
    """The stub stays valid, says what replaces it, and is in the catalogue no more."""
    lone.commit("One more", {"skills/web/a/SKILL.md": gitbed.skill("a"), "skills/web/a/notes.md": "x"})
    heir = gitbed.FIRST_SKILL.removeprefix("skills/")
    fine(lone.path, "retire", "web/a", "--superseded-by", heir)

    assert heir in (lone.path / "skills/web/a/SKILL.md").read_text()
    assert not (lone.path / "skills/web/a/notes.md").exists()
    assert "<name>a</name>" not in fine(lone.path, "generate-xml", "-o", "-")
    assert run(lone.path, "validate", "--base", "main").status == 0


def test_migrate_keeps_bodies_and_says_where_from(lone: gitbed.Bed, tmp_path: Path) -> None:
    """A skill that is not valid elsewhere becomes one here; its body is the same to the byte."""
    body = b"# Body\r\n\r\n\xc3\xa9 --- text\n"
    outside = tmp_path / "outside" / "My Skill"
    outside.mkdir(parents=True)
    (outside / "SKILL.md").write_bytes(b"---\nname: My Skill\nversion: 1.0\ndescription: Does it.\n---\n" + body)
    assert "1 of 1" in fine(lone.path, "migrate", str(tmp_path / "outside"), "--to", "web", "--dry-run")
    assert lone.git("status", "--porcelain") == ""
    fine(lone.path, "migrate", str(tmp_path / "outside"), "--to", "web")

    written = (lone.path / "skills/web/my-skill/SKILL.md").read_bytes()
    assert written.endswith(body)
    assert b"outside" in written
    assert run(lone.path, "validate", "skills/web/my-skill").status == 0


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("new", "web"), "CATEGORY/NAME"),
        (("new", "nowhere/x"), "no category"),
        (("new", "web/packaging"), "is taken"),
        (("new", "../x/y"), "CATEGORY/NAME"),
        (("new", "web/con"), "Windows reserves"),
        (("move", "python/packaging", "web/aux"), "Windows reserves"),
        (("move", "web/none", "web/x"), "no skill"),
        (("move", "python/packaging", "nowhere/x"), "no category"),
        (("move", "python/packaging", "web/../x"), "not a skill id"),
        (("retire", "web/none"), "no skill"),
        (("retire", "python/packaging", "--superseded-by", "web/none"), "no other skill"),
        (("migrate", "nowhere", "--to", "web"), "no folder"),
        (("migrate", ".git", "--to", "web"), "no skill in"),
        (("migrate", "skills", "--to", "nowhere"), "no category"),
        (("fix", "--head", "main"), "--head"),
    ],
)
def test_refused(words: tuple[str, ...], error: str, lone: gitbed.Bed) -> None:
    """One sentence, a tip, and nothing changed."""
    before = fingerprint(lone.path)
    done = run(lone.path, *words)

    assert (done.status, done.out) == (2, "")
    assert error in done.err and "tip: " in done.err
    assert fingerprint(lone.path) == before


def test_nothing_is_written_through_a_link(lone: gitbed.Bed, tmp_path: Path) -> None:
    """A category that is a link to another folder takes no new skill."""
    (tmp_path / "elsewhere").mkdir()
    (lone.path / "skills/web").symlink_to(tmp_path / "elsewhere")
    done = run(lone.path, "new", "web/forms")

    assert done.status == 2 and "by a link" in done.err
    assert list((tmp_path / "elsewhere").iterdir()) == []
