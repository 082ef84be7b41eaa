"""The main job, typed as a person would type it: a document becomes a promoted skill.

`make demo`, or `python tooling/demo.py [DOCUMENT]`, runs this in a temporary folder, with a bare repository as origin and a clone of this one, and prints each
command before it runs. It uses nothing of the package but the command `skill-fleet`. In the environment, CATEGORY
(or CATEGORY/NAME) is the place of the skill, MAIN the main one of several documents, DESCRIPTION what the reviewer
suggests; KEEP=1 keeps the folder.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ADA, GRACE, MARY = "Ada", "Grace", "Mary"
PLACEHOLDER = "{{DESCRIPTION}} "
OWN = "Rotate logs before they fill the disk. Use when a host runs out of space, or before a service goes live."


class Desk:
    """A clone, and the people who sit at it in turn."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # nothing of the machine's own Git set-up takes part
        keep = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        path = f"{Path(sys.executable).parent}{os.pathsep}{keep.get('PATH', '')}"
        alone = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        self.environment = {**keep, **alone, "PATH": path, "PAGER": "cat"}
        self.name_person(ADA)

    def name_person(self, name: str) -> None:
        """Let Git know who types."""
        for role in ("AUTHOR", "COMMITTER"):
            self.environment |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": f"{name.lower()}@example.org"}

    def sit(self, name: str) -> None:
        """Let another person type."""
        self.name_person(name)
        print(f"\n# {name} types:")

    def type(self, *words: str, expected: int = 0) -> None:
        """Print a command, run it, and stop the demo when it does not end as expected."""
        print(f"\n$ {shlex.join(words)}", flush=True)
        status = subprocess.run(self._found(words), cwd=self.folder, env=self.environment, check=False).returncode
        if status != expected:
            sys.exit(f"The demo stops: exit status {status} where {expected} was expected.")

    def _found(self, words: tuple[str, ...]) -> list[str]:
        """The words with the program's path: Windows would look for it on the path of this process."""
        return [shutil.which(words[0], path=self.environment["PATH"]) or words[0], *words[1:]]

    def read(self, *words: str, expected: int = 0) -> str:
        """Run a command quietly and return what it prints."""
        done = subprocess.run(
            self._found(words), cwd=self.folder, env=self.environment, check=False, capture_output=True
        )
        if done.returncode != expected:
            sys.exit(f"The demo stops: {shlex.join(words)}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode()


def demo(document: Path) -> None:
    """Run the whole job for one document; ends the process with status 1 when anything goes wrong."""
    folder = Path(tempfile.mkdtemp(prefix="skill-fleet-demo-"))
    try:
        _play(_clone(folder), document)
    finally:
        if os.environ.get("KEEP"):
            print(f"\n# kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _play(desk: Desk, document: Path) -> None:
    desk.sit(ADA)
    words = ["skill-fleet", "create", "--from", str(document), "--path", os.environ.get("CATEGORY") or "devops"]
    words += ["--main", os.environ["MAIN"]] if os.environ.get("MAIN") else []
    words += _values(desk, document)
    desk.type(*words, "--dry-run")
    desk.type(*words)
    row = json.loads(desk.read("skill-fleet", "review", "list", "--format", "json"))[0]
    branch, number = row["head"], str(row["number"])
    _refuse_red(desk, branch)
    desk.sit(GRACE)
    desk.type("skill-fleet", "review", "show", number)
    _review(desk, branch, number, document)
    _break_and_revert(desk, branch)
    desk.sit(MARY)  # who asked for a change and then approves it is one pair of eyes
    desk.type("skill-fleet", "review", "approve", number, "Reads well.")
    desk.type("skill-fleet", "promote", number)
    desk.type("git", "pull", "--quiet")
    desk.type("skill-fleet", "generate-xml")
    desk.type("git", "--no-pager", "diff", "--", "skills/available_skills.xml")


def _values(desk: Desk, document: Path) -> list[str]:
    """The options that fill the document's placeholders, each with its own name in small letters."""
    try:
        text = document.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []  # `create` says what is wrong with it, or takes a folder as it is
    keys = dict.fromkeys(re.findall(r"\{\{([A-Z][A-Z0-9_]*)\}\}", text))
    if keys:
        print("\n# the document has placeholders; here they are filled with their own names")
    return [word for key in keys for word in ("--set", f"{key}={key.lower().replace('_', ' ')}")]


def _refuse_red(desk: Desk, branch: str) -> None:
    """Stop if the draft has other errors than the placeholder of its description: only its author can fix those."""
    words = ("skill-fleet", "validate", "--base", "main", "--head", branch)
    found = json.loads(desk.read(*words, "--format", "json", expected=1))["findings"]
    errors = [one for one in found if one["severity"] == "error"]
    if [one["rule"] for one in errors] != ["content/placeholder"]:
        desk.type(*words, expected=1)
        sys.exit(
            "The demo stops: the draft has the errors above, which its author would fix before anybody reviews it."
        )


def _clone(folder: Path) -> Desk:
    """A bare origin with this repository's commit as its main, and a clone of it."""
    here = Path(__file__).resolve().parent.parent
    desk = Desk(here)
    origin, clone = folder / "origin.git", folder / "clone"
    desk.read("git", "clone", "--quiet", "--bare", "--no-hardlinks", str(here), str(origin))
    desk.folder = origin
    head = desk.read("git", "rev-parse", "HEAD").strip()
    if (
        origin / "shallow"
    ).exists():  # a clone with its history cut off, as in a workflow: this commit begins a new one
        head = desk.read("git", "commit-tree", "-m", "The fleet as it is", "HEAD^{tree}").strip()
        (origin / "shallow").unlink()
    for ref in desk.read("git", "for-each-ref", "--format=%(refname)").split():
        desk.read("git", "update-ref", "--no-deref", "-d", ref)
    desk.read("git", "update-ref", "refs/heads/main", head)
    desk.read("git", "symbolic-ref", "HEAD", "refs/heads/main")
    desk.folder = folder
    desk.read("git", "clone", "--quiet", str(origin), str(clone))
    desk.folder = clone
    return desk


def _break_and_revert(desk: Desk, branch: str) -> None:
    """The author breaks the name in the front matter, sees the check point at it, and reverts the commit."""
    desk.sit(ADA)
    desk.type("git", "switch", "--quiet", branch)
    file = desk.folder / _skill_file(desk, branch)
    print("\n# a slip: the name gets a capital letter")
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"^name: \"?", lambda found: f"{found[0]}X-", text, count=1, flags=re.MULTILINE), "utf-8")
    desk.type("git", "commit", "--quiet", "--all", "--message", "Polish the name")
    desk.type("git", "push", "--quiet")
    desk.type("skill-fleet", "validate", "--base", "main", "--head", branch, expected=1)
    desk.type("git", "revert", "--no-edit", "HEAD")
    desk.type("git", "push", "--quiet")
    desk.type("skill-fleet", "validate", "--base", "main", "--head", branch)
    desk.type("git", "switch", "--quiet", "main")


