"""Addresses and names, as pure decisions: what a source is, what may be asked of it, where it may send us.

An address has no secrets in what is shown of it: user and password are taken out where it is parsed, and errors and
logs only ever see `Address.shown`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import url2pathname

_PORTS = {"http": 80, "https": 443}
#: One part of a name. Nothing that a file system, a server or a shell reads as anything but a letter.
_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", re.ASCII)
_NAME_CHARS = 400
#: What no address holds, and what readers of addresses disagree about.
_UNWRITABLE = re.compile(r"[\x00-\x20\x7f\\]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")


class Refused(ValueError):
    """An address, a name or a redirect that is not followed; the text says why and holds no secret."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where published files lie on a server.

    `host` is in lower case and without brackets; `path` begins and ends with a slash; `authorization` is the header's
    value for a user and password in the address, or "".
    """

    scheme: str
    host: str
    port: int
    path: str
    authorization: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """Host, and the port where it is not the scheme's own: for errors and logs."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def url(self, name: str) -> str:
        """The URL of a published file, without user and password. `name` went through `check_name`."""
        return f"{self.scheme}://{self.shown}{self.path}{name}"


def parse_source(text: str) -> Address | Path:
    """What a person wrote as the source: an http:// or https:// address, a file:// one, or a folder.

    Raises:
        Refused: another scheme, no host, a port that is none, or a query or fragment.
    """
    scheme = _SCHEME.match(text)
    if scheme is None:  # also C:\\repository: a scheme has two letters or more
        return _path(text)
    if scheme[1].lower() == "file":
        return _folder(text)
    return parse_address(text)


def parse_address(text: str) -> Address:
    """An http:// or https:// address of a folder.

    Raises:
        Refused: see `parse_source`.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise Refused("not an address") from error
    if parts.scheme not in _PORTS:
        raise Refused(f"{parts.scheme or 'no scheme'}: only http, https and folders can be a source")
    if _UNWRITABLE.search(text):
        raise Refused("the address holds a space, a backslash or a control character")
    if not parts.hostname or not _host_is_plain(parts.hostname):
        raise Refused("the address names no server")
    if parts.query or parts.fragment:
        raise Refused("an address with ? or # cannot be a source")
    path = parts.path if parts.path.endswith("/") else f"{parts.path}/"
    return Address(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], path, _basic(parts.netloc))


def check_name(name: str) -> str:
    """The name of a published file, relative and with forward slashes, as it was given.

    Raises:
        Refused: it is absolute, leaves the folder, or holds characters that no published name has.
    """
    if len(name) > _NAME_CHARS or not all(_PART.fullmatch(part) for part in name.split("/")):
        raise Refused("not the name of a published file")
    if any(part.endswith(".") for part in name.split("/")):
        raise Refused("not the name of a published file")
    return name


def redirected(url: str, location: str, allowed_hosts: Collection[str]) -> str:
    """Where a redirect of `url` leads, as an absolute URL without user, password and fragment.

    The same host is followed, also from http to https on the schemes' own ports. Others only where `allowed_hosts` has
    them: `cdn.example` for the scheme's own port, `cdn.example:8443` for another.

    Raises:
        Refused: another host, from https to http, another scheme, or no place at all.
    """
    if not location.strip():
        raise Refused("it redirects without saying where")
    try:
        here, there = urlsplit(url), urlsplit(urljoin(url, location))
        port = there.port
    except ValueError as error:
        raise Refused("it redirects to something that is not an address") from error
    if there.scheme not in _PORTS or not there.hostname or not _host_is_plain(there.hostname):
        raise Refused("it redirects to something that is not an http address")
    if _UNWRITABLE.search(location):
        raise Refused("it redirects to something that is not an address")
    if (here.scheme, there.scheme) == ("https", "http"):
        raise Refused("it redirects from https to http, which is not followed")
    target = Address(there.scheme, there.hostname, port or _PORTS[there.scheme], "/")
    same_host = here.hostname == there.hostname
    upgraded = same_host and (here.scheme, here.port or 80, there.scheme, target.port) == ("http", 80, "https", 443)
    same_place = same_host and here.scheme == there.scheme and (here.port or _PORTS[here.scheme]) == target.port
    if not (same_place or upgraded or target.shown in {host.lower() for host in allowed_hosts}):
        raise Refused(f"it redirects to {target.shown}, which is not among the allowed hosts")
    query = f"?{there.query}" if there.query else ""
    return f"{target.scheme}://{target.shown}{there.path or '/'}{query}"


def same_server(one: str, other: str) -> bool:
    """Whether two URLs lead to the same host and port by the same scheme, so that a password may go to both."""
    places = [
        (parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme))
        for parts in (urlsplit(one), urlsplit(other))
    ]
    return places[0] == places[1]


def _host_is_plain(host: str) -> bool:
    return re.fullmatch(r"[^\x00-\x20\x7f/\\@?#%]+", host) is not None


def _basic(netloc: str) -> str:
    """RFC 7617: the value of Authorization for the user and password of an address, or ""."""
    login, at, _ = netloc.rpartition("@")
    if not at:
        return ""
    user, _, password = login.partition(":")
    return "Basic " + base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode("ascii")


def _folder(text: str) -> Path:
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise Refused("not an address") from error
    if parts.query or parts.fragment:
        raise Refused("an address with ? or # cannot be a source")
    here = parts.netloc in ("", "localhost")
    return _path(url2pathname(parts.path if here else f"//{parts.netloc}{parts.path}"))


def _path(text: str) -> Path:
    if not text or "\0" in text:
        raise Refused("the address names no folder")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise Refused("the address begins with ~ and somebody unknown") from error
