"""What the blocks of python/fastapi-builder promise to somebody who starts a service with them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import ModuleType

import jwt
import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError
from sqlalchemy import create_engine
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session


def check_factory(block: ModuleType) -> None:
    with TestClient(block.create_app(block.Settings(greeting="Hi"))) as client:
        assert client.get("/").json() == "Hi"


def check_tables(block: ModuleType) -> None:
    engine = create_engine("sqlite://")
    block.Base.metadata.create_all(engine)
    order = block.Order.__table__
    assert {constraint.name for constraint in order.constraints} >= {"pk_orders", "ck_orders_total"}
    assert {index.name for index in order.indexes} == {"ix_orders_owner_id"}
    assert order.c.note.nullable
    assert not order.c.total.nullable
    with Session(engine) as session:
        session.add(block.Order(owner_id=block.uuid.uuid4(), total=block.Decimal("9.50"), lines=[block.Line(sku="x")]))
        session.commit()
        found = session.query(block.Order).one()
        assert (found.state, found.total) == (block.State.OPEN, block.Decimal("9.50"))
        with pytest.raises(InvalidRequestError, match="lazy='raise'"):
            _ = found.lines
    engine.dispose()


def symptom_lax_token(block: ModuleType) -> bool:
    """A token without an expiry, made by and for somebody else, is accepted."""
    complete = block.make(exp=block.SOON, iss="shop", aud="shop-api")
    if block.read.__code__.co_nlocals > 1:
        assert block.read(complete) == "1"
    accepted = []
    for claims in ({}, {"exp": block.SOON, "iss": "other"}, {"exp": block.SOON, "iss": "shop"}):
        try:
            accepted.append(block.read(block.make(**claims)))
        except jwt.InvalidTokenError:
            continue
    with pytest.raises(jwt.ExpiredSignatureError):
        block.read(block.make(exp=int(time.time()) - 1, iss="shop", aud="shop-api"))
    return accepted == ["1", "1", "1"]


def check_cookie(block: ModuleType) -> None:
    with TestClient(block.app, base_url=block.ORIGIN) as client:
        assert client.post("/orders", headers={"Origin": block.ORIGIN}).status_code == 401
        cookie = client.post("/login").headers["Set-Cookie"]
        assert all(word in cookie for word in ("__Host-session=", "HttpOnly", "Secure", "SameSite=lax", "Path=/"))
        assert client.post("/orders", headers={"Origin": block.ORIGIN}).json() == "ada"
        for headers in ({}, {"Origin": "https://evil.example.net"}):
            assert client.post("/orders", headers=headers).status_code == 403
    assert len(next(iter(block.SESSIONS))) == 64


def check_contract(block: ModuleType) -> None:
    block.test_the_contract_is_as_agreed()
    block.test_the_contract_is_as_agreed()
    path = Path("openapi.json")
    assert "list_notes" in path.read_text()
    path.write_text("{}")
    with pytest.raises(AssertionError, match="the contract changed"):
        block.test_the_contract_is_as_agreed()


def check_models(block: ModuleType) -> None:
    good = {"guest": " Ada ", "price": 100, "arrival": "2026-05-01", "departure": "2026-05-03"}
    good |= {"payment": {"kind": "card", "token": "t"}}
    assert block.Booking.model_validate(good).guest == "Ada"
    assert block.Booking.model_validate({**good, "price": "7"}).price == 7
    changes: list[dict[str, object]] = [
        {"guest": "123"},
        {"price": 7.5},
        {"departure": "2026-05-01"},
        {"tags": ["a", "a"]},
        {"payment": {"kind": "cash"}},
        {"gest": "x"},
    ]
    for change in changes:
        with pytest.raises(ValidationError) as caught:
            block.Booking.model_validate({**good, **change})
        assert len(caught.value.errors()) == 1


def check_telemetry(block: ModuleType) -> None:
    block.app.get("/live")(lambda: {"status": "live"})
    with TestClient(block.app) as client:
        assert json.loads(client.get("/live").text) == {"status": "live"}
