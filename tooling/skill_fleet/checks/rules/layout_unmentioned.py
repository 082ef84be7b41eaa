"""Files of a skill that none of its texts names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.checks.reading import TEXT, Reading
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.checks.visible import shown
from skill_fleet.fleet.skill import SKILL_FILE

# What stands in a skill for people and tools, and needs no mention.
_UNSAID = re.compile(
    r"(?:^|/)(?:\.|__init__\.py$|LICEN[CS]E|COPYING|NOTICE|README|CHANGELOG|requirements.*\.txt$|package(?:-lock)?\.json$|"
    r"pyproject\.toml$|uv\.lock$|tsconfig\.json$|agents/|evals?/|tests?/|__tests__/|fixtures/|node_modules/)",
    re.IGNORECASE,
)
_PROSE = (".md", ".mdx", ".rst", ".txt")


@rule("layout/unmentioned-file", "hint")
def unmentioned_file(reading: Reading) -> Iterator[Spot]:
    """Every file is named somewhere in the skill's texts, itself or its folder.

    An agent reads what it is told of; the rest is carried along for nothing. Licences, readmes, tests and hidden files
    need no mention.
    Source: https://agentskills.io/specification#progressive-disclosure

    Good:

        "For the fields, read references/fields.md."

    Bad:

        references/fields.md, and no text that names it

    Mend: say in SKILL.md when to read or run it, or remove it.
    """
    others = [path for path, _ in reading.contents if path != SKILL_FILE and not _UNSAID.search(path)]
    if not others or not reading.is_readable:
        return
    texts = {path: content for path, content in reading.contents if path.lower().endswith(TEXT)}
    unnamed = [path for path in others if not _is_named(path, texts)]
    if unnamed:
        listed = ", ".join(f"`{shown(path)}`" for path in unnamed[:3])
        more = f" and {len(unnamed) - 3} more" if len(unnamed) > 3 else ""
        message = f"No text of the skill names {listed}{more}, so no agent will read or run them."
        yield reading.at(None, message, "Say in SKILL.md when they are needed, or remove them.")


def _is_named(path: str, texts: dict[str, bytes]) -> bool:
    """Whether a text other than the file itself holds its name, or that of its folder. A link to another text of the
    folder does not name this one; a program may well call, import or read what lies beside it.
    """
    folder, _, name = path.rpartition("/")
    words = {name}
    if name.endswith(".py"):  # imported by another script, perhaps
        words.add(name.removesuffix(".py"))
    if re.search("[-_]", home := folder.rpartition("/")[2]):  # a folder's own name, when it is no common word
        words.add(home)
    wanted = [word.encode("utf-8", "surrogateescape") for word in words]
    inside = re.escape(f"{folder}/".encode("utf-8", "surrogateescape"))
    whole = re.compile(inside + (rb"(?![\w.-]*\w\.\w)" if path.lower().endswith(_PROSE) else b"")) if folder else None
    return any(
        any(word in text for word in wanted) or (whole is not None and whole.search(text))
        for other, text in texts.items()
        if other != path
    )
