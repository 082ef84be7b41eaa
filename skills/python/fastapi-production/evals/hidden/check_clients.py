"""Checks of the tasks about httpx2."""

import asyncio
import sys
import warnings
from collections.abc import AsyncIterator

warnings.simplefilter("error")
sys.path.insert(0, ".")

PARTS = [
    b"\xef\xbb\xbf: hello\r\n\r\nid: 1\r\nevent: pri",
    b'ce\r\ndata: {"a":\r',
    b'\ndata: "\xc3',
    b'\xa9\xe2\x80\xa8"}\r\n\r\n',
    b"data: 2\n\ndata:3\r\rdata: cut off",
]


def feed() -> None:
    import feed as module
    import httpx2

    class Body(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for part in PARTS:
                yield part

    def answer(request: httpx2.Request) -> httpx2.Response:
        assert request.headers["accept"] == "text/event-stream", request.headers
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=Body())

    async def run() -> list[tuple[str, str, str]]:
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as client:
            return [each async for each in module.events(client, "https://partner.example/feed")]

    found = asyncio.run(run())
    wanted = [("1", "price", '{"a":\n"\u00e9\u2028"}'), ("1", "message", "2"), ("1", "message", "3")]
    assert found == wanted, found


globals()[sys.argv[1]]()
