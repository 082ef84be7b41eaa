"""The application factory: `uvicorn --factory app.main:create_app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from app import health
from app.accounts.routes import router as accounts
from app.database import make_engine, make_sessions
from app.errors import add_handlers
from app.logs import RequestId, set_up_logging
from app.notes.routes import router as notes
from app.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if settings.environment != "test":
            set_up_logging()
        engine = make_engine(settings)
        app.state.sessions = make_sessions(engine)
        try:
            yield
        finally:
            await engine.dispose()

    shown = settings.environment != "production"
    app = FastAPI(
        title="my-service",
        lifespan=lifespan,
        max_body_size=1_000_000,
        docs_url="/docs" if shown else None,
        redoc_url=None,
        openapi_url="/openapi.json" if shown else None,
    )
    app.state.settings = settings
    add_handlers(app)
    app.include_router(health.router)
    app.include_router(accounts, prefix="/v1")
    app.include_router(notes, prefix="/v1")
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type"],
    )
    app.add_middleware(RequestId)
    return app
