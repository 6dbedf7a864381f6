"""What a store tells about its renewals: files that appear whole, survive damage, and that Prometheus can read."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.sync.status import (
    EXIT_CODES,
    HISTORY_NAME,
    MOST_LINES,
    PROMETHEUS_NAME,
    STATUS_NAME,
    Outcome,
    Renewal,
    Status,
    Trouble,
    add_to_history,
    prometheus,
    read_history,
    read_status,
    write_status,
)

NIGHT = datetime(2026, 11, 25, 2, 41, tzinfo=UTC)
SAMPLE = re.compile(r'[a-z_]+\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\} -?[0-9]+')


def renewal(number: int = 0, outcome: Outcome = Outcome.UPDATED, **more: object) -> Renewal:
    begun = NIGHT + timedelta(days=number)
    return Renewal(started_at=begun, ended_at=begun + timedelta(seconds=9), outcome=outcome, **more)  # type: ignore[arg-type]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    trouble = Trouble(code="source_unreachable", message="cdn.example cannot be reached.", advice="Check the network.")
    told = Status(source="https://cdn.example/shop", channel="stable", signed_until=NIGHT).after(
        renewal(outcome=Outcome.OFFLINE, version="000012", trouble=trouble)
    )
    assert read_status(tmp_path) is None
    write_status(tmp_path, told, NIGHT)
    assert read_status(tmp_path) == told
    fields = json.loads((tmp_path / STATUS_NAME).read_text())
    assert (fields["last"]["outcome"], fields["last"]["trouble"]["code"]) == ("offline", "source_unreachable")
    assert not list(tmp_path.glob(".*"))


def test_only_a_renewal_that_went_well_moves_the_time_of_the_last_good_one() -> None:
    status = Status(source="s", channel="c").after(renewal(0))
    assert status.last_well_at == NIGHT + timedelta(seconds=9)
    for outcome in set(Outcome) - {Outcome.UPDATED, Outcome.UNCHANGED}:
        later = status.after(renewal(1, outcome))
        assert (later.last_well_at, later.last and later.last.outcome) == (status.last_well_at, outcome)
    assert status.after(renewal(1, Outcome.UNCHANGED)).last_well_at == NIGHT + timedelta(days=1, seconds=9)


def test_the_history_keeps_the_newest_and_forgets_the_oldest(tmp_path: Path) -> None:
    for number in range(MOST_LINES + 5):
        add_to_history(tmp_path, renewal(number, fetched_bytes=number))
    found = read_history(tmp_path)
    assert [one.fetched_bytes for one in found] == list(range(5, MOST_LINES + 5))


@pytest.mark.parametrize("damage", [b"", b"{", b"\x00" * 50, b'{"source": 1}', b"[]"])
def test_damaged_files_are_begun_anew(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / STATUS_NAME).write_bytes(damage)
    (tmp_path / HISTORY_NAME).write_bytes(damage + b"\n" + renewal(3).model_dump_json().encode() + b"\n" + damage)
    assert read_status(tmp_path) is None
    assert read_history(tmp_path) == [renewal(3)]
    add_to_history(tmp_path, renewal(4))
    assert read_history(tmp_path) == [renewal(3), renewal(4)]


@given(st.text(max_size=30), st.sampled_from(list(Outcome)), st.sampled_from(["", "000012"]))
def test_prometheus_gets_lines_that_it_can_read(source: str, outcome: Outcome, version: str) -> None:
    status = Status(source=source, channel="stable").after(renewal(outcome=outcome, version=version))
    text = prometheus(status, NIGHT)
    assert text.endswith("\n")
    samples = [line for line in text.split("\n")[:-1] if not line.startswith("# ")]
    assert samples and all(SAMPLE.fullmatch(line) for line in samples)
    assert sum(line.startswith("skulens_sync_outcome{") and line.endswith(" 1") for line in samples) == 1
    versions = [line for line in samples if line.startswith("skulens_catalog_version{") and line.endswith(" 12")]
    assert len(versions) == bool(version)


def test_prometheus_file_is_beside_the_status(tmp_path: Path) -> None:
    write_status(tmp_path, Status(source="s", channel="c"), NIGHT)
    text = (tmp_path / PROMETHEUS_NAME).read_text()
    assert f'skulens_sync_written_seconds{{channel="c",source="s"}} {NIGHT.timestamp():.0f}' in text
    assert "outcome" not in text


def test_each_outcome_has_its_exit_code() -> None:
    assert set(EXIT_CODES) == set(Outcome)
    told_apart = [code for outcome, code in EXIT_CODES.items() if outcome is not Outcome.UNCHANGED]
    assert len(set(told_apart)) == len(told_apart) and EXIT_CODES[Outcome.UNCHANGED] == 0
