"""Fixtures that several rooms share. All are real: the encoder, SQLite and hnswlib run; only the products are invented.

encoder         the application's encoder on the CPU with one thread (session)
tiny_source     a retailer's folder: 14 drawn products, two of them near-twins, and one without a photo (session)
tiny_catalog    the folder that holds CURRENT of a catalog built from tiny_source; do not change it (session)
own_catalog     a copy of tiny_catalog that a test may change or damage
drawn           draws pictures of the products in tiny_source, and of strangers, as a camera would see them (session)
home            settings, data and logs of this test go to a temporary folder (for all tests)
"""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.encoder import Encoder
from engine.records import Picture

os.environ.setdefault("OMP_NUM_THREADS", "2")
# Without a screen Qt would abort; with one, windows that come and go are in nobody's interest.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_SHAPES = ("stripes", "disc", "grid", "waves", "star", "bars", "rings")


@dataclass(frozen=True)
class Drawn:
    """Draws a product's package; the same SKU always looks the same, `view` changes pose and background."""

    def picture(self, sku: str, view: int = 0, side: int = 320) -> Picture:
        twin = sku.removesuffix("-MINT").removesuffix("-LIME")
        rng = np.random.default_rng([*twin.encode()])
        canvas = np.full((side, side, 3), 235, np.uint8)
        colours = [tuple(int(c) for c in rng.integers(20, 235, 3)) for _ in range(4)]
        shape = _SHAPES[sum(twin.encode()) % len(_SHAPES)]
        box_width, box_height = int(side * rng.uniform(0.4, 0.6)), int(side * rng.uniform(0.6, 0.85))
        left, top = (side - box_width) // 2, (side - box_height) // 2
        label = np.zeros((box_height, box_width, 3), np.uint8)
        label[:] = colours[0]
        _draw(label, shape, colours, rng)
        if sku != twin:  # a twin differs by a band of colour
            label[-box_height // 9 :] = (60, 190, 120) if sku.endswith("MINT") else (150, 205, 60)
        cv2.putText(label, twin[:6], (4, box_height // 2), cv2.FONT_HERSHEY_DUPLEX, box_width / 130, (255, 255, 255), 2)
        canvas[top : top + box_height, left : left + box_width] = label
        return _posed(canvas, view)

    def stranger(self, number: int, side: int = 320) -> Picture:
        rng = np.random.default_rng([977, number])
        clouds = rng.normal(128, 90, (6, 6, 3)).clip(0, 255).astype(np.uint8)
        scene = cv2.resize(clouds, (side, side), interpolation=cv2.INTER_CUBIC)
        for _ in range(30):
            centre = (int(rng.integers(side)), int(rng.integers(side)))
            colour = tuple(int(c) for c in rng.integers(0, 255, 3))
            cv2.ellipse(scene, centre, (int(rng.integers(3, 40)), 3), int(rng.integers(180)), 0, 360, colour, -1)
        return np.ascontiguousarray(scene)

    def save(self, picture: Picture, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        done, data = cv2.imencode(path.suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        assert done
        path.write_bytes(data.tobytes())
        return path


SKUS = (
    "ACORN", "BASIL", "CEDAR", "DUNE", "EMBER", "FJORD", "GROVE", "HAZEL", "IRIS", "JADE", "KELP", "LARCH",
    "TWIN-MINT", "TWIN-LIME",
)  # fmt: skip
WITHOUT_PHOTO = "NOPHOTO"


@pytest.fixture(scope="session")
def drawn() -> Drawn:
    return Drawn()


@pytest.fixture(scope="session")
def encoder() -> Iterator[Encoder]:
    with Encoder.load(provider="cpu", threads=1) as loaded:
        yield loaded


@pytest.fixture(scope="session")
def tiny_source(tmp_path_factory: pytest.TempPathFactory, drawn: Drawn) -> Path:
    source = tmp_path_factory.mktemp("tiny") / "source"
    source.mkdir()
    with (source / "products.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["sku", "name", "brand", "category", "price", "currency", "aisle", "name:zh_CN", "attr:size"])
        for number, sku in enumerate([*SKUS, WITHOUT_PHOTO]):
            price = f"{1 + number}.50" if number % 3 else ""
            name = f"{sku.title()} crackers"
            table.writerow(
                [sku, name, "Brand " + sku[0], "snacks", price, "EUR" if price else "", f"A{number}", "饼干", "1"]
            )
    with (source / "stock.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["sku", "location", "quantity", "updated_at"])
        for sku in SKUS[:-1]:
            table.writerow([sku, "shop", len(sku), "2026-01-31T13:00:00+01:00"])
            table.writerow([sku, "store room", 3, "2026-01-31T12:00:00Z"])
    for sku in SKUS:
        for view in range(3):
            drawn.save(drawn.picture(sku, view), source / "images" / sku / f"{view}.jpg")
    return source


@pytest.fixture(scope="session")
def tiny_catalog(tiny_source: Path, encoder: Encoder) -> Path:
    from engine.ingest.build import build_catalog

    folder = tiny_source.parent / "catalog"
    build_catalog(tiny_source, folder, encoder, name="Tiny")
    return folder


@pytest.fixture
def own_catalog(tiny_catalog: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_catalog, tmp_path / "catalog of my own"))


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("home")
    for name, sub in (
        ("HOME", "."), ("XDG_DATA_HOME", "data"), ("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state"),
        ("XDG_CACHE_HOME", "cache"), ("LOCALAPPDATA", "local"), ("APPDATA", "roaming"),
    ):  # fmt: skip
        monkeypatch.setenv(name, str(folder / sub))
    return folder


def _draw(label: Picture, shape: str, colours: list[tuple[int, ...]], rng: np.random.Generator) -> None:
    height, width = label.shape[:2]
    centre, colour = np.array([width // 2, height // 3]), colours[1]
    across, down = range(0, width, 24), range(0, height, 24)
    rays = [centre + (90 * np.array([np.cos(turn), np.sin(turn)])).astype(int) for turn in np.linspace(0, 6.28, 13)]
    draw: dict[str, Callable[[], object]] = {
        "stripes": lambda: [cv2.line(label, (0, y), (width, y - 40), colour, 7) for y in range(0, height + 40, 26)],
        "disc": lambda: cv2.circle(label, centre.tolist(), width // 3, colour, -1),
        "grid": lambda: [cv2.rectangle(label, (x, y), (x + 10, y + 10), colour, -1) for x in across for y in down],
        "waves": lambda: [cv2.ellipse(label, (x, y), (14, 9), 0, 0, 180, colour, 3) for x in across for y in down],
        "star": lambda: [cv2.line(label, centre.tolist(), ray.tolist(), colour, 5) for ray in rays],
        "bars": lambda: [cv2.rectangle(label, (x, 0), (x + 9, height), colour, -1) for x in across],
        "rings": lambda: [cv2.circle(label, centre.tolist(), r, colours[1 + r % 3], 4) for r in range(10, width, 17)],
    }
    draw[shape]()
    cv2.rectangle(label, (0, height * 2 // 3), (width, height * 3 // 4), colours[2], -1)
    for _ in range(5):
        corner = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(label, corner, int(rng.integers(4, 15)), colours[3], -1)


def _posed(canvas: Picture, view: int) -> Picture:
    if view == 0:
        return canvas
    side = canvas.shape[0]
    rng = np.random.default_rng([31, view])
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), float(rng.uniform(-12, 12)), float(rng.uniform(0.8, 1.05)))
    backdrop = tuple(int(c) for c in rng.integers(225, 245, 3))
    turned = cv2.warpAffine(canvas, turn, (side, side), borderMode=cv2.BORDER_CONSTANT, borderValue=backdrop)
    lit = turned.astype(np.float32) * rng.uniform(0.85, 1.05)
    return np.ascontiguousarray(lit.clip(0, 255).astype(np.uint8))
