"""`skulens find`: pictures in, one answer a line out, in order."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.options import CatalogOption, JsonOption, ProviderOption, ThreadsOption

if TYPE_CHECKING:
    from engine.lookup import Lookup
    from engine.records import LookupResult


def find(
    images: Annotated[list[str] | None, typer.Argument(metavar="IMAGE...", help="Pictures to look up.")] = None,
    images_from: Annotated[
        str | None,
        typer.Option("--images-from", metavar="FILE|-", help="Read more names from a file, one a line; - is stdin."),
    ] = None,
    catalog: CatalogOption = None,
    top: Annotated[int, typer.Option("--top", metavar="N", min=1, help="Candidates for each image.")] = 5,
    as_json: JsonOption = False,
    provider: ProviderOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Say which product is on each picture, its price, aisle and stock.

    Answers in the order of the images, each as soon as it is known; with --json one JSON object a line. A picture that
    cannot be read is reported in its place, the others go on, and the exit code is 1.
    """
    if not images and images_from is None:
        raise typer.BadParameter("name at least one picture, or use --images-from", param_hint="IMAGE...")
    names = _names(images or [], images_from)
    from engine.cli import json_lines
    from engine.cli.options import catalog_folder, settings_with
    from engine.errors import EngineError
    from engine.lookup import open_lookup
    from engine.remarks import REMARKS

    settings = settings_with(provider, threads)
    given: deque[str] = deque()

    def paths() -> Iterator[Path]:
        for name in names:
            given.append(name)
            yield Path(name)

    failed = False
    remarked = set()
    with open_lookup(catalog_folder(catalog, settings), settings) as lookup:
        many = images_from is not None or len(images or []) > 1
        for _, found in lookup.look_up_many(paths(), top) if many else lookup.look_up_one(next(paths()), top):
            image = given.popleft()
            if isinstance(found, EngineError):
                failed = True
                if as_json:
                    print(json_lines.line(json_lines.failure(image, found)), flush=True)
                print(f"{image}: {found.message} {found.advice}", file=sys.stderr)
                continue
            print(answer_line(image, found, lookup) if as_json else json_lines.sentence(image, found), flush=True)
            for remark in found.degraded:
                if remark not in remarked:
                    remarked.add(remark)
                    print(f"{image}: {REMARKS[remark]}", file=sys.stderr)
    if failed:
        raise typer.Exit(1)


def answer_line(image: str, found: LookupResult, lookup: Lookup) -> str:
    """The answer as a line of JSON; look-alikes come with what separates the best two."""
    from engine.cli import json_lines
    from engine.records import Verdict

    answer = json_lines.answer(image, found)
    if found.verdict is Verdict.AMBIGUOUS and len(found.candidates) > 1:
        first, second = found.candidates[:2]
        answer["separates"] = json_lines.separation(lookup.separate(first, second), first, second)
    return json_lines.line(answer)


def _names(images: Sequence[str], images_from: str | None) -> Iterator[str]:
    """The arguments, then the lines of a file or of stdin as they arrive; empty lines are passed over."""
    if images_from is None:
        return iter(images)
    try:
        # A file of its own even for stdin: a thread may still wait in it when the program ends.
        source = open(0 if images_from == "-" else images_from, "rb", closefd=images_from != "-")  # noqa: SIM115
    except OSError as error:
        raise typer.BadParameter(f"{images_from}: {error.strerror}", param_hint="--images-from") from error

    def lines() -> Iterator[str]:
        yield from images
        with source:
            for line in source:
                name = os.fsdecode(line.rstrip(b"\r\n"))
                if name:
                    yield name

    return lines()
