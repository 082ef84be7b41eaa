"""What clients send and get."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class NoteIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200)
    text: str | None = Field(default=None, max_length=10_000)


class NoteChange(BaseModel):
    """Only what is sent is changed; the title may be absent, but not null."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(default="", min_length=1, max_length=200)
    text: str | None = Field(default=None, max_length=10_000)


class NoteOut(BaseModel):
    id: int
    title: str
    text: str | None
    created: datetime


class NotePage(BaseModel):
    items: list[NoteOut]
    next: int | None = None
