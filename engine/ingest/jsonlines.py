"""JSON lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator

from engine.config import Limits
from engine.errors import SourceUnreadable
from engine.ingest.encodings import decode_text
from engine.ingest.tables import MAX_COLUMNS, Row, Table, column_key, refusal
from engine.records import Rejected

# An object in one of these fields is a set of columns, e.g. {"name": {"en": ..., "de": ...}} is name:en and name:de.
_NESTED = {"attr": "attr", "attributes": "attr", "name": "name", "description": "description"}


def parse(data: bytes, name: str, limits: Limits) -> Table:
    """Rows of a JSON lines file; a line that is no object is refused. Raises SourceUnreadable if no line is one."""
    text, encoding = decode_text(data, name)
    columns: dict[str, None] = {}
    rows: list[Row] = []
    rejected: list[Rejected] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = _row(number, json.loads(line, parse_constant=_no_constant))
        except (ValueError, RecursionError) as error:
            rejected.append(Rejected(name, number, "", "bad_json", f"not a JSON object ({_short(error)})"))
            continue
        problem = refusal(row.cells, limits)
        if problem is not None:
            sku = row.get("sku")[: limits.sku_chars].encode("utf-8", "replace").decode()
            rejected.append(Rejected(name, number, sku, *problem))
            continue
        columns.update(dict.fromkeys(row.cells))
        if len(columns) > MAX_COLUMNS:
            raise SourceUnreadable(name=name, reason=f"its objects have more than {MAX_COLUMNS} different fields")
        rows.append(row)
    if not rows and not rejected:
        raise SourceUnreadable(name=name, reason="it is empty")
    if not rows:
        raise SourceUnreadable(name=name, reason=f"none of its {len(rejected)} lines is a JSON object that can be used")
    return Table(name, tuple(columns), tuple(rows), tuple(rejected), encoding)


def _row(line: int, value: object) -> Row:
    if not isinstance(value, dict):
        raise ValueError("the line holds something else")  # noqa: TRY004 (what json itself raises)
    cells: dict[str, str] = {}
    numbers: set[str] = set()
    for key, content in _flat(value):
        text = _text(key, content)
        if text.strip() and key not in cells:
            cells[key] = text
            if isinstance(content, int | float) and not isinstance(content, bool):
                numbers.add(key)
    return Row(line, cells, frozenset(numbers))


def _flat(value: dict[str, object]) -> Iterator[tuple[str, object]]:
    for field, content in value.items():
        key = column_key(field)
        if key in _NESTED and isinstance(content, dict):
            for part, inner in content.items():
                yield column_key(f"{_NESTED[key]}:{part}"), inner
        else:
            yield key, content


def _text(key: str, content: object) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(content, int):
        return str(content)
    if isinstance(content, float):
        return str(int(content)) if content.is_integer() and abs(content) < 1e15 else repr(content)
    if key == "images" and isinstance(content, list) and all(isinstance(path, str) for path in content):
        return ";".join(content)
    raise ValueError(f"the field {key!r} is neither text nor a number")


def _no_constant(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _short(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)[:120]
