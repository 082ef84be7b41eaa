"""No pattern takes more than linear time: long runs of what begins one, and never ends it."""

from __future__ import annotations

import json
import time

import pytest

from skill_fleet.checks import RULES, FleetContext, SkillContext
from skill_fleet.fixes import fix_skill
from skill_fleet.fleet import Configuration, MemoryTree, read_fleet

pytestmark = pytest.mark.limits
SIZE = 60_000
LIMIT = 5.0  # seconds for one rule, of the processor's time; a square of SIZE would take minutes

PIECES = [
    *(
        "[",
        "](",
        "![",
        "`",
        "``` ",
        "```\n",
        "{{A",
        "\n[a]:\n",
        "> ",
        "- ",
        "<",
        "<!--",
        "\n\n",
        "scripts/a.",
        "scripts/a.b/",
        "scripts/a.py ",
        "```\npython scripts/a.py scripts/b.py\n```\n",
    ),
    *(
        "curl ",
        "curl | ",
        "base64 -d ",
        "exec(",
        "sk-",
        "AKIA",
        "-----BEGIN ",
        "[TODO",
        "example ",
        "\u200b",
        "é ",
        "**a ",
    ),
    *("\\", "&amp;", "http://a.", "https://a/", "((", "]](", "# a\n", "\t", "\r", "name='", "${CLAUDE_SKILL_DIR}/"),
    *("```json\n[[[[\n```\n", "```python\n((\n```\n", "```yaml\n- - -\n```\n"),
]


@pytest.mark.parametrize("piece", PIECES)
def test_a_long_run_is_read_in_linear_time(piece: str) -> None:
    run = piece * (SIZE // len(piece))
    body = f"---\nname: x\ndescription: y\n---\n{run}\n"
    front = f"---\nname: x\ndescription: {run}\n---\n"
    for files in (
        {"SKILL.md": body},
        {"SKILL.md": front},
        {"SKILL.md": "---\nname: x\n---\n", "a.md": run, "a.sh": run},
    ):
        tree = MemoryTree({f"skills/web/x/{path}": text.encode() for path, text in files.items()})
        reading = SkillContext(read_fleet(tree).skills[0])
        for rule in RULES.values():
            if rule.scope == "skill":
                start = time.process_time()
                list(rule.findings(reading))
                assert time.process_time() - start < LIMIT, rule.name


INSIDE = [
    *("\n", " \n", " ", ">>> ", "(", "[", "{", "- ", ": ", '"', "'", "\\", "# a\n", "...", "---\n", "//", "/*", "<a"),
    *("{{", "${", ",", "a: &a *a\n", "[A", "!", "  x\n"),
]


@pytest.mark.parametrize("language", ["python", "json", "yaml", "sh"])
def test_a_long_run_in_a_fence_is_read_in_linear_time(language: str) -> None:
    """What an example holds is no reason for a rule to take longer than for any other text."""
    for piece in INSIDE:
        text = f"---\nname: x\ndescription: y\n---\n\n```{language}\nx = (\n{piece * (40_000 // len(piece))}\n```\n"
        reading = SkillContext(read_fleet(MemoryTree({"skills/web/x/SKILL.md": text.encode()})).skills[0])
        for rule in RULES.values():
            if rule.scope == "skill":
                start = time.process_time()
                list(rule.findings(reading))
                assert time.process_time() - start < LIMIT, (rule.name, piece)


@pytest.mark.parametrize("text", ["[y](lost.md) {run}", "{run} [y](lost.md)", "[y](lost.md) {run} [z](lost.md)"])
@pytest.mark.parametrize("piece", ["[ |\n", "![", "[a ", "[a](b c ", "[x\n"])
def test_brackets_around_a_broken_link_are_read_in_linear_time(text: str, piece: str) -> None:
    """A link that has to be looked at, beside thousands of brackets that are none."""
    body = text.format(run=piece * (8_000 // len(piece)))
    tree = MemoryTree({"skills/web/x/SKILL.md": f"---\nname: x\ndescription: y\n---\n{body}\n".encode()})
    reading = SkillContext(read_fleet(tree).skills[0])
    start = time.process_time()
    list(RULES["links/missing-target"].findings(reading))
    assert time.process_time() - start < LIMIT


def test_many_broken_links_among_many_files_are_read_in_linear_time() -> None:
    """What each of them may have meant is not sought among all files."""
    links = "".join(f"[a](references/lost-{number}.md) [b](#lost-{number})\n\n" for number in range(1500))
    text = f"---\nname: x\ndescription: y\n---\n\n# Found\n\n{links}"
    files = {f"skills/web/x/references/found-{number}.md": b"" for number in range(1500)}
    reading = SkillContext(read_fleet(MemoryTree({**files, "skills/web/x/SKILL.md": text.encode()})).skills[0])
    list(RULES["links/missing-target"].findings(reading))  # which parses the text
    for name in ("links/missing-target", "links/missing-anchor"):
        start = time.process_time()
        assert len(list(RULES[name].findings(reading))) == 1500
        assert time.process_time() - start < LIMIT, name


MANY = [
    "".join(f"unknown-{number}: a #b\n" for number in range(10_000)),
    "metadata: {" + ", ".join(f"k{number}: 1.{number} " for number in range(10_000)) + "}\n",
    "metadata:\n" + "".join(f"  k{number}: [a, b]\n" for number in range(10_000)),
    "".join(f"k{number}: a: b\n" for number in range(10_000)),
    "allowed-tools: " + "a(b " * 10_000 + "\n",
]


@pytest.mark.parametrize("fields", MANY, ids=lambda text: text[:20])
def test_many_fields_are_checked_and_fixed_in_linear_time(fields: str) -> None:
    """Ten thousand keys, over lines and on one line, cut values, and lines that are no YAML."""
    text = f"---\nname: x\ndescription: y\n{fields}---\nText.\n"
    skill = read_fleet(MemoryTree({"skills/web/x/SKILL.md": text.encode()})).skills[0]
    reading = SkillContext(skill)
    for rule in RULES.values():
        if rule.scope == "skill":
            start = time.process_time()
            list(rule.findings(reading))
            assert time.process_time() - start < LIMIT, rule.name
    start = time.process_time()
    fix_skill(skill)
    assert time.process_time() - start < LIMIT


def test_a_large_marketplace_is_checked_in_linear_time() -> None:
    """Two thousand plugins, whose paths all lead nowhere."""
    entries = [{"name": f"p{n}", "source": f"./plugins/p{n}", "skills": [f"./skills/lost{n}"]} for n in range(2000)]
    shop = json.dumps({"name": "m", "owner": {"name": "x"}, "plugins": entries})
    files = {f"plugins/p{n}/.claude-plugin/plugin.json": json.dumps({"name": f"p{n}"}) for n in range(2000)}
    files |= {".claude-plugin/marketplace.json": shop} | {f"plugins/p{n}/skills/s/SKILL.md": "x" for n in range(2000)}
    fleet = read_fleet(MemoryTree({path: text.encode() for path, text in files.items()}), "")
    for name in (name for name in RULES if name.startswith("manifest/")):
        start = time.process_time()
        list(RULES[name].findings(FleetContext(fleet, Configuration())))
        assert time.process_time() - start < LIMIT, name
