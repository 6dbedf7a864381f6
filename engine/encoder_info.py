"""What an encoder folder says about itself: `encoder.json`, and the checks before a model file is believed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.errors import EncoderDamaged, EncoderMissing
from engine.image import InputSpec
from engine.onnx_check import ModelRefused, check_model

INFO_FILE = "encoder.json"
FORMAT = 1
#: The part that was trained to tell products apart; it comes first where there is one.
TUNED = "tuned"

VariantName = Literal["int8", "float16", "float32"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Agreement(_Frozen):
    """How near a variant is to float32, over `photos` real photos.

    Cosines (-1..1) are between the two vectors of a photo. The rest is measured in the gallery of these photos,
    leave-one-out: `changed_top1` is the share (0..1) of answers that change when the gallery changes too,
    `changed_top1_mixed` when only the queries do (a catalog made on a GPU, a kiosk without one); `accuracy` is the
    variant's top-1, `accuracy_change` its difference to float32 (-1..1) with a 95 % bootstrap interval.
    """

    photos: int
    mean_cosine: float
    p5_cosine: float
    min_cosine: float
    changed_top1: float
    changed_top1_mixed: float
    accuracy: float
    accuracy_change: float
    accuracy_change_interval: tuple[float, float]


class Variant(_Frozen):
    """One model file. `made` says how, in words."""

    file: str = Field(pattern=r"^[A-Za-z0-9._-]+$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size_bytes: int
    made: str = ""
    agreement: Agreement | None = None


class Part(_Frozen):
    """One piece of the embedding: `trunk[start:stop]` to unit length, minus a centre, projected, to length `weight`.

    Centre and projection are in the graph (initializers `<name>.centre` and `<name>.projection`); their digest is here.
    """

    name: str
    start: int
    stop: int
    dimension: int
    weight: float
    sha256: str
    fitted_on_photos: int


class EncoderInfo(_Frozen):
    """`encoder.json`. `id` is a hash of float32 weights, preprocessing, pooling and parts: all variants share it.

    `adapted_from` is the id of the encoder that `skulens adapt` made this one from; None for all others.
    """

    format: int = FORMAT
    id: str = Field(pattern=r"^[0-9a-f]{32}$")
    name: str
    dimension: int = Field(gt=0)
    trunk_dimension: int = Field(gt=0)
    size_px: int = Field(gt=0)
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    crop_fraction: float = Field(gt=0, le=1)
    pooling: str
    parts: tuple[Part, ...]
    variants: dict[VariantName, Variant]
    probe: str = Field(description="the float32 embedding of the probe picture, float16 little-endian, base64")
    licence: str
    terms: str
    adapted_from: str | None = Field(default=None, pattern=r"^[0-9a-f]{32}$")

    @property
    def leading(self) -> int:
        """How many numbers of an embedding, from the first on, were trained to tell products apart; 0 if none were."""
        return self.parts[0].dimension if self.parts and self.parts[0].name == TUNED else 0

    @property
    def input(self) -> InputSpec:
        """What the encoder wants to see."""
        return InputSpec(self.size_px, self.mean, self.scale, self.crop_fraction)


def read_info(folder: Path) -> EncoderInfo:
    """Read `encoder.json` of a folder. Raises EncoderMissing if there is none, EncoderDamaged if it is not valid."""
    path = folder / INFO_FILE
    try:
        text = path.read_bytes()
    except FileNotFoundError as error:
        raise EncoderMissing(encoder_id=f"in {folder}") from error
    except OSError as error:
        raise EncoderDamaged(name=str(path), reason=error.strerror or "it cannot be read") from error
    try:
        info = EncoderInfo.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "the file"
        raise EncoderDamaged(name=str(path), reason=f"{where}: {first['msg']}") from error
    if info.format > FORMAT:
        raise EncoderDamaged(name=str(path), reason=f"format {info.format} is newer than {FORMAT}")
    return info


def read_model(folder: Path, variant: Variant) -> bytes:
    """Read a variant's file and check it: SHA-256, no external data, no operator outside the standard.

    The bytes that were checked are the bytes that the session gets. Raises EncoderDamaged.
    """
    path = folder / variant.file
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EncoderDamaged(name=str(path), reason=error.strerror or "it cannot be read") from error
    if hashlib.sha256(data).hexdigest() != variant.sha256:
        raise EncoderDamaged(name=str(path), reason="its SHA-256 is not the one in encoder.json")
    try:
        check_model(data)
    except ModelRefused as error:
        raise EncoderDamaged(name=str(path), reason=str(error)) from error
    return data
