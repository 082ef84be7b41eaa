"""Open points: the verdict first, then by what a merge has to wait for, each with its place."""

from __future__ import annotations

import pytest

from drafting.documents import CATEGORIES
from skill_fleet.drafting.briefs import brief_for
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.types import Document

ENOUGH = "This is the text of a document that says what to do, and how, " + "at some length, " * 8 + "and is done.\n"


def points(text: str, name: str = "d.md") -> list[str]:
    """The open points about a document, which has a paragraph more so that it is long enough to be one."""
    sources = (Document(name, f"{text}\n{ENOUGH}", name),)
    return list(ExtractiveDrafter().draft(brief_for("", sources, CATEGORIES, "api/t"), sources).open_points)


def body(text: str) -> list[str]:
    """The points about a short document, without the verdict; its text begins on line 10 of SKILL.md."""
    return points(f"# T\n\n{text}\n")[1:]


def block(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```\n"


def test_nothing_to_settle_is_no_verdict() -> None:
    assert points("# T\n\nAll is well.\n") == []


def test_the_verdict_counts_what_stands_in_the_way() -> None:
    assert points("# T\n\nSet {{KEY}}.\n")[0] == "Verdict: not to be merged as it is, for one reason."
    assert points("# T\n\nSee `docs/a.md`.\n")[0] == "Verdict: can be merged after one edit."


def test_an_index_of_missing_files_is_called_one() -> None:
    found = points("# T\n\n" + "".join(f"- references/{name}.md\n" for name in "abcde"))
    assert found[0] == (
        "Verdict: an index whose files are not here: to be merged once they are supplied (`--from FOLDER`), or, without its "
        "lists of them, as the overview that it is."
    )
    assert "`references/a.md` (SKILL.md:10), `references/b.md` (SKILL.md:11)" in found[1]
    assert "more" not in found[1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (block("python", "x = 1\ndef f(:\n    pass"), "edit: A block of Python does not parse (SKILL.md:12)."),
        (block("json", '{"a": 1,}'), "edit: A block of JSON does not parse (SKILL.md:11)."),
        (block("yaml", "a: b: c"), "edit: A block of YAML does not parse (SKILL.md:11)."),
        (
            block("python", 'x = \\"a\\"'),
            'note: d.md: 1 block of Python: its quotes, written `\\"`, were put right (line 4).',
        ),
        (
            block("python", 'x = \\"a\\"\ny = "b"\nz = (1'),
            'edit: 1 block of Python cannot be parsed, for its quotes are written `\\"` (SKILL.md:11): '
            'with `"` they do, but for SKILL.md:13. Left as in the source.',
        ),
        (
            block("python", "f(:") + "\n" + block("python", "g(:"),
            "edit: 2 blocks of Python do not parse (SKILL.md:11, 15).",
        ),
    ],
)
def test_blocks_that_do_not_parse(text: str, says: str) -> None:
    assert body(text) == [says]


@pytest.mark.parametrize(
    "text",
    [
        block("python", "    return await f(...)"),
        block("python", "def f(:\n    ..."),
        block("python", "f(a=1, ...)"),
        block("python", "type A = int\ndef f[T](x: T): ..."),
        block("python", ">>> f(\n1"),
        block("json", '{"a": 1} // why'),
        block("json", '{"a": 1}\n{"b": 2}'),
        block("json", "{{KEY_OF}}").replace("{{KEY_OF}}", "{{ key }}"),
        block("yaml", "a: !Ref b\n---\nb: 1"),
        block("yaml", "a: {{ b }}: c"),
        block("text", "def f(:"),
    ],
)
def test_what_is_not_certain_is_not_said(text: str) -> None:
    assert body(text) == []


TABLE = "| Problem | Location |\n| --- | --- |\n| a | Hull care |\n| b | Mast care |\n| c | docs/x |\n\n## Hull care in winter\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (TABLE, '1 of 2 rows under "Location" (SKILL.md:10) have no section: "Mast care".'),
        ("See `docs/a.md` and docs/b/.\n", "`docs/a.md` (SKILL.md:10), `docs/b/` (SKILL.md:10)"),
        ("Edit `src/app/main.py`.\n", "Files named that are not in the skill: `src/app/main.py` (SKILL.md:10)."),
        ("## Review 2031-02-03\n\ntext\n", '"Review 2031-02-03" (SKILL.md:10): record, not guidance: drop?'),
        ("text\n\n*Last updated: 2031-02-03*\n", "a date stamp (SKILL.md:12): record, not guidance: drop?"),
        ("You are a **boat specialist**.\n", '"You are a …" (SKILL.md:10): spoken to a persona'),
        ("## Your Role\n\nBuild boats.\n", '"Your Role" (SKILL.md:10): spoken to a persona'),
        ("If one is lost, tell me which.\n", '"tell me which …" (SKILL.md:10): spoken to'),
    ],
)
def test_points_with_their_places(text: str, says: str) -> None:
    assert says in "\n".join(body(text))


@pytest.mark.parametrize(
    "text",
    [
        "Send application/json, read/write, and/or `/users/{id}` to https://a.example/b/c.html.\n",
        block("python", "open('docs/a.md')"),
        "You are able to sail. You are a friend.\n",
        "| Name | Location |\n| --- | --- |\n| a | Bergen |\n",
    ],
)
def test_no_points(text: str) -> None:
    assert body(text) == []


def test_what_is_said_twice() -> None:
    """A file in two versions, a line word for word, and the document inside a fence; many twins are meant."""
    versions = body(block("python", "# app/main.py\nx = 1\ny = 2") + "\n" + block("py", "# app/main.py\nx = 2\ny = 3"))
    assert versions == [
        "edit: Blocks that are parts or versions of one file: `app/main.py` (SKILL.md:10, 16). Say which holds where they differ."
    ]
    line = "- a line of more than forty characters, word for word\n"
    assert body(f"{line}\nText.\n\n{line}") == ["edit: Said twice, word for word: SKILL.md:10, 14. Drop one of each."]
    many = "".join(f"- number {n} of more than forty characters, word for word\n" for n in range(9))
    assert body(f"{many}\nText.\n\n{many}") == []
    wrapped = body(block("text", "# T\n\n## Part\n\ntext"))
    assert wrapped == [
        "edit: The document stands inside a fence, as code (SKILL.md:10): take the fence and its second title away."
    ]


def test_a_text_that_speaks_of_itself_and_of_others() -> None:
    """What was true of a file among others and is not of a SKILL.md; the skills that it sends to."""
    found = points("# Boat Care Skill Design\n\nSee `SKILL.md` and the **rope-care skill**; not the boat-care skill.\n")
    assert [point.split(" (")[0] for point in found[1:]] == [
        'edit: The title "Boat Care Skill Design"',
        "edit: The text names a `SKILL.md`",
        "edit: The text names the skill `boat-care`",
        "edit: Other skills that it sends to: `rope-care`",
    ]
    steps = points("# T\n\n## Next Steps After Skill Creation\n\n1. Rig it.\n2. Sail it.\n3. Moor it.\n")
    assert '"Next Steps After Skill Creation" (SKILL.md:10) is headed for the authors' in "\n".join(steps)
    for_authors = points("# T\n\n## Next Steps After Skill Creation\n\nSail.\n")
    assert "spoken to the authors of the text" in for_authors[1]


def test_many_names_go_by_file() -> None:
    names = "".join(f"- docs/a{n}.md\n" for n in range(9))
    assert "9 in SKILL.md (`docs/a0.md`, " in body(names)[0] and " and 1 more)" in body(names)[0]
    assert body("Call it docs/your-name.md or docs/plan-name-version.md.\n") == []


def test_no_point_is_endless() -> None:
    many = "".join(f"- references/a{n}-with-a-rather-long-name-of-its-own.md\n" for n in range(190))
    assert 3_900 < max(map(len, body(many))) < 4_100


def test_where_a_text_that_is_cut_could_end() -> None:
    text = "# T\n\nOne.\n\nTwo.\n\n**So:**\n\n```python\nx = (\n"
    assert "or end it after SKILL.md:12, the last sound line." in "\n".join(points(text))


def test_a_damaged_character_names_what_it_was_if_that_is_certain() -> None:
    good = "— a\n\n— b\n\n— c\n\n".encode().decode("cp1252")
    found = "\n".join(points(f"# T\n\n{good}âŒ no\n\nðŸ“ many\n"))
    assert "SKILL.md:16 (`âŒ` was most likely ❌), SKILL.md:18." in found
