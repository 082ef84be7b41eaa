"""What clients send and get."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps no NUL in a text
Title = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
Text = Annotated[str, StringConstraints(max_length=10_000, pattern=NO_NUL)]


class NoteIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Title
    text: Text | None = None


class NoteChange(BaseModel):
    """Only what is sent is changed; the title may be absent, but not null."""

    model_config = ConfigDict(extra="forbid")

    title: Title = ""
    text: Text | None = None


class NoteOut(BaseModel):
    id: int
    title: str
    text: str | None
    created: datetime


class NotePage(BaseModel):
    items: list[NoteOut]
    next: int | None = None
