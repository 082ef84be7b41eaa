"""Two fleets side by side: which files differ, and which skill of the one is which of the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from skill_fleet.fleet import Fleet, Skill, Tree
from skill_fleet.git import SUBMODULE, Entry


@dataclass(frozen=True)
class Change:
    """What was (`base`) and what would be (`head`). `paths` are the files that differ: A, D, M or T as Git has it."""

    base: Fleet
    head: Fleet
    paths: dict[str, str]

    @cached_property
    def touched(self) -> tuple[Skill, ...]:
        """The skills of the head whose files differ from the base's, in the order of their ids."""
        owners = _owners(self.head, self.paths)
        return tuple(skill for skill in self.head.skills if skill.id in owners)

    @cached_property
    def gone(self) -> tuple[Skill, ...]:
        """The skills of the base that the head has no more under that id."""
        return tuple(skill for skill in self.base.skills if skill.id not in self.head.by_id)

    def before(self, skill: Skill) -> Skill | None:
        """What `skill` of the head was in the base: the same id, one it names in `formerly`, or else a vanished skill
        with the same name or the same SKILL.md. None when it is new."""
        if skill.id in self.base.by_id:
            return self.base.by_id[skill.id]
        gone = {each.id: each for each in self.gone}
        for old in reversed(skill.formerly):
            if old in gone:
                return gone[old]
        names = [each for each in self.gone if each.folder == skill.folder]
        if len(names) == 1:
            return names[0]
        same = [each for each in self.gone if self._same_text(each, skill)]
        return same[0] if len(same) == 1 else None

    def _same_text(self, old: Skill, new: Skill) -> bool:
        if old.file is None or new.file is None or not old.file.oid:
            return False
        return old.file.oid == object_id(self.head.tree, new.file, len(old.file.oid))


def compare(base: Fleet, head: Fleet) -> Change:
    """Find the files that differ between two fleets' trees, in all of the tree."""
    # most of both is the same to the last bit, and set aside at once
    known = set(base.tree.entries)
    same = known.intersection(entry for entry in head.tree.entries if entry.oid)
    was = {entry.path: entry for entry in base.tree.entries if entry not in same}
    will = {entry.path: entry for entry in head.tree.entries if entry not in same}
    paths = dict.fromkeys(was.keys() - will.keys(), "D") | dict.fromkeys(will.keys() - was.keys(), "A")
    for path in was.keys() & will.keys():
        old, new = was[path], will[path]
        if old.mode | 0o111 != new.mode | 0o111:
            paths[path] = "T"
        elif not _equal(base.tree, old, head.tree, new):
            paths[path] = "M"
    return Change(base, head, dict(sorted(paths.items())))


def object_id(tree: Tree, entry: Entry, digits: int = 40) -> str:
    """Git's id for the content of `entry`: as the tree has it, or worked out with the hash that has `digits`."""
    if entry.oid:
        return entry.oid
    import hashlib  # 3 ms, and most runs have no change to look at

    content = tree.read(entry)
    algorithm = hashlib.sha256 if digits == 64 else hashlib.sha1
    return algorithm(b"blob %d\0" % len(content) + content).hexdigest()


def _equal(base: Tree, old: Entry, head: Tree, new: Entry) -> bool:
    if old.mode != new.mode:
        return False
    if old.mode == SUBMODULE:  # a work tree does not tell which commit stands there
        return not (old.oid and new.oid) or old.oid == new.oid
    if not (old.oid or new.oid):
        return base.read(old) == head.read(new)
    digits = len(old.oid or new.oid)
    return object_id(base, old, digits) == object_id(head, new, digits)


def _owners(fleet: Fleet, paths: dict[str, str]) -> set[str]:
    """The ids of the skills that the paths lie in, removed files too."""
    homes = {skill.path: skill.id for skill in fleet.skills}
    found = set()
    for path in paths:
        at = len(path)
        while at > 0:
            at = path.rfind("/", 0, at)
            home = path[:at] if at > 0 else ""
            if home in homes:
                found.add(homes[home])
                break
    return found
