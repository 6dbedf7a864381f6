"""What a step makes smaller: the shop's loss, telling random packages apart, and forgetting less of the rest."""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.nn import functional

from engine.training.network import EmbeddingNetwork, Trunk, gem
from engine.training.recipe import Recipe
from engine.training.workers import Workers

#: Of the contrast between packages: by how much the right cosine must lead, and the factor of the cosines.
PACKAGE_MARGIN, PACKAGE_SCALE = 0.1, 24.0


class Objective(nn.Module):
    """Network and loss as one module, so that several processes average the gradients of both.

    `reference` is the trunk as it was before training, None if nothing is held to it; it is no part of the module.
    """

    def __init__(
        self, network: EmbeddingNetwork, loss: nn.Module, recipe: Recipe, workers: Workers, reference: Trunk | None
    ) -> None:
        super().__init__()
        self.network, self.loss = network, loss
        self._recipe, self._workers, self._reference = recipe, workers, [reference]

    def forward(
        self, pictures: torch.Tensor, labels: torch.Tensor, natural: torch.Tensor, packages: int
    ) -> torch.Tensor:
        """The loss of a batch as `engine.training.batches.Batch` describes it, a scalar."""
        recipe, reference = self._recipe, self._reference[0]
        with self._workers.autocast():
            front = self.network.trunk.front(pictures)
            maps = self.network.trunk.back(front)
        pooled = gem(maps)
        embeddings = self.network.embed(pooled)
        shop = len(labels)
        value: torch.Tensor = self.loss(embeddings[:shop], labels)
        if packages:
            value = value + recipe.package_weight * package_contrast(embeddings, shop, packages)
        if reference is not None:
            with torch.no_grad(), self._workers.autocast():
                before = gem(reference.back(front))
            apart = drift(pooled, before)
            kept = apart[shop + packages :]
            if len(kept):
                value = value + recipe.keep_weight * kept.mean()
            own = apart[:shop][natural]
            if len(own):
                value = value + recipe.keep_shop_weight * own.mean()
        return value


def reference_trunk(network: EmbeddingNetwork, recipe: Recipe) -> Trunk | None:
    """A copy of the trunk that is never trained, if the recipe holds anything to it."""
    if not (recipe.keep_weight and recipe.kept_per_batch) and not recipe.keep_shop_weight:
        return None
    trunk: Trunk = copy.deepcopy(network.trunk)
    trunk.requires_grad_(False)
    return trunk


def package_contrast(embeddings: torch.Tensor, start: int, count: int) -> torch.Tensor:
    """How badly each of `count` package views from `start` on finds its neighbour among all views (N, D), a scalar.

    The normalised temperature-scaled cross entropy (Sohn, "Improved Deep Metric Learning with Multi-class N-pair Loss
    Objective", NIPS 2016; Chen et al., "SimCLR", ICML 2020), with a margin on the right cosine. Views 2 i and 2 i + 1
    are of one package.
    """
    rows = torch.arange(count, device=embeddings.device)
    own, right = start + rows, start + (rows ^ 1)
    scores = embeddings[start : start + count] @ embeddings.T * PACKAGE_SCALE
    lead = torch.zeros_like(scores)
    lead[rows, own] = float("-inf")
    lead[rows, right] = -PACKAGE_MARGIN * PACKAGE_SCALE
    return functional.cross_entropy(scores + lead, right)


def drift(pooled: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
    """How far pooled features (N, C) turned away from what they were before, (N,): 0 not at all, 2 to the opposite.

    Each less the mean of its batch: what all pictures share says nothing about what is on them.
    """
    now = pooled - pooled.mean(dim=0).detach()
    return 1 - functional.cosine_similarity(now, before - before.mean(dim=0))
