"""Packed parts: the same bytes come out, and nothing that a stranger packed gets more of the disk than was signed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Interrupted
from engine.manifest import Counts, Digests, Manifest
from engine.sync.errors import DownloadDamaged, VersionNotUsable
from engine.sync.pack import pack, unpack
from engine.sync.published import Blob, DeltaParts, SnapshotParts, VersionDocument, parse_document


@dataclass
class Packed:
    folder: Path

    def of(self, data: bytes) -> tuple[Blob, Path]:
        source = self.folder / "source.bin"
        source.write_bytes(data)
        blob = pack(source, self.folder / "blobs")
        return blob, self.folder / "blobs" / blob.sha256[:2] / blob.sha256


@pytest.fixture
def packed(tmp_path: Path) -> Packed:
    return Packed(tmp_path)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=5_000), st.integers(1, 400))
def test_what_is_packed_comes_out_again(tmp_path_factory: pytest.TempPathFactory, data: bytes, times: int) -> None:
    folder = tmp_path_factory.mktemp("pack")
    blob, path = Packed(folder).of(data * times)
    assert (blob.unpacked_bytes, blob.packed_bytes) == (len(data) * times, path.stat().st_size)
    assert blob.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert blob.packed_bytes <= blob.unpacked_bytes
    unpack(blob, path, folder / "out", "a part")
    assert (folder / "out").read_bytes() == data * times


def test_what_does_not_get_smaller_is_stored_as_it_is_and_once(packed: Packed) -> None:
    noise = b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(2000))
    blob, path = packed.of(noise)
    assert (blob.compression, path.read_bytes()) == ("none", noise)
    text, _ = packed.of(b"milk " * 10_000)
    assert text.compression == "zstd" and text.packed_bytes < 100
    before = path.stat().st_mtime_ns
    assert packed.of(noise) == (blob, path)
    assert path.stat().st_mtime_ns == before
    left = [one.name for one in (packed.folder / "blobs").rglob("*") if one.is_file()]
    assert sorted(left) == sorted([blob.sha256, text.sha256])


@pytest.mark.parametrize("wrong", ["empty", "noise", "truncated", "flipped", "longer", "second frame", "other"])
def test_damaged_parts_are_refused_and_leave_nothing(packed: Packed, wrong: str) -> None:
    content = b"".join(str(number).encode() for number in range(30_000))
    blob, path = packed.of(content)
    data = path.read_bytes()
    middle = len(data) // 2
    path.write_bytes(
        {
            "empty": b"",
            "noise": hashlib.sha256(b"x").digest() * 90,
            "truncated": data[:middle],
            "flipped": data[:middle] + bytes([data[middle] ^ 0x55]) + data[middle + 1 :],
            "longer": zstandard.ZstdCompressor().compress(content + b"!"),
            "second frame": data + data,
            "other": zstandard.ZstdCompressor().compress(content[:-1] + b"x"),
        }[wrong]
    )
    out = packed.folder / "out"
    out.write_bytes(b"what was there")
    with pytest.raises(DownloadDamaged, match="rows"):
        unpack(blob, path, out, "rows")
    assert out.read_bytes() == b"what was there"
    assert not list(packed.folder.glob(".*"))


def test_a_bomb_gets_no_more_of_the_disk_than_was_signed(packed: Packed) -> None:
    blob, path = packed.of(b"small" * 100)
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(300_000_000))
    assert len(bomb) < 30_000
    path.write_bytes(bomb)
    most = 0

    def watched(written: int) -> None:
        nonlocal most
        most += written

    with pytest.raises(DownloadDamaged, match="more than 500 bytes"):
        unpack(blob, path, packed.folder / "out", "rows", watched)
    assert most <= 500


def test_a_frame_that_asks_for_much_memory_is_refused(packed: Packed) -> None:
    blob, path = packed.of(b"small" * 100)
    wide = zstandard.ZstdCompressionParameters(window_log=30, enable_ldm=True, compression_level=3)
    stream = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    path.write_bytes(stream.compress(bytes(2_000)) + stream.flush())
    with pytest.raises(DownloadDamaged):
        unpack(blob, path, packed.folder / "out", "rows")


def test_unpacking_can_be_stopped_and_leaves_nothing(packed: Packed) -> None:
    blob, path = packed.of(bytes(range(256)) * 20_000)

    def stop(written: int) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        unpack(blob, path, packed.folder / "out", "rows", stop)
    assert not (packed.folder / "out").exists() and not list(packed.folder.glob(".*"))


# the document that names the parts


def _document() -> VersionDocument:
    blob = Blob(sha256="a" * 64, packed_bytes=1, unpacked_sha256="b" * 64, unpacked_bytes=2)
    digests = Digests(rows="1" * 64, vectors="2" * 64, labels="3" * 64)
    manifest = Manifest(
        name="Shop",
        version="000009",
        created_at=datetime(2026, 1, 31, tzinfo=UTC),
        encoder_id="lite",
        dimension=16,
        counts=Counts(products=1, references=1, vectors=1),
        digests=digests,
        origin="signed",
    )
    delta = DeltaParts(from_version="000008", from_digests=digests, rows=blob, encoder={"model.onnx": blob})
    snapshot = SnapshotParts(catalog=blob, index=blob, encoder={"encoder.json": blob})
    return VersionDocument(channel="stable", manifest=manifest, snapshot=snapshot, deltas=(delta,), golden=blob)


def test_a_document_survives_its_bytes_and_names_its_blobs() -> None:
    document = _document()
    assert parse_document(document.to_bytes(), "stable") == document
    assert document.version == "000009"
    assert document.golden.name == f"blobs/aa/{'a' * 64}"


_CHANGES: dict[str, tuple[Callable[[Any], object], str]] = {
    "newer": (lambda fields: fields.update(format=2), "newer Skulens"),
    "another channel": (lambda fields: fields.update(channel="beta"), "channel beta"),
    "built": (lambda fields: fields["manifest"].update(origin="built"), "signed"),
    "no golden": (lambda fields: fields.pop("golden"), "golden"),
    "text for a size": (lambda fields: fields["golden"].update(packed_bytes="1"), "packed_bytes"),
    "negative": (lambda fields: fields["golden"].update(unpacked_bytes=-1), "unpacked_bytes"),
    "endless": (lambda fields: fields["golden"].update(unpacked_bytes=1 << 60), "unpacked_bytes"),
    "no hash": (lambda fields: fields["golden"].update(sha256="../../etc/passwd"), "sha256"),
    "unknown packing": (lambda fields: fields["golden"].update(compression="lzma"), "compression"),
    "outside": (lambda fields: fields["snapshot"].update(encoder={"../x": fields["golden"]}), "unsafe name"),
    "outside in a delta": (lambda fields: fields["deltas"][0].update(encoder={"a/b": fields["golden"]}), "unsafe name"),
}


@pytest.mark.parametrize("change", _CHANGES)
def test_a_document_that_is_none_is_refused_with_its_version(change: str) -> None:
    act, reason = _CHANGES[change]
    fields = json.loads(_document().to_bytes())
    act(fields)
    with pytest.raises(VersionNotUsable, match=reason) as caught:
        parse_document(json.dumps(fields).encode(), "stable")
    assert caught.value.fields["version"] == "000009"


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"manifest": 3}'])
def test_bytes_that_are_no_document_are_refused(data: bytes) -> None:
    with pytest.raises(VersionNotUsable):
        parse_document(data, "stable")
