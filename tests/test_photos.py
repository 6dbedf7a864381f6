from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import Limits
from engine.ingest.photos import SourcePhotos, find_photos, natural_order, safe_path
from engine.ingest.prices import Refusal
from engine.ingest.products import SourceProduct
from engine.records import Product


def item(sku: str, *images: str, line: int = 2) -> SourceProduct:
    return SourceProduct(Product(sku, sku), line, images)


def put(path: Path, data: bytes = b"photo") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def names(found: SourcePhotos) -> list[tuple[str, str]]:
    return [(photo.sku, photo.name) for photo in found.photos]


def codes(found: SourcePhotos) -> list[tuple[str, str, str]]:
    return [(entry.file, entry.sku, entry.code) for entry in found.rejected]


def test_photos_of_a_folder_come_in_natural_order(tmp_path: Path) -> None:
    for name in ("10.jpg", "2.jpg", "1.jpg", ".hidden.jpg", "Thumbs.db", "b.PNG", "A.png"):
        put(tmp_path / "images" / "A1" / name)
    found = find_photos(tmp_path, [item("A1")])
    assert [name for _, name in names(found)] == [
        f"images/A1/{name}" for name in ("1.jpg", "2.jpg", "10.jpg", "A.png", "b.PNG")
    ]
    assert found.rejected == ()


def test_named_photos_come_first_and_each_once(tmp_path: Path) -> None:
    put(tmp_path / "images" / "A1" / "1.jpg")
    put(tmp_path / "images" / "A1" / "2.jpg")
    put(tmp_path / "shots" / "主图 1.jpg")
    found = find_photos(tmp_path, [item("A1", "shots\\主图 1.jpg", "./images/A1/../A1/2.jpg")])
    assert names(found) == [("A1", "shots/主图 1.jpg"), ("A1", "images/A1/2.jpg"), ("A1", "images/A1/1.jpg")]


def test_folder_names_match_in_any_unicode_form(tmp_path: Path) -> None:
    put(tmp_path / "images" / "Cafe\u0301" / "1.jpg")
    assert len(find_photos(tmp_path, [item("Caf\u00e9")]).photos) == 1


def test_two_folders_that_spell_one_sku_are_both_its_own(tmp_path: Path) -> None:
    put(tmp_path / "images" / "Caf\u00e9" / "1.jpg")
    put(tmp_path / "images" / "Cafe\u0301" / "2.jpg")
    found = find_photos(tmp_path, [item("Caf\u00e9")])
    assert sorted(name[-5:] for _, name in names(found)) == ["1.jpg", "2.jpg"]
    assert found.rejected == ()


def test_a_named_photo_is_found_in_any_unicode_form(tmp_path: Path) -> None:
    put(tmp_path / "shots" / "Cafe\u0301.jpg")
    assert len(find_photos(tmp_path, [item("A1", "shots/Caf\u00e9.jpg")]).photos) == 1


def test_file_names_that_are_no_text_can_be_stored(tmp_path: Path) -> None:
    folder = tmp_path / "images" / "A1"
    folder.mkdir(parents=True)
    (folder / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"photo")
    (tmp_path / "images" / os.fsdecode(b"\xff")).mkdir()
    found = find_photos(tmp_path, [item("A1")])
    assert names(found) == [("A1", "images/A1/caf?.jpg")]
    assert [entry.file for entry in found.rejected] == ["images/?"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("/etc/passwd", "photo_absolute"),
        ("C:\\secret.jpg", "photo_absolute"),
        ("c:secret.jpg", "photo_absolute"),
        ("\\\\server\\share\\a.jpg", "photo_absolute"),
        ("~/a.jpg", "photo_absolute"),
        ("../outside.jpg", "photo_outside"),
        ("images/../../outside.jpg", "photo_outside"),
        ("images\\..\\..\\outside.jpg", "photo_outside"),
        ("http://shop.example/a.jpg", "photo_address"),
        ("FILE:///etc/passwd", "photo_address"),
        ("data:image/png;base64", "photo_address"),
        ("a\x00.jpg", "photo_path"),
        ("a\ud800.jpg", "photo_path"),
        ("missing.jpg", "photo_missing"),
        ("images", "photo_folder"),
        ("out.jpg", "photo_outside"),
        ("circle.jpg", "photo_link"),
        ("pipe.jpg", "photo_unreadable"),
        ("x" * 300 + ".jpg", "photo_unreadable"),
        ("large.jpg", "photo_too_large"),
    ],
)
def test_paths_that_are_refused(tmp_path: Path, text: str, code: str) -> None:
    source = tmp_path / "source"
    put(source / "images" / "A1" / "1.jpg")
    put(tmp_path / "outside.jpg")
    put(source / "large.jpg", b"x" * 2000)
    (source / "out.jpg").symlink_to(tmp_path / "outside.jpg")
    (source / "circle.jpg").symlink_to(source / "circle.jpg")
    os.mkfifo(source / "pipe.jpg")
    found = find_photos(source, [item("A1", text, line=7)], limits=Limits(image_file_bytes=1000))
    assert names(found) == [("A1", "images/A1/1.jpg")]
    assert [(entry.file, entry.line, entry.sku, entry.code) for entry in found.rejected] == [
        ("products.csv", 7, "A1", code)
    ]


