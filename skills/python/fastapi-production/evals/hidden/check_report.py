import sys
import warnings

sys.path.insert(0, ".")


def quiet() -> None:
    warnings.simplefilter("error")
    import report
    from fastapi.testclient import TestClient

    client = TestClient(report.app)
    rows = client.get("/report").json()
    assert len(rows) == 5000 and rows[7]["id"] == 7 and rows[7]["price"] == "7.50", rows[7]


def typed() -> None:
    import report

    answer = report.app.openapi()["paths"]["/report"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    assert answer["type"] == "array" and "$ref" in answer["items"], answer


globals()[sys.argv[1]]()
