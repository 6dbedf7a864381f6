"""Published repositories, stores and thieves for tests of the sync. Keys, signatures, files and servers are real."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import DownloadHTTPError
from tuf.api.metadata import Metadata, MetaFile
from tuf.ngclient.fetcher import FetcherInterface

from engine.sync.keys import KeyFolder
from engine.sync.passphrases import Passphrases
from engine.sync.repository import Repository, beside
from engine.sync.trust import Trust, TrustPolicy
from engine.sync.trust_state import TrustState

PASSPHRASE = "correct-horse-battery-staple"
NOW = datetime.now(UTC).replace(microsecond=0)
BASE_URL = "https://published.invalid/"


class FolderFetcher(FetcherInterface):
    """Reads a folder; `asked` are the names that were wanted, `instead` what a liar sends for some of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self.instead: dict[str, Callable[[], Iterator[bytes]]] = {}

    def _fetch(self, url: str) -> Iterator[bytes]:
        name = url.removeprefix(BASE_URL)
        self.asked.append(name)
        if name in self.instead:
            return self.instead[name]()
        try:
            return iter([(self.folder / name).read_bytes()])
        except FileNotFoundError as error:
            raise DownloadHTTPError("no such file", 404) from error


class HttpFetcher(FetcherInterface):
    """Asks a server, one connection a file."""

    def _fetch(self, url: str) -> Iterator[bytes]:
        parts = urlsplit(url)
        connection = HTTPConnection(parts.netloc, timeout=5)
        with closing(connection):
            connection.request("GET", parts.path)
            with closing(connection.getresponse()) as response:
                if response.status != 200:
                    raise DownloadHTTPError("refused", response.status)
                while block := response.read(65_536):
                    yield block


class _Quiet(SimpleHTTPRequestHandler):
    endless: Sequence[str] = ()

    def do_GET(self) -> None:
        if not self.path.endswith(tuple(self.endless) or "\0"):
            super().do_GET()
            return
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b" " * 65_536)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: stderr belongs to the tests."""


@contextmanager
def serving(folder: Path, endless: Sequence[str] = ()) -> Iterator[str]:
    """The address of a real server on loopback; files whose names end like those in `endless` never end."""
    handler = type("Handler", (_Quiet,), {"endless": tuple(endless)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def memory(otherwise: Path) -> Iterator[Path]:
    """A folder in memory where there is one: thousands of fsyncs take minutes on a disk, and SIGKILL needs none."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else otherwise) as folder:
        yield Path(folder)


def limited(work: str, file_bytes: int) -> str:
    """Do work in a process whose files cannot grow beyond this, as on a full disk; the name of the error, or ""."""
    code = (
        "import resource\nfrom pathlib import Path\nfrom tests.sync_repositories import FolderFetcher, Office, Store\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({file_bytes}, {file_bytes}))\n"
        f"try:\n    {work}\nexcept Exception as error:\n    print(type(error).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    return done.stdout.strip()


@dataclass
class Office:
    """Head office: a published folder, its keys, and the passphrase of them in the environment."""

    folder: Path
    environment: dict[str, str] = field(default_factory=lambda: {"SKULENS_KEY_PASSPHRASE": PASSPHRASE})

    def keys(self) -> KeyFolder:
        return KeyFolder(beside(self.folder, "keys"), Passphrases(environment=self.environment))

    def repository(self, **options: Any) -> Repository:
        """The repository as a new process would open it."""
        return Repository(self.folder, self.keys(), **options)

    def metadata(self, name: str) -> Metadata[Any]:
        return Metadata.from_bytes((self.folder / "metadata" / name).read_bytes())

    def newest(self, role: str) -> str:
        numbers = [int(path.name.split(".")[0]) for path in (self.folder / "metadata").glob(f"*.{role}.json")]
        return f"{max(numbers)}.{role}.json"

    def signer(self, role: str) -> CryptoSigner:
        return self.keys().unused(role)[0]

    def copy(self, name: str) -> Office:
        """The same office, or a mirror of it, at this moment."""
        other = self.folder.with_name(name)
        for kind in ("", ".keys", ".work"):
            shutil.copytree(f"{self.folder}{kind}", f"{other}{kind}")
        return Office(other, self.environment)


def make_office(home: Path, **options: Any) -> Office:
    """A repository with the document `one` in channel `stable`."""
    office = Office(home / "repo")
    office.repository().init(**options)
    office.repository().add("stable", b"one")
    return office


@dataclass
class Store:
    """A store that trusts the first root of an office, whatever source it is pointed at."""

    state: Path
    fetcher: FetcherInterface
    base_url: str = BASE_URL
    policy: TrustPolicy = field(default_factory=TrustPolicy)

    def trust(self) -> AbstractContextManager[Trust]:
        return Trust.open(self.state, self.fetcher, self.base_url, "the test's source", self.policy)

    def pull(self, channel: str = "stable", now: datetime | None = None) -> bytes | None:
        """Refresh, and the channel's document."""
        with self.trust() as trust:
            trust.refresh(now)
            found = trust.document(channel, now)
        return None if found is None else found.data

    def kept(self, channel: str = "stable", now: datetime | None = None) -> bytes | None:
        """The document that is trusted without asking anybody."""
        with self.trust() as trust:
            found = trust.document(channel, now)
        return None if found is None else found.data

    def at(self, source: Office) -> Store:
        """The same store, pointed at another source."""
        return Store(self.state, FolderFetcher(source.folder), policy=self.policy)


def make_store(office: Office, name: str = "store", policy: TrustPolicy | None = None) -> Store:
    """A store with the first root installed; it has fetched nothing yet."""
    state = office.folder.with_name(name)
    TrustState(state).install((office.folder / "metadata" / "1.root.json").read_bytes())
    return Store(state, FolderFetcher(office.folder), policy=policy or TrustPolicy())


def forge(office: Office, name: str, signers: Sequence[CryptoSigner], change: Callable[[Any], None]) -> None:
    """Change metadata where it lies and sign it with these keys, as a thief with them could."""
    metadata = office.metadata(name)
    change(metadata.signed)
    metadata.signatures.clear()
    for signer in signers:
        metadata.sign(signer, append=True)
    version, _, rest = name.partition(".")
    renamed = f"{metadata.signed.version}.{rest}" if version.isdigit() else name
    (office.folder / "metadata" / renamed).write_bytes(metadata.to_bytes())


def relist(office: Office, role: str) -> MetaFile:
    """The entry for the newest metadata file of a role as it lies there now."""
    name = office.newest(role)
    data = (office.folder / "metadata" / name).read_bytes()
    return MetaFile.from_data(int(name.split(".")[0]), data, ["sha256"])
