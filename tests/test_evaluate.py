from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import SKUS, Drawn

from engine.config import Settings
from engine.errors import QueriesError, UnknownSku
from engine.evaluate import Answer, Query, check_skus, confusions, evaluate, read_queries, summary
from engine.lookup import open_lookup
from engine.records import WHOLE, Candidate, LookupResult, Product, Progress, Verdict


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


def asked(sku: str, known: float, *found: tuple[str, float], name: str = "q.jpg") -> Answer:
    """An answer with probabilities; the verdict follows from thresholds of 0.9 and 0.5."""
    candidates = tuple(Candidate(Product(one, one), sure, 0.5, 10 + place) for place, (one, sure) in enumerate(found))
    verdict = Verdict.UNKNOWN if known < 0.5 else Verdict.MATCH if found[0][1] >= 0.9 else Verdict.AMBIGUOUS
    return Answer(Query(Path(name), sku), LookupResult(verdict, known, candidates, WHOLE, {"total": 1.0}))


ASKED = [
    asked("A", 0.99, ("A", 0.95), ("B", 0.04)),
    asked("A", 0.98, ("B", 0.91), ("A", 0.07), name="worst.jpg"),
    asked("A", 0.97, ("B", 0.60), ("A", 0.37)),
    asked("B", 0.96, ("C", 0.50), ("D", 0.2), ("B", 0.1)),
    asked("C", 0.30, ("C", 0.20), ("A", 0.1)),
    asked("", 0.70, ("A", 0.65), ("B", 0.05), name="stranger.jpg"),
    asked("", 0.10, ("A", 0.09)),
    Answer(Query(Path("broken.jpg"), "C"), None),
]


def test_ranking_selection_and_calibration_are_measured() -> None:
    measured = summary(ASKED)
    assert measured.map10 == pytest.approx((1 + 1 / 2 + 1 / 2 + 1 / 3 + 1 + 0) / 6)
    assert measured.match_coverage == pytest.approx(2 / 6)
    # known 0.99 .. 0.96 and 0.30 against 0.70 and 0.10: nine pairs of ten are in order
    assert measured.auroc_known == pytest.approx(9 / 10)
    assert measured.risk_coverage is not None
    points = [(one.threshold, one.coverage, one.risk) for one in measured.risk_coverage.curve]
    assert points[:3] == [
        pytest.approx((0.95, 1 / 7, 0)), pytest.approx((0.91, 2 / 7, 1 / 2)), pytest.approx((0.65, 3 / 7, 2 / 3)),
    ]  # fmt: skip
    assert measured.risk_coverage.coverage_at_2_percent == pytest.approx(1 / 7)
    risks = [0, 1 / 2, 2 / 3, 3 / 4, 4 / 5, 4 / 6, 5 / 7]
    assert measured.risk_coverage.area == pytest.approx(np.mean(risks))
    assert measured.calibration_first is not None and measured.calibration_known is not None
    last = measured.calibration_first.bins[-1]
    assert (last.lower, last.upper, last.count, last.kept) == (0.9, 1.0, 2, 0.5)
    assert last.promised == pytest.approx(0.93)
    assert sum(one.count for one in measured.calibration_known.bins) == 7
    assert measured.calibration_known.ece == pytest.approx((abs(3.90 - 4) + 0.70 + abs(0.30 - 1) + 0.10) / 7)


def test_intervals_hold_their_figures_and_are_always_the_same() -> None:
    measured, again = summary(ASKED), summary(ASKED)
    assert measured == again
    values = {
        "top1": measured.top1, "top5": measured.top5, "map10": measured.map10, "auroc_known": measured.auroc_known,
        "wrong_match_rate": measured.wrong_match_rate,
        "risk_coverage_area": measured.risk_coverage.area if measured.risk_coverage else None,
    }  # fmt: skip
    assert set(values) == set(measured.intervals)
    for name, value in values.items():
        interval = measured.intervals[name]
        assert value is not None and interval is not None
        assert 0 <= interval[0] <= value <= interval[1] <= 1, name
        assert interval[0] < interval[1], name


