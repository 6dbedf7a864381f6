"""An encoder with one part more: the shop's, written into each variant's graph. Needs `onnx`.

Parts are float32 in all variants and stand behind everything that is quantized, so int8 and float16 stay as they were
calibrated; only the tail of the graph, from the joining of the parts on, is written anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import helper

from engine.encoder import open_session
from engine.encoder_info import EncoderInfo, Part, Variant, VariantName, read_info, read_model
from engine.encoder_probe import pack_vector, probe_batch
from engine.errors import EncoderDamaged
from engine.storage import translating
from engine.training.adapt_features import SHOP, adapted_id, base_parts
from engine.training.adapt_head import ShopHead
from engine.training.backbone import GraphWriter
from engine.training.folder import write_info, write_model
from engine.training.head import FittedPart, write_embedding

_ADAPTED = ", adapted to a shop"
_MADE = "; the shop's part added"
_TERMS = (
    " The part `shop` was learnt by `skulens adapt` on photos of a catalog; they stay those of the catalog's owner."
)


def write_adapted(out: Path, source: Path, base_id: str, head: ShopHead, weight: float) -> EncoderInfo:
    """Write the encoder of `source` with the shop's part into `out`; an earlier shop part is replaced.

    `weight` is the part's length beside that of all others together. What is known of how the variants agree belongs to
    the base and is left out. Raises EncoderMissing, EncoderDamaged, DiskFull, NotWritable.
    """
    info = read_info(source)
    old = base_parts(info)
    length = weight * float(np.sqrt(sum(part.weight**2 for part in old)))
    fitted = FittedPart(SHOP, 0, head.centre, head.projection, length, head.learnt_on)
    part = Part(
        name=SHOP,
        start=fitted.start,
        stop=fitted.stop,
        dimension=head.dimension,
        weight=length,
        sha256=fitted.digest(),
        fitted_on_photos=head.learnt_on,
    )
    dimension = sum(one.dimension for one in (*old, part))
    models = {
        name: with_part(
            onnx.load_from_string(read_model(source, variant)), [one.name for one in old], fitted, dimension, source
        )
        for name, variant in info.variants.items()
    }
    exact = models["float32"] if "float32" in models else next(iter(models.values()))
    session = open_session(exact.SerializeToString(), "cpu")
    (probe,) = session.run(["embedding"], {"pictures": probe_batch(info.input)})
    with translating(out.parent):
        out.mkdir()
        variants: dict[VariantName, Variant] = {
            name: write_model(
                out, info.variants[name].file, model, info.variants[name].made.removesuffix(_MADE) + _MADE
            )
            for name, model in models.items()
        }
        adapted = info.model_copy(
            update={
                "id": adapted_id(base_id, part.start, part.stop, part.weight, part.sha256),
                "name": plain_name(info.name) + _ADAPTED,
                "dimension": dimension,
                "parts": (*old, part),
                "variants": variants,
                "probe": pack_vector(probe[0]),
                "terms": plain_terms(info.terms) + _TERMS,
                "adapted_from": base_id,
            }
        )
        write_info(out, adapted)
    return adapted


def plain_name(name: str) -> str:
    """An encoder's name without what an earlier adaptation added to it."""
    return name.removesuffix(_ADAPTED)


def plain_terms(terms: str) -> str:
    """An encoder's terms without the sentence about a shop's part."""
    return terms.removesuffix(_TERMS)


def with_part(
    model: onnx.ModelProto, old: Sequence[str], part: FittedPart, dimension: int, source: Path
) -> onnx.ModelProto:
    """The graph with `part` joined to the parts named in `old`; `dimension` is that of the new embedding.

    Everything that `embedding` needs behind the old parts is left out and written anew, and so is a part of the new
    one's name. Raises EncoderDamaged if the graph, of the folder `source`, is not built of these parts.
    """
    graph = model.graph
    weighted = [f"{name}.weighted" for name in old]
    made = {output for node in graph.node for output in node.output}
    outputs = {output.name: output for output in graph.output}
    if not {*weighted, "trunk"} <= made or "embedding" not in outputs:
        raise EncoderDamaged(name=str(source), reason="its graph does not have the parts of encoder.json")
    writer = GraphWriter()
    write_embedding(writer, (part,))
    joined = helper.make_node("Concat", [*weighted, f"{part.name}.weighted"], ["parts"], name="parts", axis=1)
    first_of_tail = next(place for place, node in enumerate(writer.nodes) if f"{part.name}.weighted" in node.input)
    for node in writer.nodes[first_of_tail:]:
        node.input[:] = ["parts" if name == f"{part.name}.weighted" else name for name in node.input]
    new = [*writer.nodes[:first_of_tail], joined, *writer.nodes[first_of_tail:]]
    replaced = {"parts"} | {output for node in new for output in node.output}
    kept = [node for node in graph.node if not replaced.intersection(node.output)]
    constants = {tensor.name for tensor in writer.initializers}
    tensors = [tensor for tensor in graph.initializer if tensor.name not in constants]
    del graph.node[:], graph.initializer[:]
    graph.node.extend([*kept, *new])
    graph.initializer.extend([*tensors, *writer.initializers])
    outputs["embedding"].type.tensor_type.shape.dim[1].dim_value = dimension
    return model
