"""Pictures of confirmations are sealed where the user wishes it: who copies the catalog folder cannot see them.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce before the ciphertext; the number of the confirmation is
authenticated with it, so that pictures cannot change places. The key is a file of 32 bytes in this user's profile
folder, readable by this user alone. It protects a catalog folder that is shared, copied or carried away; not from who
can read the user's own files. Without the key the pictures are lost, and nothing else.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from engine import errors
from engine.config import profile_folder
from engine.storage import sync_folder, temporary_sibling, translating

KEY_NAME = "overlay.key"
_KEY_BYTES, _NONCE_BYTES = 32, 12


def sealed(picture: bytes, number: int, key: bytes) -> bytes:
    """The picture of one confirmation, encrypted."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # late: few users wish it

    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, picture, _about(number))


def unsealed(data: bytes, number: int, key: bytes) -> bytes:
    """What was sealed. Raises ValueError for another key, another number, or a changed byte."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], _about(number))
    except InvalidTag as error:
        raise ValueError(f"picture {number} was sealed with another key, or changed") from error


def read_key(folder: Path | None = None) -> bytes | None:
    """This user's key; None if there is none. Raises OverlayDamaged for a file that is no key, NotWritable."""
    path = (folder or profile_folder()) / KEY_NAME
    with translating(path.parent):
        try:
            key = path.read_bytes()
        except FileNotFoundError:
            return None
    if len(key) != _KEY_BYTES:
        raise errors.OverlayDamaged(folder=path.parent, reason="overlay.key is no key")
    return key


def make_key(folder: Path | None = None) -> bytes:
    """This user's key, made now if there is none; of two processes that make it both get the same.

    Raises OverlayDamaged for a file that is no key, DiskFull, NotWritable.
    """
    key = read_key(folder)
    if key is not None:
        return key
    path = (folder or profile_folder()) / KEY_NAME
    with translating(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = temporary_sibling(path)
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(_KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            # A link, not a rename: the key that another process made meanwhile must stay.
            with contextlib.suppress(FileExistsError):
                os.link(part, path)
        finally:
            part.unlink(missing_ok=True)
        sync_folder(path.parent)
    key = read_key(folder)
    assert key is not None
    return key


def _about(number: int) -> bytes:
    return b"skulens.overlay.crop %d" % number
