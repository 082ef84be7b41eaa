"""Install a fleet with the real `npx skills` and compare what arrives with what was committed: `make test-install`.

From its folder, and from its site: the whole fleet, and one skill with what it requires, at the top of a server and below
a path, with the requests counted. Not part of `make test`: it needs node 20 and, for the first run, npm. Without a fleet
as argument it makes one with skills two, three and four folders deep, files in folders, a script, and a retired skill.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from skill_fleet.catalog import MARKETPLACE_FILE, LeftOut, pack, render_catalogue, render_marketplace
from skill_fleet.fleet import WorkTree, read_fleet, skills_at
from skill_fleet.git import Repository
from skill_fleet.site import build_site

INSTALLER = "skills@1.5.18"
TEXT = "---\nname: {name}\ndescription: Does {name}. Use it when {name} is wanted.\n{more}---\n\n# {name}\n\nSee [more](references/more.md).\n"
SKILLS = ("python/two", "python/tools/three", "web/tools/deep/four")


def make_fleet(folder: Path) -> None:
    """A small fleet, committed, with its marketplace file."""
    rows = "".join(f"  {name}:\n    description: Skills about {name}.\n" for name in ("python", "web"))
    write(folder / "skills/taxonomy.yaml", f"categories:\n{rows}")
    for skill in SKILLS:
        name = skill.rpartition("/")[2]
        write(folder / f"skills/{skill}/SKILL.md", TEXT.format(name=name, more=""))
        write(folder / f"skills/{skill}/references/more.md", "More, in UTF-8: ä, 漢.\n")
        script = folder / f"skills/{skill}/scripts/run.sh"
        write(script, "#!/bin/sh\necho run\n")
        script.chmod(0o755)
    retired = "metadata:\n  status: retired\n"
    write(folder / "skills/web/tools/deep/gone/SKILL.md", TEXT.format(name="gone", more=retired))
    needs = "metadata:\n  requires: python/two\n"
    write(folder / "skills/web/needs/SKILL.md", TEXT.format(name="needs", more=needs))
    write(folder / "skills/web/needs/references/more.md", "More.\n")
    write(folder / MARKETPLACE_FILE, render_marketplace(read_fleet(WorkTree(folder))))
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "A fleet"]):
        subprocess.run([*git, *words], cwd=folder, check=True)


def write(file: Path, text: str) -> None:
    """A file and the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def install(fleet: Path | str, project: Path) -> None:
    """What a person types, in a home of its own; stops with what the installer said when it fails."""
    project.mkdir()
    command = [
        "npx",
        "--yes",
        INSTALLER,
        "add",
        str(fleet),
        "--skill",
        "*",
        "--agent",
        "claude-code",
        "--yes",
        "--copy",
    ]
    quiet = {"HOME": str(project), "DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1", "NO_COLOR": "1", "CI": "1"}
    cache = {"NPM_CONFIG_CACHE": os.environ.get("NPM_CONFIG_CACHE", str(Path.home() / ".npm"))}
    done = subprocess.run(command, cwd=project, env={**os.environ, **cache, **quiet}, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def compare(fleet_folder: Path, installed: Path) -> list[str]:
    """What is wrong: skills that the catalogue lists and that did not arrive, or arrived as other bytes."""
    fleet = read_fleet(WorkTree(fleet_folder))
    left_out = {each.skill for each in render_catalogue(fleet).left_out}
    wrong = []
    for skill in fleet.skills:
        if skill.status == "retired" or skill.id in left_out:
            continue
        there = installed / skill.name
        if not there.is_dir():
            wrong.append(f"{skill.id}: not installed")
        elif contents(there) != contents(fleet_folder / skill.path):
            wrong.append(f"{skill.id}: other files or bytes")
    return wrong


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """A server of static files on loopback: its address, and the paths that were asked for and are there."""
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Keep what was found."""
            if str(getattr(code, "value", code)) == "200":
                asked.append(self.path)

        def log_message(self, *words: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def from_site(fleet_folder: Path, folder: Path) -> list[str]:
    """Install from the site of a fleet, all of it and one skill; return what is wrong."""
    repo = Repository(fleet_folder)
    fleet, wrong = skills_at(repo, "HEAD"), []
    build_site(repo, fleet, repo.resolve("HEAD"), folder / "www/below/path")
    (folder / "www/top").symlink_to(folder / "www/below/path")
    skills = {
        each.id: each for each in fleet.skills if each.status != "retired" and not isinstance(pack(each), LeftOut)
    }
    one = max(skills.values(), key=lambda each: len(fleet.closure(each)))
    cases = {
        "all, at the top": ("top", "", [*skills.values()]),
        "all, below a path": ("below/path", "", [*skills.values()]),
    }
    cases["one"] = ("below/path", f"/skills/{one.id}", [each for each in fleet.closure(one) if each.id in skills])
    for name, (root, path, expected) in cases.items():
        with served(folder / ("www/top" if root == "top" else "www")) as (address, asked):
            project = folder / name.replace(" ", "-")
            install(address + ("" if root == "top" else f"/{root}") + path, project)
        there = project / ".claude/skills"
        for each in expected:
            own = {
                path: text for path, text in contents(fleet_folder / each.path).items() if not path.startswith("evals/")
            }
            if contents(there / each.folder) != own:
                wrong.append(f"{name}: {each.id}: other files or bytes")
        if {each.name for each in there.iterdir()} != {each.folder for each in expected}:
            wrong.append(f"{name}: other skills than expected")
        archives = [path for path in asked if "/archives/" in path]
        if len(archives) != len(expected):
            wrong.append(f"{name}: {len(archives)} archives were fetched for {len(expected)} skills")
        print(f"{INSTALLER}, from the site, {name}: {len(expected)} skills, {len(asked)} requests")
    return wrong


def main(given: str | None) -> int:
    """0 when everything arrived as it was committed."""
    if shutil.which("npx") is None:
        sys.exit("npx was not found: install node 20 or newer.")
    with tempfile.TemporaryDirectory(prefix="skill-fleet-install-") as folder:
        fleet = Path(given).resolve() if given else Path(folder) / "fleet"
        if not given:
            make_fleet(fleet)
        install(fleet, project := Path(folder) / "project")
        wrong = compare(fleet, project / ".claude/skills")
        count = len(list((project / ".claude/skills").iterdir()))
        wrong += from_site(fleet, Path(folder))
    print("\n".join(wrong) or f"{INSTALLER}: {count} skills installed, all as they were committed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
