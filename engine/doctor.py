"""`skulens doctor`: is this machine fit? Libraries, folders, provider, variants, camera, catalog.

Each check gives findings and never raises for what it looks for: the report is the place where all of it shows.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from engine.config import ProviderWish, data_folder, encoder_folder, log_folder, resources
from engine.encoder import Encoder, open_session
from engine.encoder_info import EncoderInfo, VariantName, read_info, read_model
from engine.encoder_probe import probe_batch
from engine.errors import CatalogMissing, EngineError, ImageError
from engine.generation import Generation
from engine.image import prepare, read_picture
from engine.provider import Session, first_line
from engine.records import Tensor, Vectors
from engine.stock import StockReader

_LIBRARIES = ("numpy", "opencv-python-headless", "hnswlib", "sqlite-utils", "pillow", "pi-heif", "PySide6-Essentials")
#: Pictures that agreement is tried on, and timed runs of each kind: about a second for a variant.
_PICTURES, _RUNS = 12, 12
#: Under this cosine to float32 a variant computes something else on this machine.
_AGREES = 0.95

#: Names of the cameras that the desktop sees; the engine itself knows no camera.
CameraNames = Callable[[], Sequence[str]]


class State(StrEnum):
    """`note` is worth knowing and normal; `wrong` needs someone."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, in a sentence; `advice` is empty unless there is something to do."""

    name: str
    state: State
    detail: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class VariantCheck:
    """One variant on one provider: cosine to float32 over `pictures` pictures, and medians of timed runs."""

    variant: VariantName
    provider: str
    pictures: int
    mean_cosine: float
    min_cosine: float
    load_ms: float
    one_row_ms: float
    two_rows_ms: float


