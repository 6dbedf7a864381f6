"""`skulens adapt --deep`: the pictures of an open catalog as training photos, and which of them only decide.

A catalog keeps each photo as a JPEG of at most 384 px; a network of 320 px sees no more of most photos. With the source
folder at hand the photos themselves are read, where they still have the content that the catalog was built from.
Confirmed pictures stay in memory: they may lie encrypted, and are erased when their time is over.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.catalog import Catalog, Reference
from engine.config import Limits
from engine.errors import CatalogDamaged, EngineError, ImageError
from engine.generation import Generation
from engine.image import decode_picture, read_picture
from engine.ingest.pace import Pace
from engine.overlay_file import Feedback
from engine.records import Labels, Picture, ProgressCallback
from engine.training.adapt_validation import folds
from engine.training.fingerprint import fingerprint, nearly_same
from engine.training.gallery import Gallery, TrainingPhoto, TrainingProduct
from engine.training.photos import find_photos
from engine.training.picture_store import PictureStore
from engine.training.split import Split
from engine.training.studio_views import cut_out

_PAGE = 500
#: The fold of the shallow adaptation whose photos decide here: about a fifth.
_DECIDES = 0


@dataclass(slots=True)
class CatalogPictures:
    """Reads the pictures of an open catalog by made-up paths, from any thread.

    `source` is the folder that the catalog was built from, None without it. `references` are the catalog's photos in
    its order, `products` that of each, `confirmed` JPEG bytes.
    """

    catalog: Catalog
    source: Path | None
    limits: Limits = field(default_factory=Limits)
    references: dict[Path, Reference] = field(default_factory=dict)
    products: list[TrainingProduct] = field(default_factory=list)
    confirmed: dict[Path, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """List the photos of the catalog."""
        for offset in range(0, self.catalog.product_count, _PAGE):
            for product in self.catalog.products(offset, _PAGE):
                for reference in self.catalog.references(product.sku):
                    self.references[Path("catalog", str(reference.id))] = reference
                    self.products.append(TrainingProduct(product.sku, product.name, product.category))

    def read(self, path: Path) -> Picture:
        """A picture by its path: a catalog photo, a confirmed one, else a file. Raises ImageError, CatalogDamaged."""
        reference = self.references.get(path)
        if reference is None:
            if path in self.confirmed:
                return decode_picture(self.confirmed[path], path.as_posix())
            return read_picture(path, self.limits)
        if self.source is not None:
            try:
                data = (self.source / reference.path).read_bytes()
                if hashlib.sha256(data).hexdigest() == reference.sha256:
                    return decode_picture(data, reference.path, self.limits)
            except (OSError, ImageError):
                pass  # the catalog has a smaller one
        return decode_picture(self.catalog.thumbnail(reference.id), reference.path)


@dataclass(frozen=True, slots=True, eq=False)
class ShopPhotos:
    """Everything that a deep adaptation learns from and decides by.

    `products` int64 (N,) are those of the catalog's N photos in its order; `deciding` bool (N,) says which never train.
    `split.train` has the others and what people confirmed, `confirmed` of them.
    """

    gallery: Gallery
    split: Split
    store: PictureStore
    pictures: CatalogPictures
    products: Labels
    deciding: NDArray[np.bool_]
    confirmed: int
    backgrounds: tuple[Path, ...]


def read_shop(
    generation: Generation,
    said: Sequence[tuple[Feedback, bytes]],
    source: Path | None,
    backgrounds: Sequence[Path],
    side_px: int,
    memory_bytes: int,
    seed: int,
    progress: ProgressCallback,
) -> ShopPhotos:
    """Read all pictures once. `said` are confirmed pictures that may be learnt from, JPEG bytes.

    A photo that stands under two products, and one whose twin trains, never decides; the first does not train either.
    Raises CatalogDamaged, and TrainingData for a folder of backgrounds without a photo.
    """
    pictures = CatalogPictures(generation.catalog, source)
    store = PictureStore(side_px, memory_bytes, read=pictures.read)
    numbers = {product: number for number, product in enumerate(dict.fromkeys(pictures.products))}
    shown: list[TrainingPhoto] = []
    pace = Pace("photos", len(pictures.references), progress)
    for (path, reference), product in zip(pictures.references.items(), pictures.products, strict=True):
        try:
            picture = pictures.read(path)
        except ImageError as error:
            raise CatalogDamaged(folder=generation.path, reason=error.message) from error
        shown.append(_photo(path, reference.path, numbers[product], reference.sha256, picture))
        store.offer(path, picture)
        pace.advance()
    owners = Counter(photo.sha256 for photo in {(photo.sha256, photo.product): photo for photo in shown}.values())
    alone = [owners[photo.sha256] == 1 for photo in shown]
    of_photo = np.array([photo.product for photo in shown], dtype=np.int64)
    extra = _confirmed(said, pictures, store, {product.sku: number for product, number in numbers.items()})
    deciding = _deciding(shown, alone, extra, seed)
    train = [photo for photo, fits, held in zip(shown, alone, deciding, strict=True) if fits and not held]
    gallery = Gallery(tuple(numbers), (*shown, *extra), ())
    split = Split((), (*train, *extra), tuple(p for p, held in zip(shown, deciding, strict=True) if held), (), ())
    return ShopPhotos(
        gallery,
        split,
        store,
        pictures,
        of_photo,
        deciding,
        len(extra),
        _backgrounds(backgrounds, pictures, store),
    )


def _photo(path: Path, name: str, product: int, sha256: str, picture: Picture) -> TrainingPhoto:
    return TrainingPhoto(path, name, product, cut_out(picture) is not None, sha256, fingerprint(picture))


def _confirmed(
    said: Sequence[tuple[Feedback, bytes]], pictures: CatalogPictures, store: PictureStore, numbers: Mapping[str, int]
) -> list[TrainingPhoto]:
    """What people confirmed, of products that have photos; one that cannot be read is left out."""
    found = []
    for feedback, jpeg in said:
        path = Path("confirmed", str(feedback.id))
        pictures.confirmed[path] = jpeg
        try:
            picture = pictures.read(path)
        except EngineError:
            continue
        if feedback.sku in numbers:
            sha256 = hashlib.sha256(jpeg).hexdigest()
            found.append(_photo(path, path.as_posix(), numbers[feedback.sku], sha256, picture))
            store.offer(path, picture)
    return found


def _deciding(
    shown: Sequence[TrainingPhoto], alone: Sequence[bool], extra: Sequence[TrainingPhoto], seed: int
) -> NDArray[np.bool_]:
    """Which photos decide, bool (N,): a fold of the shallow adaptation without those that have a twin that trains."""
    products = np.array([photo.product for photo in shown], dtype=np.int64)
    held: NDArray[np.bool_] = (folds(products, seed) == _DECIDES) & np.array(alone, dtype=np.bool_)
    while True:  # a photo that trains now may be the twin of another
        asking = np.flatnonzero(held)
        marks = [photo.fingerprint for photo, out in zip(shown, held, strict=True) if not out]
        twins = nearly_same(
            [shown[place].fingerprint for place in asking.tolist()], marks + [one.fingerprint for one in extra]
        )
        leaks = asking[twins >= 0]
        if not len(leaks):
            return held
        held[leaks] = False


def _backgrounds(folders: Sequence[Path], pictures: CatalogPictures, store: PictureStore) -> tuple[Path, ...]:
    found = []
    for path in (path for folder in folders for path in find_photos(folder, 1)):
        try:
            store.offer(path, pictures.read(path))
        except ImageError:
            continue
        found.append(path)
    return tuple(found)
