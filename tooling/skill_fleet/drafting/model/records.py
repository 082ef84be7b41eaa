"""Where the records for learning are kept: `refs/skill-fleet/records/<number>`, a chain of commits that only grows.

They are written after the fact, so a writer that lost a race reads again and adds its row behind the other's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from skill_fleet.errors import UserError
from skill_fleet.fleet.git import Identity, Repository
from skill_fleet.fleet.git_write import ABSENT, RefMoved, Update, move_refs, write_commit, write_folder

PREFIX = "refs/skill-fleet/records/"
FILE = "records.jsonl"
_TRIES = 20


def keep_record(repo: Repository, number: int, row: Mapping[str, Any], author: Identity) -> str:
    """Add `row` to the records of pull request `number`, once: the same row again changes nothing. The commit's id."""
    line = json.dumps(dict(row), sort_keys=True, ensure_ascii=True)
    ref = f"{PREFIX}{number}"
    for _ in range(_TRIES):
        old = repo.refs(ref).get(ref)
        lines = _lines(repo, old) if old else []
        if old and line in lines:
            return old
        tree = write_folder(repo, {FILE: ("\n".join([*lines, line]) + "\n").encode("ascii")})
        message = f"Record a {row.get('kind', 'row')} of pull request {number}\n"
        new = write_commit(repo, tree, [old] if old else [], message, author)
        try:
            move_refs(repo, [Update(ref, new, old or ABSENT)])
        except RefMoved:
            continue
        return new
    raise UserError(f"The records of pull request {number} are being written by others.", "Run again.")


def export_records(repo: Repository) -> Iterator[str]:
    """Every record as one line of JSON, by number and then in the order they were kept. `no_train` ones are left out."""
    refs = sorted((int(ref.removeprefix(PREFIX)), tip) for ref, tip in repo.refs(PREFIX).items() if _is_numbered(ref))
    for number, tip in refs:
        rows = [json.loads(line) for line in _lines(repo, tip)]
        if not any(row.get("no_train") for row in rows):
            yield from (json.dumps({"number": number, **row}, sort_keys=True, ensure_ascii=True) for row in rows)


def _is_numbered(ref: str) -> bool:
    return ref.removeprefix(PREFIX).isdecimal()


def _lines(repo: Repository, tip: str) -> list[str]:
    content = repo.blobs([f"{tip}:{FILE}"]).get(f"{tip}:{FILE}", b"")
    return [line for line in content.decode("utf-8", "replace").split("\n") if line]
