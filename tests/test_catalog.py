"""catalog.sqlite: what is written is read back, text is found in all scripts, damage is a typed error."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from engine import errors
from engine.catalog import APPLICATION_ID, FORMAT, Catalog
from engine.catalog_text import match_expression, spread
from engine.catalog_writer import CatalogWriter, schema
from engine.digests import label_digest, row_digest, vector_digest
from engine.records import Product
from tests.storage_fixtures import unit_vectors
from tests.test_storage import file_size_limit

MILK = Product(
    sku="MILK-1/L",
    name="Frische Vollmilch",
    brand="Weißkuh",
    category="Dairy",
    price_minor=129,
    currency="EUR",
    gtin="0012345678905",
    aisle="3b",
    description="3.8 % fat",
    attributes={"size": "1 l", "colour": "white"},
    names={"zh": "有机牛奶", "fr": "Lait entier crémeux", "ja": "ぎゅうにゅう"},
    descriptions={"zh": "新鲜", "el": "Φρέσκο γάλα"},
)
CHEESE = Product(sku="KÄSE", name='Cheese "Old" OR NOT', brand="Weißkuh", price_minor=None)
NAMELESS = Product(sku="四-4", name="四-4")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("catalog with ä 空 100%?#") / "catalog.sqlite"
    write(path, [MILK, CHEESE, NAMELESS])
    return path


@pytest.fixture(scope="module")
def catalog(path: Path) -> Catalog:
    return Catalog.open(path)


def write(path: Path, products: list[Product]) -> None:
    """Two photos with two views for the first product, one with one view for the second, none for the others."""
    vectors = unit_vectors(5)
    with CatalogWriter(path) as writer:
        ids = [writer.add_product(product) for product in products]
        for number, (owner, views) in enumerate([(0, 2), (0, 2), (1, 1)]):
            reference_id = writer.add_reference(ids[owner], f"images/{number}.jpg", f"{number:064x}", 640, 480, b"jpeg")
            for view in ("whole", "region")[:views]:
                writer.add_vector(reference_id, view, vectors[number * 2 + (view == "region")])


def damaged_copy(path: Path, folder: Path, sql: str) -> Path:
    """A copy that somebody changed with another program."""
    copy = folder / "catalog.sqlite"
    copy.write_bytes(path.read_bytes())
    connection = sqlite3.connect(copy, isolation_level=None)
    connection.execute("PRAGMA ignore_check_constraints=ON")
    connection.executescript(sql)
    connection.close()
    return copy


def test_products_come_back_as_they_were(catalog: Catalog) -> None:
    assert catalog.product("MILK-1/L") == MILK
    assert catalog.product("KÄSE") == CHEESE
    assert catalog.products() == [MILK, CHEESE, NAMELESS]
    assert catalog.products(offset=1, limit=1) == [CHEESE]
    assert catalog.products_by_id([3, 1, 3]) == [NAMELESS, MILK, NAMELESS]
    assert catalog.products_by_id([]) == []
    assert (catalog.product_count, catalog.reference_count, catalog.vector_count) == (3, 3, 5)
    assert list(catalog.product("MILK-1/L").attributes) == ["size", "colour"]


def test_unknown_products_are_named(catalog: Catalog) -> None:
    with pytest.raises(errors.UnknownSku, match="NOPE"):
        catalog.product("NOPE")
    with pytest.raises(errors.CatalogDamaged, match="id 99"):
        catalog.products_by_id([1, 99])
    with pytest.raises(errors.CatalogDamaged, match="id 99"):
        catalog.thumbnail(99)


def test_photos_come_back_in_their_order(catalog: Catalog) -> None:
    assert [(one.path, one.width, one.height) for one in catalog.references("MILK-1/L")] == [
        ("images/0.jpg", 640, 480),
        ("images/1.jpg", 640, 480),
    ]
    assert catalog.references("四-4") == []
    assert catalog.thumbnail(1) == b"jpeg"


def test_vectors_and_their_owners_come_back(catalog: Catalog) -> None:
    labels, products, references = catalog.owners()
    assert labels.tolist() == [1, 2, 3, 4, 5]
    assert products.tolist() == [1, 1, 1, 1, 2]
    assert references.tolist() == [1, 1, 2, 2, 3]
    assert np.array_equal(np.stack([labels, products, references], axis=1), catalog.owners_by_row())
    assert catalog.views() == ["whole", "region", "whole", "region", "whole"]
    stored_labels, vectors = catalog.vectors()
    assert stored_labels.tolist() == labels.tolist()
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    np.testing.assert_allclose(vectors, unit_vectors(5), atol=1e-3)  # float16 has 11 bits


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("vollmilch", ["MILK-1/L"]),
        ("VOLLM", ["MILK-1/L"]),
        ("milch", []),
        ("cremeux lait", ["MILK-1/L"]),
        ("牛奶", ["MILK-1/L"]),
        ("牛", ["MILK-1/L"]),
        ("奶牛", []),
        ("有机 牛奶", ["MILK-1/L"]),
        ("ゅうに", ["MILK-1/L"]),
        ("γαλα", ["MILK-1/L"]),
        ("weisskuh", ["MILK-1/L", "KÄSE"]),
        ("WEIẞKUH", ["MILK-1/L", "KÄSE"]),
        ("ｖｏｌｌｍｉｌｃｈ", ["MILK-1/L"]),
        ("dairy", ["MILK-1/L"]),
        ("12345678905", ["MILK-1/L"]),
        ("0012345678905", ["MILK-1/L"]),
        ("012345678905", ["MILK-1/L"]),
        ("MILK-1/L", ["MILK-1/L"]),
        ("milk1l", ["MILK-1/L"]),
        ("kase", ["KÄSE"]),
        ("四", ["四-4"]),
        ('"old"', ["KÄSE"]),
        ("OR NOT", ["KÄSE"]),
        ("old NOT cheese", ["KÄSE"]),
        ("vollmilch xyz", []),
        ("names : vollmilch", []),
        ("{names}", []),
        ("vollmilch^", ["MILK-1/L"]),
        ("", []),
        ("  \t", []),
        ("*", []),
        ('"', []),
        ("-", []),
        ("( AND", []),
        ("vollmilch\x00", ["MILK-1/L"]),
        ("\ud83d vollmilch", ["MILK-1/L"]),
        ("size", []),
        ("x" * 100_000, []),
    ],
)
def test_text_is_found(catalog: Catalog, query: str, expected: list[str]) -> None:
    assert sorted(product.sku for product in catalog.search_text(query)) == sorted(expected)


def test_an_exact_sku_comes_first_and_the_limit_holds(tmp_path: Path) -> None:
    with CatalogWriter(tmp_path / "catalog.sqlite") as writer:
        for number in range(30):
            writer.add_product(Product(sku=f"A{number}", name="A7 A7 A7 paper" if number else "A7 A7 A7 A7"))
    with Catalog.open(tmp_path / "catalog.sqlite") as catalog:
        assert catalog.search_text("a7")[0].sku == "A7"
        assert len(catalog.search_text("a7")) == 20
        assert len(catalog.search_text("a7", limit=3)) == 3


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_text_is_a_valid_query(catalog: Catalog, query: str) -> None:
    catalog.search_text(query)


WORDS = st.lists(st.text("abxy12äß牛奶四ü ", min_size=1, max_size=8), min_size=1, max_size=4).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(names=st.lists(WORDS, min_size=1, max_size=5), query=WORDS)
def test_the_search_agrees_with_a_naive_one(
    names: list[str], query: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A product is found when each typed word is a run of words of a column, the last one perhaps unfinished."""
    path = tmp_path_factory.mktemp("naive") / "catalog.sqlite"
    with CatalogWriter(path) as writer:
        for number, name in enumerate(names):
            writer.add_product(Product(sku=f"#{number}#", name=name))
    with Catalog.open(path) as catalog:
        found = {product.sku for product in catalog.search_text(query, limit=100)}

    def folded(text: str) -> list[str]:
        return spread([text]).split()

    phrases = [folded(word) for word in query.split()]

    def holds(words: list[str], phrase: list[str], unfinished: bool) -> bool:
        size = len(phrase)
        runs = (words[at : at + size] for at in range(len(words) - size + 1))
        return any(
            run == phrase or (unfinished and run[:-1] == phrase[:-1] and run[-1].startswith(phrase[-1])) for run in runs
        )

    expected = set()
    for number, name in enumerate(names):
        columns = [folded(name), [str(number)]]
        wanted = [(phrase, phrase is phrases[-1]) for phrase in phrases]
        if phrases and all(any(holds(words, phrase, last) for words in columns) for phrase, last in wanted):
            expected.add(f"#{number}#")
    assert found == expected


