from collections.abc import AsyncIterator

from pydantic import BaseModel


class Reading(BaseModel):
    sensor: str
    value: float


async def readings() -> AsyncIterator[dict[str, object]]:
    """All readings, millions of them, one at a time."""
    for number in range(3):
        yield {"sensor": f"s{number}", "value": str(number), "internal_note": "not for clients"}
