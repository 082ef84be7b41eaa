"""The skills of a repository that was not made by this tool: what each folder is, and what was not looked at."""

from __future__ import annotations

import pytest

from gitbed import skill
from skill_fleet.fleet import Fleet, MemoryTree, categories, inventory, namespaces, skills_in, unseen
from skill_fleet.git import REGULAR, SUBMODULE, SYMLINK


def fleet(*paths: str, links: dict[str, str] | None = None, everything: bool = False, **files: str) -> Fleet:
    """The skills at these paths, with links, and other files by path; each text names its folder, so copies are equal."""
    contents = {f"{path}/SKILL.md": skill(path.rpartition("/")[2]) for path in paths}
    contents |= files
    modes = dict.fromkeys(contents, REGULAR) | dict.fromkeys(links or {}, SYMLINK)
    tree = MemoryTree({path: text.encode() for path, text in {**contents, **(links or {})}.items()}, modes)
    return skills_in(tree, is_ours=False, everything=everything)


def kinds(found: Fleet) -> dict[str, tuple[str, int]]:
    """Each folder with skills, what it is, and how many it has."""
    return {root.path: (root.kind.value, root.skills) for root in inventory(found)}


def test_sources_and_copies() -> None:
    """A skill in a client's folder is a copy of the one beside that folder; without one, one of the clients has the source."""
    many = fleet("skills/web/a", "b", ".claude/skills/a", ".cursor/skills/a", ".cursor/skills/only")
    assert {(root.path, root.kind, root.skills) for root in inventory(many)} == {
        ("skills", "source", 1),
        ("", "source", 1),
        (".claude/skills", "copy", 1),
        (".cursor/skills", "copy", 1),
        (".cursor/skills", "source", 1),
    }
    assert [each.id for each in many.skills] == [".cursor/skills/only", "b", "skills/web/a"]
    clients = fleet(*(f".{name}/skills/a" for name in ("agents", "claude", "codex")))
    assert [each.id for each in clients.skills] == [".agents/skills/a"] and len(clients.copies) == 2


def test_copies_stay_in_their_project() -> None:
    """Two projects of one repository, and two folders of one root, are not copies of each other."""
    found = fleet("one/.claude/skills/a", "two/.claude/skills/a", ".claude/skills/x/b", ".claude/skills/y/b")
    assert len(found.skills) == 4 and not found.copies


def test_the_same_files_are_one_skill() -> None:
    """In two plugins, or in a plugin and a folder of sources; with other files, or in one root, they are two skills."""
    found = fleet("plugins/p/skills/a", "plugins/q/skills/a", "source/skills/a")
    assert [each.id for each in found.skills] == ["plugins/p/skills/a"] and len(found.copies) == 2
    assert len(fleet("plugins/p/skills/a", "plugins/q/skills/a", **{"plugins/q/skills/a/b.md": "B."}).skills) == 2
    assert len(fleet("skills/x/a", "skills/y/a").skills) == 2


def test_drift() -> None:
    """A copy knows which files differ from its source."""
    files = {"skills/a/x.md": "one", ".claude/skills/a/x.md": "two", ".claude/skills/a/y.md": "more"}
    (copy,) = fleet("skills/a", ".claude/skills/a", **files).copies
    assert copy.differing == ("x.md", "y.md")


@pytest.mark.parametrize(
    ("path", "kind", "folder"),
    [
        ("tests/fixtures/skills/a", "fixture", "tests"),
        ("skills/examples/a", "fixture", "skills/examples"),
        ("packages/x/vendor/skills/a", "fixture", "packages/x/vendor"),
        ("template", "fixture", "template"),
        ("dist/claude/.claude/skills/a", "generated", "dist"),
        ("skills/build/a", "source", "skills"),
        (".claude/skills/test", "source", ".claude/skills"),
        ("skills/testing/a", "source", "skills"),
    ],
)
def test_left_out(path: str, kind: str, folder: str) -> None:
    """By the name of a folder above; the name of a skill or of a category of builds says nothing. A PATH leaves none out."""
    assert kinds(fleet(path)) == {folder: (kind, 1)}
    assert len(fleet(path, everything=True).skills) == 1


