"""The one exception that a user can act on. Anything else that escapes is our bug."""

from __future__ import annotations


class UserError(Exception):
    """Something the user can fix: one sentence that says what, and a tip that says what to type.

    Raised anywhere, caught once, at the top of the CLI, which prints both and exits with status 2. Nothing may have
    been changed when it is raised.
    """

    def __init__(self, message: str, tip: str) -> None:
        super().__init__(message)
        self.message = message
        self.tip = tip

    def __reduce__(self) -> tuple[type[UserError], tuple[str, str]]:
        """How it is sent from another process: with both its arguments."""
        return UserError, (self.message, self.tip)
