"""How Skulens looks: colours mixed from the platform's palette, one type scale, one spacing scale, one style sheet.

Nothing here is a fixed colour scheme: a light or dark palette, or a person's own accent colour, gives a theme that
keeps the contrast of WCAG 2.2 (4.5 to 1 for text). Pure but for `Theme.of`, which reads a QPalette.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtGui import QColor, QPalette

from desktop.stylesheet import TEMPLATE
from engine.config import resources
from engine.records import Verdict


class Rgb(NamedTuple):
    """A colour, each part 0..255."""

    red: int
    green: int
    blue: int

    @property
    def css(self) -> str:
        """As `#rrggbb`."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def qcolor(self) -> QColor:
        """For painting."""
        return QColor(*self)


WHITE, BLACK = Rgb(255, 255, 255), Rgb(0, 0, 0)
_GREEN, _AMBER, _SLATE, _RED = Rgb(18, 140, 84), Rgb(196, 120, 0), Rgb(92, 105, 128), Rgb(200, 48, 48)

#: Text sizes in pixels of a 1280 x 800 window; a larger window multiplies them.
TYPE_SCALE = {"display": 40, "headline": 30, "title": 22, "large": 18, "body": 15, "small": 13}
#: Distances in pixels of a 1280 x 800 window.
SPACE = {"xs": 4, "s": 8, "m": 12, "l": 16, "xl": 24}
#: The smallest side of anything to press, in pixels, at every size of the window.
TOUCH_PX = 44
#: The height of a candidate's row.
ROW_PX = 54


def mix(first: Rgb, second: Rgb, share: float) -> Rgb:
    """`first` with `share` (0..1) of `second` in it."""
    return Rgb(*(round(a + (b - a) * share) for a, b in zip(first, second, strict=True)))


def luminance(colour: Rgb) -> float:
    """Relative luminance, 0..1 (WCAG 2.2)."""
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: Rgb, second: Rgb) -> float:
    """Contrast ratio, 1..21 (WCAG 2.2)."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def legible(colour: Rgb, ground: Rgb, ratio: float = 4.5) -> Rgb:
    """`colour`, moved towards black or white as far as it takes to reach `ratio` on `ground`."""
    goal = WHITE if luminance(ground) < 0.18 else BLACK
    for step in range(21):
        found = mix(colour, goal, step / 20)
        if contrast(found, ground) >= ratio:
            return found
    return goal


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour and size of the window. `scale` multiplies sizes: 1 at 1280 x 800."""

    dark: bool
    ground: Rgb
    surface: Rgb
    raised: Rgb
    line: Rgb
    text: Rgb
    muted: Rgb
    accent: Rgb
    accent_fill: Rgb
    on_accent: Rgb
    scale: float = 1.0

    @classmethod
    def of(cls, palette: QPalette, scale: float = 1.0) -> Theme:
        """The theme that belongs to a palette."""
        role = QPalette.ColorRole

        def pick(wanted: QPalette.ColorRole) -> Rgb:
            colour = palette.color(QPalette.ColorGroup.Active, wanted)
            return Rgb(colour.red(), colour.green(), colour.blue())

        return cls.mixed(pick(role.Window), pick(role.Base), pick(role.WindowText), pick(role.Accent), scale)

    @classmethod
    def mixed(cls, window: Rgb, base: Rgb, text: Rgb, accent: Rgb, scale: float = 1.0) -> Theme:
        """The theme of four colours of a palette."""
        dark = luminance(window) < 0.18
        surface = mix(window, WHITE, 0.06) if dark else base
        ground = mix(window, BLACK, 0.25) if dark else window
        raised = mix(surface, text, 0.06)
        fill = legible(accent, WHITE, 4.5) if not dark else accent
        return cls(
            dark=dark,
            ground=ground,
            surface=surface,
            raised=raised,
            line=mix(surface, text, 0.16),
            text=legible(mix(text, surface, 0.08), raised, 7.0),
            muted=legible(mix(text, surface, 0.42), raised),
            accent=legible(accent, raised),
            accent_fill=fill,
            on_accent=WHITE if contrast(WHITE, fill) >= contrast(BLACK, fill) else BLACK,
            scale=scale,
        )

    def px(self, size: float) -> int:
        """A size of the 1280 x 800 window at this theme's scale."""
        return round(size * self.scale)

    def touch(self) -> int:
        """The height of buttons and rows, never under `TOUCH_PX`."""
        return max(TOUCH_PX, self.px(TOUCH_PX))

    def tone(self, verdict: Verdict | str) -> Rgb:
        """The text and line colour of a verdict or of "danger"; an icon and a word always stand beside it."""
        return legible(_TONES[str(verdict)], self.tint(verdict))

    def tint(self, verdict: Verdict | str) -> Rgb:
        """The quiet ground of a verdict."""
        return mix(self.surface, _TONES[str(verdict)], 0.22 if self.dark else 0.12)

    def over_photo(self, verdict: Verdict | str) -> Rgb:
        """The line colour of a verdict over a photo, which is mostly light, whatever the theme is."""
        return legible(_TONES[str(verdict)], WHITE)

    def style_sheet(self) -> str:
        """The style sheet of the window and its dialogs."""
        values = {name: self.px(size) for name, size in TYPE_SCALE.items()}
        values |= {f"space_{name}": self.px(size) for name, size in SPACE.items()}
        values |= {"touch": self.touch(), "inner": self.touch() - 2, "row": self.px(ROW_PX) - 2}
        values |= {"radius": self.px(12), "card": self.px(20)}
        colours: dict[str, str] = {
            name: getattr(self, name).css
            for name in ("ground", "surface", "raised", "line", "text", "muted", "accent", "accent_fill", "on_accent")
        }
        colours["chevron"] = (resources() / "assets" / "icon" / "chevron.svg").as_posix()
        colours["accent_hover"] = mix(self.accent_fill, self.on_accent, 0.12).css
        colours["accent_tint"] = mix(self.surface, self.accent_fill, 0.14).css
        for tone in _TONES:
            colours[f"{tone}_tone"], colours[f"{tone}_tint"] = self.tone(tone).css, self.tint(tone).css
        return TEMPLATE.substitute(values, **colours)


_TONES = {Verdict.MATCH.value: _GREEN, Verdict.AMBIGUOUS.value: _AMBER, Verdict.UNKNOWN.value: _SLATE, "danger": _RED}


def window_scale(width: int, height: int) -> float:
    """How much larger than on 1280 x 800 things are drawn; in steps of 0.05, so that resizing restyles rarely."""
    wanted = min(width / 1280, height / 800)
    return min(1.6, max(1.0, int(wanted * 20 + 0.5) / 20))
