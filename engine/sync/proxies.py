"""Which proxy a request goes through: the one that is set, none, or the environment's."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from engine.sync.address import Refused


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy; `login` is "user:password" or "" and never shown."""

    scheme: str
    host: str
    port: int
    login: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """Host and port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """Its address without the login."""
        return f"{self.scheme}://{self.shown}"


def parse_proxy(text: str) -> Proxy:
    """A proxy's address; without a scheme it is http.

    Raises:
        Refused: not an address, or another kind of proxy than http and https.
    """
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port = parts.port
    except ValueError as error:
        raise Refused("the address of the proxy is not one") from error
    if parts.scheme not in ("http", "https"):
        raise Refused(f"a proxy by {parts.scheme} is not supported, only by http and https")
    if not parts.hostname:
        raise Refused("the address of the proxy names no server")
    login, _, _ = parts.netloc.rpartition("@")
    return Proxy(parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), unquote(login))


def proxy_for(url: str, setting: str | None) -> Proxy | None:
    """The proxy for a URL. `setting` is an address, "" for none, or None for what the system and environment say.

    Raises:
        Refused: see `parse_proxy`.
    """
    if setting is not None:
        return parse_proxy(setting) if setting else None
    parts = urlsplit(url)
    if proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    known = getproxies()
    text = known.get(parts.scheme) or known.get("all") or ""
    return parse_proxy(text) if text else None
