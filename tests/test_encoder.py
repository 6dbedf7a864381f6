"""The bundled encoder: its vectors, its file checks, and what it does with files that lie."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.encoder
from engine.config import encoder_folder
from engine.encoder import Encoder, find_encoder, open_session
from engine.encoder_info import INFO_FILE, read_info, read_model
from engine.encoder_probe import pack_vector, probe_batch, unpack_vector
from engine.errors import EncoderDamaged, EncoderMissing, EncoderOutput, ProviderUnavailable
from engine.image import prepare
from engine.onnx_check import ModelRefused, check_model
from engine.records import Tensor


@pytest.fixture(scope="module")
def bundled() -> Iterator[Encoder]:
    with Encoder.load(provider="cpu", threads=1) as encoder:
        yield encoder


@pytest.fixture
def own_folder(tmp_path: Path) -> Path:
    """A copy of the bundled encoder with the int8 variant only, which a test may damage."""
    folder = tmp_path / "encoder"
    folder.mkdir()
    shutil.copy(encoder_folder() / "int8.onnx", folder)
    info = json.loads((encoder_folder() / INFO_FILE).read_text())
    info["variants"] = {"int8": info["variants"]["int8"]}
    (folder / INFO_FILE).write_text(json.dumps(info))
    return folder


def change(folder: Path, **fields: object) -> None:
    path = folder / INFO_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def replace_model(folder: Path, data: bytes) -> None:
    """Put other bytes in place of the model, with the digest that goes with them."""
    (folder / "int8.onnx").write_bytes(data)
    variant = {"file": "int8.onnx", "sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data)}
    change(folder, variants={"int8": variant})


def pictures(encoder: Encoder, count: int = 3) -> Tensor:
    rng = np.random.default_rng(4)
    return prepare([rng.integers(0, 255, (300, 280, 3), dtype=np.uint8) for _ in range(count)], encoder.info.input)


# Vectors.


def test_shapes_and_unit_length(bundled: Encoder) -> None:
    encoding = bundled.encode(pictures(bundled))
    assert encoding.embeddings.shape == (3, bundled.info.dimension)
    assert encoding.trunk.shape == (3, bundled.info.trunk_dimension)
    assert encoding.saliency.ndim == 3 and encoding.saliency.min() >= 0
    assert {part.dtype for part in (encoding.embeddings, encoding.trunk, encoding.saliency)} == {np.dtype(np.float32)}
    np.testing.assert_allclose(np.linalg.norm(encoding.embeddings, axis=1), 1, atol=1e-5)


def test_a_row_does_not_depend_on_its_neighbours(bundled: Encoder) -> None:
    batch = pictures(bundled)
    together = bundled.encode(batch).embeddings
    for row in range(len(batch)):
        np.testing.assert_allclose(bundled.encode(batch[row : row + 1]).embeddings[0], together[row], atol=2e-3)


def test_a_mistyped_number_of_threads_is_no_more_than_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def session(model: bytes, options: onnxruntime.SessionOptions, providers: list[str]) -> None:
        asked.append(options.intra_op_num_threads)

    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    for threads in (0, 1, 100_000):
        open_session(b"", "cpu", threads)
    assert asked == [0, 1, os.cpu_count()]


def test_float32_gives_the_probe_vector() -> None:
    info = read_info(encoder_folder())
    session = open_session(read_model(encoder_folder(), info.variants["float32"]), "cpu", 1)
    (vector,) = session.run(["embedding"], {"pictures": probe_batch(info.input)})
    assert float(vector[0] @ unpack_vector(info.probe)) > 0.9999


def test_all_variants_agree_on_the_probe() -> None:
    info = read_info(encoder_folder())
    for variant in ("int8", "float16"):
        session = open_session(read_model(encoder_folder(), info.variants[variant]), "cpu", 1)
        (vector,) = session.run(["embedding"], {"pictures": probe_batch(info.input)})
        assert float(vector[0] @ unpack_vector(info.probe)) > 0.95, variant


def test_the_measured_agreement_holds_what_we_promise() -> None:
    """The figures were measured on real photos, which are not in the project; docs/encoder.md has the command."""
    variants = read_info(encoder_folder()).variants
    for name in ("int8", "float16"):
        agreement = variants[name].agreement
        assert agreement is not None and agreement.photos >= 200
        assert agreement.mean_cosine >= 0.99 and agreement.p5_cosine >= 0.98
        assert abs(agreement.accuracy_change) <= 0.005


def test_several_threads_get_the_same_answers(bundled: Encoder) -> None:
    batch = pictures(bundled)
    expected = bundled.encode(batch).embeddings
    found: list[np.ndarray] = []

    def work() -> None:
        for _ in range(3):
            found.append(bundled.encode(batch).embeddings)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12
    for vectors in found:
        np.testing.assert_array_equal(vectors, expected)


def test_a_batch_of_another_shape_is_a_bug(bundled: Encoder) -> None:
    size = bundled.info.size_px
    for batch in (
        np.zeros((1, 3, size, size + 1), np.float32),
        np.zeros((3, size, size), np.float32),
        np.zeros((1, 3, size, size), np.float64),
    ):
        with pytest.raises(ValueError, match=f"{size} px"):
            bundled.encode(batch)


class Answers:
    """A session that gives one answer: what a failing device would."""

    def __init__(self, answer: Callable[[], list[np.ndarray]]) -> None:
        self.answer = answer

    def run(self, *_: object) -> list[np.ndarray]:
        return self.answer()

    def get_providers(self) -> list[str]:
        return ["CPUExecutionProvider"]


def lost() -> list[np.ndarray]:
    raise RuntimeError("the device was lost")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda: [np.full((1, 4), np.nan, np.float32)] * 3, "not finite"),
        (lambda: [np.zeros((1, 4), np.float32)] * 3, "not of length 1"),
        (lost, "the device was lost"),
    ],
)
def test_no_unit_vector_is_an_error(bundled: Encoder, answer: Callable[[], list[np.ndarray]], told: str) -> None:
    encoder = Encoder(bundled.folder, bundled.info, bundled.choice, Answers(answer))
    with pytest.raises(EncoderOutput) as caught:
        encoder.encode(pictures(bundled, 1))
    assert told in caught.value.message and caught.value.advice


def test_closing_twice() -> None:
    encoder = Encoder.load(provider="cpu", threads=1)
    batch = pictures(encoder, 1)
    encoder.close()
    encoder.close()
    with pytest.raises(ValueError, match="closed"):
        encoder.encode(batch)


# Providers on this machine.


def test_this_machine_says_what_it_got_and_nothing_on_stderr() -> None:
    code = "from engine.encoder import Encoder; c = Encoder.load().choice; print(c.provider, c.variant, len(c.reasons))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.split() in (["cpu", "int8", "1"], ["cuda", "float16", "0"])


def test_a_forced_gpu_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.encoder.ctypes, "CDLL", lambda name: (_ for _ in ()).throw(OSError(name)))
    with pytest.raises(ProviderUnavailable) as caught:
        Encoder.load(provider="cuda")
    assert "cuda" in caught.value.message
    assert Encoder.load(provider="auto", threads=1).choice.provider == "cpu"


def test_a_driver_without_the_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver is found, but CUDA's libraries are not: the runtime itself fails, or falls back to the CPU."""
    if not _cuda_build():
        pytest.skip("this build of ONNX Runtime has no CUDA")
    monkeypatch.setattr(engine.encoder.ctypes, "CDLL", lambda name: object())
    choice = Encoder.load(provider="auto", threads=1).choice
    assert choice.provider in ("cpu", "cuda")
    if choice.provider == "cpu":
        assert choice.gpu_failed and choice.reasons[0].startswith("cuda: ")


