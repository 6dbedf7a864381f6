"""Finds the photos of each product inside the source, and nothing outside of it.

Photos are `images/<sku>/*`, in natural order, and the relative paths of the column `images`. A path that is absolute,
that climbs out or that a link leads out of the source is refused: a products file comes from a stranger, and a catalog
is handed on with its pictures inside.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.config import Limits
from engine.ingest.prices import Refusal
from engine.ingest.products import SourceProduct, clean_sku
from engine.records import Rejected

#: The folder of photos by SKU.
IMAGES = "images"

#: Droppings of file managers; nobody misses them.
_DROPPINGS = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r"})


@dataclass(frozen=True, slots=True)
class SourcePhoto:
    """A file that is to be a reference picture: its product, its path, and that path relative to the source."""

    sku: str
    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class SourcePhotos:
    """All photos in the order of their products, and what was refused."""

    photos: tuple[SourcePhoto, ...]
    rejected: tuple[Rejected, ...]


@dataclass(slots=True)
class _Search:
    source: Path
    root: Path
    limits: Limits
    table: str
    rejected: list[Rejected] = field(default_factory=list)

    def refuse(self, file: str, line: int | None, sku: str, problem: Refusal) -> None:
        self.rejected.append(Rejected(file, line, sku, problem.code, problem.reason))


def find_photos(
    source: Path,
    products: Sequence[SourceProduct],
    refused_skus: frozenset[str] = frozenset(),
    table: str = "products.csv",
    limits: Limits = Limits(),
) -> SourcePhotos:
    """Every photo of the products, each file once a product; first those its row names, then those of its folder.

    `refused_skus` explains folders whose row was refused; `table` is the file that the rows came from. Nothing is
    opened and nothing is raised: what cannot be used is refused by name.
    """
    search = _Search(source, source.resolve(), limits, table)
    folders = _folders(search)
    photos: list[SourcePhoto] = []
    known: set[str] = set()
    for item in products:
        sku = item.product.sku
        seen: set[Path] = set()
        named = list(_named(search, item))
        known.update(photo.name for photo in named)
        stored = [photo for folder in folders.pop(sku, ()) for photo in _stored(search, sku, folder)]
        for photo in [*named, *stored]:
            if photo.path not in seen:
                seen.add(photo.path)
                photos.append(photo)
    _report_strays(search, folders, known, refused_skus)
    return SourcePhotos(tuple(photos), tuple(search.rejected))


def natural_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts `photo2` before `photo10`, whatever the case."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name.casefold())
    return tuple((0, int(part), part) if part[0] in "0123456789" else (1, 0, part) for part in parts)


def safe_path(source: Path, root: Path, text: str) -> Path | Refusal:
    """The file inside the source that a relative path names, or why it is refused.

    `root` is the resolved source. Backslashes count as separators, as Windows writes them.
    """
    if "://" in text or text.lower().startswith(("data:", "file:")):
        return Refusal("photo_address", "an address is never fetched; give a path relative to the source")
    if any(ord(character) < 32 or "\ud800" <= character <= "\udfff" for character in text):
        return Refusal("photo_path", "the path holds control characters")
    slashed = text.replace("\\", "/")
    if slashed.startswith(("/", "~")) or re.match(r"[A-Za-z]:", slashed):
        return Refusal("photo_absolute", "the path is absolute; give one relative to the source")
    depth = 0
    for part in slashed.split("/"):
        depth += -1 if part == ".." else part not in ("", ".")
        if depth < 0:
            return Refusal("photo_outside", "the path leaves the source folder")
    return inside(source / os.path.normpath(slashed), root)


def inside(path: Path, root: Path) -> Path | Refusal:
    """The path itself if all links on its way stay in the source."""
    try:
        resolved = path.resolve()
    except (OSError, RuntimeError):
        return Refusal("photo_link", "its links run in a circle")
    if not resolved.is_relative_to(root):
        return Refusal("photo_outside", "a link leads out of the source folder")
    return path


def _named(search: _Search, item: SourceProduct) -> Iterator[SourcePhoto]:
    for text in item.images:
        path = _as_stored(safe_path(search.source, search.root, text))
        problem = path if isinstance(path, Refusal) else _file_refusal(path, search.limits)
        if isinstance(path, Refusal) or problem is not None:
            assert problem is not None
            reason = Refusal(problem.code, f"{text[:200]!r}: {problem.reason}")
            search.refuse(search.table, item.line, item.product.sku, reason)
        else:
            yield SourcePhoto(item.product.sku, path, _name(search, path))


def _as_stored(path: Path | Refusal) -> Path | Refusal:
    """The same path in the Unicode form that the disk has it in: archives made on a Mac hold decomposed names."""
    if isinstance(path, Refusal) or path.name.isascii() or os.path.lexists(path):
        return path
    forms = (path.with_name(unicodedata.normalize(form, path.name)) for form in ("NFC", "NFD"))
    return next((form for form in forms if os.path.lexists(form)), path)


def _name(search: _Search, path: Path) -> str:
    """The path relative to the source, as text that can be stored: bytes that are no UTF-8 become `?`."""
    return path.relative_to(search.source).as_posix().encode("utf-8", "replace").decode()


def _stored(search: _Search, sku: str, folder: Path) -> Iterator[SourcePhoto]:
    for path in _children(search, folder):
        name = _name(search, path)
        safe = inside(path, search.root)
        problem = safe if isinstance(safe, Refusal) else _file_refusal(path, search.limits)
        if problem is not None:
            search.refuse(name, None, sku, problem)
        else:
            yield SourcePhoto(sku, path, name)


def _file_refusal(path: Path, limits: Limits) -> Refusal | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return Refusal("photo_missing", "there is no such file")
    except (OSError, ValueError) as error:
        return Refusal("photo_unreadable", f"the file cannot be read ({getattr(error, 'strerror', None) or error})")
    if stat.S_ISDIR(status.st_mode):
        return Refusal("photo_folder", "it is a folder, not a photo")
    if not stat.S_ISREG(status.st_mode):
        return Refusal("photo_unreadable", "it is a device or pipe, not a file")
    if status.st_size > limits.image_file_bytes:
        limit_mb = limits.image_file_bytes // 1_000_000
        return Refusal("photo_too_large", f"the file has {status.st_size // 1_000_000} MB; the limit is {limit_mb} MB")
    return None


def _folders(search: _Search) -> dict[str, list[Path]]:
    """Folders of `images/` by the SKU they are named after; one that a link leads out of the source is refused."""
    found: dict[str, list[Path]] = {}
    images = search.source / IMAGES
    if not images.is_dir():
        return found
    safe = inside(images, search.root)
    if isinstance(safe, Refusal):
        search.refuse(IMAGES, None, "", safe)
        return found
    for path in _children(search, images):
        safe = inside(path, search.root)
        if isinstance(safe, Refusal):
            search.refuse(_name(search, path), None, clean_sku(path.name), safe)
            continue
        try:
            if path.is_dir():
                found.setdefault(clean_sku(path.name), []).append(path)
        except OSError as error:
            problem = Refusal("photo_unreadable", f"the folder cannot be read ({error.strerror})")
            search.refuse(_name(search, path), None, clean_sku(path.name), problem)
    return found


def _report_strays(search: _Search, folders: dict[str, list[Path]], known: set[str], refused: frozenset[str]) -> None:
    """Name folders and loose files of `images/` that no product of the table claims."""
    used = {name.rpartition("/")[0] for name in known}
    for sku, path in ((sku, path) for sku, paths in folders.items() for path in paths):
        name = _name(search, path)
        if any(folder == name or folder.startswith(f"{name}/") for folder in used):
            continue
        reason = "the row with this SKU was refused" if sku in refused else "no row has this SKU"
        search.refuse(name, None, sku, Refusal("photo_unknown_sku", reason))
    images = search.source / IMAGES
    if not images.is_dir() or isinstance(inside(images, search.root), Refusal):
        return
    for path in _children(search, images):
        name = _name(search, path)
        # Path.is_file raises where the folder may be listed and not entered.
        if os.path.isfile(path) and name not in known:  # noqa: PTH113
            problem = Refusal("photo_unknown_sku", "it is in no folder of a SKU, and no row names it")
            search.refuse(name, None, "", problem)


def _children(search: _Search, folder: Path) -> list[Path]:
    try:
        names = [entry for entry in folder.iterdir() if not _is_dropping(entry.name)]
    except OSError as error:
        name = _name(search, folder)
        problem = Refusal("photo_unreadable", f"the folder cannot be read ({error.strerror})")
        search.refuse(name, None, "", problem)
        return []
    return sorted(names, key=lambda path: (natural_order(path.name), path.name))


def _is_dropping(name: str) -> bool:
    return name.startswith(".") or name.casefold() in _DROPPINGS
