"""`skulens catalog-check`: which products will be confused, before they are at the counter."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.options import CatalogOption, JsonOption

if TYPE_CHECKING:
    from engine.catalog_check import CatalogCheck
    from engine.records import Progress


def catalog_check(
    catalog: CatalogOption = None,
    top: Annotated[int, typer.Option("--top", metavar="N", min=1, help="Products to list, worst first.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Say which products will be confused and which need other photos, worst first.

    Works on the stored vectors: each photo is left out once and asks for its product. Nothing is changed, and findings
    are a normal result: the exit code is 0.
    """
    from engine.catalog_check import check_catalog
    from engine.cli import json_lines
    from engine.cli.options import catalog_folder, settings_with
    from engine.errors import CatalogDamaged
    from engine.generation import Generation
    from engine.verdict import Calibration

    folder = catalog_folder(catalog, settings_with())
    with Generation.open_current(folder) as generation:
        try:
            calibration = Calibration.from_dict(generation.manifest.calibration)
        except (TypeError, ValueError) as error:
            raise CatalogDamaged(folder=folder, reason="its calibration makes no sense") from error
        found = check_catalog(generation.catalog, calibration, _progress)
        version = generation.manifest.version
    if as_json:
        print(json_lines.line({"version": version, **_object(found, top)}))
    else:
        print("\n".join(_lines(found, top)))


def _object(found: CatalogCheck, top: int) -> dict[str, object]:
    import dataclasses

    worst = [
        {
            "sku": one.product.sku,
            "name": one.product.name,
            "photos": one.photos,
            "risk": round(one.risk, 6),
            "findings": [dataclasses.asdict(finding) for finding in one.findings],
        }
        for one in found.troubled[:top]
    ]
    return {
        "products": found.products,
        "photos": found.photos,
        "with_findings": len(found.troubled),
        "counts": found.counts(),
        "twin_at": round(found.twin_at, 6),
        "worst": worst,
    }


def _lines(found: CatalogCheck, top: int) -> list[str]:
    """How many there are of each, then the worst with what to do."""
    counts = ", ".join(f"{kind.replace('_', ' ')} {count}" for kind, count in found.counts().items() if count)
    lines = [f"{found.products} products, {found.photos} photos; {len(found.troubled)} products have findings"]
    if counts:
        lines.append(f"findings: {counts}")
    for one in found.troubled[:top]:
        photos = f"{one.photos} photo{'' if one.photos == 1 else 's'}"
        lines += ["", f"{one.risk:4.0%}  {one.product.sku}  {one.product.name}  ({photos})"]
        lines += [f"      {finding.says} {finding.advice}" for finding in one.findings]
    if len(found.troubled) > top:
        lines += ["", f"{len(found.troubled) - top} more; --top {len(found.troubled)} lists all"]
    return lines


def _progress(progress: Progress) -> None:
    """On a terminal's stderr, where it takes more than one block."""
    if sys.stderr.isatty() and progress.done > 0:
        ending = "\n" if progress.done == progress.total else ""
        print(f"\r{progress.done} of {progress.total} photos", end=ending, file=sys.stderr, flush=True)
