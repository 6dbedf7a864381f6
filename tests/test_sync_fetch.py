"""Fetching from a real server that misbehaves on purpose, and from a folder: right bytes, or a typed error in time."""

from __future__ import annotations

import dataclasses
import datetime
import errno
import hashlib
import ipaddress
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from forward_proxy import ForwardProxy
from misbehaving_server import MisbehavingServer
from tuf.api.exceptions import DownloadError, DownloadHTTPError, DownloadLengthMismatchError, SlowRetrievalError

from engine import storage
from engine.errors import DiskFull, Interrupted
from engine.sync.bandwidth import Bandwidth
from engine.sync.errors import NotTrusted, SourceMisbehaved, SourceUnreachable, SyncError
from engine.sync.fetch import Fetched, FetchRules, Means, fetch, open_source
from engine.sync.http_source import HttpSettings
from engine.sync.part_file import partial_bytes
from engine.sync.retry import RetryRules
from engine.sync.source import Source
from engine.sync.tuf_fetcher import METADATA_URL, TARGETS_URL, SourceFetcher

ROOT = Path(__file__).parent.parent
NAME = "blobs/ab/abcdef"
DATA = hashlib.shake_256(b"a catalog").digest(300_000)
SHA256 = hashlib.sha256(DATA).hexdigest()
RETRY = RetryRules(attempts=3, progress_bytes=50_000, first_wait_s=0.02, longest_wait_s=0.05)
RULES = FetchRules(deadline_s=5.0, silence_s=0.6, least_bytes_per_s=500, window_s=0.6, retry=RETRY)
#: No fetch of these tests may take longer than this, whatever the server does: its rules say so.
LIMIT_S = RULES.deadline_s + 2.0


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer({NAME: DATA}) as server:
        yield server


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "downloads" / "catalog.zst"


def source_of(server: MisbehavingServer, **settings: Any) -> Source:
    return open_source(server.url, HttpSettings(**{"connect_s": 2.0, "answer_s": 1.0} | settings))


def get(source: MisbehavingServer | Source, target: Path, **more: Any) -> Fetched:
    """Fetch within the limit, and look that nothing is left behind that should not be."""
    source = source_of(source) if isinstance(source, MisbehavingServer) else source
    began = time.monotonic()
    try:
        fetched = fetch(source, NAME, target, SHA256, **{"max_bytes": len(DATA), "rules": RULES} | more)
    except BaseException:
        assert not target.exists()
        raise
    finally:
        source.close()
        assert time.monotonic() - began < LIMIT_S
        if target.parent.is_dir():
            assert {path.name for path in target.parent.iterdir()} <= {
                target.name, f"{target.name}.part", f"{target.name}.part.json"
            }  # fmt: skip
    assert target.read_bytes() == DATA
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    return fetched


def test_a_good_server(server: MisbehavingServer, target: Path) -> None:
    seen: list[int] = []
    assert get(server, target, progress=seen.append) == Fetched(target, len(DATA), 0)
    assert seen == sorted(seen) and seen[-1] == len(DATA)
    assert len(server.requests) == 1
    # what is there is not fetched again
    assert get(server, target) == Fetched(target, 0, len(DATA))
    assert len(server.requests) == 1


