"""The files of a skill: regular files of a reasonable size, mentioned in its texts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator

from skill_fleet.checks.contexts import MAX_FILE, TEXT, SkillContext, has_text_name, is_pointer
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.fleet import SKILL_FILE
from skill_fleet.git import SUBMODULE, SYMLINK
from skill_fleet.markdown import shown


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


@rule("layout/nested-skill", "hint")
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
    inside = [each.path for each in context.skill.entries if each.path.endswith(f"/{SKILL_FILE}")]
    if inner := [path for path in inside if path != context.path]:
        others = f" (and {len(inner) - 1} more)" if len(inner) > 1 else ""
        message = (
            f"Some installers take this {SKILL_FILE} inside a skill{others} for a second skill, others never see it."
        )
        yield Violation(inner[0], 1, message, "Move it out, or give a template another name.", key="\n".join(inner))


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
    for path, size in (*((path, len(content)) for path, content in context.contents), *context.too_large):
        if size > MAX_FILE:
            message = f"The file has {size / 1_000_000:.1f} MB; every clone and installation contains it."
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
    """A script, or a file with the name of a text file, contains no NUL bytes.

    With one in it, Git and editors treat it as binary, and nobody reviews it; programs and agents read it all the same.
    Source: https://git-scm.com/docs/gitattributes#_marking_files_as_binary

    Good:

        references/api.md in UTF-8

    Bad:

        references/api.md in UTF-16

    Fix: save it as UTF-8, or give it the extension of what it is.
    """
    for path, content in context.contents:
        is_reported = path == SKILL_FILE and any(context.faults("encoding"))  # as UTF-16 is, by spec/encoding
        if b"\0" in content and has_text_name(path, content) and not is_reported:
            message = "The file is a text but contains NUL bytes, so diffs do not show it."
            yield context.in_file(path, 1, message, "Save it as UTF-8 without NUL bytes, or give it another extension.")


# Files that a system, an editor or a program left behind, and folders of them.
_JUNK_FOLDERS = {
    "__pycache__",
    "node_modules",
    ".venv",
    ".idea",
    "__macosx",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
}
_JUNK_NAMES = {".ds_store", "thumbs.db", "desktop.ini", ".env", ".env.local", "npm-debug.log"}
_JUNK_ENDINGS = ("~", ".pyc", ".pyo", ".swp", ".swo", ".orig", ".rej", ".bak")


def _junk(path: str) -> str:
    """The part of a path up to the junk in it, a folder or the file itself; '' if there is none."""
    *folders, name = path.lower().split("/")
    if name in _JUNK_NAMES or name.endswith(_JUNK_ENDINGS):
        end = len(folders) + 1
    elif _JUNK_FOLDERS.isdisjoint(folders):
        return ""
    for at, folder in enumerate(folders):
        if folder in _JUNK_FOLDERS:
            end = at + 1
            break
    return "/".join(path.split("/")[:end])


@rule("layout/junk-file", "hint")
def junk_file(context: SkillContext) -> Iterator[Violation]:
    """A skill contains no files that a system, an editor or a program left behind.

    Everybody who installs the skill gets them: caches and packages of one computer, and maybe the secrets of a `.env`.
    Source: https://git-scm.com/docs/gitignore

    Good:

        scripts/check.py

    Bad:

        scripts/__pycache__/check.cpython-311.pyc
        .DS_Store

    Fix: delete it, and write its name into .gitignore.
    """
    for path in dict.fromkeys(filter(None, map(_junk, context.paths))):
        message = (
            f"`{shown(path)}` was left behind; it is not part of the skill, but everybody who installs it gets it."
        )
        fix = f"Delete it, and write `{shown(path.rpartition('/')[2])}` into .gitignore."
        yield context.in_file(path, 1, message, fix)


# Files for people, and files for tools: no text has to mention them.
_FOR_PEOPLE = re.compile(
    r"(?:^|/)(?:[^/]*LICEN[CS]E|COPYING|NOTICE|README|CHANGELOG|CONTRIBUT|AUTHORS|CREDITS|SECURITY|"
    r"CODE_OF_CONDUCT|[^/]*[_-]CARD\.md$)",
    re.IGNORECASE,
)
_FOR_TOOLS = re.compile(
    r"(?:^|/)(?:\.|__init__\.py$|requirements.*\.txt$|agents/|eval(?:uation)?s?/|bench[^/]*/|demo[^/]*/|examples?/|tests?/|__tests__/|fixtures/|node_modules/)",
    re.IGNORECASE,
)
_PROSE = (".md", ".mdx", ".rst", ".txt")
_PROGRAMS = (".py", ".sh", ".bash", ".js", ".mjs", ".cjs", ".ts", ".rb", ".pl", ".ps1")
_WORD = re.compile(rb"[\w.-]+")
_MANY = 500
_DEEPEST = 20
"""The number of files that lead to one another: nobody follows more, and each step takes time for every file."""


@rule("layout/unmentioned-file", "hint")
def unmentioned_file(context: SkillContext) -> Iterator[Violation]:
    """SKILL.md mentions every text, and every file of scripts/, or its folder, or a file that it leads to does.

    An agent reads only the files that it is pointed to, beginning with SKILL.md. Licences, readmes, tests, examples and
    hidden files need no mention, and what only a readme mentions is not found.
    Source: https://agentskills.io/specification#progressive-disclosure

    Good:

        "For the fields, read references/fields.md."

    Bad:

        references/fields.md, and no text that mentions it

    Fix: say in SKILL.md when to read or run it, or remove it.
    """
    paths = [path for path, _ in context.contents if path != SKILL_FILE and not _junk(path)]
    tools = {path for path in paths if _FOR_TOOLS.search(path)}
    others = [
        path for path in paths if path not in tools and _is_for_agents(path.lower()) and not _FOR_PEOPLE.search(path)
    ]
    if not others or not context.is_readable:
        return
    texts = {path: content for path, content in context.contents if path.lower().endswith(TEXT)}
    left, found = dict.fromkeys(path for path in paths if path not in tools), [SKILL_FILE, *tools]
    for _ in range(_DEEPEST if left else 0):
        if any(texts.get(path) == b"" for path in found if not path.endswith("__init__.py")):
            return  # a stub, or a copy without its contents: it may mention anything
        found = list(_mentioned(b"\n".join(texts[path] for path in found if path in texts).lower(), left))
        for path in found:
            del left[path]
        if not found:
            break
    if unmentioned := [path for path in others if path in left]:
        listed = ", ".join(f"`{shown(path)}`" for path in unmentioned[:3])
        more = f" or {len(unmentioned) - 3} more files" if len(unmentioned) > 3 else ""
        message = (
            f"Neither SKILL.md nor a file that it leads to mentions {listed}{more}, so no agent reads or runs them."
        )
        yield context.at(None, message, "Say in SKILL.md when they are needed, or remove them.")


def _is_for_agents(path: str) -> bool:
    """Whether agents read or run such a file: a text, or a program in a folder `scripts`."""
    return path.endswith(_PROSE) or ("scripts/" in path and path.endswith(_PROGRAMS))


def _mentioned(text: bytes, paths: Collection[str]) -> Iterator[str]:
    """The paths that `text`, in lower case, mentions: by the name of the file, or by its folder, in any case.

    A link to another text of the same folder is no mention; but a program may import or read any file beside it.
    """
    # a search for each of thousands of names would take quadratic time
    words = set(_WORD.findall(text)) if len(paths) > _MANY else None
    words = words and words | {part for word in words for part in (word.strip(b".-"), *word.split(b"."))}
    folders: dict[tuple[str, bool], bool] = {}
    for path in paths:
        folder, _, name = path.lower().rpartition("/")
        # another script may import it
        names = [name, posixpath.splitext(name)[0] if name.endswith(_PROGRAMS) else name]
        if "-" in (last := folder.rpartition("/")[2]) or "_" in last:  # a folder's name that is not a common word
            names.append(last)
        place = (folder, name.endswith(_PROSE))
        if folder and place not in folders:
            inside = f"{folder}/".encode("utf-8", "surrogateescape")
            folders[place] = inside in text and (
                not place[1] or bool(re.search(re.escape(inside) + rb"(?![\w.-]*\w\.\w)", text))
            )
        encoded = (each.encode("utf-8", "surrogateescape") for each in names)
        if folders.get(place) or any(each in (text if words is None else words) for each in encoded):
            yield path
