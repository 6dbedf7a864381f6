"""Catalogs that cannot be opened: said in the window with the right sentence, while the one that was open goes on."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.messages import Message
from desktop.open_catalog import Answer
from desktop.window import Window
from engine.errors import CatalogDamaged, CatalogMissing, CatalogNewer, EncoderMissing, EngineError
from engine.generation import CATALOG_NAME, CURRENT, INDEX_NAME
from engine.generation_build import record_files
from engine.manifest import FORMAT, MANIFEST_NAME, RECORD_NAME
from tests.window_fixtures import (
    answered,
    best_sku,
    drop,
    files,
    in_english,
    shown,
    type_into_the_file_dialog,
    wait,
    window_over,
)

#: Fields of the fixed part of index.hnsw, by their places (engine/index_file.py).
HEADER = "<6QiI3QdQ"
CAPACITY, COUNT, LABEL_OFFSET, TOP_LEVEL, ENTRY_POINT, LINKS_WANTED = 1, 2, 4, 6, 7, 10


@pytest.fixture
def window(qtbot: QtBot, tiny_catalog: Path) -> Iterator[Window]:
    with window_over(tiny_catalog, qtbot) as opened:
        yield opened


@pytest.fixture
def photo(tmp_path: Path, drawn: Any) -> Path:
    return Path(drawn.save(drawn.picture("CEDAR", 1), tmp_path / "cedar.jpg"))


def mend_record(path: Path) -> None:
    """Write the record anew, so that only the content itself can tell."""
    (path / RECORD_NAME).unlink()
    (path / RECORD_NAME).write_bytes(record_files(path).to_bytes())


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def flip_in(name: str, text: bytes) -> Callable[[Path], None]:
    """One bit of one byte, at the start of `text` in a file of the generation."""
    return lambda path: flip(path / name, (path / name).read_bytes().index(text))


def change_manifest(**changes: object) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        fields = json.loads((path / MANIFEST_NAME).read_bytes())
        (path / MANIFEST_NAME).write_text(json.dumps({**fields, **changes}))
        mend_record(path)

    return change


def lie(field: int, value: int) -> Callable[[Path], None]:
    """Change a number in the header of the index; the record is told, so that the header has to be looked at."""

    def change(path: Path) -> None:
        data = bytearray((path / INDEX_NAME).read_bytes())
        header = list(struct.unpack_from(HEADER, data))
        header[field] = value
        struct.pack_into(HEADER, data, 0, *header)
        (path / INDEX_NAME).write_bytes(data)
        mend_record(path)

    return change


def ask_sql(sql: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        connection = sqlite3.connect(path / CATALOG_NAME, isolation_level=None)
        connection.executescript(sql)
        connection.close()
        mend_record(path)

    return change


class Bad(NamedTuple):
    """What is done to a generation's folder, and the error that has to be on show."""

    damage: Callable[[Path], object]
    error: type[EngineError]
    fields: dict[str, object]


def damaged(reason: str) -> dict[str, object]:
    return {"reason": reason}


