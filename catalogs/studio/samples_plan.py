"""What each sample shows, decided by one seed before anything is measured. Pure: the same seed gives the same plan."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from catalogs.studio.table import Product

# Fixed on the day the samples were first drawn. A sample that is recognised wrongly stays, and so does this number.
SEED = 20261123
KNOWN_COUNT = 48
LAID_FLAT = frozenset({"shirt", "socks"})
# Too large for one hand, or so flat that a hand would cover all of it.
TABLE_ONLY = LAID_FLAT | {"towel", "fish_tin", "butter"}
LOWEST_IN_HAND_CM = 7.0
SCENES = ("shelf", "counter", "hand")
MOODS = ("store", "warm", "cold", "dim")


@dataclass(frozen=True)
class Sample:
    """One still: the item, where it stands, how it is lit and what the camera does to it. Angles in degrees."""

    path: str
    sku: str
    known: bool
    scene: str
    mood: str
    yaw: float
    elevation: float
    roll: float
    fov: float
    fill: float
    width: int
    height: int
    aperture: float
    focus_error: float
    motion_px: float
    motion_angle: float
    noise: float
    grip: float
    skin: int
    seed: int


def _sample(dice: random.Random, product: Product, number: int, known: bool) -> Sample:
    flat = product.shape in LAID_FLAT
    low = product.size["height"] < LOWEST_IN_HAND_CM
    scene = "counter" if product.shape in TABLE_ONLY or low else SCENES[number % len(SCENES)]
    wide, tall = dice.choice(((640, 480), (480, 640), (720, 540), (540, 720)))
    lens = dice.choice(("normal", "normal", "wide", "tele"))
    fov = {"normal": dice.uniform(38, 50), "wide": dice.uniform(68, 82), "tele": dice.uniform(18, 26)}[lens]
    folder = "known" if known else "strangers"
    return Sample(
        path=f"{folder}/{number + 1:02d}-{scene}.jpg",
        sku=product.sku,
        known=known,
        scene=scene,
        mood=dice.choice(MOODS),
        yaw=round(dice.uniform(-40, 40), 2),
        elevation=round(dice.uniform(42, 68) if flat else dice.uniform(2, 34), 2),
        roll=round(dice.gauss(0, 9), 2),
        fov=round(fov, 2),
        fill=round(dice.uniform(0.52, 0.86), 3),
        width=wide,
        height=tall,
        aperture=round(dice.choice((0.0, 0.06, 0.12)), 3),
        focus_error=round(dice.gauss(0, 0.05), 4),
        motion_px=round(max(0.0, dice.gauss(1.0, 2.2)), 2),
        motion_angle=round(dice.uniform(0, 180), 1),
        noise=round(dice.uniform(0.004, 0.03), 4),
        grip=round(dice.uniform(0.1, 0.4), 3),
        skin=dice.randrange(4),
        seed=dice.randrange(1 << 30),
    )


def plan(products: Sequence[Product], strangers: Sequence[Product], seed: int = SEED) -> tuple[Sample, ...]:
    """All stills: `KNOWN_COUNT` different products of the catalog, then each stranger once."""
    dice = random.Random(seed)
    chosen = sorted(dice.sample(range(len(products)), KNOWN_COUNT))
    order = [products[k] for k in chosen]
    dice.shuffle(order)
    known = [_sample(dice, product, number, True) for number, product in enumerate(order)]
    other = [_sample(dice, product, number, False) for number, product in enumerate(strangers)]
    return (*known, *other)


def clip_items(products: Sequence[Product], seed: int = SEED) -> tuple[Product, ...]:
    """The three items that the clip passes: each of another family, all able to stand."""
    dice = random.Random(seed + 1)
    standing = [product for product in products if product.shape not in TABLE_ONLY]
    first = dice.choice(standing)
    second = dice.choice([item for item in standing if item.brand != first.brand])
    third = dice.choice([item for item in standing if item.brand not in {first.brand, second.brand}])
    return first, second, third
