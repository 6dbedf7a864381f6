"""Encrypted pictures of confirmations: real AES-GCM, a key beside the settings, and what happens without it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from conftest import Drawn

from engine.config import Settings, profile_folder
from engine.encoder import Encoder
from engine.errors import DiskFull, OverlayDamaged
from engine.image import decode_picture
from engine.lookup import Lookup, open_lookup
from engine.overlay_file import Kind, OverlayFile
from engine.overlay_seal import KEY_NAME, make_key, read_key, sealed, unsealed

ROOT = Path(__file__).parent.parent
PICTURE = b"\xff\xd8 what a customer held up " * 60
PLAIN = Settings(provider="cpu", threads=1)
SEALED = PLAIN.model_copy(update={"encrypt_confirmed_pictures": True})


def vector(seed: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    made = np.random.default_rng(seed).normal(size=8).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made))


def add(file: OverlayFile, seed: int, seal: bool) -> int:
    return file.add("TEA", Kind.CONFIRMED, "", datetime(2026, 3, 1, tzinfo=UTC), "a" * 32, vector(seed), PICTURE, seal)


def test_what_was_sealed_opens_with_its_key_and_number_only() -> None:
    key, other = bytes(32), bytes(31) + b"\x01"
    data = sealed(PICTURE, 7, key)
    assert unsealed(data, 7, key) == PICTURE and PICTURE[:20] not in data
    assert sealed(PICTURE, 7, key) != data, "the same picture twice is not the same bytes twice"
    changed = data[:-1] + bytes([data[-1] ^ 1])
    for wrong in ((data, 8, key), (data, 7, other), (changed, 7, key), (data[:20], 7, key)):
        with pytest.raises(ValueError, match="another key, or changed"):
            unsealed(*wrong)


def test_the_key_is_made_once_and_for_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "profile"
    assert read_key(folder) is None
    key = make_key(folder)
    assert len(key) == 32 and make_key(folder) == key == read_key(folder)
    assert [path.name for path in folder.iterdir()] == [KEY_NAME]
    if os.name == "posix":
        assert stat.S_IMODE((folder / KEY_NAME).stat().st_mode) == 0o600


def test_two_processes_that_make_the_key_get_the_same(tmp_path: Path) -> None:
    code = "import pathlib, sys, engine.overlay_seal as s; print(s.make_key(pathlib.Path(sys.argv[1])).hex())"
    command = [sys.executable, "-c", code, str(tmp_path)]
    makers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert {one.communicate()[0].strip() for one in makers} == {(tmp_path / KEY_NAME).read_bytes().hex()}


def test_a_file_that_is_no_key_is_said_and_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / KEY_NAME).write_bytes(b"short")
    for ask in (read_key, make_key):
        with pytest.raises(OverlayDamaged, match=r"overlay\.key is no key"):
            ask(tmp_path)
    assert (tmp_path / KEY_NAME).read_bytes() == b"short"

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(DiskFull):
        make_key(tmp_path / "other")
    assert list((tmp_path / "other").iterdir()) == []


def test_sealed_crops_are_not_in_the_file_and_are_read_as_before(tmp_path: Path) -> None:
    file = OverlayFile(tmp_path)
    number = add(file, 1, seal=True)
    assert file.crop(number) == PICTURE and PICTURE[:20] not in file.path.read_bytes()
    assert (profile_folder() / KEY_NAME).is_file()


def test_crops_from_before_the_wish_are_sealed_and_overwritten(tmp_path: Path) -> None:
    file = OverlayFile(tmp_path)
    assert file.seal_crops() == 0 and read_key() is None, "nothing to seal, no key"
    numbers = [add(file, 1, seal=False), add(file, 2, seal=True), add(file, 3, seal=False)]
    assert PICTURE[:20] in file.path.read_bytes()
    assert file.seal_crops() == 2 and file.seal_crops() == 0
    assert PICTURE[:20] not in file.path.read_bytes()
    assert [file.crop(number) for number in numbers] == [PICTURE] * 3


def test_without_the_key_pictures_are_lost_and_nothing_else(tmp_path: Path) -> None:
    file = OverlayFile(tmp_path)
    number = add(file, 1, seal=True)
    key = profile_folder() / KEY_NAME
    key.unlink()
    with pytest.raises(OverlayDamaged, match="key of its pictures is not on this machine"):
        file.crop(number)
    key.write_bytes(bytes(32))
    with pytest.raises(OverlayDamaged, match="another key"):
        file.crop(number)
    assert file.read("a" * 32)[0].vector == pytest.approx(vector(1), abs=1e-3)
    assert file.crop(add(file, 2, seal=False)) == PICTURE


def confirmed(lookup: Lookup, drawn: Drawn, view: int) -> int:
    picture = drawn.picture("IRIS", view)
    return lookup.confirm("IRIS", lookup.look_up(picture), picture).feedback.id


def test_the_setting_seals_what_is_confirmed_and_what_was(
    own_catalog: Path, encoder: Encoder, drawn: Drawn, caplog: pytest.LogCaptureFixture
) -> None:
    with open_lookup(own_catalog, PLAIN) as lookup:
        first = confirmed(lookup, drawn, 5)
        jpeg = lookup.photo(-first)
    file = OverlayFile(own_catalog)
    assert jpeg[300:360] in file.path.read_bytes()
    with open_lookup(own_catalog, SEALED) as lookup:
        second = confirmed(lookup, drawn, 6)
        assert lookup.photo(-first) == jpeg and decode_picture(lookup.photo(-second), "crop").ndim == 3
    assert jpeg[300:360] not in file.path.read_bytes()
    (profile_folder() / KEY_NAME).write_bytes(b"no key")
    with open_lookup(own_catalog, SEALED) as lookup:
        assert lookup.look_up(drawn.picture("IRIS", 6)).candidates[0].reference_id == -second, "vectors go on working"
        assert lookup.photo(-second) == b""
        with pytest.raises(OverlayDamaged):
            confirmed(lookup, drawn, 7)
    assert "overlay.key is no key" in caplog.text


def test_pictures_that_cannot_be_sealed_are_said_and_stop_no_lookup(
    own_catalog: Path, drawn: Drawn, caplog: pytest.LogCaptureFixture
) -> None:
    with open_lookup(own_catalog, PLAIN) as lookup:
        number = confirmed(lookup, drawn, 5)
    profile_folder().mkdir(parents=True, exist_ok=True)
    (profile_folder() / KEY_NAME).write_bytes(b"no key")
    with open_lookup(own_catalog, SEALED) as lookup:
        assert lookup.look_up(drawn.picture("IRIS", 5)).candidates[0].reference_id == -number
        assert lookup.photo(-number)
    assert "are not encrypted" in caplog.text
