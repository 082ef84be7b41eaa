from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app import app


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


def test_it_is_live(client: TestClient) -> None:
    assert client.get("/live").json() == {"status": "live"}


def test_it_greets(client: TestClient) -> None:
    assert client.get("/greetings/Ada").json() == {"message": "Hello, Ada!"}


def test_a_long_name_is_refused(client: TestClient) -> None:
    assert client.get(f"/greetings/{'x' * 51}").status_code == 422
