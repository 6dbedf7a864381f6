"""What `skulens catalog-check` says about a product and what to do about it, in sentences. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.differences import ATTRIBUTE, attribute_differences, name_difference
from engine.records import Product

#: Differences that are named; more would not be read at a counter.
_NAMED = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend. `kind` is one of `catalog_check.Kind`; `other` is the SKU of the other product, `similarity`
    the cosine (-1..1) that was found, `photo` a path relative to the source; None where there is none."""

    kind: str
    says: str
    advice: str
    other: str | None = None
    similarity: float | None = None
    photo: str | None = None


def no_photo() -> Finding:
    """A product that no picture can find."""
    return Finding("no_photo", "There is no photo.", "Add a photo of the front, one of the back and one of a side.")


def same_photo(other: Product, photo: str) -> Finding:
    """One file under two products."""
    return Finding(
        "same_photo",
        f"{photo} is also a photo of {_named(other)}.",
        "Remove it from the product that it does not show.",
        other=other.sku,
        photo=photo,
    )


def twin(product: Product, other: Product, similarity: float) -> Finding:
    """Two products that no lookup can tell apart for sure; the advice names what differs."""
    how = "scan the barcode" if product.gtin and other.gtin else "read the label, and give both a GTIN in the table"
    told = difference(product, other)
    only = f"These two differ only by {told}" if told else "Nothing in the table tells these two apart"
    return Finding(
        "twin",
        f"Nearly identical to {_named(other)} (cosine {similarity:.3f}).",
        f"{only}: {how}.",
        other=other.sku,
        similarity=similarity,
    )


def confused(other: Product, similarity: float, photo: str, beaten: int, photos: int) -> Finding:
    """Photos that find another product first while they are left out; `photo` is the one that does so most clearly."""
    return Finding(
        "confused",
        f"{beaten} of {photos} photos would be taken for another product, {photo} for {_named(other)}"
        f" (cosine {similarity:.3f}).",
        "Add photos from that side, closer, with the label filling the picture.",
        other=other.sku,
        similarity=similarity,
        photo=photo,
    )


def one_photo() -> Finding:
    """A product that is only known from one side."""
    return Finding("one_photo", "There is only one photo.", "Add a photo of the back and one of a side.")


def far_apart(photo: str, similarity: float) -> Finding:
    """A photo that resembles the product's other photos less than it resembles just any product."""
    return Finding(
        "far_apart",
        f"{photo} resembles no other photo of this product (cosine {similarity:.3f}).",
        "Add a second photo of that side, or remove it if it shows something else.",
        similarity=similarity,
        photo=photo,
    )


def difference(product: Product, other: Product) -> str:
    """In what two products differ: attributes, else the words of each name that the other lacks; "" if nothing."""
    found = attribute_differences([product, other])[:_NAMED]
    if not found and product.name.strip().casefold() != other.name.strip().casefold():
        words = name_difference([product.name, other.name])
        # Without words of their own they have the same in another order, or written otherwise.
        telling = len({value.casefold() for value in words.values}) > 1
        found = [words if telling else replace(words, values=(product.name, other.name))]
    return " and ".join(
        f"{one.field.removeprefix(ATTRIBUTE)} ({' / '.join(value or 'none' for value in one.values)})" for one in found
    )


def _named(product: Product) -> str:
    return f"{product.sku} {product.name}".strip()
