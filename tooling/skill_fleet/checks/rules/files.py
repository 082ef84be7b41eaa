"""The files of a skill: regular files of a reasonable size, mentioned in its texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from skill_fleet.checks.contexts import TEXT, SkillContext, is_pointer
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.git import SUBMODULE, SYMLINK
from skill_fleet.markdown import shown

MAX_FILE = 5_000_000


@rule("layout/symlink")
def symlink(context: SkillContext) -> Iterator[Violation]:
    """A skill contains no symbolic links.

    A link may point at any file on the computer of the person who installs the skill. Archives and Windows drop it.
    Source: https://git-scm.com/docs/git-config#Documentation/git-config.txt-coresymlinks

    Good:

        references/api.md         a file

    Bad:

        references/api.md -> ../../../shared/api.md

    Fix: replace it by a copy of the file, or by a sentence that says where to look.
    """
    for entry in context.skill.entries:
        if entry.mode == SYMLINK and entry.path != context.path:
            target = shown(context.skill.tree.read(entry).decode("utf-8", "replace"))
            message = f"This is a symbolic link to `{target}`. Installers drop it, and it may lead out of the skill."
            yield Violation(entry.path, 1, message, "Replace it by a copy of the file.")


@rule("layout/submodule")
def submodule(context: SkillContext) -> Iterator[Violation]:
    """A skill contains no Git submodules.

    The files of another repository are not reviewed here, and installers leave them out.
    Source: https://git-scm.com/docs/gitsubmodules

    Good:

        scripts/tool.py

    Bad:

        scripts/tool              a submodule

    Fix: copy the files that are needed, with their licence.
    """
    for entry in context.skill.entries:
        if entry.mode == SUBMODULE and entry.path != context.path:
            message = "This is a submodule: its files are neither reviewed nor installed with the skill."
            yield Violation(entry.path, 1, message, "Remove it and copy the files that are needed.")


@rule("layout/nested-skill")
def nested_skill(context: SkillContext) -> Iterator[Violation]:
    """A skill contains no other skill.

    Some installers install the inner SKILL.md as a second skill, others never see it.
    Source: https://agentskills.io/specification#directory-structure

    Good:

        demo/SKILL.md
        demo/assets/skill-template.md

    Bad:

        demo/SKILL.md
        demo/assets/template/SKILL.md

    Fix: move it beside this skill; give a template another name.
    """
    for entry in context.skill.entries:
        if entry.path.endswith(f"/{SKILL_FILE}") and entry.path != context.path:
            message = f"Some installers take a {SKILL_FILE} inside a skill for a second skill, others never see it."
            yield Violation(entry.path, 1, message, "Move it out, or give a template another name.")


@rule("layout/file-size")
def file_size(context: SkillContext) -> Iterator[Violation]:
    """No file is larger than 5 MB.

    Every clone and every installation contains it, and Git keeps it for ever.
    Source: https://docs.github.com/en/repositories/working-with-files/managing-large-files

    Good:

        assets/logo.png of 20 kB

    Bad:

        assets/model.bin of 80 MB

    Fix: publish it elsewhere and give its address and checksum in the skill.
    """
    for path, content in context.contents:
        if len(content) > MAX_FILE:
            message = f"The file has {len(content) / 1_000_000:.1f} MB; every clone and installation contains it."
            fix = "Publish it elsewhere and give its address, or make it smaller than 5 MB."
            yield context.in_file(path, 1, message, fix, key="size")


@rule("layout/lfs-pointer", "hint")
def lfs_pointer(context: SkillContext) -> Iterator[Violation]:
    """A file of a skill is in the repository itself, not in Git LFS.

    Installers without Git LFS get a pointer of three lines, and nothing else of the file is checked here.
    Source: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md

    Good:

        references/api.md         the text itself

    Bad:

        references/api.md         version https://git-lfs.github.com/spec/v1

    Fix: git lfs untrack the path and commit the file itself; or fetch it before you check: git lfs pull
    """
    for path, content in context.contents:
        if path != SKILL_FILE and is_pointer(content):
            message = "This is a Git LFS pointer instead of the file, so its content was not checked."
            yield context.in_file(path, 1, message, "Fetch it: git lfs pull. Small files need no Git LFS.")


@rule("layout/binary-text")
def binary_text(context: SkillContext) -> Iterator[Violation]:
    """A file with the name of a text file contains text.

    With a NUL byte in it, Git and editors treat it as binary, and nobody reviews it.
    Source: https://git-scm.com/docs/gitattributes#_marking_files_as_binary

    Good:

        references/api.md in UTF-8

    Bad:

        references/api.md in UTF-16

    Fix: save it as UTF-8, or give it the extension of what it is.
    """
    for path, content in context.contents:
        if path.lower().endswith(TEXT) and path != SKILL_FILE and b"\0" in content:
            message = "The file has the name of a text file but contains NUL bytes, so diffs do not show it."
            yield context.in_file(path, 1, message, "Save it as UTF-8, or give it another extension.")


# Files for people and tools, which no text has to mention.
_NEED_NO_MENTION = re.compile(
    r"(?:^|/)(?:\.|__init__\.py$|LICEN[CS]E|COPYING|NOTICE|README|CHANGELOG|requirements.*\.txt$|package(?:-lock)?\.json$|"
    r"pyproject\.toml$|uv\.lock$|tsconfig\.json$|agents/|evals?/|tests?/|__tests__/|fixtures/|node_modules/)",
    re.IGNORECASE,
)
_PROSE = (".md", ".mdx", ".rst", ".txt")


@rule("layout/unmentioned-file", "hint")
def unmentioned_file(context: SkillContext) -> Iterator[Violation]:
    """Every file, or its folder, is mentioned somewhere in the skill's texts.

    An agent reads only the files that it is pointed to. Licences, readmes, tests and hidden files need no mention.
    Source: https://agentskills.io/specification#progressive-disclosure

    Good:

        "For the fields, read references/fields.md."

    Bad:

        references/fields.md, and no text that mentions it

    Fix: say in SKILL.md when to read or run it, or remove it.
    """
    others = [path for path, _ in context.contents if path != SKILL_FILE and not _NEED_NO_MENTION.search(path)]
    if not others or not context.is_readable:
        return
    texts = {path: content for path, content in context.contents if path.lower().endswith(TEXT)}
    unmentioned = [path for path in others if not _is_mentioned(path, texts)]
    if unmentioned:
        listed = ", ".join(f"`{shown(path)}`" for path in unmentioned[:3])
        more = f" or {len(unmentioned) - 3} more files" if len(unmentioned) > 3 else ""
        message = f"No text of the skill mentions {listed}{more}, so no agent reads or runs them."
        yield context.at(None, message, "Say in SKILL.md when they are needed, or remove them.")


def _is_mentioned(path: str, texts: dict[str, bytes]) -> bool:
    """Whether a text other than the file itself contains its name, or that of its folder.

    A link to another text of the same folder is no mention; but a program may import or read any file beside it.
    """
    folder, _, name = path.rpartition("/")
    words = {name}
    if name.endswith(".py"):  # another script may import it
        words.add(name.removesuffix(".py"))
    if re.search("[-_]", last := folder.rpartition("/")[2]):  # a folder's name that is not a common word
        words.add(last)
    wanted = [word.encode("utf-8", "surrogateescape") for word in words]
    inside = re.escape(f"{folder}/".encode("utf-8", "surrogateescape"))
    whole = re.compile(inside + (rb"(?![\w.-]*\w\.\w)" if path.lower().endswith(_PROSE) else b"")) if folder else None
    return any(
        any(word in text for word in wanted) or (whole is not None and whole.search(text))
        for other, text in texts.items()
        if other != path
    )