def _review(desk: Desk, branch: str, number: str, document: Path) -> None:
    """The reviewer suggests a description and another place, and the bot does both."""
    path = _skill_file(desk, branch)
    lines = desk.read("git", "show", f"{branch}:{path}").split("\n")
    line = next(n for n, text in enumerate(lines, 1) if text.startswith("description:"))
    own = OWN if document == Path(__file__).with_name("demo.md") else ""
    better = os.environ.get("DESCRIPTION") or own
    wanted = f'description: "{better}"' if better else lines[line - 1].replace(PLACEHOLDER, "")
    desk.type("skill-fleet", "review", "comment", number, "--path", path, "--line", str(line), "--suggest", wanted)
    category = "devops" if path.split("/")[1] != "devops" else "practices"
    desk.type("skill-fleet", "review", "comment", number, f"/move {category}")
    desk.type("skill-fleet", "review", "step", number)
    desk.type("skill-fleet", "review", "show", number)


def _skill_file(desk: Desk, branch: str) -> str:
    """The path of the SKILL.md that the branch adds."""
    changed = desk.read("git", "diff", "--name-only", f"main...{branch}").splitlines()
    return next(path for path in changed if path.endswith("/SKILL.md"))


if __name__ == "__main__":
    demo(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("demo.md")).resolve())
