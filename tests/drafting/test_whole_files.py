"""Files in fences, folders of skills, and what a dry run shows."""

from __future__ import annotations

import time

import pytest

from drafting.accounting import assert_accounted
from drafting.documents import CATEGORIES, code, cut_skill, prose, reference
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.pages.opening import open_page
from skill_fleet.drafting.pages.page import Part, lines_of
from skill_fleet.drafting.planning.templates import templates
from skill_fleet.drafting.preview import render_preview
from skill_fleet.drafting.sources.gather import gather
from skill_fleet.drafting.types import Document, Draft

BODY = "key: value\n" * 10


def drafted(*sources: Document) -> Draft:
    return ExtractiveDrafter().draft(brief_for("", sources, CATEGORIES, None), sources)


def fence(language: str, first: str, body: str = BODY) -> str:
    return f"```{language}\n{first}\n{body}```\n\n"


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (fence("yaml", "# a/conf.yml"), ["assets/conf.yml"]),
        (fence("dockerfile", "# Dockerfile"), ["assets/Dockerfile"]),
        (fence("bash", "# .env.example", "A=1\n" * 9), ["assets/env.example"]),
        (fence("html", "<!-- page.html -->"), ["assets/page.html"]),
        ("## `setup.cfg`\n\n" + fence("ini", "[x]"), ["assets/setup.cfg"]),
        (fence("bash", "#!/bin/sh\n# run.sh"), ["scripts/run.sh"]),
        (fence("python", "# app/main.py"), []),
        (fence("yaml", "# a.yml") + fence("yaml", "# b/a.yml"), []),
        (fence("yaml", "# a.yml", "key: 1\n"), []),
        (fence("yaml", "# a.yml", BODY + "# ...\n"), []),
        (fence("yaml", "# see a.yml for more"), []),
        ("## a.yml\n\n" + fence("yaml", "x: 1") + fence("yaml", "y: 1"), []),
        ("- item\n\n  ```yaml\n  # a.yml\n" + "  k: v\n" * 9 + "  ```\n", []),
        ("```yaml\n# a.yml\n" + BODY, []),
    ],
)
def test_which_fences_are_files(text: str, paths: list[str]) -> None:
    page = open_page(Part("d", 0, lines_of("# T\n\n" + text), "d.md"))
    assert [template.path for template in templates([page])] == paths


def test_settings_that_a_file_taken_out_asks_for_are_taken_out_too() -> None:
    docker = fence("dockerfile", "# Dockerfile", "RUN lift\n" * 9 + 'CMD ["crane", "-c", "crane_conf.py"]\n')
    for before, after in ((docker, ""), ("", docker)):
        text = "# T\n\n" + before + fence("python", "# crane_conf.py", "x = 1\n" * 9) + after
        page = open_page(Part("d", 0, lines_of(text), "d.md"))
        assert {template.path for template in templates([page])} == {"assets/Dockerfile", "assets/crane_conf.py"}
    page = open_page(Part("d", 0, lines_of("# T\n\n" + fence("python", "# crane_conf.py", "x = 1\n" * 9)), "d.md"))
    assert templates([page]) == []


def test_a_folder_of_a_skill_keeps_its_files_and_its_own_table() -> None:
    sources = (
        Document("s/LICENSE", "MIT\n", "LICENSE"),
        Document(
            "s/SKILL.md",
            "---\nname: s\ndescription: Use when x.\n---\n\n# S\n\nSee [g](references/g.md).\n",
            "SKILL.md",
        ),
        Document("s/assets/x.json", "{}\n\n", "assets/x.json"),
        Document("s/references/deep/h.md", "## H\n\ntext\n\n### I\n\nmore\n", "references/deep/h.md"),
        Document("s/references/g.md", "# G\n\ntext\n", "references/g.md"),
    )
    draft = drafted(*sources)
    assert_accounted(draft, gather(sources).documents)
    assert set(draft.files) == {"SKILL.md", "LICENSE", "assets/x.json", "references/deep/h.md", "references/g.md"}
    assert draft.files["references/deep/h.md"] == "## H\n\ntext\n\n### I\n\nmore\n"
    assert draft.files["assets/x.json"] == "{}\n\n"
    rows = [line for line in draft.files["SKILL.md"].split("\n") if line.startswith("| [")]
    assert rows == ["| [h](references/deep/h.md) | work on H |"]
    assert draft.brief.name == "s"