def test_what_lies_in_the_place_but_is_another_file_is_replaced(server: MisbehavingServer, target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(DATA[:-1])
    get(server, target)


def test_one_connection_serves_many_files(server: MisbehavingServer, tmp_path: Path) -> None:
    source = source_of(server)
    for number in range(4):
        fetch(source, NAME, tmp_path / str(number), SHA256, len(DATA), rules=RULES)
        with pytest.raises(SourceUnreachable):
            fetch(source, "blobs/missing", tmp_path / "none", SHA256, 10, rules=RULES)
    assert (len(server.requests), server.connections) == (8, 1)
    source.close()


#: Misbehaviour that passes, and what it takes to come through: the starts of the requests.
PASSING: dict[str, tuple[dict[str, Any], list[int]]] = {
    "dropped": ({"times": 2, "drop_after": 60_000}, [0, 60_000, 120_000]),
    "stalled": ({"times": 1, "stall_after": 100}, [0, 100]),
    "truncated": ({"times": 1, "truncate_to": 299_999}, [0, 299_999]),
    "chunks end early": ({"times": 1, "chunked": True, "truncate_to": 1_000}, [0, 1_000]),
    "ends without a length": ({"times": 1, "no_length": True, "truncate_to": 1_000}, [0, 1_000]),
    "500": ({"times": 2, "status": 500}, [0, 0, 0]),
    "503 with a wait": ({"times": 1, "status": 503, "retry_after": "0"}, [0, 0]),
    "429": ({"times": 1, "status": 429}, [0, 0]),
    "no HTTP": ({"times": 1, "garbage": True}, [0, 0]),
    "slow-loris": ({"times": 1, "drip_s": 0.1}, [0]),
    "wrong bytes once": ({"times": 1, "flip": True}, [0, 0]),
}


@pytest.mark.parametrize("case", PASSING)
def test_what_passes_ends_with_the_right_bytes(server: MisbehavingServer, target: Path, case: str) -> None:
    switches, starts = PASSING[case]
    server.misbehave(**switches)
    get(server, target, exact=True)
    if case == "slow-loris":  # how many bytes came before patience ended is a matter of time
        assert len(server.requests) == 2 and 1 <= server.requests[1].start <= 20
    else:
        assert [request.start for request in server.requests] == starts


@pytest.mark.parametrize("switches", [{"chunked": True}, {"no_length": True}, {"etag": ""}, {"etag": 'W/"weak"'}])
def test_what_a_server_need_not_say(server: MisbehavingServer, target: Path, switches: dict[str, Any]) -> None:
    server.misbehave(**switches)
    assert get(server, target).received_bytes == len(DATA)
    assert len(server.requests) == 1


#: Misbehaviour that lasts, and how it ends: the error, a word of its reason, the most requests.
LASTING: dict[str, tuple[dict[str, Any], type[SyncError], str, int]] = {
    "drops before all": ({"drop_after": 0}, SourceUnreachable, "connection was lost", 3),
    "drops after a little": ({"drop_after": 100}, SourceUnreachable, "connection was lost", 3),
    "stalls": ({"stall_after": 0}, SourceMisbehaved, "stopped sending", 3),
    "truncates": ({"truncate_to": 0}, SourceMisbehaved, "ended before all", 3),
    "500": ({"status": 500}, SourceUnreachable, "500 Internal Server Error", 3),
    "503": ({"status": 503}, SourceUnreachable, "503 Service Unavailable", 3),
    "503 for an hour": ({"status": 503, "retry_after": "3600"}, SourceUnreachable, "503", 1),
    "503 beyond the deadline": ({"status": 503, "retry_after": "20"}, SourceUnreachable, "503", 1),
    "404": ({"status": 404}, SourceUnreachable, "404 Not Found", 1),
    "403": ({"status": 403}, SourceUnreachable, "403 Forbidden", 1),
    "401": ({"status": 401}, SourceUnreachable, "401 Unauthorized", 1),
    "204": ({"status": 204}, SourceMisbehaved, "answered 204", 1),
    "304": ({"status": 304}, SourceMisbehaved, "answered 304", 1),
    "unasked 206": ({"status": 206}, SourceMisbehaved, "answered 206", 1),
    "unasked 416": ({"status": 416}, SourceMisbehaved, "answered 416", 1),
    "slow-loris": ({"drip_s": 0.05}, SourceMisbehaved, "bytes/s", 3),
    "slow-loris in the headers": ({"drip_s": 0.05, "drip_headers": True}, SourceMisbehaved, "in time", 3),
    "endless": ({"endless": True}, SourceMisbehaved, "more than 300,000 bytes", 1),
    "wrong bytes": ({"flip": True}, NotTrusted, "SHA-256", 2),
    "packed": ({"encoding": "gzip"}, SourceMisbehaved, "packed by the server", 1),
    "no HTTP": ({"garbage": True}, SourceMisbehaved, "not HTTP", 3),
    "endless redirects": ({"location": f"/{NAME}"}, SourceMisbehaved, "more than 5 redirects", 6),
    "redirect to elsewhere": ({"location": "http://localhost/x"}, SourceMisbehaved, "to localhost, which is", 1),
    "redirect to a port": ({"location": "http://127.0.0.1:9/x"}, SourceMisbehaved, "127.0.0.1:9, which is", 1),
    "redirect to a file": ({"location": "file:///etc/passwd"}, SourceMisbehaved, "not an http address", 1),
    "redirect to nobody": ({"location": "http://:80/x"}, SourceMisbehaved, "not an http address", 1),
    "redirect to nowhere": ({"location": ""}, SourceMisbehaved, "without saying where", 1),
}  # fmt: skip


@pytest.mark.parametrize("case", LASTING)
def test_what_lasts_ends_with_a_typed_error_in_time(server: MisbehavingServer, target: Path, case: str) -> None:
    switches, kind, reason, most_requests = LASTING[case]
    server.misbehave(**switches)
    with pytest.raises(kind, match=reason) as caught:
        get(server, target)
    assert type(caught.value) is kind
    assert caught.value.fields["server"] == f"127.0.0.1:{server.port}" and caught.value.fields["file"] == NAME
    assert caught.value.message and caught.value.advice
    assert 1 <= len(server.requests) <= most_requests
    # and with the server well again, so is the next fetch
    server.behave()
    get(server, target)


def test_endless_data_costs_little_more_than_the_cap(server: MisbehavingServer, target: Path) -> None:
    server.misbehave(endless=True)
    with pytest.raises(SourceMisbehaved) as caught:
        get(server, target, max_bytes=10_000)
    assert caught.value.fields["kind"] == "too large"
    assert partial_bytes(target, SHA256) == 0


def test_a_length_above_the_cap_is_refused_before_a_byte_is_read(server: MisbehavingServer, target: Path) -> None:
    with pytest.raises(SourceMisbehaved, match="300,000 bytes, where 299,999 are the most"):
        get(server, target, max_bytes=len(DATA) - 1)
    with pytest.raises(SourceMisbehaved, match="300,000 bytes, where 300,001 are right"):
        get(server, target, max_bytes=len(DATA) + 1, exact=True)
    assert partial_bytes(target, SHA256) == 0


def test_the_deadline_ends_a_server_that_is_never_too_slow(server: MisbehavingServer, target: Path) -> None:
    server.misbehave(drip_s=0.001)
    patient = FetchRules(deadline_s=0.6, silence_s=5, least_bytes_per_s=1, window_s=0.1, retry=RETRY)
    began = time.monotonic()
    with pytest.raises(SourceMisbehaved, match="not done after 1 s"):
        get(server, target, rules=patient)
    assert time.monotonic() - began < 4.0
    had = partial_bytes(target, SHA256)
    assert had > 0
    server.behave()
    assert get(server, target) == Fetched(target, len(DATA) - had, had)


def test_the_deadline_ends_headers_that_never_end(server: MisbehavingServer, target: Path) -> None:
    server.misbehave(drip_s=0.02, drip_headers=True)
    began = time.monotonic()
    rules = FetchRules(deadline_s=1.0, silence_s=60, retry=RETRY)
    with pytest.raises(SourceMisbehaved, match="not done after 1 s"):
        get(source_of(server, answer_s=60.0), target, rules=rules)
    assert time.monotonic() - began < 4.0


def test_a_bad_line_that_makes_progress_is_not_given_up(server: MisbehavingServer, target: Path) -> None:
    server.misbehave(drop_after=50_000)  # each of the requests, and there are only three attempts without progress
    assert get(server, target).received_bytes == len(DATA)
    assert [request.start for request in server.requests] == list(range(0, 300_000, 50_000))


@pytest.mark.parametrize("ranges", ["ignored", "shifted", "refused", "unsaid"])
def test_wrong_ranges_end_with_the_right_bytes(server: MisbehavingServer, target: Path, ranges: str) -> None:
    server.misbehave(times=1, truncate_to=60_000)
    server.misbehave(ranges=ranges)
    get(server, target)
    asked = [request.start for request in server.requests]
    assert asked == ([0, 60_000] if ranges == "ignored" else [0, 60_000, 0])
    # a cache on the way may be what is wrong
    assert ("cache-control" in server.requests[-1].headers) == (ranges != "ignored")


def test_a_file_that_changes_between_two_ranges(server: MisbehavingServer, target: Path) -> None:
    server.files[NAME] = b"old" + DATA
    server.misbehave(times=1, truncate_to=60_000)
    source = source_of(server)
    with pytest.raises(SourceMisbehaved):
        fetch(source, NAME, target, SHA256, len(DATA) + 3, rules=FetchRules(retry=RetryRules(attempts=1)))
    source.close()
    assert partial_bytes(target, SHA256) == 60_000
    server.files[NAME] = DATA
    # If-Range: the server sends the whole new file by itself
    assert get(server, target).received_bytes == len(DATA)
    assert [request.start for request in server.requests] == [0, 60_000]
    assert server.requests[1].headers["if-range"].startswith('"')


def test_a_file_that_changes_under_a_server_that_minds_no_if_range(server: MisbehavingServer, target: Path) -> None:
    server.misbehave(times=1, truncate_to=60_000, etag='"old"')
    server.misbehave(ignore_if_range=True)
    get(server, target)
    assert [request.start for request in server.requests] == [0, 60_000, 0]


def test_a_file_that_changes_without_a_mark_is_found_by_its_hash(server: MisbehavingServer, target: Path) -> None:
    server.misbehave(times=1, truncate_to=60_000, etag="", flip=True)
    server.misbehave(etag="")
    get(server, target)
    assert [request.start for request in server.requests] == [0, 60_000, 0]
    assert server.requests[2].headers["cache-control"] == "no-cache"


def test_what_another_server_sent_is_resumed_without_its_mark(server: MisbehavingServer, target: Path) -> None:
    with MisbehavingServer({NAME: DATA}) as mirror:
        server.misbehave(truncate_to=70_000, etag='"mine"')
        with pytest.raises(SourceMisbehaved):
            get(server, target, rules=FetchRules(retry=RetryRules(attempts=1)))
        assert get(mirror, target) == Fetched(target, 230_000, 70_000)
        assert "if-range" not in mirror.requests[0].headers


def test_what_was_another_content_is_not_resumed(server: MisbehavingServer, target: Path) -> None:
    server.misbehave(times=1, truncate_to=70_000)
    with pytest.raises(SourceMisbehaved):
        get(server, target, rules=FetchRules(retry=RetryRules(attempts=1)))
    newer = DATA[::-1]
    server.files[NAME] = newer
    sha256 = hashlib.sha256(newer).hexdigest()
    assert partial_bytes(target, SHA256) == 70_000 and partial_bytes(target, sha256) == 0
    source = source_of(server)
    assert fetch(source, NAME, target, sha256, len(newer), rules=RULES).received_bytes == len(newer)
    source.close()
    assert target.read_bytes() == newer
    assert [request.start for request in server.requests] == [0, 0]


@pytest.mark.parametrize("damage", ["note gone", "note damaged", "part longer", "part changed", "part whole"])
def test_what_lies_beside_is_not_believed(server: MisbehavingServer, target: Path, damage: str) -> None:
    server.misbehave(times=1, truncate_to=70_000)
    with pytest.raises(SourceMisbehaved):
        get(server, target, rules=FetchRules(retry=RetryRules(attempts=1)))
    part, note = (target.with_name(target.name + end) for end in (".part", ".part.json"))
    if damage == "note gone":
        note.unlink()
    elif damage == "note damaged":
        note.write_bytes(b"[" * 3_000)
    elif damage == "part longer":
        part.write_bytes(DATA + b"more")
    elif damage == "part changed":
        part.write_bytes(DATA[1:70_000])
    else:
        part.write_bytes(DATA)
    fetched = get(server, target)
    assert (fetched.received_bytes == 0) == (damage == "part whole")


_CHILD = """
import sys
from pathlib import Path
from engine.sync.fetch import fetch, open_source
def told(done):
    print(done, flush=True)
fetch(open_source(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4], int(sys.argv[5]), progress=told)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_process_leaves_what_the_next_one_needs(server: MisbehavingServer, target: Path) -> None:
    server.misbehave(times=1, stall_after=180_000)
    arguments = [server.url, NAME, str(target), SHA256, str(len(DATA))]
    child = subprocess.Popen([sys.executable, "-c", _CHILD, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with child.stdout as told:
        assert any(int(line) == 180_000 for line in told)
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
    assert not target.exists() and partial_bytes(target, SHA256) == 180_000
    assert get(server, target) == Fetched(target, 120_000, 180_000)
    assert [request.start for request in server.requests] == [0, 180_000]
    assert server.requests[1].headers["if-range"].startswith('"')


def test_a_user_who_stops_keeps_what_has_come(server: MisbehavingServer, target: Path) -> None:
    def stop(done_bytes: int) -> None:
        if done_bytes > 100_000:
            raise Interrupted(done="the download")

    with pytest.raises(Interrupted):
        get(server, target, progress=stop)
    assert get(server, target).resumed_bytes > 100_000


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on a file's size")
def test_a_full_disk_takes_the_part_with_it(server: MisbehavingServer, target: Path) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    was = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(DiskFull):
            get(server, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, was)
    assert list(target.parent.iterdir()) == []
    get(server, target)


def test_a_file_appears_whole_or_not_at_all(
    server: MisbehavingServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of the last steps: the content is durable before the name, and the name is durable at the end."""
    steps: list[str] = []
    for name in ("sync_file", "replace", "sync_folder"):
        real: Callable[..., None] = getattr(storage, name)

        def noted(*paths: Path, name: str = name, real: Callable[..., None] = real) -> None:
            steps.append(f"{name} {paths[0].name}")
            real(*paths)

        monkeypatch.setattr(storage, name, noted)
    get(server, target)
    assert steps[-3:] == ["sync_file catalog.zst.part", "replace catalog.zst.part", "sync_folder downloads"]


def test_waits_between_attempts_double_with_full_jitter(server: MisbehavingServer, target: Path) -> None:
    asked: list[tuple[float, float]] = []
    slept: list[float] = []

    def uniform(low: float, high: float) -> float:
        asked.append((low, high))
        return high / 2

    server.misbehave(status=502)
    rules = FetchRules(retry=RetryRules(attempts=5, first_wait_s=1.0, longest_wait_s=3.0))
    with pytest.raises(SourceUnreachable):
        get(server, target, rules=rules, means=Means(sleep=slept.append, uniform=uniform))
    assert asked == [(0.0, 1.0), (0.0, 2.0), (0.0, 3.0), (0.0, 3.0)]
    assert slept == [0.5, 1.0, 1.5, 1.5]


def test_bandwidth_is_kept(server: MisbehavingServer, target: Path) -> None:
    means = Means(bandwidth=Bandwidth(250_000, burst_s=0.1))
    began = time.monotonic()
    get(server, target, means=means)
    took_s = time.monotonic() - began
    # 300,000 bytes less a burst of 25,000 at 250,000 a second
    assert 1.1 <= took_s < 6.0


def test_redirects_that_are_followed(server: MisbehavingServer, target: Path) -> None:
    server.files["moved/here"] = DATA
    server.misbehave(times=1, location="../../moved/here")
    get(server, target)
    assert [request.name for request in server.requests] == [NAME, "moved/here"]


def test_a_listed_host_is_followed_and_gets_no_password(server: MisbehavingServer, target: Path) -> None:
    with MisbehavingServer({NAME: DATA}) as cdn:
        server.misbehave(location=f"{cdn.url}{NAME}?signature=s3cret")
        address = server.url.replace("http://", "http://me:hunter2@")
        get(open_source(address, HttpSettings(redirect_hosts=(f"127.0.0.1:{cdn.port}",))), target)
        assert server.requests[0].headers["authorization"] == "Basic bWU6aHVudGVyMg=="
        assert "authorization" not in cdn.requests[0].headers


def test_no_secret_in_errors_and_logs(
    server: MisbehavingServer, target: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    address = server.url.replace("http://", "http://me:hunter2@")
    said = []
    for switches in ({"status": 500}, {"location": "/x?signature=hunter2"}, {"location": "http://me:hunter2@b/"}):
        server.misbehave(**switches)
        with pytest.raises(SyncError) as caught:
            get(open_source(address), target)
        said += [str(caught.value), repr(caught.value.fields)]
    for wrong in ("ftp://me:hunter2@b/", "http://me:hunter2@/", "http://me:hunter2@b:port/", "http://me:hunter2@b/?a"):
        with pytest.raises(SourceUnreachable) as refused:
            open_source(wrong)
        said.append(str(refused.value))
    with pytest.raises(SourceUnreachable) as unknown:
        get(open_source("http://me:hunter2@127.0.0.1:9/"), target)
    said += [str(unknown.value), caplog.text]
    assert not [text for text in said if "hunter2" in text]


def test_nobody_there(target: Path) -> None:
    with MisbehavingServer() as gone:
        pass
    with pytest.raises(SourceUnreachable, match="no connection"):
        get(open_source(gone.url), target)
    for host in ("a..b", "a" * 70):
        with pytest.raises(SourceUnreachable, match="name is not one"):
            get(open_source(f"http://{host}/"), target)


def test_a_name_that_nobody_knows(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's answer for such a name, without asking a name server of the network that the test runs in."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(SourceUnreachable, match="name is not known"):
        get(open_source("http://catalog.example/"), target)


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "a//b", "a/./b", "a\\b", "c:x", "%2e%2e/x", "", "a/", "x."])
def test_names_that_leave_the_folder_are_refused(server: MisbehavingServer, tmp_path: Path, name: str) -> None:
    (tmp_path / "repository").mkdir()
    (tmp_path / "up").write_bytes(DATA)
    for source in (source_of(server), open_source(str(tmp_path / "repository"))):
        with pytest.raises(SourceMisbehaved, match="not the name of a published file"):
            fetch(source, name, tmp_path / "out", SHA256, len(DATA), rules=RULES)
    assert not server.requests


# TLS and proxies


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate authority (ca.pem) and a server's certificate with its key, for 127.0.0.1."""
    folder = tmp_path_factory.mktemp("authority")
    now = datetime.datetime.now(datetime.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)]) for text in ("Head office", "server")]
    for number, hosts in ((0, []), (1, [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])):
        builder = (
            x509.CertificateBuilder()
            .subject_name(names[number])
            .issuer_name(names[0])
            .public_key(keys[number].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=number == 0, path_length=None), critical=True)
        )
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        pem = builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        private = keys[number].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / ("ca.pem" if number == 0 else "server.pem")).write_bytes(pem if number == 0 else pem + private)
    return folder


