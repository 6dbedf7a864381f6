"""Everything that a retailer's source folder says, read and checked, before a single photo is opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.config import Limits
from engine.errors import SourceError, SourceMissing, SourceUnreadable
from engine.ingest.photos import SourcePhoto, find_photos, inside
from engine.ingest.prices import Refusal
from engine.ingest.products import SourceProduct, read_products
from engine.ingest.stock_table import read_stock
from engine.ingest.tables import find_table, read_table
from engine.records import Rejected, StockLevel


@dataclass(frozen=True, slots=True)
class Source:
    """Products in their order, the photos of each, and stock levels; `levels` is None if there is no usable stock."""

    products: tuple[SourceProduct, ...]
    photos: tuple[SourcePhoto, ...]
    levels: tuple[tuple[str, StockLevel], ...] | None
    rejected: tuple[Rejected, ...]


def products_table(source: Path) -> Path:
    """The file with the products. Raises SourceMissing, or SourceUnreadable if a link leads out of the source."""
    path = find_table(source, "products")
    if path is None:
        raise SourceMissing(folder=source)
    return _own(path, source)


def _own(path: Path, source: Path) -> Path:
    """The table itself if no link leads it out of the source. Raises SourceUnreadable."""
    refused = inside(path, source.resolve())
    if isinstance(refused, Refusal):
        raise SourceUnreadable(name=path.name, reason=refused.reason)
    return path


def read_source(source: Path, limits: Limits = Limits()) -> Source:
    """Read the tables of a source and find its photos.

    Raises SourceMissing, SourceUnreadable, SourceColumns or SourceTooLarge for the products; trouble with the stock
    table is only reported, because stock is renewed from elsewhere.
    """
    path = products_table(source)
    found = read_products(read_table(path, limits), limits)
    photos = find_photos(source, found.products, found.refused_skus, path.name, limits)
    rejected = [*found.rejected, *photos.rejected]
    levels = None
    stock_path = find_table(source, "stock")
    if stock_path is not None:
        try:
            skus = {item.product.sku for item in found.products}
            stock = read_stock(read_table(_own(stock_path, source), limits), skus, limits)
            rejected.extend(stock.rejected)
            levels = stock.levels if stock.usable else None
        except SourceError as error:
            rejected.append(Rejected(stock_path.name, None, "", error.code, error.message))
    return Source(found.products, photos.photos, levels, tuple(rejected))
