from typing import Annotated

from fastapi import FastAPI, Form
from pydantic import BaseModel


class Survey(BaseModel):
    name: str
    answers: list[int]


app = FastAPI()


@app.post("/survey")
def survey(form: Annotated[Survey, Form()]) -> dict[str, int]:
    return {"answers": len(form.answers)}


@app.post("/contact")
def contact(form: Annotated[Survey, Form()]) -> dict[str, int]:
    return {"answers": len(form.answers)}
