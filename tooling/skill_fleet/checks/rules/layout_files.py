"""The files of a skill: of a size, a kind and a name that everybody can install."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.checks.reading import TEXT, Reading
from skill_fleet.checks.rule import Spot, rule
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.markdown import shown

MAX_FILE = 5_000_000
# https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(?:\..*)?\Z", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*]')


@rule("layout/nested-skill")
def nested_skill(reading: Reading) -> Iterator[Spot]:
    """A skill holds no other skill.

    Some installers take every SKILL.md for a skill and install the inner one too, others never see it.
    Source: https://agentskills.io/specification#directory-structure

    Good:

        demo/SKILL.md
        demo/assets/skill-template.md

    Bad:

        demo/SKILL.md
        demo/assets/template/SKILL.md

    Fix: make it a skill of its own beside this one; call a template something else.
    """
    for entry in reading.skill.entries:
        if entry.path.endswith(f"/{SKILL_FILE}") and entry.path != reading.path:
            message = f"A {SKILL_FILE} inside a skill is a second skill to some installers, and hidden from others."
            yield Spot(entry.path, 1, message, "Move it out, or call a template something else.")


@rule("layout/file-size")
def file_size(reading: Reading) -> Iterator[Spot]:
    """No file has more than 5 MB.

    Every clone and every installation carries it, for good: Git forgets nothing.
    Source: https://docs.github.com/en/repositories/working-with-files/managing-large-files

    Good:

        assets/logo.png of 20 kB

    Bad:

        assets/model.bin of 80 MB

    Fix: publish it elsewhere and let the skill say where, with a checksum.
    """
    for path, content in reading.contents:
        if len(content) > MAX_FILE:
            size = f"{len(content) / 1_000_000:.1f} MB"
            message = f"The file has {size}, which every clone and installation carries for good."
            fix = "Publish it elsewhere and say where, or make it smaller than 5 MB."
            yield Spot(reading.skill.inside(path), 1, message, fix, key="size")


@rule("layout/binary-text")
def binary_text(reading: Reading) -> Iterator[Spot]:
    """A file whose name says that it is text holds text.

    A NUL byte makes Git, editors and agents treat it as binary: nobody reviews what it says.
    Source: https://git-scm.com/docs/gitattributes#_marking_files_as_binary

    Good:

        references/api.md in UTF-8

    Bad:

        references/api.md in UTF-16

    Fix: save it as UTF-8, or give it the ending of what it is.
    """
    for path, content in reading.contents:
        if path.lower().endswith(TEXT) and path != SKILL_FILE and b"\0" in content:
            message = "The name says text and the file holds NUL bytes, so Git shows no reviewer what it says."
            yield Spot(reading.skill.inside(path), 1, message, "Save it as UTF-8, or give it another ending.")


@rule("layout/windows-name")
def windows_name(reading: Reading) -> Iterator[Spot]:
    """Every file has a name that Windows takes.

    A clone on Windows stops at the first one that it does not, and nothing at all is checked out.
    Source: https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file

    Good:

        references/auxiliary.md

    Bad:

        references/aux.md
        references/what?.md

    Fix: rename it.
    """
    for entry in reading.skill.entries:
        for part in reading.skill.relative(entry.path).split("/"):
            if part in ("", ".", ".."):
                continue
            if _DEVICE.match(part):
                what = "is a device's name on Windows"
            elif _FORBIDDEN.search(part):
                what = "holds a character that Windows forbids"
            elif part[-1] in ". ":
                what = "ends in a dot or a blank, which Windows drops"
            else:
                continue
            message = f"`{shown(part)}` {what}, and a clone fails there."
            yield Spot(entry.path, 1, message, "Rename it: letters, digits, `.`, `_` and `-`.")
            break


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

    Fix: say in SKILL.md when to read or run it, or remove it.
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
