"""The publisher's private keys: ed25519, each in a file of its own, encrypted with a passphrase, for its owner alone.

    KEYS/                        0700
        root.json                the newest root metadata that this publisher knows: what it trusts of the repository
        <role>-<key id>.pem      0600; PKCS #8, encrypted; the first 16 digits of the key's id in TUF
        retired/                 keys that were rotated out

A file is named by its key, not by its role alone: after a crash in the middle of a rotation the old and the new key are
both there, and the root metadata says which is meant. Files may be moved to the machine where they are needed: a
machine that only publishes stock holds root.json and the keys of stock, snapshot and timestamp.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from engine.storage import remove_leftovers, replace, sync_folder, temporary_sibling, translating
from engine.sync.errors import KeyMissing, KeyWrongPassphrase
from engine.sync.passphrases import Passphrases

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from securesystemslib.signer import CryptoSigner

_log = logging.getLogger(__name__)

ROOT_NAME = "root.json"
RETIRED = "retired"
_ID_DIGITS = 16


class KeyFolder:
    """A folder of private keys. Nothing in it is read before it is needed; an opened key is kept for the next use."""

    def __init__(self, folder: Path, passphrases: Passphrases | None = None) -> None:
        self.folder = folder
        self._passphrases = passphrases or Passphrases()
        self._opened: dict[str, CryptoSigner] = {}

    def create(self, role: str) -> CryptoSigner:
        """Make a new key for a role; it is on the disk when this returns.

        Raises:
            KeyWrongPassphrase: there is no passphrase to encrypt it with.
            DiskFull, NotWritable
        """
        from cryptography.hazmat.primitives import serialization as pem
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from securesystemslib.signer import CryptoSigner

        passphrase = self._passphrases.for_new(role)
        if passphrase is None:
            raise KeyWrongPassphrase(role=role)
        private = Ed25519PrivateKey.generate()
        signer = CryptoSigner(private)
        cipher = pem.BestAvailableEncryption(passphrase.get_secret_value().encode())
        data = private.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, cipher)
        self._write(self._path(role, signer.public_key.keyid), data)
        self._opened[signer.public_key.keyid] = signer
        return signer

    def signers(self, role: str, keyids: Collection[str], threshold: int = 1) -> list[CryptoSigner]:
        """Those of these keys that are at hand, opened: at least `threshold`.

        Raises:
            KeyMissing: too few of them are in the folder or the environment.
            KeyWrongPassphrase: one that is there does not open.
        """
        found = [signer for keyid in keyids if (signer := self._signer(role, keyid)) is not None]
        if len(found) < threshold:
            raise KeyMissing(role=role, folder=self.folder)
        return found

    def unused(self, role: str) -> list[CryptoSigner]:
        """All keys of a role in the folder, opened; what an `init` that was killed left. Raises KeyWrongPassphrase."""
        return [
            signer
            for path in sorted(self.folder.glob(f"{role}-*.pem"))
            if (signer := self._open(role, path.read_bytes())) is not None
        ]

    def retire(self, role: str, keep: Collection[str]) -> list[Path]:
        """Move the files of a role's other keys to `retired/`; where they are now. Raises DiskFull, NotWritable."""
        kept = {self._path(role, keyid).name for keyid in keep}
        old = [path for path in self.folder.glob(f"{role}-*.pem") if path.name not in kept]
        if not old:
            return []
        moved = []
        with translating(self.folder):
            retired = self._private_folder(self.folder / RETIRED)
            for path in old:
                replace(path, retired / path.name)
                moved.append(retired / path.name)
            sync_folder(retired)
            sync_folder(self.folder)
        _log.info("retired %d key(s) of %s", len(moved), role)
        return moved

    def read_root(self) -> bytes | None:
        """The newest root metadata that this publisher knows; None if there is none. Raises NotWritable."""
        with translating(self.folder):
            try:
                return (self.folder / ROOT_NAME).read_bytes()
            except FileNotFoundError:
                return None

    def write_root(self, data: bytes) -> None:
        """Replace it. Raises DiskFull, NotWritable."""
        self._write(self.folder / ROOT_NAME, data)

    def tidy(self) -> None:
        """Remove what a process that died left half written. Raises NotWritable."""
        with translating(self.folder):
            remove_leftovers(self.folder)

    def _signer(self, role: str, keyid: str) -> CryptoSigner | None:
        if keyid in self._opened:
            return self._opened[keyid]
        path, given = self._path(role, keyid), self._passphrases.private_key(role)
        candidates = [given.get_secret_value().encode()] if given is not None else []
        with translating(self.folder):
            if path.exists():
                _tighten(path)
                candidates.append(path.read_bytes())
        for data in candidates:
            signer = self._open(role, data)
            if signer is not None and signer.public_key.keyid == keyid:
                self._opened[keyid] = signer
                return signer
        return None

    def _open(self, role: str, data: bytes) -> CryptoSigner | None:
        """The key in a PEM file; None if it is of a kind that is not used here. Raises KeyWrongPassphrase."""
        from securesystemslib.signer import CryptoSigner

        private = self._decrypted(role, data)
        try:
            return CryptoSigner(private)
        except ValueError:
            return None

    def _decrypted(self, role: str, data: bytes) -> PrivateKeyTypes:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            return load_pem_private_key(data, None)
        except TypeError:
            pass  # it is encrypted, as it should be
        except (ValueError, UnsupportedAlgorithm) as error:
            raise KeyWrongPassphrase(role=role) from error
        for passphrase in self._passphrases.to_open(role):
            with contextlib.suppress(ValueError, UnsupportedAlgorithm):
                return load_pem_private_key(data, passphrase.get_secret_value().encode())
        raise KeyWrongPassphrase(role=role)

    def _path(self, role: str, keyid: str) -> Path:
        return self.folder / f"{role}-{keyid[:_ID_DIGITS]}.pem"

    def _write(self, path: Path, data: bytes) -> None:
        """Like `storage.write_whole`, but nobody else can read the file at any instant."""
        with translating(path.parent):
            remove_leftovers(self._private_folder(path.parent))
            part = temporary_sibling(path)
            try:
                descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                replace(part, path)
            finally:
                part.unlink(missing_ok=True)
            sync_folder(path.parent)

    def _private_folder(self, folder: Path) -> Path:
        if not folder.is_dir():
            folder.mkdir(parents=True, mode=0o700)
            sync_folder(folder.parent)
        return folder


def _tighten(path: Path) -> None:
    """A key that was copied here may be open to others; it is not from now on, where the file system can."""
    if sys.platform == "win32" or not path.stat().st_mode & 0o077:
        return
    _log.warning("%s could be read by other users of this machine; now it cannot", path.name)
    with contextlib.suppress(OSError):
        path.chmod(0o600)
