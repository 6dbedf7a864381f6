"""Pictures and sources as people really bring them: what cannot be used is said in the window, the rest is answered."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.window import Window
from engine import errors
from engine.config import Limits
from engine.records import Picture
from tests.source_fixtures import jpeg, shop, write_csv
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

TOO_SMALL = {"width": 1, "height": 1, "minimum": Limits().image_min_side_px}


@pytest.fixture
def window(qtbot: QtBot, tiny_catalog: Path) -> Iterator[Window]:
    with window_over(tiny_catalog, qtbot) as opened:
        yield opened


@pytest.fixture
def photo(tmp_path: Path, drawn: Any) -> Path:
    return Path(drawn.save(drawn.picture("CEDAR", 1), tmp_path / "cedar.jpg"))


def texts_of_the_card(window: Window) -> list[str]:
    return [told.text() for told in window.scan.card.findChildren(QLabel) if told.isVisible()]


def still_works(qtbot: QtBot, window: Window, photo: Path) -> None:
    """A good picture is answered, and the trouble about the last one goes."""
    answer = answered(qtbot, window, lambda: drop(window, files(photo)))
    assert best_sku(answer) == "CEDAR" and "Cedar crackers" in texts_of_the_card(window)
    assert not window.banner.isVisible() and window.scan.panel is window.scan.card


def open_by_dialog(qtbot: QtBot, window: Window, path: Path) -> None:
    type_into_the_file_dialog(path)
    qtbot.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)


def paste(qtbot: QtBot, window: Window, fill: Callable[[QMimeData], object]) -> None:
    mime = QMimeData()
    fill(mime)
    QGuiApplication.clipboard().setMimeData(mime)
    qtbot.keyClick(window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    QGuiApplication.clipboard().clear()  # else Qt lets go of it after Python has ended, and crashes


# -- one pixel, a folder ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("by", ["drop", "dialog"])
def test_a_picture_of_one_pixel_is_too_small(
    qtbot: QtBot, window: Window, photo: Path, tmp_path: Path, kind: str, by: str
) -> None:
    before = answered(qtbot, window, lambda: drop(window, files(photo)))
    dot = tmp_path / f"dot.{kind.lower()}"
    Image.new("RGB", (1, 1)).save(dot, kind)
    if by == "drop":
        drop(window, files(dot))
    else:
        open_by_dialog(qtbot, window, dot)
    wait(qtbot, window.banner.isVisible)
    assert shown(window.banner) == in_english(errors.ImageTooSmall(name=dot.name, **TOO_SMALL))
    assert window.scan.card.answer is before, "the answer before stays, and so does its picture"
    still_works(qtbot, window, photo)


@pytest.mark.parametrize("as_pixels", [False, True])
def test_a_pasted_pixel_is_too_small(qtbot: QtBot, window: Window, photo: Path, as_pixels: bool) -> None:
    image = QImage(1, 1, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    stream = io.BytesIO()
    Image.new("RGB", (1, 1)).save(stream, "PNG")
    fill: Callable[[QMimeData], object] = lambda mime: (  # noqa: E731
        mime.setImageData(image) if as_pixels else mime.setData("image/png", stream.getvalue())
    )
    paste(qtbot, window, fill)
    wait(qtbot, window.banner.isVisible)
    assert shown(window.banner) == in_english(errors.ImageTooSmall(name="The pasted picture", **TOO_SMALL))
    assert window.scan.card.answer is None
    still_works(qtbot, window, photo)


def test_pasted_pixels_beyond_the_limit_are_refused_as_a_file_would_be(
    qtbot: QtBot, window: Window, photo: Path
) -> None:
    window.scanner.limits = Limits(image_megapixels=0.01)
    paste(qtbot, window, lambda mime: mime.setImageData(QImage(200, 100, QImage.Format.Format_RGB32)))
    wait(qtbot, window.banner.isVisible)
    error = errors.ImageTooLarge(name="The pasted picture", width=200, height=100, limit_megapixels="0.01")
    assert shown(window.banner) == in_english(error)
    window.scanner.limits = Limits()
    still_works(qtbot, window, photo)


def test_a_folder_where_a_picture_belongs_is_said(qtbot: QtBot, window: Window, photo: Path) -> None:
    """The window itself sends folders to the warehouse; one that takes a picture's place since meets the reader."""
    window.scanner.look_up_file(photo.parent)
    wait(qtbot, window.banner.isVisible)
    assert shown(window.banner) == in_english(errors.ImageIsFolder(name=str(photo.parent)))
    still_works(qtbot, window, photo)


@pytest.mark.parametrize("name", ["empty folder", "folder.jpg"])
def test_a_dropped_folder_is_for_the_warehouse_and_the_scan_page_goes_on(
    qtbot: QtBot, window: Window, photo: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).mkdir()
    drop(window, files(tmp_path / name))
    assert window.pages.currentWidget() is window._warehouse and window.scanner.paused
    assert not window.banner.isVisible() and window.scan.card.answer is None
    answer = answered(qtbot, window, lambda: drop(window, files(photo)))
    assert best_sku(answer) == "CEDAR" and window.pages.currentWidget() is window.scan and not window.scanner.paused


