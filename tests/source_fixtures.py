"""Sources as a retailer might hand them in: small tables and tiny drawn pictures."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np


def picture(seed: int, side_px: int = 96) -> np.ndarray:
    """A picture that no other seed draws: blocks and a disc in random colours on a plain ground."""
    rng = np.random.default_rng(seed)
    drawn = np.full((side_px, side_px, 3), rng.integers(120, 256, 3), np.uint8)
    for _ in range(6):
        corner, size = rng.integers(0, side_px // 2, 2), rng.integers(side_px // 6, side_px // 2, 2)
        colour = tuple(int(value) for value in rng.integers(0, 256, 3))
        cv2.rectangle(drawn, corner.tolist(), (corner + size).tolist(), colour, -1)
    centre = rng.integers(side_px // 4, 3 * side_px // 4, 2).tolist()
    cv2.circle(drawn, centre, side_px // 5, tuple(int(value) for value in rng.integers(0, 256, 3)), -1)
    return drawn


def jpeg(seed: int, side_px: int = 96) -> bytes:
    done, data = cv2.imencode(".jpg", picture(seed, side_px))
    assert done
    return data.tobytes()


def write_csv(path: Path, rows: Sequence[Mapping[str, str]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, rows: Sequence[Sequence[object]], sheet: str = "products") -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(list(row))
    book.save(path)
    return path


def rewrite_part(path: Path, part: str, old: bytes, new: bytes) -> None:
    """Replace bytes in one part of an XLSX file."""
    with zipfile.ZipFile(path) as archive:
        parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def shop(folder: Path, products: int = 4, photos: int = 2, first_seed: int = 0) -> Path:
    """A source with `products` products of `photos` photos each, SKUs P000, P001, ...; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {"sku": f"P{number:03d}", "name": f"Product {number}", "price": f"{number + 1}.99", "currency": "EUR"}
        for number in range(products)
    ]
    write_csv(folder / "products.csv", rows)
    for number in range(products):
        place = folder / "images" / f"P{number:03d}"
        place.mkdir(parents=True, exist_ok=True)
        for view in range(photos):
            (place / f"{view + 1}.jpg").write_bytes(jpeg(first_seed + 1000 * number + view))
    return folder
