"""`skulens build`: a folder of products and photos in, a catalog out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.options import JsonOption, ProviderOption, ThreadsOption

if TYPE_CHECKING:
    from engine.ingest.build import BuildReport
    from engine.records import Progress, ProgressCallback, Rejected

#: Refused rows and photos that the summary shows; all of them are in rejected.csv.
_SHOWN = 20
#: Seconds between two lines of progress where there is no terminal.
_LINE_EVERY_S = 5.0

_KEPT = "The encoder that `skulens adapt` made for this catalog is kept; --base-encoder goes back to the application's."
_BASE_AGAIN = "The application's encoder is used; what `skulens adapt` had learnt is not in the new version."

_STEPS = {
    "read": "reading the tables",
    "encode": "encoding photos",
    "write": "writing the catalog",
    "index": "building the index",
    "calibrate": "calibrating",
    "photos": "reading the photos",
    "trial": "finding out how fast this machine is",
    "ranges": "quantizing: ranges",
    "features": "keeping the features",
}


def build(
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="Folder with products.csv (.xlsx, .jsonl) and photos.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The catalog's folder; it will hold CURRENT.")],
    name: Annotated[str, typer.Option("--name", help="The catalog's name. Default: that of SOURCE.")] = "",
    with_encoder: Annotated[
        bool, typer.Option("--with-encoder", help="Put the encoder into the catalog, for machines that lack it.")
    ] = False,
    base_encoder: Annotated[
        bool,
        typer.Option("--base-encoder", help="Take the application's encoder, not the one that `skulens adapt` made."),
    ] = False,
    as_json: JsonOption = False,
    provider: ProviderOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Make a catalog from a retailer's table and photos, and activate it.

    Photos that did not change are not encoded again, and an interrupted build goes on where it stopped. Rows and photos
    that cannot be used are listed with file, line and reason in DIR/rejected.csv; the exit code is 0 all the same. A
    catalog that was adapted keeps its encoder.
    """
    from engine.cli.options import settings_with
    from engine.encoder import Encoder
    from engine.ingest.build import adapted_encoder, build_catalog
    from engine.ingest.source import products_table

    settings = settings_with(provider, threads)
    products_table(source)
    adapted = adapted_encoder(out)
    if adapted is not None:
        print(_BASE_AGAIN if base_encoder else _KEPT, file=sys.stderr, flush=True)
    kept = None if base_encoder else adapted
    # One thread a run: the workers of a build are themselves one a core.
    with (
        Encoder.load(kept, settings.provider, settings.threads or 1) as encoder,
        _progress() as progress,
    ):
        carry = with_encoder or kept is not None
        report = build_catalog(source, out, encoder, progress, name, settings.limits, carry)
    for line in summary(report):
        print(line, file=sys.stderr)
    if as_json:
        print(json.dumps(as_object(report), ensure_ascii=True))


def summary(report: BuildReport) -> list[str]:
    """What a build did, in lines for people."""
    state = "is active" if report.changed else "is still active: nothing has changed"
    lines = [
        f"Version {report.version} {state}.",
        f"{report.products} products, {report.photos} photos, {report.vectors} vectors; "
        f"{report.encoded} photos encoded ({report.photos_per_s:.1f} a second), {report.reused} not again; "
        f"{report.seconds:.1f} s.",
    ]
    if report.stock_levels is not None:
        lines.append(f"Stock: {report.stock_levels} levels.")
    if report.rejected:
        lines.append(f"{len(report.rejected)} rows, cells or photos were refused or corrected:")
        lines.extend(f"  {where(entry)}: {entry.reason}" for entry in report.rejected[:_SHOWN])
        rest = len(report.rejected) - _SHOWN
        lines.append(
            f"  and {rest} more; all are in {report.rejected_file}" if rest > 0 else f"  see {report.rejected_file}"
        )
    return lines


def as_object(report: BuildReport) -> dict[str, object]:
    """What a build did, for programs."""
    return {
        "version": report.version,
        "changed": report.changed,
        "products": report.products,
        "photos": report.photos,
        "vectors": report.vectors,
        "encoded": report.encoded,
        "reused": report.reused,
        "stock_levels": report.stock_levels,
        "seconds": round(report.seconds, 3),
        "photos_per_s": round(report.photos_per_s, 2),
        "rejected_file": str(report.rejected_file),
        "rejected": [
            {
                "file": entry.file,
                "line": entry.line,
                "sku": entry.sku,
                "code": entry.code,
                "reason": entry.reason,
            }
            for entry in report.rejected
        ],
    }


def progress_line(progress: Progress) -> str:
    """One line of progress: step, parts done, rate and time left where they are known."""
    text = _STEPS.get(progress.step, progress.step)
    if progress.total:
        text += f" {progress.done}/{progress.total}"
    if progress.rate_per_s is not None:
        text += f", {progress.rate_per_s:.1f} a second"
    if progress.left_s is not None and progress.done < progress.total:
        text += f", {_clock(progress.left_s)} left"
    return text


def where(entry: Rejected) -> str:
    """The place of a refused row or photo, for people."""
    place = entry.file if entry.line is None else f"{entry.file}, line {entry.line}"
    return f"{place} ({entry.sku})" if entry.sku else place


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


@contextmanager
def _progress() -> Iterator[ProgressCallback]:
    """Progress on stderr: a live bar on a terminal, else a line every few seconds and at the end of each step."""
    if not sys.stderr.isatty():
        yield progress_lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}", markup=False), BarColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("", total=None)

        def show(progress: Progress, /) -> None:
            bars.update(bar, description=progress_line(progress), completed=progress.done, total=progress.total or None)

        yield show


def progress_lines() -> ProgressCallback:
    """A line of progress on stderr every few seconds and at the end of each step."""
    import time

    told: dict[str, float] = {}

    def show(progress: Progress, /) -> None:
        now = time.monotonic()
        last = told.get(progress.step)
        finished = bool(progress.total) and progress.done >= progress.total
        if last is None or finished or now - last >= _LINE_EVERY_S:
            told[progress.step] = now
            print(progress_line(progress), file=sys.stderr, flush=True)

    return show
