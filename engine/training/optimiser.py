"""AdamW with a learning rate for each layer, a schedule over all of them, and the average of the weights."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from engine.training.network import EmbeddingNetwork
from engine.training.recipe import Recipe


def make_optimiser(network: EmbeddingNetwork, loss: nn.Module, recipe: Recipe) -> torch.optim.AdamW:
    """One group a layer; each group keeps the rate that the schedule multiplies as `full_rate`."""
    groups: list[dict[str, object]] = [
        {
            "params": [values for values in layer.parameters() if values.requires_grad],
            "full_rate": recipe.learning_rate * recipe.layer_decay ** (behind / 2),
        }
        for behind, layer in network.trunk.trained_layers()
    ]
    projection_rate = recipe.learning_rate * recipe.projection_rate
    groups.append({"params": list(network.projection.parameters()), "full_rate": projection_rate})
    centres = list(loss.parameters())
    if centres:  # only the direction of a centre counts; decay would make it turn ever faster
        full_rate = recipe.learning_rate * recipe.centre_rate
        groups.append({"params": centres, "full_rate": full_rate, "weight_decay": 0.0})
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, weight_decay=recipe.weight_decay)


def set_rates(optimiser: torch.optim.Optimizer, factor: float) -> None:
    """Set the learning rates of all groups to a factor of their full rates."""
    for group in optimiser.param_groups:
        group["lr"] = group["full_rate"] * factor


class AveragedWeights:
    """The exponential moving average of the trained parameters: less noisy than any single step's."""

    def __init__(self, trained: Mapping[str, nn.Parameter]) -> None:
        self.values = {name: values.detach().clone() for name, values in trained.items()}

    @torch.no_grad()
    def update(self, trained: Mapping[str, nn.Parameter], keep: float) -> None:
        """Move a part 1 - `keep` of the way to the parameters."""
        for name, average in self.values.items():
            average.lerp_(trained[name], 1 - keep)

    def load(self, values: Mapping[str, torch.Tensor]) -> None:
        """Go on from stored values."""
        for name, average in self.values.items():
            average.copy_(values[name])


class Swapped:
    """A context in which a network has other values in its trained parameters."""

    def __init__(self, trained: Mapping[str, nn.Parameter], values: Mapping[str, torch.Tensor]) -> None:
        self._trained, self._values = trained, values
        self._own: dict[str, torch.Tensor] = {}

    @torch.no_grad()
    def __enter__(self) -> None:
        self._own = {name: parameter.detach().clone() for name, parameter in self._trained.items()}
        for name, parameter in self._trained.items():
            parameter.copy_(self._values[name])

    @torch.no_grad()
    def __exit__(self, *_: object) -> None:
        for name, parameter in self._trained.items():
            parameter.copy_(self._own[name])
