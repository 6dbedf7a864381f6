"""ONNX Runtime session -> unit vectors. Says which provider and variant it got, and why not a better one."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from engine.config import ProviderWish, encoder_folder
from engine.encoder_info import EncoderInfo, VariantName, read_info, read_model
from engine.encoder_probe import probe_batch, unpack_vector
from engine.errors import EncoderDamaged, EncoderError, EncoderMissing, EncoderOutput
from engine.provider import ORT_NAMES, Probe, ProviderChoice, ProviderName, Session, choose, first_line, unit_fault
from engine.records import Tensor, Vectors

__all__ = ["Encoder", "EncoderInfo", "Encoding", "ProviderChoice", "find_encoder", "open_session"]

_log = logging.getLogger(__name__)
_OUTPUTS = ("embedding", "saliency", "trunk")
#: ONNX Runtime's severities: what it says about a missing GPU is in our own words in `ProviderChoice.reasons`.
_FATAL = 4

onnxruntime.set_default_logger_severity(_FATAL)


@dataclass(frozen=True, slots=True)
class Encoding:
    """What one run gives: `embeddings` (N, D) of length 1, `saliency` (N, h, w) >= 0, `trunk` (N, T); all float32."""

    embeddings: Vectors
    saliency: NDArray[np.float32]
    trunk: NDArray[np.float32]


class Encoder:
    """A loaded encoder. `encode` is safe to call from several threads; ONNX Runtime's `run` is."""

    def __init__(self, folder: Path, info: EncoderInfo, choice: ProviderChoice, session: Session) -> None:
        self.folder = folder
        self.info = info
        self.choice = choice
        self._session: Session | None = session

    @classmethod
    def load(cls, folder: Path | None = None, provider: ProviderWish = "auto", threads: int = 0) -> Encoder:
        """Load the encoder of a folder (the application's own by default) on the best provider that works.

        `threads` is the number of CPU threads of one run, 0 is one a core. Raises EncoderMissing, EncoderDamaged, and
        ProviderUnavailable if a forced provider does not work.
        """
        folder = encoder_folder() if folder is None else folder
        info = read_info(folder)

        def opened(name: ProviderName, variant: VariantName) -> Session:
            return open_session(read_model(folder, info.variants[variant]), name, threads)

        def probe() -> Probe:
            try:
                expected = unpack_vector(info.probe)
            except ValueError as error:
                raise EncoderDamaged(name=str(folder), reason="its probe vector is not valid") from error
            return Probe(probe_batch(info.input), expected)

        missing = {} if provider == "cpu" else _missing_cuda()
        choice, session = choose(provider, info.variants.keys(), missing, opened, probe)
        for reason in choice.reasons:
            _log.info("not used: %s", reason)
        _log.info("encoder %s, %s on %s", info.id, choice.variant, choice.provider)
        return cls(folder, info, choice, session)

    def encode(self, batch: Tensor) -> Encoding:
        """Encode a batch, float32 (N, 3, S, S) as `image.prepare` makes it.

        Raises EncoderOutput if the session fails or gives something that is not a unit vector.
        """
        size = self.info.size_px
        if batch.ndim != 4 or batch.shape[1:] != (3, size, size) or batch.dtype != np.float32:
            raise ValueError(f"a batch of {batch.dtype} {batch.shape} for an input of {size} px")
        if self._session is None:
            raise ValueError("the encoder is closed")
        try:
            embeddings, saliency, trunk = self._session.run(_OUTPUTS, {"pictures": batch})
        except Exception as error:  # ONNX Runtime's exceptions have no common type of their own
            raise EncoderOutput(provider=self.choice.provider, reason=first_line(error)) from error
        fault = unit_fault(embeddings)
        if fault:
            raise EncoderOutput(provider=self.choice.provider, reason=fault)
        return Encoding(embeddings, saliency, trunk)

    def close(self) -> None:
        """Let go of the session and its memory. Safe to call twice."""
        self._session = None

    def __enter__(self) -> Encoder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def find_encoder(encoder_id: str, folders: Sequence[Path]) -> Path:
    """The first of the folders (and of their subfolders `encoder`) whose encoder has this id. Raises EncoderMissing.

    A folder without an encoder, or with a damaged one, is passed over: another may have it.
    """
    for folder in folders:
        for place in (folder, folder / "encoder"):
            try:
                if read_info(place).id == encoder_id:
                    return place
            except EncoderError as error:
                if not isinstance(error, EncoderMissing):
                    _log.warning("%s", error)
    raise EncoderMissing(encoder_id=encoder_id)


def open_session(model: bytes, provider: ProviderName, threads: int = 0) -> Session:
    """Create an ONNX Runtime session from checked bytes. Raises EncoderDamaged if the runtime cannot read the model."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _FATAL
    # More than the cores only wait for each other; a mistyped number must not take all memory.
    options.intra_op_num_threads = min(threads, os.cpu_count() or 1)
    options.inter_op_num_threads = 1
    # A waiting thread that spins takes the core from the decoder and the window.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if provider == "cuda":
        if hasattr(onnxruntime, "preload_dlls"):
            onnxruntime.preload_dlls()
        providers: list[Any] = [(ORT_NAMES["cuda"], {"cudnn_conv_algo_search": "HEURISTIC"}), ORT_NAMES["cpu"]]
    else:
        providers = [ORT_NAMES["cpu"]]
    try:
        session: Session = onnxruntime.InferenceSession(model, options, providers=providers)
    except Exception as error:
        if provider == "cpu":
            raise EncoderDamaged(name="model", reason=first_line(error)) from error
        raise
    return session


def _missing_cuda() -> dict[ProviderName, str]:
    """Why CUDA need not be tried on this machine; cheap, so that a machine without a GPU starts fast."""
    if ORT_NAMES["cuda"] not in onnxruntime.get_available_providers():
        return {"cuda": "this build of ONNX Runtime has no CUDA"}
    library = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        ctypes.CDLL(library)
    except OSError:
        return {"cuda": f"no NVIDIA driver on this machine ({library} is missing)"}
    return {}
