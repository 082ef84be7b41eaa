"""`generate-xml`: a pure function of the tree, and a check that says how to fix what it finds."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from xml.etree import ElementTree

import pytest

import gitbed
from cli.command import fine, fingerprint, refused, run, spawn

CATALOGUE = "skills/available_skills.xml"


def test_same_bytes_everywhere(lone: gitbed.Bed) -> None:
    """From the files and from the commit, a second time, from a sub-folder, with another umask and locale."""
    lone.commit("More", {"skills/web/later/SKILL.md": gitbed.skill("later", "Größe „messen“. Use when — now.")})
    assert fine(lone.path, "generate-xml") == f"{CATALOGUE}: 2 skills, written\n"
    first = (lone.path / CATALOGUE).read_bytes()
    mode = (lone.path / CATALOGUE).stat().st_mode

    assert fine(lone.path, "generate-xml") == f"{CATALOGUE}: 2 skills, up to date\n"
    assert run(lone.path, "generate-xml", "-o", "-", "--ref", "main").out.encode() == first
    (lone.path / CATALOGUE).unlink()
    before = os.umask(0o077)
    try:
        done = spawn(lone.path / "skills/web", "generate-xml", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    finally:
        os.umask(before)
    assert done.status == 0, done
    assert (lone.path / CATALOGUE).read_bytes() == first
    assert (lone.path / CATALOGUE).stat().st_mode == mode


def test_on_a_branch_of_ones_own(pair: gitbed.Bed) -> None:
    """It is written, and noted that no pull request may hold it; where it stays as it was or goes elsewhere, nothing."""
    pair.git("switch", "--quiet", "-c", "forms")
    written, again = run(pair.path, "generate-xml"), run(pair.path, "generate-xml")
    assert written.err == "note: forms is for a pull request, which may not hold this: do not commit it.\n"
    assert (written.status, again.status, again.err) == (0, 0, "")
    (pair.path / CATALOGUE).write_text("old")
    for words in (("--check",), ("-o", "-"), ("-o", "elsewhere.xml")):
        assert "note: " not in run(pair.path, "generate-xml", *words).err
    pair.git("switch", "--quiet", "main")
    assert run(pair.path, "generate-xml").err == ""


def test_standard_output_in_any_locale(lone: gitbed.Bed) -> None:
    """What a terminal cannot show arrives as an escape; nothing stops half-way."""
    lone.commit("More", {"skills/web/x/SKILL.md": gitbed.skill("x", "Größe messen — now. " * 9 + "Use when asked.")})
    for words in (("list",), ("validate",), ("generate-xml", "-o", "-"), ("list", "--format", "json")):
        done = spawn(lone.path, *words, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="ascii")
        assert done.status == 0, done


def test_escaped_and_well_formed(lone: gitbed.Bed) -> None:
    """Markup in a description is text in the catalogue; what XML cannot hold is left out and named."""
    hostile = """</description></skill>&lt; " ' <![CDATA[ ]]> &#0;"""
    lone.write("skills/web/x/SKILL.md", f"---\nname: x\ndescription: {json.dumps(hostile)}\n---\n# X\n")
    lone.write("skills/web/y/SKILL.md", '---\nname: y\ndescription: "bell \\a"\n---\n# Y\n')

    done = run(lone.path, "generate-xml", "-o", "-")

    rows = {row.findtext("name"): row.findtext("description") for row in ElementTree.fromstring(done.out)}
    assert rows.keys() == {"packaging", "x"} and rows["x"] == hostile
    assert done.err.startswith("left out: skills/web/y/SKILL.md: ")
    assert done.out.endswith("</available_skills>\n") and "\n  <skill>\n    <name>" in done.out


def test_check(lone: gitbed.Bed) -> None:
    """--check writes nothing, shows the difference, and names the command that fixes it, which then does."""
    for output in ([], ["-o", "my list.xml"], ["-o", "$x;y.xml", "--ref", "main"]):
        before = fingerprint(lone.path)
        done = run(lone.path, "generate-xml", "--check", *output)
        assert done.status == 1
        assert "+    <name>packaging</name>\n" in done.out and "+++ b/" in done.out
        assert fingerprint(lone.path) == before
        words = shlex.split(done.err.rpartition(": ")[2])

        assert words[0] == "skill-fleet"
        fine(lone.path, *words[1:])

        assert "up to date" in fine(lone.path, "generate-xml", "--check", *output)


def test_check_of_a_hand_edit(lone: gitbed.Bed) -> None:
    """An edit by hand, down to a missing line end, is seen; what it says cannot fool a terminal."""
    fine(lone.path, "generate-xml")
    text = (lone.path / CATALOGUE).read_text()
    for edited in (
        text.rstrip("\n"),
        text.replace("\n", "\r\n"),
        text.replace("packaging<", "pa\x1b[2Jckaging<"),
        "",
        "\xff",
    ):
        (lone.path / CATALOGUE).write_bytes(edited.encode("latin-1"))

        done = run(lone.path, "generate-xml", "--check")

        assert done.status == 1 and "\x1b" not in done.out and done.out.count("\n+") + done.out.count("\n-") >= 2


