import sys

sys.path.insert(0, ".")

import pathlib
import subprocess

SOURCE = """
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel, Field


class New(BaseModel):
    price: Annotated[Decimal, Field(gt=0, decimal_places=2)]
    quantity: int
    due: AwareDatetime


app = FastAPI()
ORDERS: dict[int, dict] = {}


def shown(number: int, new: New) -> dict:
    total = new.price * new.quantity
    return {"id": number, "quantity": new.quantity, "price": str(new.price), "total": str(total), "due": new.due.isoformat()}


@app.post("/orders", status_code=201)
def add(new: New) -> dict:
    number = len(ORDERS) + 1
    ORDERS[number] = shown(number, new)
    return ORDERS[number]


@app.get("/orders/{number}")
def read(number: int) -> dict:
    return ORDERS[number]
"""


def passes(*changes: tuple[str, str]) -> bool:
    source = SOURCE
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    pathlib.Path("main.py").write_text(source)
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_orders.py"]
    return subprocess.run(words).returncode == 0


def right() -> None:
    assert passes()


def same_values() -> None:
    assert passes()
    assert passes(("new.due.isoformat()", "new.due.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')"))
    assert passes(("str(new.price)", "str(new.price.normalize())"), ("str(total)", "str(total.normalize())"))


def other_values() -> None:
    assert passes()
    assert not passes(("str(total)", "str(total + Decimal('0.01'))"))
    assert not passes(("new.due.isoformat()", "new.due.replace(tzinfo=UTC).isoformat()"))
    assert not passes(("gt=0, ", ""))


globals()[sys.argv[1]]()
