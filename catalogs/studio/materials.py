"""What things are made of, as plain records; `mitsuba_scene` turns them into BSDFs."""

from __future__ import annotations

from dataclasses import dataclass

from catalogs.studio.paint import Pixels


@dataclass(frozen=True)
class Material:
    """A surface. `colour` is `#rrggbb` or a texture (H, W, 4) in sRGB whose alpha cuts holes where `cut` is set."""

    colour: str | Pixels
    roughness: float = 0.4
    metallic: float = 0.0
    specular: float = 0.5
    coat: float = 0.0
    sheen: float = 0.0
    glass: bool = False
    cut: bool = False


def board(art: str | Pixels) -> Material:
    """Coated cardboard."""
    return Material(art, roughness=0.38, coat=0.25)


def paper(art: str | Pixels) -> Material:
    """An uncoated paper label."""
    return Material(art, roughness=0.6, specular=0.3)


def printed_metal(art: str | Pixels) -> Material:
    """Lacquered print on aluminium."""
    return Material(art, roughness=0.26, metallic=0.42, coat=0.6)


def metal(colour: str = "#d6d6d4") -> Material:
    """Bare brushed metal."""
    return Material(colour, roughness=0.24, metallic=1.0)


def plastic(colour: str | Pixels) -> Material:
    """Smooth moulded plastic."""
    return Material(colour, roughness=0.28, coat=0.3)


def film(art: str | Pixels) -> Material:
    """The glossy film of a crisp bag."""
    return Material(art, roughness=0.3, metallic=0.18, coat=0.45)


def matte_film(art: str | Pixels) -> Material:
    """The soft-touch film of a coffee bag."""
    return Material(art, roughness=0.48, specular=0.45)


def glazed(colour: str) -> Material:
    """Something coloured right behind glass: jam, honey, dark glass full of oil."""
    return Material(colour, roughness=0.06, specular=0.6, coat=1.0)


def clear_glass(tint: str) -> Material:
    """Glass that light passes through."""
    return Material(tint, glass=True)


def cloth(art: str | Pixels, cut: bool = False) -> Material:
    """Cotton or wool."""
    return Material(art, roughness=0.95, specular=0.1, sheen=0.6, cut=cut)
