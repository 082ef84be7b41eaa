"""Documents beside the main one: files of their own, none of their text in SKILL.md, and what an author divided stays."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from drafting.accounting import assert_accounted
from drafting.documents import CATEGORIES, banner, code, prose
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.sources.gather import gather
from skill_fleet.drafting.types import Document, Draft

FRONT = "---\nname: boats\ndescription: Use when a boat is built.\n---\n\n"


def drafted(*sources: Document) -> Draft:
    draft = ExtractiveDrafter().draft(brief_for("", sources, CATEGORIES, None), sources)
    assert_accounted(draft, gather(sources).documents)
    return draft


def chapters(count: int, lines: int, about: str) -> str:
    return "".join(f"## {about} {chr(65 + n)}\n\n{prose(lines, about)}### Detail\n\nMore.\n\n" for n in range(count))


def homes(draft: Draft, word: str) -> set[str]:
    """The files that say a word."""
    return {path for path, text in draft.files.items() if word in text}


def test_a_long_document_of_a_dump_is_several_files_and_leaves_nothing_in_skill_md() -> None:
    bodies = {
        "README.md": f"# Boats\n\nAll of it.\n\n{prose(6, 'boats')}",
        "docs/hulls.md": f"# Hulls\n\nOf hullsworth.\n\n- [A](#hullsworth-a)\n- [F](#hullsworth-f)\n\n{chapters(6, 60, 'hullsworth')}",
        "docs/masts.md": f"# Masts\n\nOf masts.\n\n{chapters(2, 10, 'mastery')}",
    }
    text = "".join(f"{banner(path)}{body}{banner(path, end=True)}" for path, body in bodies.items())
    draft = drafted(Document("dump.txt", text, "dump.txt"))
    hulls = homes(draft, "about hullsworth")
    assert len(hulls) > 1 and "SKILL.md" not in hulls | homes(draft, "about mastery")
    assert "references/hulls.md" in hulls and homes(draft, "about mastery") == {"references/masts.md"}
    assert {path for path in draft.files if path != "SKILL.md"} == hulls | {"references/masts.md"}
    assert draft.files["references/hulls.md"].startswith("# Hulls\n\nOf hullsworth.")
    skill = draft.files["SKILL.md"]
    assert all(f"]({path})" in skill for path in hulls)
    (last,) = [path for path in hulls if "## hullsworth F" in draft.files[path]]
    assert f"]({last.rpartition('/')[2]}#hullsworth-f)" in draft.files["references/hulls.md"]


@pytest.mark.parametrize(
    "text",
    [
        prose(900),
        code(900),
        "# T\n\n" + prose(500) + "## A\n\n" + prose(10),
        "# A\n\n" + prose(300) + "# B\n\n" + prose(300),
        "### Deep\n\n" + prose(250) + "# Top\n\n" + "## X\n\n" * 300 + prose(250),
        "| a | b |\n| - | - |\n" + "| c | d |\n" * 900,
    ],
    ids=range(6),
)
def test_however_it_is_shaped(text: str) -> None:
    draft = drafted(
        Document("README.md", "# Main\n\nThe text of it.\n", "README.md"), Document("other.md", text, "other.md")
    )
    placed = {entry.file for entry in draft.ledger if entry.document == "other.md" and entry.fate == "placed"}
    assert placed and "SKILL.md" not in placed
    for path in placed:
        assert draft.files[path].count("\n") <= 410 or any("cannot be cut" in point for point in draft.open_points)


def test_what_the_author_of_a_skill_divided_stays_as_it_is() -> None:
    long = f"\n# Masts\n\n## Contents\n\n- [mastery C](#mastery-c)\n- [the skill](../SKILL.md)\n\n{chapters(3, 70, 'mastery')}\n\n---\n\n"
    long += "<details>\n<summary>More</summary>\n\nhidden\n\n</details>\n\n```py\nan open fence\n"
    notes = "---\ntitle: x\n---\nPlain notes.\n\n" + code(300, "yaml").replace("yaml\n", "yaml\n# crane.yml\n")
    files = {
        "SKILL.md": f"{FRONT}# Boats\n\nSee [masts](references/masts.md).\n\n{chapters(3, 42, 'boats')}",
        "references/masts.md": long,
        "references/notes.txt": notes,
        "scripts/run.py": "import os\n\n\n",
    }
    draft = drafted(*(Document(f"boats/{path}", text, path) for path, text in files.items()))
    assert set(draft.files) == set(files)
    assert {path: draft.files[path] for path in files if path != "SKILL.md"} == {
        path: text for path, text in files.items() if path != "SKILL.md"
    }
    skill = draft.files["SKILL.md"]
    assert 280 < skill.count("\n") <= 300 and "See [masts](references/masts.md).\n" in skill
    assert all(f"## boats {one}\n" in skill for one in "ABC")
    assert [line for line in skill.split("\n") if line.startswith("| [")] == [
        "| [notes.txt](references/notes.txt) | work on x |"
    ]


def test_a_file_of_a_skill_that_is_too_long_is_divided_and_keeps_its_name_and_its_links() -> None:
    skill = f"{FRONT}# Boats\n\nSee [masts](references/masts.md#mastery-g).\n"
    sources = (
        Document("b/SKILL.md", skill, "SKILL.md"),
        Document("b/references/masts.md", f"# Masts\n\n{chapters(7, 50, 'mastery')}", "references/masts.md"),
    )
    draft = drafted(*sources)
    (last,) = [path for path in draft.files if "# mastery G\n" in draft.files[path]]
    assert f"[masts]({last}#mastery-g)" in draft.files["SKILL.md"]
    assert draft.files["references/masts.md"].startswith("# Masts\n") and len(draft.files) > 2


def dumped(paths: Sequence[str]) -> Document:
    """A dump of one short document for each path, the first of them a skill."""
    text = "".join(
        f"==> {path} <==\n{FRONT if at == 0 else ''}# Doc {at}\n\nText {at}.\n\n" for at, path in enumerate(paths)
    )
    return Document("d.txt", text, "d.txt")


def test_two_files_of_one_path_are_two_and_what_is_in_the_skill_has_the_first_claim() -> None:
    paths = (
        "s/SKILL.md",
        "docs/ok.md",
        "s/references/ok.md",
        "s/references/ok.md",
        "s/References/OK.md",
        "s/a.sh",
        "s/a.sh",
    )
    draft = drafted(dumped(paths))
    assert draft.files["references/ok.md"].startswith("# Doc 2\n")
    assert len({path.casefold() for path in draft.files}) == len(draft.files) == len(paths)


def test_paths_of_a_dump_that_lead_out_or_hide_become_plain_names_inside() -> None:
    paths = [
        "s/SKILL.md",
        "s/../../x.md",
        "/etc/y.md",
        "C:\\win\\z.md",
        "..\\..\\q.sh",
        "s/.hidden.md",
        "my docs/a b.md",
        "s/references/../../r.md",
    ]
    draft = drafted(dumped(paths))
    assert len(draft.files) == len(paths)
    for path in draft.files:
        assert path == "SKILL.md" or re.fullmatch(r"(references|scripts)/[a-z0-9][a-z0-9-]*\.(md|sh)", path), path
