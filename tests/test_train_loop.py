"""Runs of a tiny network: going on after a kill, what stops a run, what it logs, several processes, the commands."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra train")
pytest.importorskip("pytorch_metric_learning", reason="needs the extra train")
pytest.importorskip("tensorboard", reason="needs the extra train")
pytest.importorskip("onnx", reason="needs the extra train")

import torch

from engine.errors import CheckpointUnusable, DiskFull, Interrupted, TrainingData, TrainingDiverged
from engine.records import Progress
from engine.training import train as train_room
from engine.training.batches import Batch
from engine.training.checkpoint import CHECKPOINT_NAME, Checkpoint, load_checkpoint
from engine.training.loop import RunReport, Training
from engine.training.losses import make_loss
from engine.training.network import EmbeddingNetwork
from engine.training.recipe import Recipe
from engine.training.train import Choices, prepare_data, steps_of
from engine.training.validation import Recall
from tests.source_fixtures import write_csv
from tests.test_storage import file_size_limit
from tests.train_fixtures import product_picture, save, tiny_weights, training_shop
from tests.train_process import RECIPE, tiny_run

pytestmark = pytest.mark.train

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> None:
    """Sums come out the same, bit for bit, only from the same number of threads."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return training_shop(tmp_path_factory.mktemp("train") / "shop", products=5, photos=5)


@pytest.fixture(scope="module")
def straight(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nothing disturbed."""
    out = tmp_path_factory.mktemp("straight")
    report = tiny_run(shop, out)
    assert report.run.steps == RECIPE.steps and not report.run.stopped_early
    assert (report.products, len(report.held_out), report.train_photos, report.validation_photos) == (4, 1, 20, 4)
    return out


def run_module(*arguments: object, module: str = "tests.train_process") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *module.split(), *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def assert_equal(one: Checkpoint, other: Checkpoint, tolerance: float = 0.0) -> None:
    """All weights, averages, the optimizer's state and the best weights."""

    def tensors(value: object, name: str = "") -> Generator[tuple[str, torch.Tensor]]:
        if isinstance(value, torch.Tensor):
            yield name, value
        elif isinstance(value, dict):
            for key, part in value.items():
                yield from tensors(part, f"{name}.{key}")

    assert one.done == other.done and (one.best is None) == (other.best is None)
    parts = ("network", "loss", "optimiser", "average")
    pairs = [(getattr(one, part), getattr(other, part)) for part in parts]
    if one.best is not None and other.best is not None:
        assert (one.best.step, one.best.score) == (other.best.step, pytest.approx(other.best.score))
        pairs.append((one.best.values, other.best.values))
    compared = 0
    for left, right in pairs:
        for (name, here), (_, there) in zip(tensors(left), tensors(right), strict=True):
            torch.testing.assert_close(here, there, rtol=tolerance, atol=tolerance, msg=name)
            compared += 1
    assert compared > 100


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "log.csv").open(newline="") as file:
        return list(csv.DictReader(file))


# Going on.


