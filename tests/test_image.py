"""Pictures: everything a store may send becomes RGB uint8 or a typed error, and a tensor is what its formula says."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.config import Limits
from engine.errors import (
    ImageEmpty,
    ImageError,
    ImageFileTooLarge,
    ImageIsFolder,
    ImageNotFound,
    ImageTooLarge,
    ImageTooSmall,
    ImageTruncated,
    ImageUnreadable,
)
from engine.image import (
    WORKING_SIDE_PX,
    InputSpec,
    crop,
    decode_picture,
    distort,
    prepare,
    prepare_into,
    quality,
    read_picture,
    thumbnail,
)
from engine.image_header import CutShort, read_header
from engine.records import WHOLE, Degraded, Picture, Region

SPEC = InputSpec(64, (127.0, 120.0, 110.0), (128.0, 64.0, 32.0), 1.0)


def scene(height: int = 90, width: int = 120) -> Picture:
    """Red left, blue right, green below: orientation and channel order show."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, : width // 2] = (200, 20, 20)
    picture[:, width // 2 :] = (20, 20, 200)
    picture[height * 2 // 3 :] = (20, 200, 20)
    return picture


def encoded(picture: Picture, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, kind, **options)
    return stream.getvalue()


def near(found: Picture, expected: Picture, tolerance: float = 6.0) -> bool:
    return found.shape == expected.shape and float(np.abs(found.astype(int) - expected).mean()) < tolerance


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "TIFF", "WEBP", "AVIF"])
def test_formats_give_the_same_picture(kind: str) -> None:
    found = decode_picture(encoded(scene(), kind), f"photo.{kind}")
    assert found.dtype == np.uint8 and found.flags.c_contiguous
    assert near(found, scene())


def test_heic() -> None:
    """96 x 64, half red, half blue. A file, because the wheel that reads HEIC does not write it."""
    found = read_picture(Path(__file__).parent / "data" / "two_colours.heic")
    assert found.shape == (64, 96, 3)
    assert found[10, 10, 0] > 120 > found[10, 10, 2]  # red on the left


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_exif_orientation_is_applied(orientation: int, kind: str) -> None:
    stored = Image.fromarray(scene())
    exif = Image.Exif()
    exif[0x0112] = orientation
    stream = io.BytesIO()
    stored.save(stream, kind, exif=exif)
    turns = {
        1: lambda p: p,
        2: np.fliplr,
        3: lambda p: np.rot90(p, 2),
        4: np.flipud,
        5: lambda p: np.swapaxes(p, 0, 1),
        6: lambda p: np.rot90(p, -1),
        7: lambda p: np.rot90(np.swapaxes(p, 0, 1), 2),
        8: np.rot90,
    }
    assert near(decode_picture(stream.getvalue(), "turned"), np.ascontiguousarray(turns[orientation](scene())))


def test_cmyk_jpeg() -> None:
    stream = io.BytesIO()
    Image.fromarray(scene()).convert("CMYK").save(stream, "JPEG", quality=95)
    assert near(decode_picture(stream.getvalue(), "print.jpg"), scene(), 12)


def test_sixteen_bits() -> None:
    ramp = np.linspace(0, 65535, 120, dtype=np.uint16)[None, :].repeat(90, axis=0)
    done, grey = cv2.imencode(".png", ramp)
    assert done
    found = decode_picture(grey.tobytes(), "depth.png")
    assert found.dtype == np.uint8 and np.abs(found[0, :, 0].astype(int) - ramp[0] / 257).max() <= 1
    done, colour = cv2.imencode(".png", scene()[:, :, ::-1].astype(np.uint16) * 257)
    assert done and near(decode_picture(colour.tobytes(), "deep.png"), scene(), 1.5)
    stream = io.BytesIO()
    Image.fromarray(ramp).save(stream, "TIFF")
    assert near(decode_picture(stream.getvalue(), "deep.tif"), found, 1.5)


@pytest.mark.parametrize("top", [1.0, 255.0])
def test_floating_point_tiff(top: float) -> None:
    stream = io.BytesIO()
    Image.fromarray(np.full((20, 30), top / 2, np.float32)).save(stream, "TIFF")
    assert abs(int(decode_picture(stream.getvalue(), "float.tif")[5, 5, 0]) - 128) <= 1


def test_transparency_lies_over_white() -> None:
    layer = np.zeros((40, 40, 4), np.uint8)
    layer[:20] = (200, 20, 20, 255)
    layer[20:] = (0, 0, 0, 0)
    for kind in ("PNG", "WEBP"):
        found = decode_picture(encoded(layer, kind, **({"lossless": True} if kind == "WEBP" else {})), "cut-out")
        assert tuple(found[5, 5]) == (200, 20, 20) and tuple(found[30, 30]) == (255, 255, 255)
    half = np.full((20, 20, 4), (0, 0, 0, 128), np.uint8)
    assert abs(int(decode_picture(encoded(half, "PNG"), "half.png")[0, 0, 0]) - 127) <= 1


