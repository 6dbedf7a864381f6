"""Prices as retailers write them become integer minor units of an ISO 4217 currency.

`1.234` is one thousand two hundred thirty-four in one country and a little over one in another. Which one a file means
is decided by cells of the same column that leave no doubt (`12,50`, `1.234,50`); if none does, the row is refused, not
guessed. Only a currency without decimals (JPY, KRW) leaves no doubt by itself: there it is thousands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Literal

from engine.ingest.currencies import DECIMALS, DECIMALS_WITHOUT_CURRENCY, SIGNS

Mark = Literal[",", "."]

_NUMBER = re.compile(r"\d[\d., '’\u00a0\u202f]*|[.,]\d+")
_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{2,3})*\1\d{3}|\d{1,3}[.,]\d{3}")
_MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Price:
    """An amount in minor units of a currency; the currency is '' if the file names none."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a cell cannot be used: a stable code, and a sentence for the person who wrote the file."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Amount:
    """A price cell taken apart: the digits with their marks, and what stands beside them."""

    digits: str
    sign: str
    negative: bool


def decimal_mark(texts: Iterable[str]) -> Mark | None:
    """The decimal mark of a column: that of the cells which leave no doubt, None if there are none or they disagree."""
    seen = {mark for text in texts if (amount := _take_apart(text)) and (mark := _plain_mark(amount.digits))}
    return seen.pop() if len(seen) == 1 else None


def read_price(text: str, currency: str, mark: Mark | None, is_number: bool = False) -> Price | Refusal:
    """The price in a cell.

    `currency` is the row's own column ('' if empty), `mark` what `decimal_mark` found for the column, `is_number` says
    that the cell was a number in the file; such a one is rounded half up to the decimals of its currency, as the
    spreadsheet shows it.
    """
    amount = _number_cell(text) if is_number else _take_apart(text)
    if amount is None:
        return Refusal("price_unreadable", f"{_quoted(text)} is not a price")
    if amount.negative:
        return Refusal("price_negative", f"the price {_quoted(text)} is negative")
    found = _currency(amount.sign, currency)
    if isinstance(found, Refusal):
        return found
    value = _value(amount.digits, "." if is_number else mark, DECIMALS.get(found, DECIMALS_WITHOUT_CURRENCY), is_number)
    if value is None:
        return Refusal("price_unreadable", f"{_quoted(text)} is not a price")
    if isinstance(value, Refusal):
        return value
    return _minor(value, found, text, rounded=is_number)


def _number_cell(text: str) -> _Amount | None:
    """A number as Python writes it, perhaps with an exponent."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value.adjusted()) > _MOST_DIGITS:
        return None
    return _Amount(f"{abs(value):f}", "", value < 0)


def _take_apart(text: str) -> _Amount | None:
    text = unicodedata.normalize("NFKC", text).replace("−", "-").strip()
    match = _NUMBER.search(text)
    if match is None:
        return None
    before, digits, after = text[: match.start()], match.group(), text[match.end() :]
    digits = digits.rstrip(" '’\u00a0\u202f")
    if digits[-1:] in (",", ".") and after.strip() in ("-", "--", "–", "—"):
        digits, after = digits[:-1], ""
    negative = "-" in before or after.strip() == "-" or (before.strip()[:1] == "(" and after.strip()[-1:] == ")")
    sign = f"{before} {after}".translate({ord(character): " " for character in "-+()"}).strip()
    digits = re.sub(r"(?<=\d)[ '’\u00a0\u202f](?=\d{3}(?!\d))", "", digits)
    if not re.fullmatch(r"[\d.,]+", digits) or digits[-1] in ",." or sum(map(str.isdigit, digits)) > _MOST_DIGITS:
        return None
    return _Amount(digits, sign, negative)


def _plain_mark(digits: str) -> Mark | None:
    """The decimal mark of a number whose own digits leave no doubt about it."""
    marks = re.findall("[.,]", digits)
    if not marks:
        return None
    last: Mark = "," if marks[-1] == "," else "."
    other: Mark = "." if last == "," else ","
    if len(set(marks)) == 2:
        return last if marks.count(last) == 1 else None
    if len(marks) > 1:
        return other if _GROUPED.fullmatch(digits) else None
    whole, _, fraction = digits.partition(last)
    ambiguous = len(fraction) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0"
    return None if ambiguous else last


def _value(digits: str, mark: Mark | None, decimals: int, is_number: bool) -> Decimal | Refusal | None:
    if is_number or digits.isdigit():
        return Decimal(digits)
    mark = _plain_mark(digits) or mark
    if mark is None:
        if len(re.findall("[.,]", digits)) > 1:
            return None
        if decimals == 0:
            return Decimal(re.sub("[.,]", "", digits))
        reason = f"{digits!r} can mean thousands or decimals, and no other price of the file tells which"
        return Refusal("price_ambiguous", reason)
    whole, _, fraction = digits.partition(mark)
    if not all(character.isdigit() for character in fraction):
        return None
    if not whole.isdigit() and whole and not _GROUPED.fullmatch(whole):
        return None
    return Decimal(f"{re.sub('[.,]', '', whole) or '0'}.{fraction or '0'}")


def _currency(sign: str, column: str) -> str | Refusal:
    column = column.strip()
    code = column.upper() if column.upper() in DECIMALS else ""
    if column and not code:
        named = SIGNS.get(column, ())
        if len(named) != 1:
            return Refusal("currency_unknown", f"{_quoted(column)} is not a currency code of ISO 4217 such as EUR")
        code = named[0]
    if not sign:
        return code
    possible = (sign.upper(),) if sign.upper() in DECIMALS else SIGNS.get(sign, ())
    if not possible:
        return Refusal("price_unreadable", f"{_quoted(sign)} beside the price is not a currency")
    if code:
        if code in possible:
            return code
        return Refusal("currency_conflict", f"the price is marked {sign}, but the column `currency` says {code}")
    if len(possible) > 1 and sign != "$":
        either = " or ".join(possible)
        return Refusal("currency_ambiguous", f"{sign} can be {either}; the column `currency` has to say which")
    return possible[0]


def _minor(value: Decimal, currency: str, text: str, rounded: bool) -> Price | Refusal:
    decimals = DECIMALS[currency] if currency else DECIMALS_WITHOUT_CURRENCY
    scaled = value.scaleb(decimals)
    whole = scaled.to_integral_value(rounding=ROUND_HALF_UP)
    if whole != scaled and not rounded:
        unit = currency or "a price without a currency"
        return Refusal("price_decimals", f"{_quoted(text)} has more decimals than {unit} has ({decimals})")
    if whole >= 10**_MOST_DIGITS:
        return Refusal("price_unreadable", f"{_quoted(text)} is too large for a price")
    return Price(int(whole), currency)


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")
