"""Empirical bias correction: a quantized layer's mean output is put back to where the float32 layer has it.

Rounding weights and activations shifts the mean of each channel; over sixty layers the shifts add up. Nagel et al.,
"Data-Free Quantization Through Weight Equalization and Bias Correction" (ICCV 2019), section 4.2 and appendix D: layer
by layer from the input on, so that each correction sees the layers before it corrected already.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from engine.records import Progress, ProgressCallback, Tensor, no_progress


def correct_biases(
    float_model: onnx.ModelProto,
    quantized: onnx.ModelProto,
    batches: Sequence[Tensor],
    progress: ProgressCallback = no_progress,
) -> None:
    """Change the int32 biases of all convolutions of a QDQ model in place; `batches` are calibration photos."""
    convolutions = [node.name for node in float_model.graph.node if node.op_type == "Conv"]
    wanted = _channel_means(float_model, convolutions, batches)
    initializers = {tensor.name: tensor for tensor in quantized.graph.initializer}
    producers = {node.output[0]: node for node in quantized.graph.node}
    nodes = {node.name: node for node in quantized.graph.node if node.op_type == "Conv"}
    for done, name in enumerate(convolutions):
        progress(Progress("correct", done, len(convolutions)))
        dequantize = producers.get(nodes[name].input[2])
        if dequantize is None:  # this layer stayed in float32
            continue
        shift = wanted[name] - _channel_means(quantized, [name], batches)[name]
        bias = initializers[dequantize.input[0]]
        step = numpy_helper.to_array(initializers[dequantize.input[1]]).astype(np.float64)
        corrected = numpy_helper.to_array(bias).astype(np.int64) + np.rint(shift / step).astype(np.int64)
        limit = np.iinfo(np.int32)
        corrected = np.clip(corrected, limit.min, limit.max).astype(np.int32)
        bias.CopyFrom(numpy_helper.from_array(corrected, bias.name))


def _channel_means(
    model: onnx.ModelProto, names: Sequence[str], batches: Sequence[Tensor]
) -> dict[str, NDArray[np.float64]]:
    """Mean over photos and positions of what the named nodes give, per channel, before any activation."""
    outputs = {node.name: node.output[0] for node in model.graph.node}
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    for name in names:
        shown.graph.output.append(helper.make_tensor_value_info(outputs[name], onnx.TensorProto.FLOAT, None))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(shown.SerializeToString(), options, providers=["CPUExecutionProvider"])
    sums = {name: np.zeros(0) for name in names}
    rows = 0
    for batch in batches:
        values = session.run([outputs[name] for name in names], {"pictures": batch})
        for name, value in zip(names, values, strict=True):
            mean = value.mean(axis=(2, 3), dtype=np.float64).sum(axis=0)
            sums[name] = mean if rows == 0 else sums[name] + mean
        rows += len(batch)
    return {name: total / rows for name, total in sums.items()}
