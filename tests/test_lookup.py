from __future__ import annotations

import dataclasses
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from conftest import SKUS, WITHOUT_PHOTO, Drawn
from numpy.typing import NDArray

from engine.config import Settings
from engine.encoder import Encoder
from engine.errors import (
    CatalogDamaged,
    CatalogEncoderMismatch,
    CatalogMissing,
    EngineError,
    ImageEmpty,
    ImageIsFolder,
    ImageNotFound,
    ImageUnreadable,
)
from engine.generation import Generation, activate, current_version
from engine.generation_build import new_generation
from engine.lookup import (
    NO_REFERENCE,
    NO_SIMILARITY,
    Lookup,
    age_remark,
    open_lookup,
    stock_remark,
)
from engine.matching import Owners, rank
from engine.overlay import calibration_of
from engine.pictures_ahead import AHEAD, BATCH
from engine.records import Degraded, LookupResult, Product, Region, StockLevel, Verdict
from engine.stock import write_stock
from engine.verdict import Calibration, known_probability
from engine.views import blend

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def lookup(tiny_catalog: Path) -> Iterator[Lookup]:
    with open_lookup(tiny_catalog, Settings(provider="cpu", threads=1)) as opened:
        yield opened


def skus(result: LookupResult) -> list[str]:
    return [candidate.product.sku for candidate in result.candidates]


def test_a_product_is_found_in_a_view_that_the_catalog_does_not_have(lookup: Lookup, drawn: Drawn) -> None:
    found = [skus(lookup.look_up(drawn.picture(sku, 5)))[0] for sku in SKUS]
    right = sum(one.split("-")[0] == sku.split("-")[0] for one, sku in zip(found, SKUS, strict=True))
    assert right >= len(SKUS) - 1


def test_the_answer_keeps_its_promises(lookup: Lookup, drawn: Drawn) -> None:
    result = lookup.look_up(drawn.picture("ACORN", 5), top=4)
    probabilities = [candidate.probability for candidate in result.candidates]
    similarities = [candidate.similarity for candidate in result.candidates]
    assert len(set(skus(result))) == 4
    assert probabilities == sorted(probabilities, reverse=True)
    assert similarities == sorted(similarities, reverse=True)
    assert sum(probabilities) <= result.known + 1e-9 <= 1 + 1e-9
    assert result.generation == "000001"
    assert set(result.timings_ms) == {"decode", "prepare", "encode", "search", "read", "total"}
    steps = sum(ms for step, ms in result.timings_ms.items() if step != "total")
    assert 0 < steps <= result.timings_ms["total"]
    references = lookup.generation.catalog.references(skus(result)[0])
    assert result.candidates[0].reference_id in {reference.id for reference in references}
    assert {level.location for level in result.candidates[0].stock} == {"shop", "store room"}


def test_the_similarity_is_the_cosine_of_the_best_reference(lookup: Lookup, drawn: Drawn) -> None:
    picture = drawn.picture("FJORD", 6)
    result = lookup.look_up(picture, Region(0.1, 0.1, 0.8, 0.8))
    from engine.image import crop, prepare

    batch = prepare([crop(picture, Region(0.1, 0.1, 0.8, 0.8))], lookup.encoder.info.input)
    query = lookup.encoder.encode(batch).embeddings[0]
    labels, vectors = lookup.generation.catalog.vectors()
    _, products, references = lookup.generation.catalog.owners()
    cosines = vectors @ query
    for candidate in result.candidates:
        product_id = products[references == candidate.reference_id][0]
        assert candidate.similarity == pytest.approx(float(cosines[products == product_id].max()), abs=1e-5)
        assert candidate.distance == pytest.approx(np.sqrt(2 - 2 * candidate.similarity), abs=1e-6)
    assert len(labels) == len(cosines)


def test_whether_an_item_is_known_is_asked_of_the_leading_numbers(lookup: Lookup, drawn: Drawn) -> None:
    calibration = calibration_of(lookup.generation)
    assert calibration.leading == lookup.encoder.info.leading == 128
    picture = drawn.picture("FJORD", 6)
    result = lookup.look_up(picture, top=len(SKUS))
    assert result.query is not None
    _, vectors = lookup.generation.catalog.vectors()
    cut = vectors[int((vectors @ result.query.embedding).argmax()), :128]
    asked = result.query.embedding[:128]
    closeness = float(cut @ asked / np.linalg.norm(cut) / np.linalg.norm(asked))
    similarities = np.array([candidate.similarity for candidate in result.candidates])
    assert result.known == pytest.approx(known_probability(similarities, calibration, closeness), abs=1e-4)
    assert abs(result.known - known_probability(similarities, calibration)) > 1e-4


