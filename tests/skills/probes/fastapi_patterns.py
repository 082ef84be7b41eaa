"""What the recipes of python/fastapi-patterns answer to clients."""

from __future__ import annotations

import asyncio
import json
import logging
from types import ModuleType
from typing import Any
from unittest.mock import patch

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

# SKILL.md


def check_router(block: ModuleType) -> None:
    with TestClient(block.app) as client:
        assert client.post("/v1/items", json={"name": "pen"}).json() == {"id": 1, "name": "pen"}
        statuses = [client.get(f"/v1/items/{item}").status_code for item in ("1", "2", "0")]
        assert statuses == [200, 404, 422]
        assert client.post("/v1/items", json={"name": "pen", "nmae": "x"}).status_code == 422


# responses.md


def symptom_leaky_response(block: ModuleType) -> bool:
    """The hash of the password is in the answer."""
    with TestClient(block.app) as client:
        return "argon2id" in client.get("/me").text


def check_created(block: ModuleType) -> None:
    with TestClient(block.app) as client:
        made = client.post("/notes")
        assert made.status_code == 201
        assert client.get(made.headers["Location"]).json() == made.json()
        gone = client.delete("/notes/7")
        assert (gone.status_code, gone.content) == (204, b"")
    assert "409" in block.app.openapi()["paths"]["/notes"]["post"]["responses"]


def check_camel(block: ModuleType) -> None:
    with TestClient(block.app) as client:
        assert client.post("/trips", json={"startPlace": "Rome"}).json() == {"startPlace": "Rome"}
    assert block.Trip(start_place="Rome").start_place == "Rome"


def check_envelope(block: ModuleType) -> None:
    with TestClient(block.app) as client:
        assert client.get("/words").json() == {"items": ["one", "two"], "next": None}


# pagination.md


def check_params(block: ModuleType) -> None:
    with TestClient(block.app) as client:
        assert client.get("/items?tag=a&tag=b&sort=name").json()["tag"] == ["a", "b"]
        wrong = ("limit=101", "sort=password", "offset=-1", "lmit=3")
        assert {client.get(f"/items?{query}").status_code for query in wrong} == {422}


