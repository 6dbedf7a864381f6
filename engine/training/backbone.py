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

    `weights` is the state of an EfficientNet-Lite of any width or depth, by the names of `efficientnet_lite_pytorch`;
    `size` is the side of the input in pixels.
    """
    writer.constant("zero", np.array(0, np.float32))
    writer.constant("six", np.array(6, np.float32))
    value, side = _conv(writer, weights, "_conv_stem", "_bn0", input_name, size, stride=2, clip=True)
    block = 0
    while f"_blocks.{block}._project_conv.weight" in weights:
        at = f"_blocks.{block}"
        start, start_side = value, side
        if f"{at}._expand_conv.weight" in weights:
            value, side = _conv(writer, weights, f"{at}._expand_conv", f"{at}._bn0", value, side, clip=True)
        stride = 2 if block in _strided_blocks(weights) else 1
        value, side = _conv(writer, weights, f"{at}._depthwise_conv", f"{at}._bn1", value, side, stride, clip=True)
        value, side = _conv(writer, weights, f"{at}._project_conv", f"{at}._bn2", value, side)
        if side == start_side and _same_width(weights, block):
            value = writer.node("Add", [value, start], f"{at}.add")
        block += 1
    return _conv(writer, weights, "_conv_head", "_bn1", value, side, clip=True)


def _same_width(weights: Weights, block: int) -> bool:
    at = f"_blocks.{block}"
    first = "_expand_conv" if f"{at}._expand_conv.weight" in weights else "_depthwise_conv"
    entering = weights[f"{at}.{first}.weight"].shape[1 if first == "_expand_conv" else 0]
    return bool(entering == weights[f"{at}._project_conv.weight"].shape[0])


def _strided_blocks(weights: Weights) -> frozenset[int]:
    """Blocks that halve the map: the first of stages 2, 3, 4 and 6 of seven; a stage starts where the width changes."""
    starts: list[int] = []
    block, width = 0, -1
    while (project := weights.get(f"_blocks.{block}._project_conv.weight")) is not None:
        if project.shape[0] != width:
            starts.append(block)
            width = project.shape[0]
        block += 1
    if len(starts) != 7:
        raise ValueError(f"not an EfficientNet-Lite: {len(starts)} stages instead of 7")
    return frozenset(starts[stage] for stage in (1, 2, 3, 5))


def _conv(
    writer: GraphWriter,
    weights: Weights,
    conv: str,
    norm: str,
    value: str,
    side: int,
    stride: int = 1,
    clip: bool = False,
) -> tuple[str, int]:
    """One convolution with its normalisation folded in, and ReLU6 if `clip`; its name and the side of its map."""
    kernel = weights[f"{conv}.weight"].astype(np.float64)
    scale = weights[f"{norm}.weight"].astype(np.float64) / np.sqrt(
        weights[f"{norm}.running_var"].astype(np.float64) + _BATCH_NORM_EPSILON
    )
    bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
    folded = (kernel * scale[:, None, None, None]).astype(np.float32)
    taps = kernel.shape[2]
    out_side = -(-side // stride)
    padding = max(0, (out_side - 1) * stride + taps - side)
    before, after = padding // 2, padding - padding // 2  # TensorFlow's SAME: the odd pixel goes after
    name = writer.node(
        "Conv",
        [
            value,
            writer.constant(f"{conv}.kernel", folded),
            writer.constant(f"{conv}.bias", bias.astype(np.float32)),
        ],
        conv,
        kernel_shape=[taps, taps],
        strides=[stride, stride],
        pads=[before, before, after, after],
        group=kernel.shape[0] if kernel.shape[1] == 1 else 1,  # depthwise or dense
    )
    if clip:
        name = writer.node("Clip", [name, "zero", "six"], f"{conv}.relu6")
    return name, out_side
