"""From similarities to an answer: how sure are we, which product, and may we say so.

Two questions are kept apart. *Is the item in the catalog at all?* is a logistic on how close the best product is and on
how far it stands out of the crowd: a stranger resembles many products a little, a known item one product (and its
twins) a lot. The crowd is taken behind the first few ranks, so that near-twins do not make a known item look strange.
How close is asked of the embedding's leading numbers alone, where an encoder was trained to tell products apart by
them: what all store photos have in common (shelf, light, hands) is in the others, and a studio picture has none of it.
*Which one, if it is?* is a softmax over the similarities; its temperature says how far two photos of one product differ
by chance, so near-twins share the probability instead of one of them winning it.

A confident wrong SKU costs a store more than an honest "not sure", so MATCH needs a high probability of one product.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from engine.records import Vectors, Verdict

#: Ranks (from 0) of the products that make the crowd: behind two twins of the best one.
CROWD_RANKS = slice(3, 11)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a catalog generation knows about its own similarities; it travels in the manifest.

    known = sigmoid(bias + similarity_slope * closeness + contrast_slope * (best - crowd)), where closeness is `best`
    in the first `leading` numbers. The defaults serve a catalog that is too small to learn from itself; `calibrate.py`
    says where they come from.
    """

    bias: float = -8.0
    similarity_slope: float = 12.0
    #: at least 0, like `similarity_slope`: a better picture never makes an item less known
    contrast_slope: float = 6.0
    #: crowd similarity assumed where a catalog has too few products to have a crowd
    crowd: float = 0.3
    #: of the softmax over cosines; greater is more cautious between twins
    temperature: float = 0.04
    #: least probability of one product for MATCH, 0..1
    match_at: float = 0.9
    #: least `known` for anything but UNKNOWN, 0..1
    known_at: float = 0.5
    #: how many numbers of an embedding, from the first on, say how close a product is; 0 is all of them
    leading: int = 0
    #: how many simulated queries of known items and of strangers it was fitted to; 0 means the defaults
    known_queries: int = 0
    stranger_queries: int = 0

    def __post_init__(self) -> None:
        numbers = [getattr(self, spec.name) for spec in fields(self)]
        if not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers):
            raise ValueError(f"not finite: {self}")
        if self.temperature <= 0 or self.similarity_slope < 0 or self.contrast_slope < 0:
            raise ValueError(f"temperature must be positive and slopes at least 0: {self}")
        if not isinstance(self.leading, int) or self.leading < 0:
            raise ValueError(f"leading numbers are counted: {self}")
        if not (0.5 < self.match_at <= 1 and 0 <= self.known_at <= self.match_at):
            raise ValueError(f"thresholds out of order: {self}")

    def to_dict(self) -> dict[str, float]:
        """Plain numbers for the manifest."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, float]) -> Calibration:
        """Read what `to_dict` wrote; unknown names of a later version are ignored.

        Raises ValueError if a value is not a finite number or out of its range.
        """
        names = {spec.name for spec in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in names})  # type: ignore[arg-type]


#: The defaults.
UNFITTED = Calibration()


def crowd_similarity(similarities: NDArray[np.floating], calibration: Calibration) -> float:
    """Mean cosine of the products at `CROWD_RANKS`; the calibration's where the catalog has no such ranks.

    `similarities` is (P,), best first. Never more than the best, so the contrast is never negative.
    """
    ranks = similarities[CROWD_RANKS]
    crowd = float(np.mean(ranks, dtype=np.float64)) if len(ranks) else calibration.crowd
    return min(crowd, float(similarities[0]))


def leading(vectors: Vectors, calibration: Calibration) -> Vectors:
    """The numbers of unit rows (..., D) that say how close a product is, brought back to length 1."""
    if not 0 < calibration.leading < vectors.shape[-1]:
        return vectors
    cut = vectors[..., : calibration.leading]
    lengths = np.sqrt(np.einsum("...i,...i->...", cut, cut))[..., None]
    return np.asarray(cut / np.maximum(lengths, 1e-6), dtype=np.float32)


def known_probability(
    similarities: NDArray[np.floating], calibration: Calibration, closeness: float | None = None
) -> float:
    """Probability (0..1) that the item is in the catalog; `similarities` (P,), P at least 1, best first.

    `closeness` is the cosine of the `leading` numbers to the first product's nearest picture; None where that is the
    first similarity, because all numbers lead.
    """
    best = float(similarities[0])
    close = best if closeness is None else closeness
    contrast = best - crowd_similarity(similarities, calibration)
    return sigmoid(calibration.bias + calibration.similarity_slope * close + calibration.contrast_slope * contrast)


def shares(similarities: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Softmax of cosines (P,) at a temperature: the probability of each product, given that the item is one of them."""
    exponents = (similarities.astype(np.float64) - float(similarities[0])) / temperature
    weights = np.exp(np.minimum(exponents, 0.0))
    return np.asarray(weights / weights.sum())


def judge(
    similarities: NDArray[np.floating], calibration: Calibration, closeness: float | None = None
) -> tuple[Verdict, float, NDArray[np.float64]]:
    """Judge the best cosine per product.

    `similarities` is (P,), best first, -1..1; `closeness` as for `known_probability`. Returns the verdict, `known`
    (0..1) and the probabilities (P,), in the same order: known times the share of each, so they sum to `known`.
    Without any product it is UNKNOWN. Raises ValueError if the similarities are not finite or not in order.
    """
    if not len(similarities):
        return Verdict.UNKNOWN, 0.0, np.zeros(0)
    if not np.all(np.isfinite(similarities)) or np.any(np.diff(similarities) > 0):
        raise ValueError("similarities must be finite and best first")
    if closeness is not None and not math.isfinite(closeness):
        raise ValueError("closeness must be finite")
    known = known_probability(similarities, calibration, closeness)
    probabilities = np.minimum(known * shares(similarities, calibration.temperature), 1.0)
    if known < calibration.known_at:
        verdict = Verdict.UNKNOWN
    elif probabilities[0] >= calibration.match_at:
        verdict = Verdict.MATCH
    else:
        verdict = Verdict.AMBIGUOUS
    return verdict, known, probabilities


def sigmoid(score: float) -> float:
    """The logistic function, without overflow."""
    if score >= 0:
        return 1.0 / (1.0 + math.exp(-score))
    exponential = math.exp(score)
    return exponential / (1.0 + exponential)
