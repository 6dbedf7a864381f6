"""The item itself: every body registered, and the one function that builds a product's."""

from __future__ import annotations

from catalogs.studio import cartons, fabrics, pouches, vessels
from catalogs.studio.shapes import SHAPES, Part
from catalogs.studio.table import Product

# Importing these registers their bodies.
REGISTERED = (cartons, fabrics, pouches, vessels)


def build(product: Product) -> list[Part]:
    """The parts of a product, standing (or lying) on z = 0 around the origin, its front towards -y; decimetres."""
    return SHAPES[product.shape](product)
