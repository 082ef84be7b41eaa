"""How a model that behaves answers each step, from nothing but what it was asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

OUTPUTS: dict[str, tuple[str, ...]] = {
    "cover": ("covered_by",),
    "draft": ("plan", "files"),
    "critique": ("problems",),
    "edit": ("edits", "left"),
    "triage": ("verdicts",),
    "revise": ("changes",),
    "reflect": ("better",),
}
_SOURCE = re.compile(r"^S(\d+) = (.*)$")
_ROW = re.compile(r"^(\d+)\| ?(.*)$")
_HEADING = re.compile(r"^#{1,6}\s+(.*)$")
_FENCE = re.compile(r"^\s*(```|~~~)")


def rows_of(text: str) -> list[tuple[int, int, str]]:
    """The numbered lines of the sources: source, line, text."""
    found, source = [], 0
    for line in text.split("\n"):
        if head := _SOURCE.match(line):
            source = int(head[1])
        elif row := _ROW.match(line):
            found.append((source, int(row[1]), row[2]))
    return found


def sections_of(rows: list[tuple[int, int, str]]) -> list[list[tuple[int, int, str]]]:
    """The rows, cut at headings, at the ends of sources, and where lines are missing."""
    found: list[list[tuple[int, int, str]]] = []
    fenced = False
    for row in rows:
        starts = _HEADING.match(row[2]) is not None and not fenced
        last = found[-1][-1] if found else (0, 0, "")
        if starts or row[:2] != (last[0], last[1] + 1):
            found.append([])
        fenced ^= _FENCE.match(row[2]) is not None
        found[-1].append(row)
    return found


def draft(fields: dict[str, str]) -> tuple[dict[str, Any], str]:
    """A section for each of the sources' in SKILL.md, from the fourth on in references; from a task alone, its words."""
    sections = sections_of(rows_of(fields.get("sources", "")))
    plan = plan_of(fields, sections)
    if not sections:
        return plan, f"=== FILE SKILL.md\n## Do it\n\n{fields['task']}\n"
    own = [*enumerate(sections, 1)]
    parts = [own[:3], *(own[at : at + 12] for at in range(3, len(own), 12))]
    if "these are part" in fields["agreed"]:
        parts = [own]
    texts = [
        f"=== FILE {file['path']}\n" + "\n\n".join(section(number, rows) for number, rows in part)
        for file, part in zip(plan["files"], parts, strict=True)
    ]
    return plan, "\n\n".join(texts)


def plan_of(fields: dict[str, str], sections: list[list[tuple[int, int, str]]]) -> dict[str, Any]:
    """The plan for them."""
    given = fields["given_path"]
    category = re.match(r"([\w-]+):", fields["categories"])
    titles = [_HEADING.sub(r"\1", rows[0][2])[:50] for rows in sections]
    more = [{"path": f"references/more-{at}.md", "title": f"More {at}", "read_when": f"need part {at + 1}"}
            for at in range(3, len(sections), 12)]  # fmt: skip
    files = [{"path": "SKILL.md", "title": "Scripted skill", "read_when": ""}, *more]
    found = {
        "path": given if "/" in given else f"{category[1] if category else 'python'}/scripted-skill",
        "description": "Builds scripted things from their parts. Use when a scripted thing has to be built or taken apart.",
        "audience": "People who build things.",
        "capabilities": [f"Work with {title}" for title in titles[:3]] or ["Do it"],
        "triggers": ["building things"],
        "non_goals": [],
        "assumptions": [],
        "questions": [],
        "covered_by": [],
        "other_tasks": [],
        "files": files,
    }
    return {**found, "left_out": [], "lacking": []} if "sources" in fields else found


def section(number: int, rows: list[tuple[int, int, str]]) -> str:
    """The lines themselves, as a section; code by reference."""
    lines = [f"## Part {number}", ""]
    fence, code = "", list[int]()
    for source, at, line in rows:
        mark = _FENCE.match(line)
        if mark and not fence:
            fence, code = line.strip(), []
        elif mark and fence and line.strip() == fence[:3]:
            lines += [fence, f"[[S{source}:{code[0]}-{code[-1]}]]", fence[:3]] if code else [fence, fence[:3]]
            fence = ""
        elif fence:
            code.append(at)
        else:
            line = re.sub(r"\{\{(\w+)\}\}", r"\1", _HEADING.sub(r"### \1", line))
            line = re.sub(r"!?\[([^\[\]]*)\](\([^()]*\)|\[[^\[\]]*\])", r"\1", line)
            lines.append("" if re.fullmatch(r"\s{0,3}(=+|-+)\s*", line) else line.replace("](", "] ("))
    if fence:
        lines += [fence, *([f"[[S{rows[0][0]}:{code[0]}-{code[-1]}]]"] if code else []), fence[:3]]
    return "\n".join([*lines, "", f"[S{rows[0][0]}:{rows[0][1]}-{rows[-1][1]}]"])


def triage(fields: dict[str, str]) -> list[dict[str, Any]]:
    """`replace A with B` is a change; a question mark asks; everything else is a remark."""
    found = []
    for block in re.split(r"\n(?=Thread )", fields["threads"]):
        thread = re.match(r"Thread (\S+)", block)
        place = re.search(r"at (\S+?\.md)", block)
        wanted = re.search(r"replace `(.+?)` with `(.*?)`", block, re.IGNORECASE)
        heading = re.search(r"in the section (.+?):?\n", block)
        assert thread
        change = wanted is not None
        found.append(
            {
                "thread": thread[1].rstrip(":,"),
                "verdict": "change" if change else "answer",
                "files": [place[1] if place else "SKILL.md"] if change else [],
                "sections": [heading[1].strip("'\"")] if change and heading else [],
                "reply": f"Replaced it by `{wanted[2]}`." if wanted else "It says so in the file.",
            }
        )
    return found


def revise(fields: dict[str, str]) -> list[dict[str, Any]]:
    """Each `replace A with B` as one edit of the line that has it."""
    found = []
    for block in re.split(r"\n(?=Request )", fields["requests"]):
        wanted = re.search(r"replace `(.+?)` with `(.*?)`", block, re.IGNORECASE)
        head = re.match(r"Request (\S+), files: ([^,]+)", block)
        if wanted and head:
            text = files_of(fields)[head[2]]
            line = next((line for line in text.split("\n") if wanted[1] in line), None)
            if line is not None:
                changed = line.replace(wanted[1], wanted[2])
                found.append({"id": head[1], "file": head[2], "old": line, "new": changed})
    return found


def files_of(fields: dict[str, str]) -> dict[str, str]:
    """The files of the skill as they are shown, without line numbers."""
    pieces = re.split(r"^=== FILE (\S+)\n", fields["files"], flags=re.MULTILINE)
    return {
        path: re.sub(r"^\d+\| ?", "", text.strip("\n"), flags=re.MULTILINE)
        for path, text in zip(pieces[1::2], pieces[2::2], strict=True)
    }


ANSWERS: dict[str, Callable[[dict[str, str]], Any]] = {
    "cover": lambda _: [],
    "draft": draft,
    "critique": lambda _: [],
    "edit": lambda _: ([], []),
    "triage": triage,
    "revise": revise,
    "reflect": lambda fields: fields["program"],
}
