import sys

sys.path.insert(0, ".")

import pathlib
import subprocess

MAIN = pathlib.Path("shop/main.py")
SOURCE = MAIN.read_text()


def passes() -> bool:
    return (
        subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_guard.py"]).returncode
        == 0
    )


def after(marker: str, route: str) -> bool:
    """Whether the tests still pass when a route is added after a line."""
    assert marker in SOURCE
    MAIN.write_text(SOURCE.replace(marker, f"{marker}\n\n\n{route}\n", 1))
    try:
        return passes()
    finally:
        MAIN.write_text(SOURCE)


def green() -> None:
    assert passes()


def red() -> None:
    assert passes()
    body = "def opened() -> str:\n    return 'open'"
    assert not after('orders = APIRouter(prefix="/orders")', f'@orders.get("/open")\n{body}')
    assert not after('orders = APIRouter(prefix="/orders")', f'@orders.post("/open", include_in_schema=False)\n{body}')
    assert not after("app.include_router(reports)", f'@app.get("/open")\n{body}')


globals()[sys.argv[1]]()
