"""The whole service. Grow it into a package when a second topic arrives."""

from typing import Annotated

from fastapi import FastAPI, Path
from pydantic import BaseModel

app = FastAPI(title="my-service", max_body_size=1_000_000)


class Greeting(BaseModel):
    message: str


@app.get("/live", include_in_schema=False)
async def live() -> dict[str, str]:
    """Tell an orchestrator that the process answers."""
    return {"status": "live"}


@app.get("/greetings/{name}")
async def greet(name: Annotated[str, Path(min_length=1, max_length=50)]) -> Greeting:
    """Greet somebody."""
    return Greeting(message=f"Hello, {name}!")