@dataclass(frozen=True, slots=True)
class Report:
    """All findings; `ok` if none is wrong."""

    findings: tuple[Finding, ...]
    variants: tuple[VariantCheck, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return all(finding.state != State.WRONG for finding in self.findings)


def examine(
    catalog: Path,
    provider: ProviderWish = "auto",
    threads: int = 0,
    cameras: CameraNames | None = None,
    encoder: Path | None = None,
) -> Report:
    """Look at everything; `catalog` is the folder that holds CURRENT. Takes some seconds."""
    folder = encoder_folder() if encoder is None else encoder
    findings = [*check_libraries(), *check_folders((data_folder(), log_folder()))]
    variants: tuple[VariantCheck, ...] = ()
    try:
        info = read_info(folder)
    except EngineError as error:
        findings.append(_wrong("encoder", error))
    else:
        findings.append(Finding("encoder", State.OK, f"{info.name}, {info.id}, in {folder}"))
        findings.extend(check_provider(folder, provider, threads))
        variants, faults = check_variants(folder, info, threads)
        findings.extend(faults)
    findings.append(check_cameras(cameras))
    findings.extend(check_catalog(catalog))
    return Report(tuple(findings), variants)


def check_libraries() -> Iterator[Finding]:
    """The machine, and the version of each library that is installed."""
    cores = os.cpu_count() or 1
    yield Finding("machine", State.OK, f"{platform.platform()}, {cores} cores, Python {platform.python_version()}")
    runtimes = [name for name in ("onnxruntime-gpu", "onnxruntime") if _version(name)]
    if len(runtimes) == 1:
        yield Finding("library", State.OK, f"{runtimes[0]} {_version(runtimes[0])}")
    elif runtimes:
        yield Finding(
            "library",
            State.WRONG,
            "onnxruntime and onnxruntime-gpu are both installed",
            "Uninstall both, then install onnxruntime-gpu alone: it contains the CPU provider.",
        )
    for name in _LIBRARIES:
        version = _version(name)
        if version:
            yield Finding("library", State.OK, f"{name} {version}")
        else:  # a frozen application leaves the metadata of some out
            yield Finding("library", State.NOTE, f"{name}: its version is not known here")


def check_folders(folders: Sequence[Path]) -> Iterator[Finding]:
    """Whether this user may write where catalogs and logs go; nothing is created but the folder."""
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            yield Finding("folder", State.WRONG, f"{folder} cannot be made ({reason})", "Ask your store IT.")
            continue
        if os.access(folder, os.W_OK):
            yield Finding("folder", State.OK, f"{folder}")
        else:
            yield Finding("folder", State.WRONG, f"{folder} cannot be written", "Ask your store IT for the right.")


def check_provider(folder: Path, wish: ProviderWish, threads: int) -> Iterator[Finding]:
    """What a lookup would run on here, and why nothing better."""
    try:
        with Encoder.load(folder, wish, threads) as encoder:
            choice = encoder.choice
    except EngineError as error:
        yield _wrong("provider", error)
        return
    yield Finding("provider", State.OK, f"{choice.variant} on {choice.provider}")
    for reason in choice.reasons:
        yield Finding("provider", State.NOTE, f"not used, {reason}")


def check_variants(
    folder: Path, info: EncoderInfo, threads: int
) -> tuple[tuple[VariantCheck, ...], tuple[Finding, ...]]:
    """Run each variant on the CPU over the bundled samples; compare with float32 where that is there."""
    batch, count = sample_batch(info)
    checks: list[VariantCheck] = []
    faults: list[Finding] = []
    reference: Vectors | None = None
    for name in sorted(info.variants, key=lambda name: name != "float32"):
        try:
            started = time.perf_counter()
            session = open_session(read_model(folder, info.variants[name]), "cpu", threads)
            load_ms = (time.perf_counter() - started) * 1e3
            vectors = np.concatenate(
                [session.run(["embedding"], {"pictures": batch[row : row + 1]})[0] for row in range(len(batch))]
            )
            reference = vectors if name == "float32" else reference
            cosines = np.einsum("nd,nd->n", vectors, vectors if reference is None else reference)
            one = _median_ms(session, batch[:1])
            two = _median_ms(session, np.repeat(batch[:1], 2, axis=0))
        except EngineError as error:
            faults.append(_wrong(f"variant {name}", error))
            continue
        except Exception as error:  # ONNX Runtime's exceptions have no common type of their own
            faults.append(Finding(f"variant {name}", State.WRONG, f"it does not run ({first_line(error)})", _REINSTALL))
            continue
        mean, least = float(cosines.mean()), float(cosines.min())
        checks.append(VariantCheck(name, "cpu", count, mean, least, load_ms, one, two))
        if not least >= _AGREES:  # also if it is not a number
            detail = f"its vectors differ from float32's on this machine (cosine {least:.3f})"
            faults.append(Finding(f"variant {name}", State.WRONG, detail, _REINSTALL))
    if reference is None:
        faults.append(Finding("variants", State.NOTE, "no float32 variant here, so agreement is not checked"))
    return tuple(checks), tuple(faults)


def check_cameras(cameras: CameraNames | None) -> Finding:
    """The cameras that the desktop sees. None is normal: photos and video files do as well."""
    if cameras is None:
        return Finding("camera", State.NOTE, "not looked for: the desktop part is not loaded")
    try:
        names = list(cameras())
    except Exception as error:  # whatever the platform's multimedia libraries raise when they are not whole
        detail = f"the platform's multimedia libraries do not load ({first_line(error)})"
        return Finding("camera", State.WRONG, detail, "Install them; README names them for your system.")
    if names:
        return Finding("camera", State.OK, ", ".join(names))
    return Finding("camera", State.NOTE, "none connected", "Plug one in, or use photos, a video file or a stream.")


def check_catalog(folder: Path) -> Iterator[Finding]:
    """Whether the catalog opens, fits an encoder that is here, and has stock beside it."""
    try:
        with Generation.open_current(folder) as generation:
            manifest = generation.manifest
            counts = manifest.counts
            detail = f"{manifest.name}, version {manifest.version}, {counts.products} products, in {folder}"
            yield Finding("catalog", State.OK, detail)
            found = read_info(generation.encoder_folder).id
            if found != manifest.encoder_id:
                detail = f"the catalog was made with the encoder {manifest.encoder_id}, here is {found}"
                yield Finding("catalog", State.WRONG, detail, "Build the catalog again with `skulens build`.")
            with_stock = (folder / "stock.sqlite").is_file()
    except CatalogMissing as error:
        yield Finding("catalog", State.NOTE, error.message, error.advice)
        return
    except EngineError as error:
        yield _wrong("catalog", error)
        return
    if not with_stock:
        yield Finding("stock", State.NOTE, "no stock beside the catalog", "Put a stock.csv into its source and build.")
        return
    reader = StockReader(folder)
    try:
        reader.levels(())
        yield Finding("stock", State.OK, str(folder / "stock.sqlite"))
    except EngineError as error:
        yield _wrong("stock", error)
    finally:
        reader.close()


def sample_batch(info: EncoderInfo) -> tuple[Tensor, int]:
    """The bundled samples as a batch, or the probe picture alone where there are none; and how many pictures."""
    places = (resources() / "assets" / "samples", resources() / "catalogs" / "demo" / "images")
    paths = [path for place in places for path in sorted(place.rglob("*.jpg"))]
    pictures = []
    for path in paths[:: max(1, len(paths) // _PICTURES)][:_PICTURES]:
        try:
            pictures.append(read_picture(path))
        except ImageError:
            continue
    if not pictures:
        return probe_batch(info.input), 1
    return prepare(pictures, info.input), len(pictures)


_REINSTALL = "Install Skulens again; if it stays, send this report to your store IT."


def _median_ms(session: Session, batch: Tensor) -> float:
    times = []
    for _ in range(_RUNS):
        started = time.perf_counter()
        session.run(["embedding"], {"pictures": batch})
        times.append((time.perf_counter() - started) * 1e3)
    return float(np.median(times))


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _wrong(name: str, error: EngineError) -> Finding:
    return Finding(name, State.WRONG, error.message, error.advice)
