"""What a store keeps on disk of what it trusts: the installed root, the newest metadata, the files it led to.

    STATE/
        root.json                       the root that a person installed; nothing from a source ever replaces it
        metadata/<n>.root.json          the roots that followed it, each signed by the one before
        metadata/{timestamp,snapshot,targets,stock}.json
        targets/channels/<channel>.json, targets/stock/<channel>.zst

python-tuf's Updater works in a scratch folder and what it accepted is kept from there, each file whole and durable, in
the order in which a crash between two of them does no harm. A damaged file counts as missing: the signatures are
checked anew each time, and at worst the store begins again with its installed root.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tuf.api.exceptions import RepositoryError

from engine.storage import remove_leftovers, temporary_sibling, translating, write_whole
from engine.sync.errors import NotTrusted, SyncNotSetUp
from engine.sync.layout import METADATA, TARGETS
from engine.sync.trust_view import parsed_root

ROOT_NAME = "root.json"
#: Where python-tuf keeps the roots in its folder.
_HISTORY = "root_history"
_KEPT = ("timestamp.json", "snapshot.json", "targets.json", "stock.json")
_ROOT = re.compile(r"[1-9][0-9]{0,17}\.root\.json", re.ASCII)
#: A metadata file that is larger than this was not kept by us (python-tuf's own limit is 5 MB).
_MOST_BYTES = 6_000_000


class TrustState:
    """The folder. One process at a time may change it; the caller holds the lock of the catalog that it belongs to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, root: bytes) -> None:
        """Trust this root from now on. If another was installed, all that was trusted through it is forgotten.

        Raises:
            NotTrusted: it is not root metadata that is signed by its own keys.
            DiskFull, NotWritable
        """
        try:
            parsed_root(root)
        except (RepositoryError, ValueError) as error:
            raise NotTrusted(server="the file", file=ROOT_NAME, reason=str(error)[:200]) from error
        with translating(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        if _read(self.folder / ROOT_NAME) == root:
            return
        with translating(self.folder):
            for name in (METADATA, TARGETS):
                _remove(self.folder / name)
        write_whole(self.folder / ROOT_NAME, root)

    def installed_root(self) -> bytes:
        """The root that a person installed. Raises SyncNotSetUp if there is none that can be used."""
        data = _read(self.folder / ROOT_NAME)
        if data is not None:
            try:
                parsed_root(data)
                return data
            except (RepositoryError, ValueError):
                pass
        raise SyncNotSetUp(folder=self.folder)

    def files(self) -> dict[str, bytes]:
        """All metadata that is kept, by name; not verified."""
        return _metadata_in(self.folder / METADATA)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for python-tuf with all that is kept; it is removed afterwards. Raises DiskFull, NotWritable."""
        with translating(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            remove_leftovers(self.folder)
            place = temporary_sibling(self.folder / "scratch")
            (place / _HISTORY).mkdir(parents=True)
        try:
            with translating(self.folder):
                for name, data in self.files().items():
                    (place / _HISTORY / name if _ROOT.fullmatch(name) else place / name).write_bytes(data)
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def keep(self, scratch: Path) -> None:
        """Keep what python-tuf has accepted in a scratch folder, and forget what is no longer there.

        Raises:
            DiskFull, NotWritable: what was kept before is then still whole.
        """
        place, before, after = self.folder / METADATA, self.files(), self.scratch_files(scratch)
        with translating(self.folder):
            if not place.is_dir():
                _remove(place)
                place.mkdir()
            for name in _KEPT:
                if name not in after:
                    _remove(place / name)
        roots = sorted((name for name in after if name not in _KEPT), key=lambda name: int(name.split(".")[0]))
        for name in (*roots, *(name for name in _KEPT if name in after)):
            if before.get(name) != after[name]:
                self._write(place / name, after[name])

    def scratch_files(self, scratch: Path) -> dict[str, bytes]:
        """All metadata in a scratch folder, by name."""
        return _metadata_in(scratch, scratch / _HISTORY)

    def target(self, path: str, most_bytes: int) -> bytes | None:
        """A target file that was kept; not verified."""
        return _read(self.folder / TARGETS / path, most_bytes)

    def keep_target(self, path: str, data: bytes) -> None:
        """Keep a target file, whole. Raises DiskFull, NotWritable."""
        self._write(self.folder / TARGETS / path, data)

    def _write(self, path: Path, data: bytes) -> None:
        with translating(self.folder):
            for folder in (path.parent.parent, path.parent):
                if not folder.is_dir():
                    _remove(folder)
                    folder.mkdir(parents=True)
            if path.is_dir():
                _remove(path)
            remove_leftovers(path.parent)
        write_whole(path, data)


def _read(path: Path, most_bytes: int = _MOST_BYTES) -> bytes | None:
    """A file; None where it is missing, too large, or cannot be read."""
    try:
        if not path.is_file() or path.stat().st_size > most_bytes:
            return None
        return path.read_bytes()
    except OSError:
        return None


def _metadata_in(*folders: Path) -> dict[str, bytes]:
    """The metadata files in these folders, by name."""
    try:
        paths = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    except OSError:
        return {}
    wanted = [path for path in paths if path.name in _KEPT or _ROOT.fullmatch(path.name)]
    return {path.name: data for path in wanted if (data := _read(path)) is not None}


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
