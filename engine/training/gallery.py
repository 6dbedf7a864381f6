"""Retailers' sources -> what training can use: products with their photos, and what was left out and why."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from engine.config import Limits
from engine.errors import ImageError, ImageUnreadable, TrainingData
from engine.image import decode_picture
from engine.ingest.pace import Pace
from engine.ingest.photos import SourcePhoto
from engine.ingest.source import read_source
from engine.records import Picture, ProgressCallback, Rejected, no_progress
from engine.training.fingerprint import Fingerprint, fingerprint
from engine.training.picture_store import PictureStore
from engine.training.studio_views import cut_out

_CHUNK = 64
_THREADS = 2


@dataclass(frozen=True, slots=True)
class TrainingProduct:
    """A class: the SKU, its name and category. Of one SKU in two sources there is one if the names are equal."""

    sku: str
    name: str
    category: str


@dataclass(frozen=True, slots=True, eq=False)
class TrainingPhoto:
    """A usable photo: `product` is an index into the gallery's products, `studio` says that its ground is white."""

    path: Path
    name: str
    product: int
    studio: bool
    sha256: str
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Gallery:
    """Products with at least one photo, and their photos in the order of the sources."""

    products: tuple[TrainingProduct, ...]
    photos: tuple[TrainingPhoto, ...]
    problems: tuple[Rejected, ...]

    def digest(self) -> str:
        """SHA-256 over SKUs and contents: another one is other training data."""
        told = hashlib.sha256()
        for photo in self.photos:
            told.update(f"{self.products[photo.product].sku}\0{photo.sha256}\n".encode())
        return told.hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A decoded photo, or why there is none."""

    photo: SourcePhoto
    product: TrainingProduct
    sha256: str
    picture: Picture | None
    problem: ImageError | None


def read_gallery(
    sources: Sequence[Path],
    store: PictureStore,
    progress: ProgressCallback = no_progress,
    limits: Limits = Limits(),
) -> Gallery:
    """Read all products and photos of the sources, and offer the pictures to `store`.

    Left out and reported: photos that cannot be read, the same photo under two SKUs (by content, all of them), the same
    photo twice under one. A product with one photo is used, and reported. Raises TrainingData if no product has a
    photo, and what `read_source` raises.
    """
    problems: list[Rejected] = []
    named = _named_photos(sources, problems, limits)
    owners: dict[str, set[TrainingProduct]] = defaultdict(set)
    kept: dict[tuple[str, TrainingProduct], tuple[SourcePhoto, bool, Fingerprint]] = {}
    for seen in _decoded(named, progress, limits):
        if seen.picture is None:
            assert seen.problem is not None
            problems.append(_left_out(seen.photo, seen.problem.code, seen.problem.message))
            continue
        owners[seen.sha256].add(seen.product)
        first = kept.get((seen.sha256, seen.product))
        if first is not None:
            problems.append(_left_out(seen.photo, "photo_twice", f"it is the same photo as {first[0].name}"))
            continue
        studio = cut_out(seen.picture) is not None
        kept[seen.sha256, seen.product] = (seen.photo, studio, fingerprint(seen.picture))
        store.offer(seen.photo.path, seen.picture)
    usable = {}
    for (sha256, product), entry in kept.items():
        if len(owners[sha256]) == 1:
            usable[sha256, product] = entry
        else:
            skus = ", ".join(sorted(owner.sku for owner in owners[sha256]))
            problems.append(_left_out(entry[0], "photo_of_two_products", f"the same photo stands under {skus}"))
    return _gallery(sources, usable, problems)


def _gallery(
    sources: Sequence[Path],
    usable: dict[tuple[str, TrainingProduct], tuple[SourcePhoto, bool, Fingerprint]],
    problems: list[Rejected],
) -> Gallery:
    counts = Counter(product for _, product in usable)
    if not counts:
        raise TrainingData(folder=", ".join(map(str, sources)), reason="no product has a photo that can be used")
    products = tuple(counts)
    numbers = {product: number for number, product in enumerate(products)}
    photos = tuple(
        TrainingPhoto(photo.path, photo.name, numbers[product], studio, sha256, mark)
        for (sha256, product), (photo, studio, mark) in usable.items()
    )
    for photo in photos:
        product = products[photo.product]
        if counts[product] == 1:
            reason = "its product has no other photo; views of this one have to do"
            problems.append(Rejected(photo.name, None, product.sku, "product_with_one_photo", reason))
    return Gallery(products, photos, tuple(problems))


def _named_photos(
    sources: Sequence[Path], problems: list[Rejected], limits: Limits
) -> list[tuple[SourcePhoto, TrainingProduct]]:
    """Every photo that the sources name, with its product; refused rows are reported."""
    found: list[tuple[SourcePhoto, TrainingProduct]] = []
    names: dict[str, str] = {}
    for folder in sources:
        source = read_source(folder, limits)
        problems.extend(source.rejected)
        products = {}
        for item in source.products:
            product = TrainingProduct(item.product.sku, item.product.name, item.product.category)
            if names.setdefault(product.sku, product.name) != product.name:
                reason = f"another source calls this SKU {names[product.sku]!r}; they are taken for two products"
                problems.append(Rejected(folder.name, item.line, product.sku, "sku_of_two_products", reason))
            products[product.sku] = product
        found += [(photo, products[photo.sku]) for photo in source.photos]
    # One category a product: the first source's, else one product would be two classes.
    categories: dict[tuple[str, str], TrainingProduct] = {}
    return [(photo, categories.setdefault((product.sku, product.name), product)) for photo, product in found]


def _decoded(
    named: Sequence[tuple[SourcePhoto, TrainingProduct]], progress: ProgressCallback, limits: Limits
) -> Iterator[_Seen]:
    """The photos in their order, decoded by threads, a chunk at a time so that few wait in memory."""
    pace = Pace("photos", len(named), progress)
    with ThreadPoolExecutor(_THREADS, "gallery") as threads:
        for start in range(0, len(named), _CHUNK):
            chunk = named[start : start + _CHUNK]
            yield from threads.map(lambda entry: _read(entry[0], entry[1], limits), chunk)
            pace.advance(len(chunk))


def _read(photo: SourcePhoto, product: TrainingProduct, limits: Limits) -> _Seen:
    try:
        data = photo.path.read_bytes()
        picture = decode_picture(data, photo.name, limits)
    except OSError as error:
        problem = ImageUnreadable(name=photo.name, reason=error.strerror or "reading failed")
        return _Seen(photo, product, "", None, problem)
    except ImageError as error:
        return _Seen(photo, product, "", None, error)
    return _Seen(photo, product, hashlib.sha256(data).hexdigest(), picture, None)


def _left_out(photo: SourcePhoto, code: str, reason: str) -> Rejected:
    return Rejected(photo.name, None, photo.sku, code, reason)
