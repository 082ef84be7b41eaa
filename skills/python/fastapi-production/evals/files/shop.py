# ruff: noqa

import time

from fastapi import BackgroundTasks, Depends, FastAPI, UploadFile
from pydantic import BaseModel
from sqlalchemy import String
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine("postgresql+asyncpg://shop@db/shop")
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    note: Mapped[str | None]


class ProductUpdate(BaseModel):
    name: str | None = None
    note: str | None = None


async def get_session():
    async with AsyncSession(engine) as session:
        yield session
        await session.commit()


def notify(product_id: int) -> None:
    time.sleep(2)


@app.patch("/products/{product_id}")
async def update(
    product_id: int, body: ProductUpdate, tasks: BackgroundTasks, session: AsyncSession = Depends(get_session)
):
    product = await session.get(Product, product_id)
    product.name = body.name
    product.note = body.note
    tasks.add_task(notify, product_id)
    return {"id": product.id, "name": product.name}


@app.post("/photos")
async def photo(file: UploadFile):
    content = await file.read()
    time.sleep(0.5)
    open(f"/srv/photos/{file.filename}", "wb").write(content)
    return {"size": len(content)}
