"""Generated documents: every line accounted for, a valid front matter, and never an exception but UserError."""

from __future__ import annotations

import hypothesis.strategies as st
import yaml
from hypothesis import HealthCheck, given, settings

from drafting.accounting import assert_accounted
from skill_fleet.drafting.briefs import brief_digest, brief_for, render_brief
from skill_fleet.drafting.extractive import ExtractiveDrafter
from skill_fleet.drafting.ledger import render_ledger
from skill_fleet.drafting.types import Document, Draft
from skill_fleet.errors import UserError

CATEGORIES = {"api": "HTTP interfaces", "python": "The Python language", "testing": "Tests and fixtures"}

_WORDS = st.text("abcdefg HTTP`*_[](){}<>|#-=~.:!0123é漢🚀", min_size=0, max_size=60)
_BLOCK = st.one_of(
    st.builds(lambda n, t: f"{'#' * n} {t}", st.integers(1, 6), st.text("abc Déf1", min_size=1, max_size=20)),
    st.builds(lambda t, u: f"{t}\n{u * 3}", st.text("abc d", min_size=1, max_size=12), st.sampled_from("-=")),
    st.builds(lambda m, t, c: f"{m}py\n{t}\n{m if c else ''}", st.sampled_from(["```", "~~~~"]), _WORDS, st.booleans()),
    st.builds(lambda n, t: "\n".join(f"{t} {i}" for i in range(n)), st.integers(1, 120), st.text("ab c", min_size=1)),
    st.builds(lambda n: "\n".join(f"- item {i}" for i in range(n)), st.integers(1, 80)),
    st.builds(lambda n: "| a | b |\n| - | - |\n" + "\n".join("| x | y |" for _ in range(n)), st.integers(0, 80)),
    st.sampled_from(
        ["---", "***", "<details>", "</details>", "<summary>More</summary>", "> quote", "", "\t", "&nbsp;"]
    ),
    st.sampled_from(["---\nname: x\ntools: [Read]\n---", "<details>\n<summary>See</summary>", "[a](#abc) [b](c.md)"]),
    _WORDS,
)
MARKDOWN = st.lists(_BLOCK, max_size=40).map(lambda blocks: "\n\n".join(blocks))
TEXT = st.one_of(MARKDOWN, st.text(max_size=300), st.lists(_WORDS, max_size=30).map("\n".join))


def drafted(*sources: Document) -> Draft | None:
    try:
        brief = brief_for("", sources, CATEGORIES, None)
        return ExtractiveDrafter().draft(brief, sources)
    except UserError:
        return None


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(TEXT)
def test_nothing_lost_doubled_or_made_up(text: str) -> None:
    source = Document("doc.md", text, "doc.md")
    draft = drafted(source)
    if draft is None:
        assert not text.strip("\ufeff \t\r\n\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u2028\u2029") or not text.strip()
        return
    assert_accounted(draft, [source])
    _, front, body = draft.files["SKILL.md"].split("---", 2)
    fields = yaml.safe_load(front)
    assert fields["name"] == draft.brief.name
    assert 1 <= len(fields["description"]) <= 1024
    assert all(isinstance(value, str) for value in fields.get("metadata", {}).values())
    assert body.startswith("\n")
    assert render_ledger(draft, full=False)
    assert render_ledger(draft, full=True)
    assert render_brief(draft.brief)
    assert brief_digest(draft.brief, [source]) == brief_digest(draft.brief, [source])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(MARKDOWN, min_size=2, max_size=4))
def test_several_documents(texts: list[str]) -> None:
    sources = [Document(f"docs/{at}.md", text, f"docs/{at}.md") for at, text in enumerate(texts)]
    draft = drafted(*sources)
    if draft is not None:
        assert_accounted(draft, sources)
