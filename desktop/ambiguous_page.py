"""The card for two or three look-alikes: side by side, with what tells them apart in the largest letters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop import wording
from desktop.candidate_rows import CandidateGrid
from desktop.comparing import Marked, Marks
from desktop.fit_label import FitLabel
from desktop.marked_photo import MarkedPhoto
from desktop.open_catalog import Answer
from desktop.product_page import NoteList
from desktop.theme import Theme
from desktop.tiles import Badge, ElidedLabel, IconLabel, PictureTile, button, column, dress, label, row
from engine.differences import NAME, Difference, contenders, differences
from engine.records import Candidate, Verdict


class TwinCard(QPushButton):
    """One of the look-alikes; pressing it chooses it."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "row")
        self.setAccessibleName(self.tr("Candidate"))
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._key, self._share = label("", "key"), label("", "strong")
        self._photo = MarkedPhoto(self.tr("Catalog photo"))
        self._name = FitLabel(("large", "body"), lines=2, reserve=True)
        self._captions = [ElidedLabel("", "small") for _ in range(2)]
        self._values = [FitLabel(("title", "large"), lines=1) for _ in range(2)]
        self._price = FitLabel(("headline", "title"), lines=1)
        self._where = ElidedLabel("", "body")
        self._said = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 14)
        layout.setSpacing(6)
        layout.addLayout(row(self._key, 1, self._share))
        layout.addWidget(self._photo, 1)
        layout.addWidget(self._name)
        for caption, value in zip(self._captions, self._values, strict=True):
            value.setProperty("role", "difference")
            layout.addLayout(column(caption, value, spacing=0))
        layout.addWidget(self._price)
        layout.addWidget(self._where)
        for part in self.findChildren(QWidget):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def restyle(self, theme: Theme) -> None:
        """Take the theme's scale."""
        # The photo is the only part that can give way, where a message over the page takes room: words never lie on
        # each other.
        self._photo.restyle(theme)
        for part in (self._name, self._price, *self._values):
            part.restyle(theme)

    def show_twin(self, answer: Answer, index: int, found: Sequence[Difference], location: str) -> None:
        """Show candidate `index` and its values of the differences."""
        candidate = answer.result.candidates[index]
        self._key.setText(str(index + 1))
        self._share.setText(wording.percent(candidate.probability))
        self._photo.show_image(answer.photos.get(candidate.reference_id))
        name = wording.name_of(candidate.product)
        self._name.setText(name)
        said = [name]
        for place, (caption, value) in enumerate(zip(self._captions, self._values, strict=True)):
            caption.setVisible(place < len(found))
            value.setVisible(place < len(found))
            if place < len(found):
                caption.setText(wording.field_name(found[place].field))
                value.setText(found[place].values[index] or "–")
                said.append(f"{caption.text()} {value.text()}")
        self._price.setText(wording.price(candidate.product) or "–")
        self._where.setText(where_and_stock(candidate, location))
        self._said = ", ".join([*said, self._price.text(), self._where.text(), self._share.text()])
        self.setAccessibleName(self._said)

    def show_marked(self, marked: Marked, says: str) -> None:
        """Show a photo of it that can be compared with the others', with outlines around what to look at."""
        self._photo.show_marked(marked.photo, marked.regions, says)
        self.setAccessibleName(f"{self._said}, {says}")


def where_and_stock(candidate: Candidate, location: str) -> str:
    """Aisle and stock in one line."""
    parts = (wording.in_aisle(candidate.product), wording.in_stock(candidate.stock, location))
    return "  ·  ".join(part for part in parts if part)


