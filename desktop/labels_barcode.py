"""Bars of EAN-13 and Code 128, as strings of modules: "1" is dark, "0" is light. Pure.

EAN-13 after the GS1 General Specifications, section 5.2; Code 128 after ISO/IEC 15417.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_LEFT_ODD: Final = (
    "0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011",
)  # fmt: skip
#: Which of the six left digits are in even parity, by the first digit.
_PARITY: Final = (
    "000000", "001011", "001101", "001110", "010011", "011001", "011100", "010101", "010110", "011010",
)  # fmt: skip

#: Widths of bar, space, bar, ... of the values 0 to 105 and of the stop sign.
_WIDTHS: Final = (
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213", "221312",
    "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132", "221231", "213212",
    "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211", "212123", "212321", "232121",
    "111323", "131123", "131321", "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331",
    "132131", "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131", "311123",
    "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111", "111224", "111422", "121124",
    "121421", "141122", "141221", "112214", "112412", "122114", "122411", "142112", "142211", "241211", "221114",
    "413111", "241112", "134111", "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112",
    "421211", "212141", "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311",
    "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
)  # fmt: skip
_TO_C, _TO_B, _TO_A, _START_A, _START_B, _START_C, _STOP = 99, 100, 101, 103, 104, 105, 106


@dataclass(frozen=True, slots=True)
class Symbol:
    """A barcode without a size: its modules, the light modules it needs on each side, and what a person reads."""

    kind: str
    modules: str
    quiet_left: int
    quiet_right: int
    text: str
    #: Sizes of one module in mm: what the standard calls normal, and the smallest that scanners must read.
    nominal_mm: float
    smallest_mm: float

    @property
    def width(self) -> int:
        """Modules from the left edge of one quiet zone to the right edge of the other."""
        return self.quiet_left + len(self.modules) + self.quiet_right


def gtin13(gtin: str) -> str | None:
    """The thirteen digits of a GTIN-13 or GTIN-12 (UPC-A) whose check digit is right, else None."""
    digits = gtin.strip().replace(" ", "").replace("-", "")
    if len(digits) == 12:
        digits = "0" + digits
    if len(digits) != 13 or not (digits.isascii() and digits.isdigit()):
        return None
    return digits if check_digit(digits[:12]) == int(digits[12]) else None


def check_digit(digits: str) -> int:
    """The GS1 check digit of the digits before it: weights 3, 1, 3, ... from the right (section 7.9)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def ean13(digits: str) -> Symbol:
    """The symbol of thirteen digits; ValueError if their check digit is wrong."""
    if gtin13(digits) != digits:
        raise ValueError(f"not an EAN-13: {digits}")
    left = "".join(
        _LEFT_ODD[int(digit)] if parity == "0" else _mirrored(_LEFT_ODD[int(digit)])
        for digit, parity in zip(digits[1:7], _PARITY[int(digits[0])], strict=True)
    )
    right = "".join(_inverted(_LEFT_ODD[int(digit)]) for digit in digits[7:])
    return Symbol("EAN-13", f"101{left}01010{right}101", 11, 7, digits, nominal_mm=0.33, smallest_mm=0.264)


def code128(text: str) -> Symbol | None:
    """The symbol of ASCII text; None if it is empty or has a character that Code 128 cannot hold."""
    if not text or not text.isascii():
        return None
    values = _values(text)
    values.append((values[0] + sum(place * value for place, value in enumerate(values[1:], 1))) % 103)
    values.append(_STOP)
    modules = "".join(_bars(_WIDTHS[value]) for value in values)
    return Symbol("Code 128", modules, 10, 10, text, nominal_mm=0.33, smallest_mm=0.19)


def _values(text: str) -> list[int]:
    """The start sign and the data: code set C for runs of digits long enough to pay, A for control signs, else B."""
    values: list[int] = []
    current = ""
    place = 0
    while place < len(text):
        run = _digits_from(text, place)
        whole = place == 0 and run == len(text)
        # Changing to C and back costs two signs; at an end of the text only one.
        worth = 2 if whole else 4 if place == 0 or place + run == len(text) else 6
        if run >= worth and not (run % 2 and whole and run < 4):
            if run % 2:
                # An odd digit goes in front, in the set that is there already or that begins.
                current = _switch(values, current, "B" if current in ("", "C") else current)
                values.append(_in_b_or_a(text[place], current))
                place += 1
                run -= 1
            current = _switch(values, current, "C")
            values.extend(int(text[at : at + 2]) for at in range(place, place + run, 2))
            place += run
            continue
        sign = text[place]
        wanted = "A" if ord(sign) < 32 else "B" if ord(sign) >= 96 or current in ("", "C") else current
        current = _switch(values, current, wanted)
        values.append(_in_b_or_a(sign, current))
        place += 1
    return values


def _switch(values: list[int], current: str, wanted: str) -> str:
    if current != wanted:
        starts = {"A": _START_A, "B": _START_B, "C": _START_C}
        changes = {"A": _TO_A, "B": _TO_B, "C": _TO_C}
        values.append(changes[wanted] if values else starts[wanted])
    return wanted


def _in_b_or_a(sign: str, current: str) -> int:
    code = ord(sign)
    return code + 64 if current == "A" and code < 32 else code - 32


def _digits_from(text: str, place: int) -> int:
    end = place
    while end < len(text) and text[end] in "0123456789":
        end += 1
    return end - place


def _bars(widths: str) -> str:
    return "".join(("1" if place % 2 == 0 else "0") * int(width) for place, width in enumerate(widths))


def _inverted(modules: str) -> str:
    return modules.translate(str.maketrans("01", "10"))


def _mirrored(modules: str) -> str:
    """Even parity: the right-hand code read backwards."""
    return _inverted(modules)[::-1]
