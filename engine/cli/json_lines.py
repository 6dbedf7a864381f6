"""A lookup's answer as JSON and as a line for people. Pure."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.errors import EngineError
    from engine.look_alikes.candidates import Separation
    from engine.overlay_rules import Standing
    from engine.records import Candidate, LookupResult, Region

_DECIMALS = 6
_PARTS = 1_000_000


def line(value: object) -> str:
    """One JSON object on one line, ASCII, so that it survives any terminal and pipe."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def answer(image: str, result: LookupResult) -> dict[str, object]:
    """The object that `skulens find --json` prints for one image; `image` as it was given."""
    return {
        "image": image,
        "verdict": result.verdict.value,
        "known": _down(result.known),
        "candidates": [_candidate(candidate) for candidate in result.candidates],
        "timings_ms": {step: round(ms, 3) for step, ms in result.timings_ms.items()},
    }


def separation(found: Separation, first: Candidate, second: Candidate) -> dict[str, object]:
    """What separates two candidates, for `separates` in the answer."""

    def box(region: Region) -> list[float]:
        return [round(part, 4) for part in (region.x, region.y, region.width, region.height)]

    return {
        "kind": found.kind.value,
        "skus": [first.product.sku, second.product.sku],
        "photos": [photo.path for photo in (found.first, found.second) if photo is not None],
        "boxes": [[box(place.first), box(place.second)] for place in found.places],
    }


def failure(image: str, error: EngineError) -> dict[str, object]:
    """The object for an image that could not be looked up."""
    return {"image": image, "error": {"code": error.code, "message": error.message, "advice": error.advice}}


def rfc3339(moment: datetime | None) -> str | None:
    """A time in UTC, whole seconds, as in 2026-01-31T12:00:00Z; None stays None."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment is not None else None


def price(candidate: Candidate) -> str:
    """A price for people, in major units; "" without one."""
    from engine.ingest.currencies import DECIMALS, DECIMALS_WITHOUT_CURRENCY

    minor, currency = candidate.product.price_minor, candidate.product.currency
    if minor is None:
        return ""
    digits = DECIMALS.get(currency, DECIMALS_WITHOUT_CURRENCY)
    return f"{minor / 10**digits:.{digits}f} {currency}".strip()


def sentence(image: str, result: LookupResult) -> str:
    """Lines for people: the verdict, then a line for each candidate with probability, price, aisle and stock."""
    lines = [f"{image}: {result.verdict.value.upper()}, in the catalog with {result.known:.0%}"]
    for candidate in result.candidates:
        product = candidate.product
        stock = ", ".join(f"{level.quantity} in {level.location}" for level in candidate.stock)
        details = (price(candidate), f"aisle {product.aisle}" if product.aisle else "", stock)
        told = "; ".join(detail for detail in details if detail)
        lines.append(f"  {candidate.probability:4.0%}  {product.sku}  {product.name}" + (f"  ({told})" if told else ""))
    return "\n".join(lines)


def standing(found: Standing) -> dict[str, object]:
    """The object for one confirmation or refusal."""
    said = found.feedback
    return {
        "number": said.id,
        "sku": said.sku,
        "kind": said.kind.value,
        "who": said.who,
        "at": rfc3339(said.at),
        "undone_at": rfc3339(said.undone_at),
        "picture": said.has_crop,
        "status": found.status.value,
        "reason": found.reason.value,
    }


def standing_sentence(found: Standing) -> str:
    """One confirmation or refusal as a line for people."""
    said = found.feedback
    what = "is" if said.kind.value == "confirmed" else "is not"
    by = f" by {said.who}" if said.who else ""
    because = f" ({found.reason.value})" if found.reason.value else ""
    return f"{said.id}: {what} {said.sku}, said{by} at {rfc3339(said.at)}; {found.status.value}{because}"


def _candidate(candidate: Candidate) -> dict[str, object]:
    product = candidate.product
    return {
        "sku": product.sku,
        "name": product.name,
        "probability": _down(candidate.probability),
        "similarity": round(candidate.similarity, _DECIMALS),
        "price": product.price_minor,
        "currency": product.currency,
        "aisle": product.aisle,
        "stock": [
            {"location": level.location, "quantity": level.quantity, "updated_at": rfc3339(level.updated_at)}
            for level in candidate.stock
        ],
    }


def _down(probability: float) -> float:
    """Rounded down, so that rounded probabilities never sum to more than 1."""
    return math.floor(probability * _PARTS) / _PARTS
