from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import QueriesError, UnknownSku
from engine.evaluate import Answer, Query, check_skus, read_queries, summary
from engine.records import WHOLE, Candidate, LookupResult, Product, Verdict


def answered(sku: str, verdict: Verdict, *found: str, ms: float = 10.0) -> Answer:
    candidates = tuple(Candidate(Product(name, name), 0.1, 0.5, 1) for name in found)
    result = LookupResult(verdict, 0.5, candidates, WHOLE, {"total": ms})
    return Answer(Query(Path("q.jpg"), sku), result)


def test_the_summary_counts_what_a_store_cares_about() -> None:
    measured = summary([
        answered("A", Verdict.MATCH, "A", "B", ms=10),
        answered("B", Verdict.MATCH, "A", "B", ms=20),
        answered("C", Verdict.AMBIGUOUS, "B", "A", "D", "E", "C", ms=30),
        answered("D", Verdict.UNKNOWN, "B", "A", "E", "F", "G", "D", ms=40),
        answered("", Verdict.UNKNOWN, "A"),
        answered("", Verdict.MATCH, "A"),
        Answer(Query(Path("broken.jpg"), "A"), None),
        Answer(Query(Path("broken.jpg"), ""), None),
    ])  # fmt: skip
    assert (measured.queries, measured.known, measured.strangers, measured.unreadable) == (8, 5, 3, 2)
    assert measured.top1 == pytest.approx(1 / 5)
    assert measured.top5 == pytest.approx(3 / 5)
    assert measured.verdicts == {"match": 3, "ambiguous": 1, "unknown": 2}
    assert measured.wrong_match_rate == pytest.approx(2 / 3)
    assert measured.latency_ms["max"] == 40
    assert 10 <= measured.latency_ms["p50"] <= measured.latency_ms["p90"] <= measured.latency_ms["p99"] <= 40


def test_without_known_queries_there_is_no_accuracy() -> None:
    measured = summary([answered("", Verdict.UNKNOWN, "A")])
    assert (measured.top1, measured.top5, measured.wrong_match_rate) == (None, None, 0.0)
    assert summary([]).latency_ms["p50"] == 0.0


def test_queries_are_relative_to_their_file(tmp_path: Path) -> None:
    table = tmp_path / "queries.csv"
    table.write_text("﻿SKU , path\nA,一/photo one.jpg\n,b.jpg\n", encoding="utf-8")
    assert read_queries(table) == [Query(tmp_path / "一" / "photo one.jpg", "A"), Query(tmp_path / "b.jpg", "")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"path,name\na.jpg,A\n", "no column sku"),
        (b"sku\nA\n", "no column path"),
        (b"", "no column path"),
        (b"path,sku\n", "no rows"),
        (b"path,sku\n,A\n", "line 2 names no picture"),
        (b"path,sku\n\xff\xfe\xfa,A\n", "not UTF-8"),
        (b'path,sku\n"a.jpg"x,A\n', "not a CSV"),
    ],
)
def test_a_list_of_queries_that_cannot_be_used(tmp_path: Path, content: bytes, reason: str) -> None:
    table = tmp_path / "queries.csv"
    table.write_bytes(content)
    with pytest.raises(QueriesError, match=reason):
        read_queries(table)


def test_a_list_of_queries_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(QueriesError, match="No such file"):
        read_queries(tmp_path / "queries.csv")


def test_a_sku_that_the_catalog_lacks_is_named() -> None:
    def product(sku: str) -> None:
        if sku != "A":
            raise UnknownSku(sku=sku, where="the catalog")

    check_skus([Query(Path("a.jpg"), "A"), Query(Path("b.jpg"), "")], product)
    with pytest.raises(UnknownSku, match=r"Z.*\(of z\.jpg\)"):
        check_skus([Query(Path("a.jpg"), "A"), Query(Path("z.jpg"), "Z"), Query(Path("later.jpg"), "Z")], product)
