"""Prices, ages, numbers and verdicts as a person reads them, in the language of the window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from engine import differences
from engine.records import Product, StockLevel, Verdict

translate = QCoreApplication.translate

#: ISO 4217 currencies whose minor unit is not a hundredth: digits after the decimal sign.
_DIGITS: Final = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_SIGNS: Final = {"EUR": "€", "USD": "$", "GBP": "£", "CNY": "¥", "JPY": "¥", "CHF": "CHF", "INR": "₹", "KRW": "₩"}


def price(product: Product) -> str:
    """The price with its currency, e.g. `€2.49`; "" if the catalog has none."""
    if product.price_minor is None:
        return ""
    digits = _DIGITS.get(product.currency, 2)
    # From the integer, not through a float: a price of a car park is exact too.
    sign, whole = ("-" if product.price_minor < 0 else ""), abs(product.price_minor)
    locale = QLocale()
    text = locale.toString(whole // 10**digits)
    if digits:
        text += locale.decimalPoint() + str(whole % 10**digits).zfill(digits)
    mark = _SIGNS.get(product.currency, product.currency)
    if not mark:
        return sign + text
    return f"{sign}{mark}{text}" if len(mark) == 1 else f"{sign}{mark}\u00a0{text}"


def name_of(product: Product) -> str:
    """The product's name in the language of the window, else its main name."""
    return _in_language(product.names) or product.name or product.sku


def description_of(product: Product) -> str:
    """The product's description in the language of the window, else its main one."""
    return _in_language(product.descriptions) or product.description


def _in_language(texts: Mapping[str, str]) -> str:
    language = QLocale().name()
    for code in (language, language.replace("_", "-"), language.split("_")[0]):
        if texts.get(code):
            return texts[code]
    return ""


def percent(share: float) -> str:
    """A probability as whole percent; never "100 %" or "0 %" for what is not certain."""
    whole = round(share * 100)
    if share < 1:
        whole = min(whole, 99)
    if share > 0:
        whole = max(whole, 1)
    return f"{whole}\u00a0%"


def age(since: datetime | None, now: datetime | None = None) -> str:
    """How long ago, e.g. `5 min ago`; a time in the future (a wrong clock) is shown as a date."""
    if since is None:
        return translate("Wording", "no date")
    seconds = ((now or datetime.now(UTC)) - since).total_seconds()
    if seconds < -60:
        return moment(since)
    if seconds < 60:
        return translate("Wording", "just now")
    if seconds < 3600:
        return translate("Wording", "{count} min ago").format(count=int(seconds // 60))
    if seconds < 48 * 3600:
        return translate("Wording", "{count} h ago").format(count=int(seconds // 3600))
    return translate("Wording", "{count} days ago").format(count=int(seconds // 86400))


def moment(at: datetime) -> str:
    """A date and time in this machine's time zone."""
    return QLocale().toString(_local(at), QLocale.FormatType.ShortFormat)


def clock(at: datetime) -> str:
    """Hours and minutes in this machine's time zone."""
    return QLocale().toString(_local(at), "HH:mm")


def _local(at: datetime) -> QDateTime:
    return QDateTime.fromMSecsSinceEpoch(round(at.timestamp() * 1000))


def number(value: int) -> str:
    """An integer with the language's group separators."""
    return QLocale().toString(value)


def verdict_word(verdict: Verdict) -> str:
    """The word on the badge."""
    return {
        Verdict.MATCH: translate("Wording", "MATCH"),
        Verdict.AMBIGUOUS: translate("Wording", "AMBIGUOUS"),
        Verdict.UNKNOWN: translate("Wording", "UNKNOWN"),
    }[verdict]


def field_name(field: str) -> str:
    """What a field of `differences` is called; an attribute keeps the retailer's word."""
    if field.startswith("attr:"):
        plain = field.removeprefix("attr:").replace("_", " ")
        known = {
            "size": translate("Wording", "Size"),
            "flavour": translate("Wording", "Flavour"),
            "flavor": translate("Wording", "Flavour"),
            "colour": translate("Wording", "Colour"),
            "color": translate("Wording", "Colour"),
            "material": translate("Wording", "Material"),
            "weight": translate("Wording", "Weight"),
            "volume": translate("Wording", "Volume"),
            "base": translate("Wording", "Base"),
            "cocoa": translate("Wording", "Cocoa"),
            "fat": translate("Wording", "Fat"),
            "pattern": translate("Wording", "Pattern"),
            "roast": translate("Wording", "Roast"),
            "scent": translate("Wording", "Scent"),
            "shape": translate("Wording", "Shape"),
            "spice": translate("Wording", "Spice"),
            "use": translate("Wording", "Use"),
            "variety": translate("Wording", "Variety"),
        }
        return known.get(plain.casefold(), plain[:1].upper() + plain[1:])
    return {
        differences.NAME: translate("Wording", "Name"),
        differences.BRAND: translate("Wording", "Brand"),
        differences.PRICE: translate("Wording", "Price"),
        differences.CATEGORY: translate("Wording", "Category"),
        differences.AISLE: translate("Wording", "Aisle"),
        differences.SKU: translate("Wording", "SKU"),
    }[field]


def look_at(kind: str) -> str:
    """What to do to tell look-alikes apart; `kind` is one of engine.look_alikes.region.Kind, but for "none"."""
    return {
        "colour": translate("Wording", "Compare the colour"),
        "size": translate("Wording", "Compare the size"),
        "print": translate("Wording", "Look here: the print differs"),
    }[kind]


def in_stock(levels: Sequence[StockLevel], location: str) -> str:
    """The stock of this store (or of all locations if none is this store's) in a few words; "" if nobody knows."""
    quantity = stock_view(levels, location).quantity
    return "" if quantity is None else translate("Wording", "{count} in stock").format(count=number(quantity))


def in_aisle(product: Product) -> str:
    """Where it stands, in a few words; "" if the catalog does not say."""
    return translate("Wording", "Aisle {aisle}").format(aisle=product.aisle) if product.aisle else ""


@dataclass(frozen=True, slots=True)
class StockView:
    """Stock as the card shows it: `quantity` here (or in all locations if none is this store's), and the others."""

    quantity: int | None
    here: StockLevel | None
    others: tuple[StockLevel, ...]


def stock_view(levels: Sequence[StockLevel], location: str) -> StockView:
    """Split stock into this store's and the others', the most first. Pure."""
    here = next((level for level in levels if level.location.casefold() == location.casefold()), None)
    others = tuple(sorted((lv for lv in levels if lv is not here), key=lambda lv: (-lv.quantity, lv.location)))
    if here is not None:
        return StockView(here.quantity, here, others)
    if location or not levels:
        return StockView(None, None, others)
    return StockView(sum(level.quantity for level in levels), None, others)