def test_links_are_aliases() -> None:
    """A linked folder, a linked root, a linked SKILL.md, and chains of these: each skill is checked once."""
    links = {
        ".claude/skills": "../skills",
        ".cursor/skills/a": "../../skills/a",
        ".codex/skills/b/SKILL.md": "../../../.claude/skills/b/SKILL.md",
    }
    found = fleet("skills/a", "skills/b", links=links)
    assert [each.id for each in found.skills] == ["skills/a", "skills/b"] and not [*unseen(found)]
    assert kinds(found) == {
        "skills": ("source", 2),
        ".claude/skills": ("link", 2),
        ".cursor/skills": ("link", 1),
        ".codex/skills": ("link", 1),
    }
    assert {root.of for root in inventory(found) if root.kind == "link"} == {("skills",)}


def test_a_link_to_another_text_is_that_text() -> None:
    """A SKILL.md that leads to a file which is no SKILL.md is read through the link, in a tree of any kind."""
    found = fleet(links={"skills/a/SKILL.md": "../../prompts/a.md"}, **{"prompts/a.md": skill("a")})
    assert [(each.id, each.name) for each in found.skills] == [("skills/a", "a")]


def test_a_link_with_files_beside_it_is_no_alias() -> None:
    """What is beside a linked SKILL.md would not be checked with the source."""
    links = {".claude/skills/a/SKILL.md": "../../../skills/a/SKILL.md"}
    found = fleet("skills/a", links=links, **{".claude/skills/a/run.sh": "true"})
    (copy,) = found.copies
    assert copy.differing == ("run.sh",)


@pytest.mark.parametrize("target", ["/etc", "../../../etc", "nowhere", "skills", "../.."])
def test_links_that_lead_nowhere_are_named(target: str) -> None:
    """Out of the repository, to nothing, or in a circle: never followed, and never silent."""
    found = fleet("b", links={"skills": target})
    assert [each.path for each in unseen(found)] == ["skills"]


def test_other_repositories_and_pointers_are_named() -> None:
    """A submodule; a file with the target of a link, as a checkout without links has it. Other files are not."""
    tree = MemoryTree(
        {
            "skills/a/SKILL.md": skill("a").encode(),
            "vendor/pack": b"",
            ".claude/skills": b"../skills\n",
            ".cursor/skills/a": b"../../skills/a",
            ".codex/skills/notes": b"Some words.",
            "Makefile": b"skills",
        },
        {"vendor/pack": SUBMODULE},
    )
    named = {each.path for each in unseen(skills_in(tree, is_ours=False))}
    assert named == {"vendor/pack", ".claude/skills", ".cursor/skills/a"}


def test_a_skill_at_the_top_and_others() -> None:
    """The top may be a skill; those in its folders `skills` are skills of their own."""
    found = fleet(".claude/skills/x", **{"references/a.md": "A.", "SKILL.md": skill("top")})
    assert [(each.id, each.folder) for each in found.skills] == [(".", ""), (".claude/skills/x", "x")]
    assert "references/a.md" in [entry.path for entry in found.skills[0].entries]


def test_namespaces_and_categories() -> None:
    """A name is unique in its plugin or root; the category is the plugin, else the folder between, else the root."""
    manifest = {"bundle/.codex-plugin/plugin.json": "{}", "plugins/q/skills/a/more.md": "More."}
    found = fleet("plugins/p/skills/a", "plugins/q/skills/a", "skills/web/b", "skills/c", "bundle/x/d", "e", **manifest)
    assert categories(found) == {
        "plugins/p/skills/a": "p",
        "plugins/q/skills/a": "q",
        "skills/web/b": "web",
        "skills/c": "skills",
        "bundle/x/d": "bundle",
        "e": ".",
    }
    assert {place: len(skills) for place, skills in namespaces(found).items()} == {
        "plugins/p": 1,
        "plugins/q": 1,
        "skills": 2,
        "bundle": 1,
        "": 1,
    }
