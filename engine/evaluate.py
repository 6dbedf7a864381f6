"""How good are the answers? Measuring a catalog over a list of pictures whose SKU is known.

What each figure means is in docs/measuring.md; the formulas are in engine.metrics.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import numpy as np

from engine import metrics
from engine.config import Limits
from engine.errors import ImageError, QueriesError, UnknownSku
from engine.lookup import Lookup
from engine.records import LookupResult, Progress, ProgressCallback, Verdict, no_progress

#: Candidates asked for each query: as many as mAP@10 needs.
TOP = 10
#: A rank that is behind every candidate.
ABSENT = TOP
#: The share of wrong answers up to which the coverage is told: what a store may tolerate among its matches.
RISK = 0.02
#: Points of the curve that are kept; its area is that of all.
_CURVE_POINTS = 101
_NO_CATEGORIES: Mapping[str, str] = MappingProxyType({})

Found = TypeVar("Found")
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Query:
    """One row of queries.csv: a picture and the SKU that is on it, "" for an item that is not in the catalog."""

    path: Path
    sku: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a lookup said to one query; `result` is None for an unreadable picture."""

    query: Query
    result: LookupResult | None


@dataclass(frozen=True, slots=True)
class CategoryAccuracy:
    """Accuracy over the known queries of one category; "" are the products without one."""

    category: str
    queries: int
    top1: float
    top5: float
    map10: float
    top1_interval: Interval


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """With answers given from `threshold` on: the share answered, and the share of these that is wrong."""

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class Selection:
    """Risk over coverage of all readable queries, by the first candidate's probability.

    An answer is wrong if it is not the SKU of the query; any SKU is wrong for a stranger. `area` is 0..1, 0 is best;
    `coverage_at_2_percent` is the greatest coverage at which no more than RISK of the answers are wrong.
    """

    area: float
    coverage_at_2_percent: float
    curve: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Queries whose probability is in `lower`..`upper`: their mean probability and the share that came true."""

    lower: float
    upper: float
    count: int
    promised: float
    kept: float


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """How far a probability is from what happens, 0..1, over all readable queries, and its bins that hold any."""

    ece: float
    bins: tuple[CalibrationBin, ...]


@dataclass(frozen=True, slots=True)
class Confusion:
    """Queries of `sku` ("" for strangers) whose first candidate was `answered`.

    A stranger counts unless the verdict was UNKNOWN, a known item whatever the verdict was. `matches` is how many of
    the `count` were said as MATCH, `probability` the mean of the first candidate's. `picture` is the query that was
    answered with most confidence, `answered_reference` the id of the catalog photo that it fitted, `reference` that of
    its own product's nearest photo; None if that was not among the candidates.
    """

    sku: str
    answered: str
    count: int
    matches: int
    probability: float
    picture: Path
    answered_reference: int
    reference: int | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What `skulens eval` prints. Counts are counts, all shares are fractions 0..1, times are in milliseconds.

    `top1`, `top5` and `map10` are over the known queries, None without any; an unreadable one is a wrong one.
    `wrong_match_rate` is the share of wrong SKUs (strangers among them) in all MATCH verdicts, 0 where there is none;
    `match_coverage` the share of the known queries with that verdict. `map10` is the mean average precision at 10: with
    one right product a query it is the mean of 1 / rank. `auroc_known` separates known items from strangers by
    `LookupResult.known`. `intervals` are 95 % intervals, None where a figure has nothing to stand on.
    """

    queries: int
    known: int
    strangers: int
    unreadable: int
    top1: float | None
    top5: float | None
    verdicts: dict[str, int]
    wrong_match_rate: float
    latency_ms: dict[str, float]
    map10: float | None
    match_coverage: float | None
    auroc_known: float | None
    risk_coverage: Selection | None
    calibration_first: CalibrationError | None
    calibration_known: CalibrationError | None
    intervals: dict[str, Interval | None]
    categories: tuple[CategoryAccuracy, ...]
    confusions: tuple[Confusion, ...]


