"""Opening a SQLite file that a stranger may have made: header first, then read-only and with everything risky off."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from engine import errors

_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100
_UTF8 = 1
#: Of an address: a file that never changes.
READ_ONLY = "mode=ro&immutable=1"


def damage(path: Path, application_id: int) -> str:
    """Say what is wrong with the file by its header and size.

    The fields: https://www.sqlite.org/fileformat2.html#the_database_header

    Returns:
        '' when nothing is, else a reason in a few words.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        return f"{path.name} is not an SQLite file"
    page_bytes = int.from_bytes(header[16:18], "big")
    page_bytes = 65_536 if page_bytes == 1 else page_bytes
    if page_bytes < 512 or page_bytes & (page_bytes - 1):
        return f"{path.name} has pages of {page_bytes} bytes"
    if header[18] != 1 or header[19] != 1:
        return f"{path.name} is in a journal mode that a finished file never has"
    size_bytes = path.stat().st_size
    if int.from_bytes(header[28:32], "big") * page_bytes != size_bytes:
        return f"{path.name} has {size_bytes} bytes, its header says otherwise"
    if int.from_bytes(header[56:60], "big") != _UTF8:
        return f"{path.name} is not in UTF-8"
    if int.from_bytes(header[68:72], "big") != application_id:
        return f"{path.name} was not written by Skulens"
    return ""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what a damaged file makes SQLite, or the reading of its values, complain about into CatalogDamaged.

    Its messages may quote the file's bytes and then be no text themselves, and a value may be of another type than its
    column: both come as ValueError and TypeError. A wrong use of sqlite3 stays ProgrammingError, and unstorable text
    from our side UnicodeEncodeError: those are bugs.
    """
    try:
        yield
    except (sqlite3.ProgrammingError, UnicodeEncodeError):
        raise
    except UnicodeDecodeError as error:
        raise errors.CatalogDamaged(folder=path.parent, reason=f"{path.name} holds text that is none") from error
    except (sqlite3.DatabaseError, ValueError, TypeError, OverflowError) as error:
        raise errors.CatalogDamaged(folder=path.parent, reason=f"{path.name}: {error}") from error


def address(path: Path, parameters: str) -> str:
    """The URI by which SQLite opens a file, whatever its name is made of."""
    posix = path.resolve().as_posix()
    return "file://" + ("" if posix.startswith("/") else "/") + quote(posix) + f"?{parameters}"


def open_readonly(path: Path, check_same_thread: bool = False) -> sqlite3.Connection:
    """Open a file that never changes: no locks, no journal, no schema that runs functions, no oversized cells.

    Raises sqlite3.DatabaseError; the caller says which file of ours it was.
    """
    connection = sqlite3.connect(
        address(path, READ_ONLY), uri=True, isolation_level=None, check_same_thread=check_same_thread
    )
    try:
        for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection
