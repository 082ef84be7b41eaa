"""Generated documents: every line accounted for, a valid front matter, and never an exception but UserError."""

from __future__ import annotations

from pathlib import Path

import hypothesis.strategies as st
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from skills_ref.parser import parse_frontmatter
from skills_ref.validator import validate_metadata

from drafting.accounting import assert_accounted
from drafting.documents import CATEGORIES, LISTED, MARKDOWN, SECTIONED, TEXT, code, prose, reference, subagent
from skill_fleet.drafting.briefs import brief_digest, brief_for, render_brief
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.placing.ledger import render_ledger
from skill_fleet.drafting.preview import render_listing, render_preview
from skill_fleet.drafting.sources.gather import gather
from skill_fleet.drafting.types import Document, Draft
from skill_fleet.errors import UserError


def drafted(*sources: Document, everything: bool = False) -> Draft | None:
    try:
        brief = brief_for("", sources, CATEGORIES, None, everything=everything)
        return ExtractiveDrafter(everything=everything).draft(brief, sources)
    except UserError:
        return None


def assert_sound(draft: Draft, sources: tuple[Document, ...]) -> None:
    assert_accounted(draft, gather(sources).documents)
    text = draft.files["SKILL.md"]
    fields, _ = parse_frontmatter(text)
    assert validate_metadata(fields, Path(draft.brief.name)) == []
    loaded = yaml.safe_load(text.split("---", 2)[1])
    assert loaded["description"] == fields["description"]
    assert all(isinstance(value, str) for value in loaded.get("metadata", {}).values())
    assert len({path.casefold() for path in draft.files}) == len(draft.files)
    said = "\n".join(text for path, text in draft.files.items() if path == "SKILL.md" or "/index-of-" in path)
    assert [path for path in draft.files if path != "SKILL.md" and path.rsplit("/", 1)[1] not in said] == []
    assert not any(text.startswith("---") for path, text in draft.files.items() if path.startswith("references/"))


@settings(max_examples=70, deadline=None, suppress_health_check=list(HealthCheck))
@given(TEXT)
def test_nothing_lost_doubled_or_made_up(text: str) -> None:
    source = Document("doc.md", text, "doc.md")
    draft = drafted(source)
    if draft is None:
        assert not any(line.strip() for line in text.removeprefix("\ufeff").split("\n")) or "FILE: " in text
        return
    assert_sound(draft, (source,))
    for shown in (render_ledger(draft, False), render_ledger(draft, True), render_brief(draft.brief)):
        assert shown.strip()
    assert render_preview(draft)
    assert len(render_listing([source]).splitlines()) != 1
    assert brief_digest(draft.brief, [source]) == brief_digest(draft.brief, [source])


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(SECTIONED | LISTED)
def test_what_is_divided_fits(text: str) -> None:
    source = Document("doc.md", text, "doc.md")
    draft = drafted(source)
    assert draft is not None
    assert_sound(draft, (source,))
    assert draft.files["SKILL.md"].count("\n") <= 300


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(MARKDOWN, min_size=2, max_size=4),
    st.booleans(),
    st.sampled_from(["docs/{}.md", "s/t/{}/SKILL.md", "x/{}.py"]),
)
def test_several_documents(texts: list[str], everything: bool, place: str) -> None:
    sources = tuple(Document(place.format(at), text, place.format(at)) for at, text in enumerate(texts))
    draft = drafted(*sources, everything=everything)
    if draft is not None:
        assert_accounted(draft, gather(sources).documents)


@pytest.mark.parametrize(
    "text",
    [
        prose(900),
        code(4000),
        code(4000).removesuffix("```\n"),
        "| a | b |\n| --- | --- |\n" + "| some | cell |\n" * 4000,
        "- an item of a list\n" * 4000,
        "word " * 40_000,
        "漢字の説明です。\n\n" * 2000,
        "# Установка\n\n" + "Шаг за шагом.\n\n" * 300 + "## Настройка\n\n" + "Ещё текст.\n\n" * 300,
        "# One\n\n#### Four\n\n" + prose(200) + "###### Six\n\n" + prose(200) + "## Two\n\n" + prose(20),
        "Title\n=====\n\nPart\n----\n\n" + prose(200) + "Other\n-----\n\n" + prose(200),
        "# T\r\n\r\n" + prose(200).replace("\n", "\r\n") + "## U\r\n\r\nmore\r\n",
        "# T\n\n````md\n```py\n# no heading\n```\n````\n\n" + prose(200) + "## U\n\n~~~\n```\n~~~\n",
        "# a\n\nb\n\n" * 3000,
        "**A label**\n\ntext\n\n" * 600,
        "\x00\x01\x02 # x\n\n\u2028\x85\x0c- y\n",
        "+++\ntitle = 'Hugo'\ndraft = true\n+++\n\n# Hugo\n\ntext\n",
        "---\ntitle: a: b: c\ndescription: it's: [broken\n---\n\ntext\n",
        "---\n&a [*a]\n---\n\ntext\n",
        "]([" * 5000,
        reference().text * 40,
        subagent().text * 12,
        "# T\n\n" + "".join(f"## {n}\n\n### {n} a\n\n{prose(9)}### {n} b\n\n{code(500)}" for n in range(70)),
    ],
    ids=range(22),
)
def test_awkward_documents(text: str) -> None:
    source = Document("doc.md", text, "doc.md")
    draft = drafted(source)
    assert draft is not None
    assert_sound(draft, (source,))
    assert draft.files["SKILL.md"].count("\n") <= 300
    for content in draft.files.values():
        assert content.count("\n") <= 500 or any("cannot be cut" in point for point in draft.open_points)
