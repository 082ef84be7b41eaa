"""Install a fleet with the real clients and compare what arrives with what was committed: a part of `make test-clients`.

By `npx skills` from its folder, and from its site: the whole fleet, and one skill with what it requires, at the top of a
server and below a path, with the requests counted. Codex and opencode then show these skills. By Claude Code and Codex
from the marketplace, that of this repository as well. Without a fleet as argument it makes one with skills two, three and
four folders deep, files in folders, a script, and a retired skill.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from install.clients import install_clients, said
from skill_fleet.catalog import MARKETPLACE_FILE, LeftOut, addresses, pack, render_catalogue, render_marketplace
from skill_fleet.fleet import CONFIGURATION_FILE, PROFILES_FILE, WorkTree, read_fleet, skills_at
from skill_fleet.git import Repository
from skill_fleet.site import build_site

TEXT = "---\nname: {name}\ndescription: Does {name}. Use it when {name} is wanted.\n{more}---\n\n# {name}\n\nSee [more](references/more.md).\n"
ROOT = Path(__file__).resolve().parents[2]
SKILLS = ("python/two", "python/tools/three", "web/tools/deep/four")


def make_fleet(folder: Path) -> None:
    """A small fleet with a profile, committed, with its marketplace file."""
    rows = "".join(f"  {name}:\n    description: Skills about {name}.\n" for name in ("python", "web"))
    write(folder / "skills/taxonomy.yaml", f"categories:\n{rows}")
    for skill in SKILLS:
        name = skill.rpartition("/")[2]
        write(
            folder / f"skills/{skill}/SKILL.md",
            TEXT.format(name=name, more="metadata:\n  tags: deep\n" * ("deep" in skill)),
        )
        write(folder / f"skills/{skill}/references/more.md", "More, in UTF-8: ä, 漢.\n")
        script = folder / f"skills/{skill}/scripts/run.sh"
        write(script, "#!/bin/sh\necho run\n")
        script.chmod(0o755)
    retired = "metadata:\n  status: retired\n"
    write(folder / "skills/web/tools/deep/gone/SKILL.md", TEXT.format(name="gone", more=retired))
    needs = "metadata:\n  requires: python/two\n"
    write(folder / "skills/web/needs/SKILL.md", TEXT.format(name="needs", more=needs))
    write(folder / "skills/web/needs/references/more.md", "More.\n")
    profile = "profiles:\n  tester:\n    description: Tests.\n    skills: [web/needs]\n    tags: [deep]\n"
    write(folder / PROFILES_FILE, profile)
    write(folder / MARKETPLACE_FILE, render_marketplace(read_fleet(WorkTree(folder))))
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "A fleet"]):
        subprocess.run([*git, *words], cwd=folder, check=True)


def own_fleet(folder: Path) -> Path:
    """This repository's own skills, with the marketplace file as the catalogue's job writes it."""
    for name in ("skills", ".claude-plugin"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / CONFIGURATION_FILE, folder)
    write(folder / MARKETPLACE_FILE, render_marketplace(read_fleet(WorkTree(folder))))
    return folder


def write(file: Path, text: str) -> None:
    """A file and the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def install(fleet: Path | str, project: Path) -> None:
    """What a person types, in a project that is their home as well."""
    project.mkdir()
    agents = ("claude-code", "codex", "opencode")
    said(project, "skills", "add", str(fleet), "--skill", "*", "--agent", *agents, "--yes", "--copy")


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

    class Server(ThreadingHTTPServer):
        request_queue_size = 1024  # a client asks for all archives at once, and gives up what is not answered soon

    server = Server(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
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
    path = addresses({each.id: each.id if each.path else each.name for each in fleet.skills})[one.id]
    cases["one"] = ("below/path", f"/skills/{path}", [each for each in fleet.closure(one) if each.id in skills])
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
        print(f"skills, from the site, {name}: {len(expected)} skills, {len(asked)} requests")
    return wrong


def from_marketplace(fleet_folder: Path, folder: Path) -> list[str]:
    """Install plugins of a fleet with the real Claude Code, each in a home of its own; return what is wrong.

    These are every bundle, and the skill that requires most.
    """
    fleet, wrong = read_fleet(WorkTree(fleet_folder)), []
    market = json.loads((fleet_folder / MARKETPLACE_FILE).read_text(encoding="utf-8"))
    by_name = {name: skills[0] for name, skills in fleet.by_name.items()}
    bundles = {name: fleet.chosen(profile) for name, profile in fleet.profiles[0].items()}
    for name in fleet.taxonomy.categories:
        bundles[name] = [each for each in fleet.skills if each.id.startswith(f"{name}/")]
    listed = {each["name"] for each in market["plugins"]}
    most = max(sorted(listed & by_name.keys()), key=lambda name: len(fleet.closure(by_name[name])))
    for name in sorted(listed & {*bundles, most}):
        roots = [by_name[most]] if name == most else bundles[name]
        expected = {each.folder: each for root in roots for each in fleet.closure(root) if each.folder in listed}
        found = installed_by_claude(fleet_folder, Path(tempfile.mkdtemp(dir=folder)), name, market["name"])
        if found != {each.folder: contents(fleet_folder / each.path) for each in expected.values()}:
            wrong.append(f"claude: {name}: {', '.join(found)} came for {', '.join(expected)}, or other bytes")
        print(f"claude, {name}: {len(found)} skills")
    return wrong


def installed_by_claude(fleet: Path, home: Path, name: str, market: str) -> dict[str, dict[str, bytes]]:
    """The skills that are there once a plugin is installed, each with its files."""
    said(home, "claude", "plugin", "validate", "--strict", fleet)
    said(home, "claude", "plugin", "marketplace", "add", fleet)
    said(home, "claude", "plugin", "install", f"{name}@{market}")
    found = {}
    for each in json.loads(said(home, "claude", "plugin", "list", "--json")):
        place = each["id"].partition("@")[2]
        if place == market:
            details = said(home, "claude", "plugin", "details", each["id"])
            parts = {
                line.split("(")[0].strip(): line.split(")")[-1].strip() for line in details.split("\n") if " (" in line
            }
            if parts.get("Skills"):
                found[parts["Skills"]] = contents(Path(each["installPath"]))
            if (
                any(parts.get(kind) for kind in ("Agents", "Hooks", "MCP servers", "LSP servers"))
                or not each["enabled"]
            ):
                sys.exit(f"{each['id']} is more than a skill:\n{details}")
    return found


def not_shown_from_marketplace(fleet_folder: Path, home: Path) -> list[str]:
    """The skills of a fleet that Codex does not show its model once their plugins are installed."""
    market = json.loads((fleet_folder / MARKETPLACE_FILE).read_text(encoding="utf-8"))
    names = [each["name"] for each in market["plugins"] if "skills" in each]
    said(home, "codex", "plugin", "marketplace", "add", fleet_folder)
    for name in names:
        said(home, "codex", "plugin", "add", f"{name}@{market['name']}")
    shown = said(home, "codex", "debug", "prompt-input", "Hello")
    print(f"codex, from the marketplace: {len(names)} skills")
    return [f"codex: {name} is not shown" for name in names if f"- {name}:" not in shown and f":{name}:" not in shown]


def not_shown(client: str, project: Path) -> list[str]:
    """The skills of a project that a client does not show its model."""
    words = {"codex": ("debug", "prompt-input", "Hello"), "opencode": ("debug", "skill")}[client]
    shown = said(project, client, *words)
    names = sorted(path.name for path in (project / ".agents/skills").iterdir())
    print(f"{client}: {len(names)} skills shown")
    return [f"{client}: {name} is not shown" for name in names if f"/{name}/SKILL.md" not in shown]


def compare_installed(given: str | None, missing: Collection[str]) -> list[str]:
    """Install a fleet by each client that is not missing, and return what is wrong."""
    wrong = []
    with tempfile.TemporaryDirectory(prefix="skill-fleet-install-") as folder:
        fleet = Path(given).resolve() if given else Path(folder) / "fleet"
        if not given:
            make_fleet(fleet)
        if "skills" not in missing:
            install(fleet, project := Path(folder) / "project")
            for there in (".claude/skills", ".agents/skills"):
                wrong += compare(fleet, project / there)
            print(f"skills, from the folder: {len(list((project / '.agents/skills').iterdir()))} skills")
            wrong += from_site(fleet, Path(folder))
            wrong += [each for client in {"codex", "opencode"} - missing for each in not_shown(client, project)]
        for each in (fleet, own_fleet(Path(folder) / "own")):
            wrong += from_marketplace(each, Path(folder)) if "claude" not in missing else []
            home = Path(tempfile.mkdtemp(dir=folder))
            wrong += not_shown_from_marketplace(each, home) if "codex" not in missing else []
    return wrong


if __name__ == "__main__":
    found = compare_installed(sys.argv[1] if len(sys.argv) > 1 else None, install_clients())
    sys.exit("\n".join(found))
