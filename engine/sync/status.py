"""What the last renewals came to, for whoever watches stores: a JSON file, a history, a Prometheus text file.

    DIR/sync/status.json     the newest; whole or not at all
    DIR/sync/history.jsonl   a line a renewal, the newest last
    DIR/sync/skulens.prom    the same numbers for node_exporter's textfile collector

None of them decides anything: a file that is missing or damaged is begun anew.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from engine.storage import write_whole

_log = logging.getLogger(__name__)

STATUS_NAME, HISTORY_NAME, PROMETHEUS_NAME = "status.json", "history.jsonl", "skulens.prom"
#: Half a year of nights; stock alone makes no line.
MOST_LINES = 200
_MOST_BYTES = 1_000_000


class Outcome(StrEnum):
    """How a renewal ended. The commands' exit codes are in `EXIT_CODES`."""

    UPDATED = "updated"
    UNCHANGED = "unchanged"
    BUSY = "busy"
    OFFLINE = "offline"
    UNTRUSTED = "untrusted"
    NO_SPACE = "no space"
    FAILED = "failed"


#: Documented in docs/sync.md; 1 and 2 are every command's.
EXIT_CODES = {
    Outcome.UPDATED: 0,
    Outcome.UNCHANGED: 0,
    Outcome.FAILED: 1,
    Outcome.BUSY: 10,
    Outcome.OFFLINE: 11,
    Outcome.UNTRUSTED: 12,
    Outcome.NO_SPACE: 13,
}
#: After these the store has what head office offers.
WELL = frozenset({Outcome.UPDATED, Outcome.UNCHANGED})


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Trouble(_Frozen):
    """An error, as `engine.errors.EngineError` has it: code, sentence and advice in English."""

    code: str
    message: str
    advice: str


class Renewal(_Frozen):
    """One renewal. Times are UTC; `version` is the active one afterwards, empty where there is none.

    `fetched_bytes` came over the line; `kind` is how ("delta", "snapshot" or empty).
    """

    started_at: AwareDatetime = Field(strict=False)
    ended_at: AwareDatetime = Field(strict=False)
    outcome: Outcome = Field(strict=False)
    version: str = ""
    kind: str = ""
    fetched_bytes: int = Field(default=0, ge=0)
    trouble: Trouble | None = None

    @property
    def well(self) -> bool:
        """Whether the store has what head office offers."""
        return self.outcome in WELL


class Status(_Frozen):
    """What is known now. `source` has no password in it; `signed_until` is when what is trusted expires."""

    source: str
    channel: str
    last: Renewal | None = None
    last_well_at: AwareDatetime | None = Field(default=None, strict=False)
    signed_until: AwareDatetime | None = Field(default=None, strict=False)
    stock_at: AwareDatetime | None = Field(default=None, strict=False)
    next_at: AwareDatetime | None = Field(default=None, strict=False)

    def after(self, renewal: Renewal) -> Status:
        """The same after one more renewal."""
        well_at = renewal.ended_at if renewal.well else self.last_well_at
        return self.model_copy(update={"last": renewal, "last_well_at": well_at})


def read_status(folder: Path) -> Status | None:
    """DIR/sync/status.json; None where there is none that can be read."""
    try:
        data = (folder / STATUS_NAME).read_bytes()
        return Status.model_validate_json(data) if len(data) <= _MOST_BYTES else None
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        _log.warning("the status in %s cannot be read: %s", folder, type(error).__name__)
        return None


def read_history(folder: Path) -> list[Renewal]:
    """The renewals that are remembered, the newest last; lines that cannot be read are left out."""
    try:
        lines = (folder / HISTORY_NAME).read_bytes()[-_MOST_BYTES:].splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            found.append(Renewal.model_validate_json(line))
        except ValidationError:
            continue
    return found[-MOST_LINES:]


def write_status(folder: Path, status: Status, now: datetime) -> None:
    """Write what is known now, and its numbers for Prometheus. Raises DiskFull, NotWritable."""
    data = json.dumps(status.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
    write_whole(folder / STATUS_NAME, data.encode())
    write_whole(folder / PROMETHEUS_NAME, prometheus(status, now).encode())


def add_to_history(folder: Path, renewal: Renewal) -> None:
    """Remember one more renewal, and forget the oldest. Raises DiskFull, NotWritable."""
    kept: Iterable[Renewal] = [*read_history(folder), renewal][-MOST_LINES:]
    write_whole(folder / HISTORY_NAME, "".join(one.model_dump_json() + "\n" for one in kept).encode())


def prometheus(status: Status, now: datetime) -> str:
    """The numbers in Prometheus' text format (exposition format 0.0.4). Times are seconds since 1970, as is usual."""
    last = status.last
    numbers = [
        ("skulens_sync_last_well_seconds", "When the store last had what head office offers.", status.last_well_at),
        ("skulens_sync_last_end_seconds", "When the last renewal ended.", last.ended_at if last else None),
        ("skulens_sync_signed_until_seconds", "When what is trusted expires.", status.signed_until),
        ("skulens_sync_stock_seconds", "When the newest stock was signed.", status.stock_at),
        ("skulens_sync_written_seconds", "When this file was written.", now),
    ]
    labels = f'{{channel="{_escaped(status.channel)}",source="{_escaped(status.source)}"}}'
    lines = []
    for name, meaning, moment in numbers:
        if moment is not None:
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} gauge", f"{name}{labels} {moment.timestamp():.0f}"]
    if last is not None:
        name = "skulens_sync_outcome"
        lines += [f"# HELP {name} How the last renewal ended; 1 at the one that applies.", f"# TYPE {name} gauge"]
        channel = f'channel="{_escaped(status.channel)}"'
        lines += [f'{name}{{{channel},outcome="{one.value}"}} {int(one is last.outcome)}' for one in Outcome]
        if last.version.isdigit():
            name = "skulens_catalog_version"
            lines += [f"# HELP {name} The active version.", f"# TYPE {name} gauge"]
            lines.append(f"{name}{labels} {int(last.version)}")
    return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