def test_the_file_dialog_goes_into_a_folder_and_never_gives_one(qtbot: QtBot, window: Window, photo: Path) -> None:
    went: list[tuple[bool, str]] = []
    type_into_the_file_dialog(
        photo.parent, lambda dialog: went.append((dialog.isVisible(), dialog.directory().absolutePath()))
    )
    qtbot.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert went == [(True, str(photo.parent))]
    assert window.scan.card.answer is None and window.pages.currentWidget() is window.scan
    assert not window.banner.isVisible() and not window._lanes.lookup.busy
    still_works(qtbot, window, photo)


# -- pictures that are odd, but good ---------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["drop", "dialog", "paste"])
def test_spaces_and_chinese_characters_in_a_path_are_nothing_special(
    qtbot: QtBot, window: Window, photo: Path, tmp_path: Path, by: str
) -> None:
    place = tmp_path / "新 商品 #1 100%" / "照片 1.jpg"
    place.parent.mkdir()
    shutil.copy(photo, place)
    bring: dict[str, Callable[[], None]] = {
        "drop": lambda: drop(window, files(place)),
        "dialog": lambda: open_by_dialog(qtbot, window, place),
        "paste": lambda: paste(qtbot, window, lambda mime: mime.setUrls(files(place).urls())),
    }
    answer = answered(qtbot, window, bring[by])
    assert best_sku(answer) == "CEDAR" and answer.name == "照片 1.jpg" and not window.banner.isVisible()


def save_as(kind: str, picture: Picture, other: Picture, path: Path) -> Path:
    """`picture` as it may come from a printer, a phone, a browser; `other` is the second frame of an animation."""
    image, second = Image.fromarray(picture), Image.fromarray(other)
    match kind:
        case "CMYK":
            image.convert("CMYK").save(path, "JPEG", quality=95)
        case "16-bit colour":
            import cv2

            done, data = cv2.imencode(".png", picture[:, :, ::-1].astype(np.uint16) * 257)
            assert done
            path.write_bytes(data.tobytes())
        case "16-bit grey":
            Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257).save(path, "PNG")
        case "palette":
            image.convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(path, "PNG")
        case "palette, transparent":
            image.convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(path, "PNG", transparency=3)
        case "alpha":
            alpha = np.where((picture > 225).all(axis=2), 0, 255).astype(np.uint8)
            Image.fromarray(np.dstack([picture, alpha])).save(path, "PNG")
        case "animated GIF":
            image.save(path, "GIF", save_all=True, append_images=[second], duration=50)
        case "animated WebP":
            image.save(path, "WEBP", save_all=True, append_images=[second], duration=50)
        case "EXIF-rotated":
            exif = Image.Exif()
            exif[0x0112] = 6  # stored lying on its left side
            image.transpose(Image.Transpose.ROTATE_90).save(path, "JPEG", exif=exif, quality=95)
        case _:
            raise AssertionError(kind)
    return path


#: 16-bit grey has lost its colours, so that it need not be recognised; it has to be opened and answered.
RECOGNISED = (
    *("CMYK", "16-bit colour", "palette", "palette, transparent", "alpha"),
    *("animated GIF", "animated WebP", "EXIF-rotated"),
)


@pytest.mark.parametrize("kind", [*RECOGNISED, "16-bit grey"])
def test_an_odd_picture_gets_an_answer_card(
    qtbot: QtBot, window: Window, photo: Path, tmp_path: Path, drawn: Any, kind: str
) -> None:
    upright = drawn.picture("CEDAR", 0)[:, 20:300]
    path = save_as(kind, upright, drawn.picture("IRIS", 0)[:, 20:300], tmp_path / "odd")
    answer = answered(qtbot, window, lambda: drop(window, files(path)))
    assert not window.banner.isVisible()
    assert answer.picture.shape == upright.shape, "upright, in three channels"
    card = window.scan.card
    assert window.scan.panel is card and card.page is not card.idle and any(texts_of_the_card(window))
    if kind in RECOGNISED:
        assert best_sku(answer) == "CEDAR" and "Cedar crackers" in texts_of_the_card(window)


def test_a_heic_picture_gets_an_answer_card(qtbot: QtBot, window: Window) -> None:
    """Half red, half blue: no product, so the card says that it does not know it."""
    answer = answered(qtbot, window, lambda: drop(window, files(Path(__file__).parent / "data" / "two_colours.heic")))
    assert answer.picture.shape == (64, 96, 3) and not window.banner.isVisible()
    assert window.scan.card.page is not window.scan.card.idle


# -- sources ---------------------------------------------------------------------------------------------------------


