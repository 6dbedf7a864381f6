"""`skulens adapt`: make a catalog's encoder better at its own products, if that can be shown."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.options import JsonOption, ProviderOption, ThreadsOption

if TYPE_CHECKING:
    from engine.config import Settings
    from engine.records import Progress, ProgressCallback
    from engine.training.adapt import AdaptReport, DeepReport
    from engine.training.adapt_validation import Gain

_MINUTES, _DEEP_MINUTES = 5.0, 480.0
_STEPS = {
    "validate": "trying heads on held-back photos",
    "write": "writing the catalog",
    "calibrate": "calibrating",
}
_DEEP_ONLY = "only with --deep"


def adapt(
    catalog: Annotated[Path, typer.Argument(metavar="CATALOG", help="Folder that holds CURRENT and features.sqlite.")],
    minutes: Annotated[
        float | None,
        typer.Option(
            "--minutes", metavar="M", min=0.1, max=6000, help="Do less when time is short. Default: 5, --deep 480."
        ),
    ] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Tune the last stages of the network, overnight; goes on after a kill.")
    ] = False,
    run: Annotated[
        Path | None,
        typer.Option("--run", metavar="DIR", help="--deep: the run's folder until it ends. Default: CATALOG/tuning."),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--source", metavar="DIR", help="--deep: what the catalog was built from, for photos larger than its own."
        ),
    ] = None,
    backgrounds: Annotated[
        list[Path] | None,
        typer.Option("--backgrounds", metavar="DIR", help="--deep: more photos to put things before; may come again."),
    ] = None,
    as_json: JsonOption = False,
    provider: ProviderOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Adapt a catalog to its own products: learn a small head on the features that the build stored.

    No photo is encoded again. With --deep the network itself is tuned, on the catalog's photos: hours on two cores,
    less on a GPU. Held-back photos decide: only if the right product comes first more often, by more than the noise,
    there is a new generation, with an encoder of its own; rollback returns to the old one. Otherwise nothing changes,
    and the exit code is 0 all the same. Needs the extra `train`.
    """
    from engine.cli import json_lines
    from engine.cli.options import settings_with

    settings = settings_with(provider, threads)
    report: AdaptReport
    if deep:
        report = _deep(catalog, minutes or _DEEP_MINUTES, run, source, backgrounds or [], settings)
    else:
        for name, given in (("--run", run), ("--source", source), ("--backgrounds", backgrounds)):
            if given:
                raise typer.BadParameter(_DEEP_ONLY, param_hint=name)
        from engine.cli.encoder_commands import train_extra

        with train_extra("skulens adapt"):
            from engine.training.adapt import adapt_catalog
        report = adapt_catalog(catalog, minutes or _MINUTES, settings.provider, settings.threads, progress=_progress)
    if as_json:
        print(json_lines.line(as_object(report)))
    else:
        print("\n".join(summary(report)))


def _deep(
    catalog: Path, minutes: float, run: Path | None, source: Path | None, backgrounds: list[Path], settings: Settings
) -> DeepReport:
    from engine.cli.build_command import progress_lines
    from engine.cli.encoder_commands import train_extra

    with train_extra("skulens adapt --deep"):
        from engine.training.deep import DeepOptions, tune_catalog
    options = DeepOptions(run, source, tuple(backgrounds))
    with _stopping(progress_lines()) as progress:
        return tune_catalog(catalog, minutes, options, settings.provider, settings.threads, progress=progress)


@contextmanager
def _stopping(callback: ProgressCallback) -> Iterator[ProgressCallback]:
    """Let the first Ctrl-C (or a service's SIGTERM) end what runs at its next step, where it can keep what it has."""
    from engine.errors import Interrupted

    asked = False

    def ask(number: int, frame: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        print("Stopping after this step ...", file=sys.stderr, flush=True)

    def told(progress: Progress, /) -> None:
        callback(progress)
        if asked:
            raise Interrupted

    before = [(number, signal.signal(number, ask)) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield told
    finally:
        for number, handler in before:
            signal.signal(number, handler)


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
            "so nothing could show that anything is better.",
            f"Nothing was changed; version {report.version} is still active. More photos a product would help.",
        ]
    low, high = found.interval
    steps, heads = _steps_of(report), _heads_of(found)
    lines = [
        f"{found.held_back} of {report.photos} photos were held back{'' if steps else ' in turn'}. The right product "
        f"came first for {found.before:.1%} of them before, {found.after:.1%} after: {100 * found.gain:+.1f} points "
        f"({100 * low:+.1f} to {100 * high:+.1f}).",
    ]
    if report.confirmed:
        lines.append(f"{report.confirmed} confirmed pictures were learnt from too.")
    if heads and heads["tried"] < heads["choices"]:
        lines.append(f"{heads['tried']} of {heads['choices']} heads were tried in the time.")
    if steps:
        lines.append(f"{steps['steps']} of {steps['planned']} steps were made in the time.")
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
        **_steps_of(report),
        "seconds": round(report.seconds, 3),
    }


def _validation(found: Gain) -> dict[str, object]:
    return {
        "held_back": found.held_back,
        "before": round(found.before, 6),
        "after": round(found.after, 6),
        "gain": round(found.gain, 6),
        "interval": [round(value, 6) for value in found.interval],
        **_heads_of(found),
    }


def _heads_of(found: Gain) -> dict[str, float]:
    """Which head was chosen of how many; nothing for a deep adaptation, which tries one network."""
    from engine.training.adapt_validation import Outcome

    if not isinstance(found, Outcome):
        return {}
    return {
        "shrinkage": found.choice.shrinkage,
        "weight": found.choice.weight,
        "tried": found.tried,
        "choices": found.choices,
    }


def _steps_of(report: AdaptReport) -> dict[str, int]:
    """The steps of a deep adaptation; nothing for another one."""
    from engine.training.adapt import DeepReport

    return {"steps": report.steps, "planned": report.planned} if isinstance(report, DeepReport) else {}
