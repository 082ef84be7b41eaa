"""Errors of the domain, and the one place where they become responses."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from app.logs import HEADER, request_id

# Clients test these, so they are written down: the names in `http.HTTPStatus` change with Python.
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    410: "gone",
    412: "precondition_failed",
    413: "content_too_large",
    415: "unsupported_media_type",
    422: "unprocessable_content",
    429: "too_many_requests",
    503: "service_unavailable",
}


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

    @app.exception_handler(HTTPException)
    async def refused(request: Request, problem: HTTPException) -> JSONResponse:
        # unknown paths, wrong methods, and what FastAPI's own tools raise
        code = CODES.get(problem.status_code, f"http_{problem.status_code}")
        return JSONResponse({"code": code, "message": problem.detail}, problem.status_code, problem.headers)

    @app.exception_handler(RequestValidationError)
    async def not_valid(request: Request, problem: RequestValidationError) -> JSONResponse:
        # without the input, which may be a password
        faults = [{key: fault[key] for key in ("loc", "msg", "type")} for fault in problem.errors()]
        return JSONResponse({"code": "not_valid", "message": "The request is not valid.", "faults": faults}, 422)

    @app.exception_handler(Exception)
    async def bug(request: Request, problem: Exception) -> JSONResponse:
        # made outside of all middleware, so the id is added here
        headers = {HEADER: request_id.get()}
        return JSONResponse({"code": "internal", "message": "Something went wrong on our side."}, 500, headers)
