"""Where a catalog is renewed from, in DIR/sync/source.json: one address, one channel, and how to get there.

The root that is trusted lies beside it (engine.sync.trust_state) and is installed by a person; a later address never
changes it.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.storage import translating, write_whole
from engine.sync.errors import SyncNotSetUp
from engine.sync.http_source import HttpSettings
from engine.sync.layout import is_channel
from engine.sync.trust_state import TrustState

FOLDER_NAME = "sync"
SETTINGS_NAME = "source.json"
_MOST_BYTES = 100_000


class SyncSettings(BaseModel):
    """`source` is an http(s) address or a folder. `bytes_per_s` of 0 is no limit.

    `block_after_days` is for how long expired signatures are put up with; None is for ever.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    source: str = Field(min_length=1)
    channel: str = "stable"
    proxy: str | None = None
    ca_file: str | None = None
    redirect_hosts: tuple[str, ...] = Field(default=(), strict=False)
    bytes_per_s: int = Field(default=0, ge=0)
    block_after_days: float | None = Field(default=None, ge=0)

    @property
    def http(self) -> HttpSettings:
        """How to reach a server."""
        return HttpSettings(
            proxy=self.proxy,
            ca_file=None if self.ca_file is None else Path(self.ca_file),
            redirect_hosts=self.redirect_hosts,
        )


def state_folder(catalog: Path) -> Path:
    """DIR/sync: what a store keeps of its renewals."""
    return catalog / FOLDER_NAME


def set_up(catalog: Path, settings: SyncSettings, root: bytes | None) -> None:
    """Set where a catalog is renewed from.

    Args:
        catalog: the catalog folder; made if missing.
        settings: address, channel and the rest.
        root: the root metadata that a person brought from head office; None keeps the one that is installed.

    Raises:
        NotTrusted: the root is none. SyncNotSetUp: there is no root, neither given nor installed.
        ValueError: no name of a channel.
        DiskFull, NotWritable
    """
    if not is_channel(settings.channel):
        raise ValueError(f"{settings.channel!r} is no name of a channel")
    folder = state_folder(catalog)
    with translating(catalog):
        folder.mkdir(parents=True, exist_ok=True)
    trust = TrustState(folder)
    if root is not None:
        trust.install(root)
    trust.installed_root()
    write_whole(folder / SETTINGS_NAME, settings.model_dump_json(indent=1).encode() + b"\n")


def read_settings(catalog: Path) -> SyncSettings:
    """Where a catalog is renewed from. Raises SyncNotSetUp if that was never set or cannot be read."""
    try:
        data = (state_folder(catalog) / SETTINGS_NAME).read_bytes()
        if len(data) > _MOST_BYTES:
            raise SyncNotSetUp(folder=catalog)
        return SyncSettings.model_validate_json(data)
    except (OSError, ValidationError) as error:
        raise SyncNotSetUp(folder=catalog) from error
