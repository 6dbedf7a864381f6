"""`skulens adapt` over real catalogs, with a tiny real encoder: what is written, refused and left alone."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx", reason="needs the extra train")

import onnx

from engine.cli import main
from engine.cli.adapt_command import summary
from engine.config import Settings
from engine.digests import label_digest, row_digest, vector_digest
from engine.encoder import Encoder, open_session
from engine.encoder_info import read_info, read_model
from engine.encoder_probe import probe_batch, unpack_vector
from engine.errors import (
    AdapterMismatch,
    CatalogBusy,
    CatalogMissing,
    CatalogSigned,
    EncoderDamaged,
    FeaturesMissing,
    Interrupted,
)
from engine.generation import Generation, activate, current_version, rollback, versions
from engine.generation_build import record_files
from engine.image import prepare, read_picture
from engine.ingest.build import build_catalog
from engine.ingest.features import FEATURES_NAME
from engine.ingest.photos import SourcePhoto
from engine.ingest.pipeline import encode_photos
from engine.lookup import Lookup
from engine.manifest import MANIFEST_NAME, RECORD_NAME, read_manifest
from engine.onnx_check import check_model
from engine.overlay_file import Kind
from engine.overlay_rules import Status
from engine.records import Progress
from engine.storage import exclusive
from engine.training.adapt import AdaptReport, Ending, adapt_catalog
from engine.training.adapt_encoder import with_part
from engine.training.adapt_features import SHOP, adapted_id
from engine.training.export import build_model, write_encoder
from engine.training.head import FittedPart, fit_part
from engine.training.quantize import quantize_encoder
from engine.training.trunk import TrunkWeights
from engine.verify import verify
from tests.adapt_fixtures import PHOTOS, PRODUCTS, SPEC, lit_picture, lit_shop, poor_encoder
from tests.train_fixtures import save, tiny_weights

pytestmark = pytest.mark.train

SETTINGS = Settings(provider="cpu", threads=1)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lit_shop(tmp_path_factory.mktemp("adapt") / "source")


@pytest.fixture(scope="module")
def base(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder folder with all three variants."""
    folder = tmp_path_factory.mktemp("base") / "encoder"
    poor_encoder(folder, source)
    quantize_encoder(folder, source)
    return folder


def built(source: Path, folder: Path, encoder: Path) -> Path:
    with Encoder.load(encoder, "cpu", 1) as loaded:
        build_catalog(source, folder, loaded)
    return folder


