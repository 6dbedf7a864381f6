"""Every error has a sentence and an advice, and the tree in the docstring is the tree of the classes."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

import pytest

from engine import errors, remarks
from engine.errors import EngineError
from engine.records import Degraded


def all_kinds(kind: type[EngineError] = EngineError) -> Iterator[type[EngineError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from all_kinds(child)


OURS = [kind for kind in all_kinds() if kind.__module__ == "engine.errors"]


def fields_of(kind: type[EngineError]) -> set[str]:
    templates = kind.sentence + kind.remedy
    return {name for _, name, _, _ in string.Formatter().parse(templates) if name}


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    drawn: dict[str, str] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"    ([│ ├└─]*)([A-Z]\w+)( .*)?$", line)
        if found and hasattr(errors, found[2]):
            depth = len(found[1]) // 4
            above[depth:] = [found[2]]
            drawn[found[2]] = above[depth - 1] if depth else ""
    real = {kind.__name__: kind.__base__.__name__ if kind is not EngineError and kind.__base__ else "" for kind in OURS}
    assert drawn == real


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_each_error_says_what_happened_and_what_to_do(kind: type[EngineError]) -> None:
    fields = {name: f"<{name}>" for name in fields_of(kind)}
    error = kind(**fields)
    assert error.message[-1] in ".!"
    assert error.advice[-1] in ".')]"
    assert len(error.advice) > 10
    for value in fields.values():
        assert value in str(error)
    assert "{" not in str(error)
    assert error.fields == fields


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_the_fields_are_named_where_the_error_is_defined(kind: type[EngineError]) -> None:
    documented = re.search(r"Fields: ([\w, ]+)", kind.__doc__ or "")
    named = {name.strip() for name in documented[1].split(",")} if documented else set()
    assert fields_of(kind) <= named


def test_codes_are_stable_names_and_differ() -> None:
    codes = [kind.code for kind in OURS]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z][a-z_]*", code) for code in codes)


def test_every_degradation_has_a_sentence_and_a_remedy() -> None:
    assert set(remarks.REMARKS) == set(Degraded)
    assert all(text.count(". ") >= 1 and text.endswith(".") for text in remarks.REMARKS.values())
