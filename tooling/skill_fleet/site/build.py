"""Building a site in a folder: every file of it, written only where it differs, from a commit and its whole history."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import reduce
from itertools import combinations
from operator import or_
from pathlib import Path
from typing import Any

from skill_fleet import __version__
from skill_fleet.catalog import (
    INDEX_FILE,
    MARKETPLACE_FILE,
    Archive,
    LeftOut,
    catalogue_commit,
    pack,
    render_index,
    render_shards,
)
from skill_fleet.errors import UserError
from skill_fleet.evals import published_fleets
from skill_fleet.fleet import CATALOGUE_BRANCH, SKILL_FILE, Fleet, Skill
from skill_fleet.git import Repository
from skill_fleet.site.facts import Site
from skill_fleet.site.history import Capabilities, Version, compare, steps, versions
from skill_fleet.site.pages import TEMPLATES, Pages

MANIFEST = "build.json"
MAX_BYTES = 10**9
"""What GitHub Pages publishes at most."""
_BATCH = 200
"""The number of skills whose files are in memory at once."""
_COMPARED = 3
"""The number of last versions of which each is compared with each."""
_ASSETS = ("site.css", "site.js")
_MADE_BY = ("catalog", "checks", "evals", "fleet", "markdown", "site")


@dataclass(frozen=True)
class Built:
    """What a build did: its files, those of them that were written, those that were removed, and all their bytes.

    `left_out` are the skills without an archive, and why.
    """

    skills: int
    files: int
    written: int
    removed: int
    size: int
    left_out: tuple[LeftOut, ...]


def build_site(
    repo: Repository, fleet: Fleet, commit: str, folder: Path, base: Path | None = None, keep: int = 3
) -> Built:
    """Write the site of `fleet`, which is that of `commit`, into `folder`.

    Pages that nothing changed are taken from `base`, an earlier build (usually the one in `folder`). `keep` is the number
    of versions of each skill that have an archive. UserError for a shallow clone, whose pages would be wrong, and for a
    folder that has something else in it.
    """
    if repo.is_shallow:
        raise UserError(
            "This clone is shallow, so the history of the skills is not here.", "Fetch it: git fetch --unshallow"
        )
    at = datetime.fromtimestamp(int(repo.text("log", "-1", "--format=%ct", commit)), UTC)
    history = steps(repo, commit, fleet.skills, fleet.root)
    site = Site(fleet, commit, at, history, _marketplace(repo, commit), published_fleets(repo, fleet.skills))
    output = _Output(folder, base)
    run = _Run(repo, site, output, keep)
    run.archives()
    run.pages()
    return output.finish(site, run.rows)


class _Output:
    """The folder of a site: what is in it, and what an earlier build left."""

    def __init__(self, folder: Path, base: Path | None) -> None:
        self.folder = folder
        found = _manifest(folder)
        if found is None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UserError(
                f"{folder} has something else in it.", "Name an empty folder, or one with an earlier build."
            )
        self._base, earlier = (folder, found) if base is None else (base, _manifest(base))
        if base is not None and earlier is None:
            raise UserError(f"There is no earlier build in {base}.", "Omit --base.")
        self.earlier: dict[str, Any] = (earlier or {}).get("skills", {})
        self._before = set((found or {}).get("files", []))
        self._now: dict[str, int] = {}
        """The size of each file."""
        self._folders = {""}
        self._written = 0
        folder.mkdir(parents=True, exist_ok=True)
        if found:  # an interrupted build leaves files that belong to no commit: the next one must not take them
            self._save({**found, "skills": {}})

    def put(self, path: str, content: str | bytes) -> None:
        """Have this file, which is written if it differs."""
        data = content.encode("utf-8", "replace") if isinstance(content, str) else content
        file = Path(self._place(path, len(data)))
        if file.is_symlink() or not file.is_file() or file.read_bytes() != data:
            _replace(file, data)
            self._written += 1

    def _place(self, path: str, size: int) -> str:
        """Where a file is, in a folder that is there."""
        self._now[path] = size
        self._have(path.rpartition("/")[0])
        return f"{self.folder}/{path}"

    def _have(self, folder: str) -> None:
        if folder not in self._folders:
            self._have(folder.rpartition("/")[0])
            with suppress(FileExistsError):
                os.mkdir(f"{self.folder}/{folder}")  # noqa: PTH102  ten thousands
            self._folders.add(folder)

    def take(self, paths: Sequence[str]) -> bool:
        """Have these files as the earlier build left them; False, and nothing is done, when one is missing."""
        try:
            sizes = {path: os.stat(f"{self._base}/{path}").st_size for path in paths}  # noqa: PTH116  ten thousands
        except OSError:
            return False
        if self._base == self.folder:
            self._now |= sizes
            return True
        for path, size in sizes.items():
            if path in self._now:
                continue
            try:
                os.link(f"{self._base}/{path}", self._place(path, size))  # no copy, for no build writes into a file
            except OSError:  # there is one already, or it is on another disk
                self.put(path, (self._base / path).read_bytes())
        return True

    def finish(self, site: Site, rows: dict[str, dict[str, Any]]) -> Built:
        """Remove what no longer belongs to the site, and write down what does."""
        gone = self._before - self._now.keys()
        for path in gone:
            (self.folder / path).unlink(missing_ok=True)
            for above in Path(path).parents[:-1]:
                if (self.folder / above).is_dir() and not any((self.folder / above).iterdir()):
                    (self.folder / above).rmdir()
        self._save({"tool": __version__, "commit": site.commit, "files": sorted(self._now), "skills": rows})
        size = sum(self._now.values())
        reasons = [
            LeftOut(skill_id, site.skills[skill_id].inside(SKILL_FILE), row["refusal"])
            for skill_id, row in rows.items()
            if row["refusal"]
        ]
        return Built(len(rows), len(self._now), self._written, len(gone), size, tuple(reasons))

    def _save(self, manifest: dict[str, Any]) -> None:
        _replace(self.folder / MANIFEST, json.dumps(manifest, sort_keys=True).encode())


def _replace(file: Path, data: bytes) -> None:
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_bytes(data)
    os.replace(fresh, file)  # noqa: PTH105


def _manifest(folder: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


class _Run:
    """One build. `rows` are the skills in the manifest: keys of what they were made of, files, archives."""

    def __init__(self, repo: Repository, site: Site, output: _Output, keep: int) -> None:
        self._repo, self._site, self._output, self._keep = repo, site, output, keep
        self._generator = _digest([__version__, keep, *_sources()])
        self._own = {skill_id: _own_key(skill) for skill_id, skill in site.skills.items()}
        self._archives: dict[str, Archive | None] = {}
        self.rows: dict[str, dict[str, Any]] = {}

    def archives(self) -> None:
        """Write the archives of all skills: before the indexes that name them."""
        todo = []
        for skill in self._site.skills.values():
            known = self._output.earlier.get(skill.id, {})
            archive = Archive(**known["archive"]) if known.get("archive") else None
            self.rows[skill.id] = {"own": self._own[skill.id], "refusal": known.get("refusal", "")}
            is_same = known.get("own") == self._own[skill.id] and known.get("tool") == self._generator
            if skill.status == "retired":
                self._archives[skill.id], self.rows[skill.id]["refusal"] = None, ""
            elif is_same and self._output.take([f"archives/{archive.file}"] if archive else []):
                self._archives[skill.id] = archive
            else:
                todo.append(skill)
        for skill in _with_contents(todo):
            done = pack(skill)
            self._archives[skill.id] = None if isinstance(done, LeftOut) else done[0]
            self.rows[skill.id]["refusal"] = done.reason if isinstance(done, LeftOut) else ""
            if not isinstance(done, LeftOut):
                self._output.put(f"archives/{done[0].file}", done[1])

    def pages(self) -> None:
        """Write the pages and indexes."""
        site, made = self._site, Pages(self._site)
        todo = []
        for skill in site.skills.values():
            row, known = self.rows[skill.id], self._output.earlier.get(skill.id, {})
            archive = self._archives[skill.id]
            row |= {"tool": self._generator, "key": self._key(skill), "archive": archive and vars(archive)}
            if known.get("key") == row["key"] and self._output.take(known["files"]):
                row["files"] = known["files"]
            else:
                todo.append(skill)
        wanted = {each.id for skill in todo for each in site.fleet.closure(skill)}
        histories = versions(self._repo, {each: site.history[each] for each in sorted(wanted & site.history.keys())})
        old = {
            skill.id: [
                (each.landing.oid, _as_it_was(skill, each)) for each in histories.get(skill.id, [])[-self._keep : -1]
            ]
            for skill in todo
        }
        for skill in _with_contents(todo, old):
            own = histories.get(skill.id, [])
            kept = dict(self._old_archives(old.pop(skill.id)))
            archive = self._archives[skill.id]
            if own and archive:
                kept[own[-1].landing.oid] = archive.file
            closure = site.fleet.closure(skill)
            brings = reduce(
                or_, (histories[each.id][-1].now for each in closure if each.id in histories), Capabilities()
            )
            refusal = self.rows[skill.id]["refusal"] or "it is retired"
            pairs = combinations(own[-min(self._keep, _COMPARED) :][::-1], 2)
            comparisons = [compare(older, newer, skill.tree.read) for newer, older in pairs]
            files = dict(made.skill(skill, own, brings, archive, refusal, kept, comparisons))
            if archive:
                address = site.addresses[skill.id]
                up = "../" * (address.count("/") + 2)
                inside = [found for each in closure if (found := self._archives.get(each.id))]
                files[f"{address}{INDEX_FILE}"] = render_index(inside, f"{up}archives", with_files=True)
            for path, text in files.items():
                self._output.put(path, text)
            self.rows[skill.id]["files"] = sorted({*files, *(f"archives/{file}" for file in kept.values())})
        for path, text in made.whole():
            self._output.put(path, text)
        for name, text in render_shards(self._site.fleet).items():
            self._output.put(f"catalog/{name}", text)
        for name in _ASSETS:
            self._output.put(name, (TEMPLATES / name).read_bytes())
        self._output.put(".nojekyll", "")
        listed: dict[str, Archive] = {}
        for skill in site.skills.values():
            if archive := self._archives[skill.id]:
                listed.setdefault(archive.name, archive)  # installers know a skill by its name alone
        self._output.put(INDEX_FILE, render_index(listed.values(), "../../archives"))

    def _old_archives(self, old: Iterable[tuple[str, Skill]]) -> Iterator[tuple[str, str]]:
        """Write the archives of a skill as it was at some commits; each commit, and the file name."""
        for commit, skill in old:
            done = pack(skill)
            if not isinstance(done, LeftOut):
                self._output.put(f"archives/{done[0].file}", done[1])
                yield commit, done[0].file

    def _key(self, skill: Skill) -> str:
        """A digest of everything that the pages of a skill are made of."""
        site = self._site
        facts = [
            self._generator,
            [site.address, site.repository, site.project.name, site.project.marketplace, site.project.description],
            site.marketplace,
            [[each.id, self._own[each.id]] for each in site.fleet.closure(skill) if each.id in self._own],
            [
                site.addresses.get(each)
                for each in (*skill.requires, skill.front_matter.metadata("superseded-by") or "")
            ],
            [site.addresses[each] for each in site.required_by.get(skill.id, ())],
            [landing.oid for landing, _ in site.history.get(skill.id, [])],
            [[entry.path, entry.oid] for entry in skill.entries],
            repr(site.listed[skill.id]),
        ]
        return _digest(facts)


def _marketplace(repo: Repository, commit: str) -> str | None:
    """The branch with the marketplace file, as `Site` has it: a fleet's tree is read without that file."""
    branch = CATALOGUE_BRANCH if (written := catalogue_commit(repo)) else ""
    return branch if repo.blobs([f"{written or commit}:{MARKETPLACE_FILE}"]) else None


