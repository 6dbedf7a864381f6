"""Random packages as classes of their own: they teach what tells one pack from another without any shop's products.

A network that is trained on the products of one shop forgets how packs in general differ; with these beside them it
learns that brand, words, colours and motifs matter, whatever they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import ClassVar

import cv2
import numpy as np

from engine.records import Picture
from engine.training.camera_views import Others, Pose, cover, light, move, optics
from engine.training.package_art import Family
from engine.training.package_fonts import find_fonts, font_folders
from engine.training.package_shape import Attitude, Body, Scene, drawn_body


class PackageSet:
    """`families` x `variants` packages, numbered family by family; safe from several threads.

    What a package looks like depends on the seed, its number, the fonts and `pictures`, photos that may stand on
    labels. It is drawn when it is first asked for and kept: about 0.3 MB each. `fonts` are files of text fonts; None
    means those of this machine, and without any Pillow's own serves.
    """

    #: Loaded fonts are shared by all sets, and FreeType draws with a face for one thread at a time.
    _drawing: ClassVar[Lock] = Lock()

    def __init__(
        self,
        seed: int,
        families: int = 260,
        variants: int = 5,
        pictures: Sequence[Picture] = (),
        fonts: Sequence[Path] | None = None,
    ) -> None:
        if families < 1 or variants < 1:
            raise ValueError(f"no package: {families} families of {variants}")
        self._seed, self._families, self._variants = seed, families, variants
        self._pictures = pictures
        self._faces = find_fonts(font_folders()) if fonts is None else tuple(fonts) or (None,)
        self._kept: dict[int, Body] = {}

    def __len__(self) -> int:
        """How many packages there are."""
        return self._families * self._variants

    @property
    def variants(self) -> int:
        """Packages in a family."""
        return self._variants

    def family(self, number: int) -> int:
        """The family of a package. Raises IndexError if there is no such number."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        return number // self._variants

    def view(self, number: int, size_px: int, rng: np.random.Generator, other: Others) -> Picture:
        """A package as a camera sees it before a part of another photo, RGB uint8 (S, S, 3).

        Raises IndexError if there is no such number.
        """
        body = self._body(number)
        scene = Scene(_background(size_px, rng, other))
        attitude = Attitude.drawn(*body.size, size_px, rng)
        body.paint(scene, attitude, rng)
        if rng.random() < 0.4:
            _shine(scene, attitude, rng)
        return cover(optics(light(scene.picture, rng, 1.2), rng), rng, other)

    def _body(self, number: int) -> Body:
        family = self.family(number)
        kept = self._kept.get(number)
        if kept is None:
            with self._drawing:
                kept = self._kept.get(number) or self._drawn(family, number % self._variants)
                self._kept[number] = kept
        return kept

    def _drawn(self, family: int, variant: int) -> Body:
        design = Family((self._seed, family), self._variants, self._faces)
        photo = None
        if self._pictures:
            choice = np.random.default_rng([self._seed, family, 4, variant])
            photo = self._pictures[int(choice.integers(len(self._pictures)))]
        shape = np.random.default_rng([self._seed, family, 5])
        return drawn_body(design.front(variant, photo), design.side(variant), design.palette(variant).ground, shape)


def _background(size_px: int, rng: np.random.Generator, other: Others) -> Picture:
    """A part of another photo, any size of it, out of focus in half of the cases."""
    photo = other()
    ground = light(move(photo, Pose.drawn(photo, size_px, rng, (0.05, 1.0)), cv2.BORDER_REFLECT_101), rng)
    if rng.random() < 0.5:
        ground = np.asarray(cv2.GaussianBlur(ground, (0, 0), rng.uniform(0.5, 5)), dtype=np.uint8)
    return ground


def _shine(scene: Scene, attitude: Attitude, rng: np.random.Generator) -> None:
    """A lamp in the package's film: a bright streak across it."""
    size = scene.picture.shape[0]
    angle, wide = attitude.roll + 0.5, size * rng.uniform(0.03, 0.2)
    x, y = (np.arange(size, dtype=np.float32) - np.float32(rng.uniform(0, size)) for _ in range(2))
    far = x[None, :] * np.float32(np.cos(angle) / wide) + y[:, None] * np.float32(np.sin(angle) / wide)
    streak = cv2.exp(-far * far) * scene.covered * np.float32(rng.uniform(40, 150))
    lit = cv2.add(scene.picture, cv2.merge([streak.astype(np.uint8)] * 3))
    scene.picture = np.asarray(lit, dtype=np.uint8)
