import pytest
from alembic import command
from alembic.config import Config
from fastapi import HTTPException
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings


def test_the_probes(client: TestClient, settings: Settings) -> None:
    assert client.get("/live").json() == {"status": "live"}
    assert client.get("/ready").status_code == 200
    with TestClient(
        create_app(settings.model_copy(update={"database_url": "sqlite+aiosqlite:////nowhere/x.db"}))
    ) as lost:
        assert lost.get("/ready").status_code == 503
        assert lost.get("/live").status_code == 200


def test_a_request_has_an_id(client: TestClient) -> None:
    assert client.get("/live", headers={"X-Request-ID": "from-the-proxy"}).headers["X-Request-ID"] == "from-the-proxy"
    assert len(client.get("/live", headers={"X-Request-ID": "a b"}).headers["X-Request-ID"]) == 32


def test_errors_have_one_form(client: TestClient) -> None:
    assert client.get("/nowhere").json() == {"code": "not_found", "message": "Not Found"}
    assert client.get("/v1/notes").json()["code"] == "unauthorized"


@pytest.mark.parametrize(
    ("status", "code"),
    [(413, "content_too_large"), (422, "unprocessable_content"), (418, "http_418"), (499, "http_499")],
)
def test_a_status_has_the_same_code_on_every_python(settings: Settings, status: int, code: str) -> None:
    app = create_app(settings)

    @app.get("/refused")
    async def refused() -> None:
        raise HTTPException(status, "No.")

    with TestClient(app) as client:
        answer = client.get("/refused")
    assert (answer.status_code, answer.json()) == (status, {"code": code, "message": "No."})


def test_a_bug_can_be_found_by_its_id(settings: Settings) -> None:
    app = create_app(settings)

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("secret")

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/bug", headers={"X-Request-ID": "from-the-proxy"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.headers["X-Request-ID"] == "from-the-proxy"


def test_production_hides_the_documentation(settings: Settings) -> None:
    hidden = create_app(settings.model_copy(update={"environment": "production"}))
    assert hidden.openapi_url is None
    assert hidden.docs_url is None


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32"):
        Settings(_env_file=None, database_url="sqlite+aiosqlite://", secret_key="short")


def test_the_migrations_make_the_tables_of_the_code(client: TestClient, alembic: Config) -> None:
    command.check(alembic)
    command.downgrade(alembic, "base")
    command.upgrade(alembic, "head")
