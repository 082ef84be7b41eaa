"""What the blocks of python/fastapi-production do under load, after shutdown and in the hands of a careless client."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any
from unittest.mock import patch

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import NullPool, select, text
from sqlalchemy.exc import IllegalStateChangeError, OperationalError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm.exc import StaleDataError
from starlette.datastructures import UploadFile


@asynccontextmanager
async def serving(app: FastAPI, **options: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """The app between start and stop, and a client for it."""
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=transport, base_url="http://x") as client:
        yield client


@contextmanager
def litter() -> Iterator[None]:
    """The wrong way leaves coroutines and connections behind, of which Python complains when it collects them."""
    with warnings.catch_warnings(), patch.object(sys, "unraisablehook", lambda _: None):
        warnings.simplefilter("ignore")
        yield
        gc.collect()


# SKILL.md


def symptom_late_commit(block: ModuleType) -> bool:
    """The client is told of an order that the database then refuses."""

    async def refuse(session: AsyncSession) -> None:
        raise OperationalError("COMMIT", {}, Exception("the server closed the connection"))

    async def order() -> tuple[int, int]:
        async with serving(block.app) as client:
            async with block.app.state.sessions() as session:
                await session.execute(text("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER)"))
                await session.commit()
            with patch.object(AsyncSession, "commit", refuse):
                status = (await client.post("/orders")).status_code
            async with block.app.state.sessions() as session:
                return status, await session.scalar(text("SELECT count(*) FROM orders"))

    status, rows = asyncio.run(order())
    assert rows == 0
    return status == 201


def check_patch(block: ModuleType) -> None:
    user = type("User", (), {"name": "Ada", "email": "ada@example.org"})()
    block.apply(user, block.UserUpdate.model_validate({"email": None}))
    assert (user.name, user.email) == ("Ada", None)


# database.md


def symptom_engine_at_import(block: ModuleType) -> bool:
    """A connection is still open after the app has stopped."""

    async def use() -> int:
        async with serving(block.app) as client:
            assert (await client.get("/ping")).json() == 1
        engine = getattr(block, "engine", None) or block.app.state.engine
        left = engine.pool.checkedin()
        await engine.dispose()
        return int(left)

    return asyncio.run(use()) > 0


def symptom_held_session(block: ModuleType) -> bool:
    """Two requests at once are one too many for a pool of one, although the database does nothing."""

    async def both() -> list[int]:
        async with serving(block.app) as client:
            return [answer.status_code for answer in await asyncio.gather(*(client.get("/quote") for _ in range(2)))]

    return sorted(asyncio.run(both())) == [200, 500]


def symptom_lazy_load(block: ModuleType) -> bool:
    """Touching a relation that was not loaded raises MissingGreenlet."""

    async def use(sessions: async_sessionmaker[Any]) -> bool:
        async with sessions() as session:
            try:
                assert await block.titles(session, 1) == ["Notes"]
            except StatementError as problem:
                return "MissingGreenlet" in str(problem) and "can't call await_() here" in str(problem)
        return False

    with litter():
        return asyncio.run(_with_library(block, use))


def symptom_shared_session(block: ModuleType) -> bool:
    """Two tasks on one session are refused."""

    async def use(sessions: async_sessionmaker[Any]) -> bool:
        try:
            assert await block.names(sessions, [1, 2]) == ["Ada", "Mary"]
        except IllegalStateChangeError as problem:
            await asyncio.sleep(0.05)  # until the other task is done with the connection
            return "concurrent operations are not permitted" in str(problem.__context__)
        return False

    with litter():
        return asyncio.run(_with_library(block, use))


def check_two_databases(block: ModuleType) -> None:
    async def use() -> None:
        async with serving(block.app) as client:
            files = (await client.get("/which")).json()
            assert [Path(file).name for file in files] == ["replica.db", "primary.db"]

    asyncio.run(use())


async def _with_library(block: ModuleType, use: Callable[[async_sessionmaker[Any]], Awaitable[bool]]) -> bool:
    engine = create_async_engine("sqlite+aiosqlite:///library.db", poolclass=NullPool)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    async with engine.begin() as connection:
        await connection.run_sync(block.Base.metadata.create_all)
    async with sessions() as session:
        session.add_all(
            [block.Author(id=1, name="Ada", books=[block.Book(title="Notes")]), block.Author(id=2, name="Mary")]
        )
        await session.commit()
        assert len((await session.scalars(select(block.Author))).all()) == 2
    try:
        return await use(sessions)
    finally:
        await engine.dispose()


# models.md


def symptom_null_patch(block: ModuleType) -> bool:
    """A field that was not sent is emptied."""
    with TestClient(block.app) as client:
        after = client.patch("/users/1", json={"nickname": None}).json()
        if after["name"] == "Ada":
            assert after["nickname"] is None
            assert client.patch("/users/1", json={"name": None}).status_code == 422
            assert client.patch("/users/1", json={"nme": "x"}).status_code == 422
        return after["name"] is None


# blocking.md


def symptom_blocked_loop(block: ModuleType) -> bool:
    """While one request runs, nothing else does."""

    async def count() -> int:
        ticks = 0
        async with serving(block.app) as client:
            request = asyncio.create_task(client.get("/report"))
            while not request.done():
                await asyncio.sleep(0.005)
                ticks += 1
            assert request.result().json() == "done"
        return ticks

    return asyncio.run(count()) < 8


def check_client(block: ModuleType) -> None:
    answers = iter([httpx2.Response(200, json={"rate": 1.25}), httpx2.Response(500)])
    transport = httpx2.MockTransport(lambda request: next(answers))
    real = httpx2.AsyncClient
    with (
        patch.object(httpx2, "AsyncClient", lambda **options: real(transport=transport, **options)),
        TestClient(block.app) as client,
    ):
        assert client.get("/rate/EUR").json() == 1.25
        assert client.get("/rate/EUR").status_code == 502


def check_limiter(block: ModuleType) -> None:
    with TestClient(block.app) as client:
        assert client.get("/pdf/x").json() == 6


# dependencies.md


def check_tree(block: ModuleType) -> None:
    with TestClient(block.app) as client:
        calls = [client.delete("/users/1", headers=headers).status_code for headers in ({}, _as("bob"), _as("ada"))]
        assert calls == [401, 403, 204]
        assert client.get("/me", headers=_as("bob")).json() == "Bob"


def symptom_settings_per_request(block: ModuleType) -> bool:
    """Each request reads the settings again."""
    with TestClient(block.app) as client:
        for _ in range(3):
            assert client.get("/title").json() == "production"
    return len(block.READS) == 3


def _as(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer t-{name}"}


# uploads.md


def symptom_whole_file(block: ModuleType) -> bool:
    """The largest piece in memory is as large as the file, and the client chooses where it is written."""
    pieces: list[int] = []
    real = UploadFile.read

    async def spy(file: UploadFile, size: int = -1) -> bytes:
        piece = await real(file, size)
        pieces.append(len(piece))
        return piece

    content = b"\x89PNG\r\n\x1a\n" + bytes(3 << 20)
    with TemporaryDirectory() as folder, patch.object(UploadFile, "read", spy):
        block.FOLDER = Path(folder, "uploads")
        block.FOLDER.mkdir()
        with TestClient(block.app) as client:
            answer = client.post("/files", files={"file": ("../outside.png", content)})
            assert (answer.status_code, answer.json()) == (201, len(content))
            escaped = Path(folder, "outside.png").exists()
            if max(pieces) < len(content):
                assert client.post("/files", files={"file": ("x.png", b"GIF89a")}).status_code == 415
                assert client.post("/files", files={"file": ("x.png", content * 18)}).status_code == 413
    assert (max(pieces) == len(content)) == escaped
    return escaped


def check_raw(block: ModuleType) -> None:
    with TestClient(block.app) as client:
        assert client.put("/blobs/x", content=b"a" * 1000).json() == 1000
        assert client.put("/blobs/x", content=(b"a" * 600_000 for _ in range(2))).status_code == 413


# background.md


def symptom_silent_task(block: ModuleType) -> bool:
    """The payment failed and is still called accepted."""
    with TestClient(block.app, raise_server_exceptions=False) as client:
        assert client.post("/payments/1").status_code == 202
        return client.get("/payments/1").json() == "accepted"


def check_owner(block: ModuleType) -> None:
    failures: list[str] = []
    note = patch.object(block.log, "error", lambda *arguments, **_: failures.append(arguments[1]))
    with note, TestClient(block.app) as client:
        assert [client.post(f"/recount/{shelf}").status_code for shelf in (1, -1)] == [202, 202]
    assert failures == ["recount--1"]

    async def stop_late() -> bool:
        tasks = block.Tasks()
        tasks.start(asyncio.sleep(60), "late")
        await tasks.stop(seconds=0.01)
        return not tasks._running

    assert asyncio.run(stop_late())


# errors.md


def check_handlers(block: ModuleType) -> None:
    problems = {"/missing": block.NotFound("no such shelf"), "/bug": RuntimeError("secret")}
    problems["/twice"] = block.IntegrityError("INSERT", {}, Exception("unique"))
    for path, problem in problems.items():
        block.app.get(path)(_raises(problem))
    with TestClient(block.app, raise_server_exceptions=False) as client:
        answers = {path: client.get(path) for path in problems}
    assert {path: answer.status_code for path, answer in answers.items()} == {
        "/missing": 404,
        "/bug": 500,
        "/twice": 409,
    }
    assert "secret" not in answers["/bug"].text


def symptom_echoed_secret(block: ModuleType) -> bool:
    """The refused password is in the answer."""
    with TestClient(block.app) as client:
        answer = client.post("/login", json={"email": "a@example.org", "password": "hunter2"})
    assert answer.status_code == 422
    assert json.loads(answer.text)["detail"][0]["loc"] == ["body", "password"]
    return "hunter2" in answer.text


def _raises(problem: Exception) -> Callable[[], Awaitable[None]]:
    async def endpoint() -> None:
        raise problem

    return endpoint


def check_versioned(block: ModuleType) -> None:
    async def use() -> None:
        engine = create_async_engine("sqlite+aiosqlite://")
        sessions = async_sessionmaker(engine, expire_on_commit=False)
        async with engine.begin() as connection:
            await connection.run_sync(block.Base.metadata.create_all)
        async with sessions() as session:
            session.add(block.Account(id=1, balance=1))
            await session.commit()
            account = await session.get_one(block.Account, 1)
            await session.execute(text("UPDATE accounts SET version = 2"))
            account.balance = 5
            with pytest.raises(StaleDataError):
                await session.commit()
        await engine.dispose()

    asyncio.run(use())
