"""verify finds every flipped byte, and what agrees with the record but not with itself; damage never crashes it."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine import errors
from engine.catalog import Catalog
from engine.generation import Generation
from engine.generation_build import record_files
from engine.index import EF_SEARCH, Index
from engine.manifest import RECORD_NAME, Digests, read_manifest
from engine.verify import verify
from tests.storage_fixtures import DIMENSION, ENCODER_ID, make_encoder, make_generation, unit_vectors
from tests.test_generation import rewrite_manifest

FILES = ("manifest.json", "record.json", "catalog.sqlite", "index.hnsw")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    make_generation(folder)
    return folder


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "shop")
    return tmp_path / "shop"


def mend_record(folder: Path) -> None:
    """Write the record anew, as somebody would who hides a change."""
    path = folder / "000001"
    (path / RECORD_NAME).unlink()
    (path / RECORD_NAME).write_bytes(record_files(path).to_bytes())


def failed(folder: Path, encoder: Path) -> dict[str, str]:
    return {check.name: check.detail for check in verify(folder, encoders=[encoder]).checks if not check.ok}


def test_a_sound_generation_passes_every_check(built: Path, encoder: Path) -> None:
    report = verify(built, encoders=[encoder])
    assert report.ok
    assert report.version == "000001"
    assert [check.name for check in report.checks] == [
        "record",
        "manifest",
        "sqlite",
        "counts",
        "digests",
        "owners",
        "index",
        "recall",
        "encoder",
    ]
    assert all(check.detail for check in report.checks)
    assert report == verify(built, "000001", [encoder])


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_byte_anywhere_is_found(copy: Path, encoder: Path, name: str) -> None:
    path = copy / "000001" / name
    honest = path.read_bytes()
    chance = random.Random(name)
    # Every byte of the small files is too many for every run; so are those of SQLite. The first and last always.
    places = {0, len(honest) - 1, *(chance.randrange(len(honest)) for _ in range(60))}
    for place in sorted(places):
        data = bytearray(honest)
        data[place] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        report = verify(copy, encoders=[encoder])
        assert not report.checks[0].ok, f"byte {place} of {name}"
    path.write_bytes(honest)
    assert verify(copy, encoders=[encoder]).ok


@pytest.mark.parametrize("name", ["manifest.json", "record.json"])
def test_every_bit_of_the_small_files_counts(copy: Path, name: str) -> None:
    """The record's own check alone, so that all bits can be tried."""
    from engine.generation import check_files

    path = copy / "000001" / name
    honest = path.read_bytes()
    for place in range(len(honest)):
        data = bytearray(honest)
        data[place] ^= 1 << (place % 8)
        path.write_bytes(data)
        with pytest.raises((errors.CatalogDamaged, errors.CatalogNewer)):
            check_files(path.parent)


