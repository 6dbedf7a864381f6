from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine import demo
from engine.cli import main
from engine.errors import CatalogBusy
from engine.generation import Generation, current_version
from engine.records import Progress

ROOT = Path(__file__).parent.parent


@pytest.fixture
def source(tiny_source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a small demo; the real one takes half a minute on a busy machine."""
    checkout = tmp_path / "checkout"
    copy = Path(shutil.copytree(tiny_source, checkout / "catalogs" / "demo"))
    (checkout / "pyproject.toml").touch()
    for photos in sorted((copy / "images").iterdir())[3:]:
        shutil.rmtree(photos)
    monkeypatch.setattr(demo, "demo_source", lambda: copy)
    return copy


def test_the_demo_is_built_once_beside_its_source(source: Path) -> None:
    steps: list[Progress] = []
    folder = demo.ensure_demo(steps.append, "cpu")
    assert folder == source
    assert {step.step for step in steps} >= {"encode", "calibrate"}
    steps.clear()
    assert demo.ensure_demo(steps.append, "cpu") == source
    assert steps == []
    with Generation.open_current(folder) as generation:
        assert generation.manifest.name == "demo"


@pytest.mark.parametrize("change", ["a product", "a photo", "the stamp", "CURRENT"])
def test_it_is_built_again_when_it_no_longer_fits(source: Path, change: str) -> None:
    demo.ensure_demo(provider="cpu")
    before = current_version(source)
    if change == "a product":
        table = source / "products.csv"
        table.write_text(table.read_text(encoding="utf-8") + "EXTRA,Extra,,,,,,,\n", encoding="utf-8")
    elif change == "a photo":
        shutil.copy(source / "images" / "ACORN" / "0.jpg", source / "images" / "BASIL" / "9.jpg")
    elif change == "the stamp":
        (source / demo.STAMP).write_text('{"encoder": "older"}')
    else:
        (source / "CURRENT").unlink()
    steps: list[Progress] = []
    demo.ensure_demo(steps.append, "cpu")
    assert steps
    assert (current_version(source) == before) == (change == "the stamp")


def test_without_the_right_to_write_it_goes_to_the_users_folder(source: Path, home: Path) -> None:
    (source.parent.parent / "pyproject.toml").unlink()  # an installed application is no checkout
    folder = demo.ensure_demo(provider="cpu")
    assert home in folder.parents
    assert (folder / "CURRENT").is_file()
    assert not (source / "CURRENT").exists()


def test_two_processes_at_once_both_get_it(source: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from engine import demo;"
        "demo.demo_source = lambda: Path(sys.argv[1]); print(demo.ensure_demo(provider='cpu'))"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(source)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in running:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert out.strip() == str(source)
    with Generation.open_current(source) as generation:
        assert generation.catalog.product_count == 15
    assert not list(source.glob("*.part")) + list(source.glob(".*.part"))


def test_patience_with_another_builder_ends(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise CatalogBusy(folder=source)

    monkeypatch.setattr(demo, "_build", busy)
    monkeypatch.setattr(demo, "PATIENCE_S", 0.0)
    with pytest.raises(CatalogBusy):
        demo.ensure_demo(provider="cpu")


def test_find_without_a_catalog_says_what_it_waits_for(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = str(source / "images" / "ACORN" / "0.jpg")
    for expected in (1, 0):
        assert main(["find", "--json", "--provider", "cpu", photo]) == 0
        printed = capsys.readouterr()
        assert '"sku": "ACORN"' in printed.out
        assert printed.err.count("Building the demo catalog") == expected


def test_its_stock_was_counted_now(source: Path) -> None:
    from datetime import UTC, datetime

    from engine.stock import StockReader

    (source / "stock.csv").write_text(
        "sku,location,quantity,updated_at\n"
        "ACORN,Shop,3,2020-01-01T10:00:00Z\nACORN,Warehouse,9,2019-12-30T08:00:00Z\nBASIL,Shop,1,\n",
        encoding="utf-8",
    )
    before = datetime.now(UTC)
    reader = StockReader(demo.ensure_demo(provider="cpu"))
    shop, warehouse = reader.levels(["ACORN"])["ACORN"]
    (undated,) = reader.levels(["BASIL"])["BASIL"]
    reader.close()
    assert shop.updated_at is not None and before.replace(microsecond=0) <= shop.updated_at <= datetime.now(UTC)
    assert warehouse.updated_at is not None and shop.updated_at - warehouse.updated_at == demo.FRESH
    assert (shop.quantity, warehouse.quantity, undated.quantity, undated.updated_at) == (3, 9, 1, None)
