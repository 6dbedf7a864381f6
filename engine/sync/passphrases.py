"""Where the passphrase of a private key comes from: the environment, a keyring, or a person who is asked.

Passphrases travel as pydantic's SecretStr, which shows itself as stars, so that no repr, log line or crash report can
hold one. They are never an argument of a command: other users of a machine can read those.
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping

from pydantic import SecretStr

_log = logging.getLogger(__name__)

#: The passphrase of all keys; with `_ROOT`, `_STOCK` and so on behind it, of one role's.
PASSPHRASE_VARIABLE = "SKULENS_KEY_PASSPHRASE"
#: The service under which a keyring is asked; the user name is the role.
KEYRING_SERVICE = "skulens"
_ATTEMPTS = 3

#: Asks a person for the passphrase of a role's key; True if a new one is to be made up. "" means that nobody answers.
Ask = Callable[[str, bool], str]


class Passphrases:
    """Finds passphrases: the role's own in the environment, the general one, the keyring's, then a person's."""

    def __init__(self, ask: Ask | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._ask = ask
        self._environment = os.environ if environment is None else environment
        self._told: list[SecretStr] = []

    def to_open(self, role: str) -> Iterator[SecretStr]:
        """What may open the key of a role, one after the other; a person is asked last, and at most three times."""
        yield from self._without_asking(role)
        yield from list(self._told)
        for _ in range(_ATTEMPTS if self._ask is not None else 0):
            told = self._asked(role, new=False)
            if told is None:
                return
            yield told

    def for_new(self, role: str) -> SecretStr | None:
        """What a new key is encrypted with; None if there is nothing to be had. A person is asked once for all keys."""
        for found in self._without_asking(role):
            return found
        return self._told[0] if self._told else self._asked(role, new=True)

    def private_key(self, role: str) -> SecretStr | None:
        """The private key itself (PEM), where the environment holds it: SKULENS_KEY_TIMESTAMP and so on."""
        text = self._environment.get(f"SKULENS_KEY_{role.upper()}", "")
        return SecretStr(text) if text else None

    def _without_asking(self, role: str) -> Iterator[SecretStr]:
        for name in (f"{PASSPHRASE_VARIABLE}_{role.upper()}", PASSPHRASE_VARIABLE):
            if self._environment.get(name):
                yield SecretStr(self._environment[name])
        kept = _from_keyring(role)
        if kept:
            yield SecretStr(kept)

    def _asked(self, role: str, new: bool) -> SecretStr | None:
        told = self._ask(role, new) if self._ask is not None else ""
        if not told:
            return None
        self._told.insert(0, SecretStr(told))
        return self._told[0]


def _from_keyring(role: str) -> str | None:
    """A keyring is an optional package; on a server it has often nothing behind it, which is no trouble of ours."""
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        return None
    try:
        found = keyring.get_password(KEYRING_SERVICE, role)
    except Exception as error:  # each backend has its own errors, and their text may name what it should not
        _log.warning("the keyring cannot be used (%s)", type(error).__name__)
        return None
    return found if isinstance(found, str) else None
