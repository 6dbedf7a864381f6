"""Confirmations and refusals over a real catalog, with the real encoder: they work at once, and can be taken back."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import SKUS, WITHOUT_PHOTO, Drawn
from numpy.typing import NDArray

from engine.config import Settings
from engine.encoder import Encoder
from engine.errors import CatalogBusy, CatalogDamaged, NotWritable, OverlayDamaged, UnknownFeedback, UnknownSku
from engine.generation import Generation, activate
from engine.generation_build import new_generation
from engine.image import decode_picture
from engine.lookup import NO_REFERENCE, Lookup, open_lookup
from engine.overlay import CROP_SIDE_PX, Overlay, calibration_of
from engine.overlay_file import FILE_NAME, Kind, OverlayFile
from engine.overlay_rules import CORROBORATION, SAME_VIEW, Reason, Standing, Status
from engine.records import WHOLE, LookupResult, Picture, Product, Region, Verdict
from engine.verdict import known_probability
from engine.views import Cost, see

SETTINGS = Settings(provider="cpu", threads=1)


@contextmanager
def opened(folder: Path, encoder: Encoder, settings: Settings = SETTINGS) -> Iterator[Lookup]:
    """A lookup over a folder with the session's encoder, which stays open."""
    with Generation.open_current(folder) as generation:
        lookup = Lookup(generation, encoder, settings)
        lookup.overlay.prepare(encoder)
        yield lookup
        lookup.stock.close()


@pytest.fixture
def lookup(own_catalog: Path, encoder: Encoder) -> Iterator[Lookup]:
    with opened(own_catalog, encoder) as found:
        yield found


def confirm(lookup: Lookup, sku: str, picture: Picture) -> Standing:
    return lookup.confirm(sku, lookup.look_up(picture), picture, "Ada")


def refuse(lookup: Lookup, sku: str, picture: Picture) -> Standing:
    return lookup.refuse(sku, lookup.look_up(picture), picture, "Ada")


def skus(result: LookupResult) -> list[str]:
    return [candidate.product.sku for candidate in result.candidates]


def same(one: LookupResult, other: LookupResult) -> bool:
    def told(result: LookupResult) -> list[tuple[str, float, float, int]]:
        return [(c.product.sku, c.probability, c.similarity, c.reference_id) for c in result.candidates]

    return told(one) == told(other) and (one.verdict, one.known) == (other.verdict, other.known)


def nudged(picture: Picture, by: int = 4) -> Picture:
    """Nearly the same view: a few pixels to the side."""
    return np.ascontiguousarray(np.roll(picture, by, axis=1))


def test_what_is_shared_of_a_confirmation_is_shared_of_its_closeness(lookup: Lookup, drawn: Drawn) -> None:
    """A confirmed view that is found again is known as its leading numbers say, less what its cosine lost."""
    calibration = calibration_of(lookup.generation)
    confirm(lookup, "ACORN", drawn.picture("ACORN", 5))
    seen_again = lookup.look_up(nudged(drawn.picture("ACORN", 5), 9), top=len(SKUS))
    first = seen_again.candidates[0]
    assert first.reference_id < NO_REFERENCE and seen_again.query is not None
    kept, asked = lookup.overlay.current().vectors[0], seen_again.query.embedding
    cut = kept[:128] @ asked[:128] / np.linalg.norm(kept[:128]) / np.linalg.norm(asked[:128])
    closeness = float(cut + first.similarity - kept @ asked)
    similarities = np.array([one.similarity for one in seen_again.candidates])
    assert seen_again.known == pytest.approx(known_probability(similarities, calibration, closeness), abs=1e-4)


def test_where_nothing_was_said_there_is_no_file(lookup: Lookup, own_catalog: Path, drawn: Drawn) -> None:
    assert lookup.look_up(drawn.picture("ACORN", 5)).candidates[0].reference_id > NO_REFERENCE
    assert lookup.overlay.current().empty and not (own_catalog / FILE_NAME).exists()
    assert lookup.overlay.snapshot().counts() == {"active": 0, "quarantined": 0, "parked": 0, "undone": 0}


