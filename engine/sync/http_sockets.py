"""urllib3 connections on which no wait for bytes outlives a bound.

A socket's timeout bounds each single wait, so a server that sends a byte a second holds a client that reads a line, a
header or a block for as long as it likes. Here `within` bounds everything that the block reads, also the answer of a
proxy, the handshake of TLS and the header lines of chunks. Resolving a name is the system's, and not bounded.
"""

from __future__ import annotations

import contextvars
import math
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

_until: contextvars.ContextVar[float] = contextvars.ContextVar("until", default=math.inf)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Bound all reading from the sockets of this module in the block; then TimeoutError, as urllib3 wraps it."""
    token = _until.set(min(_until.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(token)


def _bound(connection: socket.socket) -> None:
    until = _until.get()
    if until == math.inf:
        return
    left_s = until - time.monotonic()
    if left_s <= 0:
        raise TimeoutError("timed out")
    connection.settimeout(left_s)


class _Socket(socket.socket):
    def recv_into(self, *arguments: Any, **options: Any) -> int:
        _bound(self)
        return super().recv_into(*arguments, **options)

    def recv(self, *arguments: Any, **options: Any) -> bytes:
        _bound(self)
        return super().recv(*arguments, **options)


class _TlsSocket(ssl.SSLSocket):
    def do_handshake(self, block: bool = False) -> None:
        _bound(self)
        super().do_handshake(block)

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        _bound(self)
        return super().recv_into(*arguments, **options)

    def recv(self, *arguments: Any, **options: Any) -> bytes:
        _bound(self)
        return super().recv(*arguments, **options)


def _bounded(plain: socket.socket) -> socket.socket:
    timeout_s = plain.gettimeout()
    bounded = _Socket(plain.family, plain.type, plain.proto, fileno=plain.detach())
    bounded.settimeout(timeout_s)
    return bounded


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _bounded(super()._new_conn())


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _bounded(super()._new_conn())


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


#: For `PoolManager.pool_classes_by_scheme`.
POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _Pool, "https": _TlsPool}


def bind_context(context: ssl.SSLContext) -> ssl.SSLContext:
    """Make the connections of a TLS context keep the bound, too; gives the same context."""
    context.sslsocket_class = _TlsSocket
    return context
