from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

app = FastAPI()
bearer = HTTPBearer()
key = APIKeyHeader(name="X-Key")


@app.get("/me")
def me(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> dict[str, str]:
    return {"token": credentials.credentials}


@app.get("/jobs")
def jobs(value: Annotated[str, Depends(key)]) -> dict[str, str]:
    return {"key": value}
