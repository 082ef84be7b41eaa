from fastapi import APIRouter, FastAPI
from pydantic import BaseModel


class Reading(BaseModel):
    sensor: str
    celsius: float


class Setting(BaseModel):
    name: str
    value: str


devices = APIRouter(prefix="/devices")


@devices.post("/readings", status_code=201)
def read(reading: Reading) -> Reading:
    return reading


admin = APIRouter(prefix="/admin")


@admin.post("/settings", status_code=201)
def change(setting: Setting) -> Setting:
    return setting


app = FastAPI()
app.include_router(devices)
app.include_router(admin)
