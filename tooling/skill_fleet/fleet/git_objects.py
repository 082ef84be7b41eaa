"""Git's objects: what is in a tree, in a blob, and between two of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from skill_fleet.fleet.git_facts import EXECUTABLE, REGULAR, SYMLINK, Entry, Hunk
from skill_fleet.fleet.git_handle import Handle

_AT_ONCE = 500
"""How many blobs one process reads: a few milliseconds each time, and never twice all of them in memory."""

_ROW = re.compile(r"(\d+) \w+ (\w+)\t([^\0]+)\0")
_PLAIN = re.compile(r"H (100644|100755|120000) (\w+) 0\t([^\0]+)\0")
_ODD = re.compile(r"(?:[^H] \d+ \w+ \d|H (?:\d+ \w+ [1-3]|160000 \w+ 0))\t([^\0]+)\0")
_MODES = {f"{mode:o}": mode for mode in (REGULAR, EXECUTABLE, SYMLINK)}
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


class Objects(Handle):
    """A repository, asked about objects."""

    def entries(self, treeish: str, *paths: str) -> tuple[Entry, ...]:
        """Every file below `paths` (all, when none is given) of the tree, links and submodules as what they are."""
        listing = self.run("--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", treeish, "--", *paths)
        rows = _ROW.findall(listing.decode("utf-8", "surrogateescape"))
        modes = {digits: int(digits, 8) for digits in {row[0] for row in rows}}
        return tuple(Entry(path, modes[digits], oid) for digits, oid, path in rows)

    def entries_beside(self, known: tuple[Entry, ...], of: str, treeish: str) -> tuple[Entry, ...]:
        """Every file of `treeish`, told from all those of the tree `of`: what two trees have in common Git skips by whole
        folders, and it need not be read again."""
        words = self.run("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", of, treeish).split(b"\0")
        differ: dict[str, Entry | None] = {}
        for facts, name in zip(words[::2], words[1::2], strict=False):
            _, mode, _, oid, _ = facts.decode().split(" ")
            path = name.decode("utf-8", "surrogateescape")
            differ[path] = Entry(path, int(mode, 8), oid) if int(mode, 8) else None
        kept = [entry for each in known if (entry := differ.pop(each.path, each) if each.path in differ else each)]
        if differ:  # new ones, which have to be put in their places
            kept = sorted([*kept, *filter(None, differ.values())], key=_by_bytes)
        return tuple(kept)

    def files(self, folder: Path, *paths: str) -> tuple[list[Entry], list[str]] | None:
        """The files below `paths` of `folder` (all, when none is given), relative to it, without what is ignored: those
        that are as Git last saw them, and the names of those that one has to look at. None where Git knows nothing.

        Git tells by time and size, and reads only what it is not sure of. A file of which it was told to assume that it
        did not change (the letter is not a plain H) has to be looked at, and so has what it calls a folder: a repository.
        """
        quiet = ("-c", "core.fsmonitor=false", "--literal-pathspecs")
        ask = (
            ("ls-files", "-z", "-v", "--stage", "--", *paths),
            ("diff-files", "-z", "--name-only", "--relative", "--", *paths),
            ("ls-files", "-z", "--others", "--exclude-standard", "--", *paths),
        )
        from concurrent.futures import ThreadPoolExecutor  # 10 ms, and only where there is much to read

        with ThreadPoolExecutor(len(ask)) as pool:  # each looks at every file in a way of its own
            told = list(pool.map(lambda words: self.attempt(*quiet, *words, cwd=folder), ask))
        if any(status for status, _, _ in told):
            return None
        rows, differ, others = (out.decode("utf-8", "surrogateescape") for _, out, _ in told)
        odd = dict.fromkeys(name for name in [*differ.split("\0"), *others.split("\0")] if name)
        odd |= dict.fromkeys(_ODD.findall(rows))
        found = (Entry(path, _MODES[mode], oid) for mode, oid, path in _PLAIN.findall(rows))
        return [entry for entry in found if entry.path not in odd], [name.rstrip("/") for name in odd]

    def blobs(self, names: Iterable[str]) -> dict[str, bytes]:
        """The contents of many blobs; `names` are object ids or `<commit>:<path>`."""
        wanted = list(dict.fromkeys(names))
        found: dict[str, bytes] = {}
        portions = [wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE)]
        if len(portions) < 2:
            return self._blobs(wanted) if wanted else {}
        from concurrent.futures import ThreadPoolExecutor  # 10 ms, and only where there is much to read

        with ThreadPoolExecutor(2) as pool:  # Git unpacks one portion while another is taken apart here
            for portion in pool.map(self._blobs, portions):
                found |= portion
        return found

    def _blobs(self, wanted: list[str]) -> dict[str, bytes]:
        # buffered, or Git would write, and we read, every object by itself
        out = self.run("cat-file", "--batch", "--buffer", stdin="".join(f"{name}\n" for name in wanted).encode())
        found, at = {}, 0
        for name in wanted:
            end = out.index(b"\n", at)
            header = out[at:end]
            at = end + 1
            if not header.endswith((b" missing", b" ambiguous")):
                size = int(header.rsplit(b" ", 1)[1])
                found[name] = out[at : at + size]
                at += size + 1
        return found

    def hunks(self, old: str, new: str, context: int = 0) -> tuple[Hunk, ...]:
        """How the lines of the blob `old` became those of `new`, whatever a person's configuration says of diffs."""
        plain = ("--no-color", "--no-ext-diff", "--no-textconv", "--text", "--diff-algorithm=myers")
        out = self.run("diff", *plain, f"--unified={context}", "--inter-hunk-context=0", old, new)
        return tuple(
            Hunk(int(old), int(old_count or 1), int(new), int(new_count or 1))
            for old, old_count, new, new_count in _HUNK.findall(out)
        )

    def changed(self, old: str, new: str) -> dict[str, str]:
        """The paths that differ between two commits, each with A, D, M or T (its kind changed)."""
        out = self.run("diff-tree", "-r", "-z", "--no-renames", "--name-status", old, new)
        words = out.decode("utf-8", "surrogateescape").split("\0")
        return dict(zip(words[1::2], words[0::2], strict=False))


def _by_bytes(entry: Entry) -> bytes:
    return entry.path.encode("utf-8", "surrogateescape")
