"""Registration, login, renewal and logout."""

import time
import uuid

from fastapi.concurrency import run_in_threadpool
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import tokens
from app.accounts.models import Registration, Tokens
from app.accounts.tables import Account, RefreshToken
from app.errors import Conflict, Unauthorized
from app.settings import Settings


class Accounts:
    def __init__(self, session: AsyncSession, settings: Settings) -> None:
        self._session = session
        self._settings = settings

    async def register(self, new: Registration) -> Account:
        hashed = await run_in_threadpool(tokens.passwords.hash, new.password)
        account = Account(email=new.email, password_hash=hashed)
        self._session.add(account)
        try:
            await self._session.commit()
        except IntegrityError as problem:
            raise Conflict("This address has an account already.") from problem
        return account

    async def log_in(self, email: str, password: str) -> Tokens:
        email = email.replace("\0", " ")  # a form may hold NUL, which PostgreSQL refuses; no address has a space
        wanted = select(Account.id, Account.password_hash).where(Account.email == email.lower())
        found = (await self._session.execute(wanted)).one_or_none()
        await self._session.commit()  # gives the connection back while the hash is computed
        kept = found.password_hash if found else tokens.NOBODY
        is_right, better = await run_in_threadpool(tokens.passwords.verify_and_update, password[:200], kept)
        if found is None or not is_right:
            raise Unauthorized("The address or the password is wrong.")
        if better:
            await self._session.execute(update(Account).where(Account.id == found.id).values(password_hash=better))
        return await self._issue(found.id, uuid.uuid4())

    async def renew(self, refresh_token: str) -> Tokens:
        by_digest = RefreshToken.digest == tokens.digest(refresh_token)
        found = await self._session.scalar(select(RefreshToken).where(by_digest))
        if found is None or found.expires < time.time():
            raise Unauthorized("The refresh token is not valid.")
        # one statement decides who uses it, however many try at once
        claim = update(RefreshToken).where(by_digest, RefreshToken.used.is_(False)).values(used=True)
        claimed = await self._session.execute(claim.returning(RefreshToken.id))
        if claimed.first() is None:
            # used before: somebody has a copy, so the whole chain ends
            await self._session.execute(delete(RefreshToken).where(RefreshToken.family == found.family))
            await self._session.commit()
            raise Unauthorized("The refresh token was used already.")
        return await self._issue(found.account_id, found.family)

    async def log_out(self, refresh_token: str) -> None:
        family = select(RefreshToken.family).where(RefreshToken.digest == tokens.digest(refresh_token))
        await self._session.execute(delete(RefreshToken).where(RefreshToken.family.in_(family)))
        await self._session.commit()

    async def _issue(self, account_id: uuid.UUID, family: uuid.UUID) -> Tokens:
        refresh_token = tokens.make_refresh_token()
        expires = time.time() + self._settings.refresh_token_days * 86_400
        row = RefreshToken(account_id=account_id, family=family, digest=tokens.digest(refresh_token), expires=expires)
        self._session.add(row)
        await self._session.commit()
        return Tokens(
            access_token=tokens.make_access_token(account_id, self._settings),
            refresh_token=refresh_token,
            expires_in=self._settings.access_token_minutes * 60,
        )
