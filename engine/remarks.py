"""A sentence and a remedy for each way in which an answer can be less good than it could be, in English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.records import Degraded

REMARKS: Mapping[Degraded, str] = MappingProxyType(
    {
        Degraded.GPU_NOT_USED: "The GPU of this machine did not work; the CPU is used. Run `skulens doctor`.",
        Degraded.BLURRED: "The picture is blurred. Hold the item still, or move the camera back.",
        Degraded.DARK: "The picture is dark. Turn on more light.",
        Degraded.OVEREXPOSED: "The picture is too bright. Turn the item away from the lamp.",
        Degraded.SMALL: "The picture has few pixels. Take it from closer, or in a higher resolution.",
        Degraded.STOCK_STALE: "The stock figures are old. Count on the shelf, or have the stock file renewed.",
        Degraded.STOCK_MISSING: "There are no stock figures for this product. Look on the shelf.",
        Degraded.CATALOG_OLD: "The catalog is old; prices may have changed. Build it again from newer data.",
    }
)
