"""Figures of recognition: how often the right product comes first, and what the verdicts are worth. Mostly pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.recognition_catalog import Stored
from benchmarks.recognition_figures import Accuracy, Calibrated, GalleryFigures, Separation, Share, UnseenFigures
from benchmarks.recognition_shop import SEED, Shop
from benchmarks.recognition_strategies import lookup_closeness, lookup_scores, plain, ranks
from engine.evaluate import TOP, Answer, Evaluation, summary
from engine.lookup import Lookup
from engine.metrics import Numbers
from engine.records import Vectors, Verdict
from engine.verdict import Calibration, known_probability

#: Photos of each product in the gallery that unseen products are asked of.
UNSEEN_PHOTOS = 3
#: Parts that the products are divided into; each is left out of the catalog once.
FOLDS = 5
#: What a catalog's own calibration assumes: four known items for each stranger.
KNOWN_A_STRANGER = 4


def ask(lookup: Lookup, shop: Shop) -> list[Answer]:
    """The real lookup's answers, known queries first."""
    return [Answer(query, lookup.look_up_file(query.path, TOP)) for query in shop.queries]


def gallery_figures(
    answers: Sequence[Answer], left_out: Separation | None, strategies: dict[str, Accuracy]
) -> GalleryFigures:
    """Sum answers up, with what was measured beside them."""
    everything = summary(answers)
    known = [answer for answer in answers if answer.query.sku]
    strangers = [answer for answer in answers if not answer.query.sku]
    usual = summary([*known, *strangers[: len(known) // KNOWN_A_STRANGER]])
    results = [answer.result for answer in known if answer.result is not None]
    places = np.array([_place(answer) for answer in known], dtype=np.int64)
    matched = [answer for answer in answers if answer.result and answer.result.verdict is Verdict.MATCH]
    wrong = np.array([_place(answer) != 0 for answer in matched], dtype=np.float64)
    strange = [answer.result.verdict is Verdict.UNKNOWN for answer in strangers if answer.result is not None]
    interval = everything.intervals["auroc_known"]
    return GalleryFigures(
        accuracy=Accuracy.of(places),
        match=sum(result.verdict is Verdict.MATCH for result in results) / len(known),
        unknown=sum(result.verdict is Verdict.UNKNOWN for result in results) / len(known),
        strangers_unknown=float(np.mean(strange)) if strange else None,
        wrong=Share.of(wrong),
        apart_from_strangers=None
        if everything.auroc_known is None or interval is None
        else Separation(everything.auroc_known, interval),
        apart_from_left_out=left_out,
        calibration=_calibrated(everything),
        calibration_4_to_1=_calibrated(usual),
        risk_coverage=usual.risk_coverage,
        match_point=_match_point(usual),
        strategies=strategies,
    )


def left_out_products(
    stored: Stored, calibration: Calibration, queries: Vectors, skus: Sequence[str]
) -> tuple[Numbers, Numbers]:
    """`known` of known items and of items whose product is not in the catalog, float64 (N,) each.

    The products are divided into FOLDS parts, and the catalog lacks one part at a time. Each query (N, D), which shows
    its SKU, asks twice: while its own product's part is left out, and while another part is.
    """
    scores, truth = lookup_scores(stored.photos, queries), stored.columns(skus)
    close = lookup_closeness(stored.photos, queries, calibration)
    fold = np.random.default_rng(SEED).permutation(scores.shape[1]) % FOLDS
    known, strange = np.zeros(len(truth)), np.zeros(len(truth))
    for without in range(FOLDS):
        there = scores[:, fold != without]
        first = close[:, fold != without][np.arange(len(there)), there.argmax(axis=1)]
        there = -np.sort(-there, axis=1)
        for into, asking in ((strange, fold[truth] == without), (known, (fold[truth] + 1) % FOLDS == without)):
            into[asking] = [
                known_probability(row, calibration, float(near))
                for row, near in zip(there[asking], first[asking], strict=True)
            ]
    return known, strange


def unseen(stored: Mapping[str, Stored], shop: Shop) -> dict[str, UnseenFigures]:
    """Photos of products that training left out ask two galleries: a few photos of every product, and the iconic one.

    They are photos of the natural gallery: of each product a few, drawn by the seed, answer, and the others ask.
    """
    natural = stored["natural"]
    photos, rng = natural.photos, np.random.default_rng(SEED)
    kept = np.zeros(len(photos.products), dtype=np.bool_)
    for product in natural.skus:
        own = rng.permutation(np.flatnonzero(photos.products == product))
        kept[own[: min(UNSEEN_PHOTOS, max(1, len(own) - 1))]] = True
    left_out = [identity for identity, sku in natural.skus.items() if sku in shop.left_out]
    asking = photos.part(np.isin(photos.products, left_out) & ~kept)
    skus = [natural.skus[int(product)] for product in asking.products]
    packaged = np.array([sku in shop.packaged for sku in skus], dtype=np.bool_)
    galleries = {
        f"{UNSEEN_PHOTOS} photos": Stored(photos.part(kept), natural.skus),
        "iconic": stored["iconic"],
    }
    found = {}
    for name, gallery in galleries.items():
        truth = gallery.columns(skus)
        scores = plain(gallery.photos, asking.whole, asking.region)
        places = {way: ranks(score, truth) for way, score in scores.items()}
        found[name] = UnseenFigures(
            {way: Accuracy.of(place) for way, place in places.items()},
            {way: Accuracy.of(place[packaged]) for way, place in places.items()},
        )
    return found


def _place(answer: Answer) -> int:
    """Place of the true SKU among the candidates, from 0; TOP if it is not there."""
    skus = [candidate.product.sku for candidate in answer.result.candidates] if answer.result else []
    return skus.index(answer.query.sku) if answer.query.sku in skus else TOP


def _calibrated(found: Evaluation) -> Calibrated | None:
    if found.calibration_first is None or found.calibration_known is None:
        return None
    return Calibrated(found.calibration_first.ece, found.calibration_known.ece)


def _match_point(found: Evaluation) -> tuple[float, float] | None:
    matches = found.verdicts[Verdict.MATCH.value]
    return (matches / (found.queries - found.unreadable), found.wrong_match_rate) if matches else None
