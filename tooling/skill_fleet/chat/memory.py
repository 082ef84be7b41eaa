"""The answers of a session before its first commit, so that a session that was stopped can be resumed.

A session with a branch is that branch and its pull request, and nothing else is kept. Before that, one commit at
`refs/skill-fleet/chat/<session>`, in this repository alone, holds the answers in their order and the model's replies.
Resuming plays both again: the same question gets the same answer, from the person and from the model, until one comes
that was not asked before. The ref goes when the pull request is open.
"""

from __future__ import annotations

import json
from pathlib import Path

from skill_fleet import proposals
from skill_fleet.errors import UserError
from skill_fleet.git import ABSENT, Identity, RefMoved, Repository, Update, move_refs, write_commit, write_folder

PREFIX = "refs/skill-fleet/chat/"
_ANSWERS, _TAPE = "answers.jsonl", "tape.jsonl"


class Memory:
    """The answers of one session, and the `tape` on which a model's replies are recorded meanwhile.

    Raises UserError when another terminal holds the same session at the same time.
    """

    def __init__(self, repo: Repository, session: str, who: Identity, tape: Path, *, afresh: bool = False) -> None:
        self._repo, self._who, self._session = repo, who, session
        self._ref = f"{PREFIX}{session[:40]}"
        self._at = repo.refs(self._ref).get(self._ref)
        self.tape = tape
        self._said: list[tuple[str, str]] = []
        self._next, self._over = 0, False
        content = b""
        if self._at and not afresh:
            found = repo.blobs([f"{self._at}:{_ANSWERS}", f"{self._at}:{_TAPE}"])
            content = found.get(f"{self._at}:{_TAPE}", b"")
            self._said = _read(found.get(f"{self._at}:{_ANSWERS}", b""))
        try:
            tape.write_bytes(content)
        except OSError as problem:
            raise UserError(f"{tape} cannot be written: {problem.strerror}.", "Name another: --record FILE") from None
        self.known = len(self._said)
        """The number of answers from an earlier run."""

    def recall(self, asked: str) -> str | None:
        """The remembered answer to `asked` at this point; None, and all later answers are dropped, if it was not asked."""
        if self._next < len(self._said) and self._said[self._next][0] == asked:
            self._next += 1
            return self._said[self._next - 1][1]
        del self._said[self._next :]
        return None

    def keep(self, asked: str, answer: str) -> None:
        """Remember an answer, and drop the later ones of an earlier run."""
        del self._said[self._next :]
        self._said.append((asked, answer))
        self._next = len(self._said)
        self.save()

    def drop_last(self) -> None:
        """Drop the answer that was recalled last: it does not fit any more."""
        self._next -= 1

    def replies(self) -> int:
        """The number of the model's replies on the tape."""
        return self.tape.read_bytes().count(b"\n")

    def save(self, refused: int = 0) -> None:
        """Write all of it to Git but the last `refused` replies, which are to be asked for again; nothing once it is over."""
        if self._over:
            return
        rows = "".join(f"{json.dumps(row, ensure_ascii=True)}\n" for row in self._said)
        tape = self.tape.read_bytes().splitlines(keepends=True)
        tape = tape[: len(tape) - refused]
        tree = write_folder(self._repo, {_ANSWERS: rows.encode("ascii"), _TAPE: b"".join(tape)})
        new = write_commit(self._repo, tree, [], "Keep the answers before the first commit\n", self._who)
        self._move(new)

    def forget(self) -> None:
        """Delete it, and the record of what the model was asked: the session is over, or has a pull request."""
        self._over = True
        proposals.drop_rows(self._repo, self._session)
        if self._at:
            self._move(ABSENT)

    def _move(self, new: str) -> None:
        if new == self._at:
            return
        try:
            move_refs(self._repo, [Update(self._ref, new, self._at or ABSENT)])
        except RefMoved as moved:
            raise UserError(
                "This session is open in another terminal.", "Finish it there, or run again when it has ended."
            ) from moved
        self._at = None if new == ABSENT else new


def _read(content: bytes) -> list[tuple[str, str]]:
    """The answers (question, answer) up to the first row that is not one."""
    found = []
    for row in content.decode("utf-8", "replace").splitlines():
        try:
            asked, answer = json.loads(row)
        except ValueError:
            break
        found.append((str(asked), str(answer)))
    return found
