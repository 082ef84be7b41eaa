"""Checks of the tasks about FastAPI and Starlette: each runs with warnings as errors."""

import json
import pathlib
import subprocess
import sys
import warnings

warnings.simplefilter("error")

from fastapi.testclient import TestClient  # noqa: E402

STREAM = "itemSchema"


def pytest(status: int) -> None:
    ran = subprocess.run([sys.executable, "-m", "pytest", "-q", "test_audit.py"], capture_output=True, text=True)
    assert ran.returncode == status, ran.stdout


def auth() -> None:
    pytest(0)


def auth_mutant() -> None:
    """Refuse with 403 instead."""
    module = pathlib.Path("audit.py")
    change = """
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


@app.exception_handler(HTTPException)
async def refuse(request, problem):
    status = 403 if problem.status_code == 401 else problem.status_code
    return JSONResponse({"detail": problem.detail}, status, problem.headers)
"""
    module.write_text(module.read_text() + change)
    pytest(1)


def content(app: object, path: str) -> dict[str, dict[str, object]]:
    found = app.openapi()["paths"][path]["get"]["responses"]["200"]["content"]  # type: ignore[attr-defined]
    assert isinstance(found, dict)
    return found


def lines() -> None:
    from main import app

    answer = TestClient(app).get("/readings")
    rows = [json.loads(line) for line in answer.text.splitlines() if line]
    assert rows == [{"sensor": f"s{number}", "value": float(number)} for number in range(3)], rows
    assert "json" in answer.headers["content-type"] and answer.headers["content-type"] != "application/json"


def lines_documented() -> None:
    from main import app

    (schema,) = content(app, "/readings").values()
    assert "Reading" in json.dumps(schema[STREAM]), schema


def log() -> None:
    from main import app

    answer = TestClient(app).get("/jobs/7/log")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = []
    for block in answer.text.replace("\r\n", "\n").split("\n\n"):
        fields = [line.partition(":") for line in block.split("\n") if line and not line.startswith(":")]
        data = [value.removeprefix(" ") for name, _, value in fields if name == "data"]
        number = [value.strip() for name, _, value in fields if name == "id"]
        if data:
            events.append((number, "\n".join(data)))
    assert events == [(["1"], "started"), (["2"], 'Traceback:\n  File "a.py"\nboom'), (["3"], "done")], events


def log_kept_alive() -> None:
    import asyncio

    import fastapi.sse
    import jobs
    from main import app

    async def slow(job: int):  # type: ignore[no-untyped-def]
        await asyncio.sleep(0.3)
        yield 1, "late"

    for module in (jobs, sys.modules["main"]):
        if hasattr(module, "log_lines"):
            module.log_lines = slow
    assert any(STREAM in each for each in content(app, "/jobs/{job}/log").values())
    import fastapi.routing

    for module in (fastapi.sse, fastapi.routing):
        if hasattr(module, "_PING_INTERVAL"):
            module._PING_INTERVAL = 0.05
    answer = TestClient(app).get("/jobs/7/log")
    assert answer.text.startswith(":") and "late" in answer.text, answer.text


def status() -> None:
    from main import app

    client = TestClient(app)
    assert client.post("/coupons", json={"code": "x" * 300}).status_code == 413
    assert client.post("/coupons", json={"code": "spring"}).status_code == 422
    assert client.post("/coupons", json={"code": "SPRING"}).status_code == 201


sys.path.insert(0, ".")
globals()[sys.argv[1]]()
