"""`skulens --smoke-test`: what a build must be able to do, on a machine without a screen, a camera or a network.

It opens the window with default settings, waits for the demo catalog, looks a bundled sample up through all the real
parts, and ends with 0 when the card names a product; otherwise it says what did not happen and ends with 1.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

#: A slow machine builds the demo catalog in this time too.
_CATALOG_WITHIN_S: Final = 180.0
_ANSWER_WITHIN_S: Final = 60.0


def smoke_test() -> int:
    """Run it; the exit status."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from desktop import i18n
    from desktop.app import make_application
    from desktop.camera import Camera
    from desktop.intake import sample_pictures
    from desktop.window import Lanes, Window
    from engine.config import Settings
    from engine.records import LookupResult

    application = make_application([sys.argv[0]])
    i18n.speak("en")
    window = Window(Settings(), Lanes.make(), Camera(), lambda wanted, _: wanted)
    window.show()
    window.switch.open_demo()

    def wait(until: Callable[[], bool], within_s: float) -> bool:
        from time import monotonic

        end = monotonic() + within_s
        while not until() and not window.banner.said.sentence and monotonic() < end:
            application.processEvents()
            # Leave the processor to the lanes.
            window.thread().msleep(5)
        return until()

    def result() -> LookupResult | None:
        return window.scan.card.answer.result if window.scan.card.answer is not None else None

    samples = sample_pictures()
    trouble = ""
    if not wait(lambda: window.switch.current is not None, _CATALOG_WITHIN_S):
        trouble = "the demo catalog did not open"
    elif not samples:
        trouble = "no samples are bundled"
    else:
        window.look_up_files([samples[0]])
        if not wait(lambda: result() is not None, _ANSWER_WITHIN_S):
            trouble = "no answer came"
    found = result()
    if not trouble and (found is None or not found.candidates):
        trouble = "the answer names no product"
    trouble = " ".join(part for part in (trouble, *window.banner.said) if part)
    with tempfile.TemporaryDirectory() as folder:
        if not trouble and not window.grab().save(str(Path(folder) / "window.png")):
            trouble = "the window could not be painted"
    window.close()
    if trouble or found is None:
        print(f"smoke test failed: {trouble}", file=sys.stderr)
        return 1
    best = found.candidates[0]
    print(f"smoke test passed: {samples[0].name} is {found.verdict}, {best.product.name} ({best.product.sku})")
    return 0
