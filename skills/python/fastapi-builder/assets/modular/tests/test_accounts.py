import jwt
import pytest
from fastapi.testclient import TestClient

from app.settings import Settings

PERSON = {"email": "Ada@Example.org", "password": "correct horse battery"}
FORM = {"username": "ada@example.org", "password": "correct horse battery"}


def test_from_registration_to_logout(client: TestClient) -> None:
    made = client.post("/v1/accounts", json=PERSON)
    assert made.status_code == 201
    assert set(made.json()) == {"id", "email"}
    tokens = client.post("/v1/accounts/login", data=FORM).json()
    me = client.get("/v1/accounts/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert me.json() == made.json()
    renewal = {"refresh_token": tokens["refresh_token"]}
    assert client.post("/v1/accounts/logout", json=renewal).status_code == 204
    assert client.post("/v1/accounts/renew", json=renewal).status_code == 401


def test_an_address_has_one_account(client: TestClient) -> None:
    assert [client.post("/v1/accounts", json=PERSON).status_code for _ in range(2)] == [201, 409]


def test_a_wrong_password_and_an_unknown_address_look_alike(client: TestClient) -> None:
    client.post("/v1/accounts", json=PERSON)
    wrong = client.post("/v1/accounts/login", data={**FORM, "password": "guess"})
    unknown = client.post("/v1/accounts/login", data={**FORM, "username": "eve@example.org"})
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert wrong.status_code == 401


def test_a_refresh_token_is_good_for_once_and_its_theft_ends_the_chain(client: TestClient) -> None:
    client.post("/v1/accounts", json=PERSON)
    first = client.post("/v1/accounts/login", data=FORM).json()
    second = client.post("/v1/accounts/renew", json={"refresh_token": first["refresh_token"]}).json()
    assert client.post("/v1/accounts/renew", json={"refresh_token": first["refresh_token"]}).status_code == 401
    assert client.post("/v1/accounts/renew", json={"refresh_token": second["refresh_token"]}).status_code == 401


@pytest.mark.parametrize("claims", [{"exp": 1}, {"iss": "somebody else"}, {"sub": "not a uuid"}])
def test_a_token_must_be_ours_and_fresh(client: TestClient, settings: Settings, claims: dict[str, object]) -> None:
    base = {"iss": "my-service", "sub": "00000000-0000-0000-0000-000000000001", "exp": 9_999_999_999}
    token = jwt.encode(base | claims, settings.secret_key.get_secret_value(), algorithm="HS256")
    answer = client.get("/v1/accounts/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_refused_password_is_not_repeated(client: TestClient) -> None:
    answer = client.post("/v1/accounts", json={**PERSON, "password": "hunter2"})
    assert answer.status_code == 422
    assert "hunter2" not in answer.text


@pytest.mark.parametrize("email", ["a\0da@example.org", "ada@exa\0mple.org", "ada@example.o\0rg"])
def test_an_address_has_no_nul(client: TestClient, email: str) -> None:
    assert client.post("/v1/accounts", json={**PERSON, "email": email}).status_code == 422
    client.post("/v1/accounts", json=PERSON)
    assert client.post("/v1/accounts/login", data={**FORM, "username": email}).status_code == 401
