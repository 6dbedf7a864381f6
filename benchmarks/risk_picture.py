"""The risk-coverage curves of a table of recognition as an SVG for the docs, light and dark. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from benchmarks.recognition_encoders import SHIPPED, USUAL
from benchmarks.recognition_figures import Recognition
from engine.evaluate import RISK, Selection
from engine.report.charts import HEIGHT, WIDTH, Plot

#: Risks above this leave the picture at its top: what may be tolerated is near its floor.
HIGHEST_RISK = 0.2
_HEAD, _LINE, _SIDE = 58, 20, 10
_FONT = "system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, sans-serif"
#: One shape of line and mark for each curve, so that colour is not needed; colours in light and dark.
_LOOKS = (
    ("", '<circle class="first mark" r="6" cx="{x}" cy="{y}"/>', ("#0b6f78", "#4fc4b9")),
    ("7 4", '<path class="second mark" d="M{x} {y} m0 -7.5 l7.5 7.5 l-7.5 7.5 l-7.5 -7.5 Z"/>', ("#9a6200", "#e0a63f")),
)
_NAMES = ("first", "second")


@dataclass(frozen=True)
class Curve:
    """A curve with its name; `match` is coverage and risk of the verdict MATCH, None if there was none."""

    name: str
    found: Selection
    match: tuple[float, float] | None


def picture(found: Recognition) -> str:
    """The shipped encoder's curves, a gallery each. Raises ValueError if it was not measured."""
    row = next((one for one in found.rows if (one.encoder, one.variant) == (SHIPPED, USUAL)), None)
    if row is None:
        raise ValueError("the shipped encoder was not measured")
    return chart(
        [
            Curve(f"{name} gallery", figures.risk_coverage, figures.match_point)
            for name, figures in row.galleries.items()
            if figures.risk_coverage is not None
        ]
    )


def chart(curves: list[Curve]) -> str:
    """At most two curves over one another, each told in words above the plot."""
    plot = Plot(HIGHEST_RISK)
    left, right, floor, top = plot.x(0), plot.x(1), plot.y(0), plot.y(HIGHEST_RISK)
    parts = [plot.frame("Coverage: share of the queries that is answered", "Risk: share of the answers that is wrong")]
    parts.append(f'<path class="guide" d="M{left} {plot.y(RISK)} H{right}"/>')
    parts.append(f'<text x="{right}" y="{plot.y(RISK) - 5}" text-anchor="end">{RISK:.0%} wrong</text>')
    told = []
    for place, (curve, (dashes, mark, _)) in enumerate(zip(curves, _LOOKS, strict=False)):
        name, y = _NAMES[place], place * _LINE - _HEAD + 30
        path = plot.path([(point.coverage, point.risk) for point in curve.found.curve])
        parts.append(f'<path class="{name} curve" stroke-dasharray="{dashes}" clip-path="url(#plot)" d="{path}"/>')
        if curve.match is not None:
            parts.append(mark.format(x=plot.x(curve.match[0]), y=plot.y(min(curve.match[1], HIGHEST_RISK))))
        told.append(f'<path class="{name} curve" stroke-dasharray="{dashes}" d="M{left} {y} h40"/>')
        told.append(mark.format(x=left + 20, y=y))
        told.append(f'<text class="told" x="{left + 52}" y="{y + 4}">{escape(_sentence(curve))}</text>')
    clip = f'<clipPath id="plot"><rect x="{left}" y="{top}" width="{right - left}" height="{floor - top}"/></clipPath>'
    x, y, width, height = -_SIDE, -_HEAD, WIDTH + 2 * _SIDE, HEIGHT + _HEAD + _SIDE
    card = f'<rect class="card" x="{x + 0.5}" y="{y + 0.5}" width="{width - 1}" height="{height - 1}" rx="12"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{x} {y} {width} {height}" width="720"'
        f' role="img" aria-label="Risk over coverage"><style>{_style()}</style><defs>{clip}</defs>'
        f"{card}{''.join(told)}{''.join(parts)}</svg>\n"
    )


def _sentence(curve: Curve) -> str:
    if curve.match is None:
        return f"{curve.name}: no answer was a match"
    return f"{curve.name}; MATCH: {curve.match[0]:.0%} answered, {curve.match[1]:.1%} wrong"


def _style() -> str:
    """Literal colours twice: whoever shows a picture may know neither the page's variables nor its colours."""

    def colours(dark: int) -> str:
        card, line, quiet, ink = (
            ("#ffffff", "#dfe3e1", "#5a6764", "#16211f"),
            ("#18211f", "#2c3836", "#9fadaa", "#e8eeec"),
        )[dark]
        rules = [
            f".card{{fill:{card};stroke:{line}}}text{{fill:{quiet}}}.told{{fill:{ink}}}",
            f".grid{{stroke:{line}}}.axis,.guide{{stroke:{quiet}}}",
        ]
        for name, (_, _, shades) in zip(_NAMES, _LOOKS, strict=True):
            rules.append(f".{name}.curve{{stroke:{shades[dark]}}}.{name}.mark{{fill:{shades[dark]};stroke:{card}}}")
        return "".join(rules)

    return (
        f"text{{font:12px {_FONT}}}path{{fill:none}}.curve{{stroke-width:2.25;stroke-linejoin:round}}"
        f".mark{{stroke-width:1.5}}.guide{{stroke-dasharray:4 4}}"
        f"{colours(0)}@media (prefers-color-scheme:dark){{{colours(1)}}}"
    )
