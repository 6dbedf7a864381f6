"""Which provider and which variant: the decision, apart from the runtime, so that each way to fail can be tested.

No GPU is a normal case. A GPU counts only if the warm-up run on it gave the vector that the encoder expects; a name in
a list of providers proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.config import ProviderWish
from engine.encoder_info import VariantName
from engine.errors import EncoderDamaged, ProviderUnavailable
from engine.records import Tensor

ProviderName = Literal["cpu", "cuda"]
ORT_NAMES: Mapping[ProviderName, str] = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}

#: What each provider runs best, best first.
_PREFERRED: Mapping[ProviderName, tuple[VariantName, ...]] = {
    "cuda": ("float16", "float32"),
    "cpu": ("int8", "float32", "float16"),
}
#: A provider whose probe vector is further from float32's than this computes something else.
PROBE_COSINE = 0.9


@dataclass(frozen=True, slots=True)
class ProviderChoice:
    """What was got, and why nothing better: one sentence for each attempt that failed, best first.

    `gpu_failed` tells a GPU that is there and does not work (something to repair) from a machine without one.
    """

    provider: ProviderName
    variant: VariantName
    reasons: tuple[str, ...] = ()
    gpu_failed: bool = False


class Session(Protocol):
    """The part of an ONNX Runtime session that we use."""

    def run(self, output_names: Sequence[str], input_feed: Mapping[str, Tensor], /) -> Sequence[NDArray[np.float32]]:
        """Run the model."""

    def get_providers(self) -> Sequence[str]:
        """The providers in use, the first one first."""


#: Opens a session; raises anything if it cannot.
OpenSession = Callable[[ProviderName, VariantName], Session]


@dataclass(frozen=True, slots=True)
class Probe:
    """A batch of one row and the float32 embedding (D,) that belongs to it."""

    batch: Tensor
    expected: NDArray[np.float32]


def choose(
    wish: ProviderWish,
    variants: Collection[VariantName],
    missing: Mapping[ProviderName, str],
    open_session: OpenSession,
    probe: Callable[[], Probe],
) -> tuple[ProviderChoice, Session]:
    """Try the providers, best first, and take the first that works.

    `missing` says why a provider need not be tried at all (no driver, not in this build of ONNX Runtime). The CPU is
    not probed: each of its answers is checked when it comes. Raises ProviderUnavailable if the wished provider, or the
    CPU, does not work, and EncoderDamaged from `open_session` as it is.
    """
    wished: tuple[ProviderName, ...] = ("cuda", "cpu") if wish == "auto" else (wish,)
    reasons: list[str] = []
    gpu_failed = False
    for provider in wished:
        variant = next((name for name in _PREFERRED[provider] if name in variants), None)
        if variant is None:
            reasons.append(f"{provider}: the encoder has no variant for it")
            continue
        if provider in missing:
            reasons.append(f"{provider}: {missing[provider]}")
            continue
        try:
            session = open_session(provider, variant)
            if provider != "cpu":
                fault = _fault(session, provider, probe())
                if fault:
                    reasons.append(f"{provider}: {fault}")
                    gpu_failed = True
                    continue
        except EncoderDamaged:
            raise
        except Exception as error:  # ONNX Runtime's exceptions have no common type of their own
            reasons.append(f"{provider}: {first_line(error)}")
            gpu_failed = gpu_failed or provider != "cpu"
            continue
        return ProviderChoice(provider, variant, tuple(reasons), gpu_failed), session
    last = reasons[-1].removeprefix(f"{wished[-1]}: ")
    raise ProviderUnavailable(provider=wished[-1], reason=last)


def _fault(session: Session, provider: ProviderName, probe: Probe) -> str:
    """What is wrong with a session that was created without an error; empty if nothing."""
    used = list(session.get_providers())
    if not used or used[0] != ORT_NAMES[provider]:
        return f"ONNX Runtime fell back to {used[0] if used else 'nothing'}"
    (embedding,) = session.run(["embedding"], {"pictures": probe.batch})
    fault = unit_fault(embedding)
    if fault:
        return f"the warm-up run gave {fault}"
    cosine = float(embedding[0] @ probe.expected / max(1e-6, float(np.linalg.norm(probe.expected))))
    if cosine < PROBE_COSINE:
        return f"the warm-up run gave another vector (cosine {cosine:.3f} to the expected one)"
    return ""


def unit_fault(embeddings: NDArray[np.float32]) -> str:
    """What keeps rows (N, D) from being unit vectors; empty if they are. NaN and infinity make the length so."""
    lengths = np.einsum("nd,nd->n", embeddings, embeddings)
    if not np.all(np.isfinite(lengths)):
        return "values that are not finite"
    if np.any(np.abs(lengths - 1.0) > 1e-3):
        return "vectors that are not of length 1"
    return ""


def first_line(error: BaseException) -> str:
    """The first line of a foreign error, short enough for a sentence."""
    text = str(error).strip() or type(error).__name__
    line = text.splitlines()[0]
    return line if len(line) <= 160 else line[:157] + "..."
