"""Writing an encoder folder: model files, `encoder.json`, and the id."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import onnx

from engine.encoder_info import INFO_FILE, EncoderInfo, Variant
from engine.storage import write_whole

#: ONNX opset and IR of what we write: ONNX Runtime 1.17 and later read them.
OPSET, IR_VERSION = 18, 9


def encoder_id(model: onnx.ModelProto, described: dict[str, object]) -> str:
    """The first 128 bits of SHA-256 over all float32 weights, by name, and over what `described` says in JSON.

    `described` holds preprocessing, pooling and output parts. int8 and float16 are variants and do not enter.
    """
    digest = hashlib.sha256(json.dumps(described, sort_keys=True, separators=(",", ":")).encode())
    for tensor in sorted(model.graph.initializer, key=lambda tensor: tensor.name):
        digest.update(f"{tensor.name} {tensor.data_type} {list(tensor.dims)}\n".encode())
        digest.update(tensor.raw_data)
    return digest.hexdigest()[:32]


def write_model(folder: Path, file: str, model: onnx.ModelProto, made: str) -> Variant:
    """Write a model file whole and describe it."""
    onnx.checker.check_model(model)
    data = model.SerializeToString(deterministic=True)
    write_whole(folder / file, data)
    return Variant(file=file, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data), made=made)


def write_info(folder: Path, info: EncoderInfo) -> None:
    """Write `encoder.json` whole; the models it names must be there first."""
    write_whole(folder / INFO_FILE, (info.model_dump_json(indent=1, exclude_none=True) + "\n").encode())
