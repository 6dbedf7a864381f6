"""Pictures of many files, decoded in threads ahead of the encoder, in order and with bounded memory."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.config import Limits
from engine.errors import EngineError
from engine.image import InputSpec, prepare_into, quality, read_picture
from engine.records import Degraded, Picture

#: Pictures in one encoder run.
BATCH = 8
#: Pictures decoded, being decoded or waiting while a batch is in the encoder.
AHEAD = 8


@dataclass(slots=True)
class DecodedFile:
    """One file: a picture with its whole view as a tensor row, float32 (3, S, S), or the error."""

    path: Path
    picture: Picture | None = None
    whole: NDArray[np.float32] | None = None
    degraded: tuple[Degraded, ...] = ()
    error: EngineError | None = None
    decode_ms: float = 0.0
    prepare_ms: float = 0.0


def decode(path: Path, spec: InputSpec, limits: Limits) -> DecodedFile:
    """Read one file and prepare its whole view; an unreadable one comes with its error."""
    started = time.perf_counter()
    try:
        picture = read_picture(path, limits)
    except EngineError as error:
        return DecodedFile(path, error=error, decode_ms=(time.perf_counter() - started) * 1e3)
    decoded = time.perf_counter()
    whole = np.empty((3, spec.size, spec.size), dtype=np.float32)
    prepare_into(whole, picture, spec)
    degraded = quality(picture).degraded
    prepared = time.perf_counter()
    return DecodedFile(path, picture, whole, degraded, None, (decoded - started) * 1e3, (prepared - decoded) * 1e3)


def decoded_ahead(paths: Iterable[Path], spec: InputSpec, limits: Limits) -> Generator[list[DecodedFile], None, None]:
    """Batches of 1 to BATCH files in the order of `paths`.

    A batch holds what is there already and waits only for its first file, so a slow stream of paths is answered one by
    one and a fast one in full batches. An error that `paths` itself raises is raised here. Closing stops the threads.
    """
    ordered: queue.SimpleQueue[Future[DecodedFile] | BaseException | None] = queue.SimpleQueue()
    room = threading.Semaphore(BATCH + AHEAD)
    stopped = threading.Event()
    decoders = ThreadPoolExecutor(max(1, min(8, os.cpu_count() or 1)), thread_name_prefix="decode")

    def feed() -> None:
        try:
            for path in paths:
                room.acquire()
                if stopped.is_set():
                    return
                ordered.put(decoders.submit(decode, path, spec, limits))
            ordered.put(None)
        except BaseException as error:  # carried over to the thread that reads
            ordered.put(error)

    # A thread of its own, and a daemon: a pipe that nobody writes to must not keep the program from ending.
    threading.Thread(target=feed, name="paths", daemon=True).start()
    held: Future[DecodedFile] | BaseException | None = None
    try:
        while True:
            first = held if held is not None else ordered.get()
            held = None
            if first is None:
                return
            if isinstance(first, BaseException):
                raise first
            batch = [first.result()]
            while len(batch) < BATCH and held is None:
                try:
                    following = ordered.get_nowait()
                except queue.Empty:
                    break
                if not isinstance(following, Future):
                    ordered.put(following)  # the end, or an error: for the next round
                    break
                if not following.done():
                    held = following
                    break
                batch.append(following.result())
            yield batch
            for _ in batch:
                room.release()
            batch.clear()
    finally:
        stopped.set()
        room.release()
        decoders.shutdown(wait=False, cancel_futures=True)