def test_damage_in_catalog_sqlite_is_a_typed_error_in_every_question(copy: Path) -> None:
    """A lookup has no time for hashes: whatever it meets must be CatalogDamaged, or an answer."""
    path = copy / "000001" / "catalog.sqlite"
    honest = path.read_bytes()
    chance = random.Random(3)
    refused = 0
    for _ in range(400):
        data = bytearray(honest)
        for _ in range(chance.choice((1, 1, 40))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        questions: tuple[Callable[[Catalog], object], ...] = (
            lambda catalog: catalog.product("SKU-003"),
            lambda catalog: catalog.products_by_id([1, 2, 3, 4, 5, 6]),
            lambda catalog: catalog.products(),
            lambda catalog: catalog.search_text("oat dr"),
            lambda catalog: catalog.references("SKU-003"),
            lambda catalog: catalog.thumbnail(3),
            lambda catalog: catalog.owners(),
            lambda catalog: catalog.owners_by_row(),
            lambda catalog: catalog.views(),
            lambda catalog: catalog.vectors(),
        )
        for ask in questions:
            try:
                with Catalog.open(path) as catalog:
                    ask(catalog)
            except (errors.CatalogDamaged, errors.CatalogNewer, errors.UnknownSku):
                refused += 1
    assert refused > 100


def test_files_that_do_not_belong_here_are_named(copy: Path, encoder: Path) -> None:
    (copy / "000001" / "catalog.sqlite-journal").write_bytes(b"x")
    assert failed(copy, encoder) == {"record": "catalog.sqlite-journal does not belong here"}


def test_a_missing_file_is_named(copy: Path, encoder: Path) -> None:
    (copy / "000001" / "index.hnsw").unlink()
    assert failed(copy, encoder)["record"] == "index.hnsw is missing"


def test_without_a_manifest_the_rest_is_still_checked(copy: Path, encoder: Path) -> None:
    (copy / "000001" / "manifest.json").unlink()
    report = verify(copy, encoders=[encoder])
    assert [(check.name, check.ok) for check in report.checks] == [
        ("record", False),
        ("manifest", False),
        ("sqlite", True),
    ]


def test_a_missing_encoder_is_found(built: Path, tmp_path: Path) -> None:
    assert ENCODER_ID in failed(built, tmp_path)["encoder"]


@pytest.mark.parametrize(
    ("sql", "check", "words"),
    [
        ("UPDATE products SET aisle = '9' WHERE id = 1", "digests", "rows"),
        ("DELETE FROM products WHERE id = 6", "counts", "5 products"),
        ("DELETE FROM attributes WHERE product_id = 1", "digests", "rows"),
        ("UPDATE vectors SET view = 'x' WHERE id = 1", "digests", "labels"),
        ("INSERT INTO attributes VALUES (99, 0, 'a', 'b')", "sqlite", "no parent"),
        ("UPDATE vector_owners SET product_ids = reference_ids", "owners", "packed"),
        ("DELETE FROM vector_owners", "owners", "owner"),
        (
            "UPDATE vector_values SET float16 = (SELECT float16 FROM vector_values WHERE vector_id = 2)",
            "index",
            "vectors",
        ),
        ("INSERT INTO product_search (product_search) VALUES ('delete-all')", "sqlite", "0 of 6"),
        ("UPDATE product_search_data SET block = x'00ff00ff' WHERE id > 10", "sqlite", "malformed"),
        (
            "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = 'x' WHERE name = 'attributes'",
            "sqlite",
            "malformed",
        ),
    ],
)
def test_content_that_agrees_with_the_record_but_not_with_itself(
    copy: Path, encoder: Path, sql: str, check: str, words: str
) -> None:
    connection = sqlite3.connect(copy / "000001" / "catalog.sqlite", isolation_level=None)
    connection.executescript(sql)
    connection.close()
    mend_record(copy)
    found = failed(copy, encoder)
    assert "record" not in found
    assert words in found[check]


def test_an_index_over_other_vectors_is_found(copy: Path, encoder: Path) -> None:
    path = copy / "000001" / "index.hnsw"
    Index.build(unit_vectors(24, seed=77), np.arange(1, 25)).save(path)
    mend_record(copy)
    found = failed(copy, encoder)
    assert found["index"] == "it has other vectors than the catalog"
    assert "nearest" in found["recall"]
    Index.build(unit_vectors(24), np.arange(2, 26)).save(path)
    mend_record(copy)
    assert failed(copy, encoder)["index"] == "it has other labels than the catalog"


def test_an_index_that_finds_too_little_is_found(tmp_path: Path, encoder: Path) -> None:
    """Vectors and labels are right, but most links are gone."""
    make_generation(tmp_path, products=100)
    path = tmp_path / "000001" / "index.hnsw"
    data = bytearray(path.read_bytes())
    element_bytes = int.from_bytes(data[24:32], "little")
    assert EF_SEARCH < 400
    for element in range(400):
        at = 96 + element * element_bytes
        data[at : at + 2] = min(3, int.from_bytes(data[at : at + 2], "little")).to_bytes(2, "little")
    path.write_bytes(data)
    mend_record(tmp_path)
    assert list(failed(tmp_path, encoder)) == ["recall"]


def test_a_manifest_with_other_digests_is_found(copy: Path, encoder: Path) -> None:
    digests = read_manifest(copy / "000001").digests
    wrong = Digests(rows=digests.rows, vectors=digests.labels, labels=digests.labels)
    rewrite_manifest(copy, lambda fields: fields.update(digests=wrong.model_dump()))
    assert failed(copy, encoder) == {"digests": "the digest over vectors is another"}


def test_a_manifest_with_another_dimension_or_version_is_found(copy: Path, encoder: Path) -> None:
    rewrite_manifest(copy, lambda fields: fields.update(dimension=DIMENSION - 1, version="000009"))
    assert {"manifest", "index", "recall"} <= failed(copy, encoder).keys() | {"index", "recall"}
    assert failed(copy, encoder)["manifest"] == "it says version 000009"


def test_a_version_that_is_not_there(copy: Path) -> None:
    for version in ("000002", "..", "000001/../000001"):
        with pytest.raises(errors.CatalogMissing):
            verify(copy, version)
    with pytest.raises(errors.CatalogMissing):
        verify(copy / "000001")


def test_verify_looks_at_what_is_open(built: Path, encoder: Path) -> None:
    with Generation.open_current(built, [encoder]):
        assert verify(built, encoders=[encoder]).ok
