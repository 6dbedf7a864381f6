"""A picture becomes an answer; the only place where the steps meet: see, search, judge, read.

A `Lookup` holds one open generation, its encoder and its stock. It may be used from several threads.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.catalog import Catalog
from engine.config import Settings, encoder_folder
from engine.encoder import Encoder
from engine.errors import CatalogEncoderMismatch, EngineError, ImageError
from engine.generation import Generation
from engine.image import PictureQuality, quality, read_picture
from engine.matching import Owners
from engine.overlay import Overlay, calibration_of
from engine.overlay_file import Kind
from engine.overlay_rules import Standing
from engine.overlay_search import Hits
from engine.pooling import FramePool
from engine.records import (
    Candidate,
    Degraded,
    LookupResult,
    Picture,
    Product,
    Query,
    Region,
    StockLevel,
    Verdict,
)
from engine.stock import StockReader
from engine.verdict import CROWD_RANKS
from engine.views import Cost, Seen, see, see_again, see_region

if TYPE_CHECKING:
    from engine.look_alikes.candidates import Separation

#: Vectors asked from the index; widened when they belong to too few products.
HITS = 64
#: A store whose clock differs from the publisher's by less than this is not called stale.
CLOCK_TOLERANCE_S = 3600.0
#: A product that has no photo cannot be ranked by a picture: it comes after those that can, with these values.
NO_REFERENCE = 0
NO_SIMILARITY = -1.0


class Lookup:
    """Answers what is on a picture, from one generation of a catalog.

    Raises CatalogEncoderMismatch if the encoder is not the one that made the catalog.
    """

    def __init__(self, generation: Generation, encoder: Encoder, settings: Settings | None = None) -> None:
        manifest = generation.manifest
        if manifest.encoder_id != encoder.info.id:
            raise CatalogEncoderMismatch(
                folder=generation.path.parent, needed=manifest.encoder_id, found=encoder.info.id
            )
        self.generation = generation
        self.encoder = encoder
        self.settings = settings or Settings()
        self.stock = StockReader(generation.path.parent)
        self._owners = Owners(*generation.catalog.owners())
        self.overlay = Overlay(generation, self._owners, calibration_of(generation), self.settings)
        self._machine = (Degraded.GPU_NOT_USED,) if encoder.choice.gpu_failed else ()

    def close(self) -> None:
        """Close the generation, the stock and the encoder."""
        self.stock.close()
        self.generation.close()
        self.encoder.close()

    def __enter__(self) -> Lookup:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def look_up(self, picture: Picture, region: Region | None = None, top: int = 5) -> LookupResult:
        """Look a still up: RGB uint8 (H, W, 3).

        Without a region the whole view and the item's region count, in two encoder runs. A region that a person drew
        wins: only what is inside counts, in one run. `top` is the number of candidates, at least 1; there are fewer
        only if the catalog has fewer products. Raises EncoderOutput or CatalogDamaged.
        """
        clock = _Clock()
        if region is None:
            seen = see(self.encoder, [picture], clock.cost)[0]
        else:
            seen = see_region(self.encoder, picture, region, clock.cost)
        return self._answer(seen, self._quality(picture, clock).degraded, top, clock)

    def look_up_live(
        self,
        frame: Picture,
        region: Region | None = None,
        top: int = 5,
        drawn: Region | None = None,
        pool: FramePool | None = None,
        at_s: float = 0.0,
    ) -> LookupResult:
        """Look a frame of a stream up in one encoder run.

        `region` is the one in the result for the frame before; the region in this result is where the item is now. With
        None, for the first frame, it takes the two runs of a still. A `drawn` region wins, as in `look_up`. With a
        `pool`, the stream's own, the answer is about this frame, taken at `at_s`, and those of the same scene before it
        (engine.pooling); without one about this frame alone.
        """
        clock = _Clock()
        if drawn is not None:
            seen = see_region(self.encoder, frame, drawn, clock.cost)
        elif region is None:
            seen = see(self.encoder, [frame], clock.cost)[0]
        else:
            seen = see_again(self.encoder, frame, region, clock.cost)
        found = self._quality(frame, clock)
        if pool is not None:
            seen = Seen(pool.take(seen.embedding, found.sharpness, at_s, drawn), seen.region)
        return self._answer(seen, found.degraded, top, clock)

    def look_up_file(self, path: Path, top: int = 5) -> LookupResult:
        """Read a picture file and look it up. Raises ImageError for a file that is no good picture."""
        clock = _Clock()
        picture = read_picture(path, self.settings.limits)
        clock.decode_ms = clock.total_ms()
        seen = see(self.encoder, [picture], clock.cost)[0]
        return self._answer(seen, self._quality(picture, clock).degraded, top, clock)

    def look_up_one(self, path: Path, top: int = 5) -> Iterator[tuple[Path, LookupResult | EngineError]]:
        """As `look_up_many`, for a single file: without its threads."""
        try:
            result: LookupResult | EngineError = self.look_up_file(path, top)
        except ImageError as error:
            result = error
        yield path, result

    def look_up_many(self, paths: Iterable[Path], top: int = 5) -> Iterator[tuple[Path, LookupResult | EngineError]]:
        """Look many files up, in the order of `paths`; a file that is no good picture comes with its error.

        Pictures are decoded in threads beside the encoder, which sees them in batches; the number of pictures in memory
        does not depend on the number of paths, and `paths` may be a stream: what has arrived is answered before more is
        waited for. Timings of encode and prepare are each picture's share of its batch.
        """
        from engine.pictures_ahead import decoded_ahead

        with closing(decoded_ahead(paths, self.encoder.info.input, self.settings.limits)) as batches:
            for batch in batches:
                good = [item for item in batch if item.picture is not None]
                cost = Cost()
                seen: Iterator[Seen] = iter(())
                if good:
                    whole = np.stack([item.whole for item in good if item.whole is not None])
                    pictures = [item.picture for item in good if item.picture is not None]
                    seen = iter(see(self.encoder, pictures, cost, whole))
                for item in batch:
                    if item.error is not None:
                        yield item.path, item.error
                        continue
                    clock = _Clock()
                    clock.decode_ms = item.decode_ms
                    clock.cost = Cost(item.prepare_ms + cost.prepare_ms / len(good), cost.encode_ms / len(good))
                    clock.before_ms = clock.decode_ms + clock.cost.prepare_ms + clock.cost.encode_ms
                    yield item.path, self._answer(next(seen), item.degraded, top, clock)

    def confirm(self, sku: str, result: LookupResult, picture: Picture, who: str = "") -> Standing:
        """Keep that `picture`, which `result` answers, shows this product; lookups find it by this view from now on.

        Returns what becomes of it, see `Overlay.say`, which says what is raised.
        """
        return self.overlay.say(Kind.CONFIRMED, sku, result, picture, self.encoder, who)

    def refuse(self, sku: str, result: LookupResult, picture: Picture, who: str = "") -> Standing:
        """Keep that `picture` does not show this product; as `confirm`."""
        return self.overlay.say(Kind.REFUSED, sku, result, picture, self.encoder, who)

    def photo(self, reference_id: int) -> bytes:
        """JPEG bytes of a `Candidate.reference_id`: a catalog photo, or what was confirmed; empty where there is none.

        Raises CatalogDamaged for a catalog photo that is not there.
        """
        if reference_id < NO_REFERENCE:
            return self.overlay.photo(reference_id)
        return b"" if reference_id == NO_REFERENCE else self.generation.catalog.thumbnail(reference_id)

    def separate(self, first: Candidate, second: Candidate) -> Separation:
        """What a person should look at to tell two candidates apart, from their catalog photos.

        Tens of milliseconds, so it is no part of a lookup. Raises CatalogDamaged.
        """
        from engine.look_alikes.candidates import separate

        return separate(self.generation.catalog, first, second)

    def _quality(self, picture: Picture, clock: _Clock) -> PictureQuality:
        started = time.perf_counter()
        found = quality(picture)
        clock.cost.prepare_ms += (time.perf_counter() - started) * 1e3
        return found

    def _answer(self, seen: Seen, degraded: Sequence[Degraded], top: int, clock: _Clock) -> LookupResult:
        started = time.perf_counter()
        judged = self.overlay.judge(self._search(seen.embedding, top), seen.embedding)
        ranking, verdict, known, probabilities = judged.ranking, judged.verdict, judged.known, judged.probabilities
        clock.search_ms = (time.perf_counter() - started) * 1e3
        started = time.perf_counter()
        shown = min(top, len(ranking))
        catalog = self.generation.catalog
        products = catalog.products_by_id(ranking.products[:shown].tolist())
        if shown < min(top, catalog.product_count):
            products += _unranked(catalog, {product.sku for product in products}, top - shown)
        levels = self.stock.levels([product.sku for product in products])
        clock.read_ms = (time.perf_counter() - started) * 1e3
        candidates = tuple(
            Candidate(
                product,
                probability=float(probabilities[place]) if place < shown else 0.0,
                similarity=float(np.clip(ranking.similarities[place], -1, 1)) if place < shown else NO_SIMILARITY,
                reference_id=int(ranking.references[place]) if place < shown else NO_REFERENCE,
                stock=levels.get(product.sku, ()),
            )
            for place, product in enumerate(products)
        )
        now = datetime.now(UTC)
        first_stock = candidates[0].stock if candidates and verdict is not Verdict.UNKNOWN else None
        manifest = self.generation.manifest
        remarks = (
            *self._machine,
            *degraded,
            *stock_remark(first_stock, now, self.settings.stock_stale_after_s),
            *age_remark(manifest.created_at, now, self.settings.catalog_old_after_s),
        )
        query = Query(seen.embedding, self.encoder.info.id)
        return LookupResult(verdict, known, candidates, seen.region, clock.timings(), remarks, manifest.version, query)

    def _search(self, embedding: NDArray[np.float32], top: int) -> Hits:
        """The nearest photos, of as many products as the crowd and `top` need, if there are."""
        wanted = min(max(top, CROWD_RANKS.stop), self._owners.product_count)
        hits = min(HITS, len(self._owners))
        while True:
            if not hits:
                return Hits(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
            labels, cosines = self.generation.index.search(embedding[None], hits)
            products, references = self._owners.of(labels.ravel())
            different = len(set(products.tolist()))
            enough = different >= wanted or (hits >= 8 * HITS and different >= top)
            if enough or hits == len(self._owners):
                return Hits(products, references, cosines.ravel())
            hits = min(hits * 8, len(self._owners))


def open_lookup(folder: Path, settings: Settings | None = None) -> Lookup:
    """Open the current generation of a catalog folder with the encoder that it was made with, and the newest stock.

    Raises CatalogError or EncoderError: missing, damaged, newer, or an encoder that is not at hand.
    """
    settings = settings or Settings()
    generation = Generation.open_current(folder, [encoder_folder()])
    try:
        encoder = Encoder.load(generation.encoder_folder, settings.provider, settings.threads)
        lookup = Lookup(generation, encoder, settings)
        lookup.overlay.prepare(encoder)
        return lookup
    except BaseException:
        generation.close()
        raise


def stock_remark(levels: Sequence[StockLevel] | None, now: datetime, stale_after_s: float) -> tuple[Degraded, ...]:
    """What is to be said about the stock of the first candidate; None where there is no product to speak of.

    A level without a time, or from the future, is stale: nobody knows how old it is.
    """
    if levels is None:
        return ()
    if not levels:
        return (Degraded.STOCK_MISSING,)
    return (Degraded.STOCK_STALE,) if any(_old(level.updated_at, now, stale_after_s) for level in levels) else ()


def age_remark(created_at: datetime, now: datetime, old_after_s: float) -> tuple[Degraded, ...]:
    """Whether the catalog is older than it should be; a creation time in the future says nothing about its age."""
    age_s = (now - created_at).total_seconds()
    return (Degraded.CATALOG_OLD,) if age_s > old_after_s else ()


def _old(updated_at: datetime | None, now: datetime, limit_s: float) -> bool:
    if updated_at is None:
        return True
    age_s = (now - updated_at).total_seconds()
    return age_s > limit_s or age_s < -CLOCK_TOLERANCE_S


def _unranked(catalog: Catalog, ranked: set[str], count: int, page: int = 200) -> list[Product]:
    """Products that no picture can find, in the order of the catalog, to fill a list of candidates up."""
    found: list[Product] = []
    for offset in range(0, catalog.product_count, page):
        found += [product for product in catalog.products(offset, page) if product.sku not in ranked]
        if len(found) >= count:
            break
    return found[:count]


@dataclass(slots=True)
class _Clock:
    """Times of one lookup, in milliseconds; `before_ms` is what was spent before this clock was started."""

    started: float = field(default_factory=time.perf_counter)
    before_ms: float = 0.0
    decode_ms: float = 0.0
    search_ms: float = 0.0
    read_ms: float = 0.0
    cost: Cost = field(default_factory=Cost)

    def total_ms(self) -> float:
        return self.before_ms + (time.perf_counter() - self.started) * 1e3

    def timings(self) -> dict[str, float]:
        return {
            "decode": self.decode_ms,
            "prepare": self.cost.prepare_ms,
            "encode": self.cost.encode_ms,
            "search": self.search_ms,
            "read": self.read_ms,
            "total": self.total_ms(),
        }