def adapted(folder: Path, encoder: Path, **options: object) -> AdaptReport:
    return adapt_catalog(folder, provider="cpu", threads=1, encoders=[encoder], **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def built_catalog(source: Path, base: Path) -> Path:
    return built(source, source.parent / "built", base)


@pytest.fixture(scope="module")
def shop(built_catalog: Path, base: Path) -> tuple[Path, AdaptReport]:
    """A catalog that was adapted, and the report; do not change it."""
    folder = Path(shutil.copytree(built_catalog, built_catalog.parent / "adapted"))
    return folder, adapted(folder, base)


@pytest.fixture
def own(built_catalog: Path, tmp_path: Path) -> Path:
    """A copy of the built catalog that a test may change."""
    return Path(shutil.copytree(built_catalog, tmp_path / "catalog"))


@pytest.fixture
def own_adapted(shop: tuple[Path, AdaptReport], tmp_path: Path) -> Path:
    return Path(shutil.copytree(shop[0], tmp_path / "adapted"))


@contextmanager
def opened(folder: Path, encoders: list[Path]) -> Iterator[Lookup]:
    with (
        Generation.open_current(folder, encoders) as generation,
        Encoder.load(generation.encoder_folder, "cpu", 1) as encoder,
    ):
        lookup = Lookup(generation, encoder, SETTINGS)
        lookup.overlay.prepare(encoder)
        yield lookup
        lookup.stock.close()


# What it gives.


def test_a_shop_that_gains_has_a_new_generation_with_its_own_encoder(
    shop: tuple[Path, AdaptReport], built_catalog: Path, base: Path
) -> None:
    folder, report = shop
    found = report.outcome
    assert report.ending is Ending.ADAPTED
    assert found is not None
    assert found.held_back == PRODUCTS * PHOTOS
    assert found.after - found.before == pytest.approx(found.gain)
    assert found.interval[0] > 0.05
    assert (current_version(folder), versions(folder)) == ("000002", ["000001", "000002"])
    with Generation.open_current(folder, []) as generation:  # nobody else has its encoder
        manifest = generation.manifest
        assert generation.encoder_folder.is_relative_to(folder / "000002")
        assert (manifest.encoder_id, manifest.dimension) == (report.encoder_id, report.dimension)
    before = read_manifest(built_catalog / "000001")
    assert manifest.counts == before.counts
    assert (manifest.name, manifest.store, manifest.encoder_variant) == (before.name, before.store, "int8")
    assert (manifest.digests.rows, manifest.digests.labels) == (before.digests.rows, before.digests.labels)
    assert manifest.digests.vectors != before.digests.vectors
    assert manifest.calibration != before.calibration
    assert verify(folder, encoders=[]).ok
    assert read_info(base).id == before.encoder_id != manifest.encoder_id


def test_lookups_of_photos_that_nobody_has_seen_get_better(
    shop: tuple[Path, AdaptReport], built_catalog: Path, base: Path
) -> None:
    right = {}
    for name, folder, encoders in (("before", built_catalog, [base]), ("after", shop[0], [])):
        with opened(folder, encoders) as lookup:
            right[name] = sum(
                lookup.look_up(lit_picture(product, view)).candidates[0].product.sku == f"L{product:02d}"
                for product in range(PRODUCTS)
                for view in range(PHOTOS, PHOTOS + 6)
            )
    assert right["after"] > right["before"] + 10


def test_the_vectors_are_those_of_the_new_encoder_run_on_the_photos(
    shop: tuple[Path, AdaptReport], source: Path
) -> None:
    with Generation.open_current(shop[0], []) as generation:
        _, stored = generation.catalog.vectors()
        photos = [
            SourcePhoto(product.sku, source / photo.path, photo.path)
            for product in generation.catalog.products(0, 1000)
            for photo in generation.catalog.references(product.sku)
        ]
        with Encoder.load(generation.encoder_folder, "cpu", 1) as encoder:
            outcomes = sorted(encode_photos(photos, encoder, workers=1), key=lambda one: one.position)
    run = np.array([view.embedding for one in outcomes if one.features for view in one.features.views], np.float32)
    assert run.shape == stored.shape
    # Both are stored as float16, and so was the trunk; a photo with a short projection shows it most.
    np.testing.assert_allclose(stored, run, atol=2e-3)
    assert np.einsum("nd,nd->n", stored, run / np.linalg.norm(run, axis=1, keepdims=True)).min() > 0.99999


def test_all_variants_have_the_part_and_keep_all_else(shop: tuple[Path, AdaptReport], base: Path, source: Path) -> None:
    folder = shop[0] / "000002" / "encoder"
    old, new = read_info(base), read_info(folder)
    rows = prepare([read_picture(path) for path in sorted(source.glob("images/*/0.png"))], SPEC)
    assert set(new.variants) == {"float32", "float16", "int8"} == set(old.variants)
    assert [part.name for part in new.parts] == ["first", "second", SHOP]
    assert new.parts[:2] == old.parts
    assert new.dimension == sum(part.dimension for part in new.parts) == shop[1].dimension
    width = old.dimension
    for name, variant in new.variants.items():
        data = read_model(folder, variant)
        check_model(data)
        session = open_session(data, "cpu", 1)
        was = open_session(read_model(base, old.variants[name]), "cpu", 1)
        outputs = ["embedding", "saliency", "trunk"]
        embedding, saliency, trunk = session.run(outputs, {"pictures": rows})
        embedding_was, saliency_was, trunk_was = was.run(outputs, {"pictures": rows})
        np.testing.assert_array_equal(trunk, trunk_was)
        np.testing.assert_array_equal(saliency, saliency_was)
        assert embedding.shape == (PRODUCTS, new.dimension)
        np.testing.assert_allclose(np.linalg.norm(embedding, axis=1), 1.0, atol=1e-5)
        kept = embedding[:, :width] / np.linalg.norm(embedding[:, :width], axis=1, keepdims=True)
        np.testing.assert_allclose(kept, embedding_was, atol=1e-5)
        assert variant.agreement is None
        assert variant.made.startswith(old.variants[name].made)
    probe = open_session(read_model(folder, new.variants["float32"]), "cpu", 1)
    np.testing.assert_allclose(
        unpack_vector(new.probe), probe.run(["embedding"], {"pictures": probe_batch(SPEC)})[0][0], atol=1e-3
    )


def test_the_id_says_what_it_was_adapted_from(shop: tuple[Path, AdaptReport], base: Path) -> None:
    info = read_info(shop[0] / "000002" / "encoder")
    part = info.parts[-1]
    assert info.id == adapted_id(read_info(base).id, part.start, part.stop, part.weight, part.sha256)
    assert info.id != adapted_id("0" * 32, part.start, part.stop, part.weight, part.sha256)
    assert (info.name, info.licence) == ("tiny, adapted to a shop", read_info(base).licence)
    assert "`shop`" in info.terms
    numbers = onnx.load_from_string(read_model(shop[0] / "000002" / "encoder", info.variants["int8"]))
    tensors = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in numbers.graph.initializer}
    fitted = FittedPart(SHOP, 0, tensors["shop.centre"], tensors["shop.projection"], 1.0, 0)
    assert fitted.digest() == part.sha256