def read_queries(path: Path, limits: Limits | None = None) -> list[Query]:
    """Read a CSV (UTF-8) with the columns path and sku; paths are relative to the file.

    Raises QueriesError for a file that cannot be used: missing, not a table, without these columns or without rows.
    """
    limits = limits or Limits()
    try:
        if path.stat().st_size > limits.table_file_bytes:
            raise QueriesError(name=path.name, reason="it is too large")
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = [name.strip().casefold() for name in reader.fieldnames or []]
            for needed in ("path", "sku"):
                if needed not in columns:
                    raise QueriesError(name=path.name, reason=f"it has no column {needed}")
            reader.fieldnames = columns
            queries = [_query(row, path, reader.line_num) for row in reader]
    except OSError as error:
        raise QueriesError(name=path.name, reason=error.strerror or "it cannot be read") from error
    except UnicodeDecodeError as error:
        raise QueriesError(name=path.name, reason="it is not UTF-8 text") from error
    except csv.Error as error:
        raise QueriesError(name=path.name, reason=f"it is not a CSV file: {error}") from error
    if not queries:
        raise QueriesError(name=path.name, reason="it has no rows")
    return queries


def evaluate(lookup: Lookup, queries: Sequence[Query], progress: ProgressCallback = no_progress) -> Evaluation:
    """Look every query up, one after the other, as a person would, and sum up.

    Raises UnknownSku before anything is looked up if a query names a SKU that the catalog does not hold.
    """
    products = check_skus(queries, lookup.generation.catalog.product)
    answers = []
    for done, query in enumerate(queries):
        progress(Progress("eval", done, len(queries)))
        try:
            result = lookup.look_up_file(query.path, TOP)
        except ImageError:
            answers.append(Answer(query, None))
        else:
            answers.append(Answer(query, result))
    progress(Progress("eval", len(queries), len(queries)))
    return summary(answers, {sku: product.category for sku, product in products.items()})


def check_skus(queries: Sequence[Query], product: Callable[[str], Found]) -> dict[str, Found]:
    """Ask the catalog for every SKU that the queries name. Raises UnknownSku with the picture that names it."""
    found = {}
    for sku, query in {query.sku: query for query in reversed(queries) if query.sku}.items():
        try:
            found[sku] = product(sku)
        except UnknownSku as error:
            raise UnknownSku(sku=sku, where=f"of {query.path.name}") from error
    return found


def summary(answers: Sequence[Answer], categories: Mapping[str, str] = _NO_CATEGORIES) -> Evaluation:
    """Sum answers up; `categories` has the category of each SKU. Pure, and the same every time."""
    known = [answer for answer in answers if answer.query.sku]
    ranks = np.array([_rank(answer) for answer in known], dtype=np.int64)
    top1, top5 = metrics.hits_at(ranks, 1), metrics.hits_at(ranks, 5)
    precision = metrics.reciprocal_ranks(ranks, TOP)
    seen = [(answer, answer.result) for answer in answers if answer.result is not None]
    matched = [answer for answer, result in seen if result.verdict is Verdict.MATCH]
    wrong_matches = np.array([_rank(answer) != 0 for answer in matched], dtype=np.float64)
    latencies = [result.timings_ms["total"] for _, result in seen]
    sureness = np.array([_first_probability(result) for _, result in seen])
    wrong = np.array([_rank(answer) != 0 for answer, _ in seen], dtype=np.bool_)
    knowing = np.array([result.known for _, result in seen])
    is_known = np.array([bool(answer.query.sku) for answer, _ in seen], dtype=np.bool_)
    apart = [knowing[is_known], knowing[~is_known]] if is_known.any() and not is_known.all() else None
    return Evaluation(
        queries=len(answers),
        known=len(known),
        strangers=len(answers) - len(known),
        unreadable=len(answers) - len(seen),
        top1=_mean(top1),
        top5=_mean(top5),
        verdicts={verdict.value: sum(result.verdict is verdict for _, result in seen) for verdict in Verdict},
        wrong_match_rate=_mean(wrong_matches) or 0.0,
        latency_ms={
            name: float(np.percentile(latencies, at)) if latencies else 0.0
            for name, at in (("p50", 50), ("p90", 90), ("p99", 99), ("max", 100))
        },
        map10=_mean(precision),
        match_coverage=sum(bool(answer.query.sku) for answer in matched) / len(known) if known else None,
        auroc_known=metrics.auroc(*apart) if apart else None,
        risk_coverage=_selection(sureness, wrong) if seen else None,
        calibration_first=_calibration(sureness, ~wrong) if seen else None,
        calibration_known=_calibration(knowing, is_known) if seen else None,
        intervals={
            "top1": _interval(top1),
            "top5": _interval(top5),
            "map10": _interval(precision),
            "wrong_match_rate": _interval(wrong_matches),
            "risk_coverage_area": _area_interval(sureness, wrong) if seen else None,
            "auroc_known": metrics.bootstrap_interval_of(metrics.auroc, apart, _rng()) if apart else None,
        },
        categories=_by_category(known, ranks, categories),
        confusions=confusions(answers),
    )