@pytest.fixture
def tls_server(authority: Path) -> Iterator[MisbehavingServer]:
    with MisbehavingServer({NAME: DATA}, certificate=authority / "server.pem") as server:
        yield server


def test_tls_with_our_own_authority(tls_server: MisbehavingServer, target: Path, authority: Path) -> None:
    tls_server.misbehave(times=1, drop_after=90_000)
    assert get(source_of(tls_server, ca_file=authority / "ca.pem"), target).received_bytes == len(DATA)
    assert [request.start for request in tls_server.requests] == [0, 90_000]


def test_tls_is_bounded_like_the_rest(tls_server: MisbehavingServer, target: Path, authority: Path) -> None:
    hasty = dataclasses.replace(RULES, retry=RetryRules(attempts=1))
    for switches in ({"stall_after": 5}, {"drip_s": 0.05}, {"drip_s": 0.05, "drip_headers": True}):
        tls_server.misbehave(**switches)
        with pytest.raises(SourceMisbehaved):
            get(source_of(tls_server, ca_file=authority / "ca.pem"), target, rules=hasty)


def test_a_certificate_of_a_stranger_is_not_accepted(tls_server: MisbehavingServer, target: Path) -> None:
    with pytest.raises(SourceUnreachable, match="certificate is not accepted"):
        get(tls_server, target)
    assert not tls_server.requests


