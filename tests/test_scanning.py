"""The scanner and its pool: one for each stream, which a real catalog, lane and lookup use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import Drawn
from pytestqt.qtbot import QtBot
from window_fixtures import wait

from desktop.open_catalog import Answer, OpenCatalog
from desktop.scanning import Scanner
from desktop.tasks import Lane
from engine.config import Settings
from engine.lookup import open_lookup
from engine.pooling import FramePool
from engine.records import Picture, Region


class Stream:
    """A scanner whose clock is set by hand: each frame comes a tenth of a second after the one before."""

    def __init__(self, qtbot: QtBot, catalog: OpenCatalog) -> None:
        self.lane, self.now_s = Lane("lookup"), 0.0
        self.scanner = Scanner(self.lane, lambda: self.now_s)
        self.shown: list[Answer] = []
        self.scanner.answered.connect(self.shown.append)
        self.scanner.use(catalog)
        self._qtbot = qtbot

    @property
    def pool(self) -> FramePool:
        return self.scanner._pool

    def show(self, frame: Picture, times: int = 1) -> None:
        for _ in range(times):
            self.now_s += 0.1
            self.scanner.offer(frame)
            self.settle()

    def settle(self) -> None:
        looked: list[object] = []
        self.lane.submit(lambda: None, looked.append, pytest.fail, replace=False)
        wait(self._qtbot, lambda: bool(looked))

    def skus(self) -> list[str]:
        return [answer.result.candidates[0].product.sku for answer in self.shown]


@pytest.fixture
def stream(qtbot: QtBot, tiny_catalog: Path) -> Iterator[Stream]:
    catalog = OpenCatalog(tiny_catalog, open_lookup(tiny_catalog, Settings(provider="cpu", threads=1)))
    made = Stream(qtbot, catalog)
    yield made
    made.settle()
    catalog.retire()
    made.lane.stop()


def test_frames_of_one_item_are_pooled_and_another_item_starts_over(stream: Stream, drawn: Drawn) -> None:
    stream.show(drawn.picture("KELP", 0), 4)
    assert stream.pool.frames == 4
    stream.show(drawn.picture("JADE", 0), 6)
    assert stream.pool.frames == 6
    assert stream.skus() == ["KELP", "JADE"]


def test_an_item_that_resembles_the_one_before_takes_its_place_all_the_same(stream: Stream, drawn: Drawn) -> None:
    stream.show(drawn.picture("BASIL", 0), 10)
    stream.show(drawn.picture("EMBER", 0), 30)
    assert stream.skus()[0] == "BASIL" and stream.skus()[-1] == "EMBER"


def test_a_single_frame_of_something_else_changes_neither_card_nor_pool(stream: Stream, drawn: Drawn) -> None:
    stream.show(drawn.picture("LARCH", 0), 4)
    stream.show(drawn.stranger(1))
    stream.show(drawn.picture("LARCH", 0), 4)
    assert stream.pool.frames == 8
    assert stream.skus() == ["LARCH"]


STARTS_OVER: dict[str, Callable[[Stream], object]] = {
    "resume, as for another source": lambda stream: stream.scanner.resume(),
    "freeze": lambda stream: stream.scanner.freeze(),
    "hold": lambda stream: stream.scanner.hold(stream.shown[0]),
    "region": lambda stream: stream.scanner.draw_region(Region(0.1, 0.1, 0.8, 0.8)),
    "catalog": lambda stream: stream.scanner.use(stream.scanner._catalog),
}


@pytest.mark.parametrize("what", STARTS_OVER)
def test_what_begins_something_new_has_a_pool_of_its_own(stream: Stream, drawn: Drawn, what: str) -> None:
    stream.show(drawn.picture("LARCH", 0), 3)
    before = stream.pool
    STARTS_OVER[what](stream)
    stream.settle()
    assert stream.pool is not before and stream.pool.frames == 0
    assert before.frames == 3, "a lookup under way may still use it"
    stream.scanner.resume()
    stream.show(drawn.picture("JADE", 0))
    assert stream.pool.frames == 1
    assert stream.skus()[-1] == "JADE"


def test_frames_inside_a_drawn_region_are_pooled_too(stream: Stream, drawn: Drawn) -> None:
    both = np.hstack([drawn.picture("CEDAR", 5), drawn.picture("GROVE", 5)])
    for left, sku in ((0.0, "CEDAR"), (0.5, "GROVE")):
        stream.scanner.draw_region(Region(left, 0.0, 0.5, 1.0))
        stream.show(both, 3)
        assert stream.pool.frames == 3
        assert stream.skus()[-1] == sku


def test_an_answer_that_looked_elsewhere_is_not_shown_once_a_region_is_drawn(stream: Stream, drawn: Drawn) -> None:
    both = np.hstack([drawn.picture("CEDAR", 5), drawn.picture("GROVE", 5)])
    gate = threading.Event()
    stream.lane.submit(gate.wait, lambda _: None, pytest.fail, replace=False)
    looked: list[Region] = []
    stream.scanner.looked.connect(looked.append)
    stream.scanner.offer(both)
    region = Region(0.5, 0.0, 0.5, 1.0)
    stream.scanner.draw_region(region)
    gate.set()
    stream.settle()
    assert stream.shown == [] and looked == []
    stream.show(both)
    assert stream.skus() == ["GROVE"] and looked == [region]


def test_a_pause_starts_over(stream: Stream, drawn: Drawn) -> None:
    stream.show(drawn.picture("LARCH", 0), 3)
    stream.now_s += 60.0
    stream.show(drawn.picture("LARCH", 0))
    assert stream.pool.frames == 1
