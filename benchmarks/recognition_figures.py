"""The figures of recognition, as they are printed and written: shares 0..1, each with its 95 % interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.evaluate import Interval, Selection
from engine.metrics import Numbers, Ranks, auroc, bootstrap_interval_of, hits_at, share_interval

#: Of the draws for intervals, so that a table can be made again.
_SEED = 0


@dataclass(frozen=True)
class Share:
    """A share 0..1 of `count` queries, with its 95 % interval."""

    value: float
    interval: Interval
    count: int

    @classmethod
    def of(cls, hits: Numbers) -> Share | None:
        """None of no queries."""
        if not len(hits):
            return None
        return cls(float(hits.mean()), share_interval(hits, np.random.default_rng(_SEED)), len(hits))


@dataclass(frozen=True)
class Accuracy:
    """Top-1 and top-5."""

    top1: Share | None
    top5: Share | None

    @classmethod
    def of(cls, places: Ranks) -> Accuracy:
        """From the places of the right products, from 0."""
        return cls(Share.of(hits_at(places, 1)), Share.of(hits_at(places, 5)))


@dataclass(frozen=True)
class Separation:
    """AUROC of `known`, 0..1, with its 95 % interval."""

    value: float
    interval: Interval

    @classmethod
    def of(cls, known: Numbers, strange: Numbers) -> Separation | None:
        """None where one of them is empty."""
        if not len(known) or not len(strange):
            return None
        interval = bootstrap_interval_of(auroc, [known, strange], np.random.default_rng(_SEED))
        return cls(auroc(known, strange), interval)


@dataclass(frozen=True)
class Calibrated:
    """Expected calibration errors, 0..1, of the first candidate's probability and of `known`."""

    first: float
    known: float


@dataclass(frozen=True)
class GalleryFigures:
    """What the real lookup says in one gallery.

    Shares of verdicts are of the known queries. `wrong` is of all MATCH verdicts, strangers' among them.
    `apart_from_left_out` takes products that are not in the catalog for strangers. `calibration` is over all queries,
    `calibration_4_to_1` over the known ones and a quarter as many strangers; so is
    `risk_coverage`, where `match_point` is the share that is said as MATCH and the share of these that is wrong.
    """

    accuracy: Accuracy
    match: float
    unknown: float
    strangers_unknown: float | None
    wrong: Share | None
    apart_from_strangers: Separation | None
    apart_from_left_out: Separation | None
    calibration: Calibrated | None
    calibration_4_to_1: Calibrated | None
    risk_coverage: Selection | None
    match_point: tuple[float, float] | None
    strategies: dict[str, Accuracy]


@dataclass(frozen=True)
class UnseenFigures:
    """Photos of products that training left out ask a gallery of all products: by way to ask, and packages alone."""

    everything: dict[str, Accuracy]
    packaged: dict[str, Accuracy]


@dataclass(frozen=True)
class Row:
    """All figures of one encoder in one variant; a gallery that `skulens adapt` left as it was is not there."""

    encoder: str
    variant: str
    encoder_id: str
    galleries: dict[str, GalleryFigures]
    unseen: dict[str, UnseenFigures] | None = None


@dataclass(frozen=True)
class Recognition:
    """What was measured, on which photos; `notes` say what is missing and what adapting did."""

    shop: str
    known: int
    strangers: int
    packaged_unseen: bool
    rows: list[Row]
    notes: list[str]
