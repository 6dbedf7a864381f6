"""The only file that starts threads: one worker a lane, and every answer lands on the GUI thread.

A lane is a row of jobs of one kind (live lookups, stills, a catalog build). A job is a callable that took a snapshot of
what it needs when it was made; it must not touch a widget. Its result comes back by a queued signal, so `done` and
`failed` run on the thread that made the lane.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

from PySide6.QtCore import QObject, Qt, Signal, Slot

from engine.errors import EngineError

T = TypeVar("T")

#: How long `stop` waits for a job that does not look at `cancelled`.
STOP_WITHIN_S: Final = 10.0
#: A lane in Python code gives the interpreter back to the GUI thread after this; Python's own 5 ms would, for each of
#: several lanes in turn, be seen as a stutter.
SWITCH_AFTER_S: Final = 0.001
#: So much less of a contended core a lane gets on Linux: at 5, a third of what the GUI thread gets.
NICER_BY: Final = 5


@dataclass(eq=False, slots=True)
class _Job:
    run: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[Exception], None]
    replaceable: bool
    epoch: int


class _Mailbox(QObject):
    """Carries calls from a worker to the thread that owns the lane."""

    arrived = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.arrived.connect(self._run, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def _run(self, call: Callable[[], None]) -> None:
        call()


class Lane:
    """One worker thread and the jobs that wait for it.

    Make it, and call everything except `cancelled` and `post`, on the GUI thread.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_AFTER_S))
        self._mailbox = _Mailbox()
        self._changed = threading.Condition()
        self._waiting: deque[_Job] = deque()
        self._running: _Job | None = None
        #: Raised by `cancel`; jobs of an earlier epoch should stop, and what they say is dropped.
        self._epoch = 0
        self._stopped = False
        self._worker: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits."""
        with self._changed:
            return self._running is not None or bool(self._waiting)

    def submit(
        self,
        job: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        *,
        replace: bool = True,
    ) -> None:
        """Run `job` on the worker, then `done` with its result or `failed` with its EngineError on the GUI thread.

        With `replace` the job takes the place of a replaceable one that still waits, whose `done` then never comes;
        without it, it queues and nothing can push it out. A bug in the job goes to `sys.excepthook`, not to `failed`.
        After `stop` a job is dropped.
        """
        with self._changed:
            if self._stopped:
                return
            if replace:
                self._waiting = deque(waiting for waiting in self._waiting if not waiting.replaceable)
            self._waiting.append(_Job(job, cast("Callable[[Any], None]", done), failed, replace, self._epoch))
            self._ensure_worker()
            self._changed.notify()

    def cancelled(self) -> bool:
        """Whether the job that runs now should stop; for the job itself to ask."""
        running = self._running
        return running is not None and running.epoch != self._epoch

    def cancel(self) -> None:
        """Forget what waits and ask the running job to stop.

        Neither `done` nor `failed` comes any more for what was submitted before, even if it had ended already.
        """
        with self._changed:
            self._waiting.clear()
            self._epoch += 1

    def post(self, call: Callable[[], None]) -> None:
        """From a job: run `call` on the GUI thread soon, unless the job is cancelled by then (progress, rows)."""
        self._deliver(self._running, call)

    def stop(self) -> bool:
        """Cancel everything and wait for the worker; whether it ended in time. Nothing is delivered afterwards."""
        with self._changed:
            self._stopped = True
            self._waiting.clear()
            self._epoch += 1
            self._changed.notify()
            worker = self._worker
        if worker is not None:
            worker.join(STOP_WITHIN_S)
            return not worker.is_alive()
        return True

    def _ensure_worker(self) -> None:
        """Start the worker, also after the last one died (a job may end its thread with SystemExit)."""
        if self._worker is None or not self._worker.is_alive():
            # A daemon: a job that hangs in a driver must not keep a closed window's process alive.
            self._worker = threading.Thread(target=self._work, name=f"lane-{self.name}", daemon=True)
            self._worker.start()

    def _work(self) -> None:
        _give_way()
        try:
            while (job := self._next()) is not None:
                self._perform(job)
                # The local must not keep a frame or a result alive while the lane sleeps.
                del job
        finally:
            with self._changed:
                self._running = None
                self._worker = None
                if self._waiting and not self._stopped:
                    self._ensure_worker()

    def _next(self) -> _Job | None:
        with self._changed:
            self._running = None
            while not self._waiting and not self._stopped:
                self._changed.wait()
            if self._stopped:
                return None
            self._running = self._waiting.popleft()
            return self._running

    def _perform(self, job: _Job) -> None:
        try:
            result = job.run()
        except EngineError as error:
            # `error` is unbound at the end of this block; the lambda needs a name that stays.
            trouble = error
            self._deliver(job, lambda: job.failed(trouble))
        except Exception as bug:
            report = bug
            self._deliver(job, lambda: sys.excepthook(type(report), report, report.__traceback__), always=True)
        else:
            self._deliver(job, lambda: job.done(result))

    def _deliver(self, job: _Job | None, call: Callable[[], None], *, always: bool = False) -> None:
        def unless_cancelled() -> None:
            if always or (job is not None and job.epoch == self._epoch):
                call()

        self._mailbox.arrived.emit(unless_cancelled)


def _give_way() -> None:
    """Let the GUI thread go first where cores are short; threads that this one starts (decoders) inherit it.

    Without it, a table that is painted while decoders and encoder keep every core busy waits for them several times as
    long as painting takes. Only on Linux, where niceness is a thread's own; other systems favour the window in front.
    """
    if sys.platform == "linux":
        # Not os.nice: a worker that another one started has given way already.
        niceness = min(19, os.getpriority(os.PRIO_PROCESS, os.getpid()) + NICER_BY)
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
