"""Pull requests as data, for tests of the decision: a draft of one skill, and what people say about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from skill_fleet.forges import Actor, Anchor, CommitFact, FileFact, FleetFacts, Item, Snapshot, Thread
from skill_fleet.review import digest_of, render_receipt

BOT = Actor("skill-fleet@bot.invalid", "skill-fleet")
ADA = Actor("ada@example.org", "Ada")
GRACE = Actor("grace@example.org", "Grace")
MALLORY = Actor("mallory@example.net", "Mallory")
PEOPLE = {"bot": BOT, "ada": ADA, "grace": GRACE, "mallory": MALLORY}

FOLDER = "skills/python/packaging"
SKILL = f"{FOLDER}/SKILL.md"
TEXT = """---
name: packaging
description: How to package a library. Use when a project is to be published.
---

# Packaging

Do it step by step.

| Read | when you |
| --- | --- |
| [wheels](references/wheels.md) | work on wheels |
"""
FILES = {SKILL: TEXT, f"{FOLDER}/references/wheels.md": "# Wheels\n\nBuild them.\n"}
HEAD = "c" * 40


def draft(**changes: Any) -> Snapshot:
    """A draft of the skill python/packaging that Ada asked for, as it is just after it was opened."""
    start = Snapshot(
        repository="a" * 40,
        number=7,
        bot=BOT,
        author=BOT,
        title="Draft python/packaging",
        body="",
        state="open",
        draft=True,
        base="main",
        base_oid="b" * 40,
        merge_base="b" * 40,
        head="draft/packaging",
        head_oid=HEAD,
        commits=(
            CommitFact("1" * 40, ADA, "Draft\n\nBrief.\n\nSession: 5e55\nRequested-by: Ada <ada@example.org>\n"),
            CommitFact(HEAD, BOT, "Draft python/packaging\n\nAll placed.\n\nSkill: python/packaging\n"),
        ),
        permissions={BOT.id: "write", ADA.id: "write", GRACE.id: "write", MALLORY.id: "none"},
        changed=tuple(FILES),
        files=files(FILES),
        fleet=FleetFacts(("devops", "python", "testing"), ("python/typing",), ("python/old-name",)),
    )
    return replace(start, **changes)


def files(contents: dict[str, str], modes: dict[str, int] | None = None) -> tuple[FileFact, ...]:
    """The files of a skill at the head."""
    return tuple(
        FileFact(path, (modes or {}).get(path, 0o100644), text.encode().decode("latin-1"))
        for path, text in sorted(contents.items())
    )


def says(number: int, who: str, body: str, **facts: Any) -> Item:
    """Item `number`, by one of PEOPLE; `line` puts it on a line of SKILL.md and makes it the first of a thread."""
    line = facts.pop("line", 0)
    path = facts.pop("path", SKILL)
    if line or "anchor" in facts:
        key = f"line/{number}"
        text = FILES.get(path, "")
        anchor = facts.pop("anchor", None) or Anchor(
            path, HEAD, facts.pop("start", line), line, facts.pop("side", "RIGHT"), 0, 0, ""
        )
        if not anchor.original and 0 < anchor.line <= text.count("\n"):
            original = "\n".join(text.split("\n")[anchor.start - 1 : anchor.line])
            anchor = replace(anchor, original=original, current_start=anchor.start, current_line=anchor.line)
        facts |= {"anchor": anchor, "thread": key}
    else:
        key = f"{'review' if 'verdict' in facts else 'comment'}/{number}"
        key = f"line/{number}" if facts.get("thread") else key
    return Item(key, PEOPLE[who], f"{number:06}", body, **facts)


def answered(
    snapshot: Snapshot, number: int, key: str, outcome: str, body: str = "", says: str = "Done.", pin: str = ""
) -> Item:
    """The bot's answer to the request `key`, to which the text `body` was read."""
    receipt = render_receipt(snapshot, key, outcome, digest_of(body), pin)
    return Item(f"comment/{number}", BOT, f"{number:06}", f"{receipt}\n{says}")


def resolved(*keys: str) -> tuple[Thread, ...]:
    """Threads that somebody resolved."""
    return tuple(Thread(key, True, GRACE) for key in keys)
