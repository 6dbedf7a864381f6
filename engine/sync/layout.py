"""Names in a published folder, which the publisher and the stores must agree on. Pure.

    metadata/                                   what The Update Framework signs
    targets/channels/<sha256>.<channel>.json    the version document of a channel
    targets/stock/<sha256>.<channel>.zst        its stock
"""

from __future__ import annotations

import re
from typing import Final

METADATA = "metadata"
TARGETS = "targets"

#: The roles of TUF that a root names, and the one that `targets` delegates to.
TOP_ROLES: Final = ("root", "targets", "snapshot", "timestamp")
STOCK: Final = "stock"
ROLES: Final = (*TOP_ROLES, STOCK)
#: What the delegated role may speak about, as a path pattern of TUF.
STOCK_PATHS: Final = f"{STOCK}/*"

#: Fields that we add to the signed part of each metadata file; TUF keeps and signs what it does not know.
SIGNED_AT = "x-skulens-signed-at"
LIFETIME_S = "x-skulens-lifetime-s"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"

_CHANNEL = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)


def is_channel(name: str) -> bool:
    """Whether a channel may have this name: lower-case letters, digits, - and _, at most 64."""
    return _CHANNEL.fullmatch(name) is not None


def document_target(channel: str) -> str:
    """The TUF target of a channel's version document. Raises ValueError for what is no channel's name."""
    return f"channels/{_checked(channel)}.json"


def stock_target(channel: str) -> str:
    """The TUF target of a channel's stock. Raises ValueError for what is no channel's name."""
    return f"{STOCK}/{_checked(channel)}.zst"


def _checked(channel: str) -> str:
    if not is_channel(channel):
        raise ValueError(f"{channel!r} is no name of a channel")
    return channel
