"""`skulens adapt`: make a catalog's encoder better at its own products, if that can be shown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.options import JsonOption, ProviderOption, ThreadsOption

if TYPE_CHECKING:
    from engine.records import Progress
    from engine.training.adapt import AdaptReport
    from engine.training.adapt_validation import Outcome

_STEPS = {
    "validate": "trying heads on held-back photos",
    "write": "writing the catalog",
    "calibrate": "calibrating",
}


def adapt(
    catalog: Annotated[Path, typer.Argument(metavar="CATALOG", help="Folder that holds CURRENT and features.sqlite.")],
    minutes: Annotated[
        float, typer.Option("--minutes", metavar="M", min=0.1, max=600, help="Try fewer heads when time is short.")
    ] = 5.0,
    as_json: JsonOption = False,
    provider: ProviderOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Adapt a catalog to its own products: learn a small head on the features that the build stored.

    No photo is encoded again. Held-back photos decide: only if the right product comes first more often, by more than
    the noise, there is a new generation, with an encoder of its own; rollback returns to the old one. Otherwise nothing
    changes, and the exit code is 0 all the same. Needs the extra `train`.
    """
    from engine.cli.encoder_commands import train_extra
    from engine.cli.options import settings_with

    with train_extra("skulens adapt"):
        from engine.training.adapt import adapt_catalog
    from engine.cli import json_lines

    settings = settings_with(provider, threads)
    report = adapt_catalog(catalog, minutes, settings.provider, settings.threads, progress=_progress)
    if as_json:
        print(json_lines.line(as_object(report)))
    else:
        print("\n".join(summary(report)))


def _progress(progress: Progress, /) -> None:
    """A line on stderr where a step begins and at every fifth part of it."""
    if progress.total and progress.done * 5 // progress.total != (progress.done - 1) * 5 // progress.total:
        print(
            f"{_STEPS.get(progress.step, progress.step)} {progress.done}/{progress.total}", file=sys.stderr, flush=True
        )


def summary(report: AdaptReport) -> list[str]:
    """What an adaptation did, in lines for people."""
    found = report.outcome
    if found is None:
        return [
            f"{report.photos} photos of {report.products} products: too few products have a second photo to hold back, "
            "so nothing could show that a head is better.",
            f"Nothing was changed; version {report.version} is still active. More photos a product would help.",
        ]
    low, high = found.interval
    lines = [
        f"{found.held_back} of {report.photos} photos were held back in turn. The right product came first for "
        f"{found.before:.1%} of them before, {found.after:.1%} after: {100 * found.gain:+.1f} points "
        f"({100 * low:+.1f} to {100 * high:+.1f}).",
    ]
    if report.confirmed:
        lines.append(f"{report.confirmed} confirmed pictures were learnt from too.")
    if found.tried < found.choices:
        lines.append(f"{found.tried} of {found.choices} heads were tried in the time.")
    lines.append(_ENDINGS[report.ending.value].format(version=report.version, encoder=report.encoder_id))
    lines.append(f"{report.seconds:.1f} s.")
    return lines


_ENDINGS = {
    "adapted": "Version {version} is active, with the encoder {encoder}. `skulens rollback` returns to the one before.",
    "no_gain": "That is not more than chance: nothing was changed, version {version} is still active.",
    "same": "Version {version} was adapted so already: nothing was changed.",
}


def as_object(report: AdaptReport) -> dict[str, object]:
    """What an adaptation did, for programs."""
    return {
        "ending": report.ending.value,
        "version": report.version,
        "encoder_id": report.encoder_id,
        "dimension": report.dimension,
        "products": report.products,
        "photos": report.photos,
        "confirmed": report.confirmed,
        "validation": None if report.outcome is None else _validation(report.outcome),
        "seconds": round(report.seconds, 3),
    }


def _validation(found: Outcome) -> dict[str, object]:
    return {
        "held_back": found.held_back,
        "before": round(found.before, 6),
        "after": round(found.after, 6),
        "gain": round(found.gain, 6),
        "interval": [round(value, 6) for value in found.interval],
        "shrinkage": found.choice.shrinkage,
        "weight": found.choice.weight,
        "tried": found.tried,
        "choices": found.choices,
    }
