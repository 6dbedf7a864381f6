"""`skulens adapt --deep`: what a run was begun with, in DIR/tuning/plan.json, so that the same command goes on with it.

How many steps there are is decided once, by how fast this machine is and how long it may take; a run that goes on must
keep its schedule. So the plan is written before the first step.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.errors import CheckpointUnusable
from engine.storage import write_whole
from engine.training.recipe import Recipe, differences

PLAN_NAME = "plan.json"
#: The recipe of `skulens train`.
USUAL = Recipe(steps=1)
#: How often each photo is shown if time allows: the encoder that comes with Skulens had 9 (docs/model-card.md).
EPOCHS = 12
#: Of a small catalog this many steps, however often they show its photos; of any at least so many.
FEW_STEPS, LEAST_STEPS = 400, 20
#: Part of the time that is for steps; the rest is for encoding all photos twice, quantizing, indexing.
STEPPING = 0.7
#: A network that was tuned before is changed more gently, so as not to lose what it has.
GENTLER = 1 / 3


@dataclass(frozen=True, slots=True)
class Begun:
    """What a run was begun with and goes on with alone: the generation, its encoder, and the options."""

    version: str
    rows: str
    encoder_id: str
    source: str
    backgrounds: str
    seed: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A run: what it was begun with, the numbers of the confirmations that it learns from, and its recipe."""

    begun: Begun
    confirmed: tuple[int, ...]
    recipe: Recipe


def steps_in(seconds: float, step_s: float, photos: int, views_per_step: int) -> int:
    """How many steps to make in a time, if one takes `step_s` and shows `views_per_step` views of `photos`. Pure."""
    wanted = max(FEW_STEPS, EPOCHS * photos // max(1, views_per_step))
    return max(LEAST_STEPS, min(wanted, int(seconds / max(step_s, 1e-6))))


def recipe_for(size_px: int, dimension: int, first_block: int, products: int, tuned: bool, steps: int) -> Recipe:
    """The recipe of `skulens train` for a catalog's encoder; `tuned` says that its network was tuned before. Pure.

    Nothing is chosen within the run: photos that chose weights could not decide about them, and there are few.
    """
    rate = USUAL.learning_rate * (GENTLER if tuned else 1.0)
    return Recipe(
        steps=steps,
        size_px=min(size_px, USUAL.size_px),
        dimension=dimension,
        classes_per_batch=min(products, USUAL.classes_per_batch),
        learning_rate=rate,
        warm_up_steps=min(USUAL.warm_up_steps, steps // 4),
        first_block=first_block,
        validate_every=steps,
        patience=0,
    )


def write_plan(folder: Path, plan: Plan) -> None:
    """Write DIR/plan.json whole. Raises DiskFull, NotWritable."""
    write_whole(folder / PLAN_NAME, (json.dumps(asdict(plan), indent=1) + "\n").encode())


def read_plan(folder: Path) -> Plan | None:
    """The plan of a run's folder, None if nothing was begun there. Raises CheckpointUnusable if it is damaged."""
    path = folder / PLAN_NAME
    try:
        told = json.loads(path.read_bytes())
        return Plan(Begun(**told["begun"]), tuple(told["confirmed"]), Recipe(**told["recipe"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CheckpointUnusable(name=path, reason="it is damaged") from error


def check_begun(folder: Path, stored: Begun, wanted: Begun) -> None:
    """Raises CheckpointUnusable if a run was begun with another generation, encoder or other options."""
    changed = differences(asdict(stored), asdict(wanted))
    if changed:
        raise CheckpointUnusable(name=folder / PLAN_NAME, reason=f"it is of another run: {', '.join(changed)}")
