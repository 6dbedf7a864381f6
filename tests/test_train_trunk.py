"""The trunk of two networks that share their first layers: each piece against its network alone, and the variants."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("onnx", reason="needs the extra train")

import onnx
import onnxruntime

from engine.image import InputSpec
from engine.records import Tensor
from engine.training.backbone import GraphWriter, Weights, fold_norms, strided_blocks
from engine.training.export import build_model
from engine.training.head import fit_part
from engine.training.quantize import float16_model, int8_model
from engine.training.trunk import TrunkWeights, write_trunk
from tests.train_fixtures import SIZE_PX, tiny_weights

pytestmark = pytest.mark.train

SPEC = InputSpec(SIZE_PX, (127.0,) * 3, (128.0,) * 3, 1.0)


def parted(first_block: int) -> TrunkWeights:
    """Two networks that are the same before a block and differ in every layer after it."""
    general = fold_norms(tiny_weights())
    rng = np.random.default_rng(3)
    tuned = dict(general)
    for name, values in general.items():
        block = int(name.split(".")[1]) if name.startswith("_blocks.") else -1 if name.startswith("_conv_stem") else 99
        if block >= first_block:
            tuned[name] = (values * rng.uniform(0.7, 1.3, values.shape)).astype(np.float32)
    return TrunkWeights(general, tuned, first_block)


def batch(rows: int = 4) -> Tensor:
    return np.random.default_rng(rows).normal(0, 0.5, (rows, 3, SIZE_PX, SIZE_PX)).astype(np.float32)


def run(model: onnx.ModelProto, rows: Tensor, *outputs: str) -> list[np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return list(session.run(list(outputs), {"pictures": rows}))


def alone(weights: Weights, *outputs: str) -> list[np.ndarray]:
    return run(build_model(weights, SPEC, ()), batch(), *outputs)


@pytest.mark.parametrize("first_block", [1, 3, 5])
def test_each_piece_is_what_its_network_gives_alone(first_block: int) -> None:
    weights = parted(first_block)
    assert weights.tuned is not None
    pieces = write_trunk(GraphWriter(), weights, SIZE_PX).pieces
    saliency, trunk = run(build_model(weights, SPEC, ()), batch(), "saliency", "trunk")
    general_saliency, general = alone(weights.general, "saliency", "trunk")
    (tuned,) = alone(weights.tuned, "trunk")
    np.testing.assert_allclose(trunk[:, slice(*pieces["general"])], general, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(trunk[:, slice(*pieces["tuned"])], tuned, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(saliency, general_saliency, rtol=1e-5, atol=1e-6)
    assert np.abs(general - tuned).max() > 0.01
    assert list(pieces) == ["general", "tuned", "middle", "front"]
    assert trunk.shape[1] == pieces["front"][1] == max(stop for _, stop in pieces.values())
    halving = max(strided_blocks(weights.general))
    width = weights.general[f"_blocks.{halving}._project_conv.weight"].shape[0]
    assert pieces["middle"][1] - pieces["middle"][0] == width


def test_networks_that_part_after_the_last_halving_are_refused() -> None:
    with pytest.raises(ValueError, match="not before the last halving"):
        write_trunk(GraphWriter(), parted(7), SIZE_PX)


def test_both_variants_follow_a_trunk_of_two_networks() -> None:
    weights = parted(3)
    rows = batch(64)
    (trunk,) = run(build_model(weights, SPEC, ()), rows, "trunk")
    pieces = write_trunk(GraphWriter(), weights, SIZE_PX).pieces
    parts = tuple(fit_part(name, trunk, start, stop, 6) for name, (start, stop) in pieces.items())
    model = build_model(weights, SPEC, parts)
    (exact,) = run(model, rows, "embedding")
    for made, least in ((float16_model(model), 0.9995), (int8_model(model, [row[None] for row in rows]), 0.9)):
        (embedding,) = run(made, rows, "embedding")
        np.testing.assert_allclose(np.linalg.norm(embedding, axis=1), 1, atol=1e-3)
        assert np.einsum("nd,nd->n", exact, embedding).mean() > least
    halves = {tensor.name for tensor in float16_model(model).graph.initializer if tensor.data_type == 10}
    assert "tuned._conv_head.kernel" in halves and "_conv_stem.kernel" in halves
