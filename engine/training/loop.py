"""The training loop: steps, validations, checkpoints, and going on from one of them."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from engine.errors import Interrupted, TrainingDiverged
from engine.ingest.pace import Pace
from engine.records import Progress, ProgressCallback, no_progress
from engine.storage import remove_leftovers
from engine.training.batches import Batch
from engine.training.checkpoint import (
    CHECKPOINT_NAME,
    Best,
    Checkpoint,
    check_identity,
    load_checkpoint,
    save_checkpoint,
)
from engine.training.network import EmbeddingNetwork
from engine.training.objective import Objective, reference_trunk
from engine.training.optimiser import AveragedWeights, Swapped, make_optimiser, set_rates
from engine.training.recipe import Recipe
from engine.training.train_log import TrainingLog
from engine.training.validation import Embed, Recall
from engine.training.workers import ALONE, Workers

_log = logging.getLogger(__name__)

#: Steps between two rows of the log, and between two checkpoints: the most that a kill costs.
LOG_EVERY, SAVE_EVERY = 10, 50

#: The batches of the steps from the first given one to before the second.
Batches = Callable[[int, int], Generator[Batch]]
#: Recall of the network as it is, by embedding photos.
Measure = Callable[[Embed], Recall]


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run ended: steps done, whether it stopped early, and the score and step of the weights that were chosen."""

    steps: int
    stopped_early: bool
    best_score: float | None
    best_step: int
    checkpoint: Path


