"""`skulens overlay list`, `undo`, `export`: what people confirmed and refused in a catalog folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.options import CatalogOption, JsonOption

if TYPE_CHECKING:
    from engine.overlay import Overlay

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "terminal_width": 100},
    help="List, take back and export what people confirmed on this machine.",
)


@app.command("list")
def list_all(catalog: CatalogOption = None, as_json: JsonOption = False) -> None:
    """Say what was confirmed and refused, by whom and when, and what becomes of each with this generation."""
    from engine.cli import json_lines

    with _open(catalog) as (folder, version, overlay):
        found = overlay.snapshot()
    if as_json:
        rows = [json_lines.standing(one) for one in found.standings]
        print(json_lines.line({"folder": str(folder), "version": version, "counts": found.counts(), "feedback": rows}))
        return
    for one in found.standings:
        print(json_lines.standing_sentence(one))
    print(", ".join(f"{count} {status}" for status, count in found.counts().items()))


@app.command()
def undo(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="As `skulens overlay list` shows it.")],
    catalog: CatalogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a confirmation or refusal back; its picture and vectors are erased."""
    from engine.cli import json_lines

    with _open(catalog) as (folder, _, overlay):
        overlay.undo(number)
    if as_json:
        print(json_lines.line({"folder": str(folder), "undone": number}))
    else:
        print(f"{number} is undone.")


@app.command()
def export(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for overlay.csv and crops/.")],
    catalog: CatalogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write all of it as a table with the pictures beside it, for who makes the catalog."""
    from engine.cli import json_lines
    from engine.overlay_export import export_overlay

    with _open(catalog) as (_, _, overlay):
        rows, pictures = export_overlay(overlay, out)
    if as_json:
        print(json_lines.line({"out": str(out), "rows": rows, "pictures": pictures}))
    else:
        print(f"{out}: {rows} rows, {pictures} pictures")


@contextmanager
def _open(catalog: Path | None) -> Iterator[tuple[Path, str, Overlay]]:
    """The folder, the active version and the overlay beside it; no encoder is loaded."""
    from engine.cli.options import catalog_folder, settings_with
    from engine.generation import Generation
    from engine.overlay import Overlay

    settings = settings_with()
    folder = catalog_folder(catalog, settings)
    with Generation.open_current(folder) as generation:
        yield folder, generation.version, Overlay.of(generation, settings)
