"""The page about an evaluation: whole, self-contained, escaped, and true to what was measured."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import SKUS, WITHOUT_PHOTO, Drawn
from test_evaluate import ASKED, asked

from engine.catalog import Catalog
from engine.cli import main
from engine.evaluate import CalibrationBin, CalibrationError, Confusion, CurvePoint, Evaluation, Selection, summary
from engine.generation import current_version
from engine.report.charts import range_bar, reliability_chart, reliability_legend, risk_chart, risk_legend
from engine.report.page import Heading, page
from engine.report.pictures import ConfusionPictures, pictures_of

HEADING = Heading("Corner & <Shop>", "000007", "Lite2, int8 on cpu", "q.csv", datetime(2026, 1, 31, 12, 0, tzinfo=UTC))
EVIL = '<script>alert("1")</script>'
VOID = {"meta", "img", "link", "br", "wbr"}


class Reader(HTMLParser):
    """Reads a page strictly: every tag is closed in order; keeps tags, attributes and visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"style", "title"}:
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def pictured(sku: str, answered: str, picture: str = "known/a.jpg", jpeg: bytes | None = b"jpeg") -> ConfusionPictures:
    confusion = Confusion(sku, answered, 3, 1, 0.91, Path(picture), 1, 2 if sku else None)
    right = jpeg if sku else None
    return ConfusionPictures(confusion, f"Name of {answered}", f"Name of {sku}" if sku else "", jpeg, jpeg, right)


def test_the_page_says_what_was_measured() -> None:
    read = Reader(page(HEADING, summary(ASKED, {"A": "fruit", "B": "milk"}), [pictured("A", "B"), pictured("", "A")]))
    for said in (
        "Corner & <Shop>: how good the answers are", "Generation 000007", "Lite2, int8 on cpu", "q.csv",
        "2026-01-31 12:00 UTC", "The right product came first for 2 of 6 known pictures.",
        "2 answers were given as MATCH, 1 of them wrong.", "2 pictures showed no product of the catalog.",
        "fruit", "milk", "without a category", "A taken for B", "1 as MATCH", "3 times, with 91.0%", "Name of B",
        "Stranger taken for A", "not in the catalog", "1 further pair is in the output of --json.",
    ):  # fmt: skip
        assert said in read.words, said
    assert read.tags.count("img") == 5  # three of the first, two of the stranger
    assert read.tags.count("svg") >= 2


def test_the_page_needs_nothing_but_itself() -> None:
    text = page(HEADING, summary(ASKED), [pictured("A", "B")])
    read = Reader(text)
    assert not {"script", "link", "iframe", "object", "base"} & set(read.tags)
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    sources = [value or "" for name, value in read.attributes if name in {"src", "href", "srcset", "xlink:href"}]
    assert sources and all(value.startswith("data:image/jpeg;base64,") for value in sources)
    assert not re.search(r"https?:|url\(|@import|//[a-z]", text)
    policy = dict(read.attributes)["content"]
    assert policy is not None
    assert "default-src 'none'; img-src data:" in text
    assert "prefers-color-scheme: dark" in text and "color-scheme: light dark" in text


def test_texts_of_a_catalog_are_escaped_everywhere() -> None:
    heading = Heading(EVIL, EVIL, EVIL, EVIL, HEADING.measured_at)
    measured = summary([asked(EVIL, 0.9, ("B", 0.8)), asked("A", 0.9, (EVIL, 0.8))], {EVIL: EVIL, "A": '"><b>'})
    shown = [ConfusionPictures(one, EVIL, EVIL, b"jpeg", None, b"jpeg") for one in measured.confusions]
    shown.append(pictured("A", "B", picture=f"{EVIL[:8]}/{EVIL}.jpg"))
    text = page(heading, measured, shown)
    read = Reader(text)
    assert "script" not in read.tags and "<script" not in text
    assert EVIL in read.words
    assert "This product has no photo." in read.words


def test_every_colour_of_the_style_is_defined_for_light_and_dark() -> None:
    text = page(HEADING, summary(ASKED), [])
    light, dark = (
        set(re.findall(r"(--[\w-]+): *#", block)) for block in re.findall(r":root \{(.*?)\}", text, re.DOTALL)[:2]
    )
    assert light == dark == set(re.findall(r"var\((--[\w-]+)\)", text))


def test_an_evaluation_of_nothing_that_could_be_read_has_a_page() -> None:
    from engine.evaluate import Answer, Query

    for answers in ([Answer(Query(Path("a.jpg"), "A"), None)], [asked("", 0.1, ("A", 0.05))]):
        read = Reader(page(HEADING, summary(answers), []))
        assert "No product was taken for another." in read.words
        assert "No answer was sure enough for MATCH." in read.words
    assert "none" in read.words


def selection(*points: tuple[float, float]) -> Selection:
    return Selection(0.1, 0.5, tuple(CurvePoint(0.5, coverage, risk) for coverage, risk in points))


def marks(svg: str, kind: str) -> list[ElementTree.Element]:
    return [node for node in ElementTree.fromstring(svg).iter() if node.get("class") == kind]


def test_the_risk_chart_draws_every_point_in_its_place() -> None:
    svg = risk_chart(selection((0.2, 0.0), (0.6, 0.04), (1.0, 0.1)), (0.6, 0.04))
    [curve] = marks(svg, "curve")
    points = [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+) ([\d.]+)", curve.get("d") or "")]
    xs, ys = zip(*points, strict=True)
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.2)
    floor, ceiling = ys[0], ys[2]  # risk 0 is the floor; 10 % is the top of the axis that was chosen
    assert ys[1] == pytest.approx(floor + 0.4 * (ceiling - floor), abs=0.2)
    [dot] = marks(svg, "dot")
    assert (float(dot.get("cx") or 0), float(dot.get("cy") or 0)) == points[1]
    assert "60.0%" in risk_legend((0.6, 0.04)) and "4.0%" in risk_legend((0.6, 0.04))
    assert not marks(risk_chart(selection((0.2, 0.0), (1.0, 0.9)), None), "dot")
    assert "No answer" in risk_legend(None)
    assert len(marks(risk_chart(selection((1.0, 1.0)), None), "dot")) == 1


