"""One open catalog as the window uses it. All methods read or look up: they run on a lane, not on the GUI thread."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QImage

from desktop import pictures
from engine.errors import CatalogError, Interrupted
from engine.pooling import FramePool
from engine.records import Candidate, LookupResult, Picture, Product, Region, StockLevel

if TYPE_CHECKING:
    # Imported when a catalog is opened, on its lane: the window must not wait for ONNX Runtime to show.
    from engine.lookup import Lookup
    from engine.overlay_rules import Standing

#: The query crop as the card shows it, and photos in the card: longer side in pixels.
CROP_SIDE_PX: Final = 480
#: Photos kept in memory: at 384 pixels a side about 0.4 MB each.
PHOTOS_KEPT: Final = 40


class Source(StrEnum):
    """Where a looked-up picture came from."""

    LIVE = "live"
    FROZEN = "frozen"
    FILE = "file"
    PASTED = "pasted"


@dataclass(frozen=True, slots=True)
class Answer:
    """A lookup's result with all that the card shows, so that showing it reads nothing.

    `ticket` grows with each lookup; `photos` is by reference id; `picture` is kept so that a region can be drawn on it.
    """

    ticket: int
    source: Source
    name: str
    result: LookupResult
    picture: Picture
    query: QImage
    photos: Mapping[int, QImage] = field(default_factory=dict)
    taken_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Found:
    """A product that the text search found, as a row shows it."""

    product: Product
    photo: QImage
    stock: tuple[StockLevel, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """All that the catalog knows about one product."""

    product: Product
    photos: tuple[QImage, ...]
    stock: tuple[StockLevel, ...]


@dataclass(frozen=True, slots=True)
class CatalogFacts:
    """What the status bar and the catalog page say. `reasons` tell why not a better provider."""

    folder: Path
    name: str
    store: str
    version: str
    created_at: datetime
    products: int
    references: int
    encoder_id: str
    provider: str
    variant: str
    reasons: tuple[str, ...]


class OpenCatalog:
    """A catalog with its lookup, its stock and a few photos in memory."""

    def __init__(self, folder: Path, lookup: Lookup) -> None:
        self._lookup = lookup
        self._users, self._retired = 0, False
        self._users_lock = threading.Lock()
        self._photos: OrderedDict[int, QImage] = OrderedDict()
        self._photos_lock = threading.Lock()
        manifest, choice = lookup.generation.manifest, lookup.encoder.choice
        self.facts = CatalogFacts(
            folder=folder,
            name=manifest.name,
            store=manifest.store,
            version=manifest.version,
            created_at=manifest.created_at,
            products=lookup.generation.catalog.product_count,
            references=lookup.generation.catalog.reference_count,
            encoder_id=manifest.encoder_id,
            provider=choice.provider,
            variant=choice.variant,
            reasons=choice.reasons,
        )

    @contextmanager
    def using(self) -> Iterator[Lookup]:
        """The engine's lookup, which stays open at least until the end of the block.

        Raises Interrupted if another catalog has taken its place and it is closed already.
        """
        with self._users_lock:
            if self._retired and not self._users:
                raise Interrupted
            self._users += 1
        try:
            yield self._lookup
        finally:
            with self._users_lock:
                self._users -= 1
                last = self._retired and not self._users
            if last:
                self._lookup.close()

    def retire(self) -> None:
        """Close as soon as nobody uses it. Runs on a lane: closing a network share may take its time."""
        with self._users_lock:
            unused = not self._retired and not self._users
            self._retired = True
        if unused:
            self._lookup.close()

    def answer_live(
        self,
        ticket: int,
        frame: Picture,
        followed: Region | None,
        drawn: Region | None,
        top: int,
        pool: FramePool,
        at_s: float,
    ) -> Answer:
        """Look a camera frame up that was taken at `at_s`.

        `followed` is where the item was in the frame before, `drawn` wins over it; `pool` is of the same stream.
        """
        with self.using() as lookup:
            result = lookup.look_up_live(frame, followed, top, drawn, pool, at_s)
            return self._answer(ticket, Source.LIVE, "", frame, result)

    def answer(
        self, ticket: int, source: Source, name: str, picture: Picture, region: Region | None, top: int
    ) -> Answer:
        """Look a still up."""
        with self.using() as lookup:
            return self._answer(ticket, source, name, picture, lookup.look_up(picture, region, top))

    def _answer(self, ticket: int, source: Source, name: str, picture: Picture, result: LookupResult) -> Answer:
        from engine import image

        query = pictures.to_image(image.crop(picture, result.region), CROP_SIDE_PX)
        return Answer(ticket, source, name, result, picture, query, self._photos_of(result.candidates))

    def _photos_of(self, candidates: Sequence[Candidate]) -> dict[int, QImage]:
        return {candidate.reference_id: self.photo(candidate.reference_id) for candidate in candidates}

    def photo(self, reference_id: int) -> QImage:
        """A photo by `Candidate.reference_id`; a null image where there is none or it is damaged."""
        from engine.lookup import NO_REFERENCE

        if reference_id == NO_REFERENCE:
            return QImage()
        with self._photos_lock:
            if reference_id in self._photos:
                self._photos.move_to_end(reference_id)
                return self._photos[reference_id]
        try:
            photo = pictures.read_jpeg(self._lookup.photo(reference_id))
        except CatalogError:
            # The answer is worth more than its photo: the tile shows a placeholder.
            photo = QImage()
        with self._photos_lock:
            self._photos[reference_id] = photo
            while len(self._photos) > PHOTOS_KEPT:
                self._photos.popitem(last=False)
        return photo

    def say(self, answer: Answer, sku: str, *, refused: bool) -> Standing:
        """Keep that an answer's picture shows a product, or (`refused`) does not; said by who is logged in."""
        from engine.overlay import login_name

        with self.using() as lookup:
            say = lookup.refuse if refused else lookup.confirm
            return say(sku, answer.result, answer.picture, login_name())

    def take_back(self, standing: Standing) -> None:
        """Undo what `say` kept."""
        with self.using() as lookup:
            lookup.overlay.undo(standing.feedback.id)

    def search(self, text: str, limit: int = 20) -> tuple[Found, ...]:
        """Products by words of their names, brands, descriptions, SKU or GTIN."""
        with self.using() as lookup:
            catalog = lookup.generation.catalog
            products = catalog.search_text(text, limit)
            levels = lookup.stock.levels([product.sku for product in products])
            found = []
            for product in products:
                references = catalog.references(product.sku)
                photo = self.photo(references[0].id) if references else QImage()
                found.append(Found(product, photo, levels.get(product.sku, ())))
            return tuple(found)

    def detail(self, sku: str) -> Detail:
        """One product with all its photos."""
        with self.using() as lookup:
            catalog = lookup.generation.catalog
            photos = tuple(self.photo(reference.id) for reference in catalog.references(sku))
            return Detail(catalog.product(sku), photos, lookup.stock.levels([sku]).get(sku, ()))
