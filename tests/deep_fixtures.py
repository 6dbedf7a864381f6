"""A catalog whose encoder a few steps make better, and runs of `skulens adapt --deep` over it.

    python -m tests.deep_fixtures CATALOG ENCODER DIE_AT_SAVE

runs it in a process of its own that dies, without a word, in the middle of that checkpoint.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from engine.training.adapt import DeepReport
from engine.training.deep import DeepOptions, tune_catalog
from tests.train_process import die_at_save

STEPS, SAVE_EVERY = 12, 4


def tuned(folder: Path, encoder: Path, steps: int = STEPS, **fields: object) -> DeepReport:
    """A run of a few steps, on one thread: sums come out the same only from the same number of them."""
    torch.set_num_threads(1)
    options = DeepOptions(steps=steps, save_every=SAVE_EVERY, **fields.pop("options", {}))  # type: ignore[arg-type]
    return tune_catalog(folder, options=options, provider="cpu", threads=1, encoders=[encoder], **fields)  # type: ignore[arg-type]


if __name__ == "__main__":
    die_at_save(int(sys.argv[3]))
    tuned(Path(sys.argv[1]), Path(sys.argv[2]))