def test_the_same_catalog_gives_the_same_encoder_and_vectors(
    shop: tuple[Path, AdaptReport], own: Path, base: Path
) -> None:
    report = adapted(own, base)
    assert report.encoder_id == shop[1].encoder_id
    for digest in (row_digest, vector_digest, label_digest):
        assert digest(own / "000002" / "catalog.sqlite") == digest(shop[0] / "000002" / "catalog.sqlite")


def test_rollback_returns_to_the_encoder_before(own_adapted: Path, base: Path) -> None:
    assert rollback(own_adapted) == "000001"
    with Generation.open_current(own_adapted, [base]) as generation:
        assert generation.manifest.encoder_id == read_info(base).id


def test_adapting_again_changes_nothing(own_adapted: Path) -> None:
    report = adapted(own_adapted, own_adapted)
    assert (report.ending, report.version, versions(own_adapted)) == (Ending.SAME, "000002", ["000001", "000002"])
    assert not list(own_adapted.glob(".0*"))


def test_a_build_after_it_begins_anew(own_adapted: Path, source: Path, base: Path) -> None:
    """Features belong to the base: nothing is encoded again, and the catalog can be adapted once more."""
    with Encoder.load(base, "cpu", 1) as encoder:
        report = build_catalog(source, own_adapted, encoder)
    assert (report.encoded, report.version) == (0, "000003")
    assert adapted(own_adapted, base).ending is Ending.ADAPTED


# What people confirmed.


def test_confirmations_are_learnt_from_and_quarantined_ones_never(own_adapted: Path) -> None:
    with opened(own_adapted, []) as lookup:
        seen, strange = lit_picture(3, 0), np.full((72, 72, 3), 255, np.uint8)
        good = lookup.overlay.say(Kind.CONFIRMED, "L03", lookup.look_up(seen), seen, lookup.encoder)
        bad = lookup.overlay.say(Kind.CONFIRMED, "L04", lookup.look_up(strange), strange, lookup.encoder)
    assert (good.status, bad.status) == (Status.ACTIVE, Status.QUARANTINED)
    report = adapted(own_adapted, own_adapted)
    assert (report.ending, report.confirmed, report.version) == (Ending.ADAPTED, 1, "000003")
    info = read_info(own_adapted / "000003" / "encoder")
    assert [part.name for part in info.parts] == ["first", "second", SHOP]
    assert info.name == "tiny, adapted to a shop"
    assert info.terms == read_info(own_adapted / "000002" / "encoder").terms
    assert report.encoder_id != read_manifest(own_adapted / "000002").encoder_id
    with opened(own_adapted, []) as lookup:
        assert lookup.overlay.snapshot().counts()["parked"] == 0  # its pictures were encoded anew