def test_the_reliability_chart_has_a_mark_for_each_bin() -> None:
    first = CalibrationError(0.12, (CalibrationBin(0.1, 0.2, 1, 0.15, 0.5), CalibrationBin(0.9, 1.0, 9, 0.95, 0.95)))
    known = CalibrationError(0.034, (CalibrationBin(0.4, 0.5, 4, 0.45, 0.25),))
    svg = reliability_chart(first, known)
    dots, diamonds = marks(svg, "dot"), marks(svg, "diamond")
    assert (len(dots), len(diamonds)) == (2, 1)
    small, large = (float(dot.get("r") or 0) for dot in dots)
    assert small < large
    assert "First candidate: 9 promised 95.0%, kept 95.0%" in svg
    legend = reliability_legend(first, known)
    assert "0.120" in legend and "0.034" in legend


def test_a_range_is_told_and_drawn() -> None:
    svg = range_bar(0.5, (0.25, 0.75))
    root = ElementTree.fromstring(svg)
    assert root.get("aria-label") == "50.0%, 25.0% to 75.0%"
    [dot], [reach] = marks(svg, "dot"), marks(svg, "reach")
    left, right = (float(place) for place in re.findall(r"M([\d.]+) 11 H([\d.]+)", reach.get("d") or "")[0])
    assert left < right and float(dot.get("cx") or 0) == pytest.approx((left + right) / 2)


def test_pictures_come_from_the_query_and_the_catalog(tiny_catalog: Path, drawn: Drawn, tmp_path: Path) -> None:
    query = drawn.save(drawn.picture(SKUS[0], 5, side=900), tmp_path / "q.png")
    with Catalog.open(tiny_catalog / current_version(tiny_catalog) / "catalog.sqlite") as catalog:
        answered, own = catalog.references(SKUS[1])[0].id, catalog.references(SKUS[0])
        cases = [
            Confusion(SKUS[0], SKUS[1], 1, 0, 0.5, query, answered, own[1].id),
            Confusion(SKUS[0], SKUS[1], 1, 0, 0.5, tmp_path / "gone.png", answered, None),
            Confusion(WITHOUT_PHOTO, SKUS[1], 1, 0, 0.5, query, answered, None),
            Confusion("", SKUS[1], 1, 0, 0.5, query, 0, None),
        ]
        near, gone, bare, stranger = pictures_of(catalog, cases)
        assert (near.answered, near.right) == (catalog.thumbnail(answered), catalog.thumbnail(own[1].id))
        assert gone.right == catalog.thumbnail(own[0].id)
    assert near.query is not None
    assert cv2.imdecode(np.frombuffer(near.query, np.uint8), cv2.IMREAD_COLOR).shape == (384, 384, 3)
    assert (near.answered_name, near.right_name) == ("Basil crackers", "Acorn crackers")
    assert gone.query is None
    assert (bare.right, bare.right_name) == (None, "Nophoto crackers")
    assert (stranger.right, stranger.right_name, stranger.answered) == (None, "", None)


def test_the_command_writes_the_page(
    tiny_catalog: Path, drawn: Drawn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for sku in SKUS[:3]:
        drawn.save(drawn.picture(sku, 5), tmp_path / f"{sku}.png")
    rows = [f"{SKUS[0]}.png,{SKUS[0]}", f"{SKUS[1]}.png,{SKUS[2]}", f"{SKUS[2]}.png,"]
    (tmp_path / "queries.csv").write_text("\n".join(["path,sku", *rows]) + "\n")
    options = ["eval", "--provider", "cpu", "--threads", "1", "--catalog", str(tiny_catalog)]
    options += ["--queries", str(tmp_path / "queries.csv")]
    file = tmp_path / "page.html"
    assert main([*options, "--html", str(file)]) == 0
    printed = capsys.readouterr().out
    assert f"{SKUS[2]:22} {SKUS[1]:22}" in printed and f"a stranger             {SKUS[2]}" in printed
    read = Reader(file.read_text(encoding="utf-8"))
    assert f"{SKUS[2]} taken for {SKUS[1]}" in read.words and f"Stranger taken for {SKUS[2]}" in read.words
    for _, value in (one for one in read.attributes if one[0] == "src"):
        assert value is not None
        jpeg = base64.b64decode(value.removeprefix("data:image/jpeg;base64,"), validate=True)
        assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) is not None
    assert list(tmp_path.glob("*.html")) == [file] and not list(tmp_path.glob(".*"))
    assert main([*options, "--html", str(tmp_path / "no such folder" / "page.html")]) == 2
    told = capsys.readouterr()
    assert "cannot be written" in told.err and "top1" in told.out  # the figures are not lost
    assert main([*options, "--html", str(tmp_path)]) == 2
    assert "is a directory" in capsys.readouterr().err


def test_many_confusions_are_cut_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.cli import eval_command

    measured: Evaluation = summary([asked(f"S{number}", 0.9, ("A", 0.8)) for number in range(14)])
    lines = eval_command._lines(measured)
    assert lines[-1] == "and 4 more; --json has all, --html the pictures"
    assert sum(line.startswith("S") for line in lines) == 10
