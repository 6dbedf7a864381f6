"""`skulens eval`: how good a catalog answers pictures whose SKU is known."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.options import CatalogOption, JsonOption, ProviderOption, ThreadsOption

if TYPE_CHECKING:
    from engine.records import Progress


def evaluate(
    queries: Annotated[
        Path, typer.Option("--queries", metavar="FILE", help="CSV with columns path and sku; paths relative to it.")
    ],
    catalog: CatalogOption = None,
    as_json: JsonOption = False,
    provider: ProviderOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Measure the answers over a list of pictures: top-1, top-5, verdicts, wrong matches and latency.

    An empty sku is an item that is not in the catalog. Pictures that cannot be read count as wrong.
    """
    import dataclasses

    from engine.cli import json_lines
    from engine.cli.options import catalog_folder, settings_with
    from engine.evaluate import evaluate as measure
    from engine.evaluate import read_queries
    from engine.lookup import open_lookup

    settings = settings_with(provider, threads)
    rows = read_queries(queries, settings.limits)
    with open_lookup(catalog_folder(catalog, settings), settings) as lookup:
        measured = dataclasses.asdict(measure(lookup, rows, _progress))
    if as_json:
        print(json_lines.line(measured))
        return
    for name, value in measured.items():
        if isinstance(value, dict):
            told = ", ".join(f"{key} {part:.4g}" for key, part in value.items())
        else:
            told = f"{value:.4f}" if isinstance(value, float) else str(value)
        print(f"{name:17} {told}")


def _progress(progress: Progress) -> None:
    """Every fiftieth picture on a terminal's stderr."""
    if sys.stderr.isatty() and (progress.done % 50 == 0 or progress.done == progress.total):
        ending = "\n" if progress.done == progress.total else ""
        print(f"\r{progress.done} of {progress.total}", end=ending, file=sys.stderr, flush=True)
