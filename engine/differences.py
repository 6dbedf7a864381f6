"""What tells two or three look-alikes apart, from the catalog's own fields. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from engine.records import Candidate, Product

#: Stands before the name of an attribute in `Difference.field`.
ATTRIBUTE = "attr:"
#: Names of fields in `Difference.field` that are not attributes of the retailer; an attribute has "attr:" before it.
NAME, BRAND, CATEGORY, PRICE, AISLE, SKU = "name", "brand", "category", "price", "aisle", "sku"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which the products differ: a value for each of them, in order; "" where it has none."""

    field: str
    values: tuple[str, ...]


def differences(
    products: Sequence[Product],
    price: Callable[[Product], str],
    name: Callable[[Product], str] = lambda product: product.name,
    limit: int = 4,
) -> tuple[Difference, ...]:
    """The fields in which `products` differ, the most telling first, at most `limit`.

    Attributes come first (size, flavour, colour: what a person can see on the item), then the words of the names that
    the others lack, brand, price, category and aisle. The SKU is the last resort, so that something is always named.
    `price` and `name` say how a product's price and name read in the user's language.
    """
    if len(products) < 2:
        return ()
    found = attribute_differences(products)
    words = name_difference([name(product) for product in products])
    shown = {value.casefold() for difference in found for value in difference.values}
    if not {value.casefold() for value in words.values if value} <= shown:
        found.append(words)
    found.append(Difference(BRAND, tuple(p.brand for p in products)))
    found.append(Difference(PRICE, tuple(price(p) for p in products)))
    found.append(Difference(CATEGORY, tuple(p.category for p in products)))
    found.append(Difference(AISLE, tuple(p.aisle for p in products)))
    telling = [difference for difference in found if _differs(difference)]
    return tuple(telling[:limit]) or (Difference(SKU, tuple(p.sku for p in products)),)


def attribute_differences(products: Sequence[Product]) -> list[Difference]:
    """The attributes in which products differ; those that every product has come first."""
    found = [
        Difference(ATTRIBUTE + key, tuple(product.attributes.get(key, "") for product in products))
        for key in _keys(products)
    ]
    return [difference for difference in found if _differs(difference)]


def name_difference(names: Sequence[str]) -> Difference:
    """Of each name, the words that not all names share; "" where a name has none of its own."""
    return Difference(NAME, _own_words(names))


def _differs(difference: Difference) -> bool:
    return len({value.strip().casefold() for value in difference.values}) > 1


def _keys(products: Sequence[Product]) -> list[str]:
    """All attributes, in the order in which the catalog names them; those that every product has come first."""
    keys = list(dict.fromkeys(key for product in products for key in product.attributes))
    return sorted(keys, key=lambda key: sum(key not in product.attributes for product in products))


def _own_words(names: Sequence[str]) -> tuple[str, ...]:
    """Of each name, the words that not all names share, in order; of names without spaces, the characters."""
    separator = " " if any(" " in name for name in names) else ""
    split = [name.split() if separator else list(name) for name in names]
    shared = split[0]
    for words in split[1:]:
        blocks = SequenceMatcher(None, shared, words, autojunk=False).get_matching_blocks()
        shared = [word for block in blocks for word in shared[block.a : block.a + block.size]]
    own = []
    for words in split:
        rest, wanted = [], iter(shared)
        expected = next(wanted, None)
        for word in words:
            if word == expected:
                expected = next(wanted, None)
            else:
                rest.append(word)
        own.append(separator.join(rest))
    return tuple(own)


def contenders(candidates: Sequence[Candidate], most: int = 3) -> tuple[Candidate, ...]:
    """The two or three that an AMBIGUOUS answer is about: the best two, and a third that is not far behind them."""
    kept = list(candidates[:2])
    kept += [candidate for candidate in candidates[2:most] if candidate.probability >= 0.25 * kept[-1].probability]
    return tuple(kept)
