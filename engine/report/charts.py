"""Charts of an evaluation as inline SVG; colours come from the page's style. Pure.

No chart needs colour to be read: curves have words beside them, series differ in shape.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from engine.evaluate import RISK, CalibrationBin, CalibrationError, Interval, Selection

#: Size of a chart and of the room around its plot, in the units of its view box.
WIDTH, HEIGHT = 460, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 20, 14, 46
#: Upper ends of the risk axis: the smallest that holds the curve, so that small risks are not a line on the floor.
_RISK_ENDS = (0.05, 0.1, 0.2, 0.5, 1.0)
_CIRCLE = '<circle class="dot" r="6" cx="8" cy="8"/>'
_DIAMOND = '<path class="diamond" d="M8 1 L15 8 L8 15 L1 8 Z"/>'


def risk_chart(found: Selection, match: tuple[float, float] | None) -> str:
    """Risk over coverage, 0..1 both; `match` is coverage and risk of the verdict MATCH, None if there was none."""
    highest = max(point.risk for point in found.curve)
    end = next(end for end in _RISK_ENDS if highest <= end)
    plot = Plot(end)
    line = [(point.coverage, point.risk) for point in found.curve]
    path = plot.path(line)
    under = f"{path} L{plot.x(line[-1][0])} {plot.y(0)} L{plot.x(line[0][0])} {plot.y(0)} Z"
    parts = [
        plot.frame("Coverage: share of the queries that is answered", "Risk: share of the answers that is wrong"),
        f'<path class="under" d="{under}"/>',
        f'<path class="curve" d="{path}"/>',
        f'<path class="guide" d="M{plot.x(0)} {plot.y(RISK)} H{plot.x(1)}"/>',
        f'<text x="{plot.x(1)}" y="{plot.y(RISK) - 5}" text-anchor="end">{RISK:.0%} wrong</text>',
    ]
    if len(line) == 1:
        parts.append(f'<circle class="dot" r="5" cx="{plot.x(line[0][0])}" cy="{plot.y(line[0][1])}"/>')
    if match is not None:
        parts.append(f'<circle class="dot" r="6" cx="{plot.x(match[0])}" cy="{plot.y(match[1])}"/>')
    return _svg(f"Risk over coverage, area {found.area:.3f}", parts)


def reliability_chart(first: CalibrationError, known: CalibrationError) -> str:
    """Promised against kept probability, 0..1 both: circles for the first candidate, diamonds for `known`."""
    plot = Plot(1.0)
    parts = [
        plot.frame("Promised: mean probability", "Kept: share that was so"),
        f'<path class="guide" d="{plot.path([(0, 0), (1, 1)])}"/>',
        f'<path class="known" d="{plot.gaps(known.bins)}"/>',
        f'<path class="first" d="{plot.gaps(first.bins)}"/>',
    ]
    for one, radius in _sized(known.bins):
        x, y, r = plot.x(one.promised), plot.y(one.kept), radius * 1.2
        shape = f"M{x} {y - r:.1f} L{x + r:.1f} {y} L{x} {y + r:.1f} L{x - r:.1f} {y} Z"
        parts.append(f'<path class="diamond" d="{shape}"><title>{_told("In the catalog", one)}</title></path>')
    for one, radius in _sized(first.bins):
        place = f'cx="{plot.x(one.promised)}" cy="{plot.y(one.kept)}"'
        parts.append(
            f'<circle class="dot" r="{radius:.1f}" {place}><title>{_told("First candidate", one)}</title></circle>'
        )
    label = f"Reliability: ECE {first.ece:.3f} of the first candidate, {known.ece:.3f} of known"
    return _svg(label, parts)


def risk_legend(match: tuple[float, float] | None) -> str:
    """What the mark of `risk_chart` stands for; for beside the chart."""
    if match is None:
        return "<span>No answer was given as MATCH.</span>"
    return _key(_CIRCLE, f"MATCH: <b>{match[0]:.1%}</b> answered, <b>{match[1]:.1%}</b> of them wrong")


def reliability_legend(first: CalibrationError, known: CalibrationError) -> str:
    """What the two marks of `reliability_chart` stand for, with each one's error; for beside the chart."""
    return _key(_CIRCLE, f"first candidate, ECE <b>{first.ece:.3f}</b>") + _key(
        _DIAMOND, f"in the catalog, ECE <b>{known.ece:.3f}</b>"
    )


def range_bar(value: float, interval: Interval) -> str:
    """A share 0..1 as a dot on a track, with its interval."""
    width, height, edge = 240, 22, 8

    def at(share: float) -> str:
        return f"{edge + share * (width - 2 * edge):.1f}"

    low, high = interval
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{value:.1%}, {low:.1%} to {high:.1%}">'
        f'<rect class="track" x="{edge}" y="9" width="{width - 2 * edge}" height="4" rx="2"/>'
        f'<path class="reach" d="M{at(low)} 11 H{at(high)} M{at(low)} 6 v10 M{at(high)} 6 v10"/>'
        f'<circle class="dot" r="5.5" cx="{at(value)}" cy="11"/></svg>'
    )


class Plot:
    """Shares to places in a view box of WIDTH x HEIGHT: x is 0..1, y is 0..`end`."""

    def __init__(self, end: float) -> None:
        self.end = end

    def x(self, share: float) -> float:
        """Where a share is, from the left."""
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, share: float) -> float:
        """Where a share is, from the top."""
        return round(HEIGHT - _BOTTOM - share / self.end * (HEIGHT - _TOP - _BOTTOM), 1)

    def path(self, points: Sequence[tuple[float, float]]) -> str:
        """A line through points, each two shares."""
        return "M" + " L".join(f"{self.x(x)} {self.y(y)}" for x, y in points)

    def gaps(self, bins: Sequence[CalibrationBin]) -> str:
        """From the diagonal to each bin: what was promised and not kept, or kept and not promised."""
        return " ".join(f"M{self.x(one.promised)} {self.y(one.promised)} V{self.y(one.kept)}" for one in bins)

    def frame(self, across: str, up: str) -> str:
        """Grid, numbers and what the axes show."""
        parts = []
        decimals = 0 if self.end >= 0.1 else 1
        for step in range(6):
            share = step / 5
            x, y = self.x(share), self.y(share * self.end)
            parts.append(f'<path class="{"grid" if step else "axis"}" d="M{self.x(0)} {y} H{self.x(1)}"/>')
            parts.append(f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{share * self.end:.{decimals}%}</text>')
            parts.append(f'<text x="{x}" y="{self.y(0) + 18}" text-anchor="middle">{share:.0%}</text>')
        middle = (self.y(0) + self.y(self.end)) / 2
        parts.append(f'<text x="{self.x(0.5)}" y="{HEIGHT - 6}" text-anchor="middle">{escape(across)}</text>')
        turned = f'transform="rotate(-90 12 {middle})" text-anchor="middle"'
        parts.append(f'<text x="12" y="{middle}" {turned}>{escape(up)}</text>')
        return "".join(parts)


def _key(mark: str, told: str) -> str:
    return f'<span><svg viewBox="0 0 16 16" aria-hidden="true">{mark}</svg>{told}</span>'


def _sized(bins: Sequence[CalibrationBin]) -> list[tuple[CalibrationBin, float]]:
    """Bins with the radius of their mark: its area grows with the count."""
    most = max(one.count for one in bins)
    return [(one, 3.5 + 5.5 * math.sqrt(one.count / most)) for one in bins]


def _told(name: str, one: CalibrationBin) -> str:
    return escape(f"{name}: {one.count} promised {one.promised:.1%}, kept {one.kept:.1%}")


def _svg(label: str, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
