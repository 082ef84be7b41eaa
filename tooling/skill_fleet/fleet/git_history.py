"""Git's history: commits, and which of them contains which."""

from __future__ import annotations

from collections.abc import Iterable

from skill_fleet.fleet.git_facts import Commit, Identity
from skill_fleet.fleet.git_handle import Handle

_ID = 40  # letters of an object's id


class History(Handle):
    """A repository, asked about commits."""

    def commits(self, *revisions: str) -> tuple[Commit, ...]:
        """The commits that `revisions` select (as for git log), oldest first."""
        fields = "%H%n%T%n%P%n%an%n%ae%n%B"
        out = self.run("log", "-z", "--topo-order", "--reverse", f"--format={fields}", "--end-of-options", *revisions)
        found = []
        for row in out.decode("utf-8", "replace").split("\0"):
            if row:
                oid, tree, parents, name, email, message = row.split("\n", 5)
                found.append(Commit(oid, tree, tuple(parents.split()), Identity(name, email), message))
        self._is_here(*(commit.oid for commit in found))
        return tuple(found)

    def ancestry(self, tips: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Every commit that `tips` (object ids) contain, with its parents."""
        rows = self.run("rev-list", "--parents", "--stdin", stdin="".join(f"{tip}\n" for tip in tips).encode())
        return {commit: tuple(parents) for commit, *parents in (row.split() for row in rows.decode().splitlines())}

    def mainline(self, tip: str, excluded: str) -> dict[str, tuple[str, ...]]:
        """The first parents from `tip` down to what `excluded` contains, newest first, each with its parents."""
        rows = self.text("rev-list", "--first-parent", "--parents", tip, f"^{excluded}").splitlines()
        return {commit: tuple(parents) for commit, *parents in map(str.split, rows)}

    def root_commit(self, tip: str) -> str:
        """The first commit of all, by first parents: the same in every complete clone, whatever was merged later."""
        return self.text("rev-list", "--first-parent", "--max-parents=0", tip)

    def merge_base(self, one: str, other: str) -> str | None:
        """The newest commit that both have; None when they share none (or a shallow clone hides it)."""
        known: dict[tuple[str, str], str] = self.derived.setdefault("merge bases", {})
        if found := known.get((one, other)):
            return found
        status, out, _ = self.attempt("merge-base", "--end-of-options", one, other)
        oid = out.decode().split()[0] if status == 0 and out.strip() else None
        if oid and len(one) == len(other) == _ID:  # two ids, and no names that may move
            known[one, other] = oid
            self._is_here(oid)
        return oid

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` contains `old`."""
        known: dict[tuple[str, str], bool] = self.derived.setdefault("ancestors", {})
        if (found := known.get((old, new))) is not None:
            return found
        status, _, _ = self.attempt("merge-base", "--is-ancestor", old, new)
        if status in (0, 1) and len(old) == len(new) == _ID:  # neither is a name, and both are here
            known[old, new] = status == 0
        return status == 0

    def _is_here(self, *commits: str) -> None:
        """Remember the ids of commits that were read: `find` need not ask whether they are here."""
        self.derived.setdefault("commits", set()).update(commits)

    @property
    def is_shallow(self) -> bool:
        """Whether history was cut off when this was cloned."""
        return self.text("rev-parse", "--is-shallow-repository") == "true"
