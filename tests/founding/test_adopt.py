"""`skill-fleet init --adopt`: what it lists, writes and leaves alone in repositories that people have."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import gitbed
from cli.command import fine, refused, run
from house.imports import ROOT

LINK = "\nSee [x](references/gone.md).\n"
ADDRESS, COMMIT = "https://github.com/tools/skill-fleet", "a" * 40
TOOL = ("--tool", f"skill-fleet @ git+{ADDRESS}.git@{COMMIT}")
MARKET = {"name": "m", "owner": {"name": "o"}, "plugins": []}
NEW = {".github/workflows/skills.yml", ".pre-commit-config.yaml", ".skill-fleet.toml"}


def adopt(bed: gitbed.Bed, *words: str) -> Any:
    """Adopt the repository, and return what the command says of it."""
    return json.loads(fine(bed.path, "init", "--adopt", "--format", "json", *TOOL, *words))


def roots(facts: Any) -> set[tuple[str, str, int]]:
    """Each folder with skills: its path, what it is, and how many there are."""
    return {(each["path"], each["kind"], each["skills"]) for each in facts["roots"]}


def layout_flat() -> tuple[dict[str, gitbed.Content], set[tuple[str, str, int]], str, str]:
    """Forty skills in the top folder, and a marketplace that is filled when it is published."""
    files: dict[str, gitbed.Content] = {f"s{at}/SKILL.md": gitbed.skill(f"s{at}") for at in range(40)}
    files |= {".claude-plugin/marketplace.json": json.dumps(MARKET), "tests/fixtures/bad/SKILL.md": "x"}
    return files, {("", "source", 40), ("tests", "fixture", 1)}, "s3", "more"


def layout_plugins() -> tuple[dict[str, gitbed.Content], set[tuple[str, str, int]], str, str]:
    """Plugins with manifests of two hosts, and the same names in both."""
    files: dict[str, gitbed.Content] = {}
    for plugin in ("alpha", "beta"):
        files |= {
            f"plugins/{plugin}/.{host}-plugin/plugin.json": f'{{"name": "{plugin}"}}' for host in ("claude", "codex")
        }
        files[f"plugins/{plugin}/skills/deploy/SKILL.md"] = gitbed.skill("deploy", f"Deploys {plugin}. Use when asked.")
    return (
        files,
        {(f"plugins/{plugin}/skills", "source", 1) for plugin in ("alpha", "beta")},
        "plugins/alpha/skills/deploy",
        "plugins/beta/skills/more",
    )


def layout_copies() -> tuple[dict[str, gitbed.Content], set[tuple[str, str, int]], str, str]:
    """One skill, copied for sixteen clients."""
    clients = [f".client{at}/skills" for at in range(16)]
    files: dict[str, gitbed.Content] = {
        f"{top}/one/SKILL.md": gitbed.skill("one") for top in ["source/skills", *clients]
    }
    return (
        files,
        {("source/skills", "source", 1), *((top, "copy", 1) for top in clients)},
        "source/skills/one",
        "x/more",
    )


def layout_one() -> tuple[dict[str, gitbed.Content], set[tuple[str, str, int]], str, str]:
    """A repository that is one skill."""
    return {"SKILL.md": gitbed.skill("thing"), "README.md": "x\n"}, {("", "source", 1)}, ".", "skills/more"


LAYOUTS = [layout_flat, layout_plugins, layout_copies, layout_one]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout: Any, tmp_path: Path) -> None:
    """The inventory is right, nothing changes but for three new files, a good change is green, a bad one red on its line."""
    files, expected, changed, new = layout()
    bed = gitbed.make_repo(tmp_path / "r", files)

    facts = adopt(bed)

    assert roots(facts) == expected
    changes = bed.git("status", "--porcelain", "--untracked-files=all").split("\n")
    assert {row.removeprefix("?? ") for row in changes} == set(facts["written"]) == NEW
    assert not facts["patches"]
    bed.git("add", "--all")
    bed.git("commit", "--quiet", "--message", "Adopt")
    bed.commit_to(
        "good", {f"{new}/SKILL.md": gitbed.skill("more", "Does more of another kind. Use when less is not it.")}
    )
    fine(bed.path, "validate", "--base", "main", "--head", "good")
    file = f"{changed}/SKILL.md".removeprefix("./")
    bed.commit_to("bad", {file: f"{files[file]}{LINK}"})
    done = run(bed.path, "validate", "--base", "main", "--head", "bad", "--format", "json")
    wrong = [each for each in json.loads(done.out)["findings"] if each["severity"] == "error"]
    assert [(each["path"], each["rule"]) for each in wrong] == [(file, "links/missing-target")]
    assert f"{files[file]}{LINK}".splitlines()[wrong[0]["line"] - 1].startswith("See [x]")


def test_three_hundred_links(tmp_path: Path) -> None:
    """Links of each skill and of the whole folder are aliases: listed, and no finding."""
    bed = gitbed.make_repo(tmp_path / "r", {f"skills/s{at}/SKILL.md": gitbed.skill(f"s{at}") for at in range(30)})
    for at in range(30):
        (bed.path / f".claude/skills/s{at}").mkdir(parents=True)
        (bed.path / f".claude/skills/s{at}/SKILL.md").symlink_to(f"../../../skills/s{at}/SKILL.md")
    (bed.path / ".agents").mkdir()
    (bed.path / ".agents/skills").symlink_to("../skills")
    expected = {("skills", "source", 30), (".claude/skills", "link", 30), (".agents/skills", "link", 30)}
    assert roots(adopt(bed)) == expected
    assert "30 skills checked: no errors" in fine(bed.path, "validate")


def test_what_exists_gets_a_patch(tmp_path: Path) -> None:
    """Hooks, code owners, settings and lists of skills are patched by the person, once; everything else in them stays."""
    market = MARKET | {
        "plugins": [{"name": "p", "source": "./", "skills": ["./skills/a"]}, {"name": "q", "source": {}}]
    }
    files: dict[str, gitbed.Content] = {
        "skills/a/SKILL.md": gitbed.skill("a"),
        "skills/b/SKILL.md": gitbed.skill("b"),
        ".claude-plugin/marketplace.json": json.dumps(market, indent="\t") + "\n",
        ".pre-commit-config.yaml": "repos:\n- repo: local\n  hooks:\n  - {id: x, name: x, entry: x, language: system}\n",
        ".github/CODEOWNERS": "* @acme/keepers\n",
        "pyproject.toml": '[project]\nname = "x"',
    }
    bed = gitbed.make_repo(tmp_path / "r", files)
    before = {path: (bed.path / path).read_text() for path in files}

    facts = adopt(bed)

    assert {path: (bed.path / path).read_text() for path in files} == before
    assert facts["written"] == [".github/workflows/skills.yml"]
    patch = "".join(each["patch"] for each in facts["patches"])
    bed.git("apply", stdin=patch.encode())
    hooks = yaml.safe_load((bed.path / ".pre-commit-config.yaml").read_text())["repos"]
    assert [len(each["hooks"]) for each in hooks] == [1, 1] and (hooks[1]["repo"], hooks[1]["rev"]) == (
        f"{ADDRESS}.git",
        COMMIT,
    )
    listed = json.loads((bed.path / ".claude-plugin/marketplace.json").read_text())
    assert (
        listed["plugins"][0]["skills"] == ["./skills/a", "./skills/b"]
        and listed["plugins"][1:] == market["plugins"][1:]
    )  # type: ignore[index]
    assert "/pyproject.toml @acme/keepers\n" in (bed.path / ".github/CODEOWNERS").read_text()
    again = adopt(bed)
    assert (again["written"], again["patches"]) == ([], [])
    assert fine(bed.path, "init", "--adopt", *TOOL).count("diff --git") == 0


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".husky/pre-commit", "npm test\n"),
        ("lefthook.yml", "pre-push:\n  commands: {}\n"),
        (".pre-commit-config.yaml", "repos:\n  - repo: x\n    hooks: []\n"),
    ],
)
def test_hooks_of_other_tools(file: str, text: str, tmp_path: Path) -> None:
    """Our command is added at the end of the file that is there, and no second kind of hook is begun."""
    bed = gitbed.make_repo(tmp_path / "r", {"skills/a/SKILL.md": gitbed.skill("a"), file: text})
    facts = adopt(bed)
    assert ".pre-commit-config.yaml" not in facts["written"]
    (patch,) = facts["patches"]
    bed.git("apply", stdin=patch["patch"].encode())
    after = (bed.path / file).read_text()
    assert after.startswith(text) and re.search(r"skill-fleet[ -]validate", after) and "--staged" in after


def test_what_a_person_wrote_is_not_replaced(tmp_path: Path) -> None:
    """Settings stay, a workflow of the same name is another one, and a list that is one folder is complete."""
    market = MARKET | {"plugins": [{"name": "p", "source": "./", "skills": "./skills"}]}
    files: dict[str, gitbed.Content] = {
        "a/SKILL.md": gitbed.skill("a"),
        ".skill-fleet.toml": 'ignore = ["content"]\n',
        ".github/workflows/skills.yml": "name: mine\n",
        ".claude-plugin/marketplace.json": json.dumps(market),
        "pyproject.toml": '[project]\nname = "x"\n',
    }
    facts = adopt(gitbed.make_repo(tmp_path / "r", files))
    assert not facts["patches"] and not facts["notes"]
    assert facts["written"] == [".github/workflows/skill-fleet.yml", ".pre-commit-config.yaml"]


@pytest.mark.parametrize("text", ["#!/bin/sh\nnpm test\nexit 0\n", "#!/usr/bin/env python3\nprint()\n"])
def test_no_hook_where_it_would_not_run(text: str, tmp_path: Path) -> None:
    """Below the end of a script, or in another language, our command is a note."""
    bed = gitbed.make_repo(tmp_path / "r", {"skills/a/SKILL.md": gitbed.skill("a"), ".husky/pre-commit": text})
    facts = adopt(bed)
    assert not facts["patches"] and any("validate --base HEAD" in each for each in facts["notes"])


def test_hooks_in_another_form_are_a_note(tmp_path: Path) -> None:
    """Where a line at the end would not do, the person is told, and the file stays."""
    text = "repos: []\nci: {autofix_prs: false}\n"
    bed = gitbed.make_repo(tmp_path / "r", {"skills/a/SKILL.md": gitbed.skill("a"), ".pre-commit-config.yaml": text})
    facts = adopt(bed)
    assert not facts["patches"] and any("validate --base HEAD" in each for each in facts["notes"])


def test_the_doctor_of_an_adopted_repository(tmp_path: Path) -> None:
    """It misses nothing that only a fleet has, and sees that nobody has filled in where the tool comes from."""
    bed = gitbed.make_repo(tmp_path / "r", {"skills/a/SKILL.md": gitbed.skill("a")})
    adopt(bed)
    found = json.loads(run(bed.path, "doctor", "--format", "json").out)
    states = {each["what"]: each["state"] for each in found["checks"]}
    assert found["bad"] == 0 and states["taxonomy"] == "good" and states.keys().isdisjoint(("tool", "catalogue"))
    workflow = bed.path / ".github/workflows/skills.yml"
    workflow.write_text(workflow.read_text().replace("tools/skill-fleet", "HOST/OWNER/skill-fleet"))
    assert "\n!! tool: " in run(bed.path, "doctor").out


def test_a_baseline_only_when_asked(tmp_path: Path) -> None:
    """With it, the problems of today fail nothing, except those about safety, which are named; a fixed one can be pruned."""
    curl = "\n```bash\ncurl https://example.org/x.sh | bash\n```\n"
    files: dict[str, gitbed.Content] = {
        "skills/a/SKILL.md": gitbed.skill("a") + LINK,
        "skills/b/SKILL.md": gitbed.skill("b") + curl,
    }
    bed = gitbed.make_repo(tmp_path / "r", files)
    adopt(bed)
    assert not (bed.path / ".skill-fleet").exists()
    refused(bed.path, "validate", "--prune-baseline", error="no baseline", tip_works=False)

    facts = adopt(bed, "--baseline", "--catalogue")

    assert facts["written"] == [".skill-fleet/baseline", "skills/available_skills.xml"]
    assert any("safety/piped-download" in each for each in facts["notes"])
    found = json.loads(run(bed.path, "validate", "--format", "json").out)
    assert {each["rule"] for each in found["findings"]} == {"safety/piped-download"}
    bed.write("skills/b/SKILL.md", gitbed.skill("b"))
    fine(bed.path, "validate")
    bed.write("skills/a/SKILL.md", gitbed.skill("a"))
    assert "--prune-baseline" in fine(bed.path, "validate")
    assert "1 line removed" in fine(bed.path, "validate", "--prune-baseline")
    assert "links/" not in (bed.path / ".skill-fleet/baseline").read_text().partition("\n")[2]
    bed.write("skills/a/SKILL.md", gitbed.skill("a") + LINK)
    assert run(bed.path, "validate").status == 1

    before = (bed.path / ".skill-fleet/baseline").read_text()
    facts = adopt(bed, "--baseline")

    assert any("1 finding" in each for each in facts["notes"])
    assert (bed.path / ".skill-fleet/baseline").read_text() == before


def test_a_baseline_for_a_fleet(tmp_path: Path) -> None:
    """A repository that became a fleet with old problems: they are set aside, and nothing else is written."""
    fleet = gitbed.make_repo(tmp_path / "fleet")
    path = next(each for each in gitbed.FLEET if each.endswith("/SKILL.md"))
    fleet.write(path, f"{gitbed.FLEET[path]}{LINK}")
    assert run(fleet.path, "validate").status == 1
    assert adopt(fleet, "--baseline")["written"] == [".skill-fleet/baseline"]
    fine(fleet.path, "validate")


def test_refusals(tmp_path: Path) -> None:
    """A fleet, a repository without skills, and options that do not go together: nothing is changed."""
    fleet = gitbed.make_repo(tmp_path / "fleet")
    refused(fleet.path, "init", "--adopt", error="a fleet already", tip_works=False)
    empty = gitbed.make_repo(tmp_path / "empty", {"README.md": "x\n"})
    refused(empty.path, "init", "--adopt", error="no skill", tip_works=False)
    refused(empty.path, "init", "--baseline", error="go with --adopt", tip_works=False)
    refused(empty.path, "init", error="DIR is missing", tip_works=False)


ELSEWHERE = (f"git+https://example.org/x@{COMMIT}", f"git+ssh://git@example.org/x@{COMMIT}", "skill-fleet==1.0")


@pytest.mark.parametrize("tool", [TOOL[1], *ELSEWHERE])
def test_the_workflow_is_like_ours(tool: str, tmp_path: Path) -> None:
    """It has the pins of the workflow here, no right to write, no finding of a linter, and the tool that was named."""
    bed = gitbed.make_repo(tmp_path / "r", {"skills/a/SKILL.md": gitbed.skill("a")})
    fine(bed.path, "init", "--adopt", "--tool", tool)
    file = bed.path / ".github/workflows/skills.yml"
    ours = "".join(path.read_text() for path in (ROOT / ".github").rglob("*.yml"))
    assert all(line in ours for line in re.findall(r"uses: actions/\S+ # \S+", file.read_text()))
    (job,) = yaml.safe_load(file.read_text())["jobs"].values()
    assert job["permissions"] == {"contents": "read"} and "${{" not in job["steps"][-1].get("run", "")
    (hook,) = yaml.safe_load((bed.path / ".pre-commit-config.yaml").read_text())["repos"]
    assert (hook["repo"], hook.get("rev")) == {
        TOOL[1]: (f"{ADDRESS}.git", COMMIT),
        ELSEWHERE[0]: ("https://example.org/x", COMMIT),
    }.get(tool, ("local", None))
    if tool == TOOL[1]:
        assert job["steps"][-1] == {"uses": f"tools/skill-fleet/.github/actions/skill-fleet@{COMMIT}"}
    else:
        assert tool in job["steps"][-1]["env"]["TOOL"]
    done = subprocess.run(
        [Path(sys.executable).parent / "zizmor", "--offline", "--no-progress", "--persona", "pedantic", file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