def _cuda_build() -> bool:
    return "CUDAExecutionProvider" in onnxruntime.get_available_providers()


def test_a_build_without_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    choice = Encoder.load(threads=1).choice
    assert choice.reasons == ("cuda: this build of ONNX Runtime has no CUDA",)


def test_neither_torch_nor_onnx_is_loaded() -> None:
    code = (
        "import sys; from engine.encoder import Encoder; Encoder.load(provider='cpu');"
        "print([m for m in ('torch', 'onnx', 'PySide6', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Files.


def test_a_flipped_byte_is_found(own_folder: Path) -> None:
    path = own_folder / "int8.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(EncoderDamaged, match="SHA-256"):
        Encoder.load(own_folder, "cpu")


def test_files_that_are_not_there(own_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(EncoderMissing):
        Encoder.load(tmp_path)
    (own_folder / "int8.onnx").unlink()
    with pytest.raises(EncoderDamaged):
        Encoder.load(own_folder, "cpu")
    (own_folder / INFO_FILE).unlink()
    (own_folder / INFO_FILE).mkdir()
    with pytest.raises(EncoderDamaged):
        read_info(own_folder)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"id": "x"}', "\x00\xff", '{"format": 1, "id": "' + "0" * 32 + '"}'])
def test_a_broken_info_file(own_folder: Path, text: str) -> None:
    (own_folder / INFO_FILE).write_text(text)
    with pytest.raises(EncoderDamaged) as caught:
        read_info(own_folder)
    assert caught.value.advice


def test_info_from_a_newer_version(own_folder: Path) -> None:
    change(own_folder, format=99)
    with pytest.raises(EncoderDamaged, match="newer"):
        read_info(own_folder)


def test_a_file_name_that_leaves_the_folder_is_refused(own_folder: Path) -> None:
    info = json.loads((own_folder / INFO_FILE).read_text())
    info["variants"]["int8"]["file"] = "../int8.onnx"
    change(own_folder, variants=info["variants"])
    with pytest.raises(EncoderDamaged, match=r"variants\.int8\.file"):
        read_info(own_folder)


def test_a_probe_that_is_none(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(own_folder, probe="***")
    assert Encoder.load(own_folder, "cpu", 1).choice.provider == "cpu"  # the CPU needs none
    with pytest.raises(ValueError, match="float16"):
        unpack_vector("YQ==")


def test_packed_vectors_come_back() -> None:
    vector = np.random.default_rng(0).normal(size=12).astype(np.float32)
    np.testing.assert_allclose(unpack_vector(pack_vector(vector)), vector, rtol=2e-3)


def test_finding_an_encoder_by_its_id(own_folder: Path, tmp_path: Path) -> None:
    wanted = read_info(own_folder).id
    assert find_encoder(wanted, [tmp_path / "nothing", own_folder]) == own_folder
    assert find_encoder(wanted, [tmp_path]) == own_folder  # tmp_path/encoder
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / INFO_FILE).write_text("{")
    assert find_encoder(wanted, [damaged, own_folder]) == own_folder
    with pytest.raises(EncoderMissing) as caught:
        find_encoder("0" * 32, [own_folder])
    assert "0" * 32 in caught.value.message


# ONNX files: the wire format, by hand, so that no package is needed.


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def model(graph: bytes, *more: bytes) -> bytes:
    return field(1, 9) + field(7, graph) + field(8, field(1, b"") + field(2, 18)) + b"".join(more)


def nested(levels: int) -> bytes:
    graph = b""
    for _ in range(levels):
        graph = field(1, field(5, field(6, graph)))
    return graph


def test_a_plain_model_passes() -> None:
    tensor = field(1, 4) + field(2, 1) + field(9, bytes(16))
    check_model(model(field(1, field(1, b"x") + field(4, b"Relu")) + field(5, tensor)))
    check_model(model(nested(5)))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (model(field(5, field(13, field(1, b"location")))), "another file"),
        (model(field(5, field(14, 1))), "another file"),
        (model(field(1, field(5, field(5, field(14, 1))))), "another file"),
        (model(field(1, field(5, field(6, field(5, field(14, 1)))))), "another file"),
        (model(field(1, field(7, b"evil.ops"))), "operators of evil.ops"),
        (model(b"", field(8, field(1, b"evil.ops"))), "operators of evil.ops"),
        (model(b"", field(25, b"")), "functions"),
        (model(field(15, b"")), "sparse"),
        (model(field(1, field(5, field(22, b"")))), "sparse"),
        (model(nested(40)), "nested"),
        (b"", "not an ONNX model"),
        (field(7, b"") * 2, "not an ONNX model"),
        (field(7, 5), "not an ONNX model"),
        (b"\x0b", "not an ONNX model"),
        (b"\xff" * 20, "not an ONNX model"),
        (model(b"") + b"\x3a\x7f", "too early"),
    ],
)
def test_models_that_are_refused(data: bytes, told: str) -> None:
    with pytest.raises(ModelRefused, match=told):
        check_model(data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=120))
def test_any_bytes_are_refused_or_pass(data: bytes) -> None:
    try:
        check_model(data)
    except ModelRefused as error:
        assert str(error)


def test_a_refused_model_is_not_loaded_even_with_the_right_digest(own_folder: Path) -> None:
    replace_model(own_folder, model(field(5, field(14, 1))))
    with pytest.raises(EncoderDamaged, match="another file"):
        Encoder.load(own_folder, "cpu")


def test_a_model_that_the_runtime_cannot_read(own_folder: Path) -> None:
    replace_model(own_folder, model(field(1, field(4, b"NoSuchOperator"))))
    with pytest.raises(EncoderDamaged):
        Encoder.load(own_folder, "cpu")