def test_a_run_that_was_stopped_goes_on_as_if_nothing_had_been(
    shop: Path, straight: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.ingest.pace._INTERVAL_S", 0.0)  # each step is told, however fast it was
    told: list[Progress] = []

    def stop_at_seven(progress: Progress, /) -> None:
        if progress.step == "train" and progress.done >= 7 and not told:
            raise Interrupted

    with pytest.raises(Interrupted):
        tiny_run(shop, tmp_path, progress=stop_at_seven)
    assert load_checkpoint(tmp_path / CHECKPOINT_NAME).done >= 7
    told.append(Progress("", 0, 0))
    report = tiny_run(shop, tmp_path, progress=told.append)
    assert_equal(load_checkpoint(straight / CHECKPOINT_NAME), load_checkpoint(tmp_path / CHECKPOINT_NAME))
    train = [progress for progress in told if progress.step == "train"]
    assert train[0].done >= 7 and train[-1].done == train[-1].total == RECIPE.steps
    assert report.run.best_step in (6, 12)


def test_a_kill_in_the_middle_of_a_checkpoint_costs_nothing_but_time(
    shop: Path, straight: Path, tmp_path: Path
) -> None:
    """Dead after the temporary file of the third checkpoint and before its name: the second one is there, whole."""
    killed = run_module(shop, tmp_path, "{}", 3)
    assert killed.returncode == 9, killed.stderr[-2000:]
    assert load_checkpoint(tmp_path / CHECKPOINT_NAME).done == 6
    assert list(tmp_path.glob(".checkpoint*.part")) and int(rows(tmp_path)[-1]["step"]) >= 6
    tiny_run(shop, tmp_path)
    assert_equal(load_checkpoint(straight / CHECKPOINT_NAME), load_checkpoint(tmp_path / CHECKPOINT_NAME))
    assert not list(tmp_path.glob(".checkpoint*.part"))
    assert [row["step"] for row in rows(tmp_path)] == [row["step"] for row in rows(straight)]


def test_what_is_finished_is_not_done_again(shop: Path, straight: Path) -> None:
    before = (straight / CHECKPOINT_NAME).read_bytes(), (straight / "log.csv").read_bytes()
    report = tiny_run(
        shop, straight, progress=lambda progress: pytest.fail("a step") if progress.step == "train" else None
    )
    assert report.run.steps == RECIPE.steps and report.run.best_score is not None
    assert before == ((straight / CHECKPOINT_NAME).read_bytes(), (straight / "log.csv").read_bytes())


def test_another_seed_is_another_run(shop: Path, straight: Path, tmp_path: Path) -> None:
    tiny_run(shop, tmp_path, replace(RECIPE, seed=1, steps=4))
    one, other = load_checkpoint(tmp_path / CHECKPOINT_NAME), load_checkpoint(straight / CHECKPOINT_NAME)
    assert not torch.equal(one.network["projection.weight"], other.network["projection.weight"])


# Checkpoints that do not fit.


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dimension": 6}, "another network architecture"),
        ({"margin": 0.3}, "another recipe: margin None instead of 0.3"),
        ({"learning_rate": 1.0, "steps": 99}, "learning_rate 0.002 instead of 1.0, steps 12 instead of 99"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(
    shop: Path, straight: Path, changes: dict[str, float], reason: str
) -> None:
    with pytest.raises(CheckpointUnusable, match=reason):
        tiny_run(shop, straight, replace(RECIPE, **changes))


def test_a_checkpoint_of_other_photos_is_refused(shop: Path, straight: Path, tmp_path: Path) -> None:
    other = training_shop(tmp_path / "other", products=5, photos=5, first=20)
    with pytest.raises(CheckpointUnusable, match="photos have changed"):
        tiny_run(other, straight)


def test_a_damaged_checkpoint_is_named_and_left_as_it_is(shop: Path, straight: Path, tmp_path: Path) -> None:
    path = tmp_path / CHECKPOINT_NAME
    content = (straight / CHECKPOINT_NAME).read_bytes()
    middle = len(content) // 2
    flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    for damaged, reason in (
        (flipped, "damaged"),
        (content[:-9], "damaged"),
        (b"a text", "no checkpoint"),
        (b"", "no "),
    ):
        path.write_bytes(damaged)
        with pytest.raises(CheckpointUnusable, match=reason):
            tiny_run(shop, tmp_path)
        assert path.read_bytes() == damaged
    with pytest.raises(CheckpointUnusable, match="No such file"):
        load_checkpoint(tmp_path / "none.ckpt")


# What stops a run.


def small_training(folder: Path, **changes: object) -> Training:
    recipe = replace(Recipe(steps=40, size_px=32, dimension=8, validate_every=2, patience=3), **changes)  # type: ignore[arg-type]
    network = EmbeddingNetwork(tiny_weights(), 8, 6, 0)
    return Training(folder, recipe, network, make_loss("cosface", 3, 8), {"data": "none"}, save_every=3)


def noise(first: int, stop: int) -> Generator[Batch]:
    for step in range(first, stop):
        rng = np.random.default_rng(step)
        pictures = rng.normal(0, 0.5, (3, 3, 32, 32)).astype(np.float32)
        names = (f"{step}/a.jpg", f"{step}/b.jpg", f"{step}/a.jpg")
        yield Batch(step, pictures, np.arange(3), np.ones(3, np.bool_), 0, names)


def no_photos(paths: object) -> np.ndarray:
    raise AssertionError("nothing is embedded here")


def test_a_loss_that_is_no_number_names_the_photos_and_keeps_the_checkpoint(tmp_path: Path) -> None:
    def poisoned(first: int, stop: int) -> Generator[Batch]:
        for batch in noise(first, stop):
            if batch.step == 4:
                batch.pictures[1, 0, 5, 5] = np.nan
            yield batch

    training = small_training(tmp_path)
    with pytest.raises(TrainingDiverged) as caught:
        training.run(poisoned, lambda _: Recall(), no_photos)
    assert caught.value.fields == {"step": 5, "photos": "4/a.jpg, 4/b.jpg"}
    stored = load_checkpoint(tmp_path / CHECKPOINT_NAME)
    assert stored.done == 4 and all(bool(values.isfinite().all()) for values in stored.network.values())
    report = small_training(tmp_path, steps=40).run(noise, lambda _: Recall(), no_photos)  # and it can go on
    assert report == RunReport(40, False, None, 40, tmp_path / CHECKPOINT_NAME)


def test_it_ends_when_validation_gets_no_better(tmp_path: Path) -> None:
    scores = iter([0.2, 0.5, 0.5, 0.4, 0.3, 0.9])
    report = small_training(tmp_path).run(noise, lambda _: Recall(natural=next(scores)), no_photos)
    assert (report.steps, report.stopped_early, report.best_score, report.best_step) == (10, True, 0.5, 4)
    stored = load_checkpoint(tmp_path / CHECKPOINT_NAME)
    assert stored.finished and stored.best is not None and stored.best.step == 4
    assert [row["recall_natural"] for row in rows(tmp_path)] == ["0.2", "0.5", "0.5", "0.4", "0.3"]
    assert small_training(tmp_path).run(noise, no_photos, no_photos).stopped_early  # type: ignore[arg-type]


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path: Path) -> None:
    training = small_training(tmp_path, steps=3)
    training.run(noise, lambda _: Recall(), no_photos)
    (tmp_path / "again").mkdir()
    again = tmp_path / "again" / CHECKPOINT_NAME
    small_training(tmp_path / "again", steps=9, validate_every=50).run(
        lambda first, stop: noise(first, 3), lambda _: Recall(), no_photos
    )
    before = again.read_bytes()
    assert load_checkpoint(again).done == 3
    with file_size_limit(len(before) // 2), pytest.raises(DiskFull):
        small_training(tmp_path / "again", steps=9, validate_every=50).run(noise, lambda _: Recall(), no_photos)
    assert again.read_bytes() == before and not list(again.parent.glob(".*.part"))


def test_too_few_products(shop: Path) -> None:
    with pytest.raises(TrainingData, match="at least two must be left"):
        prepare_data([shop], 32, 0, Choices(hold_out=4))


# What is logged.


def test_the_log_tells_what_happened(straight: Path) -> None:
    told = rows(straight)
    assert [int(row["step"]) for row in told] == [6, 10, 12]
    assert all(float(row["loss"]) > 0 and float(row["pictures_per_s"]) > 0 for row in told)
    assert [bool(row["score"]) for row in told] == [True, False, True]
    assert all(row["recall_natural"] and row["recall_studio"] and row["recall_unseen"] for row in told if row["score"])
    seconds = [float(row["seconds"]) for row in told]
    assert seconds == sorted(seconds)
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(straight / "tensorboard"))
    events.Reload()
    assert {"train/loss", "train/rate", "validation/score"} <= set(events.Tags()["scalars"])
    assert [event.step for event in events.Scalars("train/loss")] == [6, 10, 12]
    assert [event.value for event in events.Scalars("train/loss")] == pytest.approx(
        [float(row["loss"]) for row in told], abs=1e-5
    )


def test_each_photo_is_shown_as_often_as_there_are_epochs(shop: Path) -> None:
    split = prepare_data([shop], 32, 0, Choices(share=0.2)).split
    natural = len([photo for photo in split.train if not photo.studio])
    recipe = replace(RECIPE, classes_per_batch=5)
    assert steps_of(split, recipe, 12) == 12 * natural // 10
    assert steps_of(replace(split, train=tuple(photo for photo in split.train if photo.studio)), recipe, 2) == 2


# Several processes.


def test_two_processes_train_what_one_would(shop: Path, tmp_path: Path) -> None:
    """torchrun and gloo: each makes half of the views of a batch, gradients are averaged.

    Without what compares the views of a batch with each other: that is done within a process.
    """
    changes = {"steps": 4, "packages_per_batch": 0, "keep_shop_weight": 0.0}
    torchrun = "torch.distributed.run --standalone --nproc-per-node 2 -m tests.train_process"
    done = run_module(shop, tmp_path / "two", json.dumps(changes), module=torchrun)
    assert done.returncode == 0, done.stderr[-3000:]
    tiny_run(shop, tmp_path / "one", replace(RECIPE, **changes))
    one, two = (load_checkpoint(tmp_path / name / CHECKPOINT_NAME) for name in ("one", "two"))
    assert two.done == 4
    for name, values in one.network.items():
        torch.testing.assert_close(two.network[name], values, rtol=1e-3, atol=2e-4, msg=name)
    assert len(rows(tmp_path / "two")) == len(rows(tmp_path / "one"))


# The commands.


def test_train_and_export_by_command(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.cli.app import run as command

    monkeypatch.setattr(train_room, "imagenet_weights", lambda _: tiny_weights())
    (shop / "images" / "T00" / "broken.jpg").write_text("no picture")
    save(tmp_path / "query.png", product_picture(1, 40))
    queries = write_csv(tmp_path / "queries.csv", [{"path": "query.png", "sku": "T01"}])
    save(tmp_path / "walls" / "wall.png", product_picture(9, 9))
    (tmp_path / "walls" / "wall.jpg").write_text("no picture")
    options = ["--size", "32", "--dimension", "8", "--epochs", "1", "--classes", "4", "--first-block", "6"]
    options += ["--loss", "supcon", "--precision", "float32", "--out", str(tmp_path / "run"), "--json"]
    options += ["--backgrounds", str(tmp_path / "walls"), "--validate", str(queries)]
    try:
        assert command(["train", str(shop), *options]) == 0
    finally:
        (shop / "images" / "T00" / "broken.jpg").unlink()
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert (answer["products"], answer["train_photos"], answer["validation_photos"]) == (5, 30, 1)
    assert answer["steps"] == 3 and answer["left_out"] == 2 and answer["best_score"] is not None
    assert "broken.jpg (T00)" in said.err and "photos 31/31" in said.err and "train 3/3" in said.err
    assert "wall.jpg" in (tmp_path / "run" / "rejected.csv").read_text("utf-8-sig")
    export = ["encoder", "export", "--out", str(tmp_path / "encoder")]
    assert command([*export, "--checkpoint", answer["checkpoint"], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["dimension"] == 8
    assert command(export) == 2 and "--checkpoint" in capsys.readouterr().err
    assert command([*export, "--checkpoint", str(queries)]) == 2
    assert "no checkpoint" in capsys.readouterr().err
    monkeypatch.setenv("WORLD_SIZE", "3")
    monkeypatch.setattr("torch.distributed.init_process_group", lambda *_, **__: None)
    monkeypatch.setattr("torch.distributed.destroy_process_group", lambda: None)
    assert command(["train", str(shop), *options]) == 2
    assert "3 processes cannot share 4 products" in capsys.readouterr().err


def test_without_the_extra_its_name_is_told(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['pytorch_metric_learning'] = None\n"
        "from engine.cli.app import run\n"
        f"sys.exit(run(['train', {str(tmp_path)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "pip install 'skulens[train]'" in done.stderr and "Traceback" not in done.stderr
