"""How well real photos are recognised: encoders, variants, ways to ask, verdicts, in one table.

    python -m benchmarks.recognition --grocery DIR [--clothing DIR] [--twin FOLDER] [--encoder NAME=FOLDER] ...
    python -m benchmarks.recognition --quick

Catalogs are built from scratch by the real build, from the Grocery Store Dataset: `natural` holds its train photos,
`iconic` one studio picture a product; its validation photos ask and photos of clothes are the strangers. `--twin` is an
encoder whose training left 16 products out (`skulens train --hold-out 16`): what is recognised of products that no
training saw. `--quick` does the same on the bundled demo and needs no data, no extra and a minute or two.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.recognition_catalog import RememberingEncoder, Stored, fresh_catalog, means
from benchmarks.recognition_encoders import IMAGENET, SHIPPED, Entrant, adapted, encoder_of, given, imagenet, shipped
from benchmarks.recognition_figures import Accuracy, GalleryFigures, Recognition, Row, Separation
from benchmarks.recognition_measures import ask, gallery_figures, left_out_products, unseen
from benchmarks.recognition_shop import GALLERIES, Shop, demo_shop, grocery_shop
from benchmarks.recognition_strategies import FRAME, POOLED, Scores, filmed, lookup_scores, others, plain, ranks, views
from benchmarks.recognition_table import tables
from engine.config import Settings
from engine.encoder import Encoder
from engine.encoder_info import VariantName
from engine.generation import Generation
from engine.lookup import Lookup
from engine.overlay import calibration_of
from engine.records import Vectors
from engine.storage import write_whole

VARIANTS: tuple[VariantName, ...] = ("float32", "float16", "int8")
QUICK_VARIANTS: tuple[VariantName, ...] = ("float32", "int8")


@dataclass
class _Queries:
    """A shop's queries as one encoder sees them; frames only where they are wanted."""

    whole: Vectors
    region: Vectors
    frames: tuple[Vectors, Vectors] | None

    @classmethod
    def of(cls, encoder: Encoder, shop: Shop, frames: bool) -> _Queries:
        paths = [query.path for query in shop.known]
        return cls(*views(encoder, paths), filmed(encoder, paths) if frames else None)

    def scores(self, stored: Stored) -> dict[str, Scores]:
        """By each way to ask."""
        found = {
            **plain(stored.photos, self.whole, self.region),
            **others(stored.photos, self.whole, self.region),
        }
        for name, frames in zip((FRAME, POOLED), self.frames or (), strict=False):
            found[name] = lookup_scores(stored.photos, frames)
        return found


def measure(shop: Shop, entrants: list[Entrant], work: Path, notes: list[str]) -> Recognition:
    """Build, adapt where it is asked for, and measure. Raises EngineError."""
    rows = []
    for entrant in entrants:
        with _loaded(entrant.folder) as encoder:
            home = work / "catalogs" / f"{encoder.info.id}-{encoder.choice.variant}"
            catalogs = {}
            for gallery in GALLERIES:
                say(f"{entrant.name}, {entrant.variant}: building {gallery}")
                catalogs[gallery] = fresh_catalog(shop.sources[gallery], home / gallery, entrant.folder, gallery)
            say(f"{entrant.name}, {entrant.variant}: asking")
            rows.append(_row(entrant, encoder, shop, catalogs))
            say(_first_places(rows[-1]))
        if not entrant.adapt:
            continue
        changed = {}
        for gallery, catalog in catalogs.items():
            say(f"{entrant.name}: adapting {gallery}")
            copy, told = adapted(catalog, entrant)
            notes.append(f"{entrant.name} after adapt, {gallery}: {told}.")
            if copy is not None:
                changed[gallery] = copy
        if changed:
            rows.append(_adapted_row(entrant, shop, changed))
            say(_first_places(rows[-1]))
    packaged = bool(shop.packaged & shop.left_out) and not shop.never_trained_on
    return Recognition(shop.name, len(shop.known), len(shop.strangers), packaged, rows, notes)


def _row(entrant: Entrant, encoder: Encoder, shop: Shop, catalogs: dict[str, Path]) -> Row:
    queries = _Queries.of(encoder, shop, entrant.filmed)
    found: dict[str, GalleryFigures] = {}
    stored: dict[str, Stored] = {}
    for gallery, catalog in catalogs.items():
        found[gallery], stored[gallery] = _gallery(catalog, entrant, encoder, shop, queries)
    return Row(
        entrant.name,
        encoder.choice.variant,
        encoder.info.id,
        found,
        unseen(stored, shop) if entrant.unseen and set(GALLERIES) <= stored.keys() else None,
    )


def _first_places(row: Row) -> str:
    """A row in a line, so that a long run tells what it has."""
    top1 = {gallery: figures.accuracy.top1 for gallery, figures in row.galleries.items()}
    told = ", ".join(f"{gallery} {share.value:.1%}" for gallery, share in top1.items() if share)
    return f"{row.encoder}, {row.variant}: right product first {told}"