def test_a_confirmed_twin_is_found_by_its_view_at_once_and_no_more_when_undone(lookup: Lookup, drawn: Drawn) -> None:
    picture = drawn.picture("TWIN-LIME", 6)
    before = lookup.look_up(picture)
    assert before.verdict is Verdict.AMBIGUOUS
    standing = confirm(lookup, "TWIN-LIME", picture)
    assert (standing.status, standing.feedback.who, standing.feedback.sku) == (Status.ACTIVE, "Ada", "TWIN-LIME")
    after = lookup.look_up(picture)
    best = after.candidates[0]
    assert (best.product.sku, best.reference_id) == ("TWIN-LIME", -standing.feedback.id)
    assert best.similarity == pytest.approx(1.0, abs=1e-3)
    assert best.probability > before.candidates[0].probability
    assert lookup.look_up(nudged(picture)).candidates[0].product.sku == "TWIN-LIME"
    lookup.overlay.undo(standing.feedback.id)
    assert same(lookup.look_up(picture), before)
    with pytest.raises(UnknownFeedback):
        lookup.overlay.undo(standing.feedback.id)


def test_the_photo_of_a_candidate_is_the_catalogs_or_what_was_confirmed(lookup: Lookup, drawn: Drawn) -> None:
    picture = drawn.picture("GROVE", 5)
    result = lookup.look_up(picture)
    known = result.candidates[0].reference_id
    assert lookup.photo(known) == lookup.generation.catalog.thumbnail(known)
    assert lookup.photo(NO_REFERENCE) == b""
    with pytest.raises(CatalogDamaged):
        lookup.photo(10_000)
    confirm(lookup, "GROVE", picture)
    shown = decode_picture(lookup.photo(lookup.look_up(picture).candidates[0].reference_id), "crop")
    side = result.region.width * picture.shape[1]
    assert shown.shape[0] == pytest.approx(side, abs=2) and max(shown.shape) <= CROP_SIDE_PX
    assert lookup.photo(-77) == b""


def test_confirmations_and_the_index_give_one_ranking(lookup: Lookup, drawn: Drawn) -> None:
    """The ranking is that of a brute-force search over all vectors, catalog's and confirmed."""
    for sku in SKUS[:6]:
        confirm(lookup, sku, drawn.picture(sku, 7))
    _, vectors = lookup.generation.catalog.vectors()
    _, products, _ = lookup.generation.catalog.owners()
    found = lookup.overlay.current()
    assert not found.quarantined.any()
    ids = lookup.generation.catalog.product_ids(SKUS)
    for sku in SKUS:
        result = lookup.look_up(drawn.picture(sku, 8), top=len(SKUS))
        assert result.query is not None
        photos, confirmed = vectors @ result.query.embedding, found.vectors @ result.query.embedding
        naive = {}
        for one, number in ids.items():
            best = float(photos[products == number].max())
            shares = [0.5 + 0.5 * min(1, max(0, (own - 0.8) / 0.1)) for own in confirmed]
            worth = [share * own + (1 - share) * best for share, own in zip(shares, confirmed, strict=True)]
            naive[one] = max([best, *np.array(worth)[found.products == number]])
        assert skus(result) == sorted(naive, key=lambda one: -naive[one])
        for candidate in result.candidates:
            assert candidate.similarity == pytest.approx(naive[candidate.product.sku], abs=1e-4)


def test_a_stranger_that_is_confirmed_is_quarantined_and_alone_never_gives_match(lookup: Lookup, drawn: Drawn) -> None:
    stranger = drawn.stranger(0)
    assert lookup.look_up(stranger).verdict is Verdict.UNKNOWN
    standing = confirm(lookup, "ACORN", stranger)
    assert (standing.status, standing.reason) == (Status.QUARANTINED, Reason.FAR)
    for view in (stranger, nudged(stranger), nudged(stranger, 9)):
        result = lookup.look_up(view)
        assert skus(result)[0] == "ACORN", "it brings the product among the candidates"
        assert result.verdict is Verdict.AMBIGUOUS
        assert result.candidates[0].probability < lookup.generation.manifest.calibration["match_at"]
        assert sum(candidate.probability for candidate in result.candidates) <= result.known
    assert lookup.overlay.teachable() == []
    confirm(lookup, "ACORN", nudged(stranger))
    assert lookup.overlay.current().counts()["quarantined"] == 2, "the same view pressed again is no second opinion"


def test_a_quarantined_confirmation_takes_no_match_away_from_its_own_product(lookup: Lookup, drawn: Drawn) -> None:
    sure = next(
        picture
        for picture in (drawn.picture(sku, 0) for sku in SKUS)
        if lookup.look_up(picture).verdict is Verdict.MATCH
    )
    sku = skus(lookup.look_up(sure))[0]
    assert confirm(lookup, sku, drawn.stranger(5)).status is Status.QUARANTINED
    assert lookup.look_up(sure).verdict is Verdict.MATCH


