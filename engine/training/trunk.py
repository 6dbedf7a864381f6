"""The trunk of an encoder: one network, or a general and a tuned one that share their first layers.

What is tuned to a shop forgets part of the rest of the world; what was never tuned does not. The blocks before
`first_block` are the same in both, so the two cost little more than one. Maps from the middle are pooled too: colour
and texture of a pack are there, and cost nothing more (docs/encoder.md has what each piece gives).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.encoder_info import TUNED
from engine.training.backbone import (
    GraphWriter,
    Weights,
    block_count,
    fold_norms,
    strided_blocks,
    write_backbone,
    write_blocks,
    write_front,
    write_head,
)
from engine.training.head import write_pooling

_TUNED = "tuned."


@dataclass(frozen=True, slots=True)
class TrunkWeights:
    """`general` weights, and `tuned` ones that are the same before `first_block`; None: the general network alone."""

    general: Weights
    tuned: Weights | None = None
    first_block: int = 0


@dataclass(frozen=True, slots=True)
class WrittenTrunk:
    """What is in the graph: the saliency's side, and where the trunk (N, T) has which pooled map, start and stop."""

    side: int
    pieces: Mapping[str, tuple[int, int]]

    @property
    def dimension(self) -> int:
        """T, numbers of the whole trunk."""
        return max(stop for _, stop in self.pieces.values())


def write_trunk(writer: GraphWriter, weights: TrunkWeights, size: int) -> WrittenTrunk:
    """Write `trunk` and `saliency` from `pictures` (N, 3, size, size); saliency is the general network's.

    The pieces: `general` and, if there is a tuned network, `tuned` (its last map), `middle` (the general network's map
    where the last halving is) and `front` (the last map that both share).
    """
    general = fold_norms(weights.general)
    width = general["_conv_head.weight"].shape[0]
    if weights.tuned is None:
        feature_map, side = write_backbone(writer, general, size, "pictures")
        write_pooling(writer, [feature_map])
        return WrittenTrunk(side, {"general": (0, width)})
    tuned = fold_norms(weights.tuned)
    first, last, halving = weights.first_block, block_count(general), max(strided_blocks(general))
    if not 0 < first <= halving:
        raise ValueError(f"the networks part at block {first}, not before the last halving at {halving}")
    front, front_side = write_front(writer, general, size, "pictures", first)
    middle, middle_side = write_blocks(writer, general, front, front_side, first, halving + 1)
    rest, rest_side = write_blocks(writer, general, middle, middle_side, halving + 1, last)
    feature_map, side = write_head(writer, general, rest, rest_side)
    tuned_rest, tuned_side = write_blocks(writer, tuned, front, front_side, first, last, _TUNED)
    tuned_map, _ = write_head(writer, tuned, tuned_rest, tuned_side, _TUNED)
    write_pooling(writer, [feature_map, tuned_map, middle, front])
    return WrittenTrunk(side, trunk_pieces(general, first))


def trunk_pieces(weights: Weights, first_block: int) -> dict[str, tuple[int, int]]:
    """Where the trunk of two networks of this architecture that part before `first_block` has which piece."""
    width = weights["_conv_head.weight"].shape[0]
    widths = {
        "general": width,
        TUNED: width,
        "middle": weights[f"_blocks.{max(strided_blocks(weights))}._project_conv.weight"].shape[0],
        "front": weights[f"_blocks.{first_block - 1}._project_conv.weight"].shape[0],
    }
    pieces: dict[str, tuple[int, int]] = {}
    start = 0
    for name, channels in widths.items():
        pieces[name] = (start, start + channels)
        start += channels
    return pieces
