"""`skulens info`, `verify`, `rollback` and `prune`: what a catalog folder holds, and which generation is active."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.options import CatalogOption, JsonOption, ProviderOption, print_facts

if TYPE_CHECKING:
    from engine.overlay import Overlay


def info(catalog: CatalogOption = None, as_json: JsonOption = False, provider: ProviderOption = None) -> None:
    """Say what the active catalog is, which encoder it needs, and which provider runs it here and why."""
    from engine.cli import json_lines
    from engine.cli.options import catalog_folder, settings_with
    from engine.encoder import Encoder
    from engine.generation import Generation, versions
    from engine.overlay import Overlay

    settings = settings_with(provider)
    folder = catalog_folder(catalog, settings)
    with (
        Generation.open_current(folder) as generation,
        Encoder.load(generation.encoder_folder, settings.provider, settings.threads) as encoder,
    ):
        manifest = generation.manifest
        facts: dict[str, object] = {
            "folder": str(folder),
            "name": manifest.name,
            "store": manifest.store,
            "version": manifest.version,
            "versions": versions(folder),
            "created_at": json_lines.rfc3339(manifest.created_at),
            "products": manifest.counts.products,
            "references": manifest.counts.references,
            "vectors": manifest.counts.vectors,
            "encoder_id": manifest.encoder_id,
            "dimension": manifest.dimension,
            "calibration": manifest.calibration,
            "provider": encoder.choice.provider,
            "variant": encoder.choice.variant,
            "not_used": list(encoder.choice.reasons),
            **_confirmations(Overlay.of(generation, settings)),
        }
    print_facts(facts, as_json)


def _confirmations(overlay: Overlay) -> dict[str, object]:
    """What people said on this machine, counted; null where the file cannot be used, which is said on stderr."""
    from collections import Counter

    from engine.errors import EngineError

    try:
        found = overlay.snapshot()
    except EngineError as error:
        print(f"{error.message} {error.advice}", file=sys.stderr)
        return {"confirmations": None, "parked": []}
    parked = Counter(one.reason.value for one in found.standings if one.status.value == "parked")
    return {"confirmations": found.counts(), "parked": [f"{count}: {reason}" for reason, count in parked.items()]}


def verify(
    catalog: CatalogOption = None,
    version: Annotated[str | None, typer.Option("--version", metavar="NUMBER", help="Default: the active one.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a generation: record, digests, counts, SQLite integrity, and the index against brute force.

    The exit code is 2 if something does not fit.
    """
    from engine.cli import json_lines
    from engine.cli.options import catalog_folder, settings_with
    from engine.manifest import is_version
    from engine.verify import verify as check

    if version is not None and not is_version(version):
        raise typer.BadParameter("a version is six digits", param_hint="--version")
    report = check(catalog_folder(catalog, settings_with()), version)
    if as_json:
        checks = [{"name": one.name, "ok": one.ok, "detail": one.detail} for one in report.checks]
        print(json_lines.line({"version": report.version, "ok": report.ok, "checks": checks}))
    else:
        for one in report.checks:
            print(f"{'ok    ' if one.ok else 'WRONG '} {one.name}: {one.detail}")
    if not report.ok:
        raise typer.Exit(2)


def rollback(catalog: CatalogOption = None, as_json: JsonOption = False) -> None:
    """Go back to the generation that was active before, at once."""
    from engine.cli.options import catalog_folder, settings_with
    from engine.generation import rollback as go_back

    folder = catalog_folder(catalog, settings_with())
    print_facts({"folder": str(folder), "version": go_back(folder)}, as_json)


def prune(
    catalog: CatalogOption = None,
    keep: Annotated[int, typer.Option("--keep", metavar="N", min=1, help="Generations to keep.")] = 2,
    as_json: JsonOption = False,
) -> None:
    """Remove old generations, but never the active one or one that another process holds open."""
    from engine.cli.options import catalog_folder, settings_with
    from engine.generation import prune as remove_old

    folder = catalog_folder(catalog, settings_with())
    print_facts({"folder": str(folder), "removed": remove_old(folder, keep)}, as_json)
