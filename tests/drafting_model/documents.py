"""Documents of the kinds that people bring, small enough to read and big enough to be divided."""

from __future__ import annotations

import hypothesis.strategies as st

from skill_fleet.drafting import Document

CATEGORIES = {
    "api": "Designing and calling web interfaces.",
    "python": "The Python language, its libraries and tools.",
    "testing": "Unit tests, fixtures and the coverage of code.",
}


def code(lines: int, language: str = "python", name: str = "step") -> str:
    """A fence of that many lines."""
    body = "\n".join(f"{name}_{number} = compute({number})" for number in range(lines))
    return f"```{language}\n{body}\n```\n"


def prose(lines: int, about: str = "boats") -> str:
    """Paragraphs of one line, that many."""
    return "".join(
        f"Line {number} says something useful about {about} and their owners.\n\n" for number in range(lines)
    )


def banner(path: str, end: bool = False) -> str:
    """The banner before a file of a dump, or after it."""
    rule = "=" * 60
    return f"{rule}\n{'END ' if end else ''}FILE: {path}\n{rule}\n"


def misread(text: str, codec: str) -> str:
    """UTF-8 read in another codec, as it happens to files on their way."""
    return text.encode("utf-8").decode(codec)


def dump() -> Document:
    """Five documents and a half, cut at the head inside a fence and at the tail inside one, misread as cp1252."""
    harbour = "# Harbour guide\n\nThis guide says where everything is. Welcome aboard.\n\n- `docs/mooring.md` — lines and knots\n"
    review = "# Review of 2031-04\n\n## Findings\n\n" + prose(4, "hulls") + "## Advice\n\nPaint them — soon.\n"
    plans = "# Plans folder\n\nWhat is planned.\n\n## Active\n\n| Plan | State |\n| --- | --- |\n| dock | open ✓ |\n"
    drills = "# Sail drills\n\n" + "".join(
        f"## Scenario {n}: {name} (Basic)\n\n**Prompt:** show it.\n\n{prose(10, 'sails')}"
        for n, name in enumerate(("Tacking Upwind", "Heaving To", "Reefing Early", "Man Overboard"), 1)
    )
    rigging = (
        "# Sail Rigging Skill Design\n\n## Overview\nWays to rig a boat so that it stays rigged.\n\n"
        "## Skill Metadata\n- **Name:** `sail-rigging`\n- **Type:** Technique\n- **Target:** Crews at sea\n\n"
        "## When to Use\n```\nRigging a boat in harbour?\nNeed to change a sail at sea?\n└── Use this skill\n```\n\n"
        "## Core Patterns\n\n### 1. Standing rigging\n\nTighten it — twice.\n\n```python\ntighten(shroud)\nstay = 1"
    )
    text = "<!-- Chunk 12: bytes 100-9000, type=function -->\n    return knot\n```\n\n## Usage\n\n```python\ntie()\n```\n\n"
    text += "See [the guide](../index.md) and [gone](lost.md).\n\n" + banner("docs/moor/runner.md", end=True)
    for path, body in (
        ("docs/index.md", harbour),
        ("docs/internal/HULL_REVIEW_2031_04.md", review),
        ("docs/internal/plans/README.md", plans),
        ("docs/internal/old/2031-01-09-sail-drills.md", drills),
    ):
        text += f"\n{banner(path)}\n{body}\n\n{banner(path, end=True)}"
    text += f"\n{banner('docs/internal/old/2031-01-09-sail-rigging-design.md')}\n{rigging}"
    return Document("dump.txt", misread(text, "cp1252"), "dump.txt")


def cut_skill() -> Document:
    """The tail of another skill's script, then a SKILL.md that ends inside a fence."""
    text = '    return 2\n\n\nif __name__ == "__main__":\n    raise SystemExit(main())\n\n'
    text += banner("skills/practices/knots/scripts/tie.py", end=True)
    text += f"\n{banner('skills/python/boat-engine/SKILL.md')}\n"
    text += (
        "---\nname: boat-engine-care\ndescription: Use when an engine has to start: at sea, in the cold, or at all\n"
        "license: MIT\nmetadata:\n  skill_id: old/engines\n  version: 1.10\n---\n\n# Boat engine care\n\n"
        "## Quick Reference\n\n| Sign | Cause |\n| --- | --- |\n| smoke | oil |\n\n## Starting\n\n"
        "```python\nfrom engines import Key, Choke\nfrom pumps import Choke\n"
    )
    return Document("cut.txt", text, "cut.txt")


