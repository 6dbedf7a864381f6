"""Packing parts by zstd (RFC 8878), and unpacking what a stranger may have packed: streamed, hashed, and capped.

A few kilobytes of zstd can unpack to a full disk. So a part never grows beyond the size that was signed for it, and a
frame that asks for a large window is refused before memory is taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

import zstandard

from engine.generation_build import file_sha256
from engine.storage import translating, whole_file
from engine.sync.errors import DownloadDamaged
from engine.sync.published import Blob

#: Of zstd's 22. Photos and vectors hardly get smaller at any, words do at all; 9 packs some 20 MB a second.
LEVEL = 9
#: A decoder's memory: the window of level 9 is 4 MB, long-distance matching would ask for 128.
MOST_WINDOW_BYTES = 1 << 27
_CHUNK = 1 << 20


def pack(source: Path, folder: Path, threads: int = 0, level: int = LEVEL) -> Blob:
    """Store a file as `folder/<first two digits>/<sha256>`, packed if that makes it smaller.

    A blob that is there already is not written again. `threads` of 0 is the calling one; the bytes depend on whether
    there are any, so a publisher keeps to one setting.

    Raises DiskFull, NotWritable.
    """
    with translating(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(folder / f"{source.name}.packing") as part:
            unpacked, size_bytes = _packed(source, part, threads, level)
            compression = "zstd" if part.stat().st_size < size_bytes else "none"
            if compression == "none":
                part.write_bytes(b"")
                _copy(source, part)
        packing = folder / f"{source.name}.packing"
        sha256 = file_sha256(packing)
        blob = Blob(
            sha256=sha256,
            packed_bytes=packing.stat().st_size,
            unpacked_sha256=unpacked,
            unpacked_bytes=size_bytes,
            compression="zstd" if compression == "zstd" else "none",
        )
        target = folder / sha256[:2] / sha256
        target.parent.mkdir(exist_ok=True)
        if target.is_file() and target.stat().st_size == blob.packed_bytes:
            packing.unlink()
        else:
            packing.replace(target)
    return blob


def unpack(
    blob: Blob, packed: Path, target: Path, name: str, progress: Callable[[int], None] = lambda written: None
) -> None:
    """Write what a fetched blob holds to `target`, which appears whole or not at all.

    Args:
        blob: what was signed.
        packed: the fetched file, whose hash is that of the blob.
        target: the file to write.
        name: for errors.
        progress: called with the bytes written since the last call; may raise Interrupted.

    Raises:
        DownloadDamaged: it is not zstd, ends too early, has something behind its end, or unpacks to something else.
        DiskFull, NotWritable
    """
    digest, written = hashlib.sha256(), 0
    with translating(target.parent), whole_file(target) as part, packed.open("rb") as source, part.open("wb") as out:
        try:
            with _reader(source, blob) as reader:
                while chunk := reader.read(min(_CHUNK, blob.unpacked_bytes - written + 1)):
                    written += len(chunk)
                    if written > blob.unpacked_bytes:
                        raise DownloadDamaged(file=name, reason=f"it unpacks to more than {blob.unpacked_bytes} bytes")
                    digest.update(chunk)
                    out.write(chunk)
                    progress(len(chunk))
        except (zstandard.ZstdError, EOFError) as error:
            raise DownloadDamaged(file=name, reason="it cannot be unpacked") from error
        if written != blob.unpacked_bytes:
            raise DownloadDamaged(file=name, reason=f"it unpacks to {written} of {blob.unpacked_bytes} bytes")
        if digest.hexdigest() != blob.unpacked_sha256:
            raise DownloadDamaged(file=name, reason="it unpacks to other bytes than were signed")


def _reader(source: IO[bytes], blob: Blob) -> IO[bytes]:
    if blob.compression == "none":
        return source
    decoder = zstandard.ZstdDecompressor(max_window_size=MOST_WINDOW_BYTES)
    reader: IO[bytes] = decoder.stream_reader(source, read_across_frames=False)
    return reader


def _packed(source: Path, part: Path, threads: int, level: int) -> tuple[str, int]:
    """Pack into `part`; returns the SHA-256 and size of what was read."""
    digest, size_bytes = hashlib.sha256(), 0
    encoder = zstandard.ZstdCompressor(level=level, threads=threads, write_checksum=False, write_content_size=False)
    with source.open("rb") as file, part.open("wb") as out, encoder.stream_writer(out) as writer:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size_bytes += len(chunk)
            writer.write(chunk)
    return digest.hexdigest(), size_bytes


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as file, target.open("wb") as out:
        while chunk := file.read(_CHUNK):
            out.write(chunk)