class AmbiguousPage(QWidget):
    """Two or three candidates side by side, the query beside the question, the rest below."""

    chosen = Signal(int)
    confirmWanted = Signal()  # noqa: N815
    regionWanted = Signal()  # noqa: N815

    def __init__(self) -> None:
        super().__init__()
        self._question = FitLabel(("headline", "title"), lines=2)
        self._sign, self._look_at = IconLabel("region", 22, "ambiguous"), label("", "difference")
        self._fields = ElidedLabel("", "quiet-large")
        self._query = PictureTile(self.tr("What was looked at"), white=False)
        self._notes = NoteList(1)
        self.twins = [TwinCard() for _ in range(3)]
        self._others = CandidateGrid(rows=2)
        self.confirm = button(self.tr("Confirm"), "match", "primary", self.tr("Confirm the chosen product (Enter)"))
        self.region = button(self.tr("Draw the region"), "region", "", self.tr("Look at a part only (R)"))
        self.confirm.clicked.connect(self.confirmWanted)
        self.region.clicked.connect(self.regionWanted)
        self._others.chosen.connect(self.chosen)
        for index, twin in enumerate(self.twins):
            twin.clicked.connect(lambda _=False, index=index: self.chosen.emit(index))
        look = row(self._sign, self._look_at, self._fields, spacing=8)
        look.setStretch(2, 1)
        say = column(row(Badge(Verdict.AMBIGUOUS), 1), self._question, look, self._notes, 1, spacing=6)
        top = row(self._query, say, spacing=16)
        top.setStretch(1, 1)
        side_by_side = QHBoxLayout()
        side_by_side.setSpacing(12)
        for twin in self.twins:
            side_by_side.addWidget(twin, 1)
        press = row(self.confirm, self.region, spacing=10)
        press.setStretch(0, 2)
        press.setStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addLayout(side_by_side, 1)
        layout.addWidget(self._others)
        layout.addLayout(press)

    def restyle(self, theme: Theme) -> None:
        """Take the theme's sizes and draw the icons."""
        self._question.restyle(theme)
        self._others.restyle(theme)
        for twin in self.twins:
            twin.restyle(theme)
        self._query.setFixedSize(theme.px(130), theme.px(130))
        dress(self, theme)

    def show_answer(self, answer: Answer, location: str) -> None:
        """Show an answer; nothing is chosen yet."""
        twins = contenders(answer.result.candidates)
        found = differences([twin.product for twin in twins], wording.price, wording.name_of)
        # The name and the price stand on every card already.
        telling = [one for one in found if one.field not in (NAME, "price")]
        for index, card in enumerate(self.twins):
            card.setChecked(False)
            card.setVisible(index < len(twins))
            if index < len(twins):
                card.show_twin(answer, index, telling[:2], location)
        self._question.setText(self.tr("It is one of these {count}.").format(count=len(twins)))
        fields = self.tr(", ").join(wording.field_name(one.field) for one in (telling or found)[:3])
        self._say_where("")
        self._fields.setText(self.tr("What differs: {fields}").format(fields=fields))
        self._query.show_image(answer.query)
        self._notes.show_notes(answer)
        others = list(enumerate(answer.result.candidates))[len(twins) :] if len(twins) < len(self.twins) else []
        self._others.show_candidates(others[:2], answer.photos, location)
        self._others.setVisible(bool(others))
        self.choose(-1)

    def show_marks(self, marks: Marks) -> None:
        """Outline on the photos what separates the look-alikes, and say what kind of thing it is."""
        says = wording.look_at(marks.kind)
        self._say_where(says)
        for card, marked in zip(self.twins, marks.twins, strict=False):
            if marked is not None:
                card.show_marked(marked, says)

    @property
    def look_at(self) -> str:
        """The sentence that names what separates the look-alikes; "" while nothing is marked."""
        return self._look_at.text()

    def _say_where(self, says: str) -> None:
        self._look_at.setText(says)
        for part in (self._sign, self._look_at):
            part.setVisible(bool(says))

    def choose(self, index: int) -> None:
        """Mark candidate `index` as the one that Enter confirms; -1 for none."""
        for place, card in enumerate(self.twins):
            card.setChecked(place == index)
        self.confirm.setEnabled(index >= 0)
        keys = "1–" + str(sum(not card.isHidden() for card in self.twins))
        self.confirm.setText(self.tr("Confirm") if index >= 0 else self.tr("Choose one with {keys}").format(keys=keys))
