import asyncio

from fastapi import FastAPI


async def call(kind: str) -> str:
    """Ask the partner, which takes seconds."""
    await asyncio.sleep(2)
    return kind


app = FastAPI()


@app.get("/price")
async def price() -> str:
    return await call("price")


@app.get("/stock")
async def stock() -> str:
    return await call("stock")