def test_categories_come_with_the_weakest_first() -> None:
    measured = summary(ASKED, {"A": "fruit", "B": "milk", "C": "milk"})
    rows = [(one.category, one.queries, one.top1) for one in measured.categories]
    assert rows == [("fruit", 3, pytest.approx(1 / 3)), ("milk", 3, pytest.approx(1 / 3))]
    weak = summary([*ASKED, asked("B", 0.9, ("A", 0.8))], {"A": "fruit", "B": "milk", "C": "milk"}).categories
    assert [one.category for one in weak] == ["milk", "fruit"]
    assert weak[0].map10 == pytest.approx((1 / 3 + 1 + 0 + 0) / 4)
    assert weak[0].top5 == pytest.approx(2 / 4)
    assert weak[0].top1_interval[0] <= weak[0].top1 <= weak[0].top1_interval[1]
    assert [one.category for one in summary(ASKED).categories] == [""]


def test_confusions_come_with_the_worst_first() -> None:
    rows = [(one.sku, one.answered, one.count, one.matches) for one in confusions(ASKED)]
    assert rows == [("A", "B", 2, 1), ("", "A", 1, 0), ("B", "C", 1, 0)]
    first, stranger, other = confusions(ASKED)
    assert first.probability == pytest.approx((0.91 + 0.60) / 2)
    assert (first.picture, first.answered_reference, first.reference) == (Path("worst.jpg"), 10, 11)
    assert (stranger.picture, stranger.reference) == (Path("stranger.jpg"), None)
    assert other.reference == 12
    unranked = Candidate(Product("Z", "Z"), 0.0, -1.0, 0)
    result = LookupResult(
        Verdict.AMBIGUOUS, 0.9, (Candidate(Product("A", "A"), 0.8, 0.5, 3), unranked), WHOLE, {"total": 1.0}
    )
    assert [one.reference for one in confusions([Answer(Query(Path("z.jpg"), "Z"), result)])] == [None]


def test_a_long_curve_is_thinned_and_its_ends_stay() -> None:
    many = [asked("A", 0.9, ("A" if number % 3 else "B", number / 1000)) for number in range(1, 900)]
    found = summary(many).risk_coverage
    assert found is not None and len(found.curve) == 101
    assert (found.curve[0].threshold, found.curve[-1].coverage) == (0.899, 1.0)


def test_a_real_catalog_is_measured(tiny_catalog: Path, drawn: Drawn, tmp_path: Path) -> None:
    queries = [Query(drawn.save(drawn.picture(sku, 5), tmp_path / f"{sku}.png"), sku) for sku in SKUS[:4]]
    queries += [Query(drawn.save(drawn.stranger(1), tmp_path / "s.png"), ""), Query(tmp_path / "none.png", "ACORN")]
    steps: list[Progress] = []
    with open_lookup(tiny_catalog, Settings(provider="cpu", threads=1)) as lookup:
        measured = evaluate(lookup, queries, steps.append)
    assert (measured.queries, measured.known, measured.unreadable) == (6, 5, 1)
    assert measured.top1 == pytest.approx(4 / 5)
    assert [(one.category, one.queries) for one in measured.categories] == [("snacks", 5)]
    assert measured.auroc_known == 1.0
    assert (steps[0].done, steps[-1].done, steps[-1].total) == (0, 6, 6)


def test_nothing_was_asked() -> None:
    nothing = summary([])
    assert (nothing.map10, nothing.match_coverage, nothing.auroc_known, nothing.risk_coverage) == (None,) * 4
    assert (nothing.calibration_first, nothing.calibration_known, nothing.categories) == (None, None, ())
    assert set(nothing.intervals.values()) == {None}


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
    def product(sku: str) -> str:
        if sku != "A":
            raise UnknownSku(sku=sku, where="the catalog")
        return f"product {sku}"

    assert check_skus([Query(Path("a.jpg"), "A"), Query(Path("b.jpg"), "")], product) == {"A": "product A"}
    with pytest.raises(UnknownSku, match=r"Z.*\(of z\.jpg\)"):
        check_skus([Query(Path("a.jpg"), "A"), Query(Path("z.jpg"), "Z"), Query(Path("later.jpg"), "Z")], product)
