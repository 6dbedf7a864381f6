"""Take the pictures of the window that the documents show: `python docs/make_screenshots.py [--language zh_CN]`.

Everything in them is real: the window runs offscreen over a catalog and looks pictures up. `--catalog` is a folder that
holds CURRENT (the demo if left out), `--pictures` a folder of photos to look up (the bundled samples if left out). A
verdict that none of them gets is shown with one of the catalog's own photos, and the script says so. The
machine's fonts are used; for the pictures in the documents Inter and Noto Sans CJK were installed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parent.parent))

from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from desktop import i18n
from desktop.app import make_application
from desktop.camera import Camera
from desktop.intake import sample_pictures
from desktop.window import Lanes, Window
from engine.config import Settings, demo_source, resources
from engine.records import Verdict


def wait(until: Callable[[], bool], within_s: float = 120.0) -> bool:
    """Let the window run until something is true; whether it became true."""
    end = time.monotonic() + within_s
    while not until() and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.005)
    return until()


def settle(times: int = 30) -> None:
    """Let layouts and thumbnails come to rest."""
    for _ in range(times):
        QApplication.processEvents()
        time.sleep(0.01)


def dark_palette() -> QPalette:
    """A dark palette as the common desktops have it."""
    palette = QPalette(QColor("#2d2d30"))
    role = QPalette.ColorRole
    for wanted, colour in (
        (role.Window, "#2d2d30"),
        (role.Base, "#232325"),
        (role.WindowText, "#f3f3f4"),
        (role.Text, "#f3f3f4"),
        (role.ButtonText, "#f3f3f4"),
        (role.Accent, "#4ea3e6"),
        (role.Highlight, "#4ea3e6"),
    ):
        palette.setColor(wanted, QColor(colour))
    return palette


class Studio:
    """One window and the pictures that are taken of it."""

    def __init__(self, window: Window, folder: Path, suffix: str) -> None:
        self.window, self.folder, self.suffix = window, folder, suffix

    def look_up(self, path: Path) -> Verdict:
        """Look a picture up and wait for its card."""
        card = self.window.scan.card
        before = card.answer
        self.window.look_up_files([path])
        if not wait(lambda: card.answer is not None and card.answer is not before):
            raise SystemExit(f"no answer for {path}: {self.window.banner.said.sentence}")
        answer = card.answer
        assert answer is not None
        return answer.result.verdict

    def take(self, name: str) -> None:
        """Save what the window shows."""
        self.window.hint("")
        settle()
        path = self.folder / f"{name}{self.suffix}.png"
        self.window.grab().save(str(path))
        print(path)


def take_live(studio: Studio) -> None:
    """The live view over the bundled clip, once it names a product."""
    clip = resources() / "assets" / "samples" / "clip.mp4"
    window = studio.window
    if not clip.is_file():
        return

    def named() -> bool:
        answer = window.scan.card.answer
        return answer is not None and answer.result.verdict is Verdict.MATCH

    window.use_camera(str(clip))
    if wait(named, 30):
        window.scanner.paused = True
        studio.take("live")
        window.scanner.paused = False
    window.camera.close()
    window.resume()


def take_all(studio: Studio, photos: list[Path]) -> None:
    """One picture of each screen."""
    window = studio.window
    studio.take("idle")
    take_live(studio)
    twins = window.scan.card.ambiguous
    wanted = [Verdict.MATCH, Verdict.AMBIGUOUS, Verdict.UNKNOWN]
    own = sorted((demo_source() / "images").glob("*/2.jpg"))
    for path in (*photos, *own):
        if not wanted:
            break
        verdict = studio.look_up(path)
        if verdict is Verdict.AMBIGUOUS and verdict in wanted and not wait(lambda: bool(twins.look_at), 2.0):
            continue  # two that are nothing alike: there is nothing to see on their photos
        if verdict in wanted and path in own:
            print(f"{verdict}: with the catalog's own photo {path.parent.name}")
        if verdict in wanted:
            wanted.remove(verdict)
            studio.take(str(verdict))
            if verdict is Verdict.MATCH:
                window.scan.card.want_details()
                wait(lambda: window.scan.panel is window.scan.detail)
                studio.take("detail")
                window.show_answer()
    window.show_catalog()
    studio.take("catalog")
    window.show_answer()
    window.help.open_sheet()
    studio.take("keys")
    window.help.close_sheet()
    window.look_up_files(photos[:24])
    warehouse = window.pages.currentWidget()
    wait(lambda: not warehouse.busy)  # type: ignore[union-attr]
    settle(60)
    studio.take("warehouse")
    window.show_scan()


def main() -> int:
    """Take the pictures in light and dark, in two sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--catalog", type=Path)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--language", default="en")
    parser.add_argument("--location", default="")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "images")
    parser.add_argument("--only", default="", help="e.g. dark-1920 or light-1280")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    application = make_application([sys.argv[0]])
    families = ["Inter", "Noto Sans", "Noto Sans CJK SC", "Noto Sans SC"]
    font = QFont(families)
    font.setPointSizeF(10)
    application.setFont(font)
    i18n.speak(asked.language)
    light = QGuiApplication.palette()
    photos = sample_pictures() if asked.pictures is None else sorted(asked.pictures.rglob("*.jpg"))
    for look, palette in (("light", light), ("dark", dark_palette())):
        QGuiApplication.setPalette(palette)
        for width, height in ((1280, 800), (1920, 1080)):
            if asked.only and asked.only != f"{look}-{width}":
                continue
            settings = Settings(location=asked.location, catalog=asked.catalog)
            window = Window(settings, Lanes.make(), Camera(), lambda wanted, _: wanted)
            window.resize(width, height)
            window.show()
            if asked.catalog is not None:
                window.switch.open(asked.catalog)
            else:
                window.switch.open_demo()
            wait(lambda window=window: window.switch.current is not None)
            language = "" if asked.language == "en" else f"-{asked.language}"
            take_all(Studio(window, asked.out, f"-{look}-{width}{language}"), photos)
            window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
