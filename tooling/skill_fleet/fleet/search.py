"""Finding skills: by a word that a person typed for one, and by words in their texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

from skill_fleet.errors import UserError
from skill_fleet.fleet.fleet import Fleet
from skill_fleet.fleet.places import skill_id
from skill_fleet.fleet.skill import Skill

if TYPE_CHECKING:
    import sqlite3

_WORD = re.compile(r"[^\W_]+")
_FIELD = re.compile(rb"^(name|description):(.*(?:\n[ \t].*)*)", re.MULTILINE)
_ASCII = bytes(range(128))
# Letters that have capitals or accents, as their bytes.
_ACCENTED = re.compile(rb"(?:[\xc3-\xd6]|\xe1[\xb8-\xbf]|\xe2\x84|\xef[\xbc\xbd])[\x80-\xbf]")
_MARKS = re.compile("[\u0300-\u036f]+")
# A word that nobody searches for, for so many bytes of a text: the index prefers short texts.
_OTHER, _STRIDE = " \ue000", 256
# How much a hit in each column counts: id, name, description, body.
_WEIGHTS = "8.0, 10.0, 5.0, 1.0"


def find_skill(fleet: Fleet, typed: str) -> Skill:
    """The skill of that id, path or former id, or of that name alone; UserError when there is none."""
    wanted = skill_id(typed) or "."
    named = fleet.by_name.get(wanted) or [each for each in fleet.skills if each.name == wanted]
    skill = fleet.by_id.get(wanted) or fleet.by_id.get(typed.strip("/")) or (named[0] if len(named) == 1 else None)
    if skill is not None and skill.file is not None:
        return skill
    heirs = fleet.former.get(wanted)
    several = [each.id for each in named]
    near = several[:3] or get_close_matches(wanted[:100], [*fleet.by_id, *filter(None, fleet.by_name)], 1, 0.5)
    tip = f"It is {heirs[0].id} now." if heirs else f"Did you mean {' or '.join(near)}?" if near else ""
    raise UserError(
        f"There are {len(several)} skills {wanted}." if several else f"There is no skill {wanted}.",
        tip or "List them: skill-fleet list",
    )


def search(fleet: Fleet, text: str, limit: int) -> Iterator[Skill]:
    """The skills that have all words of `text`, or else any, as they or as beginnings; the best first.

    The index is made anew, in memory, of the words that may be hits. UserError when there is no word to search for, or
    SQLite cannot search.
    """
    words = _WORD.findall(text)
    if not words:
        raise UserError("There is no word to search for.", "Name one: skill-fleet search release notes")
    with _index([(" ".join(words), "", "", "")]) as index:
        index.execute("CREATE VIRTUAL TABLE stems USING fts5vocab(skills, row)")
        patterns = dict(_pattern(stem) for (stem,) in index.execute("SELECT term FROM stems"))
    starts = [f'"{word}"*' for word in words]
    with _index(_row(skill, patterns) for skill in fleet.skills) as index:
        ask = f"SELECT rowid FROM skills WHERE skills MATCH ? ORDER BY bm25(skills, {_WEIGHTS}), rowid LIMIT ?"
        found = index.execute(ask, (" AND ".join(starts), limit)).fetchall()
        found = found or index.execute(ask, (" OR ".join(starts), limit)).fetchall()
    for (row,) in found:
        yield fleet.skills[row - 1]


def _pattern(stem: str) -> tuple[bytes, re.Pattern[bytes]]:
    """The beginning of the words that may have this stem, or one that begins with it, and the pattern that finds them in a folded text."""
    # the stem of a word may have another end than the word itself: queries, queri; noting, note; possibility, possibl
    kept = len(stem) - (2 if stem.endswith("le") else stem.endswith(("i", "e", "l"))) if len(stem) > 2 else len(stem)
    start = stem[:kept].encode("utf-8", "replace")
    return start, re.compile(rb"%b(?<![0-9a-z]%b)[0-9a-z\x80-\xff]*" % (re.escape(start), re.escape(start)))


def _row(skill: Skill, patterns: Mapping[bytes, re.Pattern[bytes]]) -> tuple[str, str, str, str]:
    """The columns of a skill: the words that may be found, and placeholders for the length of its text.

    `patterns` are by the beginnings of the words that they find.
    """
    content, path = _folded(skill.content), _folded(skill.id.encode("utf-8", "replace"))
    length = _OTHER * (len(content) // _STRIDE)
    if not (near := [each for start, each in patterns.items() if start in content or start in path]):
        return "", "", "", length
    end = max(content.find(b"\n---", 3), 0)
    fields = dict(reversed(_FIELD.findall(content, 0, end)))
    called = fields.get(b"name") or skill.folder.lower().encode("utf-8", "replace")
    columns = (path, called, fields.get(b"description", b""), content[end:])
    found = (b" ".join(word for each in near for word in each.findall(column)) for column in columns)
    skill_id, name, description, body = (each.decode("utf-8", "replace") for each in found)
    return skill_id, name, description, body + length


def _folded(content: bytes) -> bytes:
    """A text in lower case; without accents, as the index has it."""
    content = content.lower()
    if not content.isascii():
        for letter in {*_ACCENTED.findall(content.translate(None, _ASCII))}:
            content = content.replace(letter, _plain(letter))
    return content


@cache
def _plain(letter: bytes) -> bytes:
    text = unicodedata.normalize("NFD", letter.decode("utf-8", "replace").casefold())
    return unicodedata.normalize("NFC", _MARKS.sub("", text)).encode("utf-8", "replace")


def nearest(skills: Iterable[tuple[str, str, str]], texts: Iterable[str]) -> dict[str, str]:
    """The skill, by id, whose name and description, all that an agent sees of it, share most with each text.

    `skills` are ids, names and descriptions. Words count the more, the fewer descriptions have them. A text that shares no
    word with any is left out.
    """
    found = {}
    with _index((*skill, "") for skill in skills) as index:
        ask = "SELECT id FROM skills WHERE skills MATCH ? ORDER BY bm25(skills, 0.0, 2.0, 1.0, 0.0), id LIMIT 1"
        for text in dict.fromkeys(texts):
            words = " OR ".join(f'"{word}"' for word in dict.fromkeys(_WORD.findall(text)))
            if words and (row := index.execute(ask, (f"{{name description}}: ({words})",)).fetchone()):
                found[text] = row[0]
    return found


def descriptions(fleet: Fleet) -> list[tuple[str, str, str]]:
    """Return the id, name and description of each skill that is not retired: what `nearest` chooses among."""
    return [(one.id, one.name, one.description) for one in fleet.skills if one.status != "retired"]


def prompts_led(
    skill: str, description: str, others: Iterable[tuple[str, str, str]], asked: Iterable[tuple[str, str, bool]]
) -> Iterator[tuple[str, bool, bool]]:
    """Yield the prompts that belong to a skill or that this description leads to it, each with whether it should, and
    whether it does. `others` are what `descriptions` returns, `asked` are prompts."""
    asked, rows = [*asked], [(skill, skill.rpartition("/")[2], description)]
    found = nearest([*rows, *(each for each in others if each[0] != skill)], (query for query, _, _ in asked))
    for query, owner, should in asked:
        if owner == skill or found.get(query) == skill:
            yield query, owner == skill and should, found.get(query) == skill


def _index(rows: Iterable[tuple[str, str, str, str]]) -> sqlite3.Connection:
    """An index in memory of rows of id, name, description and body. UserError when SQLite cannot search."""
    import sqlite3  # 5 ms, and nothing else needs it

    index = sqlite3.connect(":memory:")
    try:
        index.execute(
            "CREATE VIRTUAL TABLE skills USING fts5(id, name, description, body, tokenize='porter unicode61', detail=column)"
        )
    except sqlite3.OperationalError as problem:
        raise UserError(
            f"This Python's SQLite cannot search: {problem}.", "Use a Python with FTS5, or: git grep"
        ) from problem
    index.executemany("INSERT INTO skills VALUES (?, ?, ?, ?)", ([_stored(each) for each in row] for row in rows))
    return index


def _stored(text: str) -> str:
    """The text without what SQLite cannot store."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
