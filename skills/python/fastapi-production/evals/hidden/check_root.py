import sys
import warnings

sys.path.insert(0, ".")


def quiet() -> None:
    warnings.simplefilter("error")
    import main
    from fastapi.testclient import TestClient

    client = TestClient(main.app, root_path="/shop")
    assert client.get("/orders").json() == []
    assert "/shop/openapi.json" in client.get("/docs").text


globals()[sys.argv[1]]()
