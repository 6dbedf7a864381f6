"""Illustrations of what is inside, by name."""

from __future__ import annotations

from catalogs.studio import motifs_fruit, motifs_plants, motifs_things
from catalogs.studio.motif_shapes import MOTIFS
from catalogs.studio.paint import Canvas

# Importing these registers their illustrations.
REGISTERED = (motifs_fruit, motifs_plants, motifs_things)


def draw(c: Canvas, name: str, x: float, y: float, radius: float, tint: str, second: str, angle: float = 0.0) -> None:
    """Draw the illustration `name` around (x, y); `tint` and `second` colour those without a colour of their own."""
    with c.at(x, y, radius, angle):
        MOTIFS[name](c, tint, second)
