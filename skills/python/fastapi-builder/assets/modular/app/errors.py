"""Errors of the domain, and the one place where they become responses."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

log = logging.getLogger(__name__)


class DomainError(Exception):
    status, code = 400, "invalid"


class NotFound(DomainError):
    status, code = 404, "not_found"


class Conflict(DomainError):
    status, code = 409, "conflict"


class Unauthorized(DomainError):
    status, code = 401, "unauthorized"


def add_handlers(app: FastAPI) -> None:
    @app.exception_handler(DomainError)
    async def domain_error(request: Request, problem: DomainError) -> JSONResponse:
        headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else None
        return JSONResponse({"code": problem.code, "message": str(problem)}, problem.status, headers)

    @app.exception_handler(RequestValidationError)
    async def not_valid(request: Request, problem: RequestValidationError) -> JSONResponse:
        # without the input, which may be a password
        faults = [{key: fault[key] for key in ("loc", "msg", "type")} for fault in problem.errors()]
        return JSONResponse({"code": "not_valid", "message": "The request is not valid.", "faults": faults}, 422)

    @app.exception_handler(Exception)
    async def bug(request: Request, problem: Exception) -> JSONResponse:
        return JSONResponse({"code": "internal", "message": "Something went wrong on our side."}, 500)
