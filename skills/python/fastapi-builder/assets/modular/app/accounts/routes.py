"""/accounts"""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.security import OAuth2PasswordRequestForm

from app.accounts.dependencies import AccountsDep, CurrentAccount
from app.accounts.models import AccountOut, Registration, Renewal, Tokens
from app.accounts.tables import Account

router = APIRouter(prefix="/accounts", tags=["accounts"])


@router.post("", status_code=201, response_model=AccountOut)
async def register(new: Registration, accounts: AccountsDep) -> Account:
    return await accounts.register(new)


@router.post("/login")
async def log_in(form: Annotated[OAuth2PasswordRequestForm, Depends()], accounts: AccountsDep) -> Tokens:
    return await accounts.log_in(form.username, form.password)


@router.post("/renew")
async def renew(renewal: Renewal, accounts: AccountsDep) -> Tokens:
    return await accounts.renew(renewal.refresh_token)


@router.post("/logout", status_code=204)
async def log_out(renewal: Renewal, accounts: AccountsDep) -> None:
    await accounts.log_out(renewal.refresh_token)


@router.get("/me", response_model=AccountOut)
async def me(account: CurrentAccount) -> Account:
    return account
