"""A run's state in one file, whole or not at all, so that a run goes on after a kill at any instant."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from engine.errors import CheckpointUnusable
from engine.storage import write_whole
from engine.training.recipe import differences

CHECKPOINT_NAME = "checkpoint.ckpt"
_MAGIC = b"skulens training checkpoint 1\n"
_DIGEST_BYTES = 32

Values = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Best:
    """The averaged weights that validated best: the trained parameters by name, their score 0..1 and step."""

    values: Values
    score: float
    step: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that a run needs to go on. `done` counts optimizer steps; `idle` validations since the best one.

    `identity` holds what must not change between a run and its resumption: recipe, architecture, data. `network`,
    `loss` and `optimiser` are states; `average` are the averaged trained parameters by name.
    """

    identity: dict[str, Any]
    done: int
    network: Values
    loss: Values
    optimiser: dict[str, Any]
    average: Values
    random: torch.Tensor
    best: Best | None = None
    idle: int = 0
    finished: bool = False

    def chosen(self) -> Values:
        """The network's whole state for use: the best averaged weights, else the newest averaged ones."""
        return {**self.network, **(self.average if self.best is None else self.best.values)}


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write it whole. Raises DiskFull or NotWritable; the checkpoint that was there before is then still there."""
    state = {name: getattr(checkpoint, name) for name in Checkpoint.__slots__}
    if checkpoint.best is not None:
        state["best"] = {name: getattr(checkpoint.best, name) for name in Best.__slots__}
    # Into memory first: torch's own writer hides the reason when a disk is full.
    stream = io.BytesIO()
    torch.save(state, stream)
    content = stream.getbuffer()
    write_whole(path, b"".join([_MAGIC, hashlib.sha256(content).digest(), content]))


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint; nothing in it is executed. Raises CheckpointUnusable if it is missing or damaged."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointUnusable(name=path, reason=error.strerror or "it cannot be read") from error
    if not content.startswith(_MAGIC):
        raise CheckpointUnusable(name=path, reason="it is no checkpoint of this version of Skulens")
    start = len(_MAGIC) + _DIGEST_BYTES
    body = memoryview(content)[start:]
    if hashlib.sha256(body).digest() != content[len(_MAGIC) : start]:
        raise CheckpointUnusable(name=path, reason="it is damaged")
    state = torch.load(io.BytesIO(body), map_location="cpu", weights_only=True)
    if state["best"] is not None:
        state["best"] = Best(**state["best"])
    return Checkpoint(**state)


def check_identity(path: Path, stored: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raises CheckpointUnusable if a checkpoint belongs to another architecture, recipe or training data."""
    if stored["architecture"] != wanted["architecture"]:
        raise CheckpointUnusable(name=path, reason="it is of another network architecture")
    changed = differences(stored["recipe"], wanted["recipe"])
    if changed:
        raise CheckpointUnusable(name=path, reason=f"it is of another recipe: {', '.join(changed)}")
    if stored["data"] != wanted["data"]:
        raise CheckpointUnusable(name=path, reason="the photos have changed since")
