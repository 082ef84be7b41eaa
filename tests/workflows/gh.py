"""A stand-in for GitHub's own program: LOG, ANSWERS, then what `gh` is told.

It refuses flags that `gh` does not have, keeps what it was told, and answers from a table; or with the token in GH_TOKEN it
asks a double of GitHub.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from itertools import pairwise
from pathlib import Path
from typing import Any

HERE = "repos/fleet/skills"
_REPO = "-R --repo"
_FLAGS = {  # what each command of gh takes: cli.github.com/manual
    "api": "--cache -F --field -H --header --hostname -i --include --input -q --jq -X --method --paginate -p --preview "
    "-f --raw-field --silent --slurp -t --template --verbose",
    "workflow run": f"-F --field --json -f --raw-field -r --ref {_REPO}",
    "run list": "-a --all -b --branch -c --commit --created -e --event -q --jq --json -L --limit -s --status -u --user "
    f"-w --workflow {_REPO}",
    "run download": f"-D --dir -n --name -p --pattern {_REPO}",
    "issue close": f"-c --comment -r --reason {_REPO}",
    "issue edit": f"--add-label -b --body -F --body-file -m --milestone --remove-label -t --title {_REPO}",
    "issue create": f"-a --assignee -b --body -F --body-file -l --label -m --milestone -t --title {_REPO}",
}


def main(log: str, answers: str, words: list[str]) -> None:
    """Do what `gh` is told."""
    known = next((flags.split() for name, flags in _FLAGS.items() if " ".join(words).startswith(name)), None)
    if known is None:
        sys.exit(f"unknown command {words} for gh")
    for before, word in zip(["", *words], words, strict=False):
        if word.startswith("-") and word.partition("=")[0] not in known and before not in known:
            sys.exit(f"unknown flag: {word}")
    with Path(log).open("a", encoding="utf-8") as file:
        file.write(json.dumps(words) + "\n")
    if words[:2] == ["run", "download"]:
        there = Path(log).with_name("store") / f"run-{words[2]}" / words[words.index("--name") + 1]
        if not there.is_dir():
            sys.exit("no artifact matches any of the names or patterns provided")
        shutil.copytree(there, words[words.index("--dir") + 1])
    table = json.loads(Path(answers).read_text(encoding="utf-8"))
    said = {"": Double(table["double"]).told(words)} if "double" in table else table
    for start, answer in said.items():
        if " ".join(words).startswith(start):
            text = json.dumps(answer)
            if "--jq" in words:
                command = ["jq", "-r", words[words.index("--jq") + 1]]
                text = subprocess.run(command, input=text, text=True, capture_output=True, check=True).stdout
            sys.stdout.write(text)


class Double:
    """The API of a double at an address."""

    def __init__(self, address: str) -> None:
        self.address = address

    def told(self, words: list[str]) -> Any:
        """Ask what `gh` would ask, and return the answer."""
        given: dict[str, list[str]] = {}
        for flag, value in pairwise(words):
            given.setdefault(flag, []).append(value)
        fields: dict[str, Any] = {}
        for pair in [*given.get("--field", []), *given.get("--raw-field", [])]:
            name, _, value = pair.partition("=")
            outer, _, inner = name.rstrip("]").partition("[")
            (fields.setdefault(outer, {}) if inner else fields)[inner or outer] = value
        verb = given.get("--method", ["GET"])[0]
        if words[0] == "api":
            path = next(word for word in words if word.startswith("repos/"))
            return self._ask(verb, re.sub("^repos/[^/]+/[^/]+", HERE, path), fields or None)
        if words[0] == "workflow":
            place = f"{HERE}/actions/workflows/{words[2]}"
            self._ask("GET", place)
            return self._ask("POST", f"{place}/dispatches", {"ref": "main", "inputs": fields})
        if words[:2] == ["run", "list"]:
            place = f"{HERE}/actions/workflows/{given['--workflow'][0]}/runs"
            return self._ask("GET", place)["workflow_runs"]
        file = given.get("--body-file", [""])[0]
        text = {"body": Path(file).read_text(encoding="utf-8")} if file else {}
        if words[1] == "create":
            return self._ask("POST", f"{HERE}/issues", {"title": given["--title"][0], **text})
        place = f"{HERE}/issues/{words[2]}"
        if words[1] == "edit":
            return self._ask("PATCH", place, text)
        self._ask("POST", f"{place}/comments", {"body": given["--comment"][0]})
        return self._ask("PATCH", place, {"state": "closed"})

    def _ask(self, verb: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        head = {"Authorization": f"Bearer {os.environ['GH_TOKEN']}"}
        request = urllib.request.Request(f"{self.address}/{path}", data, head, method=verb)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.loads(answer.read() or "null")
        except urllib.error.HTTPError as problem:
            sys.exit(f"gh: {problem.read().decode()} (HTTP {problem.code})")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
