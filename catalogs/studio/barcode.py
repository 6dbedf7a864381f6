"""An EAN-13 symbol as its 95 modules (ISO/IEC 15420)."""

from __future__ import annotations

_LEFT_ODD = (
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
)
_PARITY = ("OOOOOO", "OOEOEE", "OOEEOE", "OOEEEO", "OEOOEE", "OEEOOE", "OEEEOO", "OEOEOE", "OEOEEO", "OEEOEO")


def modules(gtin: str) -> str:
    """The bars (1) and spaces (0) of a 13-digit GTIN. ValueError for anything else."""
    if len(gtin) != 13 or not gtin.isdigit():
        raise ValueError(f"an EAN-13 symbol needs 13 digits, not {gtin!r}")
    right = [code.translate(str.maketrans("01", "10")) for code in _LEFT_ODD]
    even = [code[::-1] for code in right]
    parity = _PARITY[int(gtin[0])]
    left = "".join((_LEFT_ODD if kind == "O" else even)[int(d)] for d, kind in zip(gtin[1:7], parity, strict=True))
    return f"101{left}01010{''.join(right[int(d)] for d in gtin[7:])}101"
