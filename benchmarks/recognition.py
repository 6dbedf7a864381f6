"""How well a catalog recognises real photos, with whole views and with the item's region.

    python -m benchmarks.recognition --grocery DIR [--clothing DIR] [--work DIR] [--json FILE]

Two galleries of the Grocery Store Dataset: `natural` (its train photos) and `iconic` (one studio picture of each
product). Queries are its validation photos; photos of clothes play the strangers. Verdicts are the real lookup's.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.grocery_source import Gallery, validation_queries, write_source
from engine.config import Settings
from engine.encoder import Encoder
from engine.generation import current_version
from engine.image import crop, prepare, read_picture
from engine.ingest.build import build_catalog
from engine.lookup import Lookup, open_lookup
from engine.records import Labels, Vectors, Verdict
from engine.region import salient_region

#: Strangers are a sample of this size, always the same.
STRANGERS = 200


def measure(grocery: Path, clothing: Path | None, work: Path, gallery: Gallery) -> dict[str, object]:
    """Build the gallery's catalog under `work` (once), look all queries up, and sum up."""
    folder = work / f"catalog-{gallery}"
    with Encoder.load(provider="cpu") as encoder:
        build_catalog(write_source(grocery, work / f"source-{gallery}", gallery), folder, encoder, name=gallery)
    queries = validation_queries(grocery)
    strangers = sorted(clothing.rglob("*.jpg")) if clothing else []
    chosen = np.random.default_rng(0).permutation(len(strangers))[:STRANGERS]
    with open_lookup(folder, Settings(provider="cpu")) as lookup:
        known = _answers(lookup, queries)
        strange = _answers(lookup, [(strangers[place], "") for place in chosen])
        strategies = _strategies(lookup, queries)
        calibration = lookup.generation.manifest.calibration
    matches = [row for row in known + strange if row[0] is Verdict.MATCH]
    return {
        "version": current_version(folder),
        "queries": len(known),
        "top1": float(np.mean([row[1] == 0 for row in known])),
        "top5": float(np.mean([row[1] < 5 for row in known])),
        "verdicts_known": _shares(known),
        "verdicts_strangers": _shares(strange),
        "matches": len(matches),
        "wrong_match_rate": float(np.mean([row[1] != 0 for row in matches])) if matches else 0.0,
        "strategies_top1_top5": strategies,
        "calibration": calibration,
    }


def _answers(lookup: Lookup, queries: list[tuple[Path, str]]) -> list[tuple[Verdict, int]]:
    """Verdict and rank (5 if not among the candidates) of each query."""
    rows = []
    for path, sku in queries:
        result = lookup.look_up_file(path, 5)
        skus = [candidate.product.sku for candidate in result.candidates]
        rows.append((result.verdict, skus.index(sku) if sku in skus else 5))
    return rows


def _shares(rows: list[tuple[Verdict, int]]) -> dict[str, float]:
    counts = Counter(row[0] for row in rows)
    return {verdict.value: counts[verdict] / len(rows) for verdict in Verdict} if rows else {}


def _strategies(lookup: Lookup, queries: list[tuple[Path, str]]) -> dict[str, tuple[float, float]]:
    """Top-1 and top-5 of ways to put the views together; the lookup's is `mean embedding against both`."""
    catalog = lookup.generation.catalog
    _, vectors = catalog.vectors()
    views = np.array(catalog.views())
    _, products, references = catalog.owners()
    skus = {sku: catalog_id for catalog_id, sku in _skus(lookup).items()}
    truth = np.array([skus[sku] for _, sku in queries])
    seen = [_both_views(lookup.encoder, path) for path, _ in queries]
    whole, region = np.stack([one[0] for one in seen]), np.stack([one[1] for one in seen])
    stored_whole, stored_region = views == "whole", views == "region"
    blended, blended_products = _blended(vectors, products, references)

    def best(cosines: NDArray[np.floating], owners: Labels) -> NDArray[np.floating]:
        ids = np.unique(products)
        return np.stack([cosines[:, owners == one].max(axis=1, initial=-1) for one in ids], axis=1)

    cosines = {"whole": whole @ vectors.T, "region": region @ vectors.T}
    either = np.maximum(cosines["whole"], cosines["region"])
    mean_query = _unit(whole + region)
    scores = {
        "whole only": best(cosines["whole"][:, stored_whole], products[stored_whole]),
        "region only": best(cosines["region"][:, stored_region], products[stored_region]),
        "whole against both": best(cosines["whole"], products),
        "region against both": best(cosines["region"], products),
        "max": best(either, products),
        "sum of products' bests": np.add(best(cosines["whole"], products), best(cosines["region"], products)),
        "mean of cosines": best((cosines["whole"] + cosines["region"]) / 2, products),
        "mean embedding against both": best(mean_query @ vectors.T, products),
        "mean embedding against means": best(mean_query @ blended.T, blended_products),
    }
    ids = np.unique(products)
    ranks = {name: ids[np.argsort(-score, axis=1, kind="stable")] for name, score in scores.items()}
    return {
        name: (float(np.mean(order[:, 0] == truth)), float(np.mean((order[:, :5] == truth[:, None]).any(axis=1))))
        for name, order in ranks.items()
    }


def _both_views(encoder: Encoder, path: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    picture = read_picture(path)
    seen = encoder.encode(prepare([picture], encoder.info.input))
    region = salient_region(seen.saliency[0], (picture.shape[0], picture.shape[1]), encoder.info.input)
    closer = encoder.encode(prepare([crop(picture, region)], encoder.info.input))
    return seen.embeddings[0], closer.embeddings[0]


def _skus(lookup: Lookup) -> dict[int, str]:
    ids = np.unique(lookup.generation.catalog.owners()[1]).tolist()
    return dict(zip(ids, (one.sku for one in lookup.generation.catalog.products_by_id(ids)), strict=True))


def _blended(vectors: Vectors, products: Labels, references: Labels) -> tuple[Vectors, Labels]:
    """One vector a photo: the mean of its views, to length 1."""
    ids, first = np.unique(references, return_index=True)
    return _unit(np.stack([vectors[references == one].sum(axis=0) for one in ids])), products[first]


def _unit(rows: Vectors) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--grocery", type=Path, required=True, help="folder of the Grocery Store Dataset")
    parser.add_argument("--clothing", type=Path, help="folder of photos that are not in the catalog")
    parser.add_argument("--work", type=Path, help="keeps the catalogs for the next run")
    parser.add_argument("--gallery", choices=["natural", "iconic", "both"], default="both")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    galleries: list[Gallery] = ["natural", "iconic"] if asked.gallery == "both" else [asked.gallery]
    with tempfile.TemporaryDirectory() as scratch:
        found = {one: measure(asked.grocery, asked.clothing, asked.work or Path(scratch), one) for one in galleries}
    text = json.dumps(found, indent=1)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
