import sys

sys.path.insert(0, ".")

import asyncio
import time

from rooms import Room


class Socket:
    def __init__(self, hangs: bool = False, fails: bool = False) -> None:
        self.got: list[str] = []
        self.hangs, self.fails = hangs, fails

    async def send_text(self, text: str) -> None:
        if self.fails:
            raise RuntimeError("closed")
        if self.hangs:
            await asyncio.Event().wait()
        self.got.append(text)

    async def send_json(self, data: object, mode: str = "text") -> None:
        await self.send_text(str(data))

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        if self.hangs:
            await asyncio.Event().wait()


async def talk(bad: Socket) -> tuple[float, list[list[str]]]:
    room, good = Room(), [Socket(), Socket()]
    for each in (good[0], bad, good[1]):
        joined = room.join(each)
        if asyncio.iscoroutine(joined):
            await joined
    begin = time.monotonic()
    for number in range(3):
        await asyncio.wait_for(room.broadcast(f"m{number}"), 30)
    seconds = time.monotonic() - begin
    await asyncio.sleep(0.2)
    return seconds, [each.got for each in good]


def closed() -> None:
    _, got = asyncio.run(talk(Socket(fails=True)))
    assert got == [["m0", "m1", "m2"]] * 2, got


def hanging() -> None:
    seconds, got = asyncio.run(talk(Socket(hangs=True)))
    assert got == [["m0", "m1", "m2"]] * 2, got
    assert seconds < 20, seconds


globals()[sys.argv[1]]()