def test_near_twins_are_ambiguous_and_a_stranger_is_unknown(lookup: Lookup, drawn: Drawn) -> None:
    for sku in ("TWIN-MINT", "TWIN-LIME"):
        result = lookup.look_up(drawn.picture(sku, 6))
        assert result.verdict is Verdict.AMBIGUOUS
        assert set(skus(result)[:2]) == {"TWIN-MINT", "TWIN-LIME"}
    verdicts = [lookup.look_up(drawn.stranger(number)).verdict for number in range(8)]
    assert verdicts == [Verdict.UNKNOWN] * 8


def test_candidates_are_as_many_as_asked_or_as_there_are(lookup: Lookup, drawn: Drawn) -> None:
    picture = drawn.picture("BASIL", 4)
    for top in (1, 3, 15, 50):
        found = skus(lookup.look_up(picture, top=top))
        assert len(found) == len(set(found)) == min(top, len(SKUS) + 1)
    last = lookup.look_up(picture, top=50).candidates[-1]
    assert last.product.sku == WITHOUT_PHOTO
    assert (last.probability, last.similarity, last.reference_id) == (0.0, NO_SIMILARITY, NO_REFERENCE)


def test_a_drawn_region_wins(lookup: Lookup, drawn: Drawn) -> None:
    both = np.hstack([drawn.picture("CEDAR", 5), drawn.picture("GROVE", 5)])
    left, right = Region(0.0, 0.0, 0.5, 1.0), Region(0.5, 0.0, 0.5, 1.0)
    for look in (
        lambda region: lookup.look_up(both, region),
        lambda region: lookup.look_up_live(both, None, drawn=region),
    ):
        one, other = look(left), look(right)
        assert (skus(one)[0], one.region) == ("CEDAR", left)
        assert (skus(other)[0], other.region) == ("GROVE", right)


def test_the_live_view_follows_the_item(lookup: Lookup, drawn: Drawn) -> None:
    frame = drawn.picture("HAZEL", 5)
    first = lookup.look_up_live(frame)
    second = lookup.look_up_live(frame, first.region)
    assert skus(first)[0] == skus(second)[0] == "HAZEL"
    assert dataclasses.astuple(second.region) == pytest.approx(dataclasses.astuple(first.region), abs=1e-4)
    assert second.candidates[0].similarity == pytest.approx(first.candidates[0].similarity, abs=0.02)


def test_many_files_come_in_order_with_the_errors_in_their_places(lookup: Lookup, drawn: Drawn, tmp_path: Path) -> None:
    paths = [drawn.save(drawn.picture(sku, 5), tmp_path / f"{sku} 一.jpg") for sku in SKUS]
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("no picture")
    paths[3:3] = [tmp_path / "empty.jpg", tmp_path / "missing.jpg"]
    paths += [tmp_path / "text.jpg", tmp_path, paths[0]]
    answers = list(lookup.look_up_many(paths, top=3))
    assert [path for path, _ in answers] == paths
    errors = {path.name: type(answer) for path, answer in answers if isinstance(answer, EngineError)}
    assert errors == {
        "empty.jpg": ImageEmpty,
        "missing.jpg": ImageNotFound,
        "text.jpg": ImageUnreadable,
        tmp_path.name: ImageIsFolder,
    }
    for path, answer in answers:
        if isinstance(answer, LookupResult):
            alone = lookup.look_up_file(path, top=3)
            assert skus(answer) == skus(alone)
            assert answer.known == pytest.approx(alone.known, abs=1e-3)
            assert answer.verdict is alone.verdict
            assert sum(ms for step, ms in answer.timings_ms.items() if step != "total") <= answer.timings_ms["total"]


