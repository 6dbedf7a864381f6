"""What a run tells while it goes: `log.csv` for people and spreadsheets, and event files for TensorBoard."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from engine.storage import translating, write_whole

LOG_NAME = "log.csv"
COLUMNS = (
    "step",
    "seconds",
    "loss",
    "rate",
    "gradient",
    "pictures_per_s",
    "score",
    "recall_natural",
    "recall_studio",
    "recall_unseen",
)


class TrainingLog:
    """Rows of a run in DIR/log.csv, and the same figures for `tensorboard --logdir DIR`.

    `done` are the steps that the checkpoint holds: what a killed run logged after it is dropped, because those steps
    are done again. Raises DiskFull or NotWritable.
    """

    def __init__(self, folder: Path, done: int = 0) -> None:
        self._folder, self._path = folder, folder / LOG_NAME
        rows = [row for row in self._rows() if int(row["step"]) <= done]
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
        with translating(folder):
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, text.getvalue().encode())
            self._events = SummaryWriter(str(folder / "tensorboard"), purge_step=done + 1, flush_secs=30)
        self.seconds = float(rows[-1]["seconds"]) if rows else 0.0

    def row(self, step: int, seconds: float, values: Mapping[str, float | None]) -> None:
        """Log figures of a step; `seconds` are those of the whole run, over all its resumptions."""
        told = {name: round(value, 6) for name, value in values.items() if value is not None}
        with translating(self._folder):
            with self._path.open("a", newline="", encoding="utf-8") as file:
                csv.DictWriter(file, COLUMNS, restval="").writerow({"step": step, "seconds": round(seconds, 1), **told})
            for name, value in told.items():
                self._events.add_scalar(f"{'validation' if name in COLUMNS[6:] else 'train'}/{name}", value, step)

    def close(self) -> None:
        """Write what TensorBoard's writer still holds."""
        with translating(self._folder):
            self._events.close()

    def _rows(self) -> list[dict[str, str]]:
        """The rows that are there; one that a kill cut short is dropped."""
        try:
            with self._path.open(newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
        except FileNotFoundError:
            return []
        return [row for row in rows if (row.get("step") or "").isdigit() and row.get(COLUMNS[-1]) is not None]
