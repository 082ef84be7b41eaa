import pytest
from fastapi.testclient import TestClient

Headers = dict[str, str]


def test_a_note_lives(client: TestClient, ada: Headers) -> None:
    note = client.post("/v1/notes", json={"title": "Milk", "text": "two"}, headers=ada).json()
    path = f"/v1/notes/{note['id']}"
    assert client.get(path, headers=ada).json() == note
    assert client.patch(path, json={"text": None}, headers=ada).json() == {**note, "text": None}
    assert client.patch(path, json={"title": None}, headers=ada).status_code == 422
    assert client.delete(path, headers=ada).status_code == 204
    assert client.get(path, headers=ada).status_code == 404


def test_notes_belong_to_their_owner(client: TestClient, ada: Headers, bob: Headers) -> None:
    path = f"/v1/notes/{client.post('/v1/notes', json={'title': 'Secret'}, headers=ada).json()['id']}"
    assert client.get(path, headers=bob).status_code == 404
    assert client.patch(path, json={"title": "Mine"}, headers=bob).status_code == 404
    assert client.delete(path, headers=bob).status_code == 404
    assert client.get(path).status_code == 401
    assert client.get("/v1/notes", headers=bob).json() == {"items": [], "next": None}


def test_pages_follow_each_other(client: TestClient, ada: Headers) -> None:
    for number in range(5):
        client.post("/v1/notes", json={"title": str(number)}, headers=ada)
    titles: list[str] = []
    query: dict[str, int] = {"limit": 2}
    while True:
        page = client.get("/v1/notes", params=query, headers=ada).json()
        titles += [item["title"] for item in page["items"]]
        if page["next"] is None:
            break
        query["before"] = page["next"]
    assert titles == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize("number", [-1, 0, 2**31, 10**30])
def test_a_number_that_no_note_can_have_is_refused(client: TestClient, ada: Headers, number: int) -> None:
    path = f"/v1/notes/{number}"
    assert client.get(path, headers=ada).status_code == 422
    assert client.patch(path, json={"text": None}, headers=ada).status_code == 422
    assert client.delete(path, headers=ada).status_code == 422
    assert client.get("/v1/notes", params={"before": number}, headers=ada).status_code == 422


def test_the_largest_number_is_looked_up(client: TestClient, ada: Headers) -> None:
    assert client.get(f"/v1/notes/{2**31 - 1}", headers=ada).status_code == 404
    assert client.get("/v1/notes", params={"before": 2**31 - 1}, headers=ada).status_code == 200


@pytest.mark.parametrize("field", ["title", "text"])
def test_nul_is_refused_and_other_characters_are_kept(client: TestClient, ada: Headers, field: str) -> None:
    kept = {"title": "Milk", field: "two\nlines \N{SNOWMAN}"}
    note = client.post("/v1/notes", json=kept, headers=ada).json()
    assert note[field] == kept[field]
    assert client.post("/v1/notes", json={"title": "Milk", field: "a\0b"}, headers=ada).status_code == 422
    assert client.patch(f"/v1/notes/{note['id']}", json={field: "a\0b"}, headers=ada).status_code == 422
