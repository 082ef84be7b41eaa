import sys

sys.path.insert(0, ".")

import pathlib

pathlib.Path("dist/assets").mkdir(parents=True, exist_ok=True)
pathlib.Path("dist/index.html").write_text("<main>app</main>")
pathlib.Path("dist/assets/app.js").write_text("let app")
pathlib.Path("secret.txt").write_text("secret")

from fastapi.testclient import TestClient  # noqa: E402
from main import app  # noqa: E402

client = TestClient(app, raise_server_exceptions=False)
PAGE = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def pages() -> None:
    for path in ("/", "/orders/7", "/settings/profile"):
        answer = client.get(path, headers=PAGE)
        assert (answer.status_code, answer.text) == (200, "<main>app</main>"), path
    assert client.get("/assets/app.js").text == "let app"
    assert client.get("/api/orders").json() == [1, 2]
    assert "secret" not in client.get("/..%2fsecret.txt", headers=PAGE).text


def errors() -> None:
    for path in ("/api/nothing", "/api/orders/nothing"):
        answer = client.get(path, headers={"accept": "application/json"})
        assert answer.status_code == 404 and answer.json(), path
    for path in ("/assets/gone.js", "/assets/gone.css", "/logo.png"):
        answer = client.get(path, headers={"accept": "*/*"})
        assert answer.status_code == 404, path
    answer = client.post("/settings/profile", json={})
    assert answer.status_code in (404, 405), answer.status_code


globals()[sys.argv[1]]()