def different_views(encoder: Encoder, pictures: Sequence[Picture], count: int) -> list[Picture]:
    """The first pictures that the encoder takes for different views, whatever encoder it is."""
    chosen: list[Picture] = []
    for picture in pictures:
        vectors = [seen_by(encoder, one) for one in (*chosen, picture)]
        if all(float(vectors[-1] @ one) < SAME_VIEW for one in vectors[:-1]):
            chosen.append(picture)
    assert len(chosen) >= count, "the encoder hardly tells these views apart"
    return chosen[:count]


def test_a_product_without_photos_is_learned_from_several_views(lookup: Lookup, encoder: Encoder, drawn: Drawn) -> None:
    front, turned = drawn.picture(WITHOUT_PHOTO, 0), drawn.picture(WITHOUT_PHOTO, 5)
    offered = [
        *(
            front,
            turned,
            np.ascontiguousarray(np.rot90(front)),
            front // 3,
            np.ascontiguousarray(front[100:220, 100:220]),
        ),
        *(np.ascontiguousarray(np.rot90(turned, 3)), cv2.GaussianBlur(front, (0, 0), 9).astype(np.uint8)),
    ]
    views = [*different_views(encoder, offered, CORROBORATION), nudged(front)]
    states = [confirm(lookup, WITHOUT_PHOTO, view).status for view in views]
    assert states == [Status.QUARANTINED] * (CORROBORATION - 1) + [Status.ACTIVE] * 2
    assert lookup.overlay.current().counts()["quarantined"] == 0
    result = lookup.look_up(front)
    assert (skus(result)[0], result.verdict) == (WITHOUT_PHOTO, Verdict.MATCH)
    assert len(lookup.overlay.teachable()) == len(views)


def test_a_refused_product_leaves_nearly_identical_views_and_no_others(lookup: Lookup, drawn: Drawn) -> None:
    picture = drawn.picture("CEDAR", 5)
    views = (picture, nudged(picture))
    before = [skus(lookup.look_up(view, top=3)) for view in views]
    assert [found[0] for found in before] == ["CEDAR", "CEDAR"]
    standing = refuse(lookup, "CEDAR", picture)
    assert (standing.status, standing.feedback.kind) == (Status.ACTIVE, Kind.REFUSED)
    for view, found in zip(views, before, strict=True):
        result = lookup.look_up(view, top=3)
        assert "CEDAR" not in skus(result)
        assert skus(result)[:2] == found[1:], "the others move up"
        assert sum(candidate.probability for candidate in result.candidates) <= result.known
    assert skus(lookup.look_up(drawn.picture("CEDAR", 0)))[0] == "CEDAR", "nearer to its own photo"
    everything = lookup.look_up(picture, top=50)
    assert len(everything.candidates) == len(SKUS) + 1 and everything.candidates[-1].probability == 0.0
    confirm(lookup, "CEDAR", picture)
    assert skus(lookup.look_up(picture))[0] == "CEDAR", "said otherwise later"
    assert lookup.overlay.current().standings[0].reason is Reason.OVERRULED


def test_when_every_product_is_refused_the_answer_is_unknown(tmp_path: Path, encoder: Encoder, drawn: Drawn) -> None:
    picture = drawn.picture("DUNE", 2)
    with new_generation(tmp_path) as new:
        with new.catalog_writer() as writer:
            reference = writer.add_reference(writer.add_product(Product("DUNE", "Dune")), "a.jpg", "0" * 64, 9, 9, b"")
            writer.add_vector(reference, "whole", seen_by(encoder, drawn.picture("DUNE", 0)))
        new.build_index(threads=1)
        new.seal(name="", encoder_id=encoder.info.id, dimension=encoder.info.dimension, calibration={})
    activate(tmp_path, new.version)
    with opened(tmp_path, encoder) as lookup:
        assert lookup.look_up(picture).known > 0
        refuse(lookup, "DUNE", picture)
        result = lookup.look_up(picture)
        assert (result.verdict, result.known, skus(result)) == (Verdict.UNKNOWN, 0.0, ["DUNE"])
        assert confirm(lookup, "DUNE", drawn.stranger(1)).status is Status.QUARANTINED
        assert lookup.look_up(picture).verdict is Verdict.UNKNOWN


