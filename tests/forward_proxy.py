"""A real forward proxy on loopback: GET with a whole address, and CONNECT; with a password where one is set."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from urllib.parse import urlsplit


class ForwardProxy:
    """Serves at http://127.0.0.1:PORT; `asked` are the first lines of what went through."""

    def __init__(self, login: str = "") -> None:
        self._expected = "basic " + base64.b64encode(login.encode()).decode() if login else ""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.asked: list[str] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> ForwardProxy:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                if not (data := client.recv(4096)):
                    return
                head += data
            first, *lines = head.decode("latin-1").split("\r\n")
            self.asked.append(first)
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            if self._expected and headers.get("proxy-authorization", "").lower() != self._expected.lower():
                client.sendall(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            method, target, _ = first.split(" ")
            if method == "CONNECT":
                host, _, port = target.rpartition(":")
                with socket.create_connection((host, int(port))) as server:
                    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                    _both_ways(client, server)
                return
            place = urlsplit(target)
            with socket.create_connection((place.hostname or "", place.port or 80)) as server:
                kept = [line for line in lines if line and not line.lower().startswith(("proxy-", "connection:"))]
                request = [f"{method} {place.path or '/'} HTTP/1.1", *kept, "Connection: close", "", ""]
                server.sendall("\r\n".join(request).encode("latin-1"))
                _one_way(server, client)


def _one_way(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def _both_ways(one: socket.socket, other: socket.socket) -> None:
    thread = threading.Thread(target=_one_way, args=(other, one), daemon=True)
    thread.start()
    _one_way(one, other)
    thread.join(5)
