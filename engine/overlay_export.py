"""OUT/overlay.csv and OUT/crops/NUMBER.jpg: what people said, for who makes the catalog."""

from __future__ import annotations

import csv
import io
from datetime import UTC
from pathlib import Path

from engine.ingest.rejected import neutral
from engine.overlay import Overlay
from engine.storage import translating, write_whole

TABLE_NAME, CROPS_NAME = "overlay.csv", "crops"
COLUMNS = ("path", "sku", "number", "kind", "who", "at", "status", "reason")


def export_overlay(overlay: Overlay, out: Path) -> tuple[int, int]:
    """Write the pictures, then the table; how many rows and pictures there are. A row without a picture has no path.

    The table is UTF-8 with a byte order mark for spreadsheets; `at` is UTC. The file names hold no SKU: one may be no
    name for a file. Raises OverlayDamaged, CatalogBusy, DiskFull, NotWritable.
    """
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(COLUMNS)
    standings, pictures = overlay.snapshot().standings, 0
    with translating(out):
        (out / CROPS_NAME).mkdir(parents=True, exist_ok=True)
    for standing in standings:
        said, name = standing.feedback, ""
        jpeg = overlay.photo(-said.id) if said.has_crop else b""
        if jpeg:
            name = f"{CROPS_NAME}/{said.id:06d}.jpg"
            write_whole(out / name, jpeg)
            pictures += 1
        at = said.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        cells = (name, said.sku, str(said.id), said.kind, said.who, at, standing.status, standing.reason)
        table.writerow([neutral(cell) for cell in cells])
    write_whole(out / TABLE_NAME, text.getvalue().encode("utf-8-sig", "replace"))
    return len(standings), pictures
