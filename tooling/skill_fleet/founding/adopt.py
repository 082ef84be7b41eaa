"""Adopting a repository that has skills already: the files that it gets, and patches for those that it has.

Nothing is moved or overwritten. What exists and is not as it should be becomes a patch that a person applies.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from skill_fleet.catalog import CATALOGUE_FILE, CODEOWNERS_FILE, MARKETPLACE_FILE, render_catalogue
from skill_fleet.errors import UserError
from skill_fleet.fleet import BASELINE_FILE, CONFIGURATION_FILE, SETTINGS_FILE, Fleet
from skill_fleet.founding.files import Options
from skill_fleet.founding.found import content_of
from skill_fleet.founding.tool import EXAMPLE, action_of, repository_of
from skill_fleet.git import patch_of

WORKFLOW_FILE = ".github/workflows/skills.yml"
HOOKS_FILE = ".pre-commit-config.yaml"

_SETTINGS = """# Settings of Skill Fleet. `skill-fleet explain` lists the rules; a pull request is checked with those of its base.
# ignore = ["content"]                                # rules or families that are not checked
# exempt = { "skills/demo" = ["layout/symlink"] }     # rules that do not apply to a skill, by its path
"""
_WORKFLOW = """# Checks the skills that a pull request changes. Only what it introduces can fail. To require it on main, name `skills`.
name: skills
on: [pull_request, merge_group]
permissions: {}
concurrency:
  group: skills-${{ github.ref }}
  cancel-in-progress: true
jobs:
  skills:
    name: skills
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read # to read the change and its base
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          fetch-depth: 0 # a check against the base needs the history between
          persist-credentials: false
"""
_ACTION = """      - uses: @ACTION@ # a whole commit: it is the tool, too
"""
_STEPS = """      - uses: actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0
        with:
          python-version: "3.12"
      - name: Check
        env:
          TOOL: "@TOOL@"
          BASE: ${{ github.event.merge_group.base_sha || 'HEAD^1' }} # of a pull request, the test merge is checked out
          PYTHONSAFEPATH: "1" # the current folder is the change's: nothing in it may be imported
        run: |
          python -m pip install --quiet "$TOOL"
          skill-fleet validate --base "$BASE" --format markdown >>"$GITHUB_STEP_SUMMARY" || true
          skill-fleet validate --base "$BASE" --format github
"""
_HOOK = """  - repo: @REPOSITORY@
    rev: @COMMIT@
    hooks:
      - id: skill-fleet-validate
        args: [--base, HEAD, --staged]
        always_run: true
"""
_LOCAL_HOOK = """  - repo: local
    hooks:
      - id: skill-fleet
        name: skill-fleet validate
        entry: skill-fleet validate --base HEAD --staged
        language: python
        additional_dependencies: ["@TOOL@"]
        pass_filenames: false
