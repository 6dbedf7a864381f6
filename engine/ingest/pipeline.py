"""Photos become features with every core busy: each worker reads, decodes, encodes and looks closer by itself.

A worker takes a few photos, encodes their whole views in one run and the items' regions in a second one. While one
worker is in the encoder, another decodes; no stage waits for another and no queue of pictures grows. With an encoder of
one thread a session (`Encoder.load(threads=1)`) two workers on two cores are faster than one run on both: measured in
benchmarks/build_rate.py.
"""

from __future__ import annotations

import hashlib
import os
import queue
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.config import Limits
from engine.encoder import Encoder
from engine.errors import EngineError, ImageNotFound, ImageUnreadable
from engine.image import crop, decode_picture, prepare_into, thumbnail
from engine.image_header import read_header
from engine.ingest.features import PhotoFeatures, View
from engine.ingest.photos import SourcePhoto
from engine.records import WHOLE, Picture, Region, Tensor
from engine.region import salient_region

#: The longer side of a thumbnail, the default of `engine.image.thumbnail`.
THUMBNAIL_PX = 384
#: Photos in one encoder run. On a CPU a row costs the same in any batch, so a small one wastes least at the end.
CPU_BATCH = 4
CUDA_BATCH = 32
#: Pixels that one worker holds at most before it encodes (3 bytes each); a single photo may have more.
_PIXEL_BUDGET = 40_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one photo: `position` is its place in the input.

    `features` are there if it was encoded now; `error` if it cannot be used; neither if this content was known already
    or comes with an equal photo of the same input. `sha256` is None if the file could not be read at all.
    """

    position: int
    sha256: bytes | None
    features: PhotoFeatures | None = None
    error: EngineError | None = None


@dataclass(slots=True)
class _Loaded:
    position: int
    sha256: bytes
    size: tuple[int, int]
    picture: Picture
    thumbnail: bytes


def worker_count(encoder: Encoder) -> int:
    """Workers for this encoder: one a core, and one more so that a slow disk leaves no core idle."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + 1 if encoder.choice.provider == "cpu" else max(2, cores)


