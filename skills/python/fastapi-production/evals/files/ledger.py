from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, FastAPI
from sqlalchemy import StaticPool, create_engine, text
from sqlalchemy.orm import Session

engine = create_engine("sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool)
with engine.begin() as connection:
    connection.execute(text("CREATE TABLE entries (id INTEGER PRIMARY KEY, amount INTEGER)"))
    connection.execute(text("CREATE TABLE audit (id INTEGER PRIMARY KEY, what TEXT)"))


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session
        session.commit()


SessionDep = Annotated[Session, Depends(get_session)]


def audited(session: SessionDep) -> Iterator[list[str]]:
    notes: list[str] = []
    yield notes
    for note in notes:
        session.execute(text("INSERT INTO audit (what) VALUES (:what)"), {"what": note})


Audit = Annotated[list[str], Depends(audited)]

app = FastAPI()


@app.post("/entries", status_code=201)
def add(amount: int, session: SessionDep, audit: Audit) -> dict[str, int]:
    session.execute(text("INSERT INTO entries (amount) VALUES (:amount)"), {"amount": amount})
    audit.append(f"added {amount}")
    return {"amount": amount}
