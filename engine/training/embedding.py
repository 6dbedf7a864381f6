"""Photos -> embeddings by a network in torch, seen as a lookup sees them: the central square."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from engine.image import InputSpec, prepare
from engine.records import Vectors
from engine.training.network import EmbeddingNetwork
from engine.training.picture_store import PictureStore
from engine.training.workers import Workers

_ROWS = 32


class PhotoEmbedder:
    """Embeds photos of a store in batches. Raises an ImageError for one that cannot be read any more."""

    def __init__(self, network: EmbeddingNetwork, store: PictureStore, spec: InputSpec, workers: Workers) -> None:
        self._network, self._store, self._spec, self._workers = network, store, spec, workers

    @torch.no_grad()
    def __call__(self, paths: Sequence[Path]) -> Vectors:
        """Rows of length 1, float32 (N, D)."""
        self._network.eval()
        found = []
        for start in range(0, len(paths), _ROWS):
            pictures = [self._store.picture(path) for path in paths[start : start + _ROWS]]
            batch = torch.from_numpy(prepare(pictures, self._spec)).to(self._workers.device)
            with self._workers.autocast():
                found.append(self._network(batch).float().cpu().numpy())
        return np.concatenate(found)
