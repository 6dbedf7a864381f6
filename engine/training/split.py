"""Which photos train and which ones measure: products held out, validation photos, and leaks between the two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.records import Rejected
from engine.training.fingerprint import nearly_same
from engine.training.gallery import Gallery, TrainingPhoto


@dataclass(frozen=True, slots=True)
class Split:
    """What a run trains on and measures with.

    `held_out` are products (indices into the gallery's) that training never sees; `train` are the photos of the others,
    `validation` photos of them that training never sees, `unseen` all photos of the products held out.
    """

    held_out: tuple[int, ...]
    train: tuple[TrainingPhoto, ...]
    validation: tuple[TrainingPhoto, ...]
    unseen: tuple[TrainingPhoto, ...]
    problems: tuple[Rejected, ...]

    @property
    def classes(self) -> tuple[int, ...]:
        """The products that are trained, in order; a class number is an index into this."""
        return tuple(sorted({photo.product for photo in self.train}))


def held_out_products(categories: Sequence[str], count: int, seed: int) -> tuple[int, ...]:
    """Draw `count` products, from each category in proportion (largest remainder), by a seed. Pure.

    At least one product of all is left to train. Raises ValueError if there are not more products than `count`.
    """
    if not 0 <= count < len(categories):
        raise ValueError(f"{count} products of {len(categories)} cannot be held out")
    rng = np.random.default_rng(seed)
    names = sorted(set(categories))
    shares = np.array([categories.count(name) for name in names]) * count / len(categories)
    wanted = np.floor(shares).astype(int)
    for index in np.argsort(wanted - shares, kind="stable")[: count - wanted.sum()]:
        wanted[index] += 1
    drawn: list[int] = []
    for name, few in zip(names, wanted, strict=True):
        members = [index for index, category in enumerate(categories) if category == name]
        drawn += rng.choice(members, few, replace=False).tolist()
    return tuple(sorted(drawn))


def split_by_share(gallery: Gallery, hold_out: int, share: float, seed: int) -> Split:
    """Hold products out, and of the others a share of the natural photos of each, drawn by a seed.

    Each product keeps at least one photo to train with. A validation photo that is nearly the same as one that trains
    is a leak: reported, and trained with instead.
    """
    held_out = held_out_products([product.category for product in gallery.products], hold_out, seed)
    unseen, train, validation = _by_product(gallery, held_out, share, seed)
    problems: list[Rejected] = []
    while leaks := _leaks(gallery, validation, train):  # a photo that trains now may be the twin of another
        problems += leaks.values()
        train += [photo for photo in validation if photo in leaks]
        validation = [photo for photo in validation if photo not in leaks]
    return Split(held_out, tuple(_ordered(gallery, train)), tuple(validation), tuple(unseen), tuple(problems))


def split_by_list(gallery: Gallery, hold_out: int, listed: Sequence[TrainingPhoto], seed: int) -> Split:
    """Hold products out, and validate with photos that were given; a leak among them is reported and left out.

    Listed photos of products held out are measured with the other photos of these.
    """
    held_out = held_out_products([product.category for product in gallery.products], hold_out, seed)
    unseen, train, _ = _by_product(gallery, held_out, 0.0, seed)
    validation = [photo for photo in listed if photo.product not in held_out]
    unseen += [photo for photo in listed if photo.product in held_out]
    leaks = _leaks(gallery, validation, train)
    validation = [photo for photo in validation if photo not in leaks]
    return Split(held_out, tuple(train), tuple(validation), tuple(unseen), tuple(leaks.values()))


def _by_product(
    gallery: Gallery, held_out: Sequence[int], share: float, seed: int
) -> tuple[list[TrainingPhoto], list[TrainingPhoto], list[TrainingPhoto]]:
    """Photos of products held out, photos to train with, and photos to validate with."""
    unseen: list[TrainingPhoto] = []
    train: list[TrainingPhoto] = []
    validation: list[TrainingPhoto] = []
    natural: dict[int, list[TrainingPhoto]] = defaultdict(list)
    for photo in gallery.photos:
        if photo.product in held_out:
            unseen.append(photo)
        elif photo.studio:
            train.append(photo)
        else:
            natural[photo.product].append(photo)
    with_studio = {photo.product for photo in train}
    for product, photos in natural.items():
        order = np.random.default_rng([seed, product]).permutation(len(photos))
        spare = len(photos) if product in with_studio else len(photos) - 1
        taken = set(order[: min(spare, round(share * len(photos)))].tolist())
        validation += [photo for index, photo in enumerate(photos) if index in taken]
        train += [photo for index, photo in enumerate(photos) if index not in taken]
    return unseen, _ordered(gallery, train), _ordered(gallery, validation)


def _ordered(gallery: Gallery, photos: Sequence[TrainingPhoto]) -> list[TrainingPhoto]:
    places = {photo: place for place, photo in enumerate(gallery.photos)}
    return sorted(photos, key=places.__getitem__)


def _leaks(
    gallery: Gallery, validation: Sequence[TrainingPhoto], train: Sequence[TrainingPhoto]
) -> dict[TrainingPhoto, Rejected]:
    """The validation photos that are nearly the same as one that trains."""
    twins = nearly_same([photo.fingerprint for photo in validation], [photo.fingerprint for photo in train])
    found = {}
    for photo, twin in zip(validation, twins.tolist(), strict=True):
        if twin >= 0:
            sku = gallery.products[photo.product].sku
            reason = f"a leak: it is nearly the same as {train[twin].name}, which trains; it does not validate"
            found[photo] = Rejected(photo.name, None, sku, "validation_leak", reason)
    return found
