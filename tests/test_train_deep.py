"""`skulens adapt --deep` over a small real catalog: what it learns from, how it goes on, what it refuses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra train")
pytest.importorskip("onnx", reason="needs the extra train")

import torch

from engine.cli import main
from engine.cli.adapt_command import as_object, summary
from engine.cli.build_command import _BASE_AGAIN, _KEPT
from engine.config import Settings
from engine.encoder import Encoder, open_session
from engine.encoder_info import TUNED, read_info, read_model
from engine.errors import CatalogSigned, CheckpointUnusable, EncoderDamaged, Interrupted
from engine.generation import Generation, current_version, versions
from engine.generation_build import record_files
from engine.image import prepare, read_picture
from engine.ingest.build import adapted_encoder, build_catalog
from engine.lookup import Lookup
from engine.manifest import MANIFEST_NAME, RECORD_NAME, read_manifest
from engine.overlay_file import Kind
from engine.overlay_rules import Status
from engine.records import Progress, no_progress
from engine.training.adapt import DeepReport, Ending, adapt_catalog
from engine.training.adapt_validation import LEAST_HELD_BACK, answers, gain_of
from engine.training.checkpoint import CHECKPOINT_NAME, load_checkpoint
from engine.training.deep import said_so_far
from engine.training.deep_folder import RUN_NAME
from engine.training.deep_gallery import read_shop
from engine.training.deep_network import network_of, read_start, write_tuned
from engine.training.deep_plan import (
    EPOCHS,
    FEW_STEPS,
    LEAST_STEPS,
    PLAN_NAME,
    Begun,
    Plan,
    check_begun,
    read_plan,
    recipe_for,
    steps_in,
    write_plan,
)
from engine.training.export import build_model, trunk_features, write_encoder
from engine.training.head import fit_part
from engine.training.photos import find_photos
from engine.training.quantize import quantize_encoder
from engine.training.trunk import TrunkWeights, trunk_pieces
from engine.verify import verify
from tests.adapt_fixtures import SPEC, lit_picture, lit_shop, poor_encoder
from tests.deep_fixtures import SAVE_EVERY, STEPS, tuned
from tests.train_fixtures import save, tiny_weights

pytestmark = pytest.mark.train

PRODUCTS, PHOTOS = 12, 12
BEGUN = Begun("000001", "r" * 32, "e" * 32, "", "", 0)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lit_shop(tmp_path_factory.mktemp("deep") / "source", PRODUCTS, PHOTOS)


@pytest.fixture(scope="module")
def base(source: Path) -> Path:
    """An encoder that says but yes or no: its embedding is one number, which is 1 or -1."""
    folder, weights = source.parent / "encoder", TrunkWeights(tiny_weights(11, 4))
    trunk = trunk_features(build_model(weights, SPEC, ()), find_photos(source, 3), SPEC, no_progress)
    write_encoder(folder, weights, SPEC, (fit_part("first", trunk, 0, 40, 1),), trunk.shape[1], "tiny")
    quantize_encoder(folder, source)
    return folder


@pytest.fixture(scope="module")
def built_catalog(source: Path, base: Path) -> Path:
    folder = source.parent / "built"
    with Encoder.load(base, "cpu", 1) as encoder:
        build_catalog(source, folder, encoder)
    return folder


@pytest.fixture
def own(built_catalog: Path, tmp_path: Path) -> Path:
    """A copy of the built catalog that a test may change."""
    return Path(shutil.copytree(built_catalog, tmp_path / "catalog"))


def stopped_after_training(progress: Progress, /) -> None:
    if progress.step not in ("photos", "train"):
        raise Interrupted


@pytest.fixture(scope="module")
def trained(built_catalog: Path, base: Path) -> Path:
    """A catalog whose run has made all its steps at one go and was stopped behind them; do not change it."""
    folder = Path(shutil.copytree(built_catalog, built_catalog.parent / "trained"))
    with pytest.raises(Interrupted):
        tuned(folder, base, progress=stopped_after_training)
    return folder


def embedded(folder: Path, paths: list[Path]) -> np.ndarray:
    info = read_info(folder)
    session = open_session(read_model(folder, info.variants["float32"]), "cpu", 1)
    rows = prepare([read_picture(path) for path in paths], info.input)
    return np.asarray(session.run(["embedding"], {"pictures": rows})[0])


def unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


# An encoder's graph as a network, and back.


def test_an_encoder_of_two_networks_that_is_read_and_written_again_gives_the_same(tmp_path: Path, source: Path) -> None:
    general, other = tiny_weights(1, 2), tiny_weights(2, 2)
    behind = (*(f"_blocks.{number}." for number in range(3, 8)), "_conv_head", "_bn1")
    own = {**general, **{name: values for name, values in other.items() if name.startswith(behind)}}
    weights = TrunkWeights(general, own, 3)
    photos = sorted(source.glob("images/*/*.png"))[:40]
    rows = prepare([read_picture(path) for path in photos], SPEC)
    graph = build_model(weights, SPEC, ()).SerializeToString()
    (trunk,) = open_session(graph, "cpu", 1).run(["trunk"], {"pictures": rows})
    pieces = trunk_pieces(general, 3)
    assert max(stop for _, stop in pieces.values()) == trunk.shape[1]
    parts = tuple(fit_part(name, trunk, *place, 4) for name, place in pieces.items())
    write_encoder(tmp_path / "before", weights, SPEC, parts, trunk.shape[1], "four")
    start = read_start(tmp_path / "before")
    assert (start.first_block, start.dimension, [part.name for part in start.kept]) == (
        3,
        4,
        ["general", "middle", "front"],
    )
    network = network_of(start, 0)
    info = write_tuned(tmp_path / "after", start, network.state_dict(), network.length, 40)
    assert info.adapted_from == start.info.id
    assert [part.name for part in info.parts] == [TUNED, "general", "middle", "front"]
    before, after = embedded(tmp_path / "before", photos), embedded(tmp_path / "after", photos)
    similarities = np.einsum("nd,md->nm", before, before), np.einsum("nd,md->nm", after, after)
    np.testing.assert_allclose(similarities[1], similarities[0], atol=2e-3)


def test_an_encoder_of_one_network_keeps_its_parts_beside_the_new_one(tmp_path: Path, source: Path, base: Path) -> None:
    start = read_start(base)
    network = network_of(start, 0)
    with torch.no_grad():  # as a step of training would
        network.projection.weight.mul_(-1.5)
    info = write_tuned(tmp_path / "after", start, network.state_dict(), network.length, 99)
    assert [part.name for part in info.parts] == [TUNED, "first"]
    assert info.name.endswith("tuned to a shop")
    photos = sorted(source.glob("images/*/*.png"))[::5]
    before, after = embedded(base, photos), embedded(tmp_path / "after", photos)
    np.testing.assert_allclose(unit(after[:, start.dimension :]), before, atol=1e-4)
    with torch.no_grad():
        wanted = network(torch.from_numpy(prepare([read_picture(path) for path in photos], SPEC))).numpy()
    np.testing.assert_allclose(unit(after[:, : start.dimension]), unit(wanted), atol=1e-3)


def test_an_encoder_without_float32_is_refused(base: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(base, tmp_path / "encoder"))
    info = read_info(folder)
    kept = {name: variant for name, variant in info.variants.items() if name != "float32"}
    (folder / "encoder.json").write_text(info.model_copy(update={"variants": kept}).model_dump_json(), "utf-8")
    with pytest.raises(EncoderDamaged, match="float32"):
        read_start(folder)


# The plan.


def test_steps_follow_the_time_and_the_photos() -> None:
    assert steps_in(3600, 1.0, 100, 48) == FEW_STEPS
    assert steps_in(1e9, 1.0, 40_000, 48) == EPOCHS * 40_000 // 48
    assert steps_in(100, 1.0, 40_000, 48) == 100
    assert steps_in(-5, 1.0, 100, 48) == LEAST_STEPS


def test_a_network_that_was_tuned_before_is_changed_more_gently() -> None:
    first, again = (recipe_for(320, 256, 11, 5, tuned, 100) for tuned in (False, True))
    assert again.learning_rate < first.learning_rate
    assert (first.classes_per_batch, first.size_px, first.warm_up_steps) == (5, 256, 25)


def test_a_plan_is_read_as_it_was_written_and_a_damaged_one_refused(tmp_path: Path) -> None:
    assert read_plan(tmp_path) is None
    plan = Plan(BEGUN, (3, 5), recipe_for(320, 256, 11, 5, False, 100))
    write_plan(tmp_path, plan)
    assert read_plan(tmp_path) == plan
    (tmp_path / PLAN_NAME).write_text("{}", "utf-8")
    with pytest.raises(CheckpointUnusable, match="damaged"):
        read_plan(tmp_path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", "000002"),
        ("rows", "s" * 32),
        ("encoder_id", "f" * 32),
        ("source", "shop"),
        ("backgrounds", "shelves"),
        ("seed", 1),
    ],
)
def test_a_run_that_was_begun_otherwise_is_refused(field: str, value: object, tmp_path: Path) -> None:
    check_begun(tmp_path, BEGUN, BEGUN)
    with pytest.raises(CheckpointUnusable, match=field):
        check_begun(tmp_path, BEGUN, replace(BEGUN, **{field: value}))


def test_a_run_of_another_catalog_or_of_other_options_is_refused_and_stays(
    trained: Path, own: Path, base: Path, source: Path, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(trained / RUN_NAME, tmp_path / "run"))
    kept = (run / CHECKPOINT_NAME).read_bytes()
    with pytest.raises(CheckpointUnusable, match="seed 0 instead of 1"):
        tuned(own, base, options={"run": run, "seed": 1})
    save(source / "images" / "L00" / "new.png", lit_picture(0, 99))
    try:
        with Encoder.load(base, "cpu", 1) as encoder:
            build_catalog(source, own, encoder)
    finally:
        (source / "images" / "L00" / "new.png").unlink()
    with pytest.raises(CheckpointUnusable, match="version 000001 instead of 000002"):
        tuned(own, base, options={"run": run})
    assert (run / CHECKPOINT_NAME).read_bytes() == kept


# A run.


@pytest.fixture(scope="module")
def resumed(trained: Path, built_catalog: Path, base: Path) -> tuple[Path, DeepReport]:
    """A catalog whose run was killed in its second checkpoint and went on to its end, and the report of that."""
    folder = Path(shutil.copytree(built_catalog, built_catalog.parent / "resumed"))
    done = subprocess.run(
        [sys.executable, "-m", "tests.deep_fixtures", str(folder), str(base), "2"],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 9, done.stderr
    assert load_checkpoint(folder / RUN_NAME / CHECKPOINT_NAME).done == SAVE_EVERY
    assert (current_version(folder), versions(folder)) == ("000001", ["000001"])
    with pytest.raises(Interrupted):
        tuned(folder, base, progress=stopped_after_training)
    once, again = (load_checkpoint(each / RUN_NAME / CHECKPOINT_NAME) for each in (trained, folder))
    assert once.done == again.done == STEPS
    assert once.chosen().keys() == again.chosen().keys()
    for name, values in once.chosen().items():
        assert torch.equal(values, again.chosen()[name]), name
    return folder, tuned(folder, base)


def test_a_killed_run_goes_on_to_the_same_weights_and_a_generation_that_finds_more(
    resumed: tuple[Path, DeepReport], built_catalog: Path
) -> None:
    """The base tells next to nothing apart, so that even a dozen steps are a gain."""
    folder, report = resumed
    assert (report.ending, report.version) == (Ending.ADAPTED, "000002")
    assert (report.steps, report.planned, report.photos) == (STEPS, STEPS, PRODUCTS * PHOTOS)
    assert report.outcome is not None
    assert report.outcome.held_back >= LEAST_HELD_BACK
    assert report.outcome.after > report.outcome.before
    assert (current_version(folder), versions(folder)) == ("000002", ["000001", "000002"])
    assert not (folder / RUN_NAME).exists()
    assert verify(folder, encoders=[]).ok
    before = read_manifest(built_catalog / "000001")
    with (
        Generation.open_current(folder, []) as generation,  # nobody else has its encoder
        Encoder.load(generation.encoder_folder, "cpu", 1) as encoder,
    ):
        manifest = generation.manifest
        assert (manifest.encoder_id, manifest.dimension) == (report.encoder_id, report.dimension)
        assert (manifest.counts.products, manifest.digests.rows) == (before.counts.products, before.digests.rows)
        assert encoder.info.adapted_from == before.encoder_id
        assert set(encoder.info.variants) == {"float32", "float16", "int8"}
        assert all(one.agreement for name, one in encoder.info.variants.items() if name != "float32")
        lookup = Lookup(generation, encoder, Settings(provider="cpu", threads=1))
        lookup.overlay.prepare(encoder)
        right = [
            lookup.look_up(lit_picture(product, view)).candidates[0].product.sku == f"L{product:02d}"
            for product in range(PRODUCTS)
            for view in (PHOTOS, PHOTOS + 1)
        ]
        lookup.stock.close()
    assert np.mean(right) > report.outcome.before


def test_a_build_keeps_what_was_learnt_and_says_so(
    resumed: tuple[Path, DeepReport],
    built_catalog: Path,
    source: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = Path(shutil.copytree(resumed[0], tmp_path / "rebuilt"))
    options = ["--out", str(folder), "--provider", "cpu", "--threads", "1"]
    assert adapted_encoder(built_catalog) is None
    assert adapted_encoder(folder) == folder / "000002" / "encoder"
    assert main(["build", str(source), *options]) == 0
    assert _KEPT in capsys.readouterr().err
    assert versions(folder) == ["000001", "000002"]  # its features are there, so nothing has changed
    few = lit_shop(tmp_path / "few", 2, 2)
    assert main(["build", str(few), *options]) == 0
    assert read_manifest(folder / "000003").encoder_id == resumed[1].encoder_id
    assert adapted_encoder(folder) == folder / "000003" / "encoder"
    capsys.readouterr()
    assert main(["build", str(few), "--base-encoder", *options]) == 0
    assert _BASE_AGAIN in capsys.readouterr().err
    assert adapted_encoder(folder) is None


def test_a_catalog_that_does_not_gain_is_as_it_was(tmp_path: Path, base: Path) -> None:
    """Photos that are noise: nothing can be learnt about them."""
    source = lit_shop(tmp_path / "noise", 8, 13)
    rng = np.random.default_rng(1)
    for path in sorted(source.glob("images/*/*.png")):
        save(path, rng.integers(0, 255, (72, 72, 3), dtype=np.uint8))
    folder = tmp_path / "catalog"
    with Encoder.load(base, "cpu", 1) as encoder:
        build_catalog(source, folder, encoder)
    was = sorted(path.name for path in folder.iterdir())
    report = tuned(folder, base, steps=2)
    assert report.ending is Ending.NO_GAIN
    assert (report.version, versions(folder)) == ("000001", ["000001"])
    assert report.encoder_id == read_manifest(folder / "000001").encoder_id
    assert sorted(path.name for path in folder.iterdir()) == was
    assert "not more than chance" in "\n".join(summary(report))
    told = as_object(report)
    assert (told["steps"], told["planned"]) == (2, 2)
    assert isinstance(told["validation"], dict)
    assert "shrinkage" not in told["validation"]
    assert "1 of 2 steps were made in the time." in summary(replace(report, steps=1))


def test_too_few_photos_to_hold_back_change_nothing(tmp_path: Path, base: Path) -> None:
    with Encoder.load(base, "cpu", 1) as encoder:
        build_catalog(lit_shop(tmp_path / "few", 3, 2), tmp_path / "catalog", encoder)
    report = tuned(tmp_path / "catalog", base)
    assert (report.ending, report.outcome, report.version) == (Ending.TOO_FEW, None, "000001")
    assert not (tmp_path / "catalog" / RUN_NAME).exists()


def test_what_else_lies_in_the_folder_of_a_run_stays(tmp_path: Path, base: Path) -> None:
    folder, run = tmp_path / "catalog", tmp_path / "run"
    with Encoder.load(base, "cpu", 1) as encoder:
        build_catalog(lit_shop(tmp_path / "few", 3, 2), folder, encoder)
    (run / "papers").mkdir(parents=True)
    (run / "letter.txt").write_text("mine", "utf-8")
    tuned(folder, base, options={"run": run})
    assert sorted(path.name for path in run.iterdir()) == ["letter.txt", "papers"]
    was = sorted(path.name for path in folder.iterdir())
    tuned(folder, base, options={"run": folder})
    assert sorted(path.name for path in folder.iterdir()) == was


def test_a_catalog_that_came_by_sync_is_refused(own: Path, base: Path) -> None:
    path = own / "000001"
    manifest = read_manifest(path).model_copy(update={"origin": "signed"})
    (path / RECORD_NAME).unlink()
    (path / MANIFEST_NAME).write_bytes(manifest.to_bytes())
    (path / RECORD_NAME).write_bytes(record_files(path).to_bytes())
    with pytest.raises(CatalogSigned):
        tuned(own, base)
    assert not (own / RUN_NAME).exists()


# What it learns from.


def test_confirmed_pictures_train_and_quarantined_ones_and_those_that_decide_never(tmp_path: Path) -> None:
    source, base, own = lit_shop(tmp_path / "source"), tmp_path / "encoder", tmp_path / "catalog"
    poor_encoder(base, source)
    quantize_encoder(base, source)
    with Encoder.load(base, "cpu", 1) as encoder:
        build_catalog(source, own, encoder)
    adapt_catalog(own, provider="cpu", threads=1, encoders=[base])  # else everything is like everything
    with (
        Generation.open_current(own, []) as generation,
        Encoder.load(generation.encoder_folder, "cpu", 1) as encoder,
    ):
        lookup = Lookup(generation, encoder, Settings(provider="cpu", threads=1))
        lookup.overlay.prepare(encoder)
        seen, strange = lit_picture(3, 0), np.full((72, 72, 3), 255, np.uint8)
        first = lookup.overlay.say(Kind.CONFIRMED, "L03", lookup.look_up(seen), seen, encoder)
        bad = lookup.overlay.say(Kind.CONFIRMED, "L04", lookup.look_up(strange), strange, encoder)
        lookup.stock.close()
        said = said_so_far(generation, None)
        assert bad.status is Status.QUARANTINED
        assert [feedback.sku for feedback, _ in said] == ["L03"]
        number = said[0][0].id
        assert said_so_far(generation, [number + 100]) == []
        shop = read_shop(generation, said, None, (), 512, 10**8, 0, no_progress)
        paths = {photo.path.as_posix() for photo in shop.split.train}
    assert first.status is Status.ACTIVE
    assert {path for path in paths if path.startswith("confirmed")} == {f"confirmed/{number}"}
    assert shop.confirmed == 1
    deciding = {photo.path.as_posix() for photo in shop.split.validation}
    assert len(deciding) == int(shop.deciding.sum()) > 0
    assert not deciding & paths
    assert len(deciding) + len(paths) == 10 * 8 + 1


def test_a_photo_whose_twin_trains_does_not_decide(tmp_path: Path, base: Path) -> None:
    """Each photo twice, as PNGs of other bytes: one of each pair alone cannot be held back."""
    twice = lit_shop(tmp_path / "twice", 3, 8)
    for path in sorted(twice.glob("images/*/*.png")):
        picture = read_picture(path).copy()
        picture[0, 0] ^= 1
        save(path.with_name(f"z{path.name}"), picture)
    with Encoder.load(base, "cpu", 1) as encoder:
        build_catalog(twice, tmp_path / "catalog", encoder)
    with Generation.open_current(tmp_path / "catalog", [base]) as generation:
        shop = read_shop(generation, [], twice, (), 512, 10**8, 0, no_progress)
    marks = {photo.path: photo.name.rpartition("/")[2].removeprefix("z") for photo in shop.gallery.photos}
    deciding = {(photo.product, marks[photo.path]) for photo in shop.split.validation}
    assert not deciding & {(photo.product, marks[photo.path]) for photo in shop.split.train}


# Deciding.


def test_a_held_back_photo_is_answered_by_all_views_of_the_others() -> None:
    embeddings = unit(np.array([[1, 0], [1, 0.1], [0, 1], [0.1, 1], [0.9, 0.2]], np.float32)).astype(np.float32)
    photos = np.array([0, 0, 1, 2, 3])
    products = np.array([7, 8, 8, 7])
    asks = np.array([False, False, True, True])
    assert answers(embeddings, photos, products, asks).tolist() == [8, 7]


def test_a_gain_of_one_product_alone_is_no_gain() -> None:
    """Its photos get better together: over products the interval reaches 0, however many photos there are."""
    products = np.repeat(np.arange(6), 40)
    before, after = np.zeros(240, np.bool_), products == 0
    assert not gain_of(before, after, products).wins
    assert gain_of(before, np.ones(240, np.bool_), products).wins
