import sys

sys.path.insert(0, ".")

from fastapi.testclient import TestClient
from sqlalchemy import event, text


def count(table: str) -> int:
    from ledger import engine

    with engine.connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {table}"))


def works() -> None:
    from ledger import app

    with TestClient(app) as client:
        assert client.post("/entries?amount=3").status_code == 201
    assert (count("entries"), count("audit")) == (1, 1)


def fails() -> None:
    from ledger import app
    from sqlalchemy.orm import Session

    def refuse(session: object) -> None:
        raise RuntimeError("the disk is full")

    event.listen(Session, "before_commit", refuse)
    with TestClient(app, raise_server_exceptions=False) as client:
        status = client.post("/entries?amount=3").status_code
    event.remove(Session, "before_commit", refuse)
    assert status >= 500, status
    assert (count("entries"), count("audit")) == (0, 0)


globals()[sys.argv[1]]()