def test_a_certificate_for_another_host_is_not_accepted(
    tls_server: MisbehavingServer, target: Path, authority: Path
) -> None:
    address = tls_server.url.replace("127.0.0.1", "localhost")
    with pytest.raises(SourceUnreachable, match=r"certificate is not accepted.*localhost"):
        get(open_source(address, HttpSettings(ca_file=authority / "ca.pem")), target)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_an_authority_that_cannot_be_read(
    tls_server: MisbehavingServer, target: Path, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceUnreachable, match=r"ca\.pem cannot be read"):
        get(source_of(tls_server, ca_file=path), target)


def test_https_is_never_left_for_http(
    tls_server: MisbehavingServer, server: MisbehavingServer, target: Path, authority: Path
) -> None:
    tls_server.misbehave(location=f"{server.url}{NAME}")
    settings = {"ca_file": authority / "ca.pem", "redirect_hosts": (f"127.0.0.1:{server.port}",)}
    with pytest.raises(SourceMisbehaved, match="from https to http"):
        get(source_of(tls_server, **settings), target)
    assert not server.requests


@pytest.mark.parametrize("login", ["", "till:pass%40word"])
def test_a_proxy_that_is_set(
    server: MisbehavingServer, tls_server: MisbehavingServer, target: Path, authority: Path, login: str
) -> None:
    with ForwardProxy(login.replace("%40", "@")) as proxy:
        address = proxy.url.replace("http://", f"http://{login}@") if login else proxy.url
        get(source_of(server, proxy=address), target)
        target.unlink()
        get(source_of(tls_server, proxy=address, ca_file=authority / "ca.pem"), target)
    assert [line.split()[0] for line in proxy.asked] == ["GET", "CONNECT"]
    assert "proxy-authorization" not in server.requests[0].headers
    assert "proxy-authorization" not in tls_server.requests[0].headers


