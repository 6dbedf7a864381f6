"""A tiny training run in a process of its own: `python -m tests.train_process SHOP OUT CHANGES [DIE_AT_SAVE]`.

Also under torchrun. CHANGES are fields of the recipe as JSON. With DIE_AT_SAVE the process dies, without a word, in the
middle of that checkpoint: its temporary file is written and not yet renamed.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import torch

from engine import storage
from engine.training.recipe import Recipe
from engine.training.train import Choices, TrainReport, prepare_data, train
from engine.training.workers import join_workers
from tests.train_fixtures import SIZE_PX, tiny_weights

RECIPE = Recipe(
    steps=12,
    size_px=SIZE_PX,
    dimension=8,
    classes_per_batch=4,
    packages_per_batch=4,
    first_block=1,
    validate_every=6,
    learning_rate=2e-3,
    warm_up_steps=3,
)
SAVE_EVERY = 4


def tiny_run(shop: Path, out: Path, recipe: Recipe = RECIPE, **fields: object) -> TrainReport:
    with join_workers("float32") as workers:
        data = prepare_data([shop], recipe.size_px, recipe.seed, Choices(hold_out=1, share=0.2))
        return train(data, out, recipe, workers, tiny_weights(), save_every=SAVE_EVERY, **fields)  # type: ignore[arg-type]


def die_at_save(number: int) -> None:
    """Have the process die in the given checkpoint, counted from 1."""
    rename, saved = storage.replace, [0]

    def replace(source: Path, target: Path) -> None:
        saved[0] += target.suffix == ".ckpt"
        if saved[0] == number:
            os._exit(9)
        rename(source, target)

    storage.replace = replace


if __name__ == "__main__":
    torch.set_num_threads(1)
    if len(sys.argv) > 4:
        die_at_save(int(sys.argv[4]))
    tiny_run(Path(sys.argv[1]), Path(sys.argv[2]), replace(RECIPE, **json.loads(sys.argv[3])))
