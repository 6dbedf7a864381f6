"""Published files on a web server, by urllib3: parts, redirects, proxies and TLS, each within its bounds.

No text of urllib3 reaches an error or a log of ours: it may hold addresses with signatures in them.
"""

from __future__ import annotations

import http.client
import logging
import re
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import urllib3
from urllib3 import exceptions as trouble

from engine.sync.address import Address, Refused, check_name, redirected, same_server
from engine.sync.errors import SourceMisbehaved, SourceUnreachable, SyncError
from engine.sync.http_rules import Body, NotTheFile, body_of, request_headers
from engine.sync.http_sockets import POOLS, bind_context, within
from engine.sync.proxies import Proxy, proxy_for
from engine.sync.retry import PASSING_STATUSES, asked_wait_s
from engine.sync.source import Setback, Stream

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: An answer without use is read to its end when it is as short as this, so that the connection stays.
_SHORT_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """How to reach a server.

    `proxy` is an address, "" for none, or None for the environment's. `ca_file` (PEM) takes the place of the system's
    certificates. `redirect_hosts` are hosts (`cdn.example`, `cdn.example:8443`) that a redirect may lead to.
    """

    proxy: str | None = None
    ca_file: Path | None = None
    redirect_hosts: tuple[str, ...] = ()
    most_redirects: int = 5
    connect_s: float = 15.0
    answer_s: float = 30.0


class HttpSource:
    """Where published files lie on a server. See `engine.sync.source.Source`."""

    def __init__(self, address: Address, settings: HttpSettings = HttpSettings()) -> None:
        self._address, self._settings = address, settings
        self._managers: dict[Proxy | None, urllib3.PoolManager] = {}
        self._context: ssl.SSLContext | None = None
        # Its lines hold whole addresses, and those of a redirect may hold a signature.
        logging.getLogger("urllib3").setLevel(logging.ERROR)

    @property
    def server(self) -> str:
        """Host and port, without credentials."""
        return self._address.shown

    def open(self, name: str, start: int = 0, validator: str = "", *, within_s: float, fresh: bool = False) -> Stream:
        """Ask for a file; see `Source.open`."""
        try:
            url = self._address.url(check_name(name))
        except Refused as error:
            raise self.misbehaved(name, str(error)) from error
        until = time.monotonic() + min(within_s, self._settings.answer_s)
        headers = request_headers(start, validator, fresh)
        for _ in range(self._settings.most_redirects + 1):
            response = self._answer(name, url, headers, until - time.monotonic())
            if response.status not in _REDIRECTS:
                return HttpStream(self, name, response, self._body(name, response, start, validator))
            url = self._next(name, url, response)
        raise self.misbehaved(name, f"more than {self._settings.most_redirects} redirects")

    def close(self) -> None:
        """Close the connections."""
        for manager in self._managers.values():
            manager.clear()

    def _answer(self, name: str, url: str, headers: dict[str, str], left_s: float) -> urllib3.BaseHTTPResponse:
        if left_s <= 0:
            raise Setback(self.misbehaved(name, "it did not answer in time"))
        own = {"User-Agent": "skulens"}
        if self._address.authorization and same_server(url, self._address.url("")):
            own["Authorization"] = self._address.authorization
        timeout = urllib3.Timeout(connect=min(self._settings.connect_s, left_s), read=left_s)
        proxy: Proxy | None = None
        try:
            proxy = proxy_for(url, self._settings.proxy)
            manager = self._manager(proxy)
            with within(left_s):
                return manager.request(
                    "GET",
                    url,
                    headers=headers | own,
                    redirect=False,
                    retries=False,
                    preload_content=False,
                    decode_content=False,
                    timeout=timeout,
                )
        except Refused as error:
            raise self.unreachable(name, str(error)) from error
        except trouble.HTTPError as error:
            raise self.translated(name, error, "it did not answer in time", proxy) from error

    def _manager(self, proxy: Proxy | None) -> urllib3.PoolManager:
        if proxy not in self._managers:
            context = self._tls()
            if proxy is None:
                manager = urllib3.PoolManager(num_pools=4, ssl_context=context)
            else:
                login = urllib3.make_headers(proxy_basic_auth=proxy.login) if proxy.login else {}
                manager = urllib3.ProxyManager(
                    proxy.url, num_pools=4, proxy_headers=login, ssl_context=context, proxy_ssl_context=context
                )
            manager.pool_classes_by_scheme = POOLS
            self._managers[proxy] = manager
        return self._managers[proxy]

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            try:
                context = ssl.create_default_context(cafile=self._settings.ca_file)
            except (OSError, ssl.SSLError) as error:
                raise Refused(f"the certificates in {self._settings.ca_file} cannot be read") from error
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            self._context = bind_context(context)
        return self._context

    def _next(self, name: str, url: str, response: urllib3.BaseHTTPResponse) -> str:
        location = response.headers.get("Location", "")
        _let_go(response, self._settings.answer_s)
        try:
            return redirected(url, location, self._settings.redirect_hosts)
        except Refused as error:
            raise self.misbehaved(name, str(error)) from error

    def _body(self, name: str, response: urllib3.BaseHTTPResponse, start: int, validator: str) -> Body:
        status = response.status
        try:
            if status in PASSING_STATUSES or (status >= 400 and status != 416):
                asked_s = asked_wait_s(response.headers.get("Retry-After"), datetime.now(UTC))
                error = self.unreachable(name, _words(status), status=status)
                raise Setback(error, asked_wait_s=asked_s) if status in PASSING_STATUSES else error
            return body_of(status, response.headers, start, validator)
        except NotTheFile as error:
            _let_go(response, self._settings.answer_s)
            wrong = self.misbehaved(name, error.reason)
            raise (Setback(wrong, restart=True) if error.restart else wrong) from error
        except (Setback, SyncError):
            _let_go(response, self._settings.answer_s)
            raise

    def unreachable(self, name: str, reason: str, **more: object) -> SourceUnreachable:
        """That the server cannot be reached, or that it cannot."""
        return SourceUnreachable(server=self.server, file=name, reason=reason, **more)

    def misbehaved(self, name: str, reason: str, **more: object) -> SourceMisbehaved:
        """That the server does what it should not."""
        return SourceMisbehaved(server=self.server, file=name, reason=reason, **more)

    def translated(
        self, name: str, error: trouble.HTTPError, when_late: str, proxy: Proxy | None = None
    ) -> Setback | SyncError:
        """What an error of urllib3 means; `when_late` are the words for a wait in vain."""
        cause: object = error.original_error if isinstance(error, trouble.ProxyError) else error
        by = f" by the proxy {proxy.shown}" if proxy else ""
        if isinstance(cause, trouble.SSLError) and cause.args and isinstance(cause.args[0], BaseException):
            cause = cause.args[0]
        if isinstance(cause, ssl.SSLCertVerificationError):
            return self.unreachable(name, f"its certificate is not accepted: {cause.verify_message}")
        if isinstance(error, trouble.ProxyError):
            refused = re.match(r"Tunnel connection failed: (\d{3})\b", str(cause))
            said = f"the proxy {proxy.shown if proxy else ''} "
            return Setback(self.unreachable(name, said + (f"answers {refused[1]}" if refused else "is not reached")))
        if isinstance(error, trouble.NameResolutionError):
            return Setback(self.unreachable(name, f"its name is not known{by}"))
        if isinstance(error, (trouble.NewConnectionError, trouble.ConnectTimeoutError)):
            return Setback(self.unreachable(name, f"no connection{by}"))
        if isinstance(error, trouble.TimeoutError):
            return Setback(self.misbehaved(name, when_late))
        if isinstance(error, (trouble.ProtocolError, trouble.SSLError)):
            return Setback(self._broken(name, error, by))
        if isinstance(error, trouble.LocationValueError):
            return self.unreachable(name, "its name is not one")
        return self.unreachable(name, f"{type(error).__name__}{by}")

    def _broken(self, name: str, error: trouble.HTTPError, by: str) -> SyncError:
        inner = error.args[-1] if error.args else None
        if isinstance(inner, http.client.IncompleteRead):
            return self.misbehaved(name, "it ended before all was sent")
        if isinstance(inner, http.client.HTTPException) and not isinstance(inner, http.client.RemoteDisconnected):
            return self.misbehaved(name, "its answer is not HTTP")
        return self.unreachable(name, f"the connection was lost{by}")


