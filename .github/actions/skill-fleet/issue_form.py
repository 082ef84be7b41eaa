"""What an issue made with the form asks for, as files: a task, a place for the skill, the sources, the main one.

Reads the event from $GITHUB_EVENT_PATH and writes into the folder that is its argument: what was there when the label
was set, so an edit made since changes nothing. Nothing of it goes through a shell or an expression. A source that is a
path names a file or folder of this repository; addresses are not fetched.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path, PurePosixPath

NONE = "_No response_"  # what GitHub writes for a field that was left empty
PLACE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*")  # CATEGORY, or CATEGORY/NAME


def fields(body: str) -> dict[str, str]:
    """The answers of an issue form by their headings. A heading inside an answer is part of it, not the next field."""
    known = ("Task", "Example prompts", "Category and name", "Source text", "Source paths", "Main document")
    pattern = "|".join(map(re.escape, known))
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
    """`path` as it is written in this repository, or None when it is no file or folder of it (or a way out)."""
    pure = PurePosixPath(path.strip().strip("`"))
    if pure.is_absolute() or ".." in pure.parts or ".git" in pure.parts or not pure.parts:
        return None
    real = (top / pure).resolve()
    return str(pure) if real.exists() and real.is_relative_to(top.resolve()) else None


def main(event: dict[str, object], folder: Path, top: Path) -> int:
    """Write the request into `folder`; 1 with a message for people when there is nothing to draft from."""
    issue = event["issue"]
    body = (issue.get("body") if isinstance(issue, dict) else None) or ""
    answers = fields(body)
    folder.mkdir(parents=True, exist_ok=True)
    prompts = answers.get("Example prompts", "")
    task = answers.get("Task", "") + (f"\n\nExample prompts:\n\n{prompts}" if prompts else "")
    (folder / "task.txt").write_text(task.strip() + "\n", encoding="utf-8")
    place = answers.get("Category and name", "").strip("/ `")
    (folder / "path.txt").write_text(place if PLACE.fullmatch(place) else "", encoding="utf-8")
    chosen = answers.get("Main document", "").strip().strip("`")
    (folder / "main.txt").write_text(chosen if chosen.isprintable() else "", encoding="utf-8")
    sources = []
    for line in answers.get("Source paths", "").splitlines():
        if line.strip(" -*"):
            path = inside(line.strip(" -*"), top)
            if path is None:
                print("One of the source paths is no file or folder of this repository.")
                return 1
            sources.append(path)
    if text := answers.get("Source text", ""):
        (folder / "issue.md").write_text(text + "\n", encoding="utf-8")
    (folder / "sources.txt").write_text("".join(f"{path}\n" for path in sources), encoding="utf-8")
    if not answers.get("Task") or not (text or sources):
        print("A draft needs a task, and a source: pasted text, or a path in this repository.")
        return 1
    return 0


if __name__ == "__main__":
    payload = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    sys.exit(main(payload, Path(sys.argv[1]), Path.cwd()))
