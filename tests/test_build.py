from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from engine import cli, errors
from engine.cli.build_command import progress_line, summary
from engine.encoder import Encoder
from engine.errors import (
    CatalogBusy,
    CatalogMissing,
    Interrupted,
    NotWritable,
    SourceColumns,
    SourceMissing,
    SourceUnreadable,
    SourceWithoutPhotos,
)
from engine.generation import Generation, current_version, versions
from engine.generation_build import program
from engine.ingest.build import BuildReport, build_catalog
from engine.ingest.features import FEATURES_NAME, FeatureStore
from engine.ingest.rejected import neutral, write_rejected
from engine.manifest import read_manifest
from engine.records import Progress, Rejected
from engine.stock import StockReader
from engine.storage import exclusive
from engine.verify import verify
from tests.source_fixtures import jpeg, shop, write_csv, write_xlsx


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return shop(tmp_path / "my shop 店")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "catalog"


def codes(report: BuildReport) -> list[tuple[str, int | None, str, str]]:
    return [(entry.file, entry.line, entry.sku, entry.code) for entry in report.rejected]


class TestBuilding:
    def test_a_folder_of_photos_becomes_an_active_catalog(self, source: Path, out: Path, encoder: Encoder) -> None:
        told: list[Progress] = []
        report = build_catalog(source, out, encoder, told.append)
        assert (report.version, report.changed, report.products, report.photos) == ("000001", True, 4, 8)
        assert (report.encoded, report.reused, report.rejected, report.stock_levels) == (8, 0, (), None)
        assert report.vectors >= 8 and report.photos_per_s > 0 and report.seconds > 0
        assert list(dict.fromkeys(progress.step for progress in told)) == [
            "read", "encode", "write", "index", "calibrate"
        ]  # fmt: skip
        assert verify(out, encoders=[encoder.folder]).ok
        with Generation.open_current(out, [encoder.folder]) as generation:
            manifest = generation.manifest
            assert (manifest.name, manifest.encoder_id) == ("my shop 店", encoder.info.id)
            assert (manifest.encoder_variant, manifest.dimension) == (encoder.choice.variant, encoder.info.dimension)
            assert manifest.created_by.startswith("skulens")
            product = generation.catalog.product("P001")
            assert product is not None
            assert (product.name, product.price_minor, product.currency) == ("Product 1", 299, "EUR")
            references = generation.catalog.references("P001")
            assert [one.path for one in references] == ["images/P001/1.jpg", "images/P001/2.jpg"]
            assert (references[0].width, references[0].height) == (96, 96)
            assert generation.catalog.thumbnail(references[0].id).startswith(b"\xff\xd8")
        assert sorted(path.name for path in out.iterdir()) == [
            ".lock", "000001", "CURRENT", FEATURES_NAME, "rejected.csv"
        ]  # fmt: skip

    def test_nothing_changed_means_no_new_version_and_nothing_encoded(
        self, source: Path, out: Path, encoder: Encoder
    ) -> None:
        build_catalog(source, out, encoder)
        moved = shutil.copytree(source, source.parent / "elsewhere")
        again = build_catalog(moved, out, encoder, name=source.name)
        assert (again.version, again.changed, again.encoded, again.reused) == ("000001", False, 0, 8)
        assert (again.products, again.photos) == (4, 8)
        assert versions(out) == ["000001"]

    def test_a_change_makes_a_new_version_and_encodes_only_what_is_new(
        self, source: Path, out: Path, encoder: Encoder
    ) -> None:
        build_catalog(source, out, encoder)
        write_csv(source / "products.csv", [{"sku": f"P00{number}", "name": "Renamed"} for number in range(4)])
        renamed = build_catalog(source, out, encoder)
        assert (renamed.version, renamed.encoded, renamed.reused) == ("000002", 0, 8)
        (source / "images" / "P000" / "3.jpg").write_bytes(jpeg(77))
        (source / "images" / "P001" / "1.jpg").unlink()
        third = build_catalog(source, out, encoder)
        assert (third.version, third.encoded, third.reused, third.photos) == ("000003", 1, 7, 8)
        assert verify(out, encoders=[encoder.folder]).ok
        assert versions(out) == ["000002", "000003"]

    def test_products_without_photos_stay_and_are_found_by_text(
        self, source: Path, out: Path, encoder: Encoder
    ) -> None:
        with (source / "products.csv").open("a") as file:
            file.write("P900,Oat drink,,\n")
        report = build_catalog(source, out, encoder)
        assert (report.products, report.photos) == (5, 8)
        with Generation.open_current(out, [encoder.folder]) as generation:
            assert [product.sku for product in generation.catalog.search_text("oat")] == ["P900"]

    def test_a_damaged_active_version_is_replaced_though_nothing_changed(
        self, source: Path, out: Path, encoder: Encoder
    ) -> None:
        build_catalog(source, out, encoder)
        index = out / "000001" / "index.hnsw"
        data = bytearray(index.read_bytes())
        data[len(data) // 2] ^= 1
        index.write_bytes(data)
        report = build_catalog(source, out, encoder)
        assert (report.version, report.changed, report.encoded) == ("000002", True, 0)
        assert verify(out, encoders=[encoder.folder]).ok

    def test_what_another_skulens_built_is_built_again_without_encoding(
        self, source: Path, out: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its calibration may follow other rules."""
        with monkeypatch.context() as older:
            older.setattr("engine.ingest.build.program", lambda: "skulens 0.0.9")
            build_catalog(source, out, encoder)
        report = build_catalog(source, out, encoder)
        assert (report.version, report.changed, report.encoded) == ("000002", True, 0)
        assert read_manifest(out / "000002").created_by == program()
        assert not build_catalog(source, out, encoder).changed

    def test_a_generation_may_bring_its_encoder(self, source: Path, out: Path, encoder: Encoder) -> None:
        build_catalog(source, out, encoder)
        report = build_catalog(source, out, encoder, carry_encoder=True)
        assert (report.version, report.changed) == ("000002", True)
        with Generation.open_current(out, []) as generation:
            assert generation.encoder_folder == out / "000002" / "encoder"
        assert not build_catalog(source, out, encoder, carry_encoder=True).changed

    def test_xlsx_and_named_photos(self, tmp_path: Path, out: Path, encoder: Encoder) -> None:
        source = tmp_path / "source"
        (source / "shots").mkdir(parents=True)
        for number in range(3):
            (source / "shots" / f"图 {number}.jpg").write_bytes(jpeg(number))
        write_xlsx(
            source / "products.xlsx",
            [["SKU", "Images"], [12345.0, "shots/图 0.jpg; shots\\图 1.jpg"], ["00123", "shots/图 2.jpg"]],
        )
        report = build_catalog(source, out, encoder)
        assert (report.products, report.photos, report.rejected) == (2, 3, ())
        with Generation.open_current(out, [encoder.folder]) as generation:
            assert generation.catalog.product("12345") is not None
            assert generation.catalog.product("00123") is not None


class TestRefusing:
    def test_each_refused_row_and_photo_is_named_and_nothing_else_is_lost(
        self, source: Path, out: Path, encoder: Encoder
    ) -> None:
        with (source / "products.csv").open("a") as file:
            file.write("P000,again,1.00,EUR\nQ1,minus,-1,EUR\nQ2,thousands,1.234,\n=Q3,ok,,\n../x,bad,,\n")
        place = source / "images" / "P000"
        good = (place / "1.jpg").read_bytes()
        (place / "3.jpg").write_bytes(good)
        (place / "4.jpg").write_bytes(b"")
        (place / "5.jpg").write_bytes(good[:300])
        (place / "notes.txt").write_bytes(b"bring more of these")
        (source / "images" / "P001" / "3.jpg").write_bytes(good)
        (source / "images" / "Q1").mkdir()
        report = build_catalog(source, out, encoder)
        assert (report.products, report.photos) == (5, 9)
        assert codes(report) == [
            ("products.csv", 6, "P000", "sku_duplicate"),
            ("products.csv", 7, "Q1", "price_negative"),
            ("products.csv", 8, "Q2", "price_decimals"),
            ("products.csv", 10, "../x", "sku_characters"),
            ("images/Q1", None, "Q1", "photo_unknown_sku"),
            ("images/P000/4.jpg", None, "P000", "image_empty"),
            ("images/P000/5.jpg", None, "P000", "image_truncated"),
            ("images/P000/notes.txt", None, "P000", "image_unreadable"),
            ("images/P000/3.jpg", None, "P000", "photo_twice"),
            ("images/P001/3.jpg", None, "P001", "photo_shared"),
        ]
        text = (out / "rejected.csv").read_bytes().decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert [(row["file"], row["line"], row["code"]) for row in rows] == [
            (entry.file, "" if entry.line is None else str(entry.line), entry.code) for entry in report.rejected
        ]
        assert all(row["reason"] for row in rows)

    def test_formulas_in_the_report_are_neutralised(self, tmp_path: Path) -> None:
        entries = [
            Rejected("=cmd()", 3, "-7", "sku", "@SUM(A1)\r\nsecond line"),
            Rejected("a\ud800", None, "", "x", ""),
        ]
        text = write_rejected(tmp_path, entries).read_bytes().decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert rows[1] == ["'=cmd()", "3", "'-7", "sku", "'@SUM(A1)\r\nsecond line"]
        assert rows[2][0] == "a?"
        assert [neutral(cell) for cell in ("+1", " =1", "plain", "", "5")] == ["'+1", "' =1", "plain", "", "5"]

    def test_no_usable_photo_is_an_error_and_leaves_the_old_catalog(
        self, source: Path, out: Path, encoder: Encoder
    ) -> None:
        build_catalog(source, out, encoder)
        shutil.rmtree(source / "images")
        (source / "images" / "P000").mkdir(parents=True)
        (source / "images" / "P000" / "1.jpg").write_bytes(b"text")
        with pytest.raises(SourceWithoutPhotos, match="1 refused") as caught:
            build_catalog(source, out, encoder)
        assert "rejected.csv" in caught.value.advice
        assert current_version(out) == "000001" and versions(out) == ["000001"]
        assert "image_unreadable" in (out / "rejected.csv").read_text("utf-8-sig")
        assert verify(out, encoders=[encoder.folder]).ok

    @pytest.mark.parametrize(
        ("table", "error"),
        [(None, SourceMissing), ("name\nMilk\n", SourceColumns), ("", SourceUnreadable)],
    )
    def test_a_source_that_cannot_be_used_leaves_the_old_catalog(
        self, source: Path, out: Path, encoder: Encoder, table: str | None, error: type[Exception]
    ) -> None:
        build_catalog(source, out, encoder)
        (source / "products.csv").unlink()
        if table is not None:
            (source / "products.csv").write_text(table)
        with pytest.raises(error):
            build_catalog(source, out, encoder)
        assert current_version(out) == "000001"

    def test_tables_behind_links_that_leave_the_source_are_not_read(
        self, source: Path, out: Path, tmp_path: Path, encoder: Encoder
    ) -> None:
        (tmp_path / "secret.csv").write_text("sku,location,quantity\nP000,x,1\n")
        (source / "stock.csv").symlink_to(tmp_path / "secret.csv")
        report = build_catalog(source, out, encoder)
        assert report.stock_levels is None
        assert codes(report) == [("stock.csv", None, "", "source_unreadable")]
        (source / "products.csv").unlink()
        (source / "products.csv").symlink_to(tmp_path / "secret.csv")
        with pytest.raises(SourceUnreadable, match="link"):
            build_catalog(source, out, encoder)

    def test_a_photo_whose_name_is_no_text_is_stored(self, source: Path, out: Path, encoder: Encoder) -> None:
        (source / "images" / "P000" / os.fsdecode(b"\xe9.jpg")).write_bytes(jpeg(400))
        assert build_catalog(source, out, encoder).photos == 9

    def test_a_missing_source_leaves_no_folder_behind(self, tmp_path: Path, out: Path, encoder: Encoder) -> None:
        with pytest.raises(SourceMissing):
            build_catalog(tmp_path / "nowhere", out, encoder)
        assert not out.exists()

    def test_the_second_of_two_builds_is_told_to_wait(self, source: Path, out: Path, encoder: Encoder) -> None:
        held, release = threading.Event(), threading.Event()

        def hold() -> None:
            with exclusive(out):
                held.set()
                release.wait(30)

        other = threading.Thread(target=hold)
        other.start()
        try:
            assert held.wait(30)
            with pytest.raises(CatalogBusy):
                build_catalog(source, out, encoder)
        finally:
            release.set()
            other.join()
        assert build_catalog(source, out, encoder).changed

    @pytest.mark.parametrize("step", ["read", "encode", "write", "index", "calibrate"])
    def test_an_interruption_at_each_step_keeps_the_old_catalog_and_what_was_encoded(
        self, source: Path, out: Path, encoder: Encoder, step: str
    ) -> None:
        build_catalog(source, out, encoder)
        shop(source, products=6, first_seed=500)

        def stop(progress: Progress, /) -> None:
            if progress.step == step and (progress.total == 0 or progress.done > 0):
                raise Interrupted

        with pytest.raises(Interrupted):
            build_catalog(source, out, encoder, stop)
        assert current_version(out) == "000001" and verify(out, encoders=[encoder.folder]).ok
        assert [path.name for path in out.iterdir() if path.name.startswith(".")] == [".lock"]
        again = build_catalog(source, out, encoder)
        assert (again.products, again.photos, again.encoded + again.reused) == (6, 12, 12)
        assert again.encoded == (12 if step == "read" else 0) or (step == "encode" and again.encoded < 12)

    def test_an_unwritable_place_is_told(self, source: Path, tmp_path: Path, encoder: Encoder) -> None:
        (tmp_path / "file").write_text("not a folder")
        with pytest.raises(NotWritable):
            build_catalog(source, tmp_path / "file" / "catalog", encoder)


class TestStock:
    def levels(self, out: Path) -> dict[str, list[tuple[str, int]]]:
        reader = StockReader(out)
        try:
            found = reader.levels(["P000", "P001"])
            return {sku: [(one.location, one.quantity) for one in levels] for sku, levels in found.items()}
        finally:
            reader.close()

    def test_stock_is_seeded_replaced_and_left_alone(self, source: Path, out: Path, encoder: Encoder) -> None:
        (source / "stock.csv").write_text("sku,location,quantity\nP000,North,5\nP000,South,-1\nP001,North,0\nZ,N,1\n")
        report = build_catalog(source, out, encoder)
        assert report.stock_levels == 2
        assert codes(report) == [
            ("stock.csv", 3, "P000", "quantity_negative"),
            ("stock.csv", 5, "Z", "sku_unknown"),
        ]
        assert self.levels(out) == {"P000": [("North", 5)], "P001": [("North", 0)]}
        (source / "stock.csv").write_text("sku,location,quantity\nP000,North,4\n")
        again = build_catalog(source, out, encoder)
        assert (again.changed, again.stock_levels) == (False, 1)
        assert self.levels(out)["P000"] == [("North", 4)]
        (source / "stock.csv").unlink()
        assert build_catalog(source, out, encoder).stock_levels is None
        assert self.levels(out)["P000"] == [("North", 4)]

    @pytest.mark.parametrize("text", ["", "sku,count\nP000,3\n"])
    def test_an_unusable_stock_table_breaks_nothing(self, source: Path, out: Path, encoder: Encoder, text: str) -> None:
        (source / "stock.csv").write_text(text)
        report = build_catalog(source, out, encoder)
        assert report.changed and report.stock_levels is None
        assert [entry.file for entry in report.rejected] == ["stock.csv"]


_IN_LITTLE_SPACE = """
import resource, sys
from pathlib import Path
from engine.encoder import Encoder
from engine.errors import DiskFull, NotWritable
from engine.ingest.build import build_catalog
encoder = Encoder.load(provider="cpu", threads=1)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    build_catalog(Path(sys.argv[1]), Path(sys.argv[2]), encoder)
except (DiskFull, NotWritable) as error:
    print(error.code)
"""


@pytest.mark.parametrize("limit_bytes", [3_000, 40_000, 90_000])
def test_a_full_disk_leaves_the_old_catalog(
    source: Path, out: Path, encoder: Encoder, tmp_path: Path, limit_bytes: int
) -> None:
    build_catalog(source, out, encoder)
    (out / FEATURES_NAME).unlink()
    shop(source, products=8, first_seed=500)
    told = subprocess.run(
        [sys.executable, "-c", _IN_LITTLE_SPACE, str(source), str(out), str(limit_bytes)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() in ("disk_full", "not_writable")
    assert current_version(out) == "000001" and verify(out, encoders=[encoder.folder]).ok
    assert build_catalog(source, out, encoder).version == "000002"


class TestCommand:
    def test_it_builds_and_tells_programs_and_people(
        self, source: Path, out: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with (source / "products.csv").open("a") as file:
            file.writelines(f"Q{number},x,-1,EUR\n" for number in range(30))
        assert (
            cli.main(["build", str(source), "--out", str(out), "--name", "Corner", "--json", "--provider", "cpu"]) == 0
        )
        told = capfd.readouterr()
        found = json.loads(told.out)
        assert (found["version"], found["changed"], found["products"], found["photos"]) == ("000001", True, 4, 8)
        assert len(found["rejected"]) == 30
        assert found["rejected"][0] == {
            "file": "products.csv",
            "line": 6,
            "sku": "Q0",
            "code": "price_negative",
            "reason": "the price '-1' is negative",
        }
        assert "encoding photos 8/8" in told.err and "a second" in told.err
        assert "products.csv, line 6 (Q0)" in told.err and "and 10 more" in told.err and "rejected.csv" in told.err
        assert cli.main(["build", str(source), "--out", str(out), "--name", "Corner"]) == 0
        told = capfd.readouterr()
        assert told.out == "" and "nothing has changed" in told.err

    def test_usage_and_sources_that_cannot_be_used_exit_with_2(
        self, tmp_path: Path, out: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["build", str(tmp_path)]) == 2
        capfd.readouterr()
        assert cli.main(["build", str(tmp_path), "--out", str(out)]) == 2
        told = capfd.readouterr()
        assert told.out == "" and "products.csv" in told.err
        shop(tmp_path, photos=0)
        assert cli.main(["build", str(tmp_path), "--out", str(out)]) == 2
        assert "No usable photo" in capfd.readouterr().err
        with pytest.raises(CatalogMissing):
            current_version(out)

    def test_ctrl_c_stops_cleanly_and_the_next_run_goes_on(self, tmp_path: Path, out: Path, encoder: Encoder) -> None:
        source = shop(tmp_path / "many", products=60, photos=2)
        command = [sys.executable, "-c", "import sys; from engine.cli import main; sys.exit(main(sys.argv[1:]))"]
        process = subprocess.Popen(
            [*command, "build", str(source), "--out", str(out), "--provider", "cpu"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert process.stderr is not None and process.stdout is not None
        for line in process.stderr:
            if line.startswith("encoding photos"):
                break
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        told, rest = process.communicate(timeout=180)
        assert process.returncode == 130, rest
        assert told == "" and "Traceback" not in rest
        assert not (out / "CURRENT").exists()
        store = FeatureStore(out, f"{encoder.info.id}/{encoder.choice.variant}", encoder.info.dimension)
        kept = len(store)
        store.close()
        assert kept < 120
        report = build_catalog(source, out, encoder)
        assert (report.encoded, report.reused) == (120 - kept, kept)

    def test_lines_of_progress(self) -> None:
        assert progress_line(Progress("read", 0, 0)) == "reading the tables"
        assert progress_line(Progress("encode", 5, 50, 2.5, 18.0)) == "encoding photos 5/50, 2.5 a second, 0:18 left"
        assert progress_line(Progress("encode", 5, 90_000, 2.5, 7265.0)).endswith("2:01:05 left")
        assert progress_line(Progress("other", 50, 50, 2.5, 0.0)) == "other 50/50, 2.5 a second"

    def test_the_bar_on_a_terminal(self, source: Path, out: Path) -> None:
        import pty

        script = f"from engine.cli import main; main(['build', {str(source)!r}, '--out', {str(out)!r}])"
        try:
            leader, follower = pty.openpty()
        except OSError:
            pytest.skip("this machine has no pseudo-terminals (/dev/pts is not mounted)")
        process = subprocess.Popen([sys.executable, "-c", script], stdin=follower, stdout=follower, stderr=follower)
        os.close(follower)
        shown = b""
        while True:
            try:
                part = os.read(leader, 4096)
            except OSError:
                break
            if not part:
                break
            shown += part
        os.close(leader)
        assert process.wait(180) == 0
        assert b"encoding photos" in shown and b"is active" in shown

    def test_a_summary_of_few_refusals_shows_them_all(self, tmp_path: Path) -> None:
        entries = (Rejected("images/A1/1.jpg", None, "A1", "image_empty", "it is empty."),)
        report = BuildReport("000001", True, 1, 1, 2, 1, 0, 3, entries, tmp_path / "rejected.csv", 1.0, 2.0)
        lines = summary(report)
        assert "  images/A1/1.jpg (A1): it is empty." in lines and "Stock: 3 levels." in lines
        assert lines[-1].endswith("rejected.csv")


def test_every_code_is_explained_to_the_people_who_write_sources() -> None:
    root = Path(__file__).parent.parent
    text = "".join(path.read_text("utf-8") for path in sorted((root / "engine" / "ingest").glob("*.py")))
    said = set(re.findall(r"Refusal\(\s*\"([a-z_]+)\"", text))
    said |= set(re.findall(r"Rejected\([^\"\n]+(?:\"\", )?\"([a-z_]+)\"", text))
    said |= {error.code for error in vars(errors).values() if isinstance(error, type) and error.__name__ in _OF_A_FILE}
    explained = (root / "docs" / "source-format.md").read_text("utf-8").split("## rejected.csv")[1]
    assert len(said) > 35
    assert sorted(code for code in said if f"`{code}`" not in explained) == []


_OF_A_FILE = {
    "SourceColumns", "SourceUnreadable", "SourceTooLarge", "ImageEmpty", "ImageUnreadable", "ImageTruncated",
    "ImageTooLarge", "ImageTooSmall", "ImageNotFound",
}  # fmt: skip
