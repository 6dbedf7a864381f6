"""Photos to calibrate, fit and measure with: a folder of any depth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.errors import ImageError, TrainingData
from engine.image import InputSpec as InputSpec
from engine.image import prepare, read_picture
from engine.records import Progress, ProgressCallback, Tensor

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic"})


def find_photos(folder: Path, least: int, most: int | None = None) -> list[Path]:
    """All photos under a folder in the order of their names, or `most` of them evenly spread.

    Raises TrainingData if there are fewer than `least`.
    """
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PHOTO_SUFFIXES and path.is_file())
    if len(found) < least:
        raise TrainingData(folder=str(folder), reason=f"{len(found)} photos, at least {least} are needed")
    if most is not None and len(found) > most:
        found = [found[index * len(found) // most] for index in range(most)]
    return found


def batches(
    photos: list[Path], spec: InputSpec, rows: int, step: str, progress: ProgressCallback
) -> Iterator[tuple[list[Path], Tensor]]:
    """Photos as batches of at most `rows`, with the paths that are in each; unreadable photos are left out."""
    for start in range(0, len(photos), rows):
        progress(Progress(step, start, len(photos)))
        kept, pictures = [], []
        for path in photos[start : start + rows]:
            try:
                pictures.append(read_picture(path))
                kept.append(path)
            except ImageError:
                continue
        if kept:
            yield kept, prepare(pictures, spec)
    progress(Progress(step, len(photos), len(photos)))
