"""The pictures of the worst confusions: the query, the catalog photo that was answered, the one that is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.catalog import Catalog
from engine.config import Limits
from engine.errors import ImageError
from engine.evaluate import Confusion
from engine.image import read_picture, thumbnail

#: Side of a query's picture in the page, in pixels: twice what it takes on the screen.
_SIDE_PX = 384


@dataclass(frozen=True, slots=True)
class ConfusionPictures:
    """A confusion with names and JPEG bytes; `right_name` is "" for a stranger, a picture None where there is none."""

    confusion: Confusion
    answered_name: str
    right_name: str
    query: bytes | None
    answered: bytes | None
    right: bytes | None


def pictures_of(
    catalog: Catalog, confusions: Sequence[Confusion], limits: Limits | None = None
) -> list[ConfusionPictures]:
    """Read the pictures of confusions from the queries' files and from the catalog's thumbnails.

    A query that can no longer be read has no picture. Raises CatalogDamaged.
    """
    return [_pictured(catalog, confusion, limits or Limits()) for confusion in confusions]


def _pictured(catalog: Catalog, confusion: Confusion, limits: Limits) -> ConfusionPictures:
    try:
        query = thumbnail(read_picture(confusion.picture, limits), _SIDE_PX)
    except ImageError:
        query = None
    right = confusion.reference
    if right is None and confusion.sku:
        photos = catalog.references(confusion.sku)
        right = photos[0].id if photos else None
    return ConfusionPictures(
        confusion=confusion,
        answered_name=catalog.product(confusion.answered).name,
        right_name=catalog.product(confusion.sku).name if confusion.sku else "",
        query=query,
        answered=catalog.thumbnail(confusion.answered_reference) if confusion.answered_reference else None,
        right=catalog.thumbnail(right) if right is not None else None,
    )