def test_queries_are_bounded() -> None:
    assert match_expression("a " * 500).count('"') == 2 * 16
    assert match_expression("a b") == '"a" "b"*'


def test_several_threads_may_read_at_once(catalog: Catalog) -> None:
    failures: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(50):
                assert catalog.product("MILK-1/L") == MILK
                assert catalog.search_text("牛奶") == [MILK]
                catalog.owners()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_the_file_cannot_be_changed_through_the_reader(path: Path) -> None:
    before = path.read_bytes()
    with (
        Catalog.open(path) as catalog,
        pytest.raises(errors.CatalogDamaged, match="readonly"),
        catalog._reading() as db,
    ):
        db.execute("DELETE FROM products")
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_catalog_that_was_closed_says_so(path: Path) -> None:
    catalog = Catalog.open(path)
    catalog.close()
    catalog.close()
    with pytest.raises(sqlite3.ProgrammingError):
        catalog.product("MILK-1/L")


def test_a_block_that_raises_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), CatalogWriter(tmp_path / "catalog.sqlite") as writer:
        writer.add_product(MILK)
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_wrong_use_of_the_writer_is_a_bug(tmp_path: Path) -> None:
    with CatalogWriter(tmp_path / "catalog.sqlite") as writer:
        product_id = writer.add_product(MILK)
        with pytest.raises(sqlite3.IntegrityError):
            writer.add_product(MILK)
        with pytest.raises(sqlite3.IntegrityError):
            writer.add_product(replace(MILK, sku="OTHER", price_minor=-1))
        with pytest.raises(sqlite3.IntegrityError):
            writer.add_reference(99, "a.jpg", "0" * 64, 1, 1, b"")
        with pytest.raises(sqlite3.IntegrityError):
            writer.add_reference(product_id, "a.jpg", "0" * 10, 1, 1, b"")
        reference_id = writer.add_reference(product_id, "a.jpg", "0" * 64, 1, 1, b"")
        vectors = unit_vectors(1)
        writer.add_vector(reference_id, "whole", vectors[0])
        with pytest.raises(sqlite3.IntegrityError):
            writer.add_vector(reference_id, "whole", vectors[0])
        for wrong in (vectors, vectors[0] * 2, vectors[0][:-1], vectors[0] * np.float32(np.nan)):
            with pytest.raises(ValueError, match="vector"):
                writer.add_vector(reference_id, "region", wrong)
    with pytest.raises(FileExistsError):
        CatalogWriter(tmp_path / "catalog.sqlite")
    with Catalog.open(tmp_path / "catalog.sqlite") as catalog:
        assert catalog.products() == [MILK]
        assert catalog.vector_count == 1


