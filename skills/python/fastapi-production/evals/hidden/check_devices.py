import sys

sys.path.insert(0, ".")

from devices import app
from fastapi.testclient import TestClient

client = TestClient(app, raise_server_exceptions=False)
READING, SETTING = b'{"sensor": "s", "celsius": 1.5}', b'{"name": "n", "value": "v"}'


def accepts() -> None:
    assert client.post("/devices/readings", content=READING).status_code == 201
    assert client.post("/devices/readings", json={"sensor": "s", "celsius": "hot"}).status_code == 422
    assert client.post("/devices/readings", content=b'{"sensor": 1').status_code == 422
    assert "requestBody" in app.openapi()["paths"]["/devices/readings"]["post"]


def keeps() -> None:
    assert client.post("/admin/settings", content=SETTING).status_code == 422
    assert client.post("/admin/settings", json={"name": "n", "value": "v"}).status_code == 201


globals()[sys.argv[1]]()