def test_a_stream_is_answered_before_it_ends_and_never_read_far_ahead(
    lookup: Lookup, drawn: Drawn, tmp_path: Path
) -> None:
    path = drawn.save(drawn.picture("IRIS", 5), tmp_path / "iris.png")
    more = threading.Event()
    taken = 0

    def stream() -> Iterator[Path]:
        nonlocal taken
        yield path
        assert more.wait(30)  # nothing more comes until the first is answered
        for _ in range(200):
            taken += 1
            yield path

    answers = lookup.look_up_many(stream(), top=1)
    assert isinstance(next(answers)[1], LookupResult)
    more.set()
    next(answers)
    time.sleep(0.2)
    assert taken <= BATCH + AHEAD + 2
    answers.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 10
    while any(thread.name == "paths" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_an_error_of_the_stream_itself_is_not_swallowed(lookup: Lookup, tmp_path: Path) -> None:
    def stream() -> Iterator[Path]:
        yield tmp_path / "missing.jpg"
        raise OSError("the pipe broke")

    answers = lookup.look_up_many(stream())
    assert isinstance(next(answers)[1], ImageNotFound)
    with pytest.raises(OSError, match="pipe broke"):
        next(answers)


def test_no_paths_no_answers(lookup: Lookup) -> None:
    assert list(lookup.look_up_many([])) == []


def test_several_threads_get_the_same_answer(lookup: Lookup, drawn: Drawn) -> None:
    pictures = [drawn.picture(sku, 5) for sku in SKUS[:4]]
    alone = [skus(lookup.look_up(picture)) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda picture: skus(lookup.look_up(picture)), pictures * 3))
    assert together == alone * 3


def test_what_degrades_is_said(own_catalog: Path, drawn: Drawn) -> None:
    now = datetime.now(UTC)
    picture = drawn.picture("JADE", 0)
    settings = Settings(provider="cpu", threads=1, catalog_old_after_s=10_000_000_000)
    write_stock(own_catalog, [("JADE", StockLevel("shop", 1, now))])
    with open_lookup(own_catalog, settings) as lookup:
        assert lookup.look_up(picture).degraded == ()
        dark = lookup.look_up((picture // 8).astype(np.uint8))
        assert Degraded.DARK in dark.degraded
        write_stock(own_catalog, [("JADE", StockLevel("shop", 1, now - timedelta(days=2)))])
        assert lookup.look_up(picture).degraded == (Degraded.STOCK_STALE,)
        write_stock(own_catalog, [])
        assert lookup.look_up(picture).degraded == (Degraded.STOCK_MISSING,)
        stranger = lookup.look_up(drawn.stranger(3))
        assert stranger.verdict is Verdict.UNKNOWN
        assert Degraded.STOCK_MISSING not in stranger.degraded


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        (None, ()),
        ([], (Degraded.STOCK_MISSING,)),
        ([NOW - timedelta(hours=3)], ()),
        ([NOW - timedelta(hours=5)], (Degraded.STOCK_STALE,)),
        ([NOW, NOW - timedelta(hours=5)], (Degraded.STOCK_STALE,)),
        ([None], (Degraded.STOCK_STALE,)),
        ([NOW + timedelta(minutes=10)], ()),
        ([NOW + timedelta(days=10)], (Degraded.STOCK_STALE,)),
    ],
)
def test_stock_without_a_believable_age_is_stale(
    levels: list[datetime | None] | None, said: tuple[Degraded, ...]
) -> None:
    rows = None if levels is None else [StockLevel("shop", 1, moment) for moment in levels]
    assert stock_remark(rows, NOW, 4 * 3600) == said


def test_a_catalog_is_old_after_its_time_and_not_when_the_clock_is_wrong() -> None:
    assert age_remark(NOW - timedelta(days=2), NOW, 3 * 86_400) == ()
    assert age_remark(NOW - timedelta(days=4), NOW, 3 * 86_400) == (Degraded.CATALOG_OLD,)
    assert age_remark(NOW + timedelta(days=400), NOW, 3 * 86_400) == ()


def test_a_gpu_that_fails_is_said_and_none_at_all_is_not(tiny_catalog: Path, encoder: Encoder, drawn: Drawn) -> None:
    broken = Encoder(encoder.folder, encoder.info, replace(encoder.choice, gpu_failed=True), encoder._session)
    with Generation.open_current(tiny_catalog) as generation:
        remarks = Lookup(generation, broken).look_up(drawn.picture("KELP")).degraded
        assert Degraded.GPU_NOT_USED in remarks
        remarks = Lookup(generation, encoder).look_up(drawn.picture("KELP")).degraded
        assert Degraded.GPU_NOT_USED not in remarks


def test_another_encoder_is_refused(tiny_catalog: Path, encoder: Encoder) -> None:
    other = Encoder(encoder.folder, encoder.info.model_copy(update={"id": "0" * 32}), encoder.choice, encoder._session)
    with Generation.open_current(tiny_catalog) as generation, pytest.raises(CatalogEncoderMismatch) as caught:
        Lookup(generation, other)
    assert caught.value.fields["found"] == "0" * 32