def subagent() -> Document:
    """A subagent: tools as a list, placeholders, a fold around most of it, misread as Mac Roman."""
    text = (
        "---\nname: boat-builder\ndescription: Specialist for wooden boats\n"
        "tools: [Read, Edit, mcp__drawings__find_plan]\n---\n\n"
        "You are a **boat builder** who works in {{WOOD}} and {{GLUE}}.\n\n---\n\n"
        "## 🚀 Quick Start\n\n**What This Subagent Does**:\n- Builds hulls\n\n"
        '**When to Use This Subagent**:\n- Building hulls of wood\n- Need a keel\n- Keywords: "hull", "keel"\n\n'
        "**Next Steps**: Expand sections below ⬇️\n\n---\n\n"
        "<details>\n<summary>📚 All of it (click to expand)</summary>\n\n"
        "## Your Role\n\nBuild boats of {{WOOD}}.\n\n"
    )
    text += "## Hull Patterns\n\n" + "".join(
        f"### {n}. {name} Pattern\n\n{code(60)}\n" for n, name in enumerate(("Clinker", "Carvel"), 1)
    )
    text += "## Troubleshooting\n\n" + "".join(
        f'### Issue: "{name}"\n\n**Cause**: it does.\n\n{code(20)}\n'
        for name in ("Plank splits", "Glue creeps", "Keel twists")
    )
    text += "## Complete Workflows\n\nEnd to end.\n\n" + "".join(
        f"### Workflow {n}: {name}\n\nFrom start to finish ✅.\n\n{code(250)}\n---\n\n"
        for n, name in enumerate(("Dinghy With Oars", "Skiff and Sail", "Punt"), 1)
    )
    text += "## Anti-Patterns and Best Practices\n\n" + "".join(
        f"### Anti-Pattern {n}: {name}\n\n❌ Do not.\n\n{code(110)}\n"
        for n, name in enumerate(("Wet Wood", "Short Nails", "Thin Glue"), 1)
    )
    text += "## 🎯 Token Budget\n\nReturn a summary of five lines.\n\n## References\n\n- [Boats](https://boats.example/)\n\n</details>\n"
    return Document("boat-builder.md", misread(text, "mac_roman"), "boat-builder.md")


def reference() -> Document:
    """A long reference: a contents list, two headings of level one, files in fences."""
    topics = ("Hull Layout", "Mast Step Patterns", "Rudder & Tiller", "Bilge Pumps", "Deck Best Practices")
    slugs = ("hull-layout", "mast-step-patterns", "rudder--tiller", "bilge-pumps", "deck-best-practices")
    text = (
        "# Boat Reference\n\nComprehensive reference for boats in production. It is long.\n\n## Table of Contents\n\n"
    )
    text += "".join(f"- [{topic}](#{slug})\n" for topic, slug in zip(topics, slugs, strict=True)) + "\n"
    for number, topic in enumerate(topics):
        text += f"## {topic}\n\nMore in [bilge pumps](#bilge-pumps) and [hull][h].\n\n### Common Parts\n\n{code(40 + 60 * number)}\n"
        text += f"### Large Parts\n\n{code(40)}\n### Spare Parts\n\n{code(20)}\n"
    text = text.rstrip("\n") + "\n# Launch and Upkeep\n\n## Launching\n\n### Crane\n\n"
    text += "```yaml\n# crane.yml\n" + "".join(f"step{n}: lift\n" for n in range(12)) + "```\n\n"
    text += "### Cradle\n\n```dockerfile\n# Dockerfile\n" + "RUN lift\n" * 12 + "```\n\n### .env.sample\n\n```bash\n"
    text += (
        "# .env.sample\n"
        + "".join(f"KEY{n}=1\n" for n in range(9))
        + f"```\n\n## Upkeep\n\n{code(70)}\n[h]: #hull-layout\n"
    )
    return Document("boat-reference.md", text, "boat-reference.md")


