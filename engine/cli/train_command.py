"""`skulens train`: retailers' sources in, a checkpoint out. Needs the extra `train`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.options import JsonOption

if TYPE_CHECKING:
    from engine.training.train import TrainReport

#: Left-out photos that the summary shows; all of them are in rejected.csv.
_SHOWN = 20


class Loss(StrEnum):
    """The losses of `engine.training.recipe`, named here so that the help needs no import."""

    COSFACE = "cosface"
    ARCFACE = "arcface"
    SUBCENTER = "subcenter"
    PROXYANCHOR = "proxyanchor"
    MULTISIMILARITY = "multisimilarity"
    SUPCON = "supcon"


class Precision(StrEnum):
    """What the convolutions are computed in."""

    AUTO = "auto"
    BFLOAT16 = "bfloat16"
    FLOAT32 = "float32"


def train(
    sources: Annotated[
        list[Path], typer.Argument(metavar="SOURCE...", help="Folders with products.csv (.xlsx, .jsonl) and photos.")
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="The run's folder; one that was begun there goes on.")
    ] = Path("training"),
    hold_out: Annotated[
        int, typer.Option("--hold-out", metavar="N", min=0, help="Products kept out of training, to measure with.")
    ] = 0,
    validate: Annotated[
        Path | None,
        typer.Option("--validate", metavar="CSV", help="Photos to validate with: a CSV with columns path and sku."),
    ] = None,
    share: Annotated[
        float, typer.Option("--share", min=0.0, max=0.9, help="Without --validate: part of the photos that validate.")
    ] = 0.1,
    backgrounds: Annotated[
        list[Path] | None,
        typer.Option("--backgrounds", metavar="DIR", help="More photos to put things in front of; may be given again."),
    ] = None,
    epochs: Annotated[int, typer.Option("--epochs", min=1, help="How often each photo is shown.")] = 12,
    size: Annotated[int, typer.Option("--size", metavar="PX", min=32, max=1024, help="Side of the input.")] = 256,
    dimension: Annotated[
        int, typer.Option("--dimension", metavar="D", min=8, max=1280, help="Length of the embedding.")
    ] = 256,
    loss: Annotated[Loss, typer.Option("--loss", help="The metric-learning loss.")] = Loss.COSFACE,
    margin: Annotated[float | None, typer.Option("--margin", help="The loss's margin. Default: its own.")] = None,
    scale: Annotated[float | None, typer.Option("--scale", min=0.01, help="Its scale. Default: its own.")] = None,
    first_block: Annotated[
        int,
        typer.Option(
            "--first-block", metavar="B", min=0, max=21, help="Blocks of the network before this one stay as is."
        ),
    ] = 11,
    learning_rate: Annotated[
        float, typer.Option("--learning-rate", min=1e-7, max=1.0, help="Of the network's last layer.")
    ] = 6e-4,
    classes: Annotated[int, typer.Option("--classes", min=1, help="Products in a batch, over all processes.")] = 24,
    packages: Annotated[
        int,
        typer.Option("--packages", min=0, help="Views of random packages in a batch, so as not to forget; 0: none."),
    ] = 24,
    kept: Annotated[
        int, typer.Option("--kept", min=0, help="Background photos in a batch that must look as before; 0: none.")
    ] = 16,
    validate_every: Annotated[int, typer.Option("--validate-every", min=1, help="Steps between validations.")] = 200,
    patience: Annotated[
        int, typer.Option("--patience", min=0, help="End after so many validations without a better one; 0: never.")
    ] = 5,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Decides everything that is drawn.")] = 0,
    precision: Annotated[
        Precision, typer.Option("--precision", help="auto is bfloat16 where the hardware has it.")
    ] = Precision.AUTO,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads that make the views.")] = 2,
    memory_gb: Annotated[
        float, typer.Option("--memory-gb", min=0.0, help="Decoded photos kept in memory; others are read again.")
    ] = 4.0,
    as_json: JsonOption = False,
) -> None:
    """Train an encoder on the photos of one's own products; `skulens encoder export` makes it usable.

    Killed at any instant, the same command goes on from DIR/checkpoint.ckpt. Photos that were left out, and why, are in
    DIR/rejected.csv, the course of the run in DIR/log.csv and DIR/tensorboard. With torchrun several processes share
    each batch.
    """
    from engine.cli.build_command import progress_lines
    from engine.cli.encoder_commands import train_extra
    from engine.evaluate import read_queries
    from engine.records import no_progress

    with train_extra("skulens train"):
        from dataclasses import replace

        from engine.training.recipe import Recipe
        from engine.training.train import Choices, prepare_data, steps_of
        from engine.training.train import train as train_on
        from engine.training.workers import join_workers
    listed = None if validate is None else tuple((query.path, query.sku) for query in read_queries(validate))
    recipe = Recipe(
        steps=1,
        size_px=size,
        dimension=dimension,
        loss=loss.value,
        margin=margin,
        scale=scale,
        classes_per_batch=classes,
        packages_per_batch=packages,
        kept_per_batch=kept,
        learning_rate=learning_rate,
        first_block=first_block,
        validate_every=validate_every,
        patience=patience,
        seed=seed,
    )
    choices = Choices(hold_out, share, listed, tuple(backgrounds or ()), round(memory_gb * 1e9))
    with join_workers(precision.value) as workers:
        if classes % workers.count:
            raise typer.BadParameter(
                f"{workers.count} processes cannot share {classes} products", param_hint="--classes"
            )
        progress = progress_lines() if workers.first else no_progress
        data = prepare_data(sources, size, seed, choices, progress)
        recipe = replace(recipe, steps=steps_of(data.split, recipe, epochs))
        report = train_on(data, out, recipe, workers, threads=threads, progress=progress)
        if not workers.first:
            return
    for line in summary(report):
        print(line, file=sys.stderr)
    if as_json:
        from engine.cli import json_lines

        print(json_lines.line(as_object(report)))


def summary(report: TrainReport) -> list[str]:
    """What a run did, in lines for people."""
    from engine.cli.build_command import where

    run = report.run
    how = "stopped early, validation got no better" if run.stopped_early else "done"
    lines = [
        f"{report.products} products, {report.train_photos} photos trained, {report.validation_photos} validated; "
        f"{len(report.held_out)} products were held out.",
        f"{run.steps} steps ({how}); "
        + (
            "nothing to validate with, the last weights are kept."
            if run.best_score is None
            else f"the weights of step {run.best_step} are kept, recall {run.best_score:.1%}."
        ),
    ]
    if report.problems:
        lines.append(f"{len(report.problems)} rows or photos were left out or need a look:")
        lines.extend(f"  {where(problem)}: {problem.reason}" for problem in report.problems[:_SHOWN])
        rest = len(report.problems) - _SHOWN
        lines.append(
            f"  and {rest} more; all are in {report.rejected_file}" if rest > 0 else f"  see {report.rejected_file}"
        )
    lines.append(f"Next: skulens encoder export --checkpoint {run.checkpoint} --out ENCODER")
    return lines


def as_object(report: TrainReport) -> dict[str, object]:
    """What a run did, for programs."""
    run = report.run
    return {
        "checkpoint": str(run.checkpoint),
        "steps": run.steps,
        "stopped_early": run.stopped_early,
        "best_step": run.best_step,
        "best_score": None if run.best_score is None else round(run.best_score, 5),
        "products": report.products,
        "held_out": list(report.held_out),
        "train_photos": report.train_photos,
        "validation_photos": report.validation_photos,
        "left_out": len(report.problems),
        "rejected_file": str(report.rejected_file),
    }
