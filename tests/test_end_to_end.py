"""The whole real path in one test: a video file, the camera, ONNX Runtime, hnswlib, SQLite, the card on the screen."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
from conftest import Drawn
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from window_fixtures import wait, window_over

from engine.records import Verdict


@pytest.fixture
def clip(tmp_path: Path, drawn: Drawn) -> Path:
    """Two seconds of one item, held a little differently in each frame."""
    path = tmp_path / "item 商品.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15.0, (640, 480))
    item = cv2.cvtColor(drawn.picture("IRIS", 1, 480), cv2.COLOR_RGB2BGR)
    for number in range(45):
        frame = cv2.copyMakeBorder(item, 0, 0, 80, 80, cv2.BORDER_CONSTANT, value=(210, 205, 200))
        shift = (number % 5) - 2
        writer.write(cv2.warpAffine(frame, cv2.getRotationMatrix2D((320, 240), shift, 1.0), (640, 480)))
    writer.release()
    return path


def test_from_a_video_file_to_the_card_and_into_the_history(qtbot: QtBot, own_catalog: Path, clip: Path) -> None:
    with window_over(own_catalog, qtbot, location="shop") as window:
        card = window.scan.card
        assert card.page is card.idle
        window.use_camera(str(clip))
        wait(qtbot, lambda: card.answer is not None and card.answer.result.verdict is not Verdict.UNKNOWN)
        answer = card.answer
        assert answer is not None
        best = answer.result.candidates[0]
        assert best.product.sku == "IRIS"
        assert best.product.aisle == "A8"
        assert {level.location: level.quantity for level in best.stock} == {"shop": 4, "store room": 3}
        assert not answer.query.isNull() and not answer.photos[best.reference_id].isNull()
        assert answer.result.timings_ms["encode"] > 0

        qtbot.keyClick(window, Qt.Key.Key_Space)
        wait(qtbot, lambda: window.scanner.frozen and card.answer is not None and card.answer is not answer)
        assert card.candidate is None or card.candidate.product.sku == "IRIS"
        qtbot.keyClick(window, Qt.Key.Key_1)
        qtbot.keyClick(window, Qt.Key.Key_Return)
        assert window.scan.history.scans[0].confirmed
        assert window.scan.history.scans[0].sku == "IRIS"
        assert window.scan.history.scans[0].picture is None, "no picture is kept unless the settings say so"
        assert not window.scanner.frozen, "after a confirmation the next item can be held up at once"
