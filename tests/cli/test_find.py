"""`list`, `search`, `show`, `completion`, and what is suggested for a slip of the fingers."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import gitbed
from cli.command import fine, refused, run

RETIRED = gitbed.skill("gone").replace("\n---\n\n", "\nmetadata:\n  status: retired\n---\n\n", 1)


@pytest.fixture
def some(lone: gitbed.Bed) -> gitbed.Bed:
    """A fleet with skills in two categories, one of them retired."""
    files: dict[str, gitbed.Content] = {
        "skills/web/forms/SKILL.md": gitbed.skill("forms", "Fills in forms. Use when a page asks.", "Submit twice."),
        "skills/web/gone/SKILL.md": RETIRED,
        "skills/web/forms/references/a.md": "A.\n",
    }
    lone.commit("Some", files)
    return lone


def ids(folder: Path, *words: str) -> list[str]:
    """The ids that a command lists."""
    return [each["id"] for each in json.loads(fine(folder, *words, "--format", "json"))]


def test_list(some: gitbed.Bed) -> None:
    """All, those of a category, those with a status."""
    assert ids(some.path, "list") == ["python/packaging", "web/forms", "web/gone"]
    assert ids(some.path, "list", "--category", "web", "--status", "active") == ["web/forms"]
    assert ids(some.path, "list", "--status", "retired", "--ref", "main") == ["web/gone"]
    assert ids(some.path, "list", "--category", "api") == []
    refused(some.path, "list", "--category", "wbe", error="no category", tip="web")


def test_search(some: gitbed.Bed) -> None:
    """Names before descriptions before texts; all words, or else any; other forms and beginnings; no syntax of SQLite."""
    assert ids(some.path, "search", "packaging")[0] == "python/packaging"
    assert ids(some.path, "search", "submits", "form") == ["web/forms"]
    assert "web/forms" in ids(some.path, "search", "form", "nosuchword")
    assert ids(some.path, "search", 'form" OR NEAR( *') == ["web/forms"]
    assert ids(some.path, "search", "xyzzy") == [] and "No skill" in run(some.path, "search", "xyzzy").err
    assert len(ids(some.path, "search", "a", "--limit", "1")) == 1
    refused(some.path, "search", "--", "-*-", error="no word", tip="skill-fleet search")


def test_search_for_other_forms(lone: gitbed.Bed) -> None:
    """Another end than the word's stem has, accents, parts of a name, other scripts; and no middle of a word."""
    text = "Sizing the Caf\u00e9s. Queries for all possibilities of relations in foo_bar, \ud55c\uad6d\uc5b4."
    lone.commit("Some", {"skills/web/forms/SKILL.md": gitbed.skill("forms", body=text)})
    for word in (
        "size",
        "cafe",
        "CAF\u00c9",
        "query",
        "possible",
        "possibility",
        "relational",
        "foo_bar",
        "bar",
        "\ud55c\uad6d",
    ):
        assert ids(lone.path, "search", word) == ["web/forms"], word
    assert ids(lone.path, "search", "afe") == ids(lone.path, "search", "izing") == []


def test_show(some: gitbed.Bed) -> None:
    """By id, by name, by path; its fields and files."""
    facts = json.loads(fine(some.path, "show", "web/gone", "--format", "json"))
    assert (facts["status"], facts["fields"]["metadata.status"], facts["category"]) == ("retired", "retired", "web")
    for typed in ("web/forms", "forms", "skills/web/forms/"):
        out = fine(some.path, "show", typed)
        assert out.startswith("web/forms") and "skills/web/forms/references/a.md" in out
    refused(some.path, "show", "web/fomrs", error="no skill web/fomrs", tip="web/forms")


def test_without_a_taxonomy(tmp_path: Path) -> None:
    """The same in any repository, by paths; the category is the plugin, the folder between, or the root."""
    files: dict[str, gitbed.Content] = {
        "plugins/tools/skills/a/SKILL.md": gitbed.skill("a"),
        "skills/web/b/SKILL.md": gitbed.skill("b"),
        ".claude/skills/a/SKILL.md": gitbed.skill("a"),
    }
    bed = gitbed.make_repo(tmp_path / "r", files)
    assert ids(bed.path, "list") == ["plugins/tools/skills/a", "skills/web/b"]
    assert ids(bed.path, "list", "--category", "tools") == ["plugins/tools/skills/a"]
    assert ids(bed.path, "search", "b")[0] == "skills/web/b"
    assert json.loads(fine(bed.path, "show", "b", "--format", "json"))["category"] == "web"
    top = gitbed.make_repo(tmp_path / "top", {"SKILL.md": gitbed.skill("thing")})
    assert fine(top.path, "show", "thing") == fine(top.path, "show", ".")


@pytest.mark.parametrize(
    ("words", "tip"),
    [
        (("lsit",), "skill-fleet list"),
        (("explain", "spec/nmae"), "spec/name"),
        (("validate", "--select", "contnet"), "content"),
        (("retire", "web/from"), "web/forms"),
        (("move", "forsm", "web/x"), "forms"),
        (("show", "web/fors"), "web/forms"),
    ],
)
def test_did_you_mean(some: gitbed.Bed, words: tuple[str, ...], tip: str) -> None:
    """Commands, rules and skills."""
    refused(some.path, *words, error="There is no", tip=tip, tip_works=False)


@pytest.mark.parametrize(
    ("address", "tip"),
    [
        ("https://example.org/a/page.md", "curl"),
        ("https://example.org/o/repo", "git clone"),
        ("git@example.org:o/repo.git", "git clone"),
        ("file:///etc/passwd'; true", "curl"),
    ],
)
def test_nothing_is_fetched(some: gitbed.Bed, address: str, tip: str) -> None:
    """An address is called one, wherever a path belongs."""
    for words in (
        ("create", "--path", "web", "--from", address),
        ("revise", "web/forms", "--from", address),
        ("migrate", address, "--to", "web"),
        ("validate", address),
    ):
        refused(some.path, *words, error="Nothing is fetched", tip="", tip_works=False)


def completed(folder: Path, *words: str) -> list[str]:
    """What bash would offer for the last of these words."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMP_WORDS", " ".join(("skill-fleet", *words)))
        patch.setenv("COMP_CWORD", str(len(words)))
        patch.setenv("_SKILL_FLEET_COMPLETE", "bash_complete")
        return [row.partition(",")[2] for row in run(folder).out.split()]


def test_completion(some: gitbed.Bed, pulled: gitbed.Bed, tmp_path: Path) -> None:
    """Commands, rules, ids, categories, pull requests; outside a repository nothing, and no error."""
    assert completed(some.path, "comp") == ["completion"]
    assert completed(some.path, "explain", "spec/na") == ["spec/name", "spec/name-directory"]
    assert completed(some.path, "validate", "--ignore", "content,fleet/n") == [
        "content,fleet/name-unique",
        "content,fleet/near-duplicate",
    ]
    assert completed(some.path, "show", "web/") == ["web/forms", "web/gone"]
    assert completed(some.path, "list", "--category", "we") == ["web"]
    assert completed(pulled.path, "review", "show", "") == ["1"]
    assert completed(tmp_path, "show", "w") == completed(tmp_path, "promote", "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_for_shells(shell: str, tmp_path: Path) -> None:
    """Each is a script that the shell itself takes, if it is there."""
    script = fine(tmp_path, "completion", shell)
    assert "_SKILL_FLEET_COMPLETE" in script
    if program := shutil.which(shell):
        done = subprocess.run([program, "-n"], input=script.encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