def test_a_full_disk_while_writing_is_named(tmp_path: Path) -> None:
    full_or_failing = (errors.DiskFull, errors.NotWritable)
    with file_size_limit(200_000), pytest.raises(full_or_failing), CatalogWriter(tmp_path / "catalog.sqlite") as writer:
        for number in range(20_000):
            writer.add_product(replace(MILK, sku=f"M{number}"))
    assert list(tmp_path.iterdir()) == []


def test_the_schema_is_made_of_named_migrations(path: Path) -> None:
    connection = sqlite3.connect(path)
    try:
        database = Database(connection)
        assert [one.name for one in schema.applied(database)] == [
            "products",
            "reference_images",
            "vectors",
            "product_search",
        ]
        assert schema.pending(database) == []
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("PRAGMA user_version").fetchone() == (FORMAT,)
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("INSERT INTO attributes VALUES (99, 0, 'a', 'b')")
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: b"", "not an SQLite file"),
        (lambda data: data[:50], "not an SQLite file"),
        (lambda data: b"sku,name\n" * 100, "not an SQLite file"),
        (lambda data: data[:-1], "header says otherwise"),
        (lambda data: data[:4096], "header says otherwise"),
        (lambda data: data + b"\0" * 4096, "header says otherwise"),
        (lambda data: data[:16] + b"\x01\x00" + data[18:], "pages of 256"),
        (lambda data: data[:18] + b"\x02\x02" + data[20:], "journal mode"),
        (lambda data: data[:56] + b"\0\0\0\2" + data[60:], "UTF-8"),
        (lambda data: data[:68] + b"\0\0\0\0" + data[72:], "not written by Skulens"),
        (lambda data: data[:21] + b"\x00" + data[22:], "not a database"),
        (lambda data: data[:44] + b"\0\0\0\x09" + data[48:], "unsupported"),
        (lambda data: data[:100] + b"\xff" * 3996 + data[4096:], "malformed"),
    ],
)
def test_a_damaged_file_is_refused_before_it_is_used(path: Path, tmp_path: Path, change, reason: str) -> None:  # type: ignore[no-untyped-def]
    copy = tmp_path / "catalog.sqlite"
    copy.write_bytes(change(path.read_bytes()))
    with pytest.raises(errors.CatalogDamaged, match=reason):
        Catalog.open(copy)


