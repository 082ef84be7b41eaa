"""Who is asking."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer

from app.accounts.service import Accounts
from app.accounts.tables import Account
from app.accounts.tokens import read_access_token
from app.database import SessionDep
from app.errors import Unauthorized

bearer = OAuth2PasswordBearer(tokenUrl="/v1/accounts/login")


def get_accounts(request: Request, session: SessionDep) -> Accounts:
    return Accounts(session, request.app.state.settings)


AccountsDep = Annotated[Accounts, Depends(get_accounts)]


async def current_account(token: Annotated[str, Depends(bearer)], request: Request, session: SessionDep) -> Account:
    account = await session.get(Account, read_access_token(token, request.app.state.settings))
    if account is None:
        raise Unauthorized("The account is gone.")
    return account


CurrentAccount = Annotated[Account, Depends(current_account)]
