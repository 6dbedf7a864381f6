"""How much of the bare speed a build keeps: photos a second against ONNX Runtime on prepared tensors plus decoding.

    python -m benchmarks.build_rate PHOTOS_FOLDER [--photos N] [--rounds N] [--json]

Bare is the sum of two times, each with all cores at work and nothing else to do: decoding the files, and ONNX Runtime
over tensors that lie ready, for the very runs that the build makes (every whole view, and every region that it looks
into). The runtime is timed in both ways to use the cores (one run on all of them, or one run on each) and the faster
one counts. The build's own time has everything: reading, hashing, decoding, preparing, thumbnails, both runs, writing
features.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from engine.encoder import Encoder
from engine.image import crop, prepare_into, read_picture
from engine.ingest.encoding import encode_source
from engine.ingest.features import FeatureStore
from engine.ingest.photos import SourcePhoto
from engine.ingest.pipeline import CPU_BATCH, worker_count
from engine.records import WHOLE, Tensor, no_progress
from engine.region import salient_region

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


@dataclass(frozen=True, order=True)
class Took:
    """Seconds on the clock, and of all cores together."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True)
class BuildRate:
    """Medians over interleaved rounds, in seconds for all photos; `ratio` is bare time over build time, target 0.85.

    `cpu_ratio` is the same of processor seconds: other programs on the machine disturb it less.
    """

    photos: int
    rows: int
    rounds: int
    cores: int
    decode_s: float
    runtime_s: float
    build_s: float
    photos_per_s: float
    bare_photos_per_s: float
    ratio: float
    ratio_low: float
    ratio_high: float
    cpu_ratio: float


def measure(photos: Sequence[Path], rounds: int = 5) -> BuildRate:
    """Time bare decoding, the bare runtime and the build over the same photos, in turn, `rounds` times."""
    with Encoder.load(provider="cpu", threads=1) as single, Encoder.load(provider="cpu", threads=0) as wide:
        cores = worker_count(single) - 1
        batches = prepared_batches(photos, single)
        decode: list[Took] = []
        runtime: list[Took] = []
        build: list[Took] = []
        for number in range(rounds + 1):
            taken = (
                timed(lambda: decode_all(photos, cores)),
                min(
                    timed(lambda: run_all(wide, batches, 1)),
                    timed(lambda: run_all(single, batches, cores)),
                ),
                build_time(photos, single),
            )
            if number:  # the first round warms caches and arenas
                decode.append(taken[0])
                runtime.append(taken[1])
                build.append(taken[2])
    rounds_taken = list(zip(decode, runtime, build, strict=True))
    ratios = [(one.wall_s + two.wall_s) / three.wall_s for one, two, three in rounds_taken]
    bare_s = statistics.median(one.wall_s + two.wall_s for one, two, _ in rounds_taken)
    build_s = statistics.median(took.wall_s for took in build)
    return BuildRate(
        photos=len(photos),
        rows=sum(len(batch) for batch in batches),
        rounds=rounds,
        cores=cores,
        decode_s=statistics.median(took.wall_s for took in decode),
        runtime_s=statistics.median(took.wall_s for took in runtime),
        build_s=build_s,
        photos_per_s=len(photos) / build_s,
        bare_photos_per_s=len(photos) / bare_s,
        ratio=statistics.median(ratios),
        ratio_low=min(ratios),
        ratio_high=max(ratios),
        cpu_ratio=statistics.median((one.cpu_s + two.cpu_s) / three.cpu_s for one, two, three in rounds_taken),
    )


def prepared_batches(photos: Sequence[Path], encoder: Encoder) -> list[Tensor]:
    """The tensors of all runs of a build: batches of whole views, then of the regions that it looks into."""
    spec = encoder.info.input
    pictures = [read_picture(path) for path in photos]
    whole = np.empty((len(pictures), 3, spec.size, spec.size), np.float32)
    for row, picture in zip(whole, pictures, strict=True):
        prepare_into(row, picture, spec)
    closer = []
    for start in range(0, len(whole), CPU_BATCH):
        saliency = encoder.encode(whole[start : start + CPU_BATCH]).saliency
        for seen, picture in zip(saliency, pictures[start : start + CPU_BATCH], strict=True):
            region = salient_region(seen, (picture.shape[0], picture.shape[1]), spec)
            if region != WHOLE:
                row = np.empty(whole.shape[1:], np.float32)
                prepare_into(row, crop(picture, region), spec)
                closer.append(row)
    inner = np.stack(closer) if closer else whole[:0]
    return [rows[start : start + CPU_BATCH] for rows in (whole, inner) for start in range(0, len(rows), CPU_BATCH)]


def decode_all(photos: Sequence[Path], threads: int) -> None:
    """Decode every photo once, with one thread a core."""
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(read_picture, photos):
            pass


def run_all(encoder: Encoder, batches: Sequence[Tensor], threads: int) -> None:
    """Run every batch once."""
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(encoder.encode, batches):
            pass


def build_time(photos: Sequence[Path], encoder: Encoder) -> Took:
    """From the first file to durable features of all photos."""
    source = [SourcePhoto(str(number), path, path.name) for number, path in enumerate(photos)]
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(FeatureStore(Path(folder), "x", encoder.info.dimension)) as store,
    ):
        return timed(lambda: _encode(source, encoder, store))


def _encode(source: Sequence[SourcePhoto], encoder: Encoder, store: FeatureStore) -> None:
    result = encode_source(source, encoder, store, no_progress)
    if result.encoded != len(source):
        raise SystemExit(f"only {result.encoded} of {len(source)} photos are usable and different")


def timed(work: Callable[[], None]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def photos_in(folder: Path, count: int) -> list[Path]:
    """`count` different photos, spread over the folder."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    step = max(1, len(found) // max(1, count))
    return found[::step][:count]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=160)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    photos = photos_in(options.folder, options.photos)
    if not photos:
        print(f"There is no photo in {options.folder}.", file=sys.stderr)
        return 2
    found = measure(photos, options.rounds)
    if options.json:
        print(json.dumps(asdict(found)))
        return 0
    print(f"{found.photos} photos, {found.rows} rows through the encoder, {found.cores} cores, {found.rounds} rounds")
    print(f"decode {found.decode_s:.2f} s + runtime {found.runtime_s:.2f} s")
    print(f"bare   {found.decode_s + found.runtime_s:.2f} s = {found.bare_photos_per_s:.1f} photos a second")
    print(f"build  {found.build_s:.2f} s = {found.photos_per_s:.1f} photos a second")
    print(f"ratio  {found.ratio:.3f} ({found.ratio_low:.3f} to {found.ratio_high:.3f}), target 0.85")
    print(f"       {found.cpu_ratio:.3f} of processor time, which other programs disturb less")
    return 0


if __name__ == "__main__":
    sys.exit(main())
