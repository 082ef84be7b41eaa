import sys

sys.path.insert(0, ".")

import asyncio

import partner
from httpx2 import ASGITransport, AsyncClient

running = most = 0


async def slow(kind: str) -> str:
    global running, most
    running += 1
    most = max(most, running)
    await asyncio.sleep(0.05)
    running -= 1
    return kind


async def ask_all() -> list[int]:
    transport = ASGITransport(partner.app)
    async with (
        partner.app.router.lifespan_context(partner.app),
        AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        answers = await asyncio.gather(*(client.get(path) for path in ["/price", "/stock"] * 8))
    return [answer.status_code for answer in answers]


def bounded() -> None:
    partner.call = slow
    assert set(asyncio.run(ask_all())) == {200}
    assert 1 < most <= 3, most


def twice() -> None:
    partner.call = slow
    for _ in range(2):
        assert set(asyncio.run(ask_all())) == {200}


globals()[sys.argv[1]]()
