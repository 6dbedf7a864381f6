"""One page about an evaluation: everything is in it, nothing is fetched, every text is escaped. Pure."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from engine.evaluate import RISK, Evaluation, Interval
from engine.report.charts import range_bar, reliability_chart, reliability_legend, risk_chart, risk_legend
from engine.report.pictures import ConfusionPictures
from engine.report.style import CSS

#: Even if a text slipped through, the page could load and run nothing.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

_TERMS = {
    "Top-1, top-5": "Share of the known pictures whose product came first, or among the first five. A picture that "
    "cannot be read is a wrong one.",
    "mAP@10": "Mean average precision at ten. A picture has one right product, so this is the mean of 1 / rank "
    "(MRR@10), 0 where the product is not among ten.",
    "Wrong among MATCH": "Of all MATCH verdicts, the share that named a wrong SKU; any SKU is wrong for a stranger.",
    "AUROC": "How often a known item gets a higher probability of being in the catalog than a stranger; 50% is chance.",
    "ECE": "Expected calibration error: how far promised probabilities are from what happened, on average, in ten "
    "bins. With few pictures chance alone makes it larger.",
    "Risk, coverage": "Only the surest answers given: the share that is answered, and the share of these that is "
    "wrong. The area is the mean risk over all coverages; 0 is best.",
    "Intervals": "95% bootstrap over the pictures, always the same draws. Pictures of one session resemble each "
    "other, so the truth is a little wider. Where all are right, or all wrong, it is the exact binomial one.",
}


@dataclass(frozen=True, slots=True)
class Heading:
    """What was measured: the catalog, the encoder that ran, the list of queries, and when (UTC)."""

    catalog: str
    version: str
    encoder: str
    queries: str
    measured_at: datetime


def page(heading: Heading, measured: Evaluation, worst: Sequence[ConfusionPictures]) -> str:
    """The whole page as HTML; `worst` are the confusions that are shown with pictures, in order."""
    title = f"{heading.catalog or 'Catalog'}: how good the answers are"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{CSS}</style>
</head>
<body>
<main>
{_header(heading, title, measured)}
{_figures(measured)}
{_verdicts(measured)}
{_charts(measured)}
{_categories(measured)}
{_confusions(measured, worst)}
{_footer()}
</main>
</body>
</html>
"""


def _header(heading: Heading, title: str, measured: Evaluation) -> str:
    facts = (
        f"Generation {heading.version}",
        heading.encoder,
        heading.queries,
        f"{heading.measured_at:%Y-%m-%d %H:%M} UTC",
    )
    told = "".join(f"<span>{escape(fact)}</span>" for fact in facts)
    return f"""<header>
<p class="eyebrow">Skulens evaluation</p>
<h1>{escape(title)}</h1>
<p class="lead">{escape(_lead(measured))}</p>
<p class="facts">{told}</p>
</header>"""


def _lead(measured: Evaluation) -> str:
    """The answer in a sentence or two."""
    said = []
    if measured.top1 is not None:
        right = round(measured.top1 * measured.known)
        said.append(f"The right product came first for {right} of {_count(measured.known, 'known picture')}.")
    matches = measured.verdicts["match"]
    if matches:
        wrong = round(measured.wrong_match_rate * matches)
        said.append(
            f"{_count(matches, 'answer')} {'was' if matches == 1 else 'were'} given as MATCH, {wrong} of them wrong."
        )
    else:
        said.append("No answer was sure enough for MATCH.")
    if measured.strangers:
        said.append(f"{_count(measured.strangers, 'picture')} showed no product of the catalog.")
    return " ".join(said)


def _figures(measured: Evaluation) -> str:
    known = _count(measured.known, "known picture")
    selection, first, knowing = measured.risk_coverage, measured.calibration_first, measured.calibration_known
    tiles = [
        _figure("Top-1", measured.top1, measured.intervals["top1"], known),
        _figure("Top-5", measured.top5, measured.intervals["top5"], known),
        _figure("mAP@10", measured.map10, measured.intervals["map10"], "one right product each"),
        _figure(
            "Wrong among MATCH",
            measured.wrong_match_rate if measured.verdicts["match"] else None,
            measured.intervals["wrong_match_rate"],
            f"MATCH for {_percent(measured.match_coverage)} of the known",
        ),
        _figure("Known or stranger, AUROC", measured.auroc_known, measured.intervals["auroc_known"],
                _count(measured.strangers, "stranger")),
        _figure(
            f"Answered at {RISK:.0%} wrong",
            selection.coverage_at_2_percent if selection else None,
            None,
            f"area {selection.area:.3f}, by the surest answers" if selection else "",
        ),
        _tile("Calibration error", f"{first.ece:.3f}" if first else "none",
              f"first candidate; in the catalog: {knowing.ece:.3f}" if knowing else ""),
        _tile("Time per picture", f"{measured.latency_ms['p50']:.0f} ms",
              f"90% within {measured.latency_ms['p90']:.0f} ms, slowest {measured.latency_ms['max']:.0f} ms"),
    ]  # fmt: skip
    return f'<section class="figures">{"".join(tiles)}</section>'


def _figure(name: str, share: float | None, interval: Interval | None, more: str) -> str:
    told = f"{_percent(interval[0])} to {_percent(interval[1])}; {more}" if interval else more
    return _tile(name, _percent(share), told, none=share is None)


def _tile(name: str, value: str, more: str, none: bool = False) -> str:
    return (
        f'<div class="card figure"><span class="name">{escape(name)}</span>'
        f'<span class="value{" none" if none else ""}">{escape(value)}</span>'
        f'<span class="more">{escape(more)}</span></div>'
    )


def _verdicts(measured: Evaluation) -> str:
    counts = {**measured.verdicts, "unreadable": measured.unreadable}
    shown = {name: count for name, count in counts.items() if count}
    bar = "".join(f'<i class="{name}" style="flex:{count}"></i>' for name, count in shown.items())
    keys = "".join(
        f'<span><i class="swatch {name}"></i><b>{count}</b> '
        f"{name if name == 'unreadable' else name.upper()}, {count / measured.queries:.0%}</span>"
        for name, count in shown.items()
    )
    return f"""<section class="card verdicts">
<h3>What {_count(measured.queries, "picture")} got</h3>
<div class="bar" aria-hidden="true">{bar}</div>
<p class="keys">{keys}</p>
</section>"""


def _charts(measured: Evaluation) -> str:
    selection, first, known = measured.risk_coverage, measured.calibration_first, measured.calibration_known
    if selection is None or first is None or known is None:
        return ""
    readable = measured.queries - measured.unreadable
    matches = measured.verdicts["match"]
    match = (matches / readable, measured.wrong_match_rate) if matches else None
    return f"""<h2>May the answers be trusted?</h2>
<p class="note">Over the {_count(readable, "picture")} that could be read, strangers included.</p>
<section class="charts">
<div class="card chart"><h3>Risk over coverage</h3>
<p>From the left, the surest answers first. The lower the curve, the better doubt is placed.</p>
<p class="keys">{risk_legend(match)}</p>
{risk_chart(selection, match)}</div>
<div class="card chart"><h3>Promised and kept probability</h3>
<p>On the diagonal a promise is kept; below it the answer was too sure. Larger marks hold more pictures.</p>
<p class="keys">{reliability_legend(first, known)}</p>
{reliability_chart(first, known)}</div>
</section>"""


def _categories(measured: Evaluation) -> str:
    if not measured.categories:
        return ""
    rows = "".join(
        f"<tr><td>{escape(one.category or 'without a category')}</td><td>{one.queries}</td>"
        f'<td>{_percent(one.top1)}</td><td class="range">{range_bar(one.top1, one.top1_interval)}</td>'
        f"<td>{_percent(one.top5)}</td><td>{_percent(one.map10)}</td></tr>"
        for one in measured.categories
    )
    return f"""<h2>By category</h2>
<p class="note">The weakest first. With few pictures a category says little: look at the width of the interval.</p>
<div class="card scroll"><table>
<thead><tr>
<th>Category</th><th>Pictures</th><th>Top-1</th><th class="range">95% interval</th><th>Top-5</th><th>mAP@10</th>
</tr></thead>
<tbody>{rows}</tbody>
</table></div>"""


def _confusions(measured: Evaluation, worst: Sequence[ConfusionPictures]) -> str:
    if not worst:
        return '<h2>Confusions</h2>\n<p class="card good">No product was taken for another.</p>'
    rest = len(measured.confusions) - len(worst)
    more = (
        f" {_count(rest, 'further pair')} {'is' if rest == 1 else 'are'} in the output of --json." if rest > 0 else ""
    )
    cases = "".join(_case(one) for one in worst)
    return f"""<h2>Worst confusions</h2>
<p class="note">First what was said as MATCH, then what is frequent, then what was sure. A stranger is shown if any
product was offered for it.{more}</p>
<section class="cases">{cases}</section>"""


def _case(one: ConfusionPictures) -> str:
    found = one.confusion
    times = "once" if found.count == 1 else f"{found.count} times"
    badge = f'<span class="badge">{found.matches} as MATCH</span>' if found.matches else ""
    heading = f"{found.sku or 'Stranger'} taken for {found.answered}"
    right = (
        _picture("right", "Right", one.right, found.sku, one.right_name, "This product has no photo.")
        if found.sku
        else _picture("right", "Right", None, "not in the catalog", "", "No product of this catalog.")
    )
    return f"""<article class="card case">
<header><h3>{escape(heading)}</h3>{badge}<p>{times}, with {_percent(found.probability)}</p></header>
<div class="pictures">
{_picture("query", "Query", one.query, "/".join(found.picture.parts[-2:]), "", "The picture can no longer be read.")}
{_picture("wrong", "Answered", one.answered, found.answered, one.answered_name, "This product has no photo.")}
{right}
</div>
</article>"""


def _picture(kind: str, role: str, jpeg: bytes | None, label: str, name: str, missing: str) -> str:
    if jpeg is None:
        shown = f"<span>{escape(missing)}</span>"
    else:
        data = base64.b64encode(jpeg).decode("ascii")
        shown = f'<img src="data:image/jpeg;base64,{data}" alt="{escape(f"{role}: {label} {name}".strip())}">'
    return (
        f'<figure class="{kind}"><div class="frame">{shown}</div>'
        f'<figcaption><span class="role">{role}</span><b>{_breakable(label)}</b>{escape(name)}</figcaption></figure>'
    )


def _breakable(label: str) -> str:
    """A file name or SKU that may be broken where it has a mark, not in the middle of a word."""
    return escape(label).replace("/", "/<wbr>").replace("_", "_<wbr>")


def _footer() -> str:
    terms = "".join(f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>" for term, meaning in _TERMS.items())
    return f"<footer><dl>{terms}</dl></footer>"


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.1%}"


def _count(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
