"""What the bot says, whatever others said: one receipt, no live mention, no closing keyword, no HTML, short enough."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given, settings
from markdown_it import MarkdownIt

import sessions
from review.stories import snapshots, text
from skill_fleet.forges import BODY_LIMIT, AnswerAction, EditAction, NoteAction, Snapshot, StatusAction
from skill_fleet.markdown import as_code
from skill_fleet.review import decide, read_receipt, render_answer

LIVE = re.compile(r"(?<![\w/])@[\w-]|\b(close|fix|resolve)(s|d|es|ed)?:?\s+#\d|(?<!\w)#\d", re.IGNORECASE)


def live_text(markdown: str) -> str:
    """The text of a comment that a forge looks for mentions in: all but code. HTML and images are refused."""
    found = []
    for block in MarkdownIt("commonmark").parse(markdown):
        assert block.type != "html_block"
        for token in block.children or ():
            assert token.type not in ("html_inline", "image"), markdown
            found.append(token.content if token.type == "text" else " ")
    return "".join(found)


def check_said(snapshot: Snapshot, body: str) -> None:
    """One whole first line, and nothing live below it."""
    first, _, rest = body.partition("\n")
    said = sessions.Item("comment/1", snapshot.bot, "1", body)
    assert read_receipt(snapshot, said) and "skill-fleet receipt" in first
    assert "<!--" not in rest and not LIVE.search(live_text(rest)), rest
    assert len(body) <= BODY_LIMIT


@settings(deadline=None, max_examples=40)
@given(snapshots(), text, text)
def test_nothing_live_is_ever_said(snapshot: Snapshot, word: str, name: str) -> None:
    """Comments, names of files, of folders and of people, and faults of a SKILL.md come back as code, or not at all."""
    word = word.replace("\ud800", "\udc80")  # a byte that is not UTF-8, as Git's paths may have
    odd = f"{sessions.FOLDER}/{word}.md"
    contents = {
        **sessions.FILES,
        odd: "x",
        sessions.SKILL: sessions.TEXT.replace("---\n\n", f"{name}\n{name}\n---\n\n", 1),
    }
    noted = {"conflicts": (odd, word), "head": f"draft/{word}", "base": name, "remote": "origin", "lost": ("9" * 40,)}
    stale = {"updated": "2026-01-01T00:00:00Z", "fetched": "2026-02-01T00:00:00Z"}
    for facts in (
        {},
        {"changed": (odd, word), **stale},
        {"files": _files(contents), "changed": tuple(contents)},
        noted,
    ):
        changed = replace(snapshot, **facts)  # type: ignore[arg-type]
        for action in decide(changed).actions:
            if isinstance(action, AnswerAction):
                check_said(changed, render_answer(changed, action, ""))
            elif isinstance(action, StatusAction | NoteAction):
                check_said(changed, action.body)
            elif isinstance(action, EditAction):
                assert action.body.startswith(next(item.body for item in changed.items if item.key == action.target))


@given(text)
def test_as_code_is_one_code_span(words: str) -> None:
    """Nothing breaks out of the span, and it is one line."""
    shown = as_code(words)
    assert "\n" not in shown and "<!--" not in shown
    inline = MarkdownIt("commonmark").parse(f"a {shown} b")[1].children or []
    assert [token.type for token in inline] == ["text", "code_inline", "text"]


def _files(contents: dict[str, str]) -> object:
    return tuple(
        sessions.FileFact(path, 0o100644, text.encode("utf-8", "surrogatepass").decode("latin-1"))
        for path, text in sorted(contents.items())
    )
