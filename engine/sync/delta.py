"""The rows in which two published versions of a catalog differ, as a file, and how the older becomes the newer.

A delta is an SQLite file: for each table of catalog.sqlite the keys of rows that go or change (`<table>_gone`) and the
rows that come or change (`<table>_put`), with the ids of the publisher's copies (engine.sync.renumber). It says which
content it starts from and which it leads to, by logical digests (engine.digests). Words and owners are not in it; they
follow from the rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine import errors, sqlite_file
from engine.catalog_writer import pack_owners
from engine.manifest import Digests
from engine.records import Labels
from engine.storage import sync_file, translating
from engine.sync.catalog_rows import TABLES, Table, broken_references, put_words, take_words, writing
from engine.sync.errors import DownloadDamaged, VersionNotUsable

#: "SkuD" (PRAGMA application_id).
APPLICATION_ID = 0x536B7544
#: PRAGMA user_version; grows when an older reader could no longer put a delta in.
FORMAT = 1

_CONTENT = """CREATE TABLE content (
    rows_from TEXT NOT NULL, vectors_from TEXT NOT NULL, labels_from TEXT NOT NULL,
    rows_to TEXT NOT NULL, vectors_to TEXT NOT NULL, labels_to TEXT NOT NULL) STRICT"""
#: Products whose words change.
_TOUCHED = """CREATE TEMP TABLE touched AS
    SELECT id FROM delta.products_gone UNION SELECT id FROM delta.products_put
    UNION SELECT product_id FROM delta.product_texts_gone UNION SELECT product_id FROM delta.product_texts_put"""
_IS_TOUCHED = "p.id IN (SELECT id FROM temp.touched)"


@dataclass(frozen=True, slots=True, eq=False)
class ChangedVectors:
    """Labels whose vector went or changed (`gone`) and whose vector came or changed (`put`), int64, ascending."""

    gone: Labels
    put: Labels


def make_delta(old: Path, new: Path, out: Path, start: Digests, end: Digests) -> int:
    """Write the delta between two of the publisher's catalog.sqlite to `out`; the number of rows that go or come.

    Args:
        old, new: files of `engine.sync.renumber`, the newer made from the older directly or by others in between.
        out: the file to write; it must not be there yet.
        start, end: their logical digests, as in their manifests.

    Raises:
        CatalogDamaged: one of them cannot be read.
        DiskFull, NotWritable: nothing is left at `out`.
    """
    with translating(out.parent):
        out.touch(exist_ok=False)
        try:
            # The disk's troubles are told from those of the files that are read before the latter are named.
            with sqlite_file.reading(new), translating(out.parent), writing(out, old=old, new=new) as connection:
                rows = _fill(connection, start, end)
            sync_file(out)
        except BaseException:
            out.unlink(missing_ok=True)
            raise
    return rows


def apply_delta(catalog: Path, delta: Path, start: Digests, end: Digests, version: str) -> ChangedVectors:
    """Put a delta into a copy of the catalog that it starts from, in one transaction: all of it or nothing.

    The logical digests of the result are not computed here; who activates it compares them with `end`.

    Args:
        catalog: the copy; nobody else has it open.
        delta: what `make_delta` wrote.
        start: the logical digests of `catalog`.
        end: those of the version that was signed.
        version: its number, for errors.

    Raises:
        DownloadDamaged: it is no delta.
        VersionNotUsable: it starts from other content, or leads to another, or was made by a newer Skulens, or its
            rows do not fit those of the catalog.
        DiskFull, NotWritable
    """
    _check_file(delta, version)
    try:
        with translating(catalog.parent), writing(catalog, delta=delta) as connection:
            _check_content(connection, delta, start, end, version)
            with _transaction(connection):
                _put_in(connection)
            return _changed_vectors(connection)
    except (_Misfit, sqlite3.DatabaseError, ValueError, TypeError, OverflowError) as error:
        raise VersionNotUsable(version=version, reason=f"the delta does not fit: {error}") from error


class _Misfit(Exception):
    """The rows of a delta are not those that the catalog has or lacks."""


def _schema() -> list[str]:
    statements = [_CONTENT]
    for table in TABLES:
        key = ", ".join(table.key)
        types = ", ".join(f"{name} {kind}" for name, kind in table.columns[: table.key_columns])
        everything = ", ".join(f"{name} {kind}" for name, kind in table.columns)
        statements.append(f"CREATE TABLE {table.name}_gone ({types}, PRIMARY KEY ({key})) STRICT, WITHOUT ROWID")
        # A rowid table: thumbnails and vectors are long rows.
        statements.append(f"CREATE TABLE {table.name}_put ({everything}) STRICT")
    return statements


def _fill(connection: sqlite3.Connection, start: Digests, end: Digests) -> int:
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={FORMAT}")
    connection.execute("BEGIN")
    for statement in _schema():
        connection.execute(statement)
    content = (start.rows, start.vectors, start.labels, end.rows, end.vectors, end.labels)
    connection.execute("INSERT INTO content VALUES (?, ?, ?, ?, ?, ?)", content)
    rows = 0
    for table in TABLES:
        for statement in _differences(table):
            rows += connection.execute(statement).rowcount
    connection.execute("COMMIT")
    return rows


def _differences(table: Table) -> Iterator[str]:
    """Rows that changed go and come again: two may exchange what only one can have, as photos their places."""
    same = " AND ".join(f"o.{name} = n.{name}" for name in table.key)
    old, new = (", ".join(f"{row}.{name}" for name in table.names) for row in "on")
    differs = f"({old}) IS NOT ({new})"
    old_key, new_key = (", ".join(f"{row}.{name}" for name in table.key) for row in "on")
    yield (
        f"INSERT INTO main.{table.name}_gone SELECT {old_key} FROM old.{table.name} o"
        f" LEFT JOIN new.{table.name} n ON {same} WHERE n.{table.key[0]} IS NULL OR {differs} ORDER BY {old_key}"
    )
    yield (
        f"INSERT INTO main.{table.name}_put SELECT {new} FROM new.{table.name} n"
        f" LEFT JOIN old.{table.name} o ON {same} WHERE o.{table.key[0]} IS NULL OR {differs} ORDER BY {new_key}"
    )


def _check_file(delta: Path, version: str) -> None:
    """What a stranger may have written is looked at before SQLite does more with it than read its tables."""
    try:
        reason = sqlite_file.damage(delta, APPLICATION_ID)
        if reason:
            raise DownloadDamaged(file=delta.name, reason=reason)
        with sqlite_file.reading(delta), closing(sqlite_file.open_readonly(delta)) as connection:
            found = int(connection.execute("PRAGMA user_version").fetchone()[0])
            schema = {row[0] for row in connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")}
    except OSError as error:
        raise DownloadDamaged(file=delta.name, reason=str(error.strerror)) from error
    except errors.CatalogDamaged as error:
        raise DownloadDamaged(file=delta.name, reason=str(error.fields["reason"])) from error
    if found > FORMAT:
        raise VersionNotUsable(version=version, reason=f"its delta has format {found}, which needs a newer Skulens")
    if schema != set(_schema()):
        raise DownloadDamaged(file=delta.name, reason="it has other tables than a delta")


def _check_content(connection: sqlite3.Connection, delta: Path, start: Digests, end: Digests, version: str) -> None:
    rows = connection.execute("SELECT * FROM delta.content").fetchall()
    if len(rows) != 1:
        raise DownloadDamaged(file=delta.name, reason="it does not say what it starts from")
    if rows[0][:3] != (start.rows, start.vectors, start.labels):
        raise VersionNotUsable(version=version, reason="the delta starts from other content than is here")
    if rows[0][3:] != (end.rows, end.vectors, end.labels):
        raise VersionNotUsable(version=version, reason="the delta leads to other content than was signed")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _put_in(connection: sqlite3.Connection) -> None:
    connection.execute(_TOUCHED)
    take_words(connection, _IS_TOUCHED)
    for table in reversed(TABLES):
        key = ", ".join(table.key)
        gone = connection.execute(
            f"DELETE FROM main.{table.name} WHERE ({key}) IN (SELECT {key} FROM delta.{table.name}_gone)"
        ).rowcount
        expected = connection.execute(f"SELECT count(*) FROM delta.{table.name}_gone").fetchone()[0]
        if gone != expected:
            raise _Misfit(f"{expected - gone} of the rows that go from {table.name} are not there")
    for table in TABLES:
        names = ", ".join(table.names)
        connection.execute(f"INSERT INTO main.{table.name} ({names}) SELECT {names} FROM delta.{table.name}_put")
    put_words(connection, _IS_TOUCHED)
    pack_owners(connection)
    broken = broken_references(connection)
    if broken:
        raise _Misfit(broken)


def _changed_vectors(connection: sqlite3.Connection) -> ChangedVectors:
    gone, put = (
        np.array(connection.execute(f"SELECT vector_id FROM delta.vector_values_{which} ORDER BY 1").fetchall())
        for which in ("gone", "put")
    )
    return ChangedVectors(gone.astype(np.int64).reshape(-1), put.astype(np.int64).reshape(-1))
