"""The table of recognition, as plain text. Pure: figures in, lines out."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.recognition_figures import Accuracy, Calibrated, GalleryFigures, Recognition, Row, Separation, Share
from benchmarks.recognition_shop import GALLERIES
from benchmarks.recognition_strategies import LOOKUP

NONE = "-"


def tables(found: Recognition) -> str:
    """Three tables and the notes: accuracy by encoder, ways to ask, and what the verdicts are worth."""
    parts = [
        f"{found.shop}: {found.known} known items, {found.strangers} strangers ask; per cent (95 % interval)",
        "",
        "Right product first, among five",
        *accuracy_lines(found),
        "",
        "Ways to ask: right product first, among five",
        *strategy_lines(found),
        "",
        "Verdicts of the real lookup",
        *verdict_lines(found),
        "",
        *found.notes,
    ]
    return "\n".join(parts).rstrip() + "\n"


def accuracy_lines(found: Recognition) -> list[str]:
    """A line an encoder; unseen products only where a training left them out."""
    kinds = _unseen_kinds(found)
    head = ["encoder", "variant", *GALLERIES]
    for kind in kinds:
        head += [f"unseen, {kind}", *(["packaged"] if found.packaged_unseen else [])]
    lines = [head]
    for row in found.rows:
        cells = [row.encoder, row.variant, *(_accuracy(row, gallery, LOOKUP) for gallery in GALLERIES)]
        for kind in kinds:
            figures = row.unseen[kind] if row.unseen else None
            cells.append(_first(figures.everything[LOOKUP].top1 if figures else None))
            if found.packaged_unseen:
                cells.append(_first(figures.packaged[LOOKUP].top1 if figures else None))
        lines.append(cells)
    return _aligned(lines)


def strategy_lines(found: Recognition) -> list[str]:
    """A line for each encoder and way to ask."""
    kinds = _unseen_kinds(found)
    lines = [["encoder", "variant", "asked with", *GALLERIES, *(f"unseen, {kind}" for kind in kinds)]]
    for row in found.rows:
        ways = dict.fromkeys(way for gallery in row.galleries.values() for way in gallery.strategies)
        for way in ways:
            cells = [row.encoder, row.variant, way, *(_accuracy(row, gallery, way) for gallery in GALLERIES)]
            for kind in kinds:
                accuracy = row.unseen[kind].everything.get(way) if row.unseen else None
                cells.append(_first(accuracy.top1 if accuracy else None))
            lines.append(cells)
    return _aligned(lines)


def verdict_lines(found: Recognition) -> list[str]:
    """A line for each encoder and gallery."""
    lines = [
        [
            "encoder", "variant", "gallery", "MATCH", "wrong among MATCH", "UNKNOWN", "strangers UNKNOWN",
            "AUROC strangers", "AUROC left-out products", "ECE first/known, 4 to 1", "all asked",
        ]
    ]  # fmt: skip
    for row in found.rows:
        for name, figures in row.galleries.items():
            lines.append([row.encoder, row.variant, name, *_verdicts(figures)])
    return _aligned(lines)


def _verdicts(figures: GalleryFigures) -> list[str]:
    return [
        _percent(figures.match),
        _wrong(figures.wrong),
        _percent(figures.unknown),
        _percent(figures.strangers_unknown),
        _separation(figures.apart_from_strangers),
        _separation(figures.apart_from_left_out),
        _calibrated(figures.calibration_4_to_1),
        _calibrated(figures.calibration),
    ]


def _unseen_kinds(found: Recognition) -> list[str]:
    return list(dict.fromkeys(kind for row in found.rows for kind in row.unseen or ()))


def _accuracy(row: Row, gallery: str, way: str) -> str:
    figures = row.galleries.get(gallery)
    # The lookup's own answers where it is the lookup that is asked: through the index, not around it.
    accuracy = None if figures is None else figures.accuracy if way == LOOKUP else figures.strategies.get(way)
    return _both(accuracy) if accuracy else NONE


def _both(accuracy: Accuracy) -> str:
    top5 = NONE if accuracy.top5 is None else f"{100 * accuracy.top5.value:.1f}"
    return f"{_first(accuracy.top1)} / {top5}"


def _first(share: Share | None) -> str:
    if share is None:
        return NONE
    low, high = share.interval
    return f"{100 * share.value:.1f} ({100 * low:.1f}-{100 * high:.1f})"


def _wrong(share: Share | None) -> str:
    if share is None:
        return NONE
    return f"{_first(share)} {round(share.value * share.count)} of {share.count}"


def _percent(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.1f}"


def _separation(found: Separation | None) -> str:
    return NONE if found is None else f"{found.value:.3f} ({found.interval[0]:.3f}-{found.interval[1]:.3f})"


def _calibrated(found: Calibrated | None) -> str:
    return NONE if found is None else f"{found.first:.3f} / {found.known:.3f}"


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Columns; words to the left, figures too, because they are of many kinds."""
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return ["  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
