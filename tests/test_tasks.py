"""Lanes: where jobs run, where answers land, what is replaced, cancelled, lost and reported."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop.tasks import NICER_BY, Lane
from engine.errors import CameraMissing, EngineError


@pytest.fixture
def lane(qtbot: QtBot) -> Iterator[Lane]:
    lane = Lane("test")
    yield lane
    assert lane.stop()


def never(_: object) -> None:
    raise AssertionError("must not be called")


def test_a_job_runs_on_the_worker_and_answers_on_the_gui_thread(lane: Lane, qtbot: QtBot) -> None:
    where: list[int] = []
    answers: list[tuple[int, int]] = []

    def job() -> int:
        where.append(threading.get_ident())
        return 7

    lane.submit(job, lambda value: answers.append((value, threading.get_ident())), never)
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == [(7, threading.get_ident())]
    assert where[0] != threading.get_ident()
    qtbot.waitUntil(lambda: not lane.busy)


def test_a_newer_job_replaces_a_waiting_one_and_not_the_running_one(lane: Lane, qtbot: QtBot) -> None:
    gate = threading.Event()
    begun = threading.Event()
    ran: list[int] = []
    answers: list[int] = []

    def slow() -> int:
        begun.set()
        gate.wait(5)
        return 0

    def job(number: int) -> int:
        ran.append(number)
        return number

    lane.submit(slow, answers.append, never)
    assert begun.wait(5)
    for number in (1, 2, 3):
        lane.submit(lambda number=number: job(number), answers.append, never)  # type: ignore[misc]
    assert lane.busy
    gate.set()
    qtbot.waitUntil(lambda: answers == [0, 3])
    assert ran == [3]


def test_a_queued_job_is_not_pushed_out_by_a_frame(lane: Lane, qtbot: QtBot) -> None:
    gate = threading.Event()
    begun = threading.Event()
    answers: list[str] = []

    def slow() -> str:
        begun.set()
        gate.wait(5)
        return "slow"

    lane.submit(slow, answers.append, never)
    assert begun.wait(5)
    lane.submit(lambda: "still", answers.append, never, replace=False)
    lane.submit(lambda: "frame 1", answers.append, never)
    lane.submit(lambda: "frame 2", answers.append, never)
    gate.set()
    qtbot.waitUntil(lambda: len(answers) == 3)
    assert answers == ["slow", "still", "frame 2"]


def test_a_users_trouble_goes_to_failed(lane: Lane, qtbot: QtBot) -> None:
    troubles: list[Exception] = []

    def job() -> int:
        raise CameraMissing

    lane.submit(job, never, troubles.append)
    qtbot.waitUntil(lambda: bool(troubles))
    assert isinstance(troubles[0], EngineError)


def test_a_bug_reaches_the_excepthook_and_the_lane_goes_on(
    lane: Lane, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bugs: list[BaseException] = []
    answers: list[int] = []
    monkeypatch.setattr(sys, "excepthook", lambda _kind, bug, _trace: bugs.append(bug))

    def job() -> int:
        raise ValueError("a bug")

    lane.submit(job, never, never)
    lane.submit(lambda: 1, answers.append, never, replace=False)
    qtbot.waitUntil(lambda: answers == [1])
    assert [str(bug) for bug in bugs] == ["a bug"]
    # The report needs to say where: the traceback leads into the job.
    assert bugs[0].__traceback__ is not None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_that_dies_is_replaced(lane: Lane, qtbot: QtBot) -> None:
    workers: list[threading.Thread] = []
    answers: list[int] = []

    def deadly() -> int:
        workers.append(threading.current_thread())
        gate.wait(5)
        raise SystemExit

    def job() -> int:
        workers.append(threading.current_thread())
        return 2

    gate = threading.Event()
    lane.submit(deadly, never, never)
    lane.submit(job, answers.append, never, replace=False)
    gate.set()
    qtbot.waitUntil(lambda: answers == [2])
    # What the dying thread has to say belongs to this test.
    workers[0].join(5)
    assert not workers[0].is_alive()
    qtbot.waitUntil(lambda: not lane.busy)
    lane.submit(job, answers.append, never)
    qtbot.waitUntil(lambda: answers == [2, 2])
    assert workers[0] is not workers[1] and workers[1] is workers[2]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere niceness belongs to the process")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_lane_and_the_threads_that_it_starts_give_way_to_the_gui_thread(lane: Lane, qtbot: QtBot) -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def job() -> list[int]:
        found = [niceness()]
        started = threading.Thread(target=lambda: found.append(niceness()))
        started.start()
        started.join()
        return found

    def deadly() -> int:
        dying.append(threading.current_thread())
        gate.wait(5)
        raise SystemExit

    before = niceness()
    gate = threading.Event()
    dying: list[threading.Thread] = []
    answers: list[list[int]] = []
    lane.submit(job, answers.append, never)
    lane.submit(deadly, never, never, replace=False)
    # A dying worker starts the next one, which must not be nicer still.
    lane.submit(job, answers.append, never, replace=False)
    gate.set()
    qtbot.waitUntil(lambda: len(answers) == 2)
    dying[0].join(5)
    assert answers == [[min(19, before + NICER_BY)] * 2] * 2
    assert niceness() == before


def test_a_cancelled_job_can_stop_and_says_nothing(lane: Lane, qtbot: QtBot) -> None:
    begun = threading.Event()
    stopped = threading.Event()
    rows: list[int] = []

    def job() -> int:
        begun.set()
        while not lane.cancelled():
            stopped.wait(0.001)
        lane.post(lambda: rows.append(1))
        stopped.set()
        return 1

    lane.submit(job, never, never)
    assert begun.wait(5)
    lane.submit(lambda: 2, never, never)
    lane.cancel()
    assert stopped.wait(5)
    qtbot.waitUntil(lambda: not lane.busy)
    answers: list[int] = []
    lane.submit(lambda: 3, answers.append, never)
    qtbot.waitUntil(lambda: answers == [3])
    assert rows == []


def test_an_answer_that_is_under_way_is_dropped_by_cancel(lane: Lane, qtbot: QtBot) -> None:
    ended = threading.Event()

    def job() -> int:
        ended.set()
        return 1

    lane.submit(job, never, never)
    assert ended.wait(5)
    # The worker posts its answer within this wait, but the event loop does not run, so it cannot land before.
    while lane.busy:
        threading.Event().wait(0.001)
    lane.cancel()
    answers: list[int] = []
    lane.submit(lambda: 2, answers.append, never)
    qtbot.waitUntil(lambda: answers == [2])


def test_rows_posted_by_a_job_land_on_the_gui_thread_in_order_before_its_result(lane: Lane, qtbot: QtBot) -> None:
    seen: list[tuple[str, int]] = []

    def job() -> str:
        for number in range(3):
            lane.post(lambda number=number: seen.append((f"row {number}", threading.get_ident())))  # type: ignore[misc]
        return "end"

    lane.submit(job, lambda text: seen.append((text, threading.get_ident())), never)
    qtbot.waitUntil(lambda: len(seen) == 4)
    here = threading.get_ident()
    assert seen == [("row 0", here), ("row 1", here), ("row 2", here), ("end", here)]


def test_stop_joins_the_worker_and_refuses_later_jobs(qtbot: QtBot) -> None:
    lane = Lane("closing")
    begun = threading.Event()

    def job() -> int:
        begun.set()
        while not lane.cancelled():
            threading.Event().wait(0.001)
        return 1

    lane.submit(job, never, never)
    assert begun.wait(5)
    assert lane.stop()
    assert not any(thread.name == "lane-closing" for thread in threading.enumerate())
    lane.submit(lambda: 1, never, never)
    assert not lane.busy
    qtbot.wait(20)
