from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException


def current_user(authorization: Annotated[str | None, Header()] = None) -> str:
    if authorization != "Bearer t-ada":
        raise HTTPException(401, "who are you?")
    return "ada"


CurrentUser = Annotated[str, Depends(current_user)]

orders = APIRouter(prefix="/orders")


@orders.get("/{order_id}")
def read_order(order_id: int, user: CurrentUser) -> dict[str, int]:
    return {"id": order_id}


@orders.delete("/{order_id}", status_code=204)
def delete_order(order_id: int, user: CurrentUser) -> None: ...


reports = APIRouter(prefix="/reports", dependencies=[Depends(current_user)])


@reports.get("/daily", include_in_schema=False)
def daily() -> dict[str, str]:
    return {"report": "daily"}


app = FastAPI()
app.include_router(orders)
app.include_router(reports)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/me")
def me(user: CurrentUser) -> str:
    return user
