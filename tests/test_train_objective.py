"""What a step makes smaller besides the shop's loss: packages that are mixed up, and what is forgotten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra train")
pytest.importorskip("pytorch_metric_learning", reason="needs the extra train")

import torch

from engine.image import InputSpec
from engine.training.batches import BatchMaker
from engine.training.gallery import read_gallery
from engine.training.losses import make_loss
from engine.training.network import EmbeddingNetwork, FixedDepthwise
from engine.training.objective import PACKAGE_MARGIN, PACKAGE_SCALE, Objective, drift, package_contrast, reference_trunk
from engine.training.packages import PackageSet
from engine.training.picture_store import PictureStore
from engine.training.recipe import Recipe
from engine.training.sampler import Sampler
from engine.training.workers import ALONE
from tests.train_fixtures import SIZE_PX, product_picture, save, tiny_weights, training_shop

pytestmark = pytest.mark.train

RECIPE = Recipe(steps=5, size_px=SIZE_PX, dimension=8)


def unit(rows: int, seed: int = 0) -> torch.Tensor:
    values = torch.randn(rows, 6, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.normalize(values, dim=1)


def test_the_contrast_of_packages_against_a_loop() -> None:
    embeddings = unit(9)
    costs = []
    for own in range(3, 7):
        right = 3 + ((own - 3) ^ 1)
        scores = {
            other: PACKAGE_SCALE * float(embeddings[own] @ embeddings[other]) for other in range(9) if other != own
        }
        scores[right] -= PACKAGE_SCALE * PACKAGE_MARGIN
        costs.append(np.log(np.sum(np.exp(list(scores.values())))) - scores[right])
    assert package_contrast(embeddings, 3, 4).item() == pytest.approx(np.mean(costs), rel=1e-4)
    pairs = unit(4).repeat_interleave(2, dim=0)
    assert package_contrast(pairs, 0, 8).item() < package_contrast(unit(8), 0, 8).item()


def test_drift_is_none_where_nothing_changed_and_blind_to_what_all_share() -> None:
    before = torch.rand(7, 5, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(drift(before, before), torch.zeros(7), atol=1e-5, rtol=0)
    torch.testing.assert_close(drift(3 * before + 0.5, before), torch.zeros(7), atol=1e-5, rtol=0)
    assert drift(-before, before).min() > 1.9


def test_without_anything_to_keep_there_is_no_reference() -> None:
    network = EmbeddingNetwork(tiny_weights(), 8, 4, 0)
    assert reference_trunk(network, replace(RECIPE, keep_weight=0.0, keep_shop_weight=0.0)) is None
    assert reference_trunk(network, replace(RECIPE, kept_per_batch=0, keep_shop_weight=0.0)) is None
    kept = reference_trunk(network, RECIPE)
    assert kept is not None and not any(values.requires_grad for values in kept.parameters())
    with torch.no_grad():
        network.trunk._conv_head.bias += 1
    assert not torch.equal(kept._conv_head.bias, network.trunk._conv_head.bias)


def test_the_parts_of_a_step_add_up() -> None:
    """Before the first step nothing is forgotten; packages add their share to the shop's loss."""
    network, loss = EmbeddingNetwork(tiny_weights(), 8, 4, 0), make_loss("cosface", 3, 8)
    pictures = torch.randn(9, 3, SIZE_PX, SIZE_PX, generator=torch.Generator().manual_seed(1)) / 2
    labels, natural = torch.arange(3), torch.tensor([True, True, False])
    whole = Objective(network, loss, RECIPE, ALONE, reference_trunk(network, RECIPE))
    value = whole(pictures, labels, natural, 4)
    embeddings = network(pictures)
    wanted = loss(embeddings[:3], labels) + RECIPE.package_weight * package_contrast(embeddings, 3, 4)
    torch.testing.assert_close(value, wanted, rtol=1e-3, atol=1e-3)
    with torch.no_grad():
        for values in network.trained().values():
            values += 0.05 * torch.randn(values.shape, generator=torch.Generator().manual_seed(3))
    later = whole(pictures, labels, natural, 4)
    alone = Objective(network, loss, RECIPE, ALONE, None)(pictures, labels, natural, 4)
    assert later.item() > alone.item() + 0.01
    later.backward()
    assert all(values.grad is not None for values in network.trained().values())


@pytest.mark.parametrize(("stride", "side", "padding"), [(1, 9, (1, 1)), (2, 8, (0, 1)), (2, 9, (1, 1))])
def test_a_fixed_depthwise_convolution_has_the_gradient_of_torch(
    stride: int, side: int, padding: tuple[int, int]
) -> None:
    generator = torch.Generator().manual_seed(0)
    kernels, bias = torch.randn(4, 1, 3, 3, generator=generator), torch.randn(4, generator=generator)
    maps = torch.randn(2, 4, side, side, generator=generator)
    one, other = maps.clone().requires_grad_(), maps.clone().requires_grad_()
    found = FixedDepthwise.apply(one, kernels, bias, stride, padding)
    before, after = padding
    padded = torch.nn.functional.pad(other, (before, after, before, after))
    wanted = torch.nn.functional.conv2d(padded, kernels, bias, stride, 0, 1, 4)
    torch.testing.assert_close(found, wanted)
    weight = torch.randn(wanted.shape, generator=generator)
    (found * weight).sum().backward()
    (wanted * weight).sum().backward()
    torch.testing.assert_close(one.grad, other.grad, rtol=1e-4, atol=1e-5)


def test_a_batch_has_packages_in_pairs_and_things_to_keep(tmp_path: Path) -> None:
    store = PictureStore(2 * SIZE_PX, 10**8)
    gallery = read_gallery([training_shop(tmp_path / "shop", 3, 2)], store)
    walls = [save(tmp_path / f"w{number}.png", product_picture(50 + number, 0)) for number in range(3)]
    labelled: dict[bool, dict[int, list[int]]] = {False: {}, True: {}}
    for index, photo in enumerate(gallery.photos):
        labelled[photo.studio].setdefault(photo.product, []).append(index)
    packages = PackageSet(1, families=4, variants=3, fonts=())
    spec = InputSpec(SIZE_PX, (127.0,) * 3, (128.0,) * 3, 1.0)
    sampler = Sampler(labelled[False], labelled[True], 2, 2, 1, 0)
    maker = BatchMaker(gallery.photos, sampler, store, spec, walls, packages, (8, 3), seed=5)
    batch = maker.batch(7)
    assert batch.pictures.shape[0] == 6 + 8 + 3 == len(batch.names) and batch.packages == 8
    assert batch.natural.tolist() == [True, True, False] * 2 and len(batch.labels) == 6
    numbers = [int(name.removeprefix("package ")) for name in batch.names[6:14]]
    assert numbers[::2] == numbers[1::2] and len(set(numbers)) == 4
    assert len({number // 3 for number in numbers}) == 2  # two variants of each of two families
    assert set(batch.names[14:]) <= {wall.name for wall in walls}
    np.testing.assert_array_equal(maker.batch(7).pictures, batch.pictures)
    assert not np.array_equal(maker.batch(8).pictures[6:], batch.pictures[6:])
    bare = BatchMaker(gallery.photos, sampler, store, spec, (), None, (8, 3)).batch(7)
    assert bare.packages == 0 and len(bare.names) == 6
