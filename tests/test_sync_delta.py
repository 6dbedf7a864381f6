"""Stable ids and deltas: whatever changes, a store that puts deltas in has what a fresh snapshot would give it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.catalog import Catalog
from engine.errors import StorageError
from engine.manifest import Digests
from engine.records import Product
from engine.sync.catalog_rows import TABLES, stored_vectors
from engine.sync.delta import APPLICATION_ID, ChangedVectors, apply_delta, make_delta
from engine.sync.errors import DownloadDamaged, VersionNotUsable
from engine.sync.renumber import HighestIds, renumber, stable_ids
from tests.sync_states import (
    Item,
    Office,
    Photo,
    State,
    build,
    changed,
    digests_of,
    everything,
    item,
    large_shelf,
    query,
    shelf,
    words,
)
from tests.test_storage import file_size_limit

ALL = [table.name for table in TABLES] + ["vector_owners"]
QUERIES = ("milk", "oat", "äpple", "牛奶", "blå ju", "nord milk", "0731086500", "s3", "juice")


def put_in(store: Path, old: Path, new: Path) -> ChangedVectors:
    """The delta between two published catalogs, put into a copy of the older."""
    delta = store.with_suffix(".delta")
    delta.unlink(missing_ok=True)
    make_delta(old, new, delta, digests_of(old), digests_of(new))
    return apply_delta(store, delta, digests_of(old), digests_of(new), "000002")


def assert_same(store: Path, fresh: Path) -> None:
    """Digests, every row with its id, the words, and what a search finds in which order."""
    assert digests_of(store) == digests_of(fresh)
    assert everything(store, ALL) == everything(fresh, ALL)
    assert words(store) == words(fresh)
    assert query(store, "PRAGMA integrity_check") == [("ok",)]
    with Catalog.open(store) as mine, Catalog.open(fresh) as theirs:
        for text in QUERIES:
            assert mine.search_text(text) == theirs.search_text(text)
        assert mine.products(0, 99) == theirs.products(0, 99)


_WORDS = st.sampled_from(["milk", "oat", "äpple", "牛奶", "blå juice", "Milk oat", ""])
_LANGUAGES = st.dictionaries(st.sampled_from(["sv", "zh_CN", "de"]), _WORDS, max_size=2)
_PRODUCTS = st.builds(
    Product,
    sku=st.sampled_from([f"S{number}" for number in range(8)]),
    name=_WORDS.filter(bool),
    brand=st.sampled_from(["", "Nord"]),
    category=st.sampled_from(["", "Drinks"]),
    price_minor=st.one_of(st.none(), st.integers(0, 500)),
    currency=st.sampled_from(["", "EUR"]),
    gtin=st.sampled_from(["", "07310865001818"]),
    aisle=st.sampled_from(["", "7"]),
    description=_WORDS,
    attributes=st.dictionaries(st.sampled_from(["size", "fat"]), st.sampled_from(["1 l", "3 %"]), max_size=2),
    names=_LANGUAGES,
    descriptions=_LANGUAGES,
)
_PHOTOS = st.lists(
    st.builds(Photo, st.integers(0, 9), st.sampled_from([("whole",), ("whole", "region")]), st.integers(0, 1)),
    max_size=3,
)
_STATES = st.lists(st.builds(Item, _PRODUCTS, _PHOTOS.map(tuple)), max_size=6).map(lambda items: shelf(*items))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_STATES, min_size=2, max_size=4))
def test_after_any_changes_a_store_has_what_a_snapshot_holds(
    tmp_path_factory: pytest.TempPathFactory, history: list[State]
) -> None:
    folder = tmp_path_factory.mktemp("history")
    office = Office(folder)
    for number, state in enumerate(history, 1):
        office.renumbered(state)
        assert digests_of(office.catalogs[-1]).rows == digests_of(folder / f"built-{number}.sqlite").rows
    nightly = Path(shutil.copy(office.catalogs[0], folder / "nightly.sqlite"))
    for old, new in pairwise(office.catalogs):
        put_in(nightly, old, new)
        assert_same(nightly, new)
    late = Path(shutil.copy(office.catalogs[0], folder / "late.sqlite"))
    put_in(late, office.catalogs[0], office.catalogs[-1])
    assert_same(late, office.catalogs[-1])


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "office")


BASE = shelf(item("S0", 0, 1), item("S1", 4, 5), item("S2", 8), item("S3"))
IDS = (
    "SELECT sku, sha256, view, p.id, r.id, v.id FROM vectors v JOIN reference_images r ON r.id = v.reference_id"
    " JOIN products p ON p.id = r.product_id"
)


def test_what_stays_keeps_its_ids_wherever_it_stands(office: Office) -> None:
    first = query(office.renumbered(BASE), IDS)
    more_photos = replace(BASE["S1"], photos=(Photo(20), *BASE["S1"].photos))
    later = {"NEW": item("NEW", 30), **dict(reversed(BASE.items())), "S1": more_photos}
    second = query(office.renumbered(later), IDS)
    assert set(first) <= set(second)
    fresh = set(second) - set(first)
    assert {row[0] for row in fresh} == {"NEW", "S1"}
    for column in (4, 5):
        assert min(row[column] for row in fresh) > max(row[column] for row in first)


def test_an_id_is_never_given_again(office: Office) -> None:
    first = query(office.renumbered(BASE), IDS)
    highest = office.highest
    office.renumbered({sku: one for sku, one in BASE.items() if sku != "S2"})
    assert office.highest == highest
    third = query(office.renumbered({**BASE, "S9": item("S9", 40)}), IDS)
    again = {row[3:] for row in third if row[0] in ("S2", "S9")}
    assert all(ids[0] > highest.products and ids[2] > highest.vectors for ids in again)
    assert {row for row in third if row[0] in ("S0", "S1")} == {row for row in first if row[0] in ("S0", "S1")}


def test_the_same_picture_twice_in_a_product_is_two_photos(office: Office) -> None:
    first = query(office.renumbered(shelf(item("S0", 3, 3), item("S1", 3))), IDS)
    assert len({row[4] for row in first}) == 3
    assert query(office.renumbered(shelf(item("S1", 3), item("S0", 3, 3, 4))), IDS)[: len(first)] == first


def test_ids_are_the_known_ones_or_new_ones() -> None:
    assert stable_ids({"a": 3, "b": 9}, ["b", "c", "a", "d"], 7) == ([9, 10, 3, 11], 11)
    assert stable_ids({}, ["x", "y"], 5) == ([6, 7], 7)
    assert stable_ids({"a": 2}, [], 0) == ([], 2)


def test_renumbering_says_which_label_became_which(tmp_path: Path) -> None:
    old = build(tmp_path / "old", BASE)
    built = build(tmp_path / "built", dict(reversed(BASE.items())))
    first = renumber(old, None, tmp_path / "first")
    second = renumber(built, tmp_path / "first", tmp_path / "second", first.highest)
    assert not np.array_equal(second.built_labels, second.labels)
    before, after = (
        dict(zip(*map(list, next(stored_vectors(path))), strict=True)) for path in (built, tmp_path / "second")
    )
    for label, stable in zip(second.built_labels.tolist(), second.labels.tolist(), strict=True):
        np.testing.assert_array_equal(before[label], after[stable])
    assert second.highest == first.highest == HighestIds(4, 5, 10)


def test_a_full_disk_leaves_no_half_copy_and_no_half_delta(tmp_path: Path) -> None:
    built = build(tmp_path / "built", large_shelf(60))
    with file_size_limit(60_000), pytest.raises(StorageError):
        renumber(built, None, tmp_path / "out")
    with file_size_limit(120_000), pytest.raises(StorageError):
        renumber(built, None, tmp_path / "out")
    renumber(built, None, tmp_path / "empty-to-full")
    renumber(build(tmp_path / "little", BASE), None, tmp_path / "little-stable")
    digests = digests_of(built)
    with file_size_limit(30_000), pytest.raises(StorageError):
        make_delta(tmp_path / "little-stable", tmp_path / "empty-to-full", tmp_path / "delta", digests, digests)
    assert not (tmp_path / "out").exists() and not (tmp_path / "delta").exists()


def test_a_new_product_costs_its_own_rows(office: Office, tmp_path: Path) -> None:
    old = office.renumbered(large_shelf(50))
    new = office.renumbered({"NEW": item("NEW", 400), **large_shelf(50)})
    # the product, an attribute, a photo, its thumbnail, two views and their values
    assert make_delta(old, new, tmp_path / "delta", digests_of(old), digests_of(new)) == 1 + 1 + 1 + 1 + 2 + 2


def test_nothing_changed_is_an_empty_delta(office: Office, tmp_path: Path) -> None:
    old = office.renumbered(BASE)
    new = office.renumbered(dict(reversed(BASE.items())))
    assert make_delta(old, new, tmp_path / "delta", digests_of(old), digests_of(new)) == 0
    assert digests_of(old) == digests_of(new)


def test_what_an_index_must_forget_and_learn(office: Office, tmp_path: Path) -> None:
    old = office.renumbered(BASE)
    other_encoder = replace(BASE["S1"], photos=(Photo(4, encoding=1), Photo(5)))
    new = office.renumbered({**BASE, "S0": item("S0", 1), "S1": other_encoder, "S7": item("S7", 12)})
    found = put_in(Path(shutil.copy(old, tmp_path / "store")), old, new)
    assert found.gone.tolist() == [1, 2, 5, 6]
    assert found.put.tolist() == [5, 6, 11, 12]


def test_two_photos_may_exchange_their_places(office: Office, tmp_path: Path) -> None:
    old = office.renumbered(BASE)
    new = office.renumbered({**BASE, "S0": item("S0", 1, 0)})
    store = Path(shutil.copy(old, tmp_path / "store"))
    assert put_in(store, old, new).gone.size == 0
    assert_same(store, new)


@pytest.fixture
def two(office: Office, tmp_path: Path) -> tuple[Path, Path, Path, Digests, Digests]:
    """A copy of the first version, the second, the delta, and the digests of both."""
    old = office.renumbered(BASE)
    new = office.renumbered({**changed(BASE, "S1", name="Barley"), "S0": item("S0", 1), "S8": item("S8", 50)})
    delta = tmp_path / "rows.delta"
    make_delta(old, new, delta, digests_of(old), digests_of(new))
    return Path(shutil.copy(old, tmp_path / "store")), new, delta, digests_of(old), digests_of(new)


def sql(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM vector_values WHERE vector_id = 1",
        "INSERT INTO products VALUES (5, 'MINE', 'x', '', '', NULL, '', '', '', '')",
        "INSERT INTO products VALUES (77, 'S8', 'x', '', '', NULL, '', '', '', '')",
        "DELETE FROM products WHERE sku = 'S1'",
        "UPDATE reference_images SET position = 0 WHERE id = 2",
        "DROP TABLE attributes",
    ],
)
def test_a_catalog_that_is_not_what_it_says_is_refused_and_left_as_it_was(
    two: tuple[Path, Path, Path, Digests, Digests], change: str
) -> None:
    store, _, delta, start, end = two
    sql(store, *["DELETE FROM reference_images WHERE id = 1"] * ("position" in change), change)
    before = store.read_bytes()
    with pytest.raises(VersionNotUsable, match="does not fit"):
        apply_delta(store, delta, start, end, "000002")
    assert store.read_bytes() == before
    assert sorted(one.name for one in store.parent.iterdir() if one.is_file()) == ["rows.delta", "store"]


def test_a_delta_from_or_to_other_content_is_refused(two: tuple[Path, Path, Path, Digests, Digests]) -> None:
    store, _, delta, start, end = two
    before = store.read_bytes()
    other = Digests(rows="0" * 64, vectors=start.vectors, labels=start.labels)
    with pytest.raises(VersionNotUsable, match="starts from other content"):
        apply_delta(store, delta, other, end, "000002")
    with pytest.raises(VersionNotUsable, match="leads to other content"):
        apply_delta(store, delta, start, other, "000002")
    assert store.read_bytes() == before
    apply_delta(store, delta, start, end, "000002")
    before = store.read_bytes()
    with pytest.raises(VersionNotUsable):
        apply_delta(store, delta, start, end, "000002")  # a second time
    assert store.read_bytes() == before


_DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_bytes(b"sku,name\n" * 100),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "zeros": lambda path: path.write_bytes(path.read_bytes()[:4096] + bytes(path.stat().st_size - 4096)),
    "a catalog": lambda path: shutil.copy(path.parent / "store", path),
    "a view": lambda path: sql(
        path, "DROP TABLE products_put", "CREATE VIEW products_put AS SELECT 1 AS id, 'x' AS sku"
    ),
    "a trigger": lambda path: sql(
        path, "CREATE TRIGGER t AFTER INSERT ON products_put BEGIN DELETE FROM products_gone; END"
    ),
    "no content": lambda path: sql(path, "DELETE FROM content"),
}


@pytest.mark.parametrize("damage", _DAMAGE)
def test_a_file_that_is_no_delta_is_refused(two: tuple[Path, Path, Path, Digests, Digests], damage: str) -> None:
    store, _, delta, start, end = two
    before = store.read_bytes()
    _DAMAGE[damage](delta)
    with pytest.raises((DownloadDamaged, VersionNotUsable)) as caught:
        apply_delta(store, delta, start, end, "000002")
    assert damage == "zeros" or isinstance(caught.value, DownloadDamaged)
    assert store.read_bytes() == before
    if damage == "a catalog":
        sql(delta, f"PRAGMA application_id = {APPLICATION_ID}")
        with pytest.raises(DownloadDamaged, match="other tables"):
            apply_delta(store, delta, start, end, "000002")


def test_a_newer_format_is_named(two: tuple[Path, Path, Path, Digests, Digests]) -> None:
    store, _, delta, start, end = two
    sql(delta, "PRAGMA user_version = 2")
    with pytest.raises(VersionNotUsable, match="newer Skulens"):
        apply_delta(store, delta, start, end, "000002")


def test_a_flipped_byte_in_a_delta_is_an_error_or_shows_in_the_digests(
    two: tuple[Path, Path, Path, Digests, Digests], tmp_path: Path
) -> None:
    store, _, delta, start, end = two
    honest, clean = delta.read_bytes(), store.read_bytes()
    rng = np.random.default_rng(3)
    refused = 0
    for at in rng.integers(0, len(honest), 150).tolist():
        delta.write_bytes(honest[:at] + bytes([honest[at] ^ (1 << int(rng.integers(8)))]) + honest[at + 1 :])
        store.write_bytes(clean)
        try:
            apply_delta(store, delta, start, end, "000002")
        except (DownloadDamaged, VersionNotUsable):
            refused += 1
            assert store.read_bytes() == clean
        else:  # a free byte, or one that the digests see
            assert query(store, "PRAGMA integrity_check") == [("ok",)]
    assert refused


def test_a_full_disk_while_a_delta_is_put_in_leaves_the_copy_as_it_was(office: Office, tmp_path: Path) -> None:
    old, new = office.renumbered(large_shelf(20)), office.renumbered(large_shelf(600))
    store, delta = Path(shutil.copy(old, tmp_path / "store")), tmp_path / "delta"
    make_delta(old, new, delta, digests_of(old), digests_of(new))
    before = store.read_bytes()
    with file_size_limit(len(before) + 40_000), pytest.raises(StorageError):
        apply_delta(store, delta, digests_of(old), digests_of(new), "000002")
    assert store.read_bytes() == before
