"""What people confirmed and refused on this machine, searched beside the index of the open generation.

    overlay_file.py    the facts, in DIR/overlay.sqlite
    overlay_rules.py   what follows from them, for a generation and an encoder
    overlay_search.py  both as arrays, and how they join what the index found
    this file          keeps the arrays in memory, and exchanges them whole when somebody writes

The index is never changed. A lookup takes the newest `Snapshot`, which nothing changes any more, so that several
threads may look up while one confirms; where nothing was ever confirmed that costs the attempt to open a file.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from engine import errors
from engine.config import Settings
from engine.encoder import Encoder
from engine.generation import Generation
from engine.image import crop, decode_picture, thumbnail
from engine.matching import Owners, Ranking, rank
from engine.overlay_file import Feedback, Kind, OverlayFile, Stamp
from engine.overlay_rules import (
    Standing,
    Status,
    expiry,
    hold_back,
    standings,
    waits_for_encoder,
)
from engine.overlay_search import NOTHING, Hits, Snapshot, merged
from engine.records import WHOLE, Labels, LookupResult, Picture, Query, Region, Vectors, Verdict
from engine.verdict import Calibration, judge, leading
from engine.views import Cost, see_region

log = logging.getLogger(__name__)

#: Longer side and JPEG quality of a crop that is kept: more pixels than an encoder sees, and 10 to 30 kB.
CROP_SIDE_PX = 512
CROP_QUALITY = 90
#: A lookup does not wait longer for a process that writes; it goes on with what it knows.
PATIENCE_S = 0.1
#: Crops that are encoded before their vectors are stored: so much work is lost when the process is killed.
_TOGETHER = 16


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A ranking with its verdict, as `engine.verdict.judge` gives them."""

    ranking: Ranking
    verdict: Verdict
    known: float
    probabilities: NDArray[np.float64]