def encode_photos(
    photos: Sequence[SourcePhoto],
    encoder: Encoder,
    known: Callable[[bytes], bool] = lambda sha256: False,
    limits: Limits = Limits(),
    workers: int = 0,
) -> Generator[Outcome]:
    """An outcome for each photo, as they are done, in no order.

    `known` says whether the features of a content are stored; it is called in several threads. Closing the iterator
    stops the workers after the batch they are at. Raises EncoderOutput if the session fails.
    """
    count = min(workers or worker_count(encoder), max(1, len(photos)))
    line = _Line(photos, encoder, known, limits, count)
    threads = [threading.Thread(target=line.work, name=f"encode-{number}", daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        for _ in photos:
            outcome = line.outcomes.get()
            if isinstance(outcome, BaseException):
                raise outcome
            yield outcome
    finally:
        line.stopped.set()
        for thread in threads:
            thread.join()


class _Line:
    """What the workers share: the photos not yet taken, the contents already claimed, and the outcomes."""

    def __init__(
        self,
        photos: Sequence[SourcePhoto],
        encoder: Encoder,
        known: Callable[[bytes], bool],
        limits: Limits,
        workers: int,
    ) -> None:
        self.outcomes: queue.SimpleQueue[Outcome | BaseException] = queue.SimpleQueue()
        self.stopped = threading.Event()
        self._photos = iter(enumerate(photos))
        self._left, self._workers = len(photos), workers
        self._encoder, self._known, self._limits = encoder, known, limits
        self._lock = threading.Lock()
        self._claimed: set[bytes] = set()
        self._batch = CPU_BATCH if encoder.choice.provider == "cpu" else CUDA_BATCH
        spec = encoder.info.input
        self._row = (3, spec.size, spec.size)

    def work(self) -> None:
        """Take photos until there are none. A failure of the encoder, or a bug, goes to the reader of the outcomes."""
        batch = np.empty((self._batch, *self._row), dtype=np.float32)
        try:
            while not self.stopped.is_set() and (loaded := self._load(batch)):
                for outcome in self._encode(loaded, batch):
                    self.outcomes.put(outcome)
        except BaseException as error:
            self.outcomes.put(error)

    def _load(self, batch: Tensor) -> list[_Loaded]:
        """Decode the next photos into rows of a batch; what needs no encoding is answered at once."""
        loaded: list[_Loaded] = []
        pixels = 0
        # The last batches get smaller, so that all workers end at about the same time.
        size = min(self._batch, max(1, self._left // (2 * self._workers)))
        while len(loaded) < size and pixels < _PIXEL_BUDGET and not self.stopped.is_set():
            with self._lock:
                position, photo = next(self._photos, (-1, None))
                self._left -= 1
            if photo is None:
                break
            found = self._read(position, photo)
            if isinstance(found, Outcome):
                self.outcomes.put(found)
                continue
            prepare_into(batch[len(loaded)], found.picture, self._encoder.info.input)
            pixels += found.picture.shape[0] * found.picture.shape[1]
            loaded.append(found)
        return loaded

    def _read(self, position: int, photo: SourcePhoto) -> _Loaded | Outcome:
        try:
            data = photo.path.read_bytes()
        except FileNotFoundError as error:
            missing = ImageNotFound(name=photo.name)
            missing.__cause__ = error
            return Outcome(position, None, error=missing)
        except OSError as error:
            unreadable = ImageUnreadable(name=photo.name, reason=error.strerror or "reading failed")
            unreadable.__cause__ = error
            return Outcome(position, None, error=unreadable)
        sha256 = hashlib.sha256(data).digest()
        with self._lock:
            if sha256 in self._claimed or self._known(sha256):
                return Outcome(position, sha256)
            self._claimed.add(sha256)
        try:
            picture = decode_picture(data, photo.name, self._limits)
        except EngineError as error:
            return Outcome(position, sha256, error=error)
        return _Loaded(position, sha256, upright_size(data, picture), picture, thumbnail(shrunk(picture)))

    def _encode(self, loaded: list[_Loaded], batch: Tensor) -> Iterator[Outcome]:
        seen = encode_views([photo.picture for photo in loaded], self._encoder, batch)
        for photo, views in zip(loaded, seen, strict=True):
            features = PhotoFeatures(photo.sha256, *photo.size, photo.thumbnail, views)
            yield Outcome(photo.position, photo.sha256, features)


def encode_views(pictures: Sequence[Picture], encoder: Encoder, batch: Tensor) -> list[tuple[View, ...]]:
    """The views of some pictures that a catalog keeps: each whole, and the item's region in it, if that is less.

    `batch` float32 (at least N, 3, S, S) has the prepared whole pictures in its first rows, and is written over.
    """
    spec = encoder.info.input
    whole = encoder.encode(batch[: len(pictures)])
    shapes = [(picture.shape[0], picture.shape[1]) for picture in pictures]
    regions = [salient_region(seen, shape, spec) for seen, shape in zip(whole.saliency, shapes, strict=True)]
    views = [[_view("whole", WHOLE, whole.embeddings[row], whole.trunk[row])] for row in range(len(pictures))]
    closer = [row for row, region in enumerate(regions) if region != WHOLE]
    for place, row in enumerate(closer):
        prepare_into(batch[place], crop(pictures[row], regions[row]), spec)
    if closer:
        inner = encoder.encode(batch[: len(closer)])
        for place, row in enumerate(closer):
            views[row].append(_view("region", regions[row], inner.embeddings[place], inner.trunk[place]))
    return [tuple(seen) for seen in views]


def shrunk(picture: Picture) -> Picture:
    """A picture whose longer side is at most that of a thumbnail, halved by exact means and then resized bilinearly.

    As sharp as `thumbnail` makes it by area, in a fifth of the time: otherwise a tenth of a build would go there.
    """
    height, width = picture.shape[:2]
    while max(height, width) >= 2 * THUMBNAIL_PX and min(height, width) >= 2:
        height, width = height // 2, width // 2
        picture = np.asarray(
            cv2.resize(picture[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA), np.uint8
        )
    scale = THUMBNAIL_PX / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def upright_size(data: bytes, picture: Picture) -> tuple[int, int]:
    """Width and height of a photo in pixels: a large JPEG is decoded at a part of its size, and Exif may turn it."""
    height, width = picture.shape[:2]
    header = read_header(data)
    if header is None:
        return width, height
    turned = (header.width > header.height) != (width > height) and header.width != header.height
    return (header.height, header.width) if turned else (header.width, header.height)


def _view(name: str, region: Region, embedding: NDArray[np.float32], trunk: NDArray[np.float32]) -> View:
    return View(name, region, embedding.astype(np.float16), trunk.astype(np.float16))
