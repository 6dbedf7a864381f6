"""`skulens encoder export`, `quantize`, `agreement`: make an encoder folder and measure it. Needs the extra `train`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.options import JsonOption

if TYPE_CHECKING:
    from engine.encoder_info import EncoderInfo
    from engine.records import Progress

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "terminal_width": 100},
    help="Make an encoder folder, and measure it.",
)

_Folder = Annotated[Path, typer.Argument(metavar="ENCODER_DIR", help="Folder that holds encoder.json.")]


@app.command()
def export(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The new encoder's folder.")],
    photos: Annotated[
        Path | None,
        typer.Option("--photos", metavar="DIR", help="Photos that centre and axes are fitted on; no catalog's."),
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option("--checkpoint", metavar="FILE", help="What `skulens train` learnt.")
    ] = None,
    size: Annotated[
        int | None,
        typer.Option("--size", metavar="PX", min=64, max=1024, help="Side of the input. Default: 260, or as trained."),
    ] = None,
    dimension: Annotated[
        int, typer.Option("--dimension", metavar="D", min=16, max=1280, help="Length of ImageNet's embedding.")
    ] = 512,
    name: Annotated[str, typer.Option("--name", help="What encoder.json calls it; what it was trained on.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Write an encoder as a float32 ONNX model, and its encoder.json: EfficientNet-Lite2 with ImageNet weights.

    With --checkpoint it has the weights that were trained; with --checkpoint and --photos both networks, which share
    their first layers: the tuned one knows the shop, the other the rest of the world.
    """
    if photos is None and checkpoint is None:
        raise typer.BadParameter("give one of them, or both", param_hint="--photos / --checkpoint")
    with train_extra("skulens encoder export"):
        from engine.training.export import SIZE_PX, export_encoder
        from engine.training.trained import export_checkpoint
    if checkpoint is not None:
        called = name or "EfficientNet-Lite2, tuned"
        _print(export_checkpoint(out, checkpoint, photos, size, called, progress=_say_progress), as_json)
        return
    assert photos is not None
    called = name or "EfficientNet-Lite2, ImageNet"
    _print(export_encoder(out, photos, size or SIZE_PX, dimension, name=called, progress=_say_progress), as_json)


@app.command()
def quantize(
    encoder: _Folder,
    photos: Annotated[
        Path, typer.Option("--photos", metavar="DIR", help="Real photos to calibrate on, as the cameras take them.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Write the int8 variant for CPUs and the float16 variant for GPUs into an encoder folder."""
    with train_extra("skulens encoder quantize"):
        from engine.training.quantize import quantize_encoder
    _print(quantize_encoder(encoder, photos, _say_progress), as_json)


@app.command()
def agreement(
    encoder: _Folder,
    photos: Annotated[
        list[Path],
        typer.Option("--photos", metavar="DIR", help="Real photos, a folder a product; may be given again."),
    ],
    as_json: JsonOption = False,
) -> None:
    """Measure how near int8 and float16 are to float32, and write it into encoder.json."""
    with train_extra("skulens encoder agreement"):
        from engine.training.agreement import measure_agreement
    _print(measure_agreement(encoder, photos, _say_progress), as_json)


@contextmanager
def train_extra(command: str) -> Iterator[None]:
    """Name the extra if one of its packages is not installed: ImportError becomes ExtraMissing."""
    try:
        yield
    except ImportError as error:
        from engine.errors import ExtraMissing

        raise ExtraMissing(command=command, extra="train", package=error.name or "of the extra `train`") from error


def _say_progress(progress: Progress, /) -> None:
    """A line on stderr at every twentieth part of a step."""
    if progress.total and progress.done * 20 // progress.total != (progress.done - 1) * 20 // progress.total:
        print(f"{progress.step} {progress.done}/{progress.total}", file=sys.stderr, flush=True)


def _print(info: EncoderInfo, as_json: bool) -> None:
    from engine.cli import json_lines

    if as_json:
        print(json_lines.line(info.model_dump(mode="json", exclude={"probe"})))
        return
    print(f"encoder {info.id}: {info.name}, {info.size_px} px, {info.dimension} numbers")
    for name, variant in info.variants.items():
        print(f"{name:8} {variant.size_bytes / 1e6:5.1f} MB  {variant.made}")
        if (found := variant.agreement) is not None:
            low, high = found.accuracy_change_interval
            print(
                f"{'':8} cosine mean {found.mean_cosine:.4f}, 5th percentile {found.p5_cosine:.4f}, "
                f"minimum {found.min_cosine:.4f} over {found.photos} photos; top-1 changed "
                f"{found.changed_top1:.2%}, accuracy {found.accuracy_change:+.2%} ({low:+.2%} to {high:+.2%})"
            )
