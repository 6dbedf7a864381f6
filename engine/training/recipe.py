"""What a training run is decided by. Two runs with the same recipe, photos and seed give the same encoder."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal, get_args

LossName = Literal["cosface", "arcface", "subcenter", "proxyanchor", "multisimilarity", "supcon"]
LOSS_NAMES: tuple[LossName, ...] = get_args(LossName)


@dataclass(frozen=True, slots=True)
class Recipe:
    """All numbers of a run. `steps` are optimizer steps; a batch holds `batch_rows` views.

    `margin` and `scale` of None are the loss's own (`engine.training.losses`). Learning rates: `learning_rate` is that
    of the network's last layer; each pair of blocks before it has `layer_decay` times that of the pair behind; the
    projection has `projection_rate` times it, the class centres `centre_rate` times. Blocks before `first_block` are
    not trained.

    Against forgetting: each batch has `packages_per_batch` views of random packages, four of each family (two variants,
    two views), which must find their other view among the whole batch; and `kept_per_batch` background photos of other
    things, whose pooled features are held to those of the network before training (their cosine, each less its batch's
    mean) by `keep_weight`, the shop's own natural photos by `keep_shop_weight`. docs/encoder.md has what each gives.

    `patience` is the number of validations without a better one after which the run ends; 0 is never.
    """

    steps: int
    size_px: int = 256
    dimension: int = 256
    loss: LossName = "cosface"
    margin: float | None = None
    scale: float | None = None
    classes_per_batch: int = 24
    natural_per_class: int = 2
    studio_per_class: int = 1
    packages_per_batch: int = 24
    package_weight: float = 0.3
    kept_per_batch: int = 16
    keep_weight: float = 1.0
    keep_shop_weight: float = 0.1
    learning_rate: float = 6e-4
    layer_decay: float = 0.81
    projection_rate: float = 5.0
    centre_rate: float = 20.0
    weight_decay: float = 0.02
    warm_up_steps: int = 40
    last_rate: float = 0.02
    average: float = 0.995
    most_gradient: float = 5.0
    first_block: int = 11
    validate_every: int = 200
    patience: int = 5
    seed: int = 0

    @property
    def batch_rows(self) -> int:
        """Views in a batch, over all processes."""
        shop = self.classes_per_batch * (self.natural_per_class + self.studio_per_class)
        return shop + self.packages_per_batch + self.kept_per_batch

    def rate_at(self, step: int) -> float:
        """The factor of all learning rates in a step: a linear warm-up times half a cosine, down to `last_rate`."""
        warm = min(1.0, (step + 1) / self.warm_up_steps) if self.warm_up_steps else 1.0
        cosine = 0.5 + 0.5 * math.cos(math.pi * step / self.steps)
        return warm * cosine * (1 - self.last_rate) + self.last_rate

    def average_at(self, step: int) -> float:
        """How much of the averaged weights a step keeps: less at first, so that the beginning is soon forgotten."""
        return min(self.average, (step + 2) / (step + 11))

    def as_fields(self) -> dict[str, object]:
        """Names and values, as a checkpoint keeps them."""
        return asdict(self)


def differences(stored: Mapping[str, object], wanted: Mapping[str, object]) -> list[str]:
    """What differs between two sets of fields, as `name 1 instead of 2`: the stored value first. Pure."""
    names = sorted(stored.keys() | wanted.keys())
    changed = [name for name in names if stored.get(name) != wanted.get(name)]
    return [f"{name} {stored.get(name)} instead of {wanted.get(name)}" for name in changed]