def test_a_missing_file_is_damage_of_the_generation(tmp_path: Path) -> None:
    with pytest.raises(errors.CatalogDamaged, match="No such file"):
        Catalog.open(tmp_path / "catalog.sqlite")


def test_another_schema_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "catalog.sqlite") as connection:
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute("CREATE TABLE something (x)")
    connection.close()
    with pytest.raises(errors.CatalogDamaged, match="no such table"):
        Catalog.open(tmp_path / "catalog.sqlite")


def test_a_newer_format_is_told_from_damage(path: Path, tmp_path: Path) -> None:
    copy = damaged_copy(path, tmp_path, f"PRAGMA user_version={FORMAT + 1}")
    with pytest.raises(errors.CatalogNewer):
        Catalog.open(copy)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE vector_values SET float16 = zeroblob(64) WHERE vector_id = 1",
        "UPDATE vector_values SET float16 = x'00' WHERE vector_id = 1",
        "UPDATE vector_values SET float16 = x'000102'",
    ],
)
def test_vectors_that_are_none_are_refused(path: Path, tmp_path: Path, sql: str) -> None:
    with Catalog.open(damaged_copy(path, tmp_path, sql)) as catalog, pytest.raises(errors.CatalogDamaged):
        catalog.vectors()


@pytest.mark.parametrize("sql", ["DELETE FROM vector_owners", "UPDATE vector_owners SET labels = x'00'"])
def test_owners_that_do_not_fit_are_refused(path: Path, tmp_path: Path, sql: str) -> None:
    with Catalog.open(damaged_copy(path, tmp_path, sql)) as catalog, pytest.raises(errors.CatalogDamaged):
        catalog.owners()


