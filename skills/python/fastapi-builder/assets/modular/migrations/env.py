"""How Alembic reaches the database: the service's own settings and tables."""

import asyncio

from alembic import context
from sqlalchemy import Connection

import app.accounts.tables
import app.notes.tables  # noqa: F401
from app.database import Base, make_engine
from app.settings import Settings


def migrate(connection: Connection) -> None:
    batch = connection.dialect.name == "sqlite"  # SQLite cannot alter most of a table
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=batch)
    with context.begin_transaction():
        context.run_migrations()


async def connect() -> None:
    engine = make_engine(context.config.attributes.get("settings") or Settings())
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


if context.is_offline_mode():
    context.configure(url=Settings().database_url, target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(connect())