class HttpStream:
    """One answer of a server. See `engine.sync.source.Stream`."""

    def __init__(self, source: HttpSource, name: str, response: urllib3.BaseHTTPResponse, body: Body) -> None:
        self.start, self.total_bytes, self.validator = body.start, body.total_bytes, body.validator
        self._source, self._name, self._response = source, name, response

    def read(self, most_bytes: int, within_s: float) -> bytes:
        """What there is next; see `Stream.read`."""
        try:
            with within(within_s):
                return self._response.read1(most_bytes, decode_content=False) or b""
        except trouble.HTTPError as error:
            raise self._source.translated(self._name, error, "it stopped sending") from error

    def close(self, finished: bool) -> None:
        """Keep the connection for the next request when all was read, else close it."""
        if not finished:
            self._response.close()
        self._response.release_conn()


def _words(status: int) -> str:
    return f"{status} {http.client.responses.get(status, '')}".strip()


def _let_go(response: urllib3.BaseHTTPResponse, within_s: float) -> None:
    """Be done with an answer whose body is of no use; a long one is not waited for."""
    left = response.length_remaining
    try:
        if left is not None and left <= _SHORT_BYTES:
            with within(min(within_s, 2.0)):
                while response.read1(_SHORT_BYTES, decode_content=False):
                    pass
        else:
            response.close()
    except trouble.HTTPError:
        response.close()
    response.release_conn()
