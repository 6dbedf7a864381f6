"""Pictures that OpenCV cannot be trusted with: CMYK, 16 bits, palettes, transparency, animations, HEIC.

Pillow reads them. Imported only when such a picture comes, because Pillow costs a tenth of a cold start.
"""

from __future__ import annotations

import importlib
import io
import struct
import threading
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import ImageError, ImageTruncated, ImageUnreadable
from engine.records import Picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

#: Pillow's names of the accepted formats. No PostScript, no PDF, nothing that starts another program.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "HEIF", "AVIF")
#: A plug-in registers itself when it is imported; Pillow's own `init` would import forty more.
_PLUGINS = ("Jpeg", "Png", "Gif", "WebP", "Bmp", "Tiff", "Avif")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_registering = threading.Lock()
_heif_known = False


def decode_foreign(data: bytes, name: str, check_size: Callable[[int, int], None]) -> Picture:
    """Decode the first frame of any accepted format to RGB uint8 (H, W, 3), over white where it is transparent.

    `check_size` gets width and height before any pixel is decoded and raises if they are not acceptable.
    Raises ImageUnreadable, ImageTruncated and whatever `check_size` raises.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    for plugin in _PLUGINS:
        importlib.import_module(f"PIL.{plugin}ImagePlugin")
    # The limit is ours (`check_size`); Pillow's own would raise a warning at a size that we allow.
    Image.MAX_IMAGE_PIXELS = None
    _register_heif(data)
    formats = tuple(name for name in FORMATS if name in Image.OPEN)
    try:
        with Image.open(io.BytesIO(data), formats=formats) as opened:
            check_size(opened.width, opened.height)
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            return _rgb(upright)
    except ImageError:
        raise
    except UnidentifiedImageError as error:
        raise ImageUnreadable(name=name, reason="it is not a picture in a known format") from error
    except EOFError as error:
        raise ImageTruncated(name=name) from error
    except (OSError, SyntaxError, ValueError, struct.error, KeyError, TypeError, OverflowError, RuntimeError) as error:
        # Pillow and its plug-ins raise all of these for damaged files.
        if "truncated" in str(error).lower() or "end of" in str(error).lower():
            raise ImageTruncated(name=name) from error
        raise ImageUnreadable(name=name, reason="the file is damaged") from error


def _register_heif(data: bytes) -> None:
    global _heif_known
    if data[4:8] != b"ftyp" or data[8:12] not in _HEIF_BRANDS:
        return
    with _registering:
        if not _heif_known:
            import pi_heif

            pi_heif.register_heif_opener()
            _heif_known = True


def _rgb(image: Image) -> Picture:
    from PIL import Image as PillowImage

    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _deep_grey(image)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = PillowImage.new("RGBA", layer.size, (255, 255, 255, 255))
        white.alpha_composite(layer)
        image = white
    return np.array(image.convert("RGB"), dtype=np.uint8)


def _deep_grey(image: Image) -> Picture:
    """16-bit and floating-point grey to eight bits: by the range of the format, never by that of the picture."""
    values = np.asarray(image, dtype=np.float64)
    top = 255.0 if image.mode == "F" else 65535.0
    if image.mode == "F" and values.size and values.max() <= 1.0:
        top = 1.0
    grey = np.clip(np.nan_to_num(values) * (255.0 / top) + 0.5, 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)