"""
_COMMAND = "skill-fleet validate --base HEAD --staged"


@dataclass(frozen=True)
class Adoption:
    """The files to write, and patches for files that exist, both by path; and what is left to a person."""

    files: dict[str, str]
    patches: dict[str, str]
    notes: tuple[str, ...]


def adoption_of(root: Path, fleet: Fleet, options: Options, catalogue: bool, baseline: str | None) -> Adoption:
    """What the repository at `root` gets: a fleet only a baseline, UserError when it has that or none is asked for."""
    if fleet.is_ours and baseline is not None:
        return Adoption({BASELINE_FILE: baseline}, {}, ())
    if fleet.is_ours:
        raise UserError("This is a fleet already.", "Check that it is up to date: skill-fleet init --check .")
    tool = options.tool or EXAMPLE
    action = action_of(tool)
    steps = _ACTION.replace("@ACTION@", action) if action else _STEPS.replace("@TOOL@", tool)
    wanted = {WORKFLOW_FILE: _WORKFLOW + steps}
    if catalogue:
        wanted[CATALOGUE_FILE] = render_catalogue(fleet).text
    if baseline is not None:
        wanted[BASELINE_FILE] = baseline
    notes = []
    there = {path: text for path in _TOUCHED if (text := content_of(root / path)) is not None}
    if SETTINGS_FILE in there:
        pass
    elif CONFIGURATION_FILE not in there:
        wanted[SETTINGS_FILE] = _SETTINGS
    elif "[tool.skill-fleet" not in there[CONFIGURATION_FILE]:
        wanted[CONFIGURATION_FILE] = _joined(there[CONFIGURATION_FILE], f"\n[tool.skill-fleet]\n{_SETTINGS}")
    hooks = next((path for path in _HOOKS if path in there), HOOKS_FILE)
    if not re.search(r"skill-fleet[ -]validate", there.get(hooks, "")):
        hook = _hooked(hooks, there.get(hooks), tool)
        if hook is None:
            notes.append(f"{hooks} has its own form: add `{_COMMAND}` to it.")
        else:
            wanted[hooks] = hook
    if "skill-fleet" not in there.get(WORKFLOW_FILE, "skill-fleet"):
        wanted[".github/workflows/skill-fleet.yml"] = wanted.pop(WORKFLOW_FILE)
    if owners := next((path for path in _OWNERS if path in there), None):
        wanted[owners] = _owned(there[owners], [path for path in wanted if path in _OWNED], options.owners)
    if MARKETPLACE_FILE in there:
        wanted[MARKETPLACE_FILE], more = _listed(there[MARKETPLACE_FILE], fleet)
        notes += more
    now = {path: content_of(root / path) for path in wanted}
    new = {
        path: text for path, text in wanted.items() if now[path] is None or (path in _GENERATED and now[path] != text)
    }
    patches = {
        path: patch_of(path, (now[path] or "").encode(), text.encode()).decode()
        for path, text in sorted(wanted.items())
        if path not in new and now[path] != text
    }
    return Adoption(new, patches, tuple(notes))


_GENERATED = (CATALOGUE_FILE,)
_HOOKS = (HOOKS_FILE, ".husky/pre-commit", ".githooks/pre-commit", "lefthook.yml", ".lefthook.yml")
_OWNERS = (CODEOWNERS_FILE, "CODEOWNERS", "docs/CODEOWNERS")
_OWNED = (WORKFLOW_FILE, CONFIGURATION_FILE, SETTINGS_FILE, BASELINE_FILE)
_TOUCHED = (CONFIGURATION_FILE, SETTINGS_FILE, WORKFLOW_FILE, *_HOOKS, *_OWNERS, MARKETPLACE_FILE)


def _joined(before: str, after: str) -> str:
    return before + ("" if before.endswith("\n") or not before else "\n") + after


def _hooked(path: str, now: str | None, tool: str) -> str | None:
    """The file of hooks with ours at its end; None when it cannot be added there."""
    repository, commit = repository_of(tool)  # which Dependabot and pre-commit update, and no local hook
    hook = _HOOK.replace("@REPOSITORY@", repository).replace("@COMMIT@", commit)
    if not repository:
        hook = _LOCAL_HOOK.replace("@TOOL@", tool)
    if now is None:
        return f"repos:\n{hook}"
    if path.endswith("/pre-commit"):
        at_end = re.match(r"#!.*\b(?:ba|da|k|z)?sh\b|(?!#!)", now) and not re.search(
            r"^(?:exit|exec)\b", now, re.MULTILINE
        )
        return _joined(now, f"{_COMMAND}\n") if at_end else None
    keys = re.findall(r"^([\w-]+):", now, re.MULTILINE)
    if path != HOOKS_FILE:
        added = f"pre-commit:\n  commands:\n    skill-fleet:\n      run: {_COMMAND}\n"
        return None if "pre-commit" in keys else _joined(now, added)
    if not keys or keys[-1] != "repos" or "repos:\n" not in now or now.rstrip().endswith("\n..."):
        return None
    first = re.search(r"^( *)- ", now[now.rindex("repos:\n") :], re.MULTILINE)
    indent = first[1] if first else "  "
    return _joined(now, "".join(f"{indent}{line[2:]}" for line in hook.splitlines(keepends=True)))


def _owned(now: str, paths: Iterable[str], owners: Sequence[str]) -> str:
    """The code owners with those of our files: the given ones, or else those of everything."""
    everything = re.search(r"^\*[ \t]+(\S.*?)[ \t]*$", now, re.MULTILINE)
    who = " ".join(owners) or (everything[1] if everything else "")
    missing = [f"/{path} {who}\n" for path in sorted(paths) if who and f"/{path} " not in now]
    return _joined(now, "".join(missing)) if missing else now


def _listed(now: str, fleet: Fleet) -> tuple[str, list[str]]:
    """A marketplace in which each list of skills is complete, and notes about what cannot be added."""
    try:
        document = json.loads(now)
        plugins = document["plugins"]
        lists = [
            (each, posixpath.normpath(each["source"]))
            for each in plugins
            if isinstance(each.get("skills"), list) and isinstance(each["source"], str)
        ]
        missing = [(each, _unlisted(each["skills"], source, fleet)) for each, source in lists]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return now, [f"{MARKETPLACE_FILE} has another form than that of a marketplace: it stays as it is."]
    before = _written_like(now, document)
    for each, paths in missing:
        each["skills"] += paths
    if before != now:
        return now, [f"{MARKETPLACE_FILE} does not list {path}." for _, paths in missing for path in paths]
    return _written_like(now, document), []


def _unlisted(listed: Sequence[str], source: str, fleet: Fleet) -> list[str]:
    """The skills beside those that a plugin lists, as it would list them."""
    known = {posixpath.normpath(posixpath.join(source, each)) for each in listed}
    beside = {posixpath.dirname(each) for each in known}
    found = [
        skill.path for skill in fleet.skills if skill.path not in known and posixpath.dirname(skill.path) in beside
    ]
    return [f"./{posixpath.relpath(path, source)}" for path in sorted(found)]


def _written_like(text: str, document: object) -> str:
    """The document as JSON, with the indentation of `text`."""
    first = re.search(r"\n([ \t]+)\"", text)
    indent = first[1] if first else "  "
    written = json.dumps(document, indent=indent, ensure_ascii=False)
    return written + ("\n" if text.endswith("\n") else "")
