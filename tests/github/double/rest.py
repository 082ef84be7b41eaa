"""The REST half: a table of routes, each with the shapes of its request and its answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from double import shape
from double.rights import Rights
from double.world import NAME, OWNER, Account, Refusal, World

Json = Any


@dataclass(frozen=True)
class Request:
    """One request, by an account."""

    world: World
    account: Account
    body: Json
    query: dict[str, str]
    base: str
    """The address of the API, for the `url` fields."""
    rights: Rights | None = None
    """The permissions of the token, None if it has those of its account."""


Handler = Callable[..., Json]


@dataclass(frozen=True)
class Route:
    """One operation. `answer` names the model of the answer (of each row, if it is a list), '' when it has none."""

    verb: str
    path: re.Pattern[str]
    handler: Handler
    answer: str
    body: str
    status: int


ROUTES: list[Route] = []


def route(spec: str, answer: str = "", body: str = "", status: int = 200) -> Callable[[Handler], Handler]:
    """Register an operation, such as `GET pulls/{number}`; a path that begins with `/` is not the repository's."""
    verb, _, path = spec.partition(" ")
    path = path if path.startswith("/") else f"/repos/{OWNER}/{NAME}" + (f"/{path}" if path else "")
    pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)) + r"\Z")

    def register(handler: Handler) -> Handler:
        ROUTES.append(Route(verb, pattern, handler, answer, body, status))
        return handler

    return register


def serve(verb: str, path: str, request: Request) -> tuple[int, Json, dict[str, str]]:
    """Answer one request; a request or an answer of the wrong shape raises Misshapen."""
    for each in ROUTES:
        if each.verb == verb and (found := each.path.match(path)):
            if each.body:
                if not isinstance(request.body, dict):
                    raise Refusal(400, "Problems parsing JSON")
                shape.request(each.body, request.body)
            words = {name: unquote(word) for name, word in found.groupdict().items()}
            numbers = {
                name: int(word) if word.isdigit() and name in ("number", "id") else word for name, word in words.items()
            }
            if any(isinstance(value, str) and name in ("number", "id") for name, value in numbers.items()):
                raise Refusal(404, "Not Found")
            told = each.handler(request, **numbers)
            return _whole(each, told, request)
    raise AssertionError(f"the double does not know {verb} {path}")


def _whole(each: Route, told: Json, request: Request) -> tuple[int, Json, dict[str, str]]:
    if isinstance(told, list):
        rows = list(reversed(told)) if request.world.reverse else told
        size, page = min(int(request.query.get("per_page", 30)), 100), int(request.query.get("page", 1))
        return each.status, [_shaped(each, row) for row in rows[(page - 1) * size : page * size]], {}
    return each.status, _shaped(each, told), {}


def _shaped(each: Route, told: Json) -> Json:
    return shape.answer(each.answer, told) if each.answer else told  # without a model, the handler has seen to it


def user(account: Account | None) -> Json:
    """An account as REST shows it."""
    if account is None:
        return None
    return shape.answer("SimpleUser", {"id": account.id, "login": account.login, "type": account.kind})


def require(right: bool) -> None:
    """403 when the token has not got the right."""
    if not right:
        raise Refusal(403, "Resource not accessible by integration")


@route("GET /user/{id}", "PublicUser")
def _user_by_id(request: Request, id: int) -> Json:
    account = next((each for each in request.world.accounts.values() if each.id == id), None)
    if account is None:
        raise Refusal(404, "Not Found")
    return {"id": account.id, "login": account.login, "type": account.kind}


@route("GET collaborators/{login}/permission", "RepositoryCollaboratorPermission")
def _permission(request: Request, login: str) -> Json:
    account = request.world.accounts.get(login)
    if account is None:
        raise Refusal(404, f"{login} is not a user")
    told = shape.answer("Collaborator", {"id": account.id, "login": login})
    return {"permission": account.permission, "role_name": "maintain", "user": told}