class Training:
    """One run in a folder. Construct it, then `run`; a checkpoint in the folder is gone on from.

    `about` goes into the checkpoint; its entry `data` is a digest of the photos. Raises CheckpointUnusable if the
    folder's checkpoint is damaged or of another recipe, network or data.
    """

    def __init__(
        self,
        folder: Path,
        recipe: Recipe,
        network: EmbeddingNetwork,
        loss: nn.Module,
        about: Mapping[str, Any],
        workers: Workers = ALONE,
        save_every: int = SAVE_EVERY,
    ) -> None:
        self._path, self._recipe, self._workers = folder / CHECKPOINT_NAME, recipe, workers
        self._save_every = save_every
        self._identity = {"recipe": recipe.as_fields(), "architecture": network.architecture, **about}
        self._network, self._loss = network.to(workers.device), loss.to(workers.device)
        reference = reference_trunk(self._network, recipe)
        self._optimiser = make_optimiser(network, loss, recipe)
        self._average = AveragedWeights(network.trained())
        self._done, self._idle, self._finished = 0, 0, False
        self._best: Best | None = None
        if self._path.exists():
            self._resume(load_checkpoint(self._path))
        objective = Objective(network, loss, recipe, workers, reference)
        self._objective = objective if workers.count == 1 else DistributedDataParallel(objective)
        self._parameters = [each for group in self._optimiser.param_groups for each in group["params"]]

    @property
    def done(self) -> int:
        """Steps that are done."""
        return self._done

    def run(
        self, batches: Batches, measure: Measure, embed: Embed, progress: ProgressCallback = no_progress
    ) -> RunReport:
        """Train to the end of the recipe, or until validation gets no better.

        Raises TrainingDiverged (before the weights take harm; the last checkpoint stays), DiskFull and NotWritable
        (likewise), Interrupted as the callback raises it (after a checkpoint), ImageError for a photo that went away.
        """
        if not self._finished:
            log = TrainingLog(self._path.parent, self._done) if self._workers.first else None
            if self._workers.first:
                remove_leftovers(self._path.parent)
            try:
                self._train(batches, measure, embed, progress, log)
            finally:
                if log is not None:
                    log.close()
        best = self._best
        return RunReport(
            self._done,
            self._done < self._recipe.steps,
            None if best is None else best.score,
            self._done if best is None else best.step,
            self._path,
        )

    def _train(
        self, batches: Batches, measure: Measure, embed: Embed, progress: ProgressCallback, log: TrainingLog | None
    ) -> None:
        first, total, began = self._done, self._recipe.steps, time.monotonic()

        def told(part: Progress, /) -> None:
            progress(replace(part, done=part.done + first, total=total))

        losses: list[float] = []
        shown = 0
        before_s = log.seconds if log is not None else 0.0
        marked = began
        with closing(batches(first, total)) as coming:
            pace = Pace("train", total - first, told if self._workers.first else no_progress)
            for batch in coming:
                value, gradient = self._step(batch)
                losses.append(value)
                shown += len(batch.names) * self._workers.count
                validated = self._validate(measure, embed)
                if log is not None and (self._done % LOG_EVERY == 0 or validated is not None):
                    now = time.monotonic()
                    figures = {
                        "loss": float(np.mean(losses)),
                        "rate": self._recipe.learning_rate * self._recipe.rate_at(batch.step),
                        "gradient": gradient,
                        "pictures_per_s": shown / max(now - marked, 1e-9),
                    }
                    log.row(self._done, before_s + now - began, {**figures, **_told(validated)})
                    losses, shown, marked = [], 0, now
                self._finished = self._workers.word_of_first(self._ends())
                if self._finished or self._done % self._save_every == 0 or validated is not None:
                    self._save()
                if self._finished:
                    break
                try:
                    pace.advance()
                except Interrupted:
                    self._save()
                    raise
            told(Progress("train", self._done - first, total))

    def _step(self, batch: Batch) -> tuple[float, float]:
        """One optimizer step; the loss and the length of the gradient before it was clipped."""
        device = self._workers.device
        set_rates(self._optimiser, self._recipe.rate_at(batch.step))
        self._network.train()
        pictures = torch.from_numpy(batch.pictures).to(device)
        labels, natural = torch.from_numpy(batch.labels).to(device), torch.from_numpy(batch.natural).to(device)
        loss = self._objective(pictures, labels, natural, batch.packages)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        gradient = nn.utils.clip_grad_norm_(self._parameters, self._recipe.most_gradient)
        value, length = float(loss.detach()), float(gradient)
        if not self._workers.all_true(math.isfinite(value) and math.isfinite(length)):
            here = self._workers.gathered(() if math.isfinite(value) else batch.names)
            names = here or self._workers.gathered(batch.names)
            raise TrainingDiverged(step=batch.step + 1, photos=", ".join(dict.fromkeys(names)))
        self._optimiser.step()
        self._average.update(self._network.trained(), self._recipe.average_at(batch.step))
        self._done = batch.step + 1
        # Each process saw its own part of the batch; what is logged is about all of it.
        return self._workers.mean(value), length

    def _validate(self, measure: Measure, embed: Embed) -> Recall | None:
        """Measure the averaged weights when it is time, and remember the best ones; in the first process alone."""
        due = self._done % self._recipe.validate_every == 0 or self._done == self._recipe.steps
        if not due or not self._workers.first:
            return None
        with Swapped(self._network.trained(), self._average.values):
            recall = measure(embed)
        score = recall.score
        if score is None:
            return recall
        if self._best is None or score > self._best.score:
            values = {name: average.clone() for name, average in self._average.values.items()}
            self._best, self._idle = Best(values, score, self._done), 0
        else:
            self._idle += 1
        _log.info("step %d: %s, best %.4f in step %d", self._done, recall, self._best.score, self._best.step)
        return recall

    def _ends(self) -> bool:
        patience = self._recipe.patience
        return self._done >= self._recipe.steps or bool(patience and self._idle >= patience)

    def _save(self) -> None:
        if not self._workers.first:
            return
        save_checkpoint(
            self._path,
            Checkpoint(
                identity=self._identity,
                done=self._done,
                network=self._network.state_dict(),
                loss=self._loss.state_dict(),
                optimiser=self._optimiser.state_dict(),
                average=self._average.values,
                random=torch.get_rng_state(),
                best=self._best,
                idle=self._idle,
                finished=self._finished,
            ),
        )

    def _resume(self, stored: Checkpoint) -> None:
        check_identity(self._path, stored.identity, self._identity)
        self._network.load_state_dict(stored.network)
        self._loss.load_state_dict(stored.loss)
        self._optimiser.load_state_dict(stored.optimiser)
        self._average.load(stored.average)
        torch.set_rng_state(stored.random)
        self._done, self._idle, self._best, self._finished = stored.done, stored.idle, stored.best, stored.finished
        _log.info("going on after step %d of %s", self._done, self._path)


def _told(recall: Recall | None) -> Mapping[str, float | None]:
    if recall is None:
        return {}
    return {
        "score": recall.score,
        "recall_natural": recall.natural,
        "recall_studio": recall.studio,
        "recall_unseen": recall.unseen,
    }
