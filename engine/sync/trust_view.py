"""What the metadata on this machine proves without asking anybody, whether it has expired or not. Pure.

python-tuf's Updater answers only for what is valid now. A kiosk whose metadata has expired keeps what it has, and must
still be able to tell head office's last word from a damaged file, and how old it is. Signatures are checked from the
installed root on by python-tuf's metadata API; only expiry is left to who asks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Signed, Snapshot, T, TargetFile, Targets, Timestamp

from engine.sync.layout import SIGNED_AT, STOCK, TIME_FORMAT

_KINDS: Final[tuple[tuple[str, Any], ...]] = (
    ("timestamp", Timestamp),
    ("snapshot", Snapshot),
    ("targets", Targets),
    (STOCK, Targets),
)


@dataclass(frozen=True, slots=True)
class View:
    """Roles whose signatures hold, by name, from the newest root on this machine down."""

    root: Root
    roles: Mapping[str, Signed]

    def target(self, path: str) -> tuple[TargetFile, datetime] | None:
        """A target, and until when what leads to it is valid; None if it is not there or something is missing."""
        parent, stock = self.roles.get("targets"), self.roles.get(STOCK)
        leads = [self.root, *(self.roles.get(role) for role in ("timestamp", "snapshot", "targets"))]
        if not isinstance(parent, Targets):
            return None
        found = parent.targets.get(path)
        if found is None and isinstance(stock, Targets) and _delegated(parent, path):
            found, leads = stock.targets.get(path), [*leads, stock]
        known = [lead for lead in leads if lead is not None]
        if found is None or len(known) < len(leads):
            return None
        return found, min(lead.expires for lead in known)

    def signed_at(self, role: str) -> datetime | None:
        """When a role was signed, as its signer said; None if it did not."""
        signed = self.roles.get(role)
        return None if signed is None else signing_time(signed)

    def keys_of(self, role: str) -> frozenset[str]:
        """The ids of the keys that the newest root names for a role."""
        return frozenset(self.root.roles[role].keyids)


def view(installed_root: bytes, files: Mapping[str, bytes]) -> View:
    """Verify what is there, from the installed root on; what does not verify is left out.

    Args:
        installed_root: the root that a person brought here.
        files: by name: `<n>.root.json`, `timestamp.json`, `snapshot.json`, `targets.json`, `stock.json`.

    Raises:
        RepositoryError: the installed root itself is none.
    """
    root = parsed_root(installed_root)
    while (data := files.get(f"{root.version + 1}.root.json")) is not None:
        try:
            following = _verified(data, Root, root, "root")
            if following.version != root.version + 1:
                break
            _verified(data, Root, following, "root")
        except (RepositoryError, ValueError):
            break
        root = following
    roles: dict[str, Signed] = {}
    for role, kind in _KINDS:
        delegator = roles.get("targets") if role == STOCK else root
        if not isinstance(delegator, Root | Targets) or f"{role}.json" not in files:
            continue
        with contextlib.suppress(RepositoryError, ValueError):
            roles[role] = _verified(files[f"{role}.json"], kind, delegator, role)
    return View(root, roles)


def parsed_root(data: bytes) -> Root:
    """Root metadata that is signed by the keys that it names. Raises RepositoryError."""
    root = Metadata[Root].from_bytes(data).signed
    if not isinstance(root, Root):
        raise RepositoryError(f"root expected, not {root.type}")
    return _verified(data, Root, root, "root")


def signing_time(signed: Signed) -> datetime | None:
    """When it was signed, as its signer said; None if it did not say it readably."""
    try:
        return datetime.strptime(str(signed.unrecognized_fields.get(SIGNED_AT)), TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def _verified(data: bytes, kind: type[T], delegator: Root | Targets, role: str) -> T:
    metadata = Metadata[T].from_bytes(data)
    if not isinstance(metadata.signed, kind):
        raise RepositoryError(f"{kind.type} expected, not {metadata.signed.type}")
    delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
    return metadata.signed


def _delegated(parent: Targets, path: str) -> bool:
    roles = (parent.delegations.roles if parent.delegations is not None else None) or {}
    return STOCK in roles and roles[STOCK].is_delegated_path(path)
