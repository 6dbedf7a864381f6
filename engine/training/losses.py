"""The metric-learning losses that a run can choose from, of pytorch-metric-learning (Musgrave et al., 2020).

| name | margin | scale |
|---|---|---|
| cosface | cosine that the right class must lead by (Wang et al., CVPR 2018) | factor of the cosines in the softmax |
| arcface | the same as an angle in degrees (Deng et al., CVPR 2019) | as above |
| subcenter | as arcface, the nearest of three centres of a class (Deng et al., ECCV 2020) | as above |
| proxyanchor | cosine around a class's proxy (Kim et al., CVPR 2020) | alpha |
| multisimilarity | the base cosine (Wang et al., CVPR 2019) | beta, of negatives; alpha stays 2 |
| supcon | none (Khosla et al., NeurIPS 2020) | 1 / temperature |
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from pytorch_metric_learning import losses
from torch import nn

from engine.training.recipe import LossName

#: Standard deviation of class centres at first: only their direction counts, and shorter ones turn faster.
_CENTRE_LENGTH = 0.05


@dataclass(frozen=True, slots=True)
class LossDefaults:
    """What margin and scale are if a recipe does not say."""

    margin: float
    scale: float


DEFAULTS: dict[LossName, LossDefaults] = {
    "cosface": LossDefaults(0.1, 24.0),
    "arcface": LossDefaults(10.0, 24.0),
    "subcenter": LossDefaults(10.0, 24.0),
    "proxyanchor": LossDefaults(0.1, 32.0),
    "multisimilarity": LossDefaults(0.5, 50.0),
    "supcon": LossDefaults(0.0, 10.0),
}


def make_loss(
    name: LossName, classes: int, dimension: int, margin: float | None = None, scale: float | None = None, seed: int = 0
) -> nn.Module:
    """A module called with embeddings (N, D) of length 1 and labels (N,); its parameters are the class centres.

    The centres are drawn by `seed` alone.
    """
    defaults = DEFAULTS[name]
    margin = defaults.margin if margin is None else margin
    scale = defaults.scale if scale is None else scale
    softmax = {"cosface": losses.CosFaceLoss, "arcface": losses.ArcFaceLoss, "subcenter": losses.SubCenterArcFaceLoss}
    loss: nn.Module
    if name in softmax:
        loss = softmax[name](num_classes=classes, embedding_size=dimension, margin=margin, scale=scale)
    elif name == "proxyanchor":
        loss = losses.ProxyAnchorLoss(num_classes=classes, embedding_size=dimension, margin=margin, alpha=scale)
    elif name == "multisimilarity":
        loss = losses.MultiSimilarityLoss(alpha=2, beta=scale, base=margin)
    else:
        loss = losses.SupConLoss(temperature=1 / scale)
    generator = torch.Generator().manual_seed(seed)
    for centres in loss.parameters():
        with torch.no_grad():
            centres.copy_(torch.randn(centres.shape, generator=generator) * _CENTRE_LENGTH)
    return loss