@given(st.lists(st.sampled_from(["..", ".", "a", "images", "", "\\", "C:", "~"]), max_size=8), st.sampled_from("/\\"))
def test_no_path_ever_leaves_the_source(parts: list[str], separator: str) -> None:
    source = Path("/shop/source")
    path = safe_path(source, source, separator.join(parts))
    if not isinstance(path, Refusal):
        assert Path(os.path.normpath(path)).is_relative_to(source)


def test_links_inside_the_source_are_fine_and_those_that_leave_it_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "source"
    put(source / "pool" / "1.jpg")
    put(tmp_path / "elsewhere" / "2.jpg")
    folder = source / "images" / "A1"
    folder.mkdir(parents=True)
    (folder / "in.jpg").symlink_to(source / "pool" / "1.jpg")
    (folder / "out.jpg").symlink_to(tmp_path / "elsewhere" / "2.jpg")
    (folder / "gone.jpg").symlink_to(source / "nothing.jpg")
    (folder / "deeper").mkdir()
    (source / "images" / "A2").symlink_to(tmp_path / "elsewhere")
    found = find_photos(source, [item("A1"), item("A2")])
    assert names(found) == [("A1", "images/A1/in.jpg")]
    assert codes(found) == [
        ("images/A2", "A2", "photo_outside"),
        ("images/A1/deeper", "A1", "photo_folder"),
        ("images/A1/gone.jpg", "A1", "photo_missing"),
        ("images/A1/out.jpg", "A1", "photo_outside"),
    ]


def test_an_images_folder_that_is_a_link_out_of_the_source_is_not_entered(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / "A1" / "1.jpg")
    source = tmp_path / "source"
    source.mkdir()
    (source / "images").symlink_to(tmp_path / "elsewhere")
    found = find_photos(source, [item("A1")])
    assert found.photos == ()
    assert codes(found) == [("images", "", "photo_outside")]


def test_folders_and_files_that_no_row_claims_are_named(tmp_path: Path) -> None:
    put(tmp_path / "images" / "A1" / "1.jpg")
    put(tmp_path / "images" / "B1" / "1.jpg")
    put(tmp_path / "images" / "ZZ" / "1.jpg")
    put(tmp_path / "images" / "pool" / "deep" / "1.jpg")
    put(tmp_path / "images" / "loose.jpg")
    put(tmp_path / "images" / "named.jpg")
    found = find_photos(
        tmp_path, [item("A1", "images/named.jpg", "images/pool/deep/1.jpg")], refused_skus=frozenset({"B1"})
    )
    assert codes(found) == [
        ("images/B1", "B1", "photo_unknown_sku"),
        ("images/ZZ", "ZZ", "photo_unknown_sku"),
        ("images/loose.jpg", "", "photo_unknown_sku"),
    ]
    assert "refused" in found.rejected[0].reason


def test_a_product_without_photos_is_no_complaint(tmp_path: Path) -> None:
    found = find_photos(tmp_path, [item("A1")])
    assert (found.photos, found.rejected) == ((), ())


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "images" / "A1" / "1.jpg")
    put(tmp_path / "images" / "A2" / "1.jpg")
    listing = Path.iterdir

    def closed(self: Path) -> Iterator[Path]:
        # The rights of a folder do not bind every user that runs tests.
        if self.name == "A1":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        return listing(self)

    monkeypatch.setattr(Path, "iterdir", closed)
    found = find_photos(tmp_path, [item("A1"), item("A2")])
    assert codes(found) == [("images/A1", "", "photo_unreadable")]
    assert names(found) == [("A2", "images/A2/1.jpg")]


def test_folders_that_may_be_listed_and_not_entered_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "images" / "A1" / "1.jpg")
    put(tmp_path / "images" / "B2" / "1.jpg")
    stat = Path.stat

    def barred(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.name == "A1":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", barred)
    monkeypatch.setattr(Path, "is_dir", lambda path: (path.stat().st_mode & 0o170000) == 0o040000)
    found = find_photos(tmp_path, [item("A1"), item("B2")])
    assert names(found) == [("B2", "images/B2/1.jpg")]
    assert codes(found) == [("images/A1", "A1", "photo_unreadable")]


def test_natural_order_never_compares_numbers_with_text() -> None:
    listed = ["10", "9", "a10", "a9", "9a", "", "²", "A9b"]
    assert sorted(listed, key=natural_order) == ["", "9", "9a", "10", "a9", "A9b", "a10", "²"]
