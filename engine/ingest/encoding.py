"""The features of all photos of a source: those that are stored, and the others encoded now."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from engine.config import Limits
from engine.encoder import Encoder
from engine.errors import EngineError
from engine.ingest.features import FeatureStore
from engine.ingest.pace import Pace
from engine.ingest.photos import SourcePhoto
from engine.ingest.pipeline import encode_photos
from engine.records import ProgressCallback, Rejected

_log = logging.getLogger(__name__)

#: What a crash may cost, at most: photos, or seconds of work, encoded again.
_COMMIT_PHOTOS = 256
_COMMIT_S = 5.0


@dataclass(slots=True)
class EncodedPhotos:
    """Which photos are usable: `hashes` has the SHA-256 of each, None for a refused one, in the input's order.

    `encoded` and `reused` count contents; `seconds` is the time that encoding took.
    """

    hashes: list[bytes | None]
    rejected: list[Rejected] = field(default_factory=list)
    encoded: int = 0
    reused: int = 0
    seconds: float = 0.0


def encode_source(
    photos: Sequence[SourcePhoto],
    encoder: Encoder,
    store: FeatureStore,
    progress: ProgressCallback,
    limits: Limits = Limits(),
) -> EncodedPhotos:
    """Encode what the store does not have yet; what was done is kept when it is interrupted.

    Raises Interrupted from `progress`, DiskFull, NotWritable and EncoderOutput.
    """
    result = EncodedPhotos([None] * len(photos))
    started = time.monotonic()
    errors: dict[int, EngineError] = {}
    fresh = _encode(range(len(photos)), photos, encoder, store, progress, limits, result, errors)
    # What was stored by earlier builds is read once before it is believed; what is damaged is encoded again.
    certain = fresh | _broken(errors, result.hashes).keys()
    lost = [
        place for place, sha256 in enumerate(result.hashes) if sha256 and not (sha256 in certain or store.get(sha256))
    ]
    if lost:
        _encode(lost, photos, encoder, store, progress, limits, result, errors)
    result.seconds = time.monotonic() - started
    broken = _broken(errors, result.hashes)
    for position, sha256 in enumerate(result.hashes):
        error = errors.get(position) or (broken.get(sha256) if sha256 else None)
        if error is not None:
            photo = photos[position]
            result.rejected.append(Rejected(photo.name, None, photo.sku, error.code, error.message))
            result.hashes[position] = None
    contents = {sha256 for sha256 in result.hashes if sha256 is not None}
    result.reused = len(contents) - result.encoded
    _log.info("encoded %d photos, reused %d", result.encoded, result.reused)
    return result


def _encode(
    places: Sequence[int],
    photos: Sequence[SourcePhoto],
    encoder: Encoder,
    store: FeatureStore,
    progress: ProgressCallback,
    limits: Limits,
    result: EncodedPhotos,
    errors: dict[int, EngineError],
) -> set[bytes]:
    """Encode the photos at `places`, add to `result` and `errors`, and return the contents that were encoded now."""
    fresh: set[bytes] = set()
    pace = Pace("encode", len(places), progress)
    committed, waiting = time.monotonic(), 0
    chosen = [photos[place] for place in places]
    try:
        with closing(encode_photos(chosen, encoder, store.__contains__, limits)) as outcomes:
            for outcome in outcomes:
                place = places[outcome.position]
                result.hashes[place] = outcome.sha256
                if outcome.error is not None:
                    errors[place] = outcome.error
                if outcome.features is not None:
                    store.add(outcome.features)
                    fresh.add(outcome.features.sha256)
                    result.encoded += 1
                    waiting += 1
                if waiting >= _COMMIT_PHOTOS or time.monotonic() - committed > _COMMIT_S:
                    store.commit()
                    committed, waiting = time.monotonic(), 0
                pace.advance()
    except BaseException:
        # What was encoded before the interruption is kept; the first trouble is the one to tell.
        with contextlib.suppress(EngineError):
            store.commit()
        raise
    store.commit()
    return fresh


def _broken(errors: Mapping[int, EngineError], hashes: Sequence[bytes | None]) -> dict[bytes, EngineError]:
    """Contents that are no usable picture: each copy of one shares its error."""
    return {sha256: error for position, error in errors.items() if (sha256 := hashes[position]) is not None}
