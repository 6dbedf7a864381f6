"""`skulens eval`: how good a catalog answers pictures whose SKU is known."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.options import CatalogOption, JsonOption, ProviderOption, ThreadsOption

if TYPE_CHECKING:
    from engine.evaluate import Evaluation, Interval
    from engine.lookup import Lookup
    from engine.records import Progress

#: Confusions that the page shows with pictures (about 80 kB each), and those that people get on the terminal.
_PICTURED = 24
_LISTED = 10


def evaluate(
    queries: Annotated[
        Path, typer.Option("--queries", metavar="FILE", help="CSV with columns path and sku; paths relative to it.")
    ],
    catalog: CatalogOption = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", dir_okay=False, help="Write a page: charts and the worst confusions."),
    ] = None,
    as_json: JsonOption = False,
    provider: ProviderOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Measure the answers over a list of pictures: accuracy, calibration, confusions and latency.

    An empty sku is an item that is not in the catalog. Pictures that cannot be read count as wrong.
    """
    from engine.cli import json_lines
    from engine.cli.options import catalog_folder, settings_with
    from engine.evaluate import evaluate as measure
    from engine.evaluate import read_queries
    from engine.lookup import open_lookup

    settings = settings_with(provider, threads)
    rows = read_queries(queries, settings.limits)
    with open_lookup(catalog_folder(catalog, settings), settings) as lookup:
        measured = measure(lookup, rows, _progress)
        print(json_lines.line(_object(measured)) if as_json else "\n".join(_lines(measured)), flush=True)
        if html is not None:  # after the figures, which no full disk shall cost
            _write_page(html, lookup, measured, queries)


def _object(measured: Evaluation) -> dict[str, object]:
    """Everything that was measured, for JSON; photos by id are of no use outside of the catalog."""
    import dataclasses

    facts = dataclasses.asdict(measured)
    for confusion in facts["confusions"]:
        confusion["picture"] = str(confusion["picture"])
        del confusion["answered_reference"], confusion["reference"]
    return facts


def _lines(measured: Evaluation) -> list[str]:
    """The figures for people, then the categories and the worst confusions."""
    counts = ("queries", "known", "strangers", "unreadable")
    lines = [f"{name:22} {getattr(measured, name)}" for name in counts]
    for name in ("top1", "top5", "map10", "wrong_match_rate", "match_coverage", "auroc_known"):
        lines.append(f"{name:22} {_share(getattr(measured, name), measured.intervals.get(name))}")
    if measured.risk_coverage is not None:
        selection = measured.risk_coverage
        lines.append(f"{'risk_coverage_area':22} {_share(selection.area, measured.intervals['risk_coverage_area'])}")
        lines.append(f"{'coverage_at_2_percent':22} {selection.coverage_at_2_percent:.4f}")
    for name, calibration in (("first", measured.calibration_first), ("known", measured.calibration_known)):
        if calibration is not None:
            lines.append(f"{f'ece_{name}':22} {calibration.ece:.4f}")
    for name in ("verdicts", "latency_ms"):
        told = ", ".join(f"{key} {value:.4g}" for key, value in getattr(measured, name).items())
        lines.append(f"{name:22} {told}")
    if measured.categories:
        lines += ["", f"{'category':22} queries    top1    top5   map10"]
    for one in measured.categories:
        name = one.category or "-"
        lines.append(f"{name:22} {one.queries:7}  {one.top1:.4f}  {one.top5:.4f}  {one.map10:.4f}")
    if measured.confusions:
        lines += ["", f"{'confusions':22} answered               queries  as match"]
    for found in measured.confusions[:_LISTED]:
        sku = found.sku or "a stranger"
        lines.append(f"{sku:22} {found.answered:22} {found.count:7}  {found.matches:8}")
    if len(measured.confusions) > _LISTED:
        lines.append(f"and {len(measured.confusions) - _LISTED} more; --json has all, --html the pictures")
    return lines


def _share(value: float | None, interval: Interval | None) -> str:
    told = "none" if value is None else f"{value:.4f}"
    return f"{told}  ({interval[0]:.4f} to {interval[1]:.4f})" if interval else told


def _write_page(file: Path, lookup: Lookup, measured: Evaluation, queries: Path) -> None:
    """The page, whole or not at all. Raises NotWritable or DiskFull."""
    from datetime import UTC, datetime

    from engine.report.page import Heading, page
    from engine.report.pictures import pictures_of
    from engine.storage import write_whole

    manifest, encoder = lookup.generation.manifest, lookup.encoder
    heading = Heading(
        catalog=manifest.name,
        version=manifest.version,
        encoder=f"{encoder.info.name}, {encoder.choice.variant} on {encoder.choice.provider}",
        queries=queries.name,
        measured_at=datetime.now(UTC),
    )
    worst = pictures_of(lookup.generation.catalog, measured.confusions[:_PICTURED], lookup.settings.limits)
    write_whole(file, page(heading, measured, worst).encode())


def _progress(progress: Progress) -> None:
    """Every fiftieth picture on a terminal's stderr."""
    if sys.stderr.isatty() and (progress.done % 50 == 0 or progress.done == progress.total):
        ending = "\n" if progress.done == progress.total else ""
        print(f"\r{progress.done} of {progress.total}", end=ending, file=sys.stderr, flush=True)
