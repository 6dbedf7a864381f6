"""Is an ONNX file one that we let ONNX Runtime see? No external data, no custom operators. Pure, and without `onnx`.

External data would make the runtime open files that a stranger names; a custom operator needs a library that we do not
ship. The file is walked by the wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding) with the
field numbers of `onnx.proto3`: seven message types, a few thousand fields, a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

#: The standard, and ONNX Runtime's own domain, whose operators live in the library that we ship.
ALLOWED_DOMAINS = frozenset({"", "ai.onnx", "com.microsoft"})
_MAX_DEPTH = 16

# Field numbers of onnx.proto3.
_MODEL_GRAPH, _MODEL_OPSETS, _MODEL_FUNCTIONS = 7, 8, 25
_OPSET_DOMAIN = 1
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_SPARSE = 1, 5, 15
_NODE_ATTRIBUTE, _NODE_DOMAIN = 5, 7
_ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH, _ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS = 5, 6, 10, 11
_ATTRIBUTE_SPARSE = (22, 23)
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14


class ModelRefused(ValueError):
    """The file is not an ONNX model that we accept; the message says why."""


def check_model(data: bytes) -> None:
    """Walk a serialized ModelProto. Raises ModelRefused."""
    graphs = 0
    for number, value in _fields(memoryview(data)):
        if number == _MODEL_GRAPH:
            graphs += 1
            _check_graph(_message(value), 0)
        elif number == _MODEL_OPSETS:
            for field, domain in _fields(_message(value)):
                if field == _OPSET_DOMAIN:
                    _check_domain(domain)
        elif number == _MODEL_FUNCTIONS:
            raise ModelRefused("it defines functions of its own")
    if graphs != 1:
        raise ModelRefused("it is not an ONNX model")


def _check_graph(graph: memoryview, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise ModelRefused("its graphs are nested too deeply")
    for number, value in _fields(graph):
        if number == _GRAPH_NODE:
            _check_node(_message(value), depth)
        elif number == _GRAPH_INITIALIZER:
            _check_tensor(_message(value))
        elif number == _GRAPH_SPARSE:
            raise ModelRefused("it has sparse weights")


def _check_node(node: memoryview, depth: int) -> None:
    for number, value in _fields(node):
        if number == _NODE_DOMAIN:
            _check_domain(value)
        elif number == _NODE_ATTRIBUTE:
            for field, content in _fields(_message(value)):
                if field in (_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS):
                    _check_tensor(_message(content))
                elif field in (_ATTRIBUTE_GRAPH, _ATTRIBUTE_GRAPHS):
                    _check_graph(_message(content), depth + 1)
                elif field in _ATTRIBUTE_SPARSE:
                    raise ModelRefused("it has sparse weights")


def _check_tensor(tensor: memoryview) -> None:
    for number, value in _fields(tensor):
        if number == _TENSOR_EXTERNAL or (number == _TENSOR_LOCATION and value != 0):
            raise ModelRefused("its weights are in another file")


def _check_domain(value: memoryview | int) -> None:
    domain = bytes(_message(value)).decode("utf-8", "replace")
    if domain not in ALLOWED_DOMAINS:
        raise ModelRefused(f"it uses operators of {domain}")


def _message(value: memoryview | int) -> memoryview:
    if isinstance(value, int):
        raise ModelRefused("it is not an ONNX model")
    return value


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """The fields of one message: number, and its bytes or its value. Contents are not copied."""
    position, end = 0, len(message)
    while position < end:
        key, position = _varint(message, position)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, position = _varint(message, position)
            yield number, value
            continue
        if kind == _BYTES:
            length, position = _varint(message, position)
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
        else:
            raise ModelRefused("it is not an ONNX model")
        if position + length > end:
            raise ModelRefused("it ends too early")
        yield number, message[position : position + length]
        position += length


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(message) or shift > 63:
            raise ModelRefused("it is not an ONNX model")
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