def confusions(answers: Sequence[Answer]) -> tuple[Confusion, ...]:
    """Which SKU was taken for which; worst first: what was said as MATCH, then what is frequent, then what was sure."""
    cases: dict[tuple[str, str], list[tuple[Query, LookupResult]]] = defaultdict(list)
    for answer in answers:
        result, sku = answer.result, answer.query.sku
        if result is None or not result.candidates or (not sku and result.verdict is Verdict.UNKNOWN):
            continue
        answered = result.candidates[0].product.sku
        if answered != sku:
            cases[sku, answered].append((answer.query, result))
    found = [_confusion(sku, answered, case) for (sku, answered), case in cases.items()]
    return tuple(sorted(found, key=lambda one: (-one.matches, -one.count, -one.probability, one.sku, one.answered)))


def _confusion(sku: str, answered: str, case: Sequence[tuple[Query, LookupResult]]) -> Confusion:
    query, result = max(case, key=lambda one: _first_probability(one[1]))
    right = [candidate.reference_id for candidate in result.candidates if candidate.product.sku == sku]
    return Confusion(
        sku=sku,
        answered=answered,
        count=len(case),
        matches=sum(one.verdict is Verdict.MATCH for _, one in case),
        probability=float(np.mean([_first_probability(one) for _, one in case])),
        picture=query.path,
        answered_reference=result.candidates[0].reference_id,
        reference=(right[0] or None) if right else None,
    )


def _by_category(
    known: Sequence[Answer], ranks: metrics.Ranks, categories: Mapping[str, str]
) -> tuple[CategoryAccuracy, ...]:
    """The worst category first; of equal ones the one with more queries."""
    names = np.array([categories.get(answer.query.sku, "") for answer in known], dtype=object)
    found = []
    for name in dict.fromkeys(names.tolist()):
        own = ranks[names == name]
        hits = metrics.hits_at(own, 1)
        found.append(
            CategoryAccuracy(
                category=name,
                queries=len(own),
                top1=float(hits.mean()),
                top5=float(metrics.hits_at(own, 5).mean()),
                map10=float(metrics.reciprocal_ranks(own, TOP).mean()),
                top1_interval=metrics.share_interval(hits, _rng()),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.top1, -one.queries, one.category)))


def _selection(sureness: metrics.Numbers, wrong: metrics.Flags) -> Selection:
    found = metrics.risk_coverage(sureness, wrong)
    last = len(found.coverage) - 1
    kept = sorted({round(place) for place in np.linspace(0, last, _CURVE_POINTS).tolist()})
    columns = (found.threshold[kept], found.coverage[kept], found.risk[kept])
    points = zip(*(column.tolist() for column in columns), strict=True)
    return Selection(found.area, found.coverage_at(RISK), tuple(CurvePoint(*point) for point in points))


def _calibration(probabilities: metrics.Numbers, happened: metrics.Flags) -> CalibrationError:
    found = metrics.reliability(probabilities, happened)
    columns = (found.lower, found.upper, found.count, found.promised, found.kept)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return CalibrationError(found.ece, tuple(CalibrationBin(*row) for row in rows))


def _area_interval(sureness: metrics.Numbers, wrong: metrics.Flags) -> Interval:
    pairs = np.c_[sureness, wrong]
    return metrics.bootstrap_interval_of(
        lambda drawn: metrics.risk_coverage(drawn[:, 0], drawn[:, 1] > 0).area, [pairs], _rng()
    )


def _interval(values: metrics.Numbers) -> Interval | None:
    return metrics.share_interval(values, _rng()) if len(values) else None


def _mean(values: metrics.Numbers) -> float | None:
    return float(values.mean()) if len(values) else None


def _rng() -> np.random.Generator:
    """The same draws for every figure, so that a report can be made again."""
    return np.random.default_rng(0)


def _first_probability(result: LookupResult) -> float:
    return result.candidates[0].probability if result.candidates else 0.0


def _rank(answer: Answer) -> int:
    """Place of the true SKU among the candidates, from 0; ABSENT if it is not there."""
    skus = [candidate.product.sku for candidate in answer.result.candidates[:TOP]] if answer.result else []
    return skus.index(answer.query.sku) if answer.query.sku in skus else ABSENT


def _query(row: dict[str, str], path: Path, line: int) -> Query:
    if row["path"] is None or not row["path"].strip():
        raise QueriesError(name=path.name, reason=f"line {line} names no picture")
    return Query(path.parent / row["path"].strip(), (row["sku"] or "").strip())