def _adapted_row(entrant: Entrant, shop: Shop, catalogs: dict[str, Path]) -> Row:
    """Each catalog has an encoder of its own now; it has learnt the left-out products, so nothing is unseen."""
    found, identities, variant = {}, [], ""
    for gallery, catalog in catalogs.items():
        with _loaded(encoder_of(catalog, entrant)) as encoder:
            queries = _Queries.of(encoder, shop, frames=False)
            found[gallery], _ = _gallery(catalog, entrant, encoder, shop, queries)
            identities.append(encoder.info.id)
            variant = encoder.choice.variant
    return Row(f"{entrant.name}, adapted", variant, " ".join(identities), found)


def _gallery(
    catalog: Path, entrant: Entrant, encoder: Encoder, shop: Shop, queries: _Queries
) -> tuple[GalleryFigures, Stored]:
    with Generation.open_current(catalog, [entrant.folder]) as generation:
        lookup = Lookup(generation, encoder, Settings(provider="cpu"))
        with closing(lookup.stock):
            answers = ask(lookup, shop)
        stored, calibration = Stored.of(generation.catalog), calibration_of(generation)
    skus = [query.sku for query in shop.known]
    apart = Separation.of(*left_out_products(stored, calibration, means(queries.whole, queries.region), skus))
    truth = stored.columns(skus)
    strategies = {way: Accuracy.of(ranks(scores, truth)) for way, scores in queries.scores(stored).items()}
    return gallery_figures(answers, apart, strategies), stored


@contextmanager
def _loaded(folder: Path) -> Iterator[Encoder]:
    with Encoder.load(folder, provider="cpu") as encoder:
        yield RememberingEncoder(encoder)


def entrants(asked: argparse.Namespace, shop: Shop, work: Path, notes: list[str]) -> list[Entrant]:
    """The encoders that were asked for, in the order of the table. Raises EncoderError."""
    wanted = set(asked.only or ())
    found: list[Entrant] = []
    if shop.fitting is not None and (not wanted or IMAGENET in wanted):
        made = imagenet(work, shop.fitting, say)
        if isinstance(made, str):
            notes.append(made)
        else:
            found.append(made)
    elif shop.fitting is None:
        notes.append(f"{IMAGENET} and adapted encoders: not in a quick run.")
    if shop.never_trained_on:
        notes.append("No training saw any of these products: all are unseen.")
    if not wanted or SHIPPED in wanted:
        variants = QUICK_VARIANTS if asked.quick else VARIANTS
        found += shipped(work, adapt=not asked.quick, variants=variants)
    found += [given(*named(text, "given"), unseen=False) for text in asked.encoder]
    found += [given(*named(text, "twin, 16 products left out"), unseen=True) for text in asked.twin]
    if not asked.twin and not shop.never_trained_on:
        notes.append("No --twin: the shipped encoder has trained on all of these products, so none is unseen.")
    return found


def named(text: str, otherwise: str) -> tuple[str, Path]:
    """NAME=FOLDER or FOLDER."""
    name, equals, folder = text.partition("=")
    return (name, Path(folder)) if equals else (otherwise, Path(text))


def say(line: str) -> None:
    """Progress, for whoever waits."""
    print(line, file=sys.stderr, flush=True)


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    photos = found.add_mutually_exclusive_group(required=True)
    photos.add_argument("--grocery", type=Path, help="folder of the Grocery Store Dataset")
    photos.add_argument("--quick", action="store_true", help="the bundled demo and its samples instead")
    found.add_argument("--clothing", type=Path, help="folder of photos that are not in the catalog")
    found.add_argument("--encoder", action="append", default=[], metavar="NAME=FOLDER", help="one more; may come again")
    found.add_argument("--twin", action="append", default=[], metavar="[NAME=]FOLDER", help="left products out")
    found.add_argument("--only", nargs="+", metavar="NAME", choices=[IMAGENET, SHIPPED, "given"])
    found.add_argument("--work", type=Path, help="keeps encoded photos and the ImageNet encoder for the next run")
    found.add_argument("--json", type=Path, metavar="FILE", help="all figures too; - prints them instead of the table")
    found.add_argument(
        "--risk-coverage", type=Path, metavar="SVG", help="a picture: risk over coverage, shipped encoder"
    )
    return found


def main() -> None:
    asked = parser().parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work: Path = asked.work or Path(scratch)
        shop = demo_shop(work) if asked.quick else grocery_shop(asked.grocery, asked.clothing, work)
        notes: list[str] = []
        found = measure(shop, entrants(asked, shop, work, notes), work, notes)
    figures = json.dumps(asdict(found), indent=1) + "\n"
    print(figures if asked.json == Path("-") else tables(found), end="")
    if asked.json and asked.json != Path("-"):
        write_whole(asked.json, figures.encode())
    if asked.risk_coverage:
        from benchmarks.risk_picture import picture

        write_whole(asked.risk_coverage, picture(found).encode())


if __name__ == "__main__":
    main()
