"""The choice of provider, with sessions that fail in each way a GPU is known to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.encoder_info import VariantName
from engine.errors import EncoderDamaged, ProviderUnavailable
from engine.provider import ORT_NAMES, Probe, ProviderName, Session, choose, first_line, unit_fault

DIMENSION = 8
EXPECTED = np.eye(DIMENSION, dtype=np.float32)[0]
ALL: tuple[VariantName, ...] = ("int8", "float16", "float32")


class StandIn:
    """A session of a provider that this machine lacks; `answer` makes its embedding."""

    def __init__(self, providers: Sequence[str], answer: Callable[[], NDArray[np.float32]]) -> None:
        self.providers = list(providers)
        self.answer = answer
        self.runs = 0

    def run(
        self, output_names: Sequence[str], input_feed: Mapping[str, NDArray[np.float32]], /
    ) -> Sequence[NDArray[np.float32]]:
        assert list(output_names) == ["embedding"] and input_feed["pictures"].shape[0] == 1
        self.runs += 1
        return [self.answer()]

    def get_providers(self) -> Sequence[str]:
        return self.providers


def right() -> NDArray[np.float32]:
    return EXPECTED[None].copy()


def probe() -> Probe:
    return Probe(np.zeros((1, 3, 4, 4), np.float32), EXPECTED)


def cpu_or(gpu: Callable[[], Session]) -> Callable[[ProviderName, VariantName], Session]:
    def opened(provider: ProviderName, variant: VariantName) -> Session:
        return gpu() if provider == "cuda" else StandIn([ORT_NAMES["cpu"]], right)

    return opened


def test_a_gpu_that_works_is_taken() -> None:
    gpu = StandIn([ORT_NAMES["cuda"], ORT_NAMES["cpu"]], right)
    choice, session = choose("auto", ALL, {}, cpu_or(lambda: gpu), probe)
    assert (choice.provider, choice.variant, choice.reasons, choice.gpu_failed) == ("cuda", "float16", (), False)
    assert session is gpu and gpu.runs == 1


def broken(error: Exception) -> Callable[[], Session]:
    def opened() -> Session:
        raise error

    return opened


def crash() -> NDArray[np.float32]:
    raise RuntimeError("CUDA failure 700: an illegal memory access was encountered\nand forty more lines")


WAYS_TO_FAIL: dict[str, tuple[Callable[[], Session], str]] = {
    "a library is missing": (broken(OSError("libcudnn.so.9: cannot open shared object file")), "libcudnn.so.9"),
    "no memory": (broken(RuntimeError("Failed to allocate memory")), "allocate memory"),
    "falls back silently": (lambda: StandIn([ORT_NAMES["cpu"]], right), "fell back to CPUExecutionProvider"),
    "has no provider": (lambda: StandIn([], right), "fell back to nothing"),
    "crashes at the first run": (lambda: StandIn([ORT_NAMES["cuda"]], crash), "CUDA failure 700"),
    "gives NaN": (lambda: StandIn([ORT_NAMES["cuda"]], lambda: right() * np.float32(np.nan)), "not finite"),
    "gives infinity": (
        lambda: StandIn([ORT_NAMES["cuda"]], lambda: np.full((1, DIMENSION), np.inf, np.float32)),
        "not finite",
    ),
    "gives zeros": (lambda: StandIn([ORT_NAMES["cuda"]], lambda: right() * 0), "not of length 1"),
    "gives another unit vector": (
        lambda: StandIn([ORT_NAMES["cuda"]], lambda: np.eye(DIMENSION, dtype=np.float32)[1:2]),
        "another vector (cosine 0.000",
    ),
}


@pytest.mark.parametrize("way", WAYS_TO_FAIL)
def test_each_way_to_fail_ends_on_the_cpu_with_a_reason(way: str) -> None:
    gpu, told = WAYS_TO_FAIL[way]
    choice, session = choose("auto", ALL, {}, cpu_or(gpu), probe)
    assert (choice.provider, choice.variant) == ("cpu", "int8")
    assert session.get_providers() == [ORT_NAMES["cpu"]]
    assert len(choice.reasons) == 1 and choice.reasons[0].startswith("cuda: ") and told in choice.reasons[0]
    assert "\n" not in choice.reasons[0]
    assert choice.gpu_failed


@pytest.mark.parametrize("way", WAYS_TO_FAIL)
def test_a_forced_provider_that_fails_is_an_error(way: str) -> None:
    gpu, told = WAYS_TO_FAIL[way]
    with pytest.raises(ProviderUnavailable) as caught:
        choose("cuda", ALL, {}, cpu_or(gpu), probe)
    assert told in caught.value.message and "cuda" in caught.value.message and caught.value.advice


def test_no_gpu_is_normal_and_nothing_is_tried() -> None:
    def never() -> Session:
        raise AssertionError("tried a provider that is known to be missing")

    choice, _ = choose("auto", ALL, {"cuda": "no NVIDIA driver on this machine"}, cpu_or(never), probe)
    assert choice.provider == "cpu" and choice.reasons == ("cuda: no NVIDIA driver on this machine",)
    assert not choice.gpu_failed
    with pytest.raises(ProviderUnavailable, match="no NVIDIA driver"):
        choose("cuda", ALL, {"cuda": "no NVIDIA driver on this machine"}, cpu_or(never), probe)


def test_the_cpu_is_not_probed() -> None:
    def never() -> Probe:
        raise AssertionError("probed the CPU")

    choice, session = choose("cpu", ALL, {}, cpu_or(broken(OSError())), never)
    assert choice.provider == "cpu" and choice.reasons == () and isinstance(session, StandIn) and session.runs == 0


@pytest.mark.parametrize(
    ("variants", "cpu", "cuda"),
    [
        (ALL, "int8", "float16"),
        (("float32",), "float32", "float32"),
        (("float16", "float32"), "float32", "float16"),
        (("int8", "float32"), "int8", "float32"),
    ],
)
def test_each_provider_gets_its_best_variant(
    variants: tuple[VariantName, ...], cpu: VariantName, cuda: VariantName
) -> None:
    gpu = StandIn([ORT_NAMES["cuda"]], right)
    assert choose("cpu", variants, {}, cpu_or(lambda: gpu), probe)[0].variant == cpu
    assert choose("cuda", variants, {}, cpu_or(lambda: gpu), probe)[0].variant == cuda


def test_an_encoder_without_a_variant_for_the_gpu() -> None:
    choice, _ = choose("auto", ("int8",), {}, cpu_or(broken(OSError())), probe)
    assert choice.reasons == ("cuda: the encoder has no variant for it",) and choice.provider == "cpu"
    with pytest.raises(ProviderUnavailable, match="no variant"):
        choose("auto", (), {}, cpu_or(broken(OSError())), probe)


def test_a_damaged_file_is_not_a_reason_to_go_on() -> None:
    with pytest.raises(EncoderDamaged):
        choose("auto", ALL, {}, cpu_or(broken(EncoderDamaged(name="x", reason="y"))), probe)


def test_unit_fault() -> None:
    rows = np.eye(4, dtype=np.float32)
    assert unit_fault(rows) == "" and unit_fault(rows[:0]) == ""
    assert "length" in unit_fault(rows * np.float32(1.01))
    assert "finite" in unit_fault(np.vstack([rows, np.full((1, 4), np.nan, np.float32)]))


def test_first_line_is_short() -> None:
    assert first_line(RuntimeError("one\ntwo")) == "one"
    assert first_line(RuntimeError()) == "RuntimeError"
    assert len(first_line(RuntimeError("x" * 1000))) == 160
