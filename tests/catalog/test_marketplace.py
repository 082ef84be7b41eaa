"""marketplace.json and CODEOWNERS: functions of the tree, the same bytes from every kind of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gitbed import Bed, Content, skill, taxonomy
from skill_fleet.catalog import merge_marketplace, render_codeowners, render_marketplace
from skill_fleet.fleet import Fleet, GitTree, MemoryTree, WorkTree, read_fleet

PROJECT = '[project]\nname = "Acme_Skills"\ndescription = "What  we know."\nauthors = [{ name = "Acme" }]\n'


def fleet(files: dict[str, Content]) -> Fleet:
    """A fleet of these files."""
    encoded = {path: text.encode() for path, text in files.items() if isinstance(text, str)}
    return read_fleet(MemoryTree({"skills/taxonomy.yaml": taxonomy().encode(), **encoded}))


def market(files: dict[str, Content]) -> Any:
    """What installers read of a fleet of these files."""
    return json.loads(render_marketplace(fleet(files)))


def requiring(name: str, ids: str) -> str:
    """A skill that requires others."""
    return skill(name).replace("\n---\n\n", f"\nmetadata:\n  requires: {ids}\n---\n\n", 1)


def test_any_depth() -> None:
    """A plugin for each skill, from its own folder, and a bundle for each category; words from pyproject.toml."""
    paths = ["skills/web/b", "skills/python/tools/deep/c", "skills/python/a"]
    found = market({"pyproject.toml": PROJECT, **{f"{path}/SKILL.md": skill(path[-1]) for path in paths}})

    assert (found["name"], found["owner"]) == ("acme-skills", {"name": "Acme"})
    assert found["metadata"] == {"description": "What we know."}
    assert [(plugin["name"], plugin["source"], plugin.get("dependencies")) for plugin in found["plugins"]] == [
        ("python", "./.claude-plugin", ["a", "c"]),
        ("web", "./.claude-plugin", ["b"]),
        ("a", "./skills/python/a", None),
        ("c", "./skills/python/tools/deep/c", None),
        ("b", "./skills/web/b", None),
    ]
    assert [plugin.get("skills") for plugin in found["plugins"]] == [None, None, ["./."], ["./."], ["./."]]
    assert all(plugin["strict"] is False for plugin in found["plugins"])
    assert found["plugins"][0]["description"] == "Skills about python."


def test_what_cannot_be_installed_is_left_out() -> None:
    """Retired or broken: not listed, not required, and no empty bundle stays behind."""
    retired = skill("old").replace("\n---\n\n", "\nmetadata:\n  status: retired\n---\n\n", 1)
    found = market(
        {
            "skills/web/old/SKILL.md": retired,
            "skills/api/broken/SKILL.md": "no front matter\n",
            "skills/python/a/SKILL.md": requiring("a", "web/old api/broken nowhere/x"),
        }
    )

    assert [plugin["name"] for plugin in found["plugins"]] == ["python", "a"]
    assert "dependencies" not in found["plugins"][1]


def test_a_profile_is_a_bundle() -> None:
    """Its skills by id, category and tag, once each; Claude Code installs what these require."""
    profiles = "profiles:\n  tester:\n    description: Tests  pages.\n    skills: [web/a]\n    categories: [api]\n"
    files = {
        "skills/profiles.yaml": f"{profiles}    tags: [slow]\n",
        "skills/web/a/SKILL.md": requiring("a", "web/b"),
        "skills/web/b/SKILL.md": skill("b"),
        "skills/api/c/SKILL.md": skill("c"),
        "skills/python/d/SKILL.md": skill("d").replace("\n---\n\n", "\nmetadata:\n  tags: x, slow\n---\n\n", 1),
    }
    by_name = {plugin["name"]: plugin for plugin in market(files)["plugins"]}

    assert by_name["tester"]["dependencies"] == ["a", "c", "d"] and by_name["tester"]["description"] == "Tests pages."
    assert by_name["a"]["dependencies"] == ["b"]
    assert "tester" not in {each["name"] for each in market({**files, "skills/profiles.yaml": "x"})["plugins"]}


@pytest.mark.parametrize("path", ["hooks/hooks.json", ".mcp.json", "BIN/git", ".claude-plugin/plugin.json", "hooks"])
def test_no_skill_brings_hooks(path: str) -> None:
    """A skill with what Claude Code runs by itself is left out of bundles and dependencies, and that is said."""
    files = {"skills/web/a/SKILL.md": skill("a"), "skills/web/b/SKILL.md": requiring("b", "web/a")}
    merged = merge_marketplace(fleet({**files, f"skills/web/a/{path}": "{}"}), b'{"plugins": []}')

    plugins = json.loads(merged.text or "")["plugins"]
    assert [(each["name"], each.get("dependencies")) for each in plugins] == [("web", ["b"]), ("b", None)]
    assert len(merged.left_out) == 1


def test_plugins_have_different_names() -> None:
    """Of two with one name the first skill is listed: Claude Code refuses a file with both."""
    paths = ("skills/web/a", "skills/api/a", "skills/web/web")
    merged = merge_marketplace(fleet({f"{each}/SKILL.md": skill(each[-1]) for each in paths}), b'{"plugins": []}')

    assert [each["source"] for each in json.loads(merged.text or "")["plugins"]] == [
        "./.claude-plugin",
        "./skills/api/a",
        "./skills/web/web",
    ]
    assert len(merged.left_out) == 2


def test_category_plugins_of_before_are_replaced() -> None:
    """They keep their names, as bundles."""
    ours = fleet({"skills/web/a/SKILL.md": skill("a")})
    entry = {"name": "web", "description": "W.", "source": "./skills/web", "strict": False, "skills": ["./a"]}
    before = {**json.loads(render_marketplace(ours)), "plugins": [entry]}

    assert merge_marketplace(ours, json.dumps(before).encode()).text == render_marketplace(ours)


def test_without_a_project() -> None:
    """A fleet without a name, with a broken pyproject.toml or an empty one has a plain name; an empty one no plugin."""
    for text in (None, "[project", "[project]\nname = 3\nauthors = 1\n", '[project]\nname = "--"\n'):
        found = market({"pyproject.toml": text})
        assert (found["name"], found["owner"], found["plugins"]) == ("skills", {"name": "skills maintainers"}, [])


def test_same_bytes_from_every_tree(bed: Bed) -> None:
    """The work tree and its commit give the same."""
    from_files = render_marketplace(read_fleet(WorkTree(bed.path, repo=bed.repo)))

    assert from_files == render_marketplace(read_fleet(GitTree(bed.repo, "HEAD")))
    assert from_files.endswith("}\n") and "packaging" in from_files


def test_code_owners_follow_the_taxonomy() -> None:
    """The generated part is replaced in its place; what people wrote around it stays, byte for byte."""
    text = "categories:\n  web:\n    description: W.\n    owners: [ada, '@acme/web', w@example.org]\n"
    text += "  api:\n    description: A.\n    owners: []\n"
    owned = read_fleet(MemoryTree({"skills/taxonomy.yaml": text.encode()}))
    first = render_codeowners(owned, "# Mine\n/.github/ @me\n")

    assert first.startswith("# Mine\n/.github/ @me\n\n# Below")
    assert "\n/skills/web/ @ada @acme/web w@example.org\n" in first
    assert "api" not in first
    assert render_codeowners(owned, first) == first
    later = render_codeowners(fleet({}), f"{first}/docs/ @you\n")
    assert "skills/web" not in later and later.endswith("/docs/ @you\n") and later.startswith("# Mine\n")
    assert render_codeowners(owned, later) == f"{first}/docs/ @you\n"


def test_owners_of_all_that_is_no_skill() -> None:
    """They are asked for everything but skills, which have the owners of their category or none; nobody is said to be."""
    text = "owners: [acme/keepers]\ncategories:\n  web:\n    description: W.\n    owners: [ada]\n"
    lines = render_codeowners(read_fleet(MemoryTree({"skills/taxonomy.yaml": text.encode()})), "").splitlines()

    assert lines[1:-1] == ["* @acme/keepers", "/skills/", "/skills/taxonomy.yaml @acme/keepers", "/skills/web/ @ada"]
    assert "# Nobody has to approve" in render_codeowners(fleet({}), "")


def test_what_people_wrote_is_kept() -> None:
    """Their plugins, their words and their bytes; ours are added and kept up to date; a name that is taken is told."""
    ours = fleet({"skills/web/a/SKILL.md": skill("a"), "skills/api/b/SKILL.md": skill("b")})
    theirs = {
        "name": "acme",
        "owner": {"name": "A", "email": "a@b.c"},
        "version": "2",
        "plugins": [{"name": "x", "source": "./x"}],
    }

    merged = merge_marketplace(ours, json.dumps(theirs).encode())

    found = json.loads(merged.text or "")
    assert {key: found[key] for key in theirs if key != "plugins"} == {
        key: theirs[key] for key in theirs if key != "plugins"
    }
    assert [each["name"] for each in found["plugins"]] == ["x", "api", "web", "b", "a"] and not merged.left_out
    assert merge_marketplace(ours, (merged.text or "").encode()).text == merged.text
    fewer = merge_marketplace(fleet({"skills/web/a/SKILL.md": skill("a")}), (merged.text or "").encode())
    assert [each["name"] for each in json.loads(fewer.text or "")["plugins"]] == ["x", "web", "a"]
    theirs["plugins"] = [
        {"name": "web", "source": "./elsewhere"},
        {"name": "api", "source": {"source": "github", "repo": "a/b"}},
    ]
    taken = merge_marketplace(ours, json.dumps(theirs, indent=3).encode())
    assert [each["name"] for each in json.loads(taken.text or "")["plugins"]] == ["web", "api", "b", "a"]
    assert len(taken.left_out) == 2


def test_what_cannot_be_merged_stays() -> None:
    """No JSON, no list of plugins, no categories: nothing is written, and the reason is there."""
    ours = fleet({"skills/web/a/SKILL.md": skill("a")})
    for text in (b"// x\n{}", b"[]", b'{"plugins": {}}', b"\xff", b"[" * 100_000):
        assert (merged := merge_marketplace(ours, text)).text is None and len(merged.left_out) == 1
    assert merge_marketplace(replace(ours, is_ours=False), b'{"plugins": []}').text is None


def test_ours_alone_follows_the_fleet() -> None:
    """A file that this tool wrote is written again as a whole; one with the same form and another name keeps its name."""
    ours = fleet({"skills/web/a/SKILL.md": skill("a"), "pyproject.toml": PROJECT})
    text = render_marketplace(ours)
    older = text.replace("What we know.", "Before.")
    assert merge_marketplace(ours, older.encode()).text == text
    assert (
        json.loads(merge_marketplace(ours, text.replace("acme-skills", "other").encode()).text or "")["name"] == "other"
    )
