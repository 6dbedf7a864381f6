"""The words on labels: brands of syllables, which nobody owns, and the kinds and flavours that shops have."""

from __future__ import annotations

import numpy as np


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_SYLLABLES = _split(
    "ka lo mi ra ve no ti sa bel dor fin gar hal jun kel lum mar nor pol qui sol tan ur vik wen yar zo ash bri "
    "cla dre flo gri sko stra ost ing er pe du che nim tro vel hu mon lys"
)
KINDS = _split(
    "MILK JUICE OATS COFFEE TEA SOAP CHIPS RICE PASTA YOGHURT CREAM BISCUIT CEREAL SAUCE SOUP WATER COLA BEER HONEY "
    "JAM BUTTER CHEESE FLOUR SUGAR SALT OIL SHAMPOO RINSE TOWEL WIPES PASTE MINT GUM CANDY NUTS BARS COCOA SPICE TOFU "
    "SOYA DETERGENT LOTION CRACKERS BEANS TUNA KETCHUP MUSTARD NOODLES VINEGAR MUESLI"
)
FLAVOURS = _split(
    "Orange Apple Lemon Mango Berry Vanilla Cocoa Original Light Zero Sport Classic Extra Mild Strong Sensitive Family "
    "Mini Eco Fresh Peach Lime Grape Cherry Natural 1,5% 3% 0,5% 100% 500g 1L 2L Hazelnut Salted Sweet Smoked Herbs "
    "Ginger Coconut Ultra Repair Tomato Chili Garlic"
)
FLASHES = ("NEW", "-20%", "2 FOR 1", "+25%", "BIO", "TOP")
MEASURES = ("500 g", "1 L", "250 ml", "330 ml", "6 x 40 g", "750 g", "1,5 L", "12 pcs", "90 g")


def word(rng: np.random.Generator) -> str:
    """A brand that nobody owns: at least seven letters, for short ones often exist."""
    name = ""
    while len(name) < 7:
        name += str(rng.choice(_SYLLABLES))
    return (name.upper(), name.capitalize(), name)[int(rng.integers(3))]
