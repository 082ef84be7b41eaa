"""The exception for errors that the user can fix. Any other exception that escapes is a bug."""

from __future__ import annotations

from typing import Any


class UserError(Exception):
    """An error that the user can fix: a sentence that says what is wrong, and a tip that works when pasted.

    It is raised anywhere before anything is changed, and caught once: the CLI prints both and exits with status 2.
    """

    def __init__(self, message: str, tip: str) -> None:
        super().__init__(message)
        self.message = message
        self.tip = tip

    def __reduce__(self) -> tuple[type[UserError], tuple[Any, ...]]:
        """How it is sent from another process: with both its arguments."""
        return UserError, (self.message, self.tip)
