"""`validate`, `fix` and the like in a repository that is no fleet: the gate, the settings, the baseline, what is not seen."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

import gitbed
from cli.command import fine, refused, run

LINK = "\nSee [x](references/gone.md).\n"
GOOD = gitbed.skill("good")
OLD = gitbed.skill("old").replace("description: ", "description: Old: ")


def repository(folder: Path, files: dict[str, gitbed.Content]) -> gitbed.Bed:
    """A repository with these files on main."""
    return gitbed.make_repo(folder, files)


@pytest.fixture
def bed(tmp_path: Path) -> gitbed.Bed:
    """A repository whose only skill is wrong."""
    return repository(tmp_path / "repo", {"skills/old/SKILL.md": OLD, "README.md": "x\n"})


def findings(folder: Path, *words: str) -> list[tuple[str, str, int]]:
    """Rule, path and line of each error that `validate` reports."""
    found = json.loads(run(folder, "validate", "--format", "json", *words).out)["findings"]
    return [(each["rule"], each["path"], each["line"]) for each in found if each["severity"] == "error"]


def test_only_the_change_counts(bed: gitbed.Bed) -> None:
    """A good skill is green whatever was wrong before, with and without PATH; what is wrong in the change is on its line."""
    bed.commit_to("good", {"skills/good/SKILL.md": GOOD})
    bed.commit_to("bad", {"skills/good/SKILL.md": GOOD + LINK})
    for words in ((), ("skills",), ("skills/good",)):
        fine(bed.path, "validate", "--base", "main", "--head", "good", *words)
        assert findings(bed.path, "--base", "main", "--head", "bad", *words) == [
            ("links/missing-target", "skills/good/SKILL.md", 10)
        ]
    assert run(bed.path, "validate").status == run(bed.path, "validate", "--head", "good", "skills/old").status == 1
    assert run(bed.path, "validate", "--base", "main", "--head", "bad", "skills/old").status == 0


def test_moves_and_deletions_are_nobody_elses_business(bed: gitbed.Bed) -> None:
    """Ids, former ids and retiring are for fleets: a skill may move with its problems, and go."""
    bed.commit("Move", {"skills/old/SKILL.md": None, "packs/old/SKILL.md": OLD, "packs/x/SKILL.md": gitbed.skill("x")})
    fine(bed.path, "validate", "--base", "HEAD~1")
    bed.commit(
        "Rename", {"packs/x/SKILL.md": None, "y/z/SKILL.md": gitbed.skill("x").replace(" x\n", " z\n", 1) + LINK}
    )
    bed.commit("Rename it", {"y/z/SKILL.md": None, "w/SKILL.md": gitbed.skill("x").replace(" x\n", " w\n", 1) + LINK})
    fine(bed.path, "validate", "--base", "HEAD~1")
    bed.commit("Delete", {"packs/old/SKILL.md": None})
    fine(bed.path, "validate", "--base", "HEAD~1")
    fine(bed.path, "validate", "--base", "HEAD~1", "packs/old")
    refused(bed.path, "validate", "--base", "HEAD", "packs/old", error="no skill in packs/old", tip_works=False)


def test_paths_are_those_of_the_repository(bed: gitbed.Bed, tmp_path: Path) -> None:
    """From the top, from below, and from elsewhere."""
    expected = [("spec/yaml", "skills/old/SKILL.md", 3)]
    assert findings(bed.path) == findings(bed.path, "skills") == findings(bed.path / "skills", "old") == expected
    assert findings(bed.path / "skills/old", ".") == findings(bed.path / "skills/old") == expected
    assert findings(tmp_path, "repo/skills") == findings(bed.path, "skills/old/SKILL.md") == expected
    assert "file=skills/old/SKILL.md,line=3" in run(bed.path / "skills/old", "validate", ".", "--format", "github").out


@pytest.mark.parametrize("file", [".skill-fleet.toml", "pyproject.toml"])
def test_settings_hold_with_paths(bed: gitbed.Bed, file: str) -> None:
    """Also from another folder; a rule is exempt by the path of a skill or of a folder above; a wrong key stops all."""
    table = "[tool.skill-fleet]\n" if file == "pyproject.toml" else ""
    for setting in (
        'ignore = ["spec"]',
        'exempt = { "skills/old" = ["spec"] }',
        'exempt = { "skills/" = ["spec/yaml"] }',
    ):
        bed.write(file, f"{table}{setting}\n")
        for words in ((), ("skills",), ("skills/old",)):
            fine(bed.path, "validate", *words)
        fine(bed.path / "skills", "validate", "old")
    for unknown in ('ignore = ["link"]', 'exempt = { "skills/old" = ["spec/nam"] }'):
        bed.write(file, f"{table}{unknown}\n")
        for words in ((), ("skills",), ("--base", "HEAD")):
            assert run(bed.path, "validate", *words).status == (0 if words[:1] == ("--base",) else 2)
    bed.write(file, f"{table}ignored = []\n")
    refused(bed.path, "validate", "skills", error="ignored", tip="the settings are")


def test_a_change_cannot_loosen_its_own_gate(bed: gitbed.Bed) -> None:
    """Settings and baseline are those of the base."""
    bed.commit_to(
        "work",
        {
            "skills/good/SKILL.md": GOOD + LINK,
            ".skill-fleet.toml": 'ignore = ["links"]\n',
            ".skill-fleet/baseline": "links/missing-target skills/good/SKILL.md 0\n",
        },
    )
    assert run(bed.path, "validate", "--base", "main", "--head", "work").status == 1
    bed.git("switch", "--quiet", "work")
    assert run(bed.path, "validate", "--base", "main").status == 1


def test_names_are_unique_where_clients_look(tmp_path: Path) -> None:
    """Within a root or a plugin, with PATHs and without; copies for clients are one skill, and one hint where they differ."""
    one, other = gitbed.skill("deploy"), gitbed.skill("deploy", "Sends a thing away. Use when it has to go somewhere.")
    bed = repository(tmp_path / "two", {"skills/a/deploy/SKILL.md": one, "skills/b/deploy/SKILL.md": other})
    for words in ((), (".",), ("skills",)):
        assert {rule for rule, _, _ in findings(bed.path, *words)} == {"fleet/name-unique"}
    files = {f"{place}/skills/deploy/SKILL.md": one for place in ("plugins/p", "plugins/q", ".claude", ".agents")}
    drifted = {f"{place}/skills/deploy/SKILL.md": other for place in ("plugins/q", ".agents")}
    bed = repository(tmp_path / "copies", {**files, **drifted})
    for words in ((), (".",)):
        facts = json.loads(fine(bed.path, "validate", "--format", "json", *words))
        assert facts["skills"] == 2
        assert [each["rule"] for each in facts["findings"]].count("layout/copy-drift") == 0
    bed.write(".agents/skills/deploy/SKILL.md", f"{other}More.\n")
    bed.write(".claude/skills/deploy/SKILL.md", f"{other}Much more.\n")
    found = json.loads(fine(bed.path, "validate", "--format", "json"))["findings"]
    assert [each["rule"] for each in found].count("layout/copy-drift") == 1


def test_a_copy_hides_nothing(tmp_path: Path) -> None:
    """What is wrong in a copy alone is found there, with and without a base; what its source has too is said once."""
    bed = repository(
        tmp_path / "r", {f"{top}/skills/a/SKILL.md": gitbed.skill("a") for top in (".claude", "x", ".codex")}
    )
    bed.commit_to("work", {".claude/skills/a/SKILL.md": gitbed.skill("a") + LINK})
    wrong = [("links/missing-target", ".claude/skills/a/SKILL.md", 10)]
    assert findings(bed.path, "--base", "main", "--head", "work") == findings(bed.path, "--head", "work") == wrong
    bed.commit_to("both", {f"{top}/skills/a/SKILL.md": gitbed.skill("a") + LINK for top in (".claude", "x")})
    assert len(findings(bed.path, "--base", "main", "--head", "both")) == 1


def test_linked_skills_are_checked_once(tmp_path: Path) -> None:
    """By their real path, also when the PATH is the link; a link to another text is that text."""
    bed = repository(
        tmp_path / "r", {"pkg/a/SKILL.md": gitbed.skill("a") + LINK, "texts/b.md": gitbed.skill("b") + LINK}
    )
    for link, target in {
        "skills": "pkg",
        ".claude/skills": "../pkg",
        ".codex/skills/b/SKILL.md": "../../../texts/b.md",
    }.items():
        (bed.path / link).parent.mkdir(parents=True, exist_ok=True)
        (bed.path / link).symlink_to(target)
    one, other = (("links/missing-target", path, 10) for path in ("pkg/a/SKILL.md", "texts/b.md"))
    assert findings(bed.path) == [one, other]
    assert findings(bed.path, "skills") == findings(bed.path, ".claude/skills") == [one]
    assert findings(bed.path, ".codex") == [other]
    bed.git("add", "--all")
    bed.git("commit", "--quiet", "--message", "Links")
    bed.commit("Link one", {"one/a/SKILL.md": gitbed.skill("a"), "two/a/x.md": "x\n"})
    (bed.path / "three/a").mkdir(parents=True)
    (bed.path / "three/a/SKILL.md").symlink_to("../../one/a/SKILL.md")
    bed.write("one/a/SKILL.md", gitbed.skill("a") + LINK)
    assert findings(bed.path, "--base", "HEAD", "three") == [("links/missing-target", "one/a/SKILL.md", 10)]
    bed.git("checkout", "--quiet", ".")
    bed.commit("Change the text", {"texts/b.md": gitbed.skill("b") + "\nSee [y](gone).\n"})
    assert findings(bed.path, "--base", "HEAD~1") == [("links/missing-target", "texts/b.md", 10)]


def notes(folder: Path, *words: str) -> set[str]:
    """The places that `validate` names as not looked at."""
    return {
        each["path"] for each in json.loads(run(folder, "validate", "--format", "json", *words).out).get("notes", ())
    }


def test_other_repositories_are_named(tmp_path: Path) -> None:
    """A submodule, fetched or not, and a clone inside; alone in a PATH, they are no skills; checked as PATHs, they are."""
    pack = repository(tmp_path / "pack", {"skills/x/SKILL.md": gitbed.skill("x")})
    bed = repository(tmp_path / "r", {"skills/a/SKILL.md": gitbed.skill("a")})
    local = ("-c", "protocol.file.allow=always")
    bed.git(*local, "submodule", "--quiet", "add", str(pack.path), "vendor/pack")
    bed.git("commit", "--quiet", "--message", "Add a submodule")
    subprocess.run(["git", "clone", "--quiet", pack.path, bed.path / "skills/pack"], check=True)
    subprocess.run(["git", "clone", "--quiet", bed.path, tmp_path / "again"], check=True)

    assert notes(bed.path) == notes(bed.path, ".") == {"vendor/pack", "skills/pack"}
    assert notes(tmp_path / "again") == {"vendor/pack"}
    for folder in (bed.path, tmp_path / "again"):
        refused(folder, "validate", "vendor", error="vendor/pack is a submodule", tip="-C vendor/pack", around=bed.path)
    assert fine(bed.path, "validate", "vendor/pack").startswith("1 skill checked")
    assert fine(bed.path, "validate", "skills/pack").startswith("1 skill checked")


def test_what_git_ignores_is_named(tmp_path: Path) -> None:
    """A skill, a part of one, a folder with skills in it; not what nobody would publish. A PATH that names it is checked."""
    bed = repository(
        tmp_path / "r",
        {".gitignore": "build/\nlib/\n.env\n*.pyc\nnode_modules/\n", "skills/a/SKILL.md": gitbed.skill("a")},
    )
    for path in ("skills/a/lib/x.md", "skills/a/.env", "skills/a/y.pyc", "node_modules/p/skills/n/SKILL.md"):
        bed.write(path, "x")
    bed.write("skills/a/venv/.gitignore", "*\n")
    bed.write("skills/a/venv/x.py", "x")
    bed.write("skills/build/SKILL.md", gitbed.skill("build"))
    bed.write("build/out/deep/SKILL.md", gitbed.skill("deep"))
    assert notes(bed.path) == {"skills/a/lib", "skills/a/venv", "skills/build/SKILL.md", "build/out/deep/SKILL.md"}
    assert notes(bed.path, "skills") == {"skills/a/lib", "skills/a/venv", "skills/build/SKILL.md"}
    assert fine(bed.path, "validate", "skills/build").startswith("1 skill checked")
    assert "skills/build" in run(bed.path, "generate-xml").err


def test_a_checkout_without_links(tmp_path: Path) -> None:
    """Where the system has no links, a link is a file with its target: what it stands for is checked all the same."""
    bed = repository(tmp_path / "r", {"skills/a/SKILL.md": gitbed.skill("a")})
    (bed.path / ".claude").mkdir()
    (bed.path / ".claude/skills").symlink_to("../skills")
    bed.git("add", "--all")
    bed.git("commit", "--quiet", "--message", "Link")
    subprocess.run(["git", "clone", "--quiet", "-c", "core.symlinks=false", bed.path, tmp_path / "w"], check=True)
    assert (tmp_path / "w/.claude/skills").read_text() == "../skills"
    assert not notes(tmp_path / "w") and fine(tmp_path / "w", "validate").startswith("1 skill checked")


def test_misspelled_beside_others(tmp_path: Path) -> None:
    """Each with its own line, with PATHs and without; a page about skills is none."""
    names = ("a/skill.md", "b/Skill.MD", "c/SKILLS.md", "d/SKILL.markdown")
    files: dict[str, gitbed.Content] = {f"skills/{name}": gitbed.skill(name[0]) for name in names}
    pages: dict[str, gitbed.Content] = {
        "docs/skill.md": "# How to write one\n",
        "docs/SKILLS.md": "---\ntitle: x\n---\n",
    }
    bed = repository(tmp_path / "r", {**files, **pages, "skills/good/SKILL.md": GOOD})
    for words in ((), (".",), ("skills",)):
        assert findings(bed.path, *words) == [("layout/skill-file-case", f"skills/{name}", 1) for name in names]
    fine(bed.path, "fix")
    assert (bed.path / "docs/skill.md").exists() and (bed.path / "skills/a/SKILL.md").exists()


def test_no_skill_is_never_green(tmp_path: Path) -> None:
    """Nothing there, nothing selected, nothing in PATH, nothing after the change, everything left out."""
    bed = repository(tmp_path / "r", {"README.md": "x\n", "docs/a.md": "x\n"})
    for words in (
        (),
        ("--base", "main"),
        ("--select", "spec"),
        (".",),
        ("docs",),
        ("--head", "main"),
        ("--ignore", "fleet"),
    ):
        refused(bed.path, "validate", *words, error="no skill", tip_works=False)
    bed.write("tests/fixtures/a/SKILL.md", gitbed.skill("a"))
    refused(bed.path, "validate", error="tests/fixtures/a is left out")
    refused(bed.path, "validate", "--base", "main", "docs", error="no skill in docs", tip_works=False)
    assert all("left out" in run(bed.path, *words).err for words in (["list"], ["search", "word"]))


def test_left_out_folders_are_named(tmp_path: Path) -> None:
    """Tests and generated files are not checked unless they are asked for, and never silently."""
    files: dict[str, gitbed.Content] = {
        f"{top}/SKILL.md": gitbed.skill(top[-1]) + LINK for top in ("tests/x", "dist/z")
    }
    flat = {
        "skills/flat.md": gitbed.skill("flat"),
        "skills/task.md": gitbed.skill("task"),
        "skills/b/README.md": gitbed.skill("b"),
        "skills/README.md": "# Skills\n",
    }
    bed = repository(tmp_path / "r", {"skills/a/SKILL.md": gitbed.skill("a"), **files, **flat})
    fine(bed.path, "validate")
    assert notes(bed.path) == {"tests", "dist", "skills/flat.md", "skills/task.md", "skills/b/README.md"}
    assert len(findings(bed.path, "tests")) == 1 and len(findings(bed.path, ".")) == 2


def test_the_top_of_a_repository_has_no_folder_name(tmp_path: Path) -> None:
    """In a clone, in the archive of a branch or a tag, and as a PATH; a folder of another name is still wrong."""
    bed = repository(tmp_path / "clone-of-it", {"SKILL.md": gitbed.skill("thing"), "README.md": "x\n"})
    assert fine(bed.path, "validate") == fine(bed.path, "validate", ".") == fine(tmp_path, "validate", "clone-of-it")
    for name in ("thing-main", "thing-1.2.0"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "SKILL.md").write_text(gitbed.skill("thing"))
        fine(tmp_path, "validate", name)
        fine(tmp_path / name, "validate", ".")
    (tmp_path / "thing-main").rename(tmp_path / "thingy-main")
    assert run(tmp_path, "validate", "thingy-main").status == run(tmp_path / "thingy-main", "validate", ".").status == 1


def test_remote_out_of_reach(tmp_path: Path) -> None:
    """In a partial clone whose remote is gone: one sentence, whichever command needs an object."""
    bed = repository(tmp_path / "r", {"skills/a/SKILL.md": gitbed.skill("a")})
    bed.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "partial"
    subprocess.run(
        ["git", "clone", "--quiet", "--filter=blob:none", "--no-checkout", bed.path.as_uri(), clone], check=True
    )
    subprocess.run(["git", "remote", "set-url", "origin", "file:///nowhere"], cwd=clone, check=True)
    for words in (("validate", "--base", "origin/main", "--head", "origin/main"), ("list", "--ref", "origin/main")):
        refused(clone, *words, error="cannot read the objects", tip_works=False)


def test_each_path_is_accounted_for(bed: gitbed.Bed) -> None:
    """A PATH without a skill is named beside others, and what is not looked at elsewhere is not."""
    bed.commit("More", {"skills/good/SKILL.md": GOOD, "docs/a.md": "x\n", "tests/x/SKILL.md": GOOD})
    assert notes(bed.path, "skills/good", "docs") == notes(bed.path / "docs", ".", "../skills/good") == {"docs"}
    assert notes(bed.path, "--base", "main", "skills/good", "docs") == {"docs"}
    assert notes(bed.path, "--head", "main", "skills/good", "docs") == {"docs"}


def test_plugins_of_other_repositories_are_named(tmp_path: Path) -> None:
    """What a marketplace has elsewhere is not looked at, and said so."""
    sources = ["./p", {"source": "github", "repo": "o/r"}, {"source": "npm", "package": "x"}]
    plugins = [{"name": f"p{at}", "source": source} for at, source in enumerate(sources)]
    shop = json.dumps({"name": "m", "owner": {"name": "o"}, "plugins": plugins})
    files: dict[str, gitbed.Content] = {"p/skills/good/SKILL.md": GOOD, ".claude-plugin/marketplace.json": shop}
    bed = repository(tmp_path / "repo", files)
    assert notes(bed.path) == {".claude-plugin/marketplace.json"}
    assert "p1, p2" in fine(bed.path, "validate")


def test_a_file_with_other_line_ends_or_times_has_not_changed(tmp_path: Path) -> None:
    """In a checkout of Windows, and after every file was touched."""
    bed = repository(tmp_path / "r", {"skills/a/SKILL.md": GOOD.replace("good", "a")})
    clone = tmp_path / "clone"
    autocrlf = ("-c", "core.autocrlf=true")
    subprocess.run(["git", "clone", "--quiet", *autocrlf, "--config", autocrlf[1], bed.path, clone], check=True)
    file = clone / "skills/a/SKILL.md"
    assert b"\r\n" in file.read_bytes()
    os.utime(file, (1, 1))
    assert fine(clone, "validate", "--base", "HEAD").startswith("no skills checked")
    file.write_bytes(file.read_bytes() + b"More.\r\n")
    assert fine(clone, "validate", "--base", "HEAD").startswith("1 skill checked")


def test_cases_in_the_format_of_another_tool_are_its_own(tmp_path: Path) -> None:
    """What is wrong is only said of a file that has an item in the format of this one, or is no JSON."""
    case, other = '{"id": 1, "prompt": "Do it."}', '{"id": "a", "task": "Do it."}'
    contents = {
        "list": f"[{case}]",
        "other": f'{{"evals": [{other}]}}',
        "nameless": f'{{"evals": [{case}, {other}]}}',
        "twice": f'{{"skill_name": "twice", "evals": [{case}], "evals": []}}',
    }
    files: dict[str, gitbed.Content] = {f"skills/{name}/SKILL.md": gitbed.skill(name) for name in contents}
    files |= {f"skills/{name}/evals/evals.json": text for name, text in contents.items()}
    found = json.loads(run(repository(tmp_path / "r", files).path, "validate", "--format", "json").out)["findings"]
    assert {each["skill"] for each in found if each["rule"] == "evals/cases"} == {"skills/nameless", "skills/twice"}


@pytest.mark.parametrize("words", [("stats",), ("build-site", "out"), ("verify",), ("verify", "--site", ".")])
def test_no_skill_is_not_green(tmp_path: Path, words: tuple[str, ...]) -> None:
    """What publishes, counts or verifies skills says that there are none, with what was not looked at."""
    bed = repository(tmp_path / "repo", {"README.md": "x\n"})
    refused(bed.path, *words, error="no skill", tip="SKILL.md", tip_works=False)
    bed.commit("Examples", {"examples/old/SKILL.md": OLD})
    refused(bed.path, *words, error="left out", tip="skill-fleet validate examples/old", tip_works=False)
    assert not (bed.path / "out").exists()
