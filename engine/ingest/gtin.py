"""GTIN: the number under a barcode (GS1 General Specifications, section 7.9: check digit)."""

from __future__ import annotations

import re

_LENGTHS = (8, 12, 13, 14)


def read_gtin(text: str, is_number: bool = False) -> str | None:
    """The digits of a GTIN-8, -12, -13 or -14 whose check digit fits; None if it is none.

    Spaces and hyphens are left out. A cell that was a number in a spreadsheet has lost its leading zeros; they are put
    back.
    """
    digits = re.sub(r"[\s-]", "", text)
    if not (digits.isascii() and digits.isdigit()):
        return None
    if is_number and len(digits) not in _LENGTHS:
        digits = digits.zfill(next((length for length in _LENGTHS if length > len(digits)), 0))
    if len(digits) not in _LENGTHS or not digits.strip("0"):
        return None
    return digits if check_digit(digits[:-1]) == int(digits[-1]) else None


def check_digit(body: str) -> int:
    """The check digit of the digits before it: weights 3 and 1 in turn from the right."""
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(body)))
    return -total % 10
