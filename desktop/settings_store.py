"""The user's settings: one JSON file in the profile folder, written whole, shared politely by several windows."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import portalocker
from pydantic import ValidationError

from engine.config import Settings, profile_folder
from engine.errors import NotWritable, SettingsDamaged
from engine.storage import replace, translating, write_whole

SETTINGS_NAME: Final = "settings.json"
#: The lock is held for one read and one write; whoever holds it longer hangs.
LOCK_WITHIN_S: Final = 5.0
#: A settings file is a few hundred bytes; something much larger is not one.
LARGEST_BYTES: Final = 1_000_000

_log = logging.getLogger(__name__)
#: Damaged files that could not be set aside (a read-only profile) and were said in this run.
_said: set[Path] = set()


def load(folder: Path | None = None) -> Settings:
    """The settings of this user; the defaults where there are none.

    Raises SettingsDamaged once for a file that cannot be used: it was set aside as settings.damaged-N.json, so the next
    call gives the defaults. A single value that does not fit (written by another version, or by hand) is not damage:
    it is left at its default and the others count.
    """
    path = (folder or profile_folder()) / SETTINGS_NAME
    try:
        return _read(path)
    except SettingsDamaged as error:
        if path in _said:
            return Settings()
        _log.warning("%s", error)
        if not _set_aside(path):
            _said.add(path)
        raise


def save(settings: Settings, before: Settings | None = None, folder: Path | None = None) -> Settings:
    """Write the settings, whole or not at all, and return what is stored now.

    With `before` (what was loaded) only the values that differ from it are written over the newest file, so that two
    windows which change different things both keep them.

    Raises NotWritable or DiskFull; the old file is then unchanged.
    """
    folder = folder or profile_folder()
    path = folder / SETTINGS_NAME
    with translating(folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise NotWritable(folder=folder, reason="it is a file") from error
    with _alone(folder):
        if before is not None:
            settings = _merged(_newest(path), before, settings)
        write_whole(path, (settings.model_dump_json(indent=2) + "\n").encode())
    return settings


def _merged(newest: Settings, before: Settings, wanted: Settings) -> Settings:
    changed = {
        name: getattr(wanted, name) for name in Settings.model_fields if getattr(wanted, name) != getattr(before, name)
    }
    return newest.model_copy(update=changed)


def _newest(path: Path) -> Settings:
    try:
        return _read(path)
    except SettingsDamaged:
        _set_aside(path)
        return Settings()


def _read(path: Path) -> Settings:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise SettingsDamaged(name=path.name, reason="it is far too large")
        values = json.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        return Settings()
    except (ValueError, RecursionError) as error:
        raise SettingsDamaged(name=path.name, reason="it is not JSON") from error
    except OSError as error:
        raise SettingsDamaged(name=path.name, reason=error.strerror or str(error)) from error
    if not isinstance(values, dict):
        raise SettingsDamaged(name=path.name, reason="it holds no settings")
    while True:
        try:
            return Settings.model_validate(values)
        except ValidationError as error:
            unfit = {str(trouble["loc"][0]) for trouble in error.errors() if trouble["loc"]} & set(values)
            if not unfit:
                raise SettingsDamaged(name=path.name, reason="it holds no settings") from error
            _log.warning("settings ignored, their values do not fit: %s", ", ".join(sorted(unfit)))
            for name in unfit:
                del values[name]


def _set_aside(path: Path) -> bool:
    """Keep the damaged file under a free name; False where the folder cannot be written."""
    for number in range(1, 1000):
        aside = path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")
        if not aside.exists():
            try:
                replace(path, aside)
            except OSError as error:
                _log.warning("%s could not be set aside: %s", path.name, error)
                return False
            return True
    return False


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Be the only window that writes; the system frees the lock when a process dies."""
    with translating(folder), (folder / ".settings.lock").open("ab") as file:
        deadline = time.monotonic() + LOCK_WITHIN_S
        while True:
            try:
                portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
            except portalocker.exceptions.LockException as error:
                if time.monotonic() >= deadline:
                    raise NotWritable(folder=folder, reason="another Skulens holds the settings") from error
                time.sleep(0.02)
            else:
                break
        try:
            yield
        finally:
            portalocker.unlock(file)