def test_a_virtual_table_that_a_stranger_planted_does_not_run(path: Path, tmp_path: Path) -> None:
    """trusted_schema is off: a view may not call a function with side effects."""
    copy = damaged_copy(
        path,
        tmp_path,
        "ALTER TABLE products RENAME TO real_products;"
        "CREATE VIEW products AS SELECT *, load_extension('evil') AS x FROM real_products;",
    )
    refusal = pytest.raises(errors.CatalogDamaged, match=r"unsafe use|no such function|not authorized")
    with refusal, Catalog.open(copy) as catalog:
        catalog.products()


def test_digests_are_over_content_and_not_over_bytes(path: Path, tmp_path: Path) -> None:
    digests = [digest(path) for digest in (row_digest, vector_digest, label_digest)]
    assert len(set(digests)) == 3
    shuffled = tmp_path / "shuffled" / "catalog.sqlite"
    shuffled.parent.mkdir()
    shuffled.write_bytes(path.read_bytes())
    connection = sqlite3.connect(shuffled, isolation_level=None)
    connection.executescript(
        "PRAGMA page_size=8192; UPDATE products SET id = id + 100; UPDATE attributes SET product_id = product_id + 100;"
        "UPDATE product_texts SET product_id = product_id + 100;"
        "UPDATE reference_images SET product_id = product_id + 100; VACUUM;"
    )
    connection.close()
    assert shuffled.read_bytes() != path.read_bytes()
    assert [digest(shuffled) for digest in (row_digest, vector_digest, label_digest)] == digests


@pytest.mark.parametrize(
    ("sql", "changed"),
    [
        ("UPDATE products SET aisle = '4' WHERE id = 1", {0}),
        ("UPDATE products SET price_minor = 0 WHERE id = 2", {0}),
        ("UPDATE product_texts SET name = NULL WHERE lang = 'fr'", {0}),
        ("UPDATE attributes SET value = 'black' WHERE name = 'colour'", {0}),
        ("UPDATE reference_images SET height = 481 WHERE id = 1", {0}),
        ("UPDATE thumbnails SET jpeg = x'ff' WHERE reference_id = 1", {0}),
        ("UPDATE vector_values SET float16 = zeroblob(64) WHERE vector_id = 1", {1}),
        ("UPDATE vectors SET view = 'other' WHERE id = 2", {2}),
        ("UPDATE products SET sku = 'MILK-2' WHERE id = 1", {0, 2}),
    ],
)
def test_a_change_of_content_changes_its_digest(path: Path, tmp_path: Path, sql: str, changed: set[int]) -> None:
    copy = damaged_copy(path, tmp_path, sql)
    digests = (row_digest, vector_digest, label_digest)
    assert {at for at, digest in enumerate(digests) if digest(copy) != digest(path)} == changed


def test_digests_of_the_documented_bytes(path: Path) -> None:
    """docs/catalog-format.md, done by hand for the labels and vectors."""
    import hashlib

    rows = [("MILK-1/L", 0, "whole"), ("MILK-1/L", 0, "region"), ("MILK-1/L", 1, "whole"), ("MILK-1/L", 1, "region")]
    lines = [f'["label",{at},"{sku}",{position},"{view}"]\n' for at, (sku, position, view) in enumerate(rows, 1)]
    lines.append('["label",5,"KÄSE",0,"whole"]\n')
    assert label_digest(path) == hashlib.sha256("".join(lines).encode()).hexdigest()
    digest = hashlib.sha256()
    for label, vector in enumerate(unit_vectors(5), 1):
        digest.update(label.to_bytes(8, "little") + vector.astype("<f2").tobytes())
    assert vector_digest(path) == digest.hexdigest()


@pytest.mark.parametrize("digest", [row_digest, vector_digest, label_digest])
def test_digests_of_a_broken_file_are_typed_errors(tmp_path: Path, digest) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "catalog.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(errors.CatalogDamaged):
        digest(tmp_path / "catalog.sqlite")
    with pytest.raises(errors.CatalogDamaged):
        digest(tmp_path / "missing.sqlite")