def test_a_document_that_is_only_a_script_is_one() -> None:
    draft = drafted(Document("tools/tidy_up.py", "#!/usr/bin/env python3\nprint('tidy')\n", "tools/tidy_up.py"))
    assert draft.files["scripts/tidy_up.py"] == "#!/usr/bin/env python3\nprint('tidy')\n"
    assert "[scripts/tidy_up.py](scripts/tidy_up.py)" in draft.files["SKILL.md"]
    assert draft.brief.name == "tidy-up"


def test_paths_of_a_dump_never_lead_out_of_the_skill() -> None:
    rule = "=" * 40
    text = "".join(
        f"{rule}\nFILE: {path}\n{rule}\n{body}\n{rule}\nEND FILE: {path}\n{rule}\n"
        for path, body in (
            ("a/SKILL.md", "# A"),
            ("../../x.sh", "#!/bin/sh"),
            ("/etc/y.md", "# Y"),
            ("a/../../z.yml", "z: 1"),
        )
    )
    draft = drafted(Document("d.txt", text, "d.txt"))
    assert sorted(draft.files) == ["SKILL.md", "assets/z.yml", "references/etc-y.md", "scripts/x.sh"]


def test_a_dry_run_shows_the_tree_its_price_and_what_is_left_out() -> None:
    text = render_preview(drafted(cut_skill()))
    assert text.startswith("skills/python/boat-engine/\n  SKILL.md     17 lines")
    for said in (
        "tokens are read each time",
        "Description:\n  Use when an engine",
        "Left out:\n  cut.txt:1-",
        "Open points:",
    ):
        assert said in text


def test_what_cannot_be_cut_is_said() -> None:
    draft = drafted(Document("d.md", "# T\n\nA table.\n\n| a | b |\n| - | - |\n" + "| c | d |\n" * 900, "d.md"))
    (path,) = [path for path in draft.files if path != "SKILL.md"]
    assert draft.files[path].count("\n") > 900
    assert any(path in point and "cannot be cut" in point for point in draft.open_points)


def test_an_admonition_and_what_introduces_a_list_stay_with_what_follows() -> None:
    part = prose(10) + "!!! note\n\n    one\n\n" + "These are:\n\n- a\n- b\n\n"
    draft = drafted(Document("d.md", part * 60, "d.md"))
    assert len(draft.files) > 2
    for text in draft.files.values():
        body = text.split("\n# ", 1)[-1]
        assert not body.rstrip("\n").endswith(("!!! note", "These are:"))


def test_time_grows_with_length_and_no_faster() -> None:
    def seconds(times: int) -> float:
        source = Document("d.md", reference().text * times, "d.md")
        start = time.perf_counter()
        drafted(source)
        return time.perf_counter() - start

    seconds(1)
    small, large = min(seconds(5), seconds(5)), min(seconds(20), seconds(20))
    assert large < 12 * small
    assert len(reference().text) * 20 > 400_000
    assert large < 5


def test_two_references_of_one_title_are_two_files() -> None:
    part = "### Setup\n\n" + code(310)
    draft = drafted(Document("d.md", f"# T\n\n## One\n\n{part}{part}{part}\n## Two\n\n{part}{part}{part}", "d.md"))
    assert len({path.lower() for path in draft.files}) == len(draft.files) == 7


@pytest.mark.parametrize("lead", ["Save it as `tide.py`:", "And `tide.py`:", "**Create `bin/tide.py`:**"])
def test_the_line_before_a_fence_can_name_it(lead: str) -> None:
    """A program with a main part goes to scripts/, wherever its name stands; one that is only spoken of stays."""
    program = "```python\n" + "x = 1\n" * 8 + 'if __name__ == "__main__":\n    print(x)\n```\n'
    text = f"# T\n\n{prose(150)}## Long\n\n{lead}\n\n{program}\n{code(300)}\n## More\n\n{code(310)}"
    assert "scripts/tide.py" in drafted(Document("d.md", text, "d.md")).files
    spoken = text.replace(lead, "Where `tide.py` and `moon.py` differ, the first one is as follows here:")
    assert "scripts/tide.py" not in drafted(Document("d.md", spoken, "d.md")).files
