"""How a model that behaves answers each step, from nothing but what it was asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

OUTPUTS = {
    "understand": "understanding",
    "plan": "plan",
    "write": "markdown",
    "describe": "description",
    "critique": "problems",
    "triage": "verdicts",
    "edit": "edits",
}
_ROW = re.compile(r"^S(\d+):(\d+)\| ?(.*)$")
_HEADING = re.compile(r"^#{1,6}\s+(.*)$")
_FENCE = re.compile(r"^\s*(```|~~~)")


def rows_of(text: str) -> list[tuple[int, int, str]]:
    """The numbered lines of a field."""
    found = (_ROW.match(line) for line in text.split("\n"))
    return [(int(row[1]), int(row[2]), row[3]) for row in found if row]


def understand(fields: dict[str, str]) -> dict[str, Any]:
    """A claim for each section of each source."""
    rows = rows_of(fields["sources"])
    claims: list[dict[str, Any]] = []
    fenced = False
    for source, number, line in rows:
        if _FENCE.match(line):
            fenced = not fenced
        starts = _HEADING.match(line) is not None and not fenced
        if source == 0 and any(row[0] for row in rows):
            continue
        long = bool(claims) and number - claims[-1]["first"] >= 100 and not fenced
        if starts or long or not claims or claims[-1]["source"] != source or number != claims[-1]["last"] + 1:
            text = (_HEADING.sub(r"\1", line) if starts else line).strip() or "what the source says"
            claims.append({"text": text[:80], "source": source, "first": number, "last": number})
        claims[-1]["last"] = number
    given = fields["given_path"]
    category = re.match(r"([\w-]+):", fields["categories"])
    return {
        "path": given if given != "(none)" else f"{category[1] if category else 'python'}/scripted-skill",
        "audience": "People who build things.",
        "capabilities": [f"Work with {one['text'][:50]}" for one in claims[:3]],
        "triggers": ["building things"],
        "non_goals": [],
        "assumptions": [],
        "questions": [],
        "claims": claims,
        "covered_by": "",
        "other_tasks": [],
    }


def plan(fields: dict[str, str]) -> dict[str, Any]:
    """Three sections in SKILL.md, the rest in references."""
    claims = re.findall(r"^C(\d+) \(", fields["claims"], re.MULTILINE)
    capabilities = [int(number) for number in re.findall(r"^K(\d+): ", fields["brief"], re.MULTILINE)]
    sections = [
        {
            "heading": f"Part {number}",
            "says": "What the lines say.",
            "claims": [int(number)],
            "covers": [],
            "tokens": 100,
        }
        for number in claims
    ]
    sections[0]["covers"] = capabilities
    files = [{"path": "SKILL.md", "purpose": "the core", "read_when": "", "sections": sections[:3]}]
    sizes = [
        int(last or first) - int(first) for first, last in re.findall(r"\(S\d+:(\d+)(?:-(\d+))?,", fields["claims"])
    ]
    at = 3
    while at < len(sections):
        end = at + 1
        while end < min(len(sections), at + 12) and sum(sizes[at : end + 1]) < 400:
            end += 1
        files.append(
            {
                "path": f"references/more-{at}.md",
                "purpose": "details",
                "read_when": f"need part {at + 1}",
                "sections": sections[at:end],
            }
        )
        at = end
    return {"title": "Scripted skill", "files": files}


def write(fields: dict[str, str]) -> str:
    """The passages themselves, as a section."""
    rows = rows_of(fields["passages"])
    lines: list[str] = []
    fence = ""
    for _, _, line in rows:
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1] == fence and line.strip() == fence:
            fence = ""
        elif not fence:
            line = re.sub(r"\{\{(\w+)\}\}", r"\1", _HEADING.sub(r"### \1", line))
            line = re.sub(r"!?\[([^\[\]]*)\](\([^()]*\)|\[[^\[\]]*\])", r"\1", line)
            line = "" if re.fullmatch(r"\s{0,3}(=+|-+)\s*", line) else line.replace("](", "] (")
        else:
            line = re.sub(r"\{\{(\w+)\}\}", r"\1", line)
        lines.append(line)
    if fence:
        lines.append(fence)
    source, first, _ = rows[0]
    return "\n".join(
        [*lines, f"[S{source}:{first}-{rows[-1][1]}]" if rows[-1][0] == source else f"[S{source}:{first}]"]
    )


def describe(_: dict[str, str]) -> str:
    """A description as it should be."""
    return "Builds scripted things from their parts. Use when a scripted thing has to be built, mended or taken apart."


def triage(fields: dict[str, str]) -> list[dict[str, Any]]:
    """`replace A with B` is a change; a question mark asks; everything else is a remark."""
    found = []
    for block in re.split(r"\n(?=Thread )", fields["threads"]):
        thread = re.match(r"Thread (\S+)", block)
        place = re.search(r"at (\S+?\.md)", block)
        wanted = re.search(r"replace `(.+?)` with `(.*?)`", block, re.IGNORECASE)
        section = re.search(r"in the section (.+?):?\n", block)
        assert thread
        change = wanted is not None
        found.append(
            {
                "thread": thread[1].rstrip(":,"),
                "verdict": "change" if change else "answer",
                "files": [place[1] if place else "SKILL.md"] if change else [],
                "sections": [section[1].strip("'\"")] if change and section else [],
                "reply": f"Replaced it by `{wanted[2]}`." if wanted else "It says so in the file.",
            }
        )
    return found


def edit(fields: dict[str, str]) -> list[dict[str, Any]]:
    """Each `replace A with B` as one edit of the line that has it."""
    text = "\n".join(re.sub(r"^\d+\| ?", "", line) for line in fields["text"].split("\n"))
    found = []
    for block in re.split(r"\n(?=Request )", fields["requests"]):
        wanted = re.search(r"replace `(.+?)` with `(.*?)`", block, re.IGNORECASE)
        name = re.match(r"Request (\S+)", block)
        if wanted and name and wanted[1] in text:
            line = next(line for line in text.split("\n") if wanted[1] in line)
            found.append({"thread": name[1].rstrip(":,"), "old": line, "new": line.replace(wanted[1], wanted[2])})
    return found


ANSWERS: dict[str, Callable[[dict[str, str]], Any]] = {
    "understand": understand,
    "plan": plan,
    "write": write,
    "describe": describe,
    "critique": lambda _: [],
    "triage": triage,
    "edit": edit,
}
