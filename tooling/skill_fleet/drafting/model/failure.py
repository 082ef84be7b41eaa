"""How a step of the model ends when it does not end well."""

from __future__ import annotations

from skill_fleet.errors import UserError


class ModelFailed(UserError):
    """The model could not do it: nothing was changed, and the person can try again, or without a model."""


class Unsafe(ModelFailed):
    """What it wrote may not be committed; the same replies would end in this again."""


class OutOfBudget(BaseException):
    """The budget is spent. Not an Exception: libraries retry those, and a retry is what must not happen here."""


class Unreadable(Exception):
    """A reply that is not in the form that was asked for, or not whole; the message says what is wrong with it.

    The message goes back to the model with the same question, once.
    """
