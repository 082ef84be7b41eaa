"""Reads an issue that was made with the form `skill.yml`: a task, a place for the skill, the sources, the main one.

Reads the event from $GITHUB_EVENT_PATH and writes files into the folder that is its argument: the issue as it was when
the label was set, so that later edits change nothing. Nothing of it goes through a shell or an expression. A source path
names a file or folder of this repository; addresses are not fetched. Where there is nothing to draft from, the folder
gets a `refused.txt` for the comment on the issue.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path, PurePosixPath

NONE = "_No response_"  # what GitHub writes for a field that was left empty
PLACE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*")  # CATEGORY, or CATEGORY/NAME
HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(\S.*)", re.MULTILINE)
KNOWN = ("Task", "Example prompts", "Category", "Name", "Source text", "Source paths", "Main document")


def fields(body: str) -> dict[str, str]:
    """Return the answers by their headings. A heading inside an answer is part of it, not the next field."""
    pattern = "|".join(map(re.escape, KNOWN))
    parts = re.split(rf"^### ({pattern})\n", body.replace("\r\n", "\n"), flags=re.MULTILINE)
    found: dict[str, str] = {}
    for heading, answer in zip(parts[1::2], parts[2::2], strict=True):
        if heading in found:  # the same words again, inside pasted text
            last = next(reversed(found))
            found[last] += f"\n\n### {heading}\n{answer}".rstrip()
        else:
            found[heading] = "" if answer.strip() == NONE else answer.strip()
    return found


def inside(path: str, top: Path) -> str | None:
    """Return `path` if it names a file or folder of this repository, without a way out; None if not."""
    pure = PurePosixPath(path.strip().strip("`"))
    if pure.is_absolute() or ".." in pure.parts or ".git" in pure.parts or not pure.parts:
        return None
    real = (top / pure).resolve()
    return str(pure) if real.exists() and real.is_relative_to(top.resolve()) else None


def slug(*texts: str) -> str:
    """Return the first of the texts that has letters, as a file name of at most 48 of them."""
    for text in texts:
        if words := re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-"):
            return words[:48].rpartition("-")[0] if len(words) > 48 and "-" in words[:48] else words[:48]
    return "text"


def main(event: dict[str, object], folder: Path, top: Path) -> int:
    """Write the request, or why there is none, into `folder`; the exit status is 0."""
    issue = event["issue"] if isinstance(event["issue"], dict) else {}
    answers = fields(issue.get("body") or "")
    (folder / "text").mkdir(parents=True)

    def put(name: str, text: str) -> None:
        (folder / name).write_text(text, encoding="utf-8")

    task, prompts = answers.get("Task", ""), answers.get("Example prompts", "")
    put("task.txt", (task + (f"\n\nExample prompts:\n\n{prompts}" if prompts else "")).strip() + "\n")
    place = "/".join(filter(None, (answers.get(key, "").strip("/ `") for key in ("Category", "Name"))))
    put("path.txt", place if PLACE.fullmatch(place) else "")
    chosen = answers.get("Main document", "").strip().strip("`")
    if text := answers.get("Source text", ""):
        title, heading = str(issue.get("title", "")).removeprefix("Skill:"), HEADING.search(text)
        name = f"{slug(title, heading[1] if heading else '', task)}.md"
        put(f"text/{name}", text + "\n")
        chosen = name if chosen.lower() == "source text" else chosen
    put("main.txt", chosen if chosen.isprintable() else "")
    lines = [line.strip(" -*") for line in answers.get("Source paths", "").splitlines()]
    sources = [inside(line, top) for line in lines if line]
    put("sources.txt", "".join(f"{path}\n" for path in sources))
    if None in sources:
        refusal = "error: One of the source paths is not a file or folder of this repository."
    elif not task or not (text or sources):
        refusal = "error: A draft needs a task, and a source: pasted text, or a path in this repository."
    else:
        return 0
    put("refused.txt", f"{refusal}\ntip: Edit the issue, then set the label again.\n")
    print(refusal)
    return 0


if __name__ == "__main__":
    payload = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    sys.exit(main(payload, Path(sys.argv[1]), Path.cwd()))