BAD = {
    "a flipped byte in manifest.json": Bad(
        flip_in(MANIFEST_NAME, b"Tiny"), CatalogDamaged, damaged("manifest.json does not match its SHA-256")
    ),
    "a flipped brace in manifest.json": Bad(
        flip_in(MANIFEST_NAME, b"{"), CatalogDamaged, damaged("manifest.json: not readable as JSON")
    ),
    "a flipped byte in record.json": Bad(
        flip_in(RECORD_NAME, b'"size_bytes": '), CatalogDamaged, damaged("record.json: not readable as JSON")
    ),
    "a flipped byte in catalog.sqlite": Bad(
        lambda path: flip(path / CATALOG_NAME, 0), CatalogDamaged, damaged("catalog.sqlite is not an SQLite file")
    ),
    "a flipped byte in index.hnsw": Bad(
        lambda path: flip(path / INDEX_NAME, 0),
        CatalogDamaged,
        damaged("index.hnsw: the bottom level does not start at 0"),
    ),
    "an index that ends too early": Bad(
        lambda path: (path / INDEX_NAME).write_bytes(b"short"), CatalogDamaged, damaged("index.hnsw has 5 bytes")
    ),
    "a manifest of a newer version": Bad(
        change_manifest(format=FORMAT + 1), CatalogNewer, {"found": FORMAT + 1, "supported": FORMAT}
    ),
    "a newer manifest that looks quite different": Bad(
        lambda path: (path / MANIFEST_NAME).write_text('{"format": 7, "parts": []}'),
        CatalogNewer,
        {"found": 7, "supported": FORMAT},
    ),
    "another encoder": Bad(change_manifest(encoder_id="f" * 32), EncoderMissing, {"encoder_id": "f" * 32}),
    "a calibration that makes no sense": Bad(
        change_manifest(calibration={"bias": "high"}), CatalogDamaged, damaged("its calibration makes no sense")
    ),
    "an index header that lies about the count": Bad(
        lie(COUNT, 1 << 40), CatalogDamaged, damaged(f"index.hnsw: it holds {1 << 40} vectors instead of")
    ),
    "an index header that asks for the whole memory": Bad(
        lie(CAPACITY, 1 << 50), CatalogDamaged, damaged(f"index.hnsw: it asks for {1 << 50} places")
    ),
    "an index header that lies about the dimension": Bad(
        lie(LABEL_OFFSET, 8), CatalogDamaged, damaged("index.hnsw: the vectors have not")
    ),
    "an index header that lies about its levels": Bad(
        lie(TOP_LEVEL, 2_000_000_000), CatalogDamaged, damaged("index.hnsw: it has 2000000000 levels")
    ),
    "an index header that starts nowhere": Bad(
        lie(ENTRY_POINT, 4_000_000_000), CatalogDamaged, damaged("index.hnsw: it starts at vector 4000000000")
    ),
    "an index header that lies about its links": Bad(
        lie(LINKS_WANTED, 255), CatalogDamaged, damaged("index.hnsw: the number of links does not fit M")
    ),
    "rows that are gone": Bad(
        ask_sql("DELETE FROM products WHERE sku = 'CEDAR'"),
        CatalogDamaged,
        damaged("the counts are not those of the manifest"),
    ),
    "no files at all": Bad(
        lambda path: [file.unlink() for file in path.iterdir()],
        CatalogDamaged,
        damaged("manifest.json: No such file or directory"),
    ),
}


def still_usable(qtbot: QtBot, window: Window, before: object, photo: Path) -> None:
    """The catalog that was open still is, in every place that says so, and answers."""
    assert window.switch.current is before and not window._lanes.switch.busy
    assert "Tiny" in window.status.text
    answer = answered(qtbot, window, lambda: drop(window, files(photo)))
    assert best_sku(answer) == "CEDAR" and window.scan.panel is window.scan.card


@pytest.mark.parametrize("name", BAD)
def test_a_bad_catalog_is_said_and_the_open_one_goes_on(
    qtbot: QtBot, window: Window, own_catalog: Path, photo: Path, name: str
) -> None:
    bad = BAD[name]
    path = own_catalog / "000001"
    sound = shutil.copytree(path, own_catalog.parent / "sound")
    bad.damage(path)
    before, settings = window.switch.current, window.settings
    window.switch.open(own_catalog)
    wait(qtbot, window.banner.isVisible)
    wait(qtbot, lambda: not window._lanes.switch.busy)
    said = shown(window.banner)
    assert_is(said, bad, path)
    assert window.settings == settings, "the next start opens what could be opened"
    still_usable(qtbot, window, before, photo)
    assert shown(window.banner) == said, "an answer does not mend a catalog"
    shutil.rmtree(path)
    shutil.copytree(sound, path)
    window.switch.open(own_catalog)
    wait(qtbot, lambda: window.switch.current is not before)
    assert not window.banner.isVisible(), "the trouble is over"
    assert best_sku(answered(qtbot, window, lambda: drop(window, files(photo)))) == "CEDAR"


