"""Passwords and tokens. No database here."""

import hashlib
import secrets
import time
import uuid

import jwt
from pwdlib import PasswordHash

from app.errors import Unauthorized
from app.settings import Settings

passwords = PasswordHash.recommended()
NOBODY = passwords.hash(secrets.token_hex())  # makes an unknown address as slow as a wrong password

ALGORITHM, ISSUER = "HS256", "my-service"


def make_access_token(account_id: uuid.UUID, settings: Settings) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": str(account_id), "iat": now, "exp": now + settings.access_token_minutes * 60}
    return jwt.encode(claims, settings.secret_key.get_secret_value(), algorithm=ALGORITHM)


def read_access_token(token: str, settings: Settings) -> uuid.UUID:
    try:
        claims = jwt.decode(
            token,
            settings.secret_key.get_secret_value(),
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            options={"require": ["exp", "sub", "iss"]},
        )
        return uuid.UUID(claims["sub"])
    except (jwt.InvalidTokenError, ValueError) as problem:
        raise Unauthorized("The token is not valid.") from problem


def make_refresh_token() -> str:
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