def build(qtbot: QtBot, window: Window, source: Path) -> list[tuple[str, str, str, str]]:
    """Build in the window until the end; the refused list as it is on show: file, line, SKU, reason."""
    window.desk.build()
    dialog = window.desk.dialog
    assert dialog is not None
    dialog.use_source(source)
    dialog.start.click()
    wait(qtbot, lambda: dialog.use.isVisible() or dialog._banner.isVisible(), 60_000)
    table = dialog._table
    if not table.isVisible():
        return []
    return [
        tuple(table.item(row, column).text() for column in range(4))  # type: ignore[misc]
        for row in range(table.rowCount())
    ]


def test_a_table_with_every_kind_of_trouble_is_built_and_the_refused_are_listed(
    qtbot: QtBot, tmp_path: Path, window: Window, photo: Path
) -> None:
    source = shop(tmp_path / "shop", 4, 3)
    (tmp_path / "secret.jpg").write_bytes(jpeg(99))
    good = [{"sku": f"P{number:03d}", "name": f"Product {number}", "price": "1,99"} for number in range(4)]
    rows = [
        *good,
        {"sku": "P001", "name": "the same SKU again"},
        {"sku": "P004", "price": "1.234"},
        {"sku": "P005", "price": "2.99"},
        {"sku": "P006", "images": "images/P000/1.jpg;../secret.jpg;/etc/passwd"},
        {"sku": "..", "name": "a parent folder"},
    ]
    write_csv(source / "products.csv", [{"currency": "EUR", **row} for row in rows])
    stock = [
        {"sku": "P000", "location": "shop", "quantity": "-3"},
        {"sku": "P001", "location": "shop", "quantity": "4"},
    ]
    write_csv(source / "stock.csv", stock)
    refused = build(qtbot, window, source)
    assert ("products.csv", "6", "P001") in [entry[:3] for entry in refused]
    reasons = {(file, line, sku): reason for file, line, sku, reason in refused if line}
    assert "already in line 3" in reasons["products.csv", "6", "P001"]
    assert "'1.234' can mean thousands or decimals" in reasons["products.csv", "7", "P004"]
    assert any("leaves the source" in reason for _, _, sku, reason in refused if sku == "P006")
    assert any("absolute" in reason for _, _, sku, reason in refused if sku == "P006")
    assert "parent folder" in reasons["products.csv", "10", ".."]
    assert "negative" in reasons["stock.csv", "2", "P000"]
    dialog = window.desk.dialog
    assert dialog is not None and f"{len(refused)} refused" in dialog._summary.text()
    assert all(all(entry[column] for column in (0, 3)) for entry in refused), "a file and a reason in every row"
    before = window.switch.current
    dialog.use.click()
    wait(qtbot, lambda: window.switch.current is not before)
    catalog = window.switch.current
    assert catalog is not None
    with catalog.using() as lookup:
        names = [reference.path for reference in lookup.generation.catalog.references("P006")]
        assert lookup.stock.levels(["P000", "P001"]).keys() == {"P001"}
    assert names == ["images/P000/1.jpg"], "nothing from outside the source is in the catalog"
    dialog.close()


@pytest.mark.parametrize("found", [("name", "price"), ("article", "name")])
def test_a_table_without_its_sku_column_is_said_and_can_be_mended(
    qtbot: QtBot, tmp_path: Path, window: Window, photo: Path, found: tuple[str, str]
) -> None:
    source = shop(tmp_path / "shop", 4, 3)
    honest = (source / "products.csv").read_bytes()
    before = window.switch.current
    write_csv(source / "products.csv", [dict.fromkeys(found, "1")])
    assert build(qtbot, window, source) == []
    dialog = window.desk.dialog
    assert dialog is not None
    error = errors.SourceColumns(name="products.csv", missing="sku", found=", ".join(found))
    assert shown(dialog._banner) == in_english(error)
    assert dialog.start.isVisible() and not dialog.use.isVisible() and not window.building.running
    assert window.switch.current is before
    still_works(qtbot, window, photo)
    (source / "products.csv").write_bytes(honest)
    dialog.start.click()
    wait(qtbot, dialog.use.isVisible, 60_000)
    assert not dialog._banner.isVisible()
    dialog.close()


def test_a_source_without_a_usable_photo_shows_what_was_refused(
    qtbot: QtBot, tmp_path: Path, window: Window, photo: Path
) -> None:
    source = shop(tmp_path / "shop", 2, 1)
    for picture in source.rglob("*.jpg"):
        picture.write_bytes(b"no picture")
    refused = build(qtbot, window, source)
    dialog = window.desk.dialog
    assert dialog is not None
    assert shown(dialog._banner) == in_english(errors.SourceWithoutPhotos(folder=source, refused=2))
    assert [entry[:3] for entry in refused] == [(f"images/P00{n}/1.jpg", "", f"P00{n}") for n in range(2)]
    assert all("cannot be read as a picture" in entry[3] for entry in refused)
    assert not dialog.use.isVisible() and dialog.start.isVisible()
    dialog.use_source(tmp_path)
    assert not dialog._table.isVisible(), "the list belongs to another source"
    dialog.close()
    still_works(qtbot, window, photo)