def _as_it_was(skill: Skill, version: Version) -> Skill:
    return replace(
        skill, entries=tuple(each._replace(path=skill.inside(path)) for path, each in sorted(version.files.items()))
    )


def _with_contents(
    skills: Sequence[Skill], old: Mapping[str, list[tuple[str, Skill]]] | None = None
) -> Iterator[Skill]:
    """The skills, with their files, and those of what they were, read in batches and forgotten after."""
    for start in range(0, len(skills), _BATCH):
        batch = skills[start : start + _BATCH]
        states = [*batch, *(state for skill in batch for _, state in (old or {}).get(skill.id, ()))]
        entries = [entry for state in states for entry in state.entries]
        batch[0].tree.prefetch(entries)
        yield from batch
        batch[0].tree.release(entries)


def _own_key(skill: Skill) -> str:
    return _digest(
        [skill.id, [entry for entry in skill.entries if not skill.relative(entry.path).startswith("evals/")]]
    )


def _sources() -> Iterable[str]:
    """Digests of the templates and of the code that decides what pages say, so that a new tool makes new pages."""
    rooms = (TEMPLATES.parents[1] / each for each in _MADE_BY)
    files = sorted(path for room in rooms for path in room.rglob("*") if path.suffix in (".py", ".html", ".xml"))
    return (hashlib.sha256(path.read_bytes()).hexdigest() for path in files)


def _digest(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts, default=str).encode("utf-8", "surrogatepass")).hexdigest()
