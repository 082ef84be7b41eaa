"""Dumps of other tools fall apart into their files; what only looks like one, or quotes one, stays whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drafting.accounting import assert_accounted
from drafting.documents import CATEGORIES, banner, prose
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.pages.page import lines_of
from skill_fleet.drafting.sources.dumps import Unpacked, unpack
from skill_fleet.drafting.sources.gather import gather
from skill_fleet.drafting.types import Document

RULE = "=" * 48
REPOMIX = "This file is a merged representation of the entire codebase, made by Repomix.\n\n"
FILES = {
    "docs/hull care.md": "# Hull care\n\nScrape it.\n\n```sh\nscrape --all\n```\n",
    "docs/mast.md": "---\ntitle: Mast\n---\n\n# Mast\n\nOil it.\n",
    "etc/crane.yaml": "lift: 1\n",
}


def whole(one: Callable[[str, str], str], before: str = "", after: str = "") -> str:
    return before + "".join(one(path, text) for path, text in FILES.items()) + after


KINDS = {
    "tail": whole(lambda p, t: f"==> {p} <==\n{t}\n"),
    "repomix markdown": whole(
        lambda p, t: f"## File: {p}\n````markdown\n{t}````\n\n",
        f"{REPOMIX}# Directory Structure\n```\ndocs/\n  mast.md\n```\n\n# Files\n\n",
    ),
    "repomix xml": whole(
        lambda p, t: f'<file path="{p}">\n{t}</file>\n\n',
        f"{REPOMIX}<file_summary>\nIt is packed.\n</file_summary>\n\n<files>\n",
        "</files>\n",
    ),
    "repomix plain": whole(
        lambda p, t: f"{RULE}\nFile: {p}\n{RULE}\n{t}\n",
        f"{REPOMIX}{RULE}\nFiles\n{RULE}\n\n",
        f"{RULE}\nEnd of Codebase\n{RULE}\n",
    ),
    "gitingest": whole(
        lambda p, t: f"{RULE}\nFILE: {p}\n{RULE}\n{t}\n\n",
        "Directory structure:\n└── boats/\n    ├── docs/\n    └── etc/\n\n",
    ),
    "files-to-prompt": whole(lambda p, t: f"{p}\n---\n{t}\n\n---\n"),
    "files-to-prompt xml": whole(
        lambda p, t: (
            f'<document index="1">\n<source>{p}</source>\n<document_content>\n{t}</document_content>\n</document>\n'
        ),
        "<documents>\n",
        "</documents>\n",
    ),
    "code2prompt": whole(
        lambda p, t: f"`{p}`:\n\n```md\n{t}```\n\n",
        "Project Path: boats\n\nSource Tree:\n\n```txt\nboats\n└── docs\n```\n\n",
    ),
    "comments": whole(lambda p, t: f"// FILE: {p}\n{t}\n"),
    "dashes": whole(lambda p, t: f"----- {p} -----\n{t}\n"),
    "dashes in comments": whole(lambda p, t: f"# --- {p} ---\n{t}\n"),
}


def unpacked(text: str) -> Unpacked:
    """The parts of a text, after checking that each of its lines is in one of them or used up."""
    lines = lines_of(text)
    found = unpack("d.txt", "d.txt", lines)
    fates = [0] * len(lines)
    for part in (*found.parts, *(part for part, _ in found.aside)):
        assert part.lines == tuple(lines[part.offset : part.offset + len(part.lines)])
        for at in range(part.offset, part.offset + len(part.lines)):
            fates[at] += 1
    for used in found.used:
        for at in range(used.first, used.last):
            fates[at] += 1
    assert set(fates) <= {1}
    return found


def paths(text: str) -> list[tuple[str, bool, bool]]:
    return [(part.path, part.cut_head, part.cut_tail) for part in unpacked(text).parts]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_falls_apart_at_its_banners(kind: str) -> None:
    found = unpacked(KINDS[kind])
    assert [part.path for part in found.parts] == list(FILES)
    assert ["\n".join(part.lines).strip() for part in found.parts] == [text.strip() for text in FILES.values()]
    assert not any(part.cut_head or part.cut_tail for part in found.parts)
    assert [reason for _, reason in found.aside] == (
        ["what the tool that made the dump says of it"] if kind.startswith(("repomix", "code2")) else []
    ) + (["a listing of the files in the dump"] if kind == "gitingest" else [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_that_shows_a_kind_in_a_fence_is_none(kind: str) -> None:
    text = f"# How we pack boats\n\n{prose(3)}`````\n{KINDS[kind]}`````\n\nThat is all.\n"
    if "\n```" in KINDS[kind] and kind not in ("repomix markdown", "code2prompt"):
        text = text.replace("\n```sh\nscrape --all\n```", "")
    assert paths(text) == [("d.txt", False, False)]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("repomix markdown", "code2prompt")])
def test_a_file_that_quotes_the_dump_in_a_fence_stays_whole(kind: str) -> None:
    quoted = KINDS[kind].replace("\n```sh\nscrape --all\n```", "").replace(REPOMIX, "")
    text = KINDS[kind].replace("Oil it.", f"Pack it:\n\n```\n{quoted}```\n\nOil it.")
    assert [path for path, _, _ in paths(text)] == list(FILES)


@pytest.mark.parametrize(
    "text",
    [
        "# Layout\n\n`src/a.py`:\n\n```py\nx = 1\n```\n\nThen:\n\n`src/b.py`:\n\n```py\ny = 1\n```\n",
        "# Guide\n\n## File: a.py\n```py\nx\n```\n\nIt says x.\n\n## File: b.py\n```py\ny\n```\n",
        "Install.md\n---\n\nDo it.\n\nUse.md\n---\n\nUse it.\n",
        "# Boats\n\nText.\n\n----- a.md -----\n\nx\n\n----- b.md -----\n\ny\n",
        "==> a.md <==\nonly one\n",
        "--- Part one ---\nx\n--- Part two ---\ny\n",
        "==========\nFile: a.md\n==========\n\nA heading of its kind.\n",
        "# C\n\nFILE: a.md\n\nFILE: b.md\n",
    ],
)
def test_what_is_not_certain_is_left_alone(text: str) -> None:
    assert paths(text) == [("d.txt", False, False)]


def test_a_fence_left_open_does_not_hide_the_banners_after_it() -> None:
    text = "==> a.md <==\n```py\nx\n==> b.md <==\n# B\n\n```py\ny\n```\n==> c.md <==\nz\n"
    assert [path for path, _, _ in paths(text)] == ["a.md", "b.md", "c.md"]


def test_cut_xml_dumps_say_so_at_both_ends() -> None:
    text = 'tail of it\n</file>\n\n<file path="a.md">\n# A\n</file>\n\n<file path="b.md">\n# B\n'
    assert paths(text) == [("", True, False), ("a.md", False, False), ("b.md", False, True)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (  # the banners between two files are lost: the second begins at the only further title
            f"{banner('a/tests.md')}# T\n\nx\n\n# Style\n\ny\n{banner('b/style.md', end=True)}{banner('c.md')}z\n{banner('c.md', end=True)}",
            [("a/tests.md", False, False), ("b/style.md", False, False), ("c.md", False, False)],
        ),
        (  # nothing says where the second begins
            f"{banner('a.md')}# T\n\nx\n{banner('b.md', end=True)}{banner('c.md')}z\n{banner('c.md', end=True)}",
            [("a.md", False, True), ("c.md", False, False)],
        ),
        (  # an end that is only quoted: the file's own is still to come
            f"{banner('a.md')}x\n{banner('b.md', end=True)}y\n{banner('a.md', end=True)}",
            [("a.md", False, False)],
        ),
        (f"{banner('a.md')}x\n{banner('b.md')}y\n{banner('b.md', end=True)}", [("a.md", False, False), ("b.md", False, False)]),
        (  # a rule is lost on one side, or on both
            f"{banner('a.md')}x\n{RULE}\nEND FILE: a.md\n\nFILE: b.md\n{RULE}\ny\n\nEND FILE: b.md\n\n{banner('c.md')}z\n{banner('c.md', end=True)}",
            [("a.md", False, False), ("b.md", False, False), ("c.md", False, False)],
        ),
    ],
)  # fmt: skip
def test_banners_that_are_lost_in_part_never_become_text(text: str, parts: list[tuple[str, bool, bool]]) -> None:
    assert paths(text) == parts
    for part in unpacked(text).parts:
        assert len(parts) == 1 or not any("FILE:" in line for line in part.lines)


def test_a_dump_of_another_tool_is_drafted_with_every_line_accounted_for() -> None:
    text = KINDS["repomix xml"].replace("Oil it.", prose(400)).replace("\n", "\r\n")
    text = text.replace('"docs/mast.md"', '"..\\..\\C:\\docs\\mast.md"')
    source = Document("packed.xml", text, "packed.xml")
    draft = ExtractiveDrafter().draft(brief_for("", (source,), CATEGORIES, "python/boats"), (source,))
    assert_accounted(draft, gather((source,)).documents)
    assert {path.rpartition("/")[0] for path in draft.files} == {"", "references", "assets"}
    assert not any("<file" in body or ".." in path for path, body in draft.files.items())
    reasons = {entry.reason.partition(": ")[2] for entry in draft.ledger if entry.fate == "set aside"}
    assert reasons == {"what the tool that made the dump says of it"}