def seen_by(encoder: Encoder, picture: Picture) -> NDArray[np.float32]:
    """What a lookup would ask."""
    return see(encoder, [picture], Cost())[0].embedding


def test_an_unknown_sku_and_a_drawn_region(lookup: Lookup, own_catalog: Path, drawn: Drawn) -> None:
    both = np.hstack([drawn.picture("CEDAR", 5), drawn.picture("GROVE", 5)])
    left = Region(0.0, 0.0, 0.5, 1.0)
    result = lookup.look_up(both, left)
    with pytest.raises(UnknownSku):
        lookup.confirm("NOTHING", result, both)
    assert not (own_catalog / FILE_NAME).exists()
    standing = lookup.confirm("CEDAR", result, both)
    kept = decode_picture(lookup.photo(-standing.feedback.id), "crop")
    assert kept.shape[:2] == (320, 320), "only the region is kept, not what lies beside it"
    assert lookup.look_up(both, left).candidates[0].reference_id == -standing.feedback.id


def test_another_process_that_confirms_is_seen_by_the_next_lookup(
    lookup: Lookup, own_catalog: Path, encoder: Encoder, drawn: Drawn
) -> None:
    picture = drawn.picture("HAZEL", 6)
    with opened(own_catalog, encoder) as other:
        standing = confirm(other, "HAZEL", picture)
        assert lookup.look_up(picture).candidates[0].reference_id == -standing.feedback.id
        other.overlay.undo(standing.feedback.id)
        assert lookup.look_up(picture).candidates[0].reference_id > 0


def test_threads_look_up_while_others_confirm(lookup: Lookup, drawn: Drawn) -> None:
    pictures = {sku: drawn.picture(sku, 6) for sku in SKUS[:6]}
    results = {sku: lookup.look_up(picture) for sku, picture in pictures.items()}
    done = threading.Event()
    seen: list[int] = []

    def look() -> None:
        while not done.is_set():
            for sku, picture in pictures.items():
                result = lookup.look_up(picture)
                assert skus(result)[0] == sku
                seen.append(result.candidates[0].reference_id)

    with ThreadPoolExecutor(3) as pool:
        lookers = [pool.submit(look) for _ in range(2)]
        try:
            said = pool.submit(
                lambda: [lookup.confirm(sku, results[sku], picture) for sku, picture in pictures.items()]
            ).result()
        finally:
            done.set()
        for one in lookers:
            one.result()
    assert {standing.status for standing in said} == {Status.ACTIVE} and seen
    expected = {sku: -standing.feedback.id for sku, standing in zip(pictures, said, strict=True)}
    assert {sku: lookup.look_up(picture).candidates[0].reference_id for sku, picture in pictures.items()} == expected


# -- generations and encoders ----------------------------------------------------------------------------------------


def renewed(folder: Path, encoder: Encoder, skus: tuple[str, ...], drawn: Drawn) -> None:
    """A new generation of some products, made with this encoder."""
    with new_generation(folder) as new:
        with new.catalog_writer() as writer:
            for sku in skus:
                product = writer.add_product(Product(sku, sku.title()))
                reference = writer.add_reference(product, f"{sku}.jpg", "0" * 64, 9, 9, b"jpeg")
                writer.add_vector(reference, "whole", seen_by(encoder, drawn.picture(sku, 0)))
        new.build_index(threads=1)
        new.seal(name="", encoder_id=encoder.info.id, dimension=encoder.info.dimension, calibration={})
    activate(folder, new.version)


def renamed(encoder: Encoder) -> Encoder:
    """The same network under another id: to the overlay a new encoder."""
    return Encoder(encoder.folder, encoder.info.model_copy(update={"id": "e" * 32}), encoder.choice, encoder._session)


@contextmanager
def opened_newest(folder: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lookup]:
    monkeypatch.setattr("engine.generation.find_encoder_for", lambda *_: encoder.folder)
    with opened(folder, encoder) as lookup:
        yield lookup


