"""Where a link leads: resolved in the skill, without a look at anything outside of it."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from skill_fleet.fleet.skill import Skill

Verdict = Literal["ok", "missing", "outside", "absolute", "anchor"]

# What clients put in place of the skill's folder.
_OWN_FOLDER = re.compile(
    r"(?:\$\{?CLAUDE_SKILL_DIR\}?|\$?\{\{? ?base_?[dD]ir ?\}?\}|\{skill_?[dD]ir\}|\$\{?SKILL_DIR\}?)/*"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_TEMPLATE = re.compile(r"[{}<>*$]|\.\.\.|…")


@dataclass(frozen=True)
class Target:
    """A link's address taken apart. `path` is relative to the skill's folder, '' for that folder itself."""

    verdict: Verdict
    path: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Ground:
    """The files and folders of one skill, relative to its folder."""

    skill: Skill

    @cached_property
    def files(self) -> frozenset[str]:
        """Its files."""
        return frozenset(self.skill.relative(entry.path) for entry in self.skill.entries)

    @cached_property
    def folders(self) -> frozenset[str]:
        """Its folders, and '' for its own."""
        found = {""}
        for path in self.files:
            at = path.rfind("/")
            while at > 0 and (folder := path[:at]) not in found:
                found.add(folder)
                at = path.rfind("/", 0, at)
        return frozenset(found)

    def has(self, path: str) -> bool:
        """Whether a file or a folder stands at `path`."""
        return path in self.files or path in self.folders

    def resolve(self, address: str, folder: str = "") -> Target:
        """Where `address` leads in a file of `folder`: as Markdown has it, or from the skill's top, as the
        specification has it. An anchor is only taken apart, not looked up."""
        address = address.strip()
        if address.startswith("#"):
            return Target("ok", "", address[1:])
        if own := _OWN_FOLDER.match(address):
            address, folder = address[own.end() :], ""
        if _DRIVE.match(address) or address[:5].lower() == "file:":
            return Target("absolute")
        if not address or address.startswith("//") or _SCHEME.match(address):
            return Target("ok")
        if address.startswith(("/", "~/", "\\")):
            return Target("ok") if _TEMPLATE.search(address) else Target("absolute")
        if _TEMPLATE.search(address):
            return Target("ok")
        return self._relative(address, folder)

    def _relative(self, address: str, folder: str) -> Target:
        whole = address
        address, _, anchor = address.partition("#")
        outside = True
        for start in dict.fromkeys((folder, "")):
            for spelling in (address, address.partition("?")[0], whole):
                path = posixpath.normpath(posixpath.join(start, spelling)) if spelling else start
                path = "" if path == "." else path
                if path == ".." or path.startswith("../"):
                    continue
                outside = False
                if self.has(path):
                    return Target("ok", path, anchor)
        return Target("outside" if outside else "missing", address, anchor)
