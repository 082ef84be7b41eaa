"""A skill while it is being checked: what several rules need is worked out once, and forgotten with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from skill_fleet.checks.document import Document
from skill_fleet.checks.markdown import Markdown
from skill_fleet.checks.rule import Spot
from skill_fleet.checks.targets import Ground
from skill_fleet.fleet.frontmatter import FrontMatter
from skill_fleet.fleet.git import EXECUTABLE, REGULAR
from skill_fleet.fleet.skill import SKILL_FILE, Skill
from skill_fleet.fleet.yaml_nodes import Mapping, Node, Scalar

# With one of these there are no fields to speak of, and the rules about fields keep quiet.
_UNREAD = frozenset({"missing", "unclosed", "syntax", "not-a-mapping"})

TEXT = (
    *(".md", ".markdown", ".txt", ".py", ".sh", ".bash", ".js", ".ts", ".mjs", ".json", ".yaml", ".yml", ".toml"),
    *(".csv", ".html", ".css", ".xml", ".svg", ".rb", ".go", ".rs", ".java", ".sql", ".ps1", ".tex", ".ini", ".cfg"),
)
"""The endings of files that hold text."""

MAX_TEXT = 1_000_000
"""The size in bytes up to which a file is read as a text; layout/file-size reports larger ones."""


@dataclass(frozen=True)
class Reading:
    """One skill and what was read of it."""

    skill: Skill

    @property
    def path(self) -> str:
        """The path of its SKILL.md in the tree."""
        return self.skill.inside(SKILL_FILE)

    @cached_property
    def is_readable(self) -> bool:
        """Whether its SKILL.md is a file: not a link, not a folder, not a submodule."""
        return self.skill.file is not None and self.skill.file.mode in (REGULAR, EXECUTABLE)

    @cached_property
    def front_matter(self) -> FrontMatter | None:
        """Its front matter, None when there is no file to read it from."""
        return self.skill.front_matter if self.is_readable else None

    @cached_property
    def fields(self) -> Mapping | None:
        """The fields of its front matter, None when they cannot be read."""
        if self.front_matter is None or any(fault.what in _UNREAD for fault in self.front_matter.faults):
            return None
        return self.front_matter.mapping

    @cached_property
    def body(self) -> Markdown:
        """The text below its front matter; all of it when there is none."""
        front = self.front_matter
        return Markdown(front.body, front.body_line) if front else Markdown("")

    @cached_property
    def ground(self) -> Ground:
        """Its files and folders."""
        return Ground(self.skill)

    @cached_property
    def contents(self) -> tuple[tuple[str, bytes], ...]:
        """Its regular files: paths relative to its folder, and what is in them."""
        files = [entry for entry in self.skill.entries if entry.mode in (REGULAR, EXECUTABLE)]
        self.skill.tree.prefetch(files)
        return tuple((self.skill.relative(entry.path), self.skill.tree.read(entry)) for entry in files)

    @cached_property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Its files that are text, SKILL.md among them, up to a size: paths relative to its folder, and the texts. Empty
        ones are left out."""
        found = []
        for path, content in self.contents:
            if 0 < len(content) <= MAX_TEXT and b"\0" not in content:
                found.append((path, content.decode("utf-8", "replace")))
        return tuple(found)

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """Its Markdown files that can be read: SKILL.md first, then the others, without those that are no text."""
        found = [Document(SKILL_FILE, self.body, self.ground, self._document)] if self.is_readable else []
        for path, content in self.contents:
            is_text = path != SKILL_FILE and path.endswith((".md", ".markdown"))
            if is_text and len(content) <= MAX_TEXT and b"\0" not in content:
                text = content.decode("utf-8", "replace").removeprefix("\ufeff")
                found.append(Document(path, Markdown(text), self.ground, self._document))
        return tuple(found)

    def _document(self, path: str) -> Document | None:
        return next((document for document in self.documents if document.path == path), None)

    def field(self, name: str) -> tuple[Scalar, Node] | None:
        """The first field `name` with its value."""
        pairs = self.fields.pairs if self.fields else ()
        return next((pair for pair in pairs if pair[0].text == name), None)

    def at(self, node: Node | None, message: str, fix: str, key: str = "") -> Spot:
        """A spot in SKILL.md: where `node` stands, or its first line."""
        line, column = (node.line, node.column) if node else (1, 1)
        return Spot(self.path, line, message, fix, column, key=key)
