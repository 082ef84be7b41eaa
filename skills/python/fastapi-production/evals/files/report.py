from datetime import UTC, datetime
from decimal import Decimal

from fastapi import FastAPI

app = FastAPI()


@app.get("/report")
def report():
    return [{"id": n, "price": Decimal(f"{n}.50"), "at": datetime(2026, 11, 30, tzinfo=UTC)} for n in range(5000)]