def index() -> Document:
    """An index of a skill whose files are not there, with a tree, a table of when to use each, and a changelog."""
    text = "# Boat Keeper Skill - Index\n\nThis is the index of the boat-keeper skill.\n\n## Organization\n\n```\nSKILL.md\n"
    text += "├── references/\n" + "".join(f"│   ├── {name}.md   - about it\n" for name in ("hull", "mast", "sail"))
    text += "└── scripts/\n    └── launch.py\n" + "│ more\n" * 20 + "```\n\n## Quick Links\n\n"
    text += "".join(
        f"- **{name}** (references/{name}.md): all about it\n" for name in ("hull", "mast", "sail", "rudder")
    )
    text += "\n## When to Use Each Reference\n\n| Task | Reference |\n| --- | --- |\n| **Mending a hull** | hull.md |\n"
    text += "| Stepping a mast | mast.md |\n\n" + "".join(f"## Chapter {n} on care\n\n{prose(18)}" for n in range(6))
    text += "## Other skills\n\nSee the **dock-keeper skill**: `cranes.md`.\n\n## What Changed in Phase 3\n\n- a row\n"
    return Document("index.md", text, "index.md")


_WORDS = st.text("abcdefg HTTP`*_[](){}<>|#-=~.:!0123é漢🚀", min_size=0, max_size=60)
_TITLES = st.text("abc Déf1`*🚀", min_size=1, max_size=20)
BLOCKS = st.one_of(
    st.builds(lambda n, t: f"{'#' * n} {t}", st.integers(1, 6), _TITLES),
    st.builds(lambda t, u: f"{t}\n{u * 3}", st.text("abc d", min_size=1, max_size=12), st.sampled_from("-=")),
    st.builds(lambda m, t, c: f"{m}py\n{t}\n{m if c else ''}", st.sampled_from(["```", "~~~~"]), _WORDS, st.booleans()),
    st.builds(lambda n, t: "\n".join(f"{t} {i}" for i in range(n)), st.integers(1, 120), st.text("ab c", min_size=1)),
    st.builds(lambda n: "\n".join(f"- item {i}" for i in range(n)), st.integers(1, 80)),
    st.builds(lambda n: "| a | b |\n| - | - |\n" + "\n".join("| x | y |" for _ in range(n)), st.integers(0, 80)),
    st.builds(code, st.integers(1, 200)),
    st.builds(prose, st.integers(1, 80)),
    st.sampled_from(
        ["---", "***", "<details>", "</details>", "<summary>More</summary>", "> quote", "", "\t", "&nbsp;"]
    ),
    st.sampled_from(["---\nname: x\ntools: [Read]\n---", "<details>\n<summary>See</summary>", "[a](#abc) [b](c.md)"]),
    st.sampled_from(
        [banner("a/b.md"), banner("a/b.md", end=True), "```yaml\n# a.yml\n" + "k: v\n" * 9 + "```", "[x]: #abc"]
    ),
    _WORDS,
)
MARKDOWN = st.lists(BLOCKS, max_size=40).map(lambda blocks: "\n\n".join(blocks))
SECTIONED = st.lists(st.tuples(st.integers(1, 4), _TITLES, BLOCKS, BLOCKS), min_size=3, max_size=14).map(
    lambda parts: "".join(f"{'#' * level} {title}\n\n{one}\n\n{two}\n\n" for level, title, one, two in parts)
)


def listed(parts: list[tuple[int, int, bool]], place: int) -> str:
    """Numbered sections with a contents list of all of them before one of them."""
    names = [f"Part {number}" for number in range(len(parts))]
    contents = "## Contents\n\n" + "".join(f"- [{name}](#{name.lower().replace(' ', '-')})\n" for name in names) + "\n"
    bodies = [
        f"{'#' * level} {name}\n\n{code(size) if fenced else prose(size)}\n"
        for name, (level, size, fenced) in zip(names, parts, strict=True)
    ]
    at = place % (len(parts) + 1)
    return "# T\n\nAll.\n\n" + "".join(bodies[:at]) + contents + "".join(bodies[at:])


LISTED = st.builds(
    listed,
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 260), st.booleans()), min_size=3, max_size=40),
    st.integers(0, 50),
)
TEXT = st.one_of(MARKDOWN, SECTIONED, st.text(max_size=300), st.lists(_WORDS, max_size=30).map("\n".join))
