import sys

sys.path.insert(0, ".")

import os
import socket
import threading
import time

server = socket.create_server(("127.0.0.1", 0))
os.environ["RATES_URL"] = f"http://127.0.0.1:{server.getsockname()[1]}/rates"
SLOW = sys.argv[1] == "drips"


def serve() -> None:
    while True:
        client, _ = server.accept()
        threading.Thread(target=answer, args=(client,), daemon=True).start()


def answer(client: socket.socket) -> None:
    client.recv(65536)
    body = b'{"EUR": 1.5}'
    client.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body))
    try:
        for at in range(len(body)):
            if SLOW:
                time.sleep(0.9)
            client.sendall(body[at : at + 1])
    except OSError:
        pass


threading.Thread(target=serve, daemon=True).start()

from fastapi.testclient import TestClient  # noqa: E402
from main import app  # noqa: E402


def works() -> None:
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/rates")
    assert (answer.status_code, answer.json()) == (200, {"EUR": 1.5})


def drips() -> None:
    with TestClient(app, raise_server_exceptions=False) as client:
        begin = time.monotonic()
        answer = client.get("/rates")
        seconds = time.monotonic() - begin
    assert answer.status_code == 504, answer.status_code
    assert seconds < 5, seconds


{"works": works, "drips": drips}[sys.argv[1]]()
