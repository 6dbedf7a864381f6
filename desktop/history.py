"""This session's scans, newest first. Kept in memory only, and without pictures unless the settings say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem

from desktop import icons, wording
from desktop.open_catalog import Answer
from desktop.theme import Theme
from desktop.tiles import column, label
from engine.records import Candidate, Verdict

#: Older scans are forgotten.
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan of this session. `picture` is None unless the settings keep pictures."""

    taken_at: datetime
    verdict: Verdict
    sku: str
    name: str
    probability: float
    confirmed: bool
    ticket: int
    picture: QImage | None = None


def scan_of(answer: Answer, candidate: Candidate | None, *, confirmed: bool, keep_picture: bool) -> Scan:
    """The scan that an answer leaves in the history. Pure."""
    shown = candidate or (answer.result.candidates[0] if answer.result.verdict is not Verdict.UNKNOWN else None)
    return Scan(
        taken_at=answer.taken_at,
        verdict=answer.result.verdict,
        sku=shown.product.sku if shown else "",
        name=wording.name_of(shown.product) if shown else "",
        probability=shown.probability if shown else answer.result.known,
        confirmed=confirmed,
        ticket=answer.ticket,
        picture=answer.query if keep_picture else None,
    )


def remember(scans: Sequence[Scan], new: Scan) -> tuple[Scan, ...]:
    """The scans with a new one in front; the same item held for long, or confirmed afterwards, is one scan. Pure."""
    kept = list(scans)
    for place, old in enumerate(kept[:3]):
        if old.ticket == new.ticket:
            kept.pop(place)
            new = replace(new, confirmed=new.confirmed or old.confirmed)
            break
    else:
        if kept and kept[0].sku == new.sku != "" and not kept[0].confirmed:
            old = kept.pop(0)
            new = replace(new, taken_at=new.taken_at if new.confirmed else old.taken_at)
    return (new, *kept)[:MOST]


def without(scans: Sequence[Scan], ticket: int, *, refused: bool) -> tuple[Scan, ...]:
    """The scans after what was said about one was wrong: a refused one is gone, one is no longer confirmed. Pure."""
    if refused:
        return tuple(scan for scan in scans if scan.ticket != ticket)
    return tuple(replace(scan, confirmed=False) if scan.ticket == ticket else scan for scan in scans)


class HistoryList(QFrame):
    """The scans as a list; pressing one shows its product."""

    #: str: a SKU.
    skuWanted = Signal(str)  # noqa: N815

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.scans: tuple[Scan, ...] = ()
        self.keep_pictures = False
        self._theme: Theme | None = None
        self._list = QListWidget()
        self._list.setProperty("look", "plain")
        self._list.setAccessibleName(self.tr("Scans of this session"))
        self._list.setUniformItemSizes(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.itemActivated.connect(self._open)
        self._list.itemClicked.connect(self._open)
        self._empty = label(self.tr("Scans of this session appear here."), "small")
        title = label(self.tr("This session"), "small")
        layout = column(title, self._empty, self._list, spacing=4, margins=(14, 10, 8, 8))
        layout.setStretch(2, 1)
        layout.addStretch(0)
        self.setLayout(layout)
        self._show()

    def restyle(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self._list.setIconSize(QSize(theme.px(32), theme.px(32)))
        self._show()

    def add(self, answer: Answer, candidate: Candidate | None = None, *, confirmed: bool = False) -> None:
        """Note a scan down."""
        scan = scan_of(answer, candidate, confirmed=confirmed, keep_picture=self.keep_pictures)
        self.scans = remember(self.scans, scan)
        self._show()

    def correct(self, answer: Answer, *, refused: bool) -> None:
        """An answer was refused, or its confirmation taken back."""
        self.scans = without(self.scans, answer.ticket, refused=refused)
        self._show()

    def open_focused(self) -> bool:
        """Open the scan that has the keyboard; whether there is one."""
        item = self._list.currentItem()
        if not self._list.hasFocus() or item is None:
            return False
        self._open(item)
        return True

    def _open(self, item: QListWidgetItem) -> None:
        sku = item.data(Qt.ItemDataRole.UserRole)
        if sku:
            self.skuWanted.emit(sku)

    def _show(self) -> None:
        self._list.clear()
        self._empty.setVisible(not self.scans)
        self._list.setVisible(bool(self.scans))
        for scan in self.scans:
            item = QListWidgetItem(self._line(scan))
            item.setData(Qt.ItemDataRole.UserRole, scan.sku)
            if scan.picture is not None:
                item.setIcon(icons.picture_icon(scan.picture))
            elif self._theme is not None:
                name = str(scan.verdict)
                item.setIcon(icons.icon(name, self._theme.tone(name)))
            self._list.addItem(item)

    def _line(self, scan: Scan) -> str:
        said = self.tr("CONFIRMED") if scan.confirmed else wording.verdict_word(scan.verdict)
        return "   ".join(part for part in (wording.clock(scan.taken_at), said, scan.name) if part)
