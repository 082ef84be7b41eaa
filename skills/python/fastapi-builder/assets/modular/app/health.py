"""Probes for an orchestrator."""

import asyncio
import logging

from fastapi import APIRouter, Request, Response
from sqlalchemy import text

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)


@router.get("/live")
async def live() -> dict[str, str]:
    return {"status": "live"}


@router.get("/ready")
async def ready(request: Request, response: Response) -> dict[str, str]:
    response.headers["Cache-Control"] = "no-store"
    try:
        async with asyncio.timeout(1), request.app.state.sessions() as session:
            await session.execute(text("SELECT 1"))
    except Exception:
        log.warning("the database does not answer", exc_info=True)
        response.status_code = 503
        return {"status": "not ready"}
    return {"status": "ready"}
