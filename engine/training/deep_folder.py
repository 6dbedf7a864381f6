"""`skulens adapt --deep`: what a run has in its folder until it ends, and how that goes again."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from engine.encoder_info import read_info
from engine.errors import EncoderError
from engine.storage import LOCK_NAME
from engine.training.checkpoint import CHECKPOINT_NAME
from engine.training.deep_plan import PLAN_NAME
from engine.training.train_log import LOG_NAME

RUN_NAME, ENCODER, ENCODED, TRIAL = "tuning", "encoder", "encoded", "trial"
#: All that a run leaves in its folder, which may be one that its user has other things in.
_OWN = (PLAN_NAME, CHECKPOINT_NAME, LOG_NAME, "tensorboard", ENCODER, ENCODED, LOCK_NAME)


def clear_if_done(run: Path, active_encoder: str) -> None:
    """A run that was killed between its activation and its end is over: the active encoder is its own."""
    try:
        done = read_info(run / ENCODER).id == active_encoder
    except EncoderError:
        return
    if done:
        clear(run, spared=LOCK_NAME)


def clear(run: Path, spared: str = "") -> None:
    """Remove what a run wrote, but for one name, and its folder if nothing else is in it.

    That something cannot be removed is no reason to call a finished run a failure.
    """
    with contextlib.suppress(OSError):
        for name in _OWN:
            path = run / name
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif name != spared:
                path.unlink(missing_ok=True)
        if not spared:
            run.rmdir()
