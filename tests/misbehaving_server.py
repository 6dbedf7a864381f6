"""A real HTTP/1.1 server on loopback that serves a folder, or files from memory, and misbehaves on purpose.

    with MisbehavingServer({"blobs/ab/abcd": data}) as server:
        server.misbehave(times=2, drop_after=1000)      # the next two requests; without `times` all that follow
        ...
        assert [request.start for request in server.requests] == [0, 1000, 2000]

Without a switch it does what a good server does: strong ETags, ranges, If-Range, 404.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import re
import socket
import ssl
import struct
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Switches:
    """What goes wrong with one answer. Bytes are counted in the body."""

    only: str = ""  # the misbehaviour is for names that hold this
    drop_after: int | None = None  # reset the connection
    stall_after: int | None = None  # keep it open and send no more
    truncate_to: int | None = None  # end in good order, with a Content-Length that promised more
    status: int | None = None
    retry_after: str | None = None
    ranges: str = "right"  # or "ignored", "shifted", "refused" (416), "unsaid" (206 without Content-Range)
    drip_s: float = 0.0  # slow-loris: a byte, then so many seconds
    drip_headers: bool = False  # already in the headers
    location: str | None = None  # redirect there
    endless: bool = False  # bytes without end and without Content-Length
    chunked: bool = False
    no_length: bool = False  # the end of the connection is the end of the file
    flip: bool = False  # one bit is wrong
    etag: str | None = None  # this one instead of the right one; "" for none
    ignore_if_range: bool = False
    encoding: str | None = None  # Content-Encoding
    garbage: bool = False  # not HTTP at all


@dataclass(frozen=True)
class Request:
    """What a client asked."""

    name: str
    headers: dict[str, str]

    @property
    def start(self) -> int:
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        return int(found[1]) if found else 0


class MisbehavingServer:
    """Serves at http://127.0.0.1:PORT/, or https with a certificate's and key's PEM file."""

    def __init__(
        self, files: dict[str, bytes] | None = None, folder: Path | None = None, certificate: Path | None = None
    ) -> None:
        self.files = files if files is not None else {}
        self.folder = folder
        self.requests: list[Request] = []
        self.connections = 0
        self.sent_bytes = 0
        self.over = threading.Event()
        self._plan: list[tuple[int | None, Switches]] = []
        self._lock = threading.Lock()
        owner = self

        class Handler(_Handler):
            server_of_tests = owner

        self._server = _Server(("127.0.0.1", 0), Handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if certificate else "http"
        self.port: int = self._server.server_address[1]
        self.url = f"{scheme}://127.0.0.1:{self.port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> MisbehavingServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def misbehave(self, times: int | None = None, **switches: Any) -> None:
        """From now on, or for so many requests, after what was said before for a number of requests."""
        with self._lock:
            self._plan = [(left, each) for left, each in self._plan if left]
            self._plan.append((times, Switches(**switches)))

    def behave(self) -> None:
        """From now on do what is right."""
        with self._lock:
            self._plan.clear()

    def take(self, name: str) -> Switches:
        """What goes wrong with the next answer."""
        with self._lock:
            for number, (left, switches) in enumerate(self._plan):
                if left == 0 or switches.only not in name:
                    continue
                if left is not None:
                    self._plan[number] = (left - 1, switches)
                return switches
        return Switches()

    def content(self, name: str) -> bytes | None:
        if name in self.files:
            return self.files[name]
        path = self.folder / name if self.folder else None
        return path.read_bytes() if path and path.is_file() else None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is nothing to report."""


class _Dropped(Exception):
    pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of_tests: MisbehavingServer

    def setup(self) -> None:
        super().setup()
        self.server_of_tests.connections += 1

    def log_message(self, format: str, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        owner = self.server_of_tests
        name = urlsplit(self.path).path.lstrip("/")
        headers = {key.lower(): value for key, value in self.headers.items()}
        owner.requests.append(Request(name, headers))
        with contextlib.suppress(_Dropped, ConnectionError, ssl.SSLError):
            self._answer(owner.take(name), name, headers)

    def _answer(self, switches: Switches, name: str, headers: dict[str, str]) -> None:
        if switches.garbage:
            self._send(b"\x00\x01 this is no HTTP \r\n\r\n", switches)
            self._drop()
        if switches.location is not None:
            self._head(302, {"Location": switches.location, "Content-Length": "0"}, switches)
            return
        if switches.status is not None:
            more = {"Retry-After": switches.retry_after} if switches.retry_after else {}
            self._head(switches.status, {**more, "Content-Length": "5"}, switches)
            self._send(b"sorry", switches)
            return
        if switches.endless:
            self._head(200, {"Connection": "close"}, switches)
            self.close_connection = True
            while not self.server_of_tests.over.is_set():
                self._send(b"\xab" * 65_536, switches)
        content = self.server_of_tests.content(name)
        if content is None:
            self._head(404, {"Content-Length": "9"}, switches)
            self._send(b"not found", switches)
            return
        self._file(content, switches, headers)

    def _file(self, content: bytes, switches: Switches, headers: dict[str, str]) -> None:
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"' if switches.etag is None else switches.etag
        if switches.flip:
            content = bytes([content[0] ^ 1]) + content[1:]
        start, status = Request("", headers).start, 200
        fields = {"ETag": etag} if etag else {}
        same = switches.ignore_if_range or headers.get("if-range", etag) == etag
        if start and same and switches.ranges != "ignored":
            if start >= len(content) or switches.ranges == "refused":
                self._head(416, {"Content-Range": f"bytes */{len(content)}", "Content-Length": "0"}, switches)
                return
            start += switches.ranges == "shifted"
            status = 206
            if switches.ranges != "unsaid":
                fields["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        else:
            start = 0
        body = content[start:]
        if switches.encoding:
            fields["Content-Encoding"] = switches.encoding
        if switches.chunked:
            fields["Transfer-Encoding"] = "chunked"
        elif switches.no_length:
            fields["Connection"] = "close"
            self.close_connection = True
        else:
            fields["Content-Length"] = str(len(body))
        self._head(status, fields, switches)
        self._body(body, switches)

    def _body(self, body: bytes, switches: Switches) -> None:
        ends = (switches.drop_after, switches.stall_after, switches.truncate_to)
        end = min((each for each in ends if each is not None), default=len(body))
        if switches.chunked:
            self._send(f"{len(body):x}\r\n".encode() + body[:end], switches)
        else:
            self._send(body[:end], switches)
        if switches.drop_after is not None:
            self.server_of_tests.over.wait(0.05)  # a reset also loses what was not read yet
            self._drop()
        if switches.stall_after is not None:
            self.server_of_tests.over.wait(60)
        if switches.stall_after is not None or switches.truncate_to is not None:
            self.close_connection = True
        elif switches.chunked:
            self._send(b"\r\n0\r\n\r\n", switches)

    def _head(self, status: int, fields: dict[str, str], switches: Switches) -> None:
        lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        quick = switches if switches.drip_headers else dataclasses.replace(switches, drip_s=0.0)
        self._send("\r\n".join(lines).encode("latin-1"), quick, body=False)

    def _send(self, data: bytes, switches: Switches, body: bool = True) -> None:
        if not switches.drip_s:
            self.wfile.write(data)
            self.server_of_tests.sent_bytes += len(data) * body
            return
        for number in range(len(data)):
            self.wfile.write(data[number : number + 1])
            self.server_of_tests.sent_bytes += body
            if self.server_of_tests.over.wait(switches.drip_s):
                raise _Dropped

    def _drop(self) -> None:
        """Reset the connection, as when somebody pulls the plug of a router that remembers nothing."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(self.connection.detach())
        raise _Dropped