def test_a_proxy_of_the_environment_and_its_exceptions(
    server: MisbehavingServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ForwardProxy() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        get(server, target)
        assert len(proxy.asked) == 1
        target.unlink()
        get(source_of(server, proxy=""), target)  # "none" is a setting, too
        target.unlink()
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        get(server, target)
        assert len(proxy.asked) == 1


def test_proxies_that_do_not_work(
    server: MisbehavingServer, tls_server: MisbehavingServer, target: Path, authority: Path
) -> None:
    ca_file = authority / "ca.pem"
    with ForwardProxy("till:right") as proxy:
        wrong = proxy.url.replace("http://", "http://till:hunter2@")
        with pytest.raises(SourceUnreachable, match="407"):
            get(source_of(server, proxy=wrong), target)
        with pytest.raises(SourceUnreachable, match=f"the proxy 127.0.0.1:{proxy.port} answers 407"):
            get(source_of(tls_server, proxy=wrong, ca_file=ca_file), target)
    for source in (source_of(server, proxy=wrong), source_of(tls_server, proxy=wrong, ca_file=ca_file)):
        with pytest.raises(SourceUnreachable, match=f"the proxy 127.0.0.1:{proxy.port}") as gone:
            get(source, target)
        assert "hunter2" not in str(gone.value)
    for address, reason in (("socks5://127.0.0.1:9", "socks5 is not supported"), ("http://:9", "names no server")):
        with pytest.raises(SourceUnreachable, match=reason):
            get(source_of(server, proxy=address), target)


# A folder


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    path = tmp_path / "a stick ü" / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA)
    return tmp_path / "a stick ü"


