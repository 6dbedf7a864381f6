"""EfficientNet-Lite as an ONNX graph: convolutions with their batch normalisation folded in, ReLU6, additions.

Written by us node by node instead of traced by an exporter: the graph is then the same for every version of torch, each
quantizable block is one Conv and one Clip, and the padding is an attribute instead of a node. Architecture: Tan and Le,
"EfficientNet" (ICML 2019), and the Lite variants of the TensorFlow TPU models (no squeeze-excite, ReLU6, stem and head
of fixed width).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Weights = Mapping[str, NDArray[np.float32]]
_BATCH_NORM_EPSILON = 1e-3
#: The normalisation that follows each convolution of the published implementation.
_NORMS = {
    "_conv_stem": "_bn0",
    "_conv_head": "_bn1",
    "_expand_conv": "_bn0",
    "_depthwise_conv": "_bn1",
    "_project_conv": "_bn2",
}


class GraphWriter:
    """Collects nodes and initializers of one ONNX graph; names are counted, so that the bytes are always the same."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """Add an initializer and return its name."""
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind: str, inputs: list[str], name: str, **attributes: Any) -> str:
        """Add a node with one output, named as the node, and return that name."""
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name


def write_backbone(writer: GraphWriter, weights: Weights, size: int, input_name: str) -> tuple[str, int]:
    """Write the trunk from the picture to its last feature map; the map's name and its side h = w.

    `weights` is the state of an EfficientNet-Lite of any width or depth, by the names of `efficientnet_lite_pytorch`,
    or what `fold_norms` makes of it; `size` is the side of the input in pixels.
    """
    value, side = write_front(writer, weights, size, input_name, block_count(weights))
    return write_head(writer, weights, value, side)


def write_front(writer: GraphWriter, weights: Weights, size: int, input_name: str, stop: int) -> tuple[str, int]:
    """Write the stem and the blocks before `stop`; the map's name and its side."""
    writer.constant("zero", np.array(0, np.float32))
    writer.constant("six", np.array(6, np.float32))
    value, side = _conv(writer, fold_norms(weights), "_conv_stem", input_name, size, stride=2, clip=True)
    return write_blocks(writer, weights, value, side, 0, stop)


def write_blocks(
    writer: GraphWriter, weights: Weights, value: str, side: int, start: int, stop: int, prefix: str = ""
) -> tuple[str, int]:
    """Write the blocks start..stop from a map and its side; all names begin with `prefix`."""
    weights = fold_norms(weights)
    strided = strided_blocks(weights)
    for block in range(start, stop):
        at = f"_blocks.{block}"
        entered, entered_side = value, side
        if f"{at}._expand_conv.weight" in weights:
            value, side = _conv(writer, weights, f"{at}._expand_conv", value, side, clip=True, prefix=prefix)
        stride = 2 if block in strided else 1
        value, side = _conv(writer, weights, f"{at}._depthwise_conv", value, side, stride, clip=True, prefix=prefix)
        value, side = _conv(writer, weights, f"{at}._project_conv", value, side, prefix=prefix)
        if side == entered_side and same_width(weights, block):
            value = writer.node("Add", [value, entered], f"{prefix}{at}.add")
    return value, side


def write_head(writer: GraphWriter, weights: Weights, value: str, side: int, prefix: str = "") -> tuple[str, int]:
    """Write the last convolution; the last map's name and its side."""
    return _conv(writer, fold_norms(weights), "_conv_head", value, side, clip=True, prefix=prefix)


def fold_norms(weights: Weights) -> dict[str, NDArray[np.float32]]:
    """The convolutions alone, each with its batch normalisation folded in: `<conv>.weight` and `<conv>.bias`, float32.

    Weights that are folded already come back as they are.
    """
    if "_conv_head.bias" in weights:
        return dict(weights)
    folded: dict[str, NDArray[np.float32]] = {}
    for name, kernel in weights.items():
        place, dot, layer = name.removesuffix(".weight").rpartition(".")
        if layer not in _NORMS:
            continue
        conv, norm = f"{place}{dot}{layer}", f"{place}{dot}{_NORMS[layer]}"
        scale = weights[f"{norm}.weight"].astype(np.float64) / np.sqrt(
            weights[f"{norm}.running_var"].astype(np.float64) + _BATCH_NORM_EPSILON
        )
        bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
        folded[name] = (kernel.astype(np.float64) * scale[:, None, None, None]).astype(np.float32)
        folded[f"{conv}.bias"] = bias.astype(np.float32)
    return folded


def block_count(weights: Weights) -> int:
    """How many blocks there are between stem and head."""
    block = 0
    while f"_blocks.{block}._project_conv.weight" in weights:
        block += 1
    return block


def same_width(weights: Weights, block: int) -> bool:
    """Whether a block gives as many channels as it takes, so that its input may be added to its output."""
    at = f"_blocks.{block}"
    first = "_expand_conv" if f"{at}._expand_conv.weight" in weights else "_depthwise_conv"
    entering = weights[f"{at}.{first}.weight"].shape[1 if first == "_expand_conv" else 0]
    return bool(entering == weights[f"{at}._project_conv.weight"].shape[0])


def strided_blocks(weights: Weights) -> frozenset[int]:
    """Blocks that halve the map: the first of stages 2, 3, 4 and 6 of seven; a stage starts where the width changes."""
    starts: list[int] = []
    width = -1
    for block in range(block_count(weights)):
        project = weights[f"_blocks.{block}._project_conv.weight"]
        if project.shape[0] != width:
            starts.append(block)
            width = project.shape[0]
    if len(starts) != 7:
        raise ValueError(f"not an EfficientNet-Lite: {len(starts)} stages instead of 7")
    return frozenset(starts[stage] for stage in (1, 2, 3, 5))


def _conv(
    writer: GraphWriter,
    weights: Weights,
    conv: str,
    value: str,
    side: int,
    stride: int = 1,
    clip: bool = False,
    prefix: str = "",
) -> tuple[str, int]:
    """One convolution with a bias, and ReLU6 if `clip`; its name and the side of its map."""
    kernel = weights[f"{conv}.weight"]
    taps = kernel.shape[2]
    out_side = -(-side // stride)
    padding = max(0, (out_side - 1) * stride + taps - side)
    before, after = padding // 2, padding - padding // 2  # TensorFlow's SAME: the odd pixel goes after
    name = writer.node(
        "Conv",
        [
            value,
            writer.constant(f"{prefix}{conv}.kernel", kernel),
            writer.constant(f"{prefix}{conv}.bias", weights[f"{conv}.bias"]),
        ],
        f"{prefix}{conv}",
        kernel_shape=[taps, taps],
        strides=[stride, stride],
        pads=[before, before, after, after],
        group=kernel.shape[0] if kernel.shape[1] == 1 else 1,  # depthwise or dense
    )
    if clip:
        name = writer.node("Clip", [name, "zero", "six"], f"{prefix}{conv}.relu6")
    return name, out_side
