"""One process or several (torchrun), on which device, in which precision."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import torch
from torch import distributed

PrecisionWish = Literal["auto", "bfloat16", "float32"]

#: The first process validates while the others wait for its word.
_PATIENCE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Workers:
    """This process: its number of `count` that share each batch, its device, and whether it computes in bfloat16."""

    number: int = 0
    count: int = 1
    device: str = "cpu"
    bfloat16: bool = False

    @property
    def first(self) -> bool:
        """Whether this is the process that logs, validates and saves."""
        return self.number == 0

    def autocast(self) -> torch.autocast:
        """A context in which convolutions run in bfloat16, if that is so."""
        return torch.autocast(torch.device(self.device).type, torch.bfloat16, enabled=self.bfloat16)

    def all_true(self, here: bool) -> bool:
        """Whether it is true in all processes; each must ask."""
        if self.count == 1:
            return here
        value = torch.tensor([int(here)], device=self.device)
        distributed.all_reduce(value, distributed.ReduceOp.MIN)
        return bool(value.item())

    def mean(self, here: float) -> float:
        """The mean over all processes; each must ask."""
        if self.count == 1:
            return here
        value = torch.tensor([here], dtype=torch.float64, device=self.device)
        distributed.all_reduce(value)
        return float(value.item()) / self.count

    def gathered(self, here: Sequence[str]) -> list[str]:
        """What all processes have, the first's first; each must ask."""
        if self.count == 1:
            return list(here)
        parts: list[list[str]] = [[] for _ in range(self.count)]
        distributed.all_gather_object(parts, list(here))
        return [each for part in parts for each in part]

    def word_of_first(self, here: bool) -> bool:
        """What the first process says; each must ask."""
        if self.count == 1:
            return here
        value = torch.tensor([int(here)], device=self.device)
        distributed.broadcast(value, 0)
        return bool(value.item())


ALONE = Workers()


@contextmanager
def join_workers(precision: PrecisionWish = "auto") -> Iterator[Workers]:
    """The place of this process among those that torchrun started, as long as the block runs; alone without it."""
    number, count = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    device = "cpu"
    if torch.cuda.is_available():
        device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}"
        torch.cuda.set_device(device)
    workers = Workers(number, count, device, uses_bfloat16(precision, device))
    if count == 1:
        yield workers
        return
    distributed.init_process_group("nccl" if device.startswith("cuda") else "gloo", timeout=_PATIENCE)
    try:
        yield workers
    finally:
        distributed.destroy_process_group()


def uses_bfloat16(wish: PrecisionWish, device: str) -> bool:
    """Whether to compute in bfloat16: `auto` is where the hardware has it; elsewhere it would be emulated, slowly."""
    if wish != "auto":
        return wish == "bfloat16"
    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))