def test_a_new_encoder_looks_at_the_crops_again_before_the_first_lookup(
    own_catalog: Path, encoder: Encoder, drawn: Drawn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    views = {sku: drawn.picture(sku, 6) for sku in ("ACORN", "BASIL", "CEDAR")}
    with opened(own_catalog, encoder) as old:
        numbers = {sku: confirm(old, sku, view).feedback.id for sku, view in views.items()}
        kept = decode_picture(old.photo(-numbers["ACORN"]), "crop")
        refuse(old, "FJORD", drawn.picture("FJORD", 6))
    other = renamed(encoder)
    renewed(own_catalog, other, ("ACORN", "BASIL", "FJORD"), drawn)
    with caplog.at_level(logging.INFO), opened_newest(own_catalog, other, monkeypatch) as new:
        found = new.overlay.snapshot()
        assert found.counts() == {"active": 3, "quarantined": 0, "parked": 1, "undone": 0}
        assert [one.reason for one in found.standings if one.feedback.sku == "CEDAR"] == [Reason.NO_PRODUCT]
        result = new.look_up(kept, WHOLE)
        assert result.candidates[0].reference_id == -numbers["ACORN"]
        assert result.candidates[0].similarity == pytest.approx(1, abs=1e-3), "the crop, as the new encoder sees it"
    assert "4 confirmations or refusals were encoded by" in caplog.text
    assert "1 confirmations or refusals are parked: the product is not in this catalog." in caplog.text
    stored = OverlayFile(own_catalog)
    assert all(one.vector is not None for one in stored.read(other.info.id))
    assert all(one.vector is not None for one in stored.read(encoder.info.id)), "a rollback finds its vectors"


def test_what_has_no_crop_or_a_damaged_one_is_parked_and_said(
    own_catalog: Path, encoder: Encoder, drawn: Drawn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    view = drawn.picture("ACORN", 6)
    with opened(own_catalog, encoder, SETTINGS.model_copy(update={"keep_confirmed_pictures": False})) as old:
        bare = confirm(old, "ACORN", view).feedback
        assert not bare.has_crop and old.look_up(view).candidates[0].reference_id == -bare.id
        assert old.photo(-bare.id) == b"" and old.overlay.teachable() == []
    file = OverlayFile(own_catalog)
    vector = bare.vector
    assert vector is not None
    file.add("BASIL", Kind.CONFIRMED, "", datetime.now(UTC), encoder.info.id, vector, b"no picture at all")
    other = renamed(encoder)
    renewed(own_catalog, other, ("ACORN", "BASIL"), drawn)
    with opened_newest(own_catalog, other, monkeypatch) as new:
        reasons = {one.feedback.sku: one.reason for one in new.overlay.snapshot().standings}
        assert reasons == {"ACORN": Reason.NO_CROP, "BASIL": Reason.NO_PICTURE}
        assert skus(new.look_up(view))[0] == "ACORN"
    assert "its picture is gone" in caplog.text and "its picture cannot be read" in caplog.text


def test_vectors_that_cannot_be_stored_are_used_all_the_same(
    own_catalog: Path, encoder: Encoder, drawn: Drawn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    view = drawn.picture("ACORN", 6)
    with opened(own_catalog, encoder) as old:
        number = confirm(old, "ACORN", view).feedback.id
        kept = decode_picture(old.photo(-number), "crop")
    other = renamed(encoder)
    renewed(own_catalog, other, ("ACORN", "BASIL"), drawn)

    def full(*_: object) -> None:
        raise NotWritable(folder=own_catalog, reason="a read-only stick")

    monkeypatch.setattr(OverlayFile, "add_vectors", full)
    with opened_newest(own_catalog, other, monkeypatch) as new:
        assert new.look_up(kept, WHOLE).candidates[0].reference_id == -number
    assert "are not stored" in caplog.text


def test_a_vector_of_another_length_is_not_searched(own_catalog: Path, encoder: Encoder) -> None:
    short = np.zeros(7, np.float32)
    short[0] = 1
    OverlayFile(own_catalog).add("ACORN", Kind.CONFIRMED, "", datetime.now(UTC), encoder.info.id, short)
    with opened(own_catalog, encoder) as lookup:
        assert [one.reason for one in lookup.overlay.snapshot().standings] == [Reason.NO_CROP]


def test_an_answer_of_another_encoder_is_looked_at_again(
    lookup: Lookup, encoder: Encoder, drawn: Drawn, own_catalog: Path
) -> None:
    picture = drawn.picture("BASIL", 5)
    result = lookup.look_up(picture)
    assert result.query is not None
    foreign = replace(result, query=replace(result.query, encoder_id="f" * 32))
    for given in (foreign, replace(result, query=None)):
        vector = lookup.confirm("BASIL", given, picture).feedback.vector
        assert vector is not None
        assert 0.7 < float(vector @ result.query.embedding) < 0.999
    assert len(OverlayFile(own_catalog).read(encoder.info.id)) == 1, "both are the same view of the region"


# -- upkeep ----------------------------------------------------------------------------------------------------------


def test_pictures_are_erased_when_their_time_is_over(
    own_catalog: Path, encoder: Encoder, drawn: Drawn, caplog: pytest.LogCaptureFixture
) -> None:
    view = drawn.picture("ACORN", 6)
    with opened(own_catalog, encoder) as lookup:
        number = confirm(lookup, "ACORN", view).feedback.id
        vector = lookup.overlay.current().vectors[0]
    file = OverlayFile(own_catalog)
    long_ago = datetime.now(UTC) - timedelta(days=40)
    old = file.add("BASIL", Kind.CONFIRMED, "", long_ago, encoder.info.id, vector, file.crop(number))
    for days, left in ((0, True), (60, True), (30, False)):
        settings = SETTINGS.model_copy(update={"confirmed_picture_days": days})
        with caplog.at_level(logging.INFO), opened(own_catalog, encoder, settings) as lookup:
            assert bool(lookup.photo(-old)) is left and lookup.photo(-number)
            assert len(lookup.overlay.current().products) == 2, "their vectors are searched as before"
    assert caplog.text.count("are erased") == 1


def test_a_damaged_overlay_stops_no_lookup_and_is_said_once(
    lookup: Lookup, own_catalog: Path, drawn: Drawn, caplog: pytest.LogCaptureFixture
) -> None:
    picture = drawn.picture("IRIS", 6)
    before = lookup.look_up(picture)
    (own_catalog / FILE_NAME).write_bytes(b"not a database, and long enough to be taken for one" * 99)
    for _ in range(3):
        assert same(lookup.look_up(picture), before)
    assert caplog.text.count("cannot be used") == 1
    for ask in (lookup.overlay.snapshot, lambda: confirm(lookup, "IRIS", picture), lookup.overlay.teachable):
        with pytest.raises(OverlayDamaged):
            ask()
    assert lookup.photo(-1) == b""
    lookup.overlay.prepare(lookup.encoder)
    (own_catalog / FILE_NAME).unlink()
    assert confirm(lookup, "IRIS", picture).status is Status.ACTIVE


def test_a_lookup_does_not_wait_for_a_writer_and_an_undo_says_that_it_did(
    lookup: Lookup, own_catalog: Path, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.overlay.PATIENCE_S", 0)
    picture = drawn.picture("IRIS", 6)
    number = confirm(lookup, "IRIS", picture).feedback.id
    other = sqlite3.connect(own_catalog / FILE_NAME, isolation_level=None)
    other.execute("UPDATE feedback SET who = 'Bo'")
    other.execute("BEGIN EXCLUSIVE")
    assert lookup.look_up(picture).candidates[0].reference_id == -number, "with what it knows"
    lookup.overlay._file._busy_s = 0
    with pytest.raises(CatalogBusy):
        lookup.overlay.undo(number)
    other.close()
    assert lookup.overlay.snapshot().standings[0].feedback.who == "Bo"


def test_the_overlay_can_be_read_without_an_encoder(own_catalog: Path, encoder: Encoder, drawn: Drawn) -> None:
    with opened(own_catalog, encoder) as lookup:
        confirm(lookup, "IRIS", drawn.picture("IRIS", 6))
    with Generation.open_current(own_catalog) as generation:
        overlay = Overlay.of(generation)
        assert overlay.snapshot().counts()["active"] == 1
        [(feedback, jpeg)] = overlay.teachable()
        assert feedback.sku == "IRIS" and decode_picture(jpeg, "crop").ndim == 3


def test_opening_a_catalog_prepares_its_overlay(
    own_catalog: Path, encoder: Encoder, drawn: Drawn, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(own_catalog, encoder) as lookup:
        vector = confirm(lookup, "IRIS", drawn.picture("IRIS", 6)).feedback.vector
        assert vector is not None
    OverlayFile(own_catalog).add("GONE", Kind.REFUSED, "", datetime.now(UTC), encoder.info.id, vector)
    with open_lookup(own_catalog, SETTINGS) as lookup:
        assert lookup.overlay.current().counts()["parked"] == 1
    assert "1 confirmations or refusals are parked" in caplog.text
