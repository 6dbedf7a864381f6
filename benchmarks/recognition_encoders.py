"""The encoders that are compared: the shipped one in its variants, the ImageNet one made there and then, and any given.

A row of the table is an encoder in one variant. Making the ImageNet one and adapting need the extra `train`; without it
their rows are left out, with a sentence.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.config import encoder_folder
from engine.encoder_info import INFO_FILE, VariantName, read_info
from engine.errors import EncoderError, TrainingError
from engine.generation import Generation
from engine.storage import write_whole

SHIPPED, IMAGENET = "shipped", "ImageNet alone"
#: The variant that a CPU runs.
USUAL: VariantName = "int8"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Entrant:
    """One encoder in one variant.

    `unseen`: its training did not have the products that are left out. `filmed`: it is also asked with frames of a
    moving camera. `adapt`: there is another row for it after `skulens adapt`.
    """

    name: str
    folder: Path
    variant: VariantName
    unseen: bool = False
    filmed: bool = False
    adapt: bool = False


def shipped(work: Path, adapt: bool, variants: Sequence[VariantName]) -> list[Entrant]:
    """The application's encoder, once for each variant; what costs much only for the usual one."""
    found = []
    for variant in variants:
        usual = variant == USUAL
        folder = one_variant(encoder_folder(), variant, work / "encoders")
        found.append(Entrant(SHIPPED, folder, variant, filmed=usual, adapt=adapt and usual))
    return found


def given(name: str, folder: Path, unseen: bool) -> Entrant:
    """An encoder folder from the command line, in the variant that a CPU runs. Raises EncoderError."""
    variants = read_info(folder).variants
    variant: VariantName = USUAL if USUAL in variants else "float32" if "float32" in variants else "float16"
    return Entrant(name, folder, variant, unseen, filmed=unseen)


def imagenet(work: Path, photos: Path, say: Say) -> Entrant | str:
    """Export and quantize the ImageNet network as docs/encoder.md says, unless `work` has it; or why there is none."""
    folder = work / "encoders" / "imagenet"
    try:
        if USUAL in read_info(folder).variants:
            return Entrant(IMAGENET, folder, USUAL, unseen=True, filmed=True, adapt=True)
    except EncoderError:
        pass
    try:
        from engine.training.export import export_encoder
        from engine.training.quantize import quantize_encoder
    except ImportError as error:
        return f"{IMAGENET}: left out, because it is made with the extra `train` ({error.name} is not installed)."
    say(f"{IMAGENET}: exporting and quantizing")
    try:
        export_encoder(folder, photos)
        quantize_encoder(folder, photos)
    except TrainingError as error:
        return f"{IMAGENET}: left out. {error}"
    return Entrant(IMAGENET, folder, USUAL, unseen=True, filmed=True, adapt=True)


def one_variant(folder: Path, variant: VariantName, out: Path) -> Path:
    """A folder with that variant alone: an encoder picks the fastest that it finds."""
    info = read_info(folder)
    alone = out / f"{info.id}-{variant}"
    alone.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / info.variants[variant].file, alone / info.variants[variant].file)
    only = info.model_copy(update={"variants": {variant: info.variants[variant]}})
    write_whole(alone / INFO_FILE, only.model_dump_json().encode())
    return alone


def adapted(catalog: Path, entrant: Entrant) -> tuple[Path | None, str]:
    """A copy of a catalog after `skulens adapt`, None where nothing was better; and what happened, in a sentence."""
    try:
        from engine.training.adapt import Ending, adapt_catalog
    except ImportError as error:
        return None, f"needs the extra `train` ({error.name} is not installed)"
    copy = catalog.with_name(f"{catalog.name}-adapted")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(catalog, copy)
    report = adapt_catalog(copy, provider="cpu", encoders=[entrant.folder])
    if report.outcome is None:
        return None, "too few products have a second photo, so nothing could show a gain; unchanged"
    before, after = report.outcome.before, report.outcome.after
    told = f"held-back catalog photos {before:.1%} before, {after:.1%} after"
    if report.ending is not Ending.ADAPTED:
        return None, f"{told}: no more than chance; unchanged"
    return copy, f"{told}; {report.seconds:.0f} s"


def encoder_of(catalog: Path, entrant: Entrant) -> Path:
    """The encoder folder that a catalog's active generation is looked up with."""
    with Generation.open_current(catalog, [entrant.folder]) as generation:
        return generation.encoder_folder