def assert_is(said: Message, bad: Bad, path: Path) -> None:
    """The sentence of the error type up to the end of the known reason, and its advice, to the letter."""
    folder = path.parent if "calibration" in str(bad.fields) else path
    expected = in_english(bad.error(folder=folder, **bad.fields))
    known = expected.sentence if "reason" not in bad.fields else expected.sentence.removesuffix(").")
    assert said.sentence.startswith(known) and said.sentence.endswith("."), said
    assert said.advice == expected.advice
    assert "Traceback" not in said.sentence and "Error" not in said.sentence


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"../../etc", CatalogDamaged(folder="{}", reason="CURRENT names no version")),
        (b"000007\n", CatalogDamaged(folder="{}/000007", reason="manifest.json: No such file or directory")),
        (None, CatalogMissing(folder="{}")),
    ],
)
def test_a_current_that_leads_nowhere_is_said(
    qtbot: QtBot, window: Window, own_catalog: Path, photo: Path, content: bytes | None, error: EngineError
) -> None:
    before = window.switch.current
    (own_catalog / CURRENT).unlink()
    if content is not None:
        (own_catalog / CURRENT).write_bytes(content)
    window.switch.open(own_catalog)
    wait(qtbot, window.banner.isVisible)
    wait(qtbot, lambda: not window._lanes.switch.busy)
    expected = in_english(error)
    assert shown(window.banner) == Message(expected.sentence.format(own_catalog), expected.advice)
    still_usable(qtbot, window, before, photo)


@pytest.mark.parametrize("name", [CATALOG_NAME, INDEX_NAME, MANIFEST_NAME, RECORD_NAME])
def test_one_flipped_byte_anywhere_is_said_or_does_no_harm(
    qtbot: QtBot, window: Window, own_catalog: Path, tiny_catalog: Path, photo: Path, name: str
) -> None:
    """Opening has no time for hashes (`skulens verify` has): a byte inside a photo or a vector may pass unseen."""
    path = own_catalog / "000001" / name
    honest = path.read_bytes()
    chance = random.Random(name)
    # The headers are at the front, where many a byte matters.
    places = [chance.randrange(reach) for reach in (100, len(honest)) for _ in range(6)]
    refused = 0
    for place in places:
        data = bytearray(honest)
        data[place] ^= 1 << chance.randrange(8)
        # Another file, not another content: the catalog of the round before may still be open.
        path.unlink()
        path.write_bytes(data)
        before = window.switch.current
        window.switch.open(own_catalog)
        opened_or_said(qtbot, window, lambda catalog=before: window.switch.current is not catalog)
        if window.banner.isVisible():
            refused += 1
            assert shown(window.banner).advice in (CatalogDamaged.remedy, CatalogNewer.remedy), f"byte {place}"
            assert window.switch.current is before
            window.banner.dismiss()
        answers: list[Answer] = []
        window.scanner.answered.connect(answers.append)
        drop(window, files(photo))
        opened_or_said(qtbot, window, lambda new=answers: bool(new))
        window.scanner.answered.disconnect(answers.append)
        if window.banner.isVisible():
            assert shown(window.banner).advice == CatalogDamaged.remedy, f"byte {place}"
            window.banner.dismiss()
    assert refused == 12 if name.endswith(".json") else refused > 0
    path.unlink()
    path.write_bytes(honest)
    before = window.switch.current
    window.switch.open(tiny_catalog)
    wait(qtbot, lambda: window.switch.current is not before)
    assert best_sku(answered(qtbot, window, lambda: drop(window, files(photo)))) == "CEDAR"
    assert not window.banner.isVisible()


def opened_or_said(qtbot: QtBot, window: Window, done: Callable[[], bool]) -> None:
    wait(qtbot, lambda: done() or window.banner.isVisible())