def test_a_folder_is_a_source(stick: Path, target: Path) -> None:
    assert get(open_source(str(stick)), target) == Fetched(target, len(DATA), 0)
    target.unlink()
    assert get(open_source(stick.as_uri()), target) == Fetched(target, len(DATA), 0)


def test_a_folder_continues_what_a_server_began(server: MisbehavingServer, stick: Path, target: Path) -> None:
    server.misbehave(truncate_to=70_000)
    with pytest.raises(SourceMisbehaved):
        get(server, target, rules=FetchRules(retry=RetryRules(attempts=1)))
    assert get(open_source(str(stick)), target) == Fetched(target, 230_000, 70_000)


def test_a_folder_gets_the_same_checks(stick: Path, target: Path, tmp_path: Path) -> None:
    source, path = open_source(str(stick)), stick / NAME
    with pytest.raises(SourceMisbehaved, match="299,999 are the most"):
        get(source, target, max_bytes=299_999)
    path.write_bytes(DATA[1:])
    with pytest.raises(NotTrusted) as wrong:
        get(source, target)
    assert wrong.value.fields["server"] == str(stick) and wrong.value.fields["file"] == NAME
    path.unlink()
    with pytest.raises(SourceUnreachable, match="no such file"):
        get(source, target)
    path.mkdir()
    with pytest.raises(SourceMisbehaved, match="not a file"):
        get(source, target)
    with pytest.raises(SourceUnreachable, match="is the stick in"):
        get(open_source(str(tmp_path / "pulled out")), target)


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes")
def test_links_and_pipes_on_a_stick(stick: Path, target: Path, tmp_path: Path) -> None:
    path = stick / NAME
    path.rename(stick / "elsewhere")
    path.symlink_to(stick / "elsewhere")
    get(open_source(str(stick)), target)
    target.unlink()
    for lead in (tmp_path / "outside", Path("/dev/zero")):
        (tmp_path / "outside").write_bytes(DATA)
        path.unlink()
        path.symlink_to(lead)
        with pytest.raises(SourceMisbehaved, match="leads out of the folder"):
            get(open_source(str(stick)), target)
    path.unlink()
    path.symlink_to(path)
    with pytest.raises(SourceUnreachable):
        get(open_source(str(stick)), target)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(SourceMisbehaved, match="not a file"):
        get(open_source(str(stick)), target)


