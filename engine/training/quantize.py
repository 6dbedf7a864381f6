"""`skulens encoder quantize`: the int8 variant for CPUs and the float16 variant for GPUs, from the float32 model."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from engine.encoder_info import EncoderInfo, Variant, VariantName, read_info, read_model
from engine.errors import EncoderDamaged, TrainingData
from engine.records import Progress, ProgressCallback, Tensor, no_progress
from engine.storage import translating
from engine.training.bias_correction import correct_biases
from engine.training.folder import write_info, write_model
from engine.training.photos import batches, find_photos

#: How many photos the ranges of the activations are measured on, and how many correct the biases.
CALIBRATION_PHOTOS, CORRECTION_PHOTOS = 128, 48


def quantize_encoder(folder: Path, photos: Path, progress: ProgressCallback = no_progress) -> EncoderInfo:
    """Write `int8.onnx` and `float16.onnx` into an encoder folder and name them in its `encoder.json`.

    The agreement of the variants is not known until it is measured (`measure_agreement`). Raises EncoderMissing,
    EncoderDamaged, TrainingData, NotWritable, DiskFull.
    """
    info = read_info(folder)
    if "float32" not in info.variants:
        raise EncoderDamaged(name=str(folder), reason="there is no float32 variant to quantize")
    chosen = find_photos(photos, CORRECTION_PHOTOS, CALIBRATION_PHOTOS)
    rows = [batch for _, batch in batches(chosen, info.input, 1, "calibrate", progress)]
    if len(rows) < CORRECTION_PHOTOS:
        raise TrainingData(folder=str(photos), reason=f"only {len(rows)} of the photos are readable")
    return write_variants(folder, info, rows, progress)


def write_variants(
    folder: Path, info: EncoderInfo, rows: Sequence[Tensor], progress: ProgressCallback = no_progress
) -> EncoderInfo:
    """The same from photos that are prepared already: each float32 (1, 3, S, S), at least CORRECTION_PHOTOS of them."""
    model = onnx.load_from_string(read_model(folder, info.variants["float32"]))
    int8 = int8_model(model, rows, progress)
    half = float16_model(model)
    made = f"static QDQ, per channel, 7-bit weights, biases corrected; calibrated on {len(rows)} photos"
    with translating(folder):
        written: dict[VariantName, Variant] = {
            **info.variants,
            "int8": write_model(folder, "int8.onnx", int8, made),
            "float16": write_model(
                folder, "float16.onnx", half, "float16 weights and maps; pooling and output in float32"
            ),
        }
        updated = info.model_copy(update={"variants": written})
        write_info(folder, updated)
    return updated


def int8_model(
    model: onnx.ModelProto, rows: Sequence[Tensor], progress: ProgressCallback = no_progress
) -> onnx.ModelProto:
    """The static QDQ int8 model, calibrated on batches of one row each.

    Weights have seven bits: on CPUs without VNNI two 8-bit products overflow the 16 bits that they are added in, and
    the vectors are wrong; 255 * 64 * 2 does not. docs/encoder.md has a run on such a CPU.
    From the energy on, where the numbers decide directly and cost nothing, all stays in float32.
    """
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Rows(CalibrationDataReader):  # type: ignore[misc]
        """Hands the calibrator one photo after the other."""

        def __init__(self) -> None:
            self._rows: Iterator[Tensor] = iter(rows)
            self._done = 0

        def get_next(self) -> dict[str, Tensor] | None:
            row = next(self._rows, None)
            if row is None:
                return None
            progress(Progress("ranges", self._done, len(rows)))
            self._done += 1
            return {"pictures": row}

    names = [node.name for node in model.graph.node]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "float32.onnx", Path(folder) / "int8.onnx"
        onnx.save(model, source)
        quantize_static(
            str(source),
            str(target),
            Rows(),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=names[names.index("energy") :],
        )
        quantized = onnx.load(str(target))
    correct_biases(model, quantized, rows[:: max(1, len(rows) // CORRECTION_PHOTOS)], progress)
    return quantized


def float16_model(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with float16 weights and maps, float32 at its inputs and outputs and from the energy on."""
    half = onnx.ModelProto()
    half.CopyFrom(model)
    nodes = list(half.graph.node)
    split = [node.name for node in nodes].index("energy")
    backbone, head = nodes[:split], nodes[split:]
    made = {name for node in backbone for name in node.output}
    maps = sorted({name for node in head for name in node.input} & made)
    weights = {name for node in backbone for name in node.input}
    for tensor in half.graph.initializer:
        if tensor.name in weights:
            values = numpy_helper.to_array(tensor).astype(np.float16)
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    _rename(backbone, "pictures", "pictures.half")
    enter = helper.make_node("Cast", ["pictures"], ["pictures.half"], "pictures.half", to=TensorProto.FLOAT16)
    leaving = []
    for name in maps:
        _rename(head, name, f"{name}.full")
        leaving.append(helper.make_node("Cast", [name], [f"{name}.full"], f"{name}.full", to=TensorProto.FLOAT))
    del half.graph.node[:]
    half.graph.node.extend([enter, *backbone, *leaving, *head])
    return half


def _rename(nodes: Sequence[onnx.NodeProto], old: str, new: str) -> None:
    for node in nodes:
        for place, name in enumerate(node.input):
            if name == old:
                node.input[place] = new
