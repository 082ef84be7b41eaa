import sys

sys.path.insert(0, ".")

from collections.abc import Iterator

from fastapi.testclient import TestClient
from main import app

client = TestClient(app, raise_server_exceptions=False)
KB = 1024


def pieces(size: int) -> Iterator[bytes]:
    for _ in range(size // KB):
        yield b"x" * KB


def limits() -> None:
    assert client.post("/notes", content=b"x" * 99 * KB).json() == 99 * KB
    assert client.post("/notes", content=b"x" * 101 * KB).status_code == 413
    assert client.post("/notes", content=pieces(200 * KB)).status_code == 413
    assert client.post("/notes", content=b"x", headers={"content-length": "x"}).status_code < 500


def larger() -> None:
    assert client.post("/media/images", content=pieces(900 * KB)).json() == 900 * KB
    assert client.post("/media/images", content=b"x" * 1100 * KB).status_code == 413
    assert client.post("/media/images", content=pieces(1100 * KB)).status_code == 413


globals()[sys.argv[1]]()