def test_a_stick_that_fails_while_it_is_read(stick: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failing medium cannot be had; the error that the system gives for one is put into the real reading."""
    source = open_source(str(stick))
    opened = source.open

    def failing(*arguments: Any, **options: Any) -> Any:
        stream: Any = opened(*arguments, **options)
        file = stream._file

        class Failing:
            def read(self, most: int) -> bytes:
                if file.tell() >= 131_072:
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
                return bytes(file.read(most))

            def close(self) -> None:
                file.close()

        stream._file = Failing()
        return stream

    monkeypatch.setattr(source, "open", failing)
    with pytest.raises(SourceUnreachable, match=os.strerror(errno.EIO)):
        get(source, target)
    assert get(open_source(str(stick)), target).resumed_bytes == 131_072


# The Update Framework's side


def test_the_frameworks_fetcher(server: MisbehavingServer, stick: Path) -> None:
    server.files |= {"metadata/1.root.json": b"root", "targets/channels/aa.stable.json": DATA}
    (stick / "metadata").mkdir()
    (stick / "metadata" / "1.root.json").write_bytes(b"root")
    (stick / "targets" / "channels").mkdir(parents=True)
    (stick / "targets" / "channels" / "aa.stable.json").write_bytes(DATA)
    server.misbehave(times=1, status=503)
    server.misbehave(times=1, only="channels", truncate_to=100_000)
    for source in (source_of(server), open_source(str(stick))):
        fetcher = SourceFetcher(source, RULES)
        assert fetcher.download_bytes(f"{METADATA_URL}1.root.json", 100) == b"root"
        assert fetcher.download_bytes(f"{TARGETS_URL}channels/aa.stable.json", len(DATA)) == DATA
        assert b"".join(fetcher.fetch(f"{METADATA_URL}1.root.json")) == b"root"
        with pytest.raises(DownloadHTTPError) as missing:
            fetcher.download_bytes(f"{METADATA_URL}2.root.json", 100)
        assert missing.value.status_code == 404 and isinstance(missing.value.__cause__, SourceUnreachable)
        with pytest.raises(DownloadLengthMismatchError) as large:
            fetcher.download_bytes(f"{METADATA_URL}1.root.json", 3)
        assert isinstance(large.value.__cause__, SourceMisbehaved)
        with pytest.raises(DownloadError, match="not the name of a published file"):
            fetcher.download_bytes(f"{METADATA_URL}..%2Froot.json", 3)
        with pytest.raises(DownloadError):
            list(fetcher.fetch("http://127.0.0.1/other"))
        source.close()
    assert {request.name.split("/")[0] for request in server.requests} == {"metadata", "targets"}


@pytest.mark.parametrize(
    ("switches", "kind"),
    [
        ({"status": 403}, DownloadHTTPError),
        ({"status": 500}, DownloadHTTPError),
        ({"drip_s": 0.05}, SlowRetrievalError),
        ({"endless": True}, DownloadLengthMismatchError),
        ({"drop_after": 1}, DownloadError),
    ],
)
def test_the_frameworks_errors(
    server: MisbehavingServer, switches: dict[str, Any], kind: type[DownloadError]
) -> None:
    server.misbehave(**switches)
    server.files["metadata/timestamp.json"] = DATA[:1_000]
    source = source_of(server)
    with pytest.raises(kind) as caught:
        SourceFetcher(source, RULES).download_bytes(f"{METADATA_URL}timestamp.json", 5_000)
    source.close()
    assert type(caught.value) is kind and isinstance(caught.value.__cause__, SyncError)
