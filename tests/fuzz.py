"""`make fuzz`: hostile input for whatever reads what strangers write, ten minutes for each reader (MINUTES=1 for less).

A target takes one input, and raises nothing but what its readers document. `make test` runs a few examples of each.
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
import time
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, seed, settings, strategies as st

from checks.test_linear import PIECES
from checks.test_robust import content, trees
from review.stories import snapshots
from skill_fleet.checks import check_change, check_fleet
from skill_fleet.drafting import brief_for, document_from_text, draft_selection, select
from skill_fleet.errors import UserError
from skill_fleet.fleet import MemoryTree, read_fleet
from skill_fleet.forges import Snapshot
from skill_fleet.forges.local import Chains, replay
from skill_fleet.markdown import CannotEdit, Markdown, links_on, read_front_matter, set_value, without_code
from skill_fleet.review import decide, read_comment, sanitize, suggestion_block

text = st.lists(
    st.sampled_from(PIECES) | st.sampled_from(["/help", "\n", "\n\n", " ", "a"]) | st.text(max_size=6), max_size=50
)
soup = text.map("".join)
elements = st.sampled_from(
    ["<details>", "</details>", "<table>", "</table>\n\n", "<!-- ", " -->", "/move a\n", "![", "](b '"]
)
comments = st.lists(elements | st.sampled_from(["```suggestion:-1+1\n", "\n```\n", "> ", "- "]) | soup, max_size=20)
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3), max_leaves=4)
kinds = st.sampled_from(
    ["opened", "commented", "commented-on", "replied", "reviewed", "edited", "deleted", "merged", "new"]
)
OID = "0" * 40
OPENED = {"repository": OID, "title": "T", "body": "", "head": "draft/x", "base": "main", "commit": OID, "draft": True}
ACTOR = {"id": "a@example.org", "name": "A"}
ENVELOPE = {"id": "a1", "seq": 1, "at": "2026-01-01T00:00:00Z", "actor": ACTOR}
fields = st.fixed_dictionaries(
    {}, optional=dict.fromkeys((*OPENED, *ENVELOPE, "item", "thread", "start", "verdict"), values)
)
events = st.builds(
    lambda kind, seq, facts: {**ENVELOPE, **OPENED, "type": kind, "seq": seq, **facts},
    kinds,
    st.integers(1, 2**53),
    fields,
)
lines = st.lists(events.map(lambda event: json.dumps(event).encode()) | st.binary(max_size=30), max_size=8).map(
    b"\n".join
)


def read_document(given: str) -> None:
    """A document becomes a draft, or is refused."""
    with contextlib.suppress(UserError):
        selection = select([document_from_text("a.md", given)], anyway=True)
        draft_selection(brief_for("", selection, "python/x", ["python"]), selection)


def read_matter(given: bytes) -> None:
    """Front matter is read, and a field set and read back, or that is refused."""
    read_front_matter(given)
    with contextlib.suppress(CannotEdit):
        assert read_front_matter(set_value(given, "description", "x: y")).value("description") == "x: y"


def read_markdown(given: str) -> None:
    """Markdown is read by all that read it, and what a model says is tamed."""
    page = Markdown(given)
    assert all(link.line >= 1 for link in page.links_at(range(len(page.lines)))) and all(
        0 <= link.close < link.end for link in links_on(given)
    )
    assert len(without_code(given)) == len(given) and len(page.blocks) <= max(len(page.lines), 1)
    sanitize(given)


def read_words(given: list[str]) -> None:
    """A comment is read; a suggestion is found whatever stands above it in a paragraph."""
    asked = read_comment("".join(given))
    assert len(asked.reach) == len(asked.suggestions)
    assert read_comment(f"{suggestion_block('x')}\n\n{''.join(given)}").suggestions[:1] == ("x\n",)


def read_timeline(given: list[bytes]) -> None:
    """A timeline is replayed, or is named as malformed."""
    names = [f"{number:040x}" for number in range(1, len(given) + 1)]
    parents = {name: tuple(names[:number][-1:]) for number, name in enumerate(names)}
    with contextlib.suppress(UserError):
        replay(Chains(parents, dict(zip(names, given, strict=True))).timeline(1, names[-1:]))


def read_tree(given: dict[str, tuple[bytes, int]]) -> None:
    """A tree is checked, and what it changes."""
    known = {path: row for path, row in given.items() if not any(0xD800 <= ord(char) <= 0xDFFF for char in path)}
    tree = MemoryTree({path: row[0] for path, row in known.items()}, {path: row[1] for path, row in known.items()})
    check_fleet(read_fleet(tree))
    check_change(read_fleet(MemoryTree({})), read_fleet(tree))


def read_story(given: Snapshot) -> None:
    """A pull request is decided."""
    decide(given)


TARGETS: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], None]]] = {
    "documents": (soup, read_document),
    "front matter": (content, read_matter),
    "Markdown": (soup, read_markdown),
    "comments": (comments, read_words),
    "timelines": (st.lists(lines, min_size=1, max_size=4), read_timeline),
    "trees": (trees, read_tree),
    "pull requests": (snapshots(), read_story),
}


def fuzz(name: str, examples: int, start: int) -> int:
    """Try a target with some examples, and return how many were tried."""
    strategy, target = TARGETS[name]
    tried = 0

    @seed(start)
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def attempt(given: Any) -> None:
        nonlocal tried
        tried += 1
        target(given)

    attempt()
    return tried


def main(minutes: float, names: list[str]) -> None:
    """Fuzz each target for so long, and print how much was tried; a failure is shown by its smallest example."""
    for name in names or TARGETS:
        end, tried, start = time.monotonic() + 60 * minutes, 0, random.randrange(2**32)
        while time.monotonic() < end:
            tried += fuzz(name, 200, start + tried)
        print(f"{name}: {tried:,} examples in {minutes:g} minutes, no exception (seed {start})", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2:])
