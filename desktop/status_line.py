"""The foot of the window: which catalog, how old, how many products, which provider, how many frames a second."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtWidgets import QFrame, QSizePolicy

from desktop import messages, wording
from desktop.open_catalog import CatalogFacts
from desktop.theme import Theme
from desktop.tiles import ElidedLabel, IconLabel, dress, label, row
from engine.records import Degraded


class StatusLine(QFrame):
    """Facts from left to right; what degrades is said in words, with its remedy in the tool tip."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "foot")
        self._facts: CatalogFacts | None = None
        self._catalog = label("", "small")
        self._provider, self._rate = label("", "small"), label("", "small")
        self._warning_sign = IconLabel("warning", 18, "ambiguous")
        self._warning = ElidedLabel("", "small")
        self._warning.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        line = row(
            IconLabel("catalog", 18, "muted"),
            self._catalog,
            self._warning_sign,
            self._warning,
            self._provider,
            self._rate,
            spacing=10,
            margins=(18, 6, 18, 6),
        )
        line.setStretch(3, 1)
        self.setLayout(line)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_rate(0.0)
        self.show_catalog(None)

    def restyle(self, theme: Theme) -> None:
        """Draw the icons."""
        dress(self, theme)

    @property
    def folder(self) -> Path | None:
        """The folder of the catalog on show."""
        return self._facts.folder if self._facts is not None else None

    @property
    def text(self) -> str:
        """All that it says, for tests and screen readers."""
        parts = (self._catalog, self._warning, self._provider, self._rate)
        return "   ".join(part.text() for part in parts if part.text())

    def show_catalog(self, facts: CatalogFacts | None, old_after_s: int = 0) -> None:
        """Show a catalog; None while there is none. Older than `old_after_s` seconds it is called old."""
        self._facts = facts
        if facts is None:
            self._warning_sign.hide()
            self._catalog.setText(self.tr("No catalog"))
            self._provider.setText("")
        else:
            name = f"{facts.name} ({facts.store})" if facts.store else facts.name
            self._catalog.setText(
                self.tr("{name}  ·  version {version}, {age}  ·  {count} products").format(
                    name=name or facts.folder.name,
                    version=facts.version.lstrip("0") or facts.version,
                    age=wording.age(facts.created_at),
                    count=wording.number(facts.products),
                )
            )
            known = {"cpu": self.tr("Processor"), "cuda": self.tr("Graphics card")}
            provider = known.get(facts.provider, facts.provider)
            self._provider.setText(f"{provider}  ·  {facts.variant}")
            # "<" would make Qt take a tool tip for markup; the reasons are plain text.
            why = "\n".join(reason.replace("<", "‹") for reason in facts.reasons)
            self._provider.setToolTip(why)
            self._provider.setAccessibleDescription(why)
            self._show_warning(facts, old_after_s)
        self.setAccessibleName(self.tr("Status: {text}").format(text=self.text))

    def show_rate(self, frames_per_s: float) -> None:
        """Show how many frames arrive a second."""
        self._rate.setText(self.tr("{rate} frames/s").format(rate=round(frames_per_s)) if frames_per_s else "")

    def _show_warning(self, facts: CatalogFacts, old_after_s: int) -> None:
        age_s = (datetime.now(UTC) - facts.created_at).total_seconds()
        old = bool(old_after_s) and age_s > old_after_s
        self._warning.setText(messages.degradation(Degraded.CATALOG_OLD) if old else "")
        self._warning_sign.setVisible(old)
