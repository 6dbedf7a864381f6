"""`skulens confirm`: say what is on a picture, or what is not; lookups know it at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.options import CatalogOption, JsonOption, ProviderOption, ThreadsOption


def confirm(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="The picture.")],
    sku: Annotated[str, typer.Option("--sku", metavar="SKU", help="The product that it shows, or does not show.")],
    refuse: Annotated[bool, typer.Option("--not", help="Say that it is not this product.")] = False,
    who: Annotated[str | None, typer.Option("--who", metavar="NAME", help="Who says so. Default: the login.")] = None,
    catalog: CatalogOption = None,
    as_json: JsonOption = False,
    provider: ProviderOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Say which product is on a picture; from now on lookups find it by this view too.

    Kept on this machine, beside the catalog. One that looks unlike the product's photos is quarantined: alone it never
    gives MATCH. Take it back with `skulens overlay undo`.
    """
    from engine.cli import json_lines
    from engine.cli.options import catalog_folder, settings_with
    from engine.image import read_picture
    from engine.lookup import open_lookup
    from engine.overlay import login_name

    settings = settings_with(provider, threads)
    picture = read_picture(image, settings.limits)
    with open_lookup(catalog_folder(catalog, settings), settings) as lookup:
        say = lookup.refuse if refuse else lookup.confirm
        standing = say(sku, lookup.look_up(picture), picture, login_name() if who is None else who)
    if as_json:
        print(json_lines.line({"image": str(image), **json_lines.standing(standing)}))
    else:
        print(f"{image}: {json_lines.standing_sentence(standing)}")
