"""The network that is trained: the same as the exported graph, frozen where it should be, and its losses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra train")
pytest.importorskip("pytorch_metric_learning", reason="needs the extra train")
pytest.importorskip("onnx", reason="needs the extra train")

import onnxruntime
import torch

from engine.encoder import Encoder
from engine.encoder_info import read_info
from engine.errors import TrainingData
from engine.image import InputSpec
from engine.records import Progress
from engine.training.backbone import fold_norms
from engine.training.checkpoint import Best, Checkpoint, save_checkpoint
from engine.training.export import build_model, imagenet_weights
from engine.training.losses import DEFAULTS, make_loss
from engine.training.network import EmbeddingNetwork, FixedDepthwise, gem
from engine.training.optimiser import AveragedWeights, Swapped, make_optimiser, set_rates
from engine.training.recipe import LOSS_NAMES, LossName, Recipe
from engine.training.trained import export_checkpoint, learnt_part, on_principal_axes
from engine.training.workers import Workers, uses_bfloat16
from tests.train_fixtures import SIZE_PX, save, tiny_weights

pytestmark = pytest.mark.train


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> None:
    torch.set_num_threads(1)


def pictures(size: int = SIZE_PX, rows: int = 3) -> np.ndarray:
    return np.random.default_rng(size).normal(0, 0.5, (rows, 3, size, size)).astype(np.float32)


def network(dimension: int = 8, first_block: int = 0) -> EmbeddingNetwork:
    return EmbeddingNetwork(tiny_weights(), dimension, first_block, seed=0)


def by_onnx(model: bytes, batch: np.ndarray, output: str) -> np.ndarray:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return np.asarray(session.run([output], {"pictures": batch})[0])


# The network.


@pytest.mark.parametrize("size", [32, 33, 47])
def test_the_torch_network_is_the_exported_graph(size: int) -> None:
    """Folded weights out of torch give the graph that unfolded ones give, and both are what torch computes."""
    trunk = network().trunk
    spec = InputSpec(size, (127.0,) * 3, (128.0,) * 3, 1.0)
    folded = build_model(trunk.weights(), spec, ()).SerializeToString(deterministic=True)
    assert folded == build_model(tiny_weights(), spec, ()).SerializeToString(deterministic=True)
    with torch.no_grad():
        pooled = gem(trunk(torch.from_numpy(pictures(size)))).numpy()
    np.testing.assert_allclose(by_onnx(folded, pictures(size), "trunk"), pooled, atol=1e-4)


@pytest.mark.parametrize("taps", [3, 5])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("side", [7, 8, 1])
def test_the_gradient_through_fixed_depthwise_kernels_is_autograds(taps: int, stride: int, side: int) -> None:
    generator = torch.Generator().manual_seed(taps * 100 + stride * 10 + side)
    maps = torch.randn((2, 4, side, side), generator=generator, requires_grad=True)
    kernels, bias = torch.randn((4, 1, taps, taps), generator=generator), torch.randn(4, generator=generator)
    bias.requires_grad_(True)
    padding = max(0, (-(-side // stride) - 1) * stride + taps - side)
    pads = (padding // 2, padding - padding // 2)
    weights = torch.randn((2, 4, -(-side // stride), -(-side // stride)), generator=generator)
    found = FixedDepthwise.apply(maps, kernels, bias, stride, pads)
    ours = torch.autograd.grad((found * weights).sum(), (maps, bias))
    padded = torch.nn.functional.pad(maps, (*pads, *pads))
    expected = torch.nn.functional.conv2d(padded, kernels, bias, stride, groups=4)
    torch.testing.assert_close(found, expected)
    theirs = torch.autograd.grad((expected * weights).sum(), (maps, bias))
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_depthwise_kernels_and_the_first_blocks_are_not_trained() -> None:
    net = network(first_block=2)
    names = set(net.trained())
    assert names and not [name for name in names if "_depthwise_conv.weight" in name]
    assert not [name for name in names if "_conv_stem" in name or "_blocks.0." in name or "_blocks.1." in name]
    assert "trunk._blocks.2._depthwise_conv.bias" in names and "trunk._conv_head.weight" in names


def test_imagenet_weights_fold() -> None:
    folded = fold_norms(imagenet_weights())
    assert fold_norms(folded) == folded and not [name for name in folded if "_bn" in name or "_fc" in name]
    trunk = EmbeddingNetwork(folded, 16, 4, 0).trunk
    spec = InputSpec(64, (127.0,) * 3, (128.0,) * 3, 1.0)
    with torch.no_grad():
        pooled = gem(trunk(torch.from_numpy(pictures(64, 1)))).numpy()
    graph = build_model(folded, spec, ()).SerializeToString()
    np.testing.assert_allclose(by_onnx(graph, pictures(64, 1), "trunk"), pooled, atol=2e-4)


def test_embeddings_have_length_one_and_a_seed() -> None:
    batch = torch.from_numpy(pictures())
    with torch.no_grad():
        first, again = network()(batch), network()(batch)
        other = EmbeddingNetwork(tiny_weights(), 8, 0, seed=1)(batch)
    assert first.shape == (3, 8) and first.dtype == torch.float32
    torch.testing.assert_close(first.norm(dim=1), torch.ones(3))
    assert torch.equal(first, again) and not torch.allclose(first, other)


def test_bfloat16_is_near_float32() -> None:
    batch = torch.from_numpy(pictures())
    exact = network()(batch)
    with Workers(bfloat16=True).autocast():
        near = network()(batch)
    assert near.dtype == torch.float32
    assert (near * exact).sum(dim=1).min() > 0.99
    near.sum().backward()


def test_precision_follows_the_wish_and_else_the_hardware() -> None:
    assert uses_bfloat16("bfloat16", "cpu") and not uses_bfloat16("float32", "cpu")
    assert uses_bfloat16("auto", "cpu") == bool(torch.cpu.get_capabilities().get("avx512_bf16", False))


def test_pooling_against_a_loop() -> None:
    maps = torch.from_numpy(np.random.default_rng(0).uniform(0, 6, (2, 5, 3, 4)).astype(np.float32))
    wanted = [[float(np.sqrt(np.mean(np.square(channel.numpy())))) for channel in row] for row in maps]
    np.testing.assert_allclose(gem(maps).numpy(), wanted, rtol=1e-5)


def test_only_the_last_blocks_are_trained_each_at_its_rate() -> None:
    net, loss = network(first_block=5), make_loss("cosface", 4, 8)
    trained = net.trained()
    assert {name.split(".")[2] for name in trained if name.startswith("trunk._blocks")} == {"5", "6", "7"}
    assert not [name for name in trained if "_conv_stem" in name]
    recipe = Recipe(steps=10, learning_rate=1e-3, layer_decay=0.81, projection_rate=5, centre_rate=20)
    optimiser = make_optimiser(net, loss, recipe)
    rates = [round(group["full_rate"], 9) for group in optimiser.param_groups]
    assert rates == [round(1e-3 * 0.9**behind, 9) for behind in (3, 2, 1, 0)] + [5e-3, 0.02]
    assert [group["weight_decay"] for group in optimiser.param_groups] == [0.02] * 5 + [0.0]
    assert sum(len(group["params"]) for group in optimiser.param_groups) == len(trained) + 1
    set_rates(optimiser, 0.5)
    assert [group["lr"] for group in optimiser.param_groups] == pytest.approx([rate / 2 for rate in rates])

    before = {name: values.clone() for name, values in net.state_dict().items()}
    loss(net(torch.from_numpy(pictures(rows=4))), torch.arange(4)).backward()
    optimiser.step()
    changed = {name for name, values in net.state_dict().items() if not torch.equal(values, before[name])}
    assert changed == set(trained)


def test_what_no_network_can_be() -> None:
    with pytest.raises(ValueError, match="no block 9"):
        network(first_block=9)
    with pytest.raises(ValueError, match="numbers from 24 channels"):
        network(dimension=25)
    assert network().architecture != network(dimension=9).architecture
    assert network().architecture != EmbeddingNetwork(tiny_weights(scale=2), 8, 0, 0).architecture
    assert network().architecture == network(first_block=3).architecture


def test_averaged_weights_lag_behind_and_are_swapped_in_and_out() -> None:
    net = network()
    average = AveragedWeights(net.trained())
    start = net.projection.weight.detach().clone()
    with torch.no_grad():
        net.projection.weight += 1
    average.update(net.trained(), 0.75)
    torch.testing.assert_close(average.values["projection.weight"], start + 0.25)
    with Swapped(net.trained(), average.values):
        torch.testing.assert_close(net.projection.weight.detach(), start + 0.25)
    torch.testing.assert_close(net.projection.weight.detach(), start + 1)
    other = AveragedWeights(network().trained())
    other.load(average.values)
    torch.testing.assert_close(other.values["projection.weight"], start + 0.25)


# Losses.


@pytest.mark.parametrize("name", LOSS_NAMES)
def test_each_loss_prefers_classes_that_stand_apart(name: LossName) -> None:
    loss = make_loss(name, 4, 8, seed=3)
    again = make_loss(name, 4, 8, seed=3)
    assert all(torch.equal(one, other) for one, other in zip(loss.parameters(), again.parameters(), strict=True))
    labels = torch.arange(4).repeat_interleave(3)
    noise = torch.randn(12, 8, generator=torch.Generator().manual_seed(1)) * 0.1
    apart = torch.nn.functional.normalize(torch.eye(8)[labels] + noise, dim=1)
    centres = list(loss.parameters())
    assert bool(centres) == (name not in ("multisimilarity", "supcon"))
    if centres:
        optimiser = torch.optim.Adam(centres, 0.1)
        for _ in range(60):
            optimiser.zero_grad()
            loss(apart, labels).backward()
            optimiser.step()
    mixed = apart[torch.tensor([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11])]
    assert loss(apart, labels).item() < 0.6 * loss(mixed, labels).item()


def test_every_loss_has_its_defaults() -> None:
    assert set(DEFAULTS) == set(LOSS_NAMES)


def test_cosface_is_the_softmax_of_cosines_with_a_margin() -> None:
    """Against the formula: margin 0.1 and scale 24 are on the cosine."""
    loss = make_loss("cosface", 5, 8)
    embeddings = torch.nn.functional.normalize(torch.randn(7, 8, generator=torch.Generator().manual_seed(0)), dim=1)
    labels = torch.tensor([0, 1, 2, 3, 4, 0, 1])
    cosines = embeddings @ torch.nn.functional.normalize(loss.W, dim=0)
    led = cosines - 0.1 * torch.nn.functional.one_hot(labels, 5)
    wanted = torch.nn.functional.cross_entropy(24 * led, labels)
    torch.testing.assert_close(loss(embeddings, labels), wanted)
    assert loss.W.std().item() == pytest.approx(0.05, rel=0.5)


def test_the_margin_of_arcface_is_in_degrees() -> None:
    loss = make_loss("arcface", 3, 4, margin=30.0, scale=10.0)
    with torch.no_grad():
        loss.W.copy_(torch.eye(4)[:, :3])
    embedding = torch.nn.functional.normalize(
        torch.tensor([[1.0, 1.0, 0.0, 0.0]]), dim=1
    )  # 45 degrees from two centres
    logits = torch.tensor([[np.cos(np.radians(75)), np.cos(np.radians(45)), 0.0]], dtype=torch.float32) * 10
    wanted = torch.nn.functional.cross_entropy(logits, torch.tensor([0]))
    torch.testing.assert_close(loss(embedding, torch.tensor([0])), wanted, rtol=1e-4, atol=1e-4)


# Export.


def test_a_learnt_projection_is_a_part_of_the_embedding() -> None:
    rng = np.random.default_rng(2)
    trunk = rng.uniform(0, 3, (6, 24)).astype(np.float32)
    matrix, bias = rng.normal(0, 1, (8, 24)).astype(np.float32), rng.normal(0, 0.5, 8).astype(np.float32)
    part = learnt_part("tuned", matrix, bias, 0.6, 100)
    wanted = 0.6 * trunk / np.linalg.norm(trunk, axis=1, keepdims=True) @ matrix.T + bias
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    np.testing.assert_allclose(part.apply(trunk), wanted, atol=1e-5)
    assert (part.name, part.start, part.stop, part.fitted_on) == ("tuned", 0, 24, 100)


def test_the_first_numbers_of_a_learnt_part_tell_photos_apart_most() -> None:
    rng = np.random.default_rng(5)
    mixed = rng.normal(0, 1, (3, 24))  # photos differ in three ways only
    trunk = (5 + rng.normal(0, 1, (50, 3)) @ mixed).astype(np.float32)
    matrix, bias = rng.normal(0, 1, (8, 24)).astype(np.float32), rng.normal(0, 0.5, 8).astype(np.float32)
    part = learnt_part("tuned", matrix, bias, 0.6, 100)
    before, turned = part.apply(trunk), on_principal_axes(part, trunk, 8).apply(trunk)
    np.testing.assert_allclose(turned @ turned.T, before @ before.T, atol=1e-4)
    spread = turned.std(axis=0)
    assert np.all(np.diff(spread) <= 1e-4) and spread[0] > 2 * spread[4]
    few = on_principal_axes(part, trunk, 4)
    assert few.projection.shape == (24, 4)
    alone = few.apply(trunk)
    apart = np.eye(50) * 2
    nearest = [(rows @ rows.T - apart).argmax(axis=1) for rows in (before, alone)]
    assert np.mean(nearest[0] == nearest[1]) > 0.8


def test_the_best_averaged_weights_are_exported(tmp_path: Path) -> None:
    net = network()
    with torch.no_grad():
        net.projection.bias += torch.linspace(-0.2, 0.2, 8)
    best = AveragedWeights(net.trained()).values
    later = {name: values + 0.3 for name, values in best.items()}
    about = {"recipe": Recipe(5, size_px=SIZE_PX).as_fields(), "photos": 30, "products": 4, "length": net.length}
    stored = Checkpoint(about, 5, net.state_dict(), {}, {}, later, torch.get_rng_state(), Best(best, 0.9, 3))
    save_checkpoint(tmp_path / "a.ckpt", stored)
    info = export_checkpoint(tmp_path / "encoder", tmp_path / "a.ckpt")
    assert info == read_info(tmp_path / "encoder")
    assert (info.dimension, info.size_px, info.parts[0].fitted_on_photos) == (8, SIZE_PX, 30)
    assert "30 photos of 4 products" in info.terms
    with torch.no_grad():
        wanted = net(torch.from_numpy(pictures())).numpy()
    with Encoder.load(tmp_path / "encoder", "cpu", 1) as encoder:
        np.testing.assert_allclose(encoder.encode(pictures()).embeddings, wanted, atol=1e-4)
    without = Checkpoint(about, 5, net.state_dict(), {}, {}, later, torch.get_rng_state())
    torch.testing.assert_close(without.chosen()["projection.bias"], best["projection.bias"] + 0.3)


def test_the_general_network_stands_beside_the_tuned_one(tmp_path: Path) -> None:
    net = network(first_block=6)
    with torch.no_grad():
        for name, values in net.trained().items():
            values += 0.05 if "bias" in name else 0.0
    about = {
        "recipe": Recipe(5, size_px=SIZE_PX, first_block=6).as_fields(),
        "photos": 30,
        "products": 4,
        "length": net.length,
    }
    average = AveragedWeights(net.trained()).values
    save_checkpoint(tmp_path / "a.ckpt", Checkpoint(about, 5, net.state_dict(), {}, {}, average, torch.get_rng_state()))
    rng = np.random.default_rng(0)
    for number in range(200):
        save(tmp_path / "photos" / f"{number}.png", rng.integers(0, 255, (SIZE_PX, SIZE_PX, 3), dtype=np.uint8))
    told: list[Progress] = []
    folder = tmp_path / "encoder"
    info = export_checkpoint(
        folder, tmp_path / "a.ckpt", tmp_path / "photos", general=tiny_weights(), progress=told.append
    )
    assert [part.name for part in info.parts] == ["tuned", "general", "middle"] and told
    assert info.parts[1].fitted_on_photos == 200 and info.dimension == sum(part.dimension for part in info.parts)
    with torch.no_grad():
        wanted = net(torch.from_numpy(pictures())).numpy()
    with Encoder.load(folder, "cpu", 1) as encoder:
        found = encoder.encode(pictures()).embeddings[:, :8]
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    np.testing.assert_allclose(found @ found.T, wanted @ wanted.T, atol=1e-4)  # turned to its principal axes
    with pytest.raises(TrainingData, match="at least 129"):
        export_checkpoint(tmp_path / "none", tmp_path / "a.ckpt", tmp_path / "encoder", general=tiny_weights())
