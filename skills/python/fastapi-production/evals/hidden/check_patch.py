import sys
import warnings

warnings.simplefilter("error")
sys.path.insert(0, ".")

from fastapi.testclient import TestClient  # noqa: E402
from main import Change, app  # noqa: E402


def answers() -> None:
    client = TestClient(app)
    assert client.patch("/profile", json={"nickname": None}).json() == {"nickname": None}
    assert client.patch("/profile", json={"city": "Bern"}).json() == {"city": "Bern"}
    assert client.patch("/profile", json={}).json() == {}
    assert client.patch("/profile", json={"city": None}).status_code == 422


def absent() -> None:
    change = Change(nickname=None)
    assert change.nickname is None and change.city is not None and change.city != ""
    assert repr(change.city) == "<MISSING>" or "MISSING" in repr(change.city), repr(change.city)
    assert change.model_dump() == {"nickname": None}


globals()[sys.argv[1]]()