def test_palette_with_a_transparent_colour() -> None:
    image = Image.fromarray(scene()).convert("P", palette=Image.Palette.ADAPTIVE, colors=8)
    transparent = image.getpixel((100, 80))
    stream = io.BytesIO()
    image.save(stream, "PNG", transparency=transparent)
    found = decode_picture(stream.getvalue(), "palette.png")
    assert tuple(found[80, 100]) == (255, 255, 255)
    assert near(found[:50], scene()[:50])
    grey = Image.fromarray(np.full((20, 20), 7, np.uint8))
    stream = io.BytesIO()
    grey.save(stream, "PNG", transparency=7)
    assert tuple(decode_picture(stream.getvalue(), "grey.png")[0, 0]) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_animations_give_their_first_frame(kind: str) -> None:
    frames = [Image.fromarray(np.full((30, 40, 3), (level, 30, 30), np.uint8)) for level in (220, 90, 10)]
    stream = io.BytesIO()
    frames[0].save(stream, kind, save_all=True, append_images=frames[1:], duration=50)
    found = decode_picture(stream.getvalue(), f"moving.{kind}")
    assert found.shape == (30, 40, 3) and abs(int(found[10, 10, 0]) - 220) < 8


def test_grey_jpeg_has_three_equal_channels() -> None:
    found = decode_picture(encoded(np.full((20, 30), 77, np.uint8), "JPEG"), "grey.jpg")
    assert found.shape == (20, 30, 3) and np.ptp(found[3, 3]) == 0


# What is refused, and how.


def test_twenty_thousand_square_is_refused_before_decoding() -> None:
    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    )
    jpeg = bytearray(encoded(scene(), "JPEG"))
    start = jpeg.index(b"\xff\xc0")
    jpeg[start + 5 : start + 9] = struct.pack(">HH", 20_000, 20_000)
    bmp = bytearray(encoded(scene(), "BMP"))
    bmp[18:26] = struct.pack("<ii", 20_000, 20_000)
    gif = bytearray(encoded(scene(), "GIF"))
    gif[6:10] = struct.pack("<HH", 20_000, 20_000)
    for data in (png, bytes(jpeg), bytes(bmp), bytes(gif)):
        with pytest.raises(ImageTooLarge) as caught:
            decode_picture(data, "huge")
        assert caught.value.fields["width"] == 20_000
        assert "80 megapixels" in caught.value.message and caught.value.advice


def test_the_limits_count() -> None:
    data = encoded(scene(), "PNG")
    with pytest.raises(ImageTooLarge):
        decode_picture(data, "a", Limits(image_megapixels=0.01))
    assert decode_picture(data, "a", Limits(image_megapixels=0.0108)).shape == (90, 120, 3)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_one_pixel_is_too_small(kind: str) -> None:
    with pytest.raises(ImageTooSmall):
        decode_picture(encoded(np.zeros((1, 1, 3), np.uint8), kind), "dot")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("part", [0.02, 0.1, 0.5, 0.9, 0.999])
