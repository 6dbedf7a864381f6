"""`skulens train` as people start it: by torchrun in two processes, and on a disk that runs full."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra train")
pytest.importorskip("pytorch_metric_learning", reason="needs the extra train")
pytest.importorskip("tensorboard", reason="needs the extra train")

from engine.cli.app import run as command
from engine.training.backbone import block_count, fold_norms
from engine.training.checkpoint import CHECKPOINT_NAME, load_checkpoint
from engine.training.export import imagenet_weights
from tests.test_crash_activation import can_mount
from tests.train_fixtures import training_shop

pytestmark = pytest.mark.train

ROOT = Path(__file__).parent.parent

#: Two steps of the real network's last block and head, on small pictures.
QUICK = ["--size", "32", "--dimension", "8", "--epochs", "1", "--classes", "4", "--first-block", "20"]
QUICK += ["--packages", "0", "--kept", "0", "--precision", "float32", "--validate-every", "1", "--share", "0.2"]


def logged(out: Path) -> list[dict[str, float]]:
    with (out / "log.csv").open(newline="") as file:
        return [{name: float(row[name]) for name in ("step", "loss", "gradient")} for row in csv.DictReader(file)]


@pytest.mark.slow
def test_torchrun_starts_the_command_in_two_processes_that_log_the_loss_of_one(tmp_path: Path) -> None:
    """As docs/training.md says, on CPUs with gloo; each process sees half of each batch."""
    shop = training_shop(tmp_path / "shop", products=5, photos=5)
    program = [sys.executable, "-m", "desktop", "train", str(shop), *QUICK]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--no-python"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    for name, start in (("one", program), ("two", [*torchrun, *program])):
        done = subprocess.run(
            [*start, "--out", str(tmp_path / name)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=500,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        # One of the processes speaks.
        assert done.stderr.count("Next: skulens encoder export") == 1
    one, two = logged(tmp_path / "one"), logged(tmp_path / "two")
    assert len(one) == len(two) >= 2
    for here, there in zip(one[:2], two[:2], strict=True):
        assert there == pytest.approx(here, rel=5e-3)
    stored = [load_checkpoint(tmp_path / name / CHECKPOINT_NAME) for name in ("one", "two")]
    assert stored[0].done == stored[1].done == len(one) and stored[0].identity == stored[1].identity


def test_blocks_that_the_network_does_not_have_are_refused_by_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = block_count(fold_norms(imagenet_weights("skulens train")))
    assert command(["train", str(tmp_path), "--first-block", str(blocks + 1)]) == 2
    assert f"less than or equal to {blocks}" in capsys.readouterr().err


FULL = """
import os
import sys
from contextlib import suppress
from pathlib import Path
from engine.errors import DiskFull
from engine.training.checkpoint import CHECKPOINT_NAME, load_checkpoint
from engine.training.validation import Recall
from tests.test_train_loop import no_photos, noise, small_training
disk, left_kb = Path(sys.argv[1]), int(sys.argv[2])
run = disk / "run"
small_training(run, steps=9, validate_every=50).run(
    lambda first, stop: noise(first, 3), lambda _: Recall(), no_photos
)
before = (run / CHECKPOINT_NAME).read_bytes()
ballast = disk / "ballast"
with ballast.open("wb", buffering=0) as file, suppress(OSError):
    while file.write(bytes(4096)) == 4096:
        pass
os.truncate(ballast, ballast.stat().st_size - 1024 * left_kb)
try:
    small_training(run, steps=9, validate_every=50).run(noise, lambda _: Recall(), no_photos)
    print("done")
except DiskFull as error:
    print("DiskFull", bool(error.advice))
print((run / CHECKPOINT_NAME).read_bytes() == before, sorted(path.name for path in run.glob(".*")))
ballast.unlink()
print(small_training(run, steps=9, validate_every=50).run(noise, lambda _: Recall(), no_photos).steps)
print(load_checkpoint(run / CHECKPOINT_NAME).done)
"""


@pytest.mark.skipif(not can_mount(), reason="needs a user namespace with its own mounts")
@pytest.mark.parametrize("left_kb", [0, 8, 60])
def test_a_disk_that_is_full_leaves_the_last_checkpoint(tmp_path: Path, left_kb: int) -> None:
    """A real file system without room for the log, or with room for the log and a part of the checkpoint."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f"mount -t tmpfs -o size=2m none '{disk}' && exec '{sys.executable}' -c \"$0\" '{disk}' {left_kb}"
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mount, FULL],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-4:] == ["DiskFull True", "True []", "9", "9"]