def test_damage_that_only_a_lookup_meets_is_said_and_no_other_product_stays_on_the_card(
    qtbot: QtBot, window: Window, own_catalog: Path, photo: Path, tmp_path: Path, drawn: Any
) -> None:
    ask_sql("PRAGMA foreign_keys=OFF; UPDATE products SET id = 999 WHERE sku = 'CEDAR'")(own_catalog / "000001")
    window.switch.open(own_catalog)
    wait(qtbot, lambda: window.switch.current is not None and window.switch.current.facts.folder == own_catalog)
    window.scanner.candidates = 1
    acorn = drawn.save(drawn.picture("ACORN", 1), tmp_path / "acorn.jpg")
    assert best_sku(answered(qtbot, window, lambda: drop(window, files(acorn)))) == "ACORN"
    drop(window, files(photo))
    wait(qtbot, window.banner.isVisible)
    error = CatalogDamaged(folder=own_catalog / "000001", reason="no product with id 3")
    assert shown(window.banner) == in_english(error)
    assert window.scan.card.answer is None, "the view shows cedar; acorn's card must not stand beside it"
    qtbot.keyClick(window, Qt.Key.Key_Return)
    assert not any(scan.confirmed for scan in window.scan.history.scans)
    assert best_sku(answered(qtbot, window, lambda: drop(window, files(acorn)))) == "ACORN"


def test_a_new_version_that_is_damaged_is_said_once_and_the_old_one_goes_on(
    qtbot: QtBot, own_catalog: Path, photo: Path
) -> None:
    with window_over(own_catalog, qtbot) as window:
        before = window.switch.current
        path = shutil.copytree(own_catalog / "000001", own_catalog / "000002")
        flip(path / MANIFEST_NAME, 0)
        (own_catalog / CURRENT).write_bytes(b"000002\n000001\n")
        window.switch._look()
        wait(qtbot, window.banner.isVisible)
        error = CatalogDamaged(folder=path, reason="manifest.json: not readable as JSON")
        assert shown(window.banner) == in_english(error)
        wait(qtbot, lambda: not window._lanes.switch.busy)
        window.banner.dismiss()
        for _ in range(3):
            window.switch._look()
            wait(qtbot, lambda: not window.switch._looking and not window._lanes.switch.busy)
        assert not window.banner.isVisible(), "said once, not every few seconds"
        still_usable(qtbot, window, before, photo)


def test_a_damaged_catalog_at_the_start_leaves_a_way_out(
    qtbot: QtBot, own_catalog: Path, tiny_catalog: Path, photo: Path
) -> None:
    flip(own_catalog / "000001" / CATALOG_NAME, 0)
    with window_over(None, qtbot) as window:
        window.settings = window.settings.model_copy(update={"catalog": own_catalog})
        window.start()
        wait(qtbot, window.banner.isVisible)
        error = CatalogDamaged(folder=own_catalog / "000001", reason="catalog.sqlite is not an SQLite file")
        assert shown(window.banner) == in_english(error)
        catalog = window.scan.catalog
        assert window.scan.panel is catalog and window.switch.current is None
        assert all(way.isVisible() and way.isEnabled() for way in (catalog.open, catalog.build, catalog.demo))
        type_into_the_file_dialog(tiny_catalog)
        catalog.open.click()
        wait(qtbot, lambda: window.switch.current is not None)
        assert not window.banner.isVisible()
        assert best_sku(answered(qtbot, window, lambda: drop(window, files(photo)))) == "CEDAR"


def test_the_folder_of_a_version_is_no_catalog_folder(
    qtbot: QtBot, window: Window, own_catalog: Path, photo: Path
) -> None:
    """Ctrl+Shift+O; the version's own folder is an easy mistake, and one up is the right one."""
    before = window.switch.current
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    type_into_the_file_dialog(own_catalog / "000001")
    qtbot.keyClick(window, Qt.Key.Key_O, keys)
    wait(qtbot, window.banner.isVisible)
    assert shown(window.banner) == in_english(CatalogMissing(folder=own_catalog / "000001"))
    still_usable(qtbot, window, before, photo)
    window.activateWindow()  # a screen without a window manager leaves it to nobody once the dialog is gone
    wait(qtbot, window.isActiveWindow)
    type_into_the_file_dialog(own_catalog)
    qtbot.keyClick(window, Qt.Key.Key_O, keys)
    wait(qtbot, lambda: window.switch.current is not before)
    assert not window.banner.isVisible() and window.settings.catalog == own_catalog
