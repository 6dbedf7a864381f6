"""How good are the answers? Measuring a catalog over a list of pictures whose SKU is known."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.config import Limits
from engine.errors import ImageError, QueriesError, UnknownSku
from engine.lookup import Lookup
from engine.records import LookupResult, Progress, ProgressCallback, Verdict, no_progress

#: Candidates asked for each query: as many as `top5` needs.
TOP = 5


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
class Evaluation:
    """What `skulens eval` prints. Counts are counts, all shares are fractions 0..1, times are in milliseconds.

    `top1` and `top5` are shares of the known queries, None without any; an unreadable one is a wrong one.
    `wrong_match_rate` is the share of wrong SKUs (strangers among them) in all MATCH verdicts, 0 where there is none.
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
    check_skus(queries, lookup.generation.catalog.product)
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
    return summary(answers)


def check_skus(queries: Sequence[Query], product: Callable[[str], object]) -> None:
    """Ask the catalog for every SKU that the queries name. Raises UnknownSku with the picture that names it."""
    for sku, query in {query.sku: query for query in reversed(queries) if query.sku}.items():
        try:
            product(sku)
        except UnknownSku as error:
            raise UnknownSku(sku=sku, where=f"of {query.path.name}") from error


def summary(answers: Sequence[Answer]) -> Evaluation:
    """Sum answers up. Pure."""
    known = [answer for answer in answers if answer.query.sku]
    ranks = [_rank(answer) for answer in known]
    results = [answer for answer in answers if answer.result is not None]
    matches = [answer for answer in results if answer.result is not None and answer.result.verdict is Verdict.MATCH]
    wrong = [answer for answer in matches if _rank(answer) != 0]
    latencies = [answer.result.timings_ms["total"] for answer in results if answer.result is not None]
    verdicts = {verdict.value: 0 for verdict in Verdict}
    for answer in results:
        assert answer.result is not None
        verdicts[answer.result.verdict.value] += 1
    return Evaluation(
        queries=len(answers),
        known=len(known),
        strangers=len(answers) - len(known),
        unreadable=len(answers) - len(results),
        top1=sum(rank == 0 for rank in ranks) / len(known) if known else None,
        top5=sum(rank < TOP for rank in ranks) / len(known) if known else None,
        verdicts=verdicts,
        wrong_match_rate=len(wrong) / len(matches) if matches else 0.0,
        latency_ms={
            name: float(np.percentile(latencies, at)) if latencies else 0.0
            for name, at in (("p50", 50), ("p90", 90), ("p99", 99), ("max", 100))
        },
    )


def _rank(answer: Answer) -> int:
    """Place of the true SKU among the candidates, from 0; TOP if it is not there."""
    skus = [candidate.product.sku for candidate in answer.result.candidates[:TOP]] if answer.result else []
    return skus.index(answer.query.sku) if answer.query.sku in skus else TOP


def _query(row: dict[str, str], path: Path, line: int) -> Query:
    if row["path"] is None or not row["path"].strip():
        raise QueriesError(name=path.name, reason=f"line {line} names no picture")
    return Query(path.parent / row["path"].strip(), (row["sku"] or "").strip())