def test_confirmations_that_cannot_be_read_are_left_out(
    own: Path, base: Path, shop: tuple[Path, AdaptReport], caplog: pytest.LogCaptureFixture
) -> None:
    (own / "overlay.sqlite").write_bytes(b"no database, but some bytes that are no overlay either" * 40)
    report = adapted(own, base)
    assert (report.confirmed, report.encoder_id) == (0, shop[1].encoder_id)
    assert "overlay.sqlite" in caplog.text
    caplog.clear()


def test_a_confirmed_picture_that_cannot_be_read_is_left_out(
    own_adapted: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(own_adapted, []) as lookup:
        seen = lit_picture(3, 0)
        lookup.overlay.say(Kind.CONFIRMED, "L03", lookup.look_up(seen), seen, lookup.encoder)
    with closing(sqlite3.connect(own_adapted / "overlay.sqlite")) as database:
        database.execute("UPDATE crops SET jpeg = x'0102'")
        database.commit()
    report = adapted(own_adapted, own_adapted)
    assert (report.ending, report.confirmed) == (Ending.SAME, 0)
    assert "confirmation 1" in caplog.text
    caplog.clear()


# What it leaves alone.


def test_where_there_is_nothing_to_gain_nothing_changes(tmp_path: Path, base: Path) -> None:
    """Photos that are noise: no head can tell these products apart."""
    source = lit_shop(tmp_path / "noise")
    rng = np.random.default_rng(1)
    for path in sorted(source.glob("images/*/*.png")):
        save(path, rng.integers(0, 255, (72, 72, 3), dtype=np.uint8))
    folder = built(source, tmp_path / "catalog", base)
    report = adapted(folder, base)
    assert (report.ending, report.version, versions(folder)) == (Ending.NO_GAIN, "000001", ["000001"])
    assert report.outcome is not None
    assert not report.outcome.wins


def test_one_photo_a_product_shows_nothing(tmp_path: Path, base: Path) -> None:
    folder = built(lit_shop(tmp_path / "iconic", photos=1), tmp_path / "catalog", base)
    report = adapted(folder, base)
    assert (report.ending, report.outcome, report.version) == (Ending.TOO_FEW, None, "000001")
    assert "second photo" in summary(report)[0]
    assert "000001 is still active" in summary(report)[1]


@pytest.mark.parametrize("step", ["read", "validate", "write", "index", "calibrate"])
def test_an_interruption_leaves_the_old_catalog(step: str, own: Path, base: Path) -> None:
    def stop(progress: Progress, /) -> None:
        if progress.step == step:
            raise Interrupted

    with pytest.raises(Interrupted):
        adapted(own, base, progress=stop)
    assert (current_version(own), versions(own)) == ("000001", ["000001"])
    assert not list(own.glob(".0*"))
    with Generation.open_current(own, [base]) as generation:
        assert generation.catalog.product_count == PRODUCTS


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_a_kill_at_any_instant_leaves_the_old_catalog_or_the_new_one(own: Path, base: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.adapt_crash_points", str(own), str(base), str(tmp_path / "work"), "7"],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=900,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) >= 10
    assert all(one["killed"] and one["sound"] and one["next"] in ("adapted", "same") for one in found), found
    assert {one["version"] for one in found} == {"000001", "000002"}


def test_short_time_tries_fewer_heads(own: Path, base: Path) -> None:
    clock: Iterator[float] = iter(range(0, 10_000, 60))
    report = adapted(own, base, minutes=0.1, clock=lambda: next(clock))
    assert report.outcome is not None
    assert report.outcome.tried < report.outcome.choices


# Refusals.


def signed(folder: Path) -> Path:
    """As if it had come by sync."""
    path = folder / "000001"
    manifest = read_manifest(path).model_copy(update={"origin": "signed"})
    (path / RECORD_NAME).unlink()
    (path / MANIFEST_NAME).write_bytes(manifest.to_bytes())
    (path / RECORD_NAME).write_bytes(record_files(path).to_bytes())
    return folder


def test_a_catalog_that_came_by_sync_is_refused(own: Path, base: Path) -> None:
    with pytest.raises(CatalogSigned, match="where the catalog is built"):
        adapted(signed(own), base)
    assert versions(own) == ["000001"]


def test_a_folder_without_a_catalog_is_refused_and_not_made(tmp_path: Path, base: Path) -> None:
    with pytest.raises(CatalogMissing):
        adapted(tmp_path / "none", base)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("DELETE FROM photo", 0),
        ("DELETE FROM photo WHERE id = (SELECT max(id) FROM photo)", None),
        ("UPDATE photo SET encoder_id = 'another/int8'", 0),
        ("UPDATE view SET name = 'region'", PRODUCTS * PHOTOS),
        ("UPDATE view SET trunk = zeroblob(8)", 0),
    ],
)
def test_features_that_are_not_all_there_are_refused(
    sql: str, found: int | None, own: Path, base: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(own / FEATURES_NAME)) as database:
        database.execute("PRAGMA foreign_keys = ON")
        database.execute(sql)
        database.commit()
    with pytest.raises(FeaturesMissing, match="skulens build") as refused:
        adapted(own, base)
    assert found is None or refused.value.fields["found"] == found
    assert current_version(own) == "000001"
    caplog.clear()