class Overlay:
    """The overlay of one open generation and its encoder. Safe to use from several threads."""

    def __init__(
        self, generation: Generation, owners: Owners, calibration: Calibration, settings: Settings | None = None
    ) -> None:
        """Nothing is read before the first lookup or question. `owners` are those of the generation's vectors."""
        self._generation, self._owners, self._calibration = generation, owners, calibration
        self._settings = settings or Settings()
        self._folder = generation.path.parent
        self._encoder_id = generation.manifest.encoder_id
        self._file = OverlayFile(self._folder)
        self._lock = threading.Lock()
        self._state: tuple[Stamp, Snapshot] = (None, NOTHING)
        self._encoded: dict[int, NDArray[np.float32]] = {}
        self._unreadable: set[int] = set()
        self._damaged: tuple[Stamp, errors.OverlayDamaged] | None = None
        self._logged = ""

    @classmethod
    def of(cls, generation: Generation, settings: Settings | None = None) -> Overlay:
        """The overlay beside an open generation. Raises CatalogDamaged."""
        return cls(generation, Owners(*generation.catalog.owners()), calibration_of(generation), settings)

    # -- for lookups -------------------------------------------------------------------------------------------------

    def current(self) -> Snapshot:
        """What is known now, also from other processes. Never raises: a damaged file is logged, once, and ignored."""
        try:
            if self._file.stamp() == self._state[0]:
                return self._state[1]
            return self._refresh(OverlayFile(self._folder, PATIENCE_S))
        except errors.CatalogBusy:
            return self._state[1]
        except errors.EngineError as error:
            if error.message != self._logged:
                log.warning("%s", error)
            self._logged = error.message
            return NOTHING

    def snapshot(self) -> Snapshot:
        """What is known now. Raises OverlayDamaged, CatalogBusy."""
        return self._refresh(self._file)

    def judge(self, hits: Hits, embedding: NDArray[np.float32]) -> Judged:
        """Rank and judge what the index found, together with what people said.

        Confirmations are searched exactly. Quarantined ones count for the ranking, but what only they speak for is no
        MATCH. A product that was refused for a view nearly identical to this one leaves the ranking.
        """
        found = self.current()
        if found.empty:
            return self._judged(rank(hits.products, hits.references, hits.cosines), found, embedding)
        ranking, trusted = merged(hits, found, embedding)
        judged = self._judged(ranking, found, embedding)
        if trusted is None or not len(ranking):
            return judged
        without = self._judged(trusted, found, embedding)
        same = len(trusted) > 0 and trusted.products[0] == ranking.products[0]
        verdict, probabilities = hold_back(
            judged.verdict, judged.probabilities, same and without.verdict is Verdict.MATCH, self._calibration
        )
        return Judged(ranking, verdict, judged.known, probabilities)

    def _judged(self, ranking: Ranking, found: Snapshot, embedding: NDArray[np.float32]) -> Judged:
        closeness = self._closeness(ranking, found, embedding) if self._calibration.leading and len(ranking) else None
        return Judged(ranking, *judge(ranking.similarities, self._calibration, closeness))

    def _closeness(self, ranking: Ranking, found: Snapshot, embedding: NDArray[np.float32]) -> float:
        """How close the first product's picture is in the leading numbers, -1..1.

        What `overlay_rules.shared` takes off the cosine of a confirmation is taken off here too.
        """
        reference = int(ranking.references[0])
        if reference < 0:
            views = found.vectors[found.references == reference]
        else:
            views = self._generation.index.vectors(self._owners.labels_of_reference(reference))
        cosines = np.einsum("ij,j->i", views, embedding)
        nearest = int(cosines.argmax())
        close = leading(views[nearest], self._calibration) @ leading(embedding, self._calibration)
        return float(np.clip(close + ranking.similarities[0] - cosines[nearest], -1.0, 1.0))

    def photo(self, reference_id: int) -> bytes:
        """JPEG bytes of what was confirmed, for a `Candidate.reference_id` below 0; empty where it was not kept."""
        try:
            return self._file.crop(-reference_id)
        except errors.EngineError as error:
            log.warning("%s", error)
            return b""

    # -- what people say ---------------------------------------------------------------------------------------------

    def say(
        self, kind: Kind, sku: str, result: LookupResult, picture: Picture, encoder: Encoder, who: str = ""
    ) -> Standing:
        """Keep that a picture is, or is not, a product; lookups know it at once.

        Args:
            kind: confirmed or refused.
            sku: the product.
            result: the lookup's answer to the picture.
            picture: RGB uint8 (H, W, 3); the region that the lookup looked at is kept, if the settings say so.
            encoder: of the generation; it looks again at an answer that another encoder gave.
            who: who says it.

        Returns:
            What becomes of it: a confirmation may be quarantined.

        Raises:
            UnknownSku, CatalogBusy, OverlayDamaged, DiskFull, NotWritable: nothing is kept then.
        """
        self._generation.catalog.product(sku)
        self._erase_old()
        query = result.query
        if query is None or query.encoder_id != self._encoder_id:
            query = Query(see_region(encoder, picture, result.region, Cost()).embedding, self._encoder_id)
        kept, seal = self._kept(picture, result.region), self._settings.encrypt_confirmed_pictures
        number = self._file.add(sku, kind, who, datetime.now(UTC), query.encoder_id, query.embedding, kept, seal)
        standing = next(one for one in self.snapshot().standings if one.feedback.id == number)
        log.info("%s: %s, %s %s", kind.value, sku, standing.status.value, standing.reason.value)
        return standing

    def undo(self, number: int) -> None:
        """Take one back. Raises UnknownFeedback, CatalogBusy, OverlayDamaged, DiskFull, NotWritable."""
        self._file.undo(number, datetime.now(UTC))
        self.snapshot()

    def teachable(self) -> list[tuple[Feedback, bytes]]:
        """Confirmations that an encoder may be trained on, with their JPEG bytes: none that is held back.

        Raises OverlayDamaged, CatalogBusy.
        """
        active = [
            one.feedback
            for one in self.snapshot().standings
            if one.status is Status.ACTIVE and one.feedback.kind is Kind.CONFIRMED
        ]
        found = [(feedback, self._file.crop(feedback.id)) for feedback in active if feedback.has_crop]
        return [(feedback, jpeg) for feedback, jpeg in found if jpeg]

    def _kept(self, picture: Picture, region: Region) -> bytes:
        if not self._settings.keep_confirmed_pictures:
            return b""
        return thumbnail(crop(picture, region), CROP_SIDE_PX, CROP_QUALITY)

    # -- upkeep ------------------------------------------------------------------------------------------------------

    def prepare(self, encoder: Encoder) -> None:
        """Before the first lookup: erase pictures whose time is over, and encode what this encoder has not seen.

        Where the settings wish pictures to be encrypted, those from before that wish are encrypted now.

        Nothing here stops a lookup: what cannot be read or written is logged. What has neither a vector of this encoder
        nor a picture, or a product that is gone, is parked, which is logged too.
        """
        self._erase_old()
        if self._settings.encrypt_confirmed_pictures:
            self._seal()
        waiting = [one.feedback for one in self.current().standings if waits_for_encoder(one.feedback)]
        for start in range(0, len(waiting), _TOGETHER):
            self._encode(waiting[start : start + _TOGETHER], encoder)
        if waiting:
            with self._lock:
                self._state = (None, NOTHING)
        parked = Counter(one.reason for one in self.current().standings if one.status is Status.PARKED)
        for reason, count in parked.items():
            log.warning("%d confirmations or refusals are parked: %s.", count, reason.value)

    def _erase_old(self) -> None:
        before = expiry(datetime.now(UTC), self._settings.confirmed_picture_days)
        if before is None:
            return
        try:
            erased = self._file.erase_crops(before)
        except errors.EngineError as error:
            log.warning("old pictures of confirmations are not erased: %s", error)
            return
        if erased:
            log.info("%d pictures of confirmations were older than the settings allow and are erased.", erased)

    def _seal(self) -> None:
        try:
            count = self._file.seal_crops()
        except errors.EngineError as error:
            log.warning("pictures of confirmations are not encrypted: %s", error)
            return
        if count:
            log.info("%d pictures of confirmations are encrypted now.", count)

    def _encode(self, waiting: list[Feedback], encoder: Encoder) -> None:
        """Make vectors of crops and store them; where that fails they are kept for this run."""
        made: dict[int, NDArray[np.float32]] = {}
        for feedback in waiting:
            try:
                picture = decode_picture(self._file.crop(feedback.id), f"confirmation {feedback.id}")
            except errors.EngineError as error:
                log.warning("%s", error)
                self._unreadable.add(feedback.id)
                continue
            made[feedback.id] = see_region(encoder, picture, WHOLE, Cost()).embedding
        try:
            self._file.add_vectors(self._encoder_id, made)
        except errors.EngineError as error:
            log.warning("new vectors of confirmations are not stored: %s", error)
            self._encoded |= made
        log.info("%d confirmations or refusals were encoded by %s.", len(made), self._encoder_id)

    def _refresh(self, file: OverlayFile) -> Snapshot:
        with self._lock:
            # The stamp first: what is written while we read gives another one, and is read next time.
            stamp = file.stamp()
            if self._damaged is not None and self._damaged[0] == stamp:
                raise errors.OverlayDamaged(**self._damaged[1].fields)
            if stamp != self._state[0]:
                try:
                    said = file.read(self._encoder_id)
                except errors.OverlayDamaged as error:
                    self._damaged = (stamp, error)
                    raise
                self._state = (stamp, self._snapshot_of(said))
            return self._state[1]

    def _snapshot_of(self, said: tuple[Feedback, ...]) -> Snapshot:
        ids = self._generation.catalog.product_ids({one.sku for one in said})
        dimension = self._generation.manifest.dimension
        said = tuple(self._usable(one, dimension) for one in said)
        confirmed_skus = {one.sku for one in said if one.kind is Kind.CONFIRMED and one.vector is not None} & ids.keys()
        references = {sku: self._generation.index.vectors(self._owners.labels_of(ids[sku])) for sku in confirmed_skus}
        found = tuple(standings(said, ids, references, self._calibration, self._unreadable))
        counted = [one for one in found if one.status in (Status.ACTIVE, Status.QUARANTINED)]
        confirmed = [one for one in counted if one.feedback.kind is Kind.CONFIRMED]
        refused = [one for one in counted if one.feedback.kind is Kind.REFUSED]
        return Snapshot(
            vectors=_rows(confirmed, dimension),
            products=_numbers([ids[one.feedback.sku] for one in confirmed]),
            references=_numbers([-one.feedback.id for one in confirmed]),
            quarantined=np.array([one.status is Status.QUARANTINED for one in confirmed], dtype=bool),
            photographed=np.array([len(references[one.feedback.sku]) > 0 for one in confirmed], dtype=bool),
            refused=_rows(refused, dimension),
            refused_products=_numbers([ids[one.feedback.sku] for one in refused]),
            standings=found,
        )

    def _usable(self, one: Feedback, dimension: int) -> Feedback:
        """The same with the vector that this run made, and without one of another length."""
        vector = self._encoded.get(one.id) if one.vector is None and one.undone_at is None else one.vector
        if vector is not None and len(vector) != dimension:
            vector = None
        return one if vector is one.vector else replace(one, vector=vector)


def login_name() -> str:
    """Who is logged in on this machine; empty where the system does not say."""
    import getpass  # late: it costs a start 4 ms

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def calibration_of(generation: Generation) -> Calibration:
    """The calibration in a generation's manifest. Raises CatalogDamaged if it makes no sense."""
    try:
        return Calibration.from_dict(generation.manifest.calibration)
    except (TypeError, ValueError) as error:
        raise errors.CatalogDamaged(folder=generation.path.parent, reason="its calibration makes no sense") from error


def _rows(standings: list[Standing], dimension: int) -> Vectors:
    rows = [one.feedback.vector for one in standings if one.feedback.vector is not None]
    return np.stack(rows) if rows else np.zeros((0, dimension), dtype=np.float32)


def _numbers(values: list[int]) -> Labels:
    return np.array(values, dtype=np.int64)
