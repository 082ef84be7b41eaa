"""Reasons for refusing a request, each with its text for people."""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """A reason to refuse a request. Its value is the text; words in braces are facts."""

    # of the pull request and its branch
    MERGED = "The pull request is already merged."
    CLOSED = "The pull request is closed. Reopen it, then write `/retry`."
    CANCELLED = "The pull request was cancelled. Reopen it, then write `/retry`."
    BRANCH_DELETED = "The branch {branch} was deleted. Push it again."
    UNSAFE_PATH = "The branch has the path {path}, which could lead outside its folder. Remove it."
    OTHER_FILES = "The branch also changes {path}, which is not part of the skill. Revert that change."
    NO_SKILL = "There is no skill here yet."
    OPEN_REQUESTS = "A request is still open."
    CHECKS_FAIL = "The checks find {errors}."
    # of any command
    MISSPELLED = (
        "This is not read as a command. Did you mean {meant}? A command is alone on a line of plain text, without other "
        "words; `/help` lists them."
    )
    NO_APPROVAL = (
        "A comment neither approves nor merges. Approve with a review (`skill-fleet review approve {number}`); then merge "
        "(`skill-fleet promote {number}`)."
    )
    NO_TEXT = "The text is missing: `/{command} TEXT`."
    TWO_TEXTS = "A comment can have only one `/{command}`."
    NO_MODEL = (
        "No model is configured, so free-form requests cannot be applied. Use a suggestion block or a command (`/help`), "
        "or {withdraw} to withdraw it."
    )
    NO_CHANGE = "This would change nothing."
    BROKEN_FRONT_MATTER = "The front matter of SKILL.md cannot be edited: {problem}. Fix it with a suggestion or a push, then write `/retry`."
    # of suggestions
    NOT_ON_LINES = "A suggestion must be on lines of a file."
    ON_DELETED_LINES = "The suggestion is on deleted lines."
    TWO_BLOCKS = "A comment can have only one suggestion block. Write a comment for each."
    NOT_IN_SKILL = "{path} is not a file of this skill."
    NOT_UTF_8_FILE = "{path} is not text in UTF-8. Convert it first, or edit it by hand."
    NOT_TEXT_FILE = "{path} is not a regular text file."
    FILE_DROPPED = "{path} was deleted by another request."
    LINES_LOST = "The commit that the suggestion was made on no longer exists. Make it again on the current lines."
    LINES_CHANGED = "The lines have changed since the suggestion was made. Make it again on the current lines."
    CONTRADICTS = (
        "Another suggestion, by {names}, wants these lines to be different, so neither is applied. Which one should it be? "
        "To choose this one, resolve the thread of the other, or write `/retry` here."
    )
    LINES_TAKEN = "Another request has just changed these lines. If you still want this, write `/retry`."
    NOT_UTF_8 = "The suggestion has a character that UTF-8 cannot encode."
    # of /describe, /drop and /move
    TOO_LONG = "A description can have at most {most} characters; this one has {length}."
    NO_PATH = "The file is missing: `/drop PATH`."
    NO_SUCH_FILE = "The skill has no such file. It has {files}."
    SKILL_FILE = "A skill needs its SKILL.md. To close the pull request, write `/cancel`."
    NO_SUCH_CATEGORY = "There is no such category. Choose one of {categories}."
    INVALID_NAME = (
        "Write `/move CATEGORY` or `/move CATEGORY/NAME`. Names have lower-case letters, digits and single hyphens, "
        "and are no device of Windows (`con`, `aux`)."
    )
    SAME_PLACE = "The skill is already there."
    NAME_TAKEN = "The name {name} is, or was, that of {skill}. A name is never reused."
    NOT_REGULAR = "{path} is not a regular file. Move the skill by hand: {command}."
    # of /retry and /adopt
    NOTHING_TO_RETRY = "Nothing to retry."
    WHICH_COMMENT = "Name the comment by its link or number, or reply in its thread."
    NO_SUCH_COMMENT = "No comment by somebody without write access has this link or number."
    COMMENT_CHANGED = "The comment was edited or hidden after this `/adopt`. Read it, then write `/adopt` again."
    NOTHING_TO_ADOPT = "The comment does not ask for a change to the skill."


class Refusal(Exception):
    """A request cannot be carried out. `facts` fill the text of `reason`, as Markdown: pass what others wrote as code."""

    def __init__(self, reason: Reason, **facts: object) -> None:
        super().__init__(reason)
        self.reason, self.facts = reason, facts

    @property
    def text(self) -> str:
        """The reason for people: one or two sentences."""
        return self.reason.value.format(**self.facts)
