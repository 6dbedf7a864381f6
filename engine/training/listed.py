"""Validation photos from a list (`queries.csv` of `skulens eval`), as training photos of a gallery's products."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.config import Limits
from engine.errors import ImageError, UnknownSku
from engine.image import read_picture
from engine.records import Rejected
from engine.training.fingerprint import fingerprint
from engine.training.gallery import Gallery, TrainingPhoto
from engine.training.picture_store import PictureStore


def listed_photos(
    gallery: Gallery, listed: Sequence[tuple[Path, str]], store: PictureStore, limits: Limits = Limits()
) -> tuple[list[TrainingPhoto], list[Rejected]]:
    """The photos of a list of (path, SKU), and those that cannot be read; rows without a SKU are passed over.

    Raises UnknownSku for a SKU that no product of the gallery has.
    """
    numbers: dict[str, int] = {}
    for number, product in enumerate(gallery.products):
        numbers.setdefault(product.sku, number)
    found: list[TrainingPhoto] = []
    problems: list[Rejected] = []
    for path, sku in listed:
        if not sku:
            continue
        if sku not in numbers:
            raise UnknownSku(sku=sku, where=path.name)
        try:
            picture = read_picture(path, limits)
        except ImageError as error:
            problems.append(Rejected(path.name, None, sku, error.code, error.message))
            continue
        store.offer(path, picture)
        found.append(TrainingPhoto(path, path.name, numbers[sku], False, "", fingerprint(picture)))
    return found, problems
