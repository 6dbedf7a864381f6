"""The decisions of fetching, without a network: addresses, names, redirects, retries, answers, speeds."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.sync.address import Address, Refused, check_name, parse_source, redirected, same_server
from engine.sync.bandwidth import Bandwidth, LeastSpeed
from engine.sync.http_rules import Body, NotTheFile, body_of, request_headers, strong_validator
from engine.sync.proxies import parse_proxy
from engine.sync.retry import RetryRules, Tries, asked_wait_s, wait_s

NOW = datetime(2026, 1, 31, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://catalog.example/stores", Address("https", "catalog.example", 443, "/stores/")),
        ("HTTP://Catalog.Example:8080/a/", Address("http", "catalog.example", 8080, "/a/")),
        ("http://[::1]:81", Address("http", "::1", 81, "/")),
        ("https://me:p%40ss@h/", Address("https", "h", 443, "/", "Basic bWU6cEBzcw==")),
        ("file:///media/stick%20one", Path("/media/stick one")),
        ("file://localhost/media", Path("/media")),
        ("/media/stick", Path("/media/stick")),
        ("stick", Path("stick")),
        ("C:\\stick", Path("C:\\stick")),
    ],
)
def test_sources(text: str, expected: object) -> None:
    assert parse_source(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "ftp://h/", "http://", "http:///x", "http://h:x/", "http://h/?a", "http://h/#a", "http://h/a b", "file:///a?b",
     "http://h:99999/", "http://[::1/", "javascript:x", "http://h\\@evil/",
     "file://[", "file:", "~nobody-of-this-name/x", "a\0b"],
)  # fmt: skip
def test_no_sources(text: str) -> None:
    with pytest.raises(Refused):
        parse_source(text)


@given(st.text(max_size=60), st.text(max_size=20))
def test_whatever_is_written_is_a_source_or_refused(text: str, more: str) -> None:
    for candidate in (text, f"http://{text}", f"https://h/{text}", f"file://{text}", f"http://u:{text}@h{more}/"):
        try:
            place = parse_source(candidate)
        except Refused:
            continue
        if isinstance(place, Address):
            assert parse_source(place.url("")) == Address(place.scheme, place.host, place.port, place.path)


def test_what_is_shown_of_an_address_has_no_login() -> None:
    address = parse_source("https://me:hunter2@catalog.example:8443/stores")
    assert isinstance(address, Address)
    assert address.shown == "catalog.example:8443"
    assert address.url("metadata/1.root.json") == "https://catalog.example:8443/stores/metadata/1.root.json"
    assert address.authorization and address.authorization not in repr(address)


@given(st.lists(st.text(alphabet="ab.-_/\\:%~ \x00é", max_size=8), max_size=4).map("/".join))
def test_a_name_that_passes_stays_in_its_folder(name: str) -> None:
    try:
        check_name(name)
    except Refused:
        return
    parts = PurePosixPath("/folder", name).parts
    assert parts[:2] == ("/", "folder") and ".." not in parts and "/".join(parts[2:]) == name
    assert not set(name) & set("\\:%~ \x00")
    assert Address("http", "h", 80, "/x/").url(name) == f"http://h/x/{name}"


@pytest.mark.parametrize("name", ["metadata/12.root.json", "blobs/ab/" + "c" * 64, "targets/stock/ab.stable.zst"])
def test_names_of_published_files_pass(name: str) -> None:
    assert check_name(name) == name


REDIRECTS = [
    ("http://h/a/b", "c", (), "http://h/a/c"),
    ("http://h/a/b", "/c?d=1#e", (), "http://h/c?d=1"),
    ("http://h/a", "http://H:80/c", (), "http://h/c"),
    ("http://h/a", "https://h/c", (), "https://h/c"),
    ("https://h:8443/a", "//h:8443/c", (), "https://h:8443/c"),
    ("https://h/a", "https://user:word@h/c", (), "https://h/c"),
    ("https://h/a", "https://cdn.example/c", ("CDN.example",), "https://cdn.example/c"),
    ("http://h/a", "https://cdn:99/c", ("other", "cdn:99"), "https://cdn:99/c"),
    ("http://[::1]/a", "http://[::1]/c", (), "http://[::1]/c"),
    ("https://h/a", "http://h/c", (), None),
    ("https://h/a", "http://cdn/c", ("cdn",), None),
    ("http://h/a", "http://other/c", (), None),
    ("http://h/a", "http://h.evil/c", ("h",), None),
    ("http://h/a", "http://h@evil/c", (), None),
    ("http://h/a", "http://h:81/c", (), None),
    ("http://h:81/a", "https://h/c", (), None),
    ("http://h/a", "http://cdn:99/c", ("cdn",), None),
    ("http://h/a", "//evil/c", (), None),
    ("http://h/a", "http://evil\\@h/c", (), None),
    ("http://h/a", "ftp://h/c", (), None),
    ("http://h/a", "file:///c", (), None),
    ("http://h/a", "http://h:x/c", (), None),
    ("http://h/a", "http://h/c d", (), None),
    ("http://h/a", "", (), None),
]  # fmt: skip


@pytest.mark.parametrize(("url", "location", "allowed", "expected"), REDIRECTS)
def test_redirects(url: str, location: str, allowed: tuple[str, ...], expected: str | None) -> None:
    if expected is None:
        with pytest.raises(Refused):
            redirected(url, location, allowed)
    else:
        assert redirected(url, location, allowed) == expected


@given(st.text(max_size=40))
def test_no_redirect_leads_elsewhere(location: str) -> None:
    for candidate in (location, f"//{location}", f"http://{location}", f"https://h{location}"):
        try:
            url = redirected("https://h/a", candidate, ())
        except Refused:
            continue
        assert same_server(url, "https://h/")


def test_a_password_goes_to_one_server_only() -> None:
    assert same_server("https://h/a", "https://h:443/b")
    for other in ("http://h/", "https://h:444/", "https://g/"):
        assert not same_server("https://h/", other)


@given(
    attempts=st.integers(1, 9),
    first=st.floats(0.01, 10),
    longest=st.floats(0.01, 100),
    share=st.floats(0, 1),
    gains=st.lists(st.integers(0, 300), max_size=40),
)
def test_attempts_end_and_waits_are_bounded(
    attempts: int, first: float, longest: float, share: float, gains: list[int]
) -> None:
    rules = RetryRules(attempts, progress_bytes=100, first_wait_s=first, longest_wait_s=longest)
    tries, in_vain = Tries(), 0
    at_hand = 0
    for gain in gains:
        at_hand += gain
        in_vain = 1 if gain >= 100 else in_vain + 1
        tries = tries.after_failure(rules, at_hand)
        wait = wait_s(rules, tries, None, math.inf, lambda low, high: low + share * (high - low))
        assert (wait is None) == (in_vain >= attempts)
        if wait is not None:
            assert wait == pytest.approx(share * min(longest, first * 2 ** (in_vain - 1)))


def test_bytes_that_come_again_are_no_progress() -> None:
    rules = RetryRules(attempts=3, progress_bytes=100)
    tries = Tries()
    for at_hand in (500, 500, 500):  # a server that ignores ranges and drops the connection, again and again
        tries = tries.after_failure(rules, at_hand)
    assert tries.failed == 3


def test_what_a_server_asks_for_is_kept() -> None:
    rules, tries = RetryRules(first_wait_s=1, longest_asked_wait_s=300), Tries(failed=1)
    cases = ((10, 99, 10.5), (0, 99, 0.5), (300, 999, 300.5), (301, 999, None), (10, 10, None))
    for asked_s, left_s, expected in cases:
        assert wait_s(rules, tries, asked_s, left_s, lambda low, high: (low + high) / 2) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None), ("120", 120.0), (" 0 ", 0.0), ("-1", None), ("1.5", None), ("soon", None), ("", None),
        ("٣", None),
        ("Sat, 31 Jan 2026 02:30:30 GMT", 30.0), ("Sat, 31 Jan 2026 02:29:00 GMT", 0.0), ("9" * 500, 999_999_999_999.0),
        ("Sat, 31 Jan 2026 02:31:00", 60.0), ("Sat, 99 Jan 2026 02:30:30 GMT", None),
    ],
)  # fmt: skip
def test_retry_after(value: str | None, expected: float | None) -> None:
    assert asked_wait_s(value, NOW) == expected


@given(st.text(max_size=40), st.integers(0, 100_000))
def test_retry_after_never_fails(text: str, seconds: int) -> None:
    found = asked_wait_s(text, NOW)
    assert found is None or found >= 0
    assert asked_wait_s(format_datetime(NOW + timedelta(seconds=seconds), usegmt=True), NOW) == seconds


def test_what_is_asked() -> None:
    assert request_headers(0, '"a"', False) == {"Accept": "*/*", "Accept-Encoding": "identity"}
    rest = request_headers(5, '"a"', True)
    assert (rest["Range"], rest["If-Range"], rest["Cache-Control"]) == ("bytes=5-", '"a"', "no-cache")
    assert "If-Range" not in request_headers(5, "", False)


def part(content_range: str, etag: str = '"a"') -> dict[str, str]:
    return {"Content-Range": content_range, "ETag": etag}


@pytest.mark.parametrize(
    ("status", "headers", "start", "expected"),
    [
        (200, {"Content-Length": "9", "ETag": '"b"'}, 0, Body(0, 9, '"b"')),
        (200, {"Content-Length": "9", "ETag": '"b"'}, 5, Body(0, 9, '"b"')),
        (200, {"Content-Length": "x", "ETag": 'W/"b"', "Content-Encoding": "Identity"}, 0, Body(0, None, "")),
        (206, part("bytes 5-8/9"), 5, Body(5, 9, '"a"')),
        (206, part("bytes 5-6/9"), 5, Body(5, 9, '"a"')),
        (206, part("bytes 5-8/*", ""), 5, Body(5, None, '"a"')),
        (206, part("bytes 6-8/9"), 5, True),
        (206, part("bytes 0-8/9"), 5, True),
        (206, part("bytes 5-9/9"), 5, True),
        (206, part("bytes 5-4/9"), 5, True),
        (206, part("bytes=5-8/9"), 5, True),
        (206, part("bytes 5-8/9", '"b"'), 5, True),
        (206, {"Content-Type": "multipart/byteranges; boundary=x"}, 5, True),
        (416, part("bytes */3"), 5, True),
        (206, part("bytes 0-8/9"), 0, False),
        (416, {}, 0, False),
        (204, {}, 0, False),
        (304, {}, 5, False),
        (200, {"Content-Encoding": "gzip"}, 0, False),
    ],
)
def test_answers(status: int, headers: dict[str, str], start: int, expected: Body | bool) -> None:
    if isinstance(expected, Body):
        assert body_of(status, headers, start, '"a"') == expected
    else:
        with pytest.raises(NotTheFile) as caught:
            body_of(status, headers, start, '"a"')
        assert caught.value.restart == expected


@given(st.integers(100, 599), st.text(max_size=30), st.text(max_size=30), st.integers(0, 10))
def test_no_answer_brings_other_bytes_than_those_asked_for(status: int, said: str, etag: str, start: int) -> None:
    try:
        body = body_of(status, {"Content-Range": said, "Content-Length": said, "ETag": etag}, start, "")
    except NotTheFile:
        return
    assert status in (200, 206) and body.start in (0, start)


def test_entity_tags() -> None:
    assert [strong_validator(tag) for tag in ('"a-1"', 'W/"a"', "a", '"a"b"', '"a\r\nX: y"', '""')] == [
        '"a-1"', "", "", "", "", '""'
    ]  # fmt: skip


@given(
    rate=st.floats(10, 1e6),
    pieces=st.lists(st.tuples(st.integers(1, 100_000), st.floats(0, 3)), min_size=1, max_size=60),
)
def test_the_bandwidth_is_never_exceeded(rate: float, pieces: list[tuple[int, float]]) -> None:
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    bandwidth = Bandwidth(rate, burst_s=0.25, clock=lambda: now, sleep=sleep)
    spent = 0
    for size, pause_s in pieces:
        now += pause_s
        bandwidth.spend(size)
        spent += size
        assert spent <= rate * (now + 0.25) * (1 + 1e-9) + 1e-6


def test_without_a_limit_nothing_waits() -> None:
    def sleep(seconds: float) -> None:
        raise AssertionError(seconds)

    bandwidth = Bandwidth(sleep=sleep)
    bandwidth.spend(10**12)
    assert bandwidth.chunk_bytes == 65_536
    assert Bandwidth(1_000).chunk_bytes == 256 and Bandwidth(100_000).chunk_bytes == 25_000
    with pytest.raises(ValueError):
        Bandwidth(-1)


def test_a_wait_for_bandwidth_ends_at_the_deadline() -> None:
    slept: list[float] = []
    Bandwidth(10, clock=lambda: 0.0, sleep=slept.append).spend(1_000, longest_s=2.0)
    assert slept == [2.0]


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 3)), max_size=100))
def test_the_least_speed(pieces: list[tuple[int, float]]) -> None:
    speed = LeastSpeed(10, window_s=5)
    size, spent_s = 0, 0.0
    for more, waited_s in pieces:
        size, spent_s = size + more, spent_s + waited_s
        expected = spent_s >= 5 and size < 10 * spent_s
        assert speed.too_slow(more, waited_s) == expected
        if spent_s >= 5:
            size, spent_s = 0, 0.0


def test_proxies() -> None:
    proxy = parse_proxy("till:hunter%402@proxy.example:3128")
    assert (proxy.url, proxy.shown, proxy.login) == ("http://proxy.example:3128", "proxy.example:3128", "till:hunter@2")
    assert "hunter" not in repr(proxy)
    assert parse_proxy("https://proxy").url == "https://proxy:443"
    assert parse_proxy("http://[::1]:3").url == "http://[::1]:3"
    for wrong in ("socks5://h:1", "http://h:x", "http://", "ftp://h"):
        with pytest.raises(Refused):
            parse_proxy(wrong)