def test_truncated_at_any_place(kind: str, part: float) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    data = encoded(noise, kind)
    with pytest.raises(ImageTruncated):
        decode_picture(data[: int(len(data) * part)], "half.jpg")


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP"])
def test_other_formats_cut_in_half_are_errors(kind: str) -> None:
    data = encoded(np.random.default_rng(3).integers(0, 255, (64, 64, 3), dtype=np.uint8), kind)
    with pytest.raises((ImageTruncated, ImageUnreadable)):
        decode_picture(data[: len(data) // 2], "half")


def test_a_thumbnail_inside_does_not_hide_a_truncation() -> None:
    """A camera's JPEG carries a small JPEG with an end marker of its own in its Exif segment."""
    small = encoded(scene(24, 32), "JPEG")
    data = encoded(np.random.default_rng(3).integers(0, 255, (64, 64, 3), dtype=np.uint8), "JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", len(small) + 2) + small
    whole = data[:2] + segment + data[2:]
    assert decode_picture(whole, "a.jpg").shape == (64, 64, 3)
    with pytest.raises(ImageTruncated):
        decode_picture(whole[:-200], "a.jpg")


def test_bytes_after_the_end_do_no_harm() -> None:
    for kind in ("JPEG", "PNG"):
        assert near(decode_picture(encoded(scene(), kind) + b"\0" * 500, "a"), scene())


def test_text_named_jpg(tmp_path: Path) -> None:
    path = tmp_path / "notes.jpg"
    path.write_text("this is not a picture")
    with pytest.raises(ImageUnreadable) as caught:
        read_picture(path)
    assert caught.value.code == "image_unreadable" and "notes.jpg" in caught.value.message


def test_damaged_inside() -> None:
    for kind in ("JPEG", "PNG"):
        data = bytearray(encoded(scene(), kind))
        start = data.index(b"\xff\xc0" if kind == "JPEG" else b"IDAT")
        data[start + 4 : start + 30] = b"\x01" * 26
        with pytest.raises(ImageError):
            decode_picture(bytes(data), "damaged")


def test_files_that_are_none(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jpg"
    empty.touch()
    with pytest.raises(ImageEmpty):
        read_picture(empty)
    with pytest.raises(ImageNotFound):
        read_picture(tmp_path / "nothing.jpg")
    with pytest.raises(ImageIsFolder):
        read_picture(tmp_path)
    with pytest.raises(ImageUnreadable):
        read_picture(Path("nul\0.jpg"))
    with pytest.raises(ImageFileTooLarge):
        big = tmp_path / "big.jpg"
        big.write_bytes(b"x" * 2000)
        read_picture(big, Limits(image_file_bytes=1000))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(ImageUnreadable):
        read_picture(tmp_path / "pipe.jpg")


def test_spaces_and_chinese_in_the_path(tmp_path: Path) -> None:
    path = tmp_path / "新 商品" / "照片 1.jpg"
    path.parent.mkdir()
    path.write_bytes(encoded(scene(), "JPEG"))
    assert near(read_picture(path), scene())


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF", b""]))
def test_any_bytes_give_a_picture_or_an_image_error(data: bytes, start: bytes) -> None:
    with contextlib.suppress(ImageError):
        assert decode_picture(start + data, "x").ndim == 3


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200))
def test_a_header_is_read_or_missed_but_never_breaks(data: bytes) -> None:
    for start in (b"\xff\xd8", b"\x89PNG\r\n\x1a\n"):
        try:
            header = read_header(start + data)
        except CutShort:
            continue
        assert header is None or header.kind in ("jpeg", "png")


def test_the_hot_path_imports_no_pillow(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(scene(), "JPEG"))
    code = (
        "import sys; from pathlib import Path; from engine.image import read_picture;"
        f"read_picture(Path({str(path)!r})); print([m for m in ('PIL', 'pi_heif', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Large photos.


def test_a_large_jpeg_comes_reduced_and_looks_the_same() -> None:
    big = cv2.resize(scene(), (4000, 3000), interpolation=cv2.INTER_CUBIC)
    found = decode_picture(encoded(big, "JPEG"), "phone.jpg")
    assert min(found.shape[:2]) >= WORKING_SIDE_PX and found.shape == (750, 1000, 3)
    assert near(found, cv2.resize(big, (1000, 750), interpolation=cv2.INTER_AREA), 3)


def test_a_large_jpeg_is_reduced_upright() -> None:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(cv2.resize(scene(), (2000, 1500))).save(stream, "JPEG", exif=exif)
    assert decode_picture(stream.getvalue(), "a.jpg").shape == (1000, 750, 3)


@pytest.mark.parametrize(("side", "expected"), [(1439, 1439), (1440, 720), (2879, 1440), (2880, 720), (5760, 720)])
def test_the_shorter_side_stays_above_the_working_side(side: int, expected: int) -> None:
    picture = np.full((side, side, 3), 90, np.uint8)
    assert decode_picture(encoded(picture, "JPEG"), "a.jpg").shape[0] == expected


# Tensors.


def test_prepare_is_its_formula() -> None:
    picture = np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    batch = prepare([picture, picture[::-1]], SPEC)
    expected = (picture.astype(np.float32) - np.float32(SPEC.mean)) / np.float32(SPEC.scale)
    assert batch.dtype == np.float32 and batch.shape == (2, 3, 64, 64)
    np.testing.assert_allclose(batch[0], expected.transpose(2, 0, 1), atol=1e-5)
    np.testing.assert_allclose(batch[1], expected[::-1].transpose(2, 0, 1), atol=1e-5)


@pytest.mark.parametrize("shape", [(100, 240), (240, 100), (64, 64), (9, 30), (1000, 333)])
def test_prepare_takes_the_central_square(shape: tuple[int, int]) -> None:
    picture = np.full((*shape, 3), 255, np.uint8)
    side = min(shape)
    top, left = (shape[0] - side) // 2, (shape[1] - side) // 2
    picture[top : top + side, left : left + side] = 10
    values = prepare([picture], InputSpec(64, (0.0,) * 3, (1.0,) * 3, 1.0))
    assert values.max() == 10


def test_prepare_keeps_the_crop_fraction() -> None:
    picture = np.full((200, 200, 3), 255, np.uint8)
    picture[50:150, 50:150] = 10
    assert prepare([picture], InputSpec(64, (0.0,) * 3, (1.0,) * 3, 0.5)).max() == 10
    assert prepare([picture], InputSpec(64, (0.0,) * 3, (1.0,) * 3, 0.6)).max() > 100


@pytest.mark.parametrize("side", [65, 100, 129, 200, 348, 720, 1000])
def test_shrinking_stays_near_the_mean_of_the_area(side: int) -> None:
    """Against the slow and exact resize: the mean of the area that each pixel covers."""
    noise = np.random.default_rng(side).integers(0, 255, (side, side, 3), dtype=np.uint8)
    picture = cv2.GaussianBlur(noise, (0, 0), side / 64)
    exact = cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA)
    found = prepare([picture], InputSpec(64, (0.0,) * 3, (1.0,) * 3, 1.0))[0].transpose(1, 2, 0)
    assert np.abs(found - exact).mean() < 2.5


def test_prepare_of_a_view_and_into_a_row() -> None:
    picture = scene(90, 120)
    view = crop(picture, Region(0.25, 0.1, 0.5, 0.8))
    row = np.empty((3, 64, 64), np.float32)
    prepare_into(row, view, SPEC)
    np.testing.assert_array_equal(row, prepare([np.ascontiguousarray(view)], SPEC)[0])
    with pytest.raises(ValueError, match="64 px"):
        prepare_into(np.empty((3, 65, 65), np.float32), picture, SPEC)


def test_crop_is_a_view_and_never_empty() -> None:
    picture = scene()
    assert crop(picture, WHOLE).shape == picture.shape
    part = crop(picture, Region(0.5, 0.0, 0.5, 0.5))
    assert np.shares_memory(part, picture) and part.shape == (45, 60, 3)
    assert crop(picture, Region(1.0, 1.0, 1e-9, 1e-9)).shape == (1, 1, 3)


def test_thumbnail() -> None:
    small = thumbnail(cv2.resize(scene(), (1200, 900)), 384)
    assert small.startswith(b"\xff\xd8")
    assert near(decode_picture(small, "t"), cv2.resize(scene(), (384, 288), interpolation=cv2.INTER_AREA))
    assert decode_picture(thumbnail(scene(20, 30)), "t").shape == (20, 30, 3)


# Quality and distortion.


def textured(side: int = 300) -> Picture:
    noise = np.random.default_rng(2).integers(40, 215, (side // 4, side // 4, 3), dtype=np.uint8)
    return cv2.resize(noise, (side, side), interpolation=cv2.INTER_NEAREST)


def test_a_good_picture_has_nothing_wrong() -> None:
    assert quality(textured()).degraded == ()
    assert quality(textured(1500)).degraded == ()


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda p: cv2.GaussianBlur(p, (0, 0), 9), Degraded.BLURRED),
        (lambda p: (p * 0.15).astype(np.uint8), Degraded.DARK),
        (lambda p: np.clip(p.astype(int) // 4 + 200, 0, 255).astype(np.uint8), Degraded.OVEREXPOSED),
        (lambda p: np.ascontiguousarray(p[:100, :100]), Degraded.SMALL),
    ],
)
def test_what_is_wrong_is_named(spoil: object, expected: Degraded) -> None:
    assert callable(spoil)
    assert quality(spoil(textured())).degraded == (expected,)


def test_a_product_on_white_is_not_overexposed() -> None:
    picture = np.full((300, 300, 3), 255, np.uint8)
    picture[100:200, 100:200] = textured(100)
    assert Degraded.OVEREXPOSED not in quality(picture).degraded


def test_quality_hardly_depends_on_the_number_of_pixels() -> None:
    picture = cv2.resize(textured(), (600, 600), interpolation=cv2.INTER_CUBIC)
    large = cv2.resize(picture, (1800, 1800), interpolation=cv2.INTER_CUBIC)
    assert quality(large).sharpness == pytest.approx(quality(picture).sharpness, rel=0.5)


def test_distort_follows_its_generator() -> None:
    picture = textured()
    first = distort(picture, np.random.default_rng(5))
    assert first.dtype == np.uint8 and first.shape == picture.shape and first.flags.c_contiguous
    np.testing.assert_array_equal(first, distort(picture, np.random.default_rng(5)))
    changes = [np.abs(distort(picture, np.random.default_rng(seed)).astype(int) - picture).mean() for seed in range(24)]
    assert min(changes) > 2 and max(changes) < 110
    assert distort(scene(8, 8), np.random.default_rng(0)).shape == (8, 8, 3)


def test_distort_keeps_colours_in_their_channels() -> None:
    red = np.full((60, 60, 3), (200, 30, 30), np.uint8)
    for seed in range(12):
        mean = distort(red, np.random.default_rng(seed)).reshape(-1, 3).mean(axis=0)
        assert mean[0] > 1.5 * max(mean[1], mean[2])
