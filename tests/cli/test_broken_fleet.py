"""A fleet of broken skills: each is reported, none hides another, and files and commits are told alike."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import gitbed
from cli.command import fine, run

GOOD = "skills/web/good/SKILL.md"
TEXTS: dict[str, str | bytes] = {
    "empty": "",
    "no-front-matter": "# Just text\n",
    "unclosed": "---\nname: unclosed\n",
    "bad-yaml": "---\nname: [bad\ndescription: x: y\n---\n",
    "a-list": "---\n- a\n---\n",
    "tabs": "---\nname:\ttabs\n\tdescription: x\n---\n",
    "twice": "---\nname: twice\nname: twice\ndescription: How. Use when.\n---\n",
    "alias": "---\nname: &a alias\ndescription: *a\n---\n",
    "wrong-types": "---\nname: 1\ndescription: [a]\nmetadata: 3\n---\n",
    "bom": "\ufeff" + gitbed.skill("bom"),
    "crlf": gitbed.skill("crlf").replace("\n", "\r\n"),
    "latin": b"---\nname: latin\ndescription: caf\xe9\n---\n",
    "nul": b"---\nname: nul\ndescription: a\0b\n---\n\0\n",
    "controls": '---\nname: controls\ndescription: "\\e[2J \\x07 red"\n---\n\x1b[31m\u202e\n',
    "huge": gitbed.skill("huge") + "word " * 1_000_000,
    "deep-yaml": "---\nname: deep-yaml\ndescription: " + "[" * 5000 + "\n---\n",
}
KINDS = [*TEXTS, "link", "link-out", "folder", "submodule", "bad-name", "deep", "Case"]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory, isolated_git: None) -> gitbed.Bed:
    """One fleet with every kind of broken skill, and a good one; committed."""
    bed = gitbed.make_repo(
        tmp_path_factory.mktemp("broken") / "repo",
        {
            **gitbed.FLEET,
            GOOD: gitbed.skill("good", "Gluing glass to wood. Use when something lies there in two pieces."),
        },
    )
    for name, text in TEXTS.items():
        bed.write(f"skills/web/{name}/SKILL.md", text)
    skills = bed.path / "skills/web"
    for name, target in {"link": "../good/SKILL.md", "link-out": "/etc/passwd"}.items():
        (skills / name).mkdir()
        (skills / name / "SKILL.md").symlink_to(target)
    bed.write("skills/web/folder/SKILL.md/README.md", "x\n")
    bed.write(os.fsdecode(b"skills/web/bad-name/f\xff\n.md"), "x\n")
    bed.write("skills/web/bad-name/SKILL.md", gitbed.skill("bad-name"))
    bed.write(f"skills/web/deep/{'d/' * 200}SKILL.md", gitbed.skill("deep"))
    bed.write("skills/web/Case/SKILL.md", gitbed.skill("Case"))
    gitbed.make_repo(skills / "submodule", {"SKILL.md": gitbed.skill("submodule")})
    bed.git("-c", "advice.addEmbeddedRepo=false", "add", "--all")
    bed.git("commit", "--quiet", "--message", "Break everything")
    return bed


def test_every_kind_is_reported(broken: gitbed.Bed) -> None:
    """Status 1, no trace, each broken skill is named, and the good one has no error."""
    done = run(broken.path, "validate", "--format", "json")

    assert (done.status, done.err) == (1, "")
    findings = json.loads(done.out)["findings"]
    named = {finding["path"].split("/")[2] for finding in findings}
    assert "good" not in {finding["path"].split("/")[2] for finding in findings if finding["severity"] == "error"}
    # line ends are not worth a word, and a submodule in the place of a skill is not a skill
    assert set(KINDS) - named <= {"crlf", "submodule"}


def test_files_and_commit_alike(broken: gitbed.Bed) -> None:
    """What the work tree says and what the commit says is the same, finding by finding."""
    now = run(broken.path, "validate", "--format", "json").out

    assert run(broken.path, "validate", "--format", "json", "--head", "HEAD").out == now


def test_for_people(broken: gitbed.Bed) -> None:
    """The report for a terminal holds no control character, whatever the skills hold."""
    for words in (
        ("validate",),
        ("validate", "--head", "HEAD"),
        ("validate", "skills"),
        ("list",),
        ("generate-xml", "--check"),
    ):
        done = run(broken.path, *words)
        assert done.status in (0, 1), done
        assert not [char for char in done.out + done.err if not char.isprintable() and char != "\n"], words


def test_a_change_that_breaks_everything(broken: gitbed.Bed) -> None:
    """As a pull request, too: by the commit and by the files, against what was before."""
    first = broken.git("rev-list", "--max-parents=0", "HEAD")
    done = run(broken.path, "validate", "--base", first, "--head", "HEAD", "--format", "json")

    assert done.status == 1
    assert run(broken.path, "validate", "--base", first, "--format", "json").out == done.out


def test_listed_all_the_same(broken: gitbed.Bed) -> None:
    """list names every skill, and the catalogue those that can be listed, and says which it leaves out."""
    ids = {row["id"] for row in json.loads(fine(broken.path, "list", "--format", "json"))}
    assert {"web/good", "web/empty", "web/link", "web/folder"} <= ids

    done = run(broken.path, "generate-xml", "-o", "-")

    assert done.status == 0
    assert "<name>good</name>" in done.out and "left out: skills/web/empty/SKILL.md" in done.err
    assert run(broken.path, "generate-xml", "-o", "-", "--ref", "HEAD") == done


def test_named_one_by_one(broken: gitbed.Bed) -> None:
    """Each can be checked alone, by its path."""
    for name in KINDS:
        assert run(broken.path, "validate", f"skills/web/{name}").status in (0, 1, 2), name
        assert Path(broken.path, "skills/web", name).exists()
