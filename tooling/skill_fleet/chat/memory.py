"""The answers of a session before its first commit, so that a session that was stopped can be resumed.

A session with a branch is that branch and its pull request, and nothing else is kept. Before that, a folder in the
repository's own (`.git/skill-fleet/chat/<session>`) holds the answers in their order and the model's replies. Resuming
plays both again: the same question gets the same answer, from the person and from the model, until one comes that was
not asked before. The folder goes when the pull request is open.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from skill_fleet import proposals
from skill_fleet.git import Repository


class Memory:
    """The answers and the replies of one session."""

    def __init__(self, repo: Repository, session: str) -> None:
        self._repo, self._session = repo, session
        self._folder = repo.directory / "skill-fleet" / "chat" / session[:40]
        self._file, self._tape = self._folder / "answers.jsonl", self._folder / "tape.jsonl"
        self._said: list[tuple[str, str]] = []
        self._before = _read(self._file)
        """The answers of an earlier run that were not asked for again yet."""
        self.is_resumed = bool(self._before)

    def recall(self, asked: str) -> str | None:
        """The remembered answer to `asked` at this point; None if it was not asked then."""
        return self._before[0][1] if self._before and self._before[0][0] == asked else None

    def keep(self, asked: str, answer: str) -> None:
        """Remember an answer; if it is not the one of an earlier run, all later ones of that are dropped."""
        self._said.append((asked, answer))
        self._before = self._before[1:] if self._before[:1] == self._said[-1:] else []
        self._save()

    def drop_last(self) -> None:
        """Forget the last answer: it is to be asked for again."""
        self._said.pop()
        self._save()

    def _save(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        rows = (json.dumps(row) for row in (*self._said, *self._before))
        self._file.write_text("".join(f"{row}\n" for row in rows), encoding="ascii")

    def tape(self) -> Path:
        """The file on which a model's replies are recorded meanwhile, and replayed from."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._tape.touch()
        return self._tape

    def drop_replies(self, most: int | None = None) -> None:
        """Drop the model's last replies (all without `most`): they are to be asked for again."""
        rows = self.tape().read_bytes().splitlines(keepends=True)
        self._tape.write_bytes(b"".join(rows[:-most] if most else []))

    def forget(self) -> None:
        """Delete it, and the record of what the model was asked: the session is over, or has a pull request."""
        proposals.drop_rows(self._repo, self._session)
        shutil.rmtree(self._folder, ignore_errors=True)


def _read(file: Path) -> list[tuple[str, str]]:
    """The answers (question, answer) up to the first row that is not one."""
    found = []
    for row in file.read_text("utf-8", "replace").splitlines() if file.exists() else ():
        try:
            asked, answer = json.loads(row)
        except ValueError:
            break
        found.append((str(asked), str(answer)))
    return found
