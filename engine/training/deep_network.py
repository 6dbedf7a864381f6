"""`skulens adapt --deep`: an encoder's graph becomes a network to train, and what was trained an encoder again.

The weights are read from the float32 graph, where all normalisation is folded in, by the names that our own exporter
gave them. What is tuned is a second network behind the first blocks; an encoder of one network gets it as a copy. The
general network and all parts but the tuned one stay as they are, number by number, so that nothing that the encoder
knew of the rest of the world is forgotten.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from engine.encoder_info import TUNED, EncoderInfo, read_info, read_model
from engine.errors import EncoderDamaged
from engine.training.adapt_encoder import plain_name, plain_terms
from engine.training.adapt_features import base_parts
from engine.training.backbone import Weights, block_count, strided_blocks
from engine.training.deep_plan import USUAL
from engine.training.export import write_encoder
from engine.training.folder import write_info
from engine.training.head import FittedPart
from engine.training.network import EmbeddingNetwork
from engine.training.trained import KEPT_PARTS, TUNED_DIMENSION, learnt_part
from engine.training.trunk import TrunkWeights, trunk_pieces

#: The length of all kept parts together beside the tuned one's 1 where there was no tuned one: as in the encoder that
#: comes with Skulens (docs/encoder.md).
KEPT_WEIGHT = math.sqrt(sum(part.weight**2 for part in KEPT_PARTS))
_DEEPER = ", tuned to a shop"
_TERMS = " Tuned by `skulens adapt --deep` on photos of a catalog; they stay those of the catalog's owner."


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """What tuning begins with: both networks (the same if there was one), where they part, and the parts that stay.

    `learnt` is the embedding's part that is trained on, None if there was no tuned network; `weight` is its length.
    """

    info: EncoderInfo
    general: Weights
    tuned: Weights
    first_block: int
    kept: tuple[FittedPart, ...]
    learnt: FittedPart | None
    weight: float

    @property
    def dimension(self) -> int:
        """Numbers of the tuned part: as many as it has, else as many as a new one gets."""
        if self.learnt is not None:
            return int(self.learnt.projection.shape[1])
        return min(TUNED_DIMENSION, int(self.tuned["_conv_head.weight"].shape[0]))


def read_start(folder: Path) -> Start:
    """Read where tuning begins from an encoder folder; a shop's part of an earlier adaptation is left out.

    Raises EncoderMissing, and EncoderDamaged also if there is no float32 variant or its graph is not one of ours.
    """
    info = read_info(folder)
    if "float32" not in info.variants:
        raise EncoderDamaged(name=str(folder), reason="there is no float32 variant, which tuning begins with")
    graph = onnx.load_from_string(read_model(folder, info.variants["float32"])).graph
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    general = _weights(arrays, "")
    own = _weights(arrays, f"{TUNED}.")
    parts = base_parts(info)
    try:
        halving = max(strided_blocks(general))
        blocks = block_count(general)
        fitted = [
            FittedPart(
                part.name,
                part.start,
                arrays[f"{part.name}.centre"],
                arrays[f"{part.name}.projection"],
                part.weight,
                part.fitted_on_photos,
            )
            for part in parts
        ]
    except (KeyError, ValueError) as error:
        raise EncoderDamaged(name=str(folder), reason="its graph is not one that can be tuned") from error
    if not own:
        first_block = min(USUAL.first_block, halving)
        length = math.sqrt(sum(part.weight**2 for part in fitted))
        kept = tuple(
            replace(part, name=_free_name(part.name), weight=part.weight * KEPT_WEIGHT / length) for part in fitted
        )
        return Start(info, general, general, first_block, kept, None, 1.0)
    first_block = min(number for number in range(blocks) if f"_blocks.{number}._project_conv.weight" in own)
    learnt = next((part for part in fitted if part.name == TUNED), None)
    if learnt is None:
        raise EncoderDamaged(name=str(folder), reason="its graph is not one that can be tuned")
    kept = tuple(part for part in fitted if part.name != TUNED)
    return Start(info, general, {**general, **own}, first_block, kept, learnt, learnt.weight)


def network_of(start: Start, seed: int) -> EmbeddingNetwork:
    """The tuned network as it is now, or with a projection drawn by `seed` where there was none."""
    network = EmbeddingNetwork(start.tuned, start.dimension, start.first_block, seed)
    if start.learnt is not None:
        # learnt_part the other way round; only the direction of an embedding counts, so its length is free to choose:
        # rows of about length 1, as a new projection has them, are what the learning rates are for.
        matrix = start.learnt.projection.T.astype(np.float64)
        bias = -matrix @ start.learnt.centre.astype(np.float64)
        row = float(np.linalg.norm(matrix, axis=1).mean())
        with torch.no_grad():
            network.projection.weight.copy_(torch.from_numpy(matrix / row))
            network.projection.bias.copy_(torch.from_numpy(bias * network.length / row))
    return network


def write_tuned(out: Path, start: Start, values: Mapping[str, torch.Tensor], length: float, photos: int) -> EncoderInfo:
    """Write `out`/float32.onnx and `out`/encoder.json: `values` is the whole state of the network, tuned on `photos`.

    `length` is the network's. Raises NotWritable, DiskFull.
    """
    arrays = {name: tensor.numpy() for name, tensor in values.items()}
    tuned = {name.removeprefix("trunk."): array for name, array in arrays.items() if name.startswith("trunk.")}
    part = learnt_part(TUNED, arrays["projection.weight"], arrays["projection.bias"], length, photos)
    pieces = trunk_pieces(start.general, start.first_block)
    parts = (replace(part, start=pieces[TUNED][0], weight=start.weight), *start.kept)
    base = start.info
    info = write_encoder(
        out,
        TrunkWeights(start.general, tuned, start.first_block),
        base.input,
        parts,
        max(stop for _, stop in pieces.values()),
        plain_name(base.name).removesuffix(_DEEPER) + _DEEPER,
        plain_terms(base.terms).removesuffix(_TERMS) + _TERMS,
    )
    info = info.model_copy(update={"licence": base.licence, "adapted_from": base.id})
    write_info(out, info)
    return info


def _weights(arrays: Mapping[str, NDArray[np.float32]], prefix: str) -> dict[str, NDArray[np.float32]]:
    """The convolutions whose names begin with `prefix` and go on as a network's, named as a `Trunk` names them."""
    found = {}
    for name, kernel in arrays.items():
        conv = name.removeprefix(prefix).removesuffix(".kernel")
        if name == f"{prefix}{conv}.kernel" and conv.startswith(("_conv", "_blocks")):
            found[f"{conv}.weight"] = kernel
            found[f"{conv}.bias"] = arrays[f"{prefix}{conv}.bias"]
    return found


def _free_name(name: str) -> str:
    """A kept part's name beside the new tuned one: a network that was trained alone calls its own part `tuned` too."""
    return "before" if name == TUNED else name