def test_no_features_at_all_are_refused_and_no_file_is_made(own: Path, own_adapted: Path, base: Path) -> None:
    for folder in (own, own_adapted):
        (folder / FEATURES_NAME).unlink()
        with pytest.raises(FeaturesMissing):
            adapted(folder, base)
        assert not (folder / FEATURES_NAME).exists()


def test_features_of_other_lengths_are_refused(own: Path, base: Path) -> None:
    with closing(sqlite3.connect(own / FEATURES_NAME)) as database:
        rows = database.execute("SELECT id, thumbnail FROM photo").fetchall()
        for identity, thumbnail in rows:
            (embedding,) = database.execute("SELECT embedding FROM view WHERE photo_id = ?", (identity,)).fetchone()
            trunk = bytes(8)
            database.execute("UPDATE view SET trunk = ? WHERE photo_id = ?", (trunk, identity))
            checksum = zlib.crc32(trunk, zlib.crc32(embedding, zlib.crc32(thumbnail)))
            database.execute("UPDATE photo SET crc32 = ? WHERE id = ?", (checksum, identity))
        database.commit()
    with pytest.raises(FeaturesMissing):
        adapted(own, base)


def test_an_adapter_for_another_encoder_is_refused(own_adapted: Path) -> None:
    with closing(sqlite3.connect(own_adapted / FEATURES_NAME)) as database:
        database.execute("UPDATE photo SET encoder_id = 'another/int8'")
        database.commit()
    with pytest.raises(AdapterMismatch, match="another") as refused:
        adapted(own_adapted, own_adapted)
    assert refused.value.fields["found"] == "another"


def test_a_damaged_features_file_is_refused(own_adapted: Path) -> None:
    (own_adapted / FEATURES_NAME).write_bytes(b"SQLite format 3\0" + bytes(100))
    with pytest.raises(FeaturesMissing):
        adapted(own_adapted, own_adapted)


def test_a_flipped_byte_in_the_encoder_is_refused(own_adapted: Path) -> None:
    path = own_adapted / "000002" / "encoder" / "int8.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(EncoderDamaged):
        adapted(own_adapted, own_adapted)


def test_a_busy_catalog_is_refused(own: Path, base: Path) -> None:

    with exclusive(own), ThreadPoolExecutor(1) as other, pytest.raises(CatalogBusy):
        other.submit(adapted, own, base).result()


# The graph.


