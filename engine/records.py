"""The records that travel between the rooms: frozen, typed, without behaviour that needs a disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

#: A picture: RGB, uint8, (H, W, 3), C-contiguous.
Picture = NDArray[np.uint8]
#: A batch for the encoder: float32, (N, 3, S, S).
Tensor = NDArray[np.float32]
#: Rows of unit vectors: float32, (N, D), L2 norm 1.
Vectors = NDArray[np.float32]
#: Labels of stored vectors: int64, (N,) or (N, k).
Labels = NDArray[np.int64]

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Verdict(StrEnum):
    """What a lookup says."""

    MATCH = "match"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle in a picture; all values are fractions of its width and height, 0..1, from the top left."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        if not (0 <= self.x <= 1 and 0 <= self.y <= 1 and self.width > 0 and self.height > 0):
            raise ValueError(f"not a region: {self}")
        if self.x + self.width > 1 + 1e-6 or self.y + self.height > 1 + 1e-6:
            raise ValueError(f"region leaves the picture: {self}")


WHOLE = Region(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class StockLevel:
    """How many of one SKU are at one location, and since when we know."""

    location: str
    quantity: int
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Product:
    """One row of the catalog.

    `price_minor` is in minor units of `currency` (ISO 4217), e.g. cents; None if not given.
    """

    sku: str
    name: str
    brand: str = ""
    category: str = ""
    price_minor: int | None = None
    currency: str = ""
    gtin: str = ""
    aisle: str = ""
    description: str = ""
    attributes: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    names: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    descriptions: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that the item may be.

    `similarity` is the cosine (-1..1) of the best reference, or the mean of a confirmation's and the best photo's
    (engine.overlay_rules); `probability` is calibrated, 0..1, and sums to at most 1 over the candidates of a result.
    `reference_id` is the catalog photo that fits best; 0 where there is none, and below 0 where it is a confirmation of
    this machine: minus its number (engine.overlay).
    """

    product: Product
    probability: float
    similarity: float
    reference_id: int
    stock: tuple[StockLevel, ...] = ()

    @property
    def distance(self) -> float:
        """Euclidean distance between the two unit vectors, 0..2."""
        return float(np.sqrt(max(0.0, 2.0 - 2.0 * self.similarity)))


class Degraded(StrEnum):
    """What makes an answer less good than it could be. The window and the CLI have a sentence and a remedy for each."""

    GPU_NOT_USED = "gpu_not_used"
    BLURRED = "blurred"
    DARK = "dark"
    OVEREXPOSED = "overexposed"
    SMALL = "small"
    STOCK_STALE = "stock_stale"
    STOCK_MISSING = "stock_missing"
    CATALOG_OLD = "catalog_old"


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """What a picture asked the catalog: an embedding, float32 (D,) of length 1, and the encoder that made it."""

    embedding: NDArray[np.float32]
    encoder_id: str


@dataclass(frozen=True, slots=True)
class LookupResult:
    """The answer to one picture.

    `known` is the probability (0..1) that the item is in the catalog. `region` is where the lookup looked.
    `timings_ms` has a value for each step (decode, prepare, encode, search, read) and `total`, in milliseconds.
    `query` is what was asked, so that a person's confirmation can be kept as a reference.
    """

    verdict: Verdict
    known: float
    candidates: tuple[Candidate, ...]
    region: Region
    timings_ms: Mapping[str, float]
    degraded: tuple[Degraded, ...] = ()
    generation: str = ""
    query: Query | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long task is. `total` is 0 while it is not known; `rate_per_s` and `left_s` are None until measured."""

    step: str
    done: int
    total: int
    rate_per_s: float | None = None
    left_s: float | None = None


class ProgressCallback(Protocol):
    """Called from the thread that does the work. It may raise `errors.Interrupted` to stop the work cleanly."""

    def __call__(self, progress: Progress, /) -> None:
        """Take note of the progress."""


def no_progress(progress: Progress, /) -> None:
    """Ignore progress."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """One refused row, photo or cell: `file` relative to the source, `line` from 1 (None for a photo)."""

    file: str
    line: int | None
    sku: str
    code: str
    reason: str