def test_no_catalog_and_a_calibration_without_sense(tmp_path: Path, encoder: Encoder, drawn: Drawn) -> None:
    with pytest.raises(CatalogMissing):
        open_lookup(tmp_path / "nowhere")
    sealed(tmp_path, encoder, 3, {"temperature": -1.0})
    with pytest.raises(CatalogDamaged, match="calibration"):
        open_lookup(tmp_path, Settings(provider="cpu", threads=1))


def sealed(folder: Path, encoder: Encoder, products: int, calibration: dict[str, float], photos: int = 1) -> None:
    """A catalog with drawn vectors, made through the real writers."""
    rng = np.random.default_rng(0)
    with new_generation(folder) as new:
        with new.catalog_writer() as writer:
            for number in range(products):
                product = writer.add_product(Product(f"P{number:04d}", f"Product {number}"))
                for photo in range(photos):
                    reference = writer.add_reference(product, f"{number}/{photo}.jpg", "0" * 64, 9, 9, b"jpeg")
                    writer.add_vector(reference, "whole", unit(rng.normal(size=encoder.info.dimension)))
        new.build_index(threads=1)
        manifest = new.seal(
            name="drawn", encoder_id=encoder.info.id, dimension=encoder.info.dimension, calibration=calibration
        )
    activate(folder, manifest.version)
    write_stock(folder, [])


def unit(vector: NDArray[np.floating]) -> NDArray[np.float32]:
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def test_products_with_many_photos_do_not_crowd_the_others_out(tmp_path: Path, encoder: Encoder, drawn: Drawn) -> None:
    sealed(tmp_path, encoder, 6, Calibration().to_dict(), photos=150)
    with open_lookup(tmp_path, Settings(provider="cpu", threads=1)) as lookup:
        assert len(set(skus(lookup.look_up(drawn.picture("DUNE"), top=6)))) == 6


def test_one_product_is_enough(tmp_path: Path, encoder: Encoder, drawn: Drawn) -> None:
    sealed(tmp_path, encoder, 1, {})
    with open_lookup(tmp_path, Settings(provider="cpu", threads=1)) as lookup:
        result = lookup.look_up(drawn.picture("DUNE"))
    assert skus(result) == ["P0000"]
    assert result.verdict is Verdict.UNKNOWN


def test_a_closed_lookup_lets_the_folder_go(own_catalog: Path) -> None:
    lookup = open_lookup(own_catalog, Settings(provider="cpu", threads=1))
    version = current_version(own_catalog)
    lookup.close()
    shutil.rmtree(own_catalog / version)
    with pytest.raises(CatalogDamaged):
        open_lookup(own_catalog)


def test_ranking_agrees_with_a_naive_one() -> None:
    rng = np.random.default_rng(5)
    products, references = rng.integers(1, 9, 60), rng.integers(1, 30, 60)
    cosines = rng.choice(np.linspace(-1, 1, 12), 60).astype(np.float32)
    ranking = rank(products.astype(np.int64), references.astype(np.int64), cosines)
    naive = sorted((-max(cosines[products == one]), one) for one in np.unique(products))
    assert ranking.products.tolist() == [one for _, one in naive]
    assert ranking.similarities.tolist() == pytest.approx([-cosine for cosine, _ in naive])
    for product, reference, cosine in zip(ranking.products, ranking.references, ranking.similarities, strict=True):
        assert cosine in cosines[(products == product) & (references == reference)]


def test_a_label_without_an_owner_is_a_bug() -> None:
    owners = Owners(np.array([5, 2]), np.array([50, 20]), np.array([500, 200]))
    assert [part.tolist() for part in owners.of(np.array([2, 5, 2]))] == [[20, 50, 20], [200, 500, 200]]
    assert owners.product_count == 2
    for wrong in (1, 3, 9):
        with pytest.raises(ValueError, match="label"):
            owners.of(np.array([2, wrong]))


def test_the_blend_of_views_has_length_one() -> None:
    rows = np.array([[1, 0], [0, 1]], np.float32)
    assert blend(rows) == pytest.approx([0.7071, 0.7071], abs=1e-4)
    assert blend(np.array([[1, 0], [-1, 0]], np.float32)).tolist() == [1, 0]
