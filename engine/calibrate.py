"""Calibrate a catalog at build time, from the catalog itself, in seconds.

Two kinds of simulated queries. Photos: a stored photo asks for its product while it is itself left out. Camera: a
stored photo as a bad camera would see it (`image.distort`), through the real encoder, with both views. What a catalog
cannot simulate is how a store's photo differs from its own pictures: that is measured once, on real shops, and put on
top (`calibrate_trials`). `calibrate_fit` makes a calibration of both.
"""

from __future__ import annotations

import logging

import numpy as np

from engine.calibrate_fit import fit
from engine.calibrate_trials import Gallery, Trials
from engine.catalog import Catalog
from engine.encoder import Encoder
from engine.image import decode_picture, distort
from engine.records import Progress, ProgressCallback, no_progress
from engine.verdict import Calibration
from engine.views import Cost, see

log = logging.getLogger(__name__)

#: Photos that are distorted and encoded (two runs each), and photos that ask as they are: a few seconds together.
CAMERA_QUERIES = 120
PHOTO_QUERIES = 400
_BATCH = 8


def calibrate(
    catalog: Catalog, encoder: Encoder, seed: int = 0, progress: ProgressCallback = no_progress
) -> Calibration:
    """Fit a calibration to an open catalog with the encoder that made it; the same seed gives the same answer.

    Raises EncoderOutput, CatalogDamaged, and whatever `progress` raises to stop.
    """
    unfitted = Calibration(leading=encoder.info.leading)
    gallery = Gallery.of(catalog, unfitted)
    rng = np.random.default_rng(seed)
    trials = Trials()
    for reference in gallery.sample(gallery.affordable(PHOTO_QUERIES), rng):
        asked = gallery.ask(gallery.query(reference), reference, left_out=True)
        if asked.known.own == 0:
            trials.siblings.append(asked.known)
            trials.strangers.extend(asked.stranger)
            trials.variants.extend(asked.variant)
    chosen = gallery.sample(gallery.affordable(CAMERA_QUERIES), rng)
    for start in range(0, len(chosen), _BATCH):
        progress(Progress("calibrate", start, len(chosen)))
        batch = chosen[start : start + _BATCH]
        pictures = [distort(decode_picture(catalog.thumbnail(one), f"photo {one}"), rng) for one in batch]
        for reference, seen in zip(batch, see(encoder, pictures, Cost()), strict=True):
            has_sibling = gallery.ask(gallery.query(reference), reference, left_out=True).known.own == 0
            asked = gallery.ask(seen.embedding, reference, left_out=has_sibling)
            trials.camera.append(asked.known)
            trials.strangers.extend(asked.stranger)
            trials.variants.extend(asked.variant)
    progress(Progress("calibrate", len(chosen), len(chosen)))
    calibration = fit(trials, unfitted)
    log.info("calibrated: %s", calibration)
    return calibration