def test_an_encoder_of_four_parts_over_two_networks_takes_one_more(tmp_path: Path, source: Path) -> None:
    general, tuned = tiny_weights(1, 2), tiny_weights(1, 2)
    other = tiny_weights(2, 2)
    tuned.update(
        {name: values for name, values in other.items() if name.startswith(("_blocks.5", "_blocks.6", "_conv"))}
    )
    tuned.update({name: general[name] for name in general if name.startswith(("_conv_stem",))})
    weights = TrunkWeights(general, tuned, 3)
    rows = prepare([read_picture(path) for path in sorted(source.glob("images/*/*.png"))[:40]], SPEC)
    (trunk,) = open_session(build_model(weights, SPEC, ()).SerializeToString(), "cpu", 1).run(
        ["trunk"], {"pictures": rows}
    )
    width = trunk.shape[1]
    edges = [0, width // 4, width // 2, 3 * width // 4, width]
    parts = tuple(
        fit_part(name, trunk, start, stop, 4)
        for name, start, stop in zip(("tuned", "general", "middle", "front"), edges[:-1], edges[1:], strict=True)
    )
    info = write_encoder(tmp_path / "encoder", weights, SPEC, parts, width, "four")
    model = onnx.load_from_string(read_model(tmp_path / "encoder", info.variants["float32"]))
    shop = fit_part(SHOP, trunk, 5, width, 6)
    names = [part.name for part in parts]
    for _ in range(2):  # the second time it replaces the first
        model = with_part(model, names, shop, 22, tmp_path)
        onnx.checker.check_model(model)
        session = open_session(model.SerializeToString(), "cpu", 1)
        (embedding,) = session.run(["embedding"], {"pictures": rows})
        expected = np.hstack([part.apply(trunk) for part in (*parts, shop)])
        np.testing.assert_allclose(embedding, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-4)
        assert len({tensor.name for tensor in model.graph.initializer}) == len(model.graph.initializer)


def test_a_graph_without_its_parts_is_refused(base: Path) -> None:
    model = onnx.load_from_string(read_model(base, read_info(base).variants["float32"]))
    part = FittedPart(SHOP, 0, np.zeros(96, np.float32), np.ones((96, 2), np.float32), 1.0, 1)
    with pytest.raises(EncoderDamaged, match="does not have the parts"):
        with_part(model, ["first", "third"], part, 5, base)


# The command.


def shape(value: object) -> object:
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value[:1]]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def test_the_command_says_what_it_did(own: Path, base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(base, own / "000001" / "encoder")
    (own / "000001" / RECORD_NAME).unlink()
    (own / "000001" / RECORD_NAME).write_bytes(record_files(own / "000001").to_bytes())
    activate(own, "000001")
    options = [str(own), "--provider", "cpu", "--threads", "1"]
    assert main(["adapt", *options]) == 0
    said = capsys.readouterr()
    assert "80 of 80 photos were held back" in said.out
    assert "Version 000002 is active" in said.out
    assert "trying heads on held-back photos" in said.err
    assert main(["adapt", *options]) == 0
    assert "adapted so already" in capsys.readouterr().out
    assert main(["adapt", "--json", *options]) == 0
    page = (Path(__file__).parent.parent / "docs" / "cli.md").read_text("utf-8")
    example = json.loads(page.partition("```json adapt\n")[2].partition("\n```")[0])
    printed = json.loads(capsys.readouterr().out)
    assert shape(printed) == shape(example)
    assert printed["ending"] == "same"


def test_the_summary_says_what_is_not_as_usual(shop: tuple[Path, AdaptReport]) -> None:
    report = shop[1]
    assert report.outcome is not None
    usual = summary(report)
    assert len(usual) == 3
    said = summary(replace(report, confirmed=5, outcome=replace(report.outcome, tried=4)))
    assert said[1:3] == ["5 confirmed pictures were learnt from too.", "4 of 12 heads were tried in the time."]
    assert "not more than chance" in summary(replace(report, ending=Ending.NO_GAIN))[1]


def test_old_versions_that_cannot_be_removed_are_no_failure(
    own: Path, base: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(folder: Path, keep: int) -> list[str]:
        raise CatalogBusy(folder=folder)

    monkeypatch.setattr("engine.generation_build.prune", refused)
    assert adapted(own, base).ending is Ending.ADAPTED
    assert "Old versions stay" in caplog.text
    caplog.clear()


def test_learning_needs_no_torch_and_deciding_no_onnx() -> None:
    code = """
import sys
import engine.training.adapt_features, engine.training.adapt_validation
assert "onnx" not in sys.modules
import engine.training.adapt
assert "onnx" in sys.modules and "torch" not in sys.modules
"""
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_the_command_names_the_extra(
    own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("engine.training.adapt")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert main(["adapt", str(own)]) == 2
    assert "skulens[train]" in capsys.readouterr().err