def test_failed_write_leaves_nothing_behind(lone: gitbed.Bed) -> None:
    """The file is replaced in one move; where that fails, the old one stands and no half one stays."""
    fine(lone.path, "generate-xml")
    target = lone.path / CATALOGUE
    target.unlink()
    target.mkdir()
    before = fingerprint(lone.path)

    assert run(lone.path, "generate-xml").status == 2
    assert fingerprint(lone.path) == before


def test_json(lone: gitbed.Bed, tmp_path: Path) -> None:
    """For programs: what was written, how many, whether it changed, who is missing."""
    lone.write("skills/web/y/SKILL.md", "")
    for words, changed in ((["--check"], True), ([], True), ([], False)):
        done = run(lone.path, "generate-xml", "--format", "json", *words)
        told = json.loads(done.out)
        assert told.keys() == {"file", "skills", "changed", "left_out", "files"}
        assert (told["file"], told["skills"], told["changed"]) == (CATALOGUE, 1, changed)
        assert [row["skill"] for row in told["left_out"]] == ["web/y"]


def test_marketplace_goes_with_the_catalogue(lone: gitbed.Bed) -> None:
    """Where the repository has a marketplace file, one command writes both, and one check looks at both."""
    marketplace = ".claude-plugin/marketplace.json"
    lone.write(marketplace, "{}")
    fine(lone.path, "generate-xml", "-o", CATALOGUE)
    done = run(lone.path, "generate-xml", "--check")

    assert (done.status, marketplace in done.err, CATALOGUE in done.err) == (1, True, False)
    assert f"{marketplace}: 1 skill, written" in fine(lone.path, "generate-xml")
    assert json.loads((lone.path / marketplace).read_text())["plugins"]
    assert run(lone.path, "generate-xml", "--check").status == 0


@pytest.mark.parametrize("status", ["retired", "deprecated"])
def test_retired_leaves_the_catalogue(status: str, lone: gitbed.Bed) -> None:
    """A retired skill is not for agents any more; a deprecated one still is."""
    text = gitbed.skill("old").replace("---\n\n#", f"metadata:\n  status: {status}\n---\n\n#")
    lone.write("skills/web/old/SKILL.md", text)

    assert ("<name>old</name>" in fine(lone.path, "generate-xml", "-o", "-")) == (status == "deprecated")


def test_most_of_a_catalogue_is_not_lost_by_accident(lone: gitbed.Bed) -> None:
    """Where most skills are gone, it is refused and nothing is written, until somebody says that it is right."""
    lone.commit("More", {f"skills/web/s{at}/SKILL.md": gitbed.skill(f"s{at}") for at in range(4)})
    fine(lone.path, "generate-xml")
    lone.commit("Fewer", {f"skills/web/s{at}/SKILL.md": None for at in range(3)})
    refused(lone.path, "generate-xml", error="lose 3 of its 5 skills", tip="--allow-empty")
    assert "up to date" in fine(lone.path, "generate-xml")
    lone.commit("One less", {"skills/web/s3/SKILL.md": None})
    assert "1 skill, written" in fine(lone.path, "generate-xml")


def test_a_catalogue_may_lose_what_is_retired(lone: gitbed.Bed) -> None:
    """Retired skills have been seen: a fleet that retires most of its own is no accident."""
    lone.commit("More", {f"skills/web/s{at}/SKILL.md": gitbed.skill(f"s{at}") for at in range(4)})
    fine(lone.path, "generate-xml")
    old = {
        f"skills/web/s{at}/SKILL.md": gitbed.skill(f"s{at}").replace(
            "---\n\n#", "metadata:\n  status: retired\n---\n\n#"
        )
        for at in range(4)
    }
    lone.commit("Retire", old)
    assert "1 skill, written" in fine(lone.path, "generate-xml")


def test_in_a_sparse_checkout(lone: gitbed.Bed) -> None:
    """The catalogue and the marketplace are those of a full checkout, and are not taken for missing."""
    lone.commit(
        "More", {"skills/web/far/SKILL.md": gitbed.skill("far"), ".claude-plugin/marketplace.json": '{"plugins": []}'}
    )
    fine(lone.path, "generate-xml")
    lone.git("add", "--all")
    lone.git("commit", "--quiet", "--message", "Catalogue")
    lone.git("sparse-checkout", "set", "--no-cone", "/README.md", "/skills/python/")
    assert not (lone.path / "skills/web").exists() and not (lone.path / CATALOGUE).exists()
    out = fine(lone.path, "generate-xml", "--check")
    assert out.count("2 skills, up to date") == 2
    assert fine(lone.path, "validate", "--base", "main").startswith("no skills checked: no errors")
    assert fine(lone.path, "validate", "skills/web").startswith("1 skill checked")
    assert "web/far" in fine(lone.path, "list")


def test_other_marketplaces_are_left_alone(lone: gitbed.Bed) -> None:
    """One that cannot be merged stays byte for byte, and the person is told why."""
    (lone.path / ".claude-plugin").mkdir()
    (lone.path / ".claude-plugin/marketplace.json").write_text("// ours\n")
    done = run(lone.path, "generate-xml")
    assert done.status == 0 and "not valid JSON" in done.err
    assert (lone.path / ".claude-plugin/marketplace.json").read_text() == "// ours\n"
