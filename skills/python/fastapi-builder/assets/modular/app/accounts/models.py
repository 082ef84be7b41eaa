"""What clients send and get."""

import uuid
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

PART = r"[^@\s\x00]+"  # PostgreSQL keeps no NUL in a text
Email = Annotated[
    str, Field(max_length=254, pattern=rf"^{PART}@{PART}\.{PART}$"), AfterValidator(lambda text: text.lower())
]


class Registration(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email
    password: str = Field(min_length=12, max_length=200)


class AccountOut(BaseModel):
    id: uuid.UUID
    email: str


class Tokens(BaseModel):
    access_token: str
    refresh_token: str
    token_type: str = "bearer"
    expires_in: int


class Renewal(BaseModel):
    refresh_token: str = Field(max_length=100)
