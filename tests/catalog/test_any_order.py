"""Many drafts merged in any order: no conflict, and the catalogue is that of the tree each time."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET

import pytest

import gitbed
from skill_fleet.catalog import CATALOGUE_FILE, render_catalogue
from skill_fleet.fleet import GitTree, read_fleet
from skill_fleet.git import merge_trees, write_commit, write_tree

BRANCHES, ORDERS, WAVES = 20, 50, 2


@pytest.fixture(scope="module")
def drafted(lone_template: gitbed.Bed, tmp_path_factory: pytest.TempPathFactory) -> tuple[gitbed.Bed, str, list[str]]:
    """A fleet with its catalogue, and twenty commits on it that each add a skill."""
    bed = lone_template.copy(tmp_path_factory.mktemp("orders") / "repo")
    base = regenerate(bed, bed.tip("main"))
    heads = []
    for number in range(BRANCHES):
        name, category = f"skill-{number:02}", gitbed.CATEGORIES[number % len(gitbed.CATEGORIES)]
        files = {f"skills/{category}/{name}/SKILL.md": gitbed.skill(name).encode()}
        tree = write_tree(bed.repo, base, files)
        heads.append(write_commit(bed.repo, tree, [base], f"Draft {name}", gitbed.PERSON))
    return bed, base, heads


def regenerate(bed: gitbed.Bed, tip: str) -> str:
    """What the job does after a merge: a commit with the catalogue of the tree, if it is another one."""
    catalogue = render_catalogue(read_fleet(GitTree(bed.repo, tip))).text.encode()
    tree = write_tree(bed.repo, tip, {CATALOGUE_FILE: catalogue})
    return write_commit(bed.repo, tree, [tip], "Write the catalogue", gitbed.PERSON)


@pytest.mark.parametrize("part", range(WAVES))
def test_merged_in_any_order(drafted: tuple[gitbed.Bed, str, list[str]], part: int) -> None:
    """In fifty orders, with the catalogue written after some of the merges: always the same tree at the end."""
    bed, base, heads = drafted
    ends = set()
    for seed in range(part * ORDERS // WAVES, (part + 1) * ORDERS // WAVES):
        order = random.Random(seed)
        tip = base
        for number, head in enumerate(order.sample(heads, len(heads)), start=1):
            tree = merge_trees(bed.repo, tip, head)
            tip = write_commit(bed.repo, tree, [tip, head], "Merge", gitbed.PERSON)
            if number == BRANCHES or order.random() < 0.1:
                tip = regenerate(bed, tip)
                listed = [node.text for node in ET.fromstring(bed.read(tip, CATALOGUE_FILE)).iter("name")]
                assert len(listed) == number + 1  # the fleet began with one
        fleet = read_fleet(GitTree(bed.repo, tip))
        assert render_catalogue(fleet).text == bed.read(tip, CATALOGUE_FILE)
        assert render_catalogue(fleet).listed == BRANCHES + 1
        ends.add(bed.git("rev-parse", f"{tip}^{{tree}}"))
    assert len(ends) == 1
