"""Pictures to measure with: the bundled samples, or drawn ones where there are none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from engine.config import resources
from engine.image import read_picture
from engine.records import Picture


def stills(work: Path, count: int = 8) -> list[Path]:
    """`count` photos as files: bundled samples, else drawn JPEGs of 1,600 x 1,200 pixels under `work`."""
    found = sorted((resources() / "assets" / "samples").rglob("*.jpg"))
    if found:
        return [found[place % len(found)] for place in range(count)]
    work.mkdir(parents=True, exist_ok=True)
    paths = [work / f"drawn-{number}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        if not path.exists():
            cv2.imwrite(str(path), cv2.cvtColor(_drawn(number, 1600, 1200), cv2.COLOR_RGB2BGR))
    return paths


def frames(work: Path, count: int, width: int = 640, height: int = 480) -> Iterator[Picture]:
    """A stream: a camera moves slowly over the stills, each frame a copy of its own."""
    views = [cv2.resize(read_picture(path), (width * 5 // 4, height * 5 // 4)) for path in stills(work)]
    for number in range(count):
        view = views[number // 100 % len(views)]
        phase = number / 50
        left, top = int((1 + np.sin(phase)) * width / 8), int((1 + np.cos(phase)) * height / 8)
        yield np.array(view[top : top + height, left : left + width], dtype=np.uint8)


def _drawn(seed: int, width: int, height: int) -> Picture:
    rng = np.random.default_rng(seed)
    scene = cv2.resize(rng.integers(90, 200, (9, 12, 3)).astype(np.uint8), (width, height))
    left, top = width // 3, height // 5
    cv2.rectangle(scene, (left, top), (left + width // 3, top + height * 3 // 5), rng.integers(0, 255, 3).tolist(), -1)
    for _ in range(40):
        corner = (left + int(rng.integers(width // 3)), top + int(rng.integers(height * 3 // 5)))
        cv2.circle(scene, corner, int(rng.integers(5, 40)), rng.integers(0, 255, 3).tolist(), -1)
    noise = rng.normal(0, 6, scene.shape)
    return np.asarray((scene + noise).clip(0, 255), dtype=np.uint8)