def symptom_shifting_pages(block: ModuleType) -> bool:
    """A post that arrives between two pages makes the second repeat one of the first."""
    with Session(block.engine) as session:
        session.add_all([block.Post(id=number, created=number // 2) for number in range(1, 7)])
        session.commit()
    with TestClient(block.app) as client:
        page = client.get("/posts").json()
        seen = [item["id"] for item in page["items"]]
        with Session(block.engine) as session:
            session.add(block.Post(id=100, created=100))
            session.commit()
        while page["next"]:
            page = client.get("/posts", params={"cursor": page["next"]}).json()
            seen += [item["id"] for item in page["items"]]
        if len(seen) == len(set(seen)):
            assert seen == [6, 5, 4, 3, 2, 1]
            assert client.get("/posts?cursor=nonsense").status_code == 422
    return len(seen) != len(set(seen))


# services.md


def check_service(block: ModuleType) -> None:
    block.Base.metadata.create_all(block.engine)
    with Session(block.engine) as session:
        session.add_all([block.Account(id=1, balance=10), block.Account(id=2, balance=0)])
        session.commit()
    with TestClient(block.app) as client:
        answers = [client.post("/transfers", json={"source": 1, "target": 2, "amount": n}) for n in (7, 7, 0)]
    assert [answer.status_code for answer in answers] == [204, 409, 422]
    with Session(block.engine) as session:
        assert [session.get_one(block.Account, number).balance for number in (1, 2)] == [3, 7]


# websockets.md


class _Socket:
    """A member whose connection works, is gone, or never takes anything."""

    def __init__(self, is_gone: bool = False) -> None:
        self.got: list[str] = []
        self.is_gone = is_gone

    async def send_text(self, text: str) -> None:
        if self.is_gone:
            raise RuntimeError("the connection is gone")
        self.got.append(text)


def symptom_fragile_broadcast(block: ModuleType) -> bool:
    """A dead member ends the broadcast for all."""

    async def broadcast() -> bool:
        room: Any = block.Room()
        sockets = [_Socket(), _Socket(is_gone=True), _Socket()]
        if isinstance(room.members, set):
            room.members.update(sockets)
            try:
                await room.send("hello")
            except RuntimeError:
                return True
            return False
        queues = [room.join(socket) for socket in sockets]
        for _ in range(101):  # nobody empties the queues
            await room.send("hello")
        assert not room.members
        assert all(queue.qsize() == 100 for queue in queues)
        return False

    return asyncio.run(broadcast())


# streams.md


def symptom_forged_event(block: ModuleType) -> bool:
    """The text of a message becomes an event of its own."""
    with TestClient(block.app) as client:
        events = [part.split("\n") for part in client.get("/events").text.strip().split("\n\n")]
    return ["event: admin", "data: shut down"] in events


def check_events(block: ModuleType) -> None:
    with TestClient(block.app) as client:
        answer = client.get("/events", headers={"Last-Event-ID": "0"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert (answer.headers["cache-control"], answer.headers["x-accel-buffering"]) == ("no-cache", "no")
    fields = dict(line.split(": ", 1) for line in answer.text.strip().split("\n"))
    assert (fields["id"], json.loads(fields["data"])) == ("1", block.MESSAGES[1])


def check_lines(block: ModuleType) -> None:
    block.Base.metadata.create_all(block.engine)
    with Session(block.engine) as session:
        session.add_all([block.Row(id=number) for number in range(1, 1201)])
        session.commit()
    with TestClient(block.app) as client:
        answer = client.get("/rows")
    assert answer.headers["content-type"] == "application/jsonl"
    assert [json.loads(line)["id"] for line in answer.text.splitlines()] == list(range(1, 1201))


def check_csv(block: ModuleType) -> None:
    with TestClient(block.app) as client:
        assert client.get("/people.csv").text == "name,city\r\nAda,London\r\n'=1+1,Paris\r\n"


# rate-limits.md


def symptom_limit_in_middleware(block: ModuleType) -> bool:
    """The refusal is an internal error."""
    with TestClient(block.app, raise_server_exceptions=False) as client:
        answers = [client.get("/search") for _ in range(3)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:2] == [200, 200]
    if statuses[2] == 429:
        assert answers[2].headers["Retry-After"] == "2"
    return statuses[2] == 500


# caching.md


def check_etag(block: ModuleType) -> None:
    with TestClient(block.app) as client:
        first = client.get("/pages/home")
        tag = first.headers["ETag"]
        again = client.get("/pages/home", headers={"If-None-Match": f"W/{tag}"})
        assert (first.json(), again.status_code, again.content) == ("Welcome.", 304, b"")
        writes = [
            client.put("/pages/home?text=New", headers=headers).status_code
            for headers in ({}, {"If-Match": tag}, {"If-Match": tag})
        ]
        assert writes == [428, 204, 412]


def symptom_stampede(block: ModuleType) -> bool:
    """Ten requests compute the same value ten times."""
    computed = 0

    async def make() -> int:
        nonlocal computed
        await asyncio.sleep(0.01)
        computed += 1
        return 42

    async def ask() -> None:
        cache = block.Cache(60)
        assert await asyncio.gather(*(cache.get("answer", make) for _ in range(10))) == [42] * 10

    asyncio.run(ask())
    return computed == 10


# logging.md


def check_logging_app(block: ModuleType) -> None:
    lines: list[dict[str, Any]] = []
    root, access = logging.getLogger(), logging.getLogger("uvicorn.access")
    assert access.disabled
    access.disabled = False
    formatter = root.handlers[0].formatter
    assert formatter
    emit = patch.object(root.handlers[0], "emit", lambda record: lines.append(json.loads(formatter.format(record))))
    with emit, TestClient(block.app) as client:
        answer = client.get("/orders/7", headers={"X-Request-ID": "abcd-1234"})
        other = client.get("/orders/7", headers={"X-Request-ID": "x" * 500})
    assert answer.headers["X-Request-ID"] == answer.json() == "abcd-1234"
    assert len(other.headers["X-Request-ID"]) == 32
    ours = [line for line in lines if line["request_id"] == "abcd-1234"]
    assert [line["logger"] for line in ours] == ["shop", "access"]
    assert (ours[0]["order"], ours[1]["status"], ours[1]["path"]) == (7, 200, "/orders/7")


def symptom_lost_id(block: ModuleType) -> bool:
    """The thread does not know the id of its request."""
    return asyncio.run(block.work()) == "-"


# health.md


def symptom_green_probe(block: ModuleType) -> bool:
    """The database is down, the status is 200, and the address is told to everybody."""

    async def fails() -> None:
        raise ConnectionError("cannot reach 10.0.0.7")

    async def works() -> None: ...

    with TestClient(block.app) as client:
        assert client.get("/live").status_code == 200
        block.CHECKS["cache"] = works
        assert client.get("/ready").status_code == 200
        block.CHECKS["database"] = fails
        answer = client.get("/ready")
    assert (answer.status_code == 200) == ("10.0.0.7" in answer.text)
    return answer.status_code == 200
