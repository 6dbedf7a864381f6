"""When a live answer may replace the card: decided on answers and times alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from desktop.steadiness import AGREE_S, NARROW_S, UNSAID_S, Change, Steadiness
from engine.records import WHOLE, Candidate, LookupResult, Product, Verdict

#: Frames of twenty lookups a second.
EVERY_S = 0.05
A_THEN_B = (0.5, 0.45)


def said(verdict: Verdict, skus: str, probabilities: Sequence[float] = (0.92, 0.03)) -> LookupResult:
    """An answer whose products have one letter each, best first."""
    found = tuple(
        Candidate(Product(sku, sku), probability, 0.8, 1) for sku, probability in zip(skus, probabilities, strict=True)
    )
    return LookupResult(verdict, 0.95, found, WHOLE, {})


def changes(answers: Sequence[LookupResult], every_s: float = EVERY_S) -> list[Change]:
    steadiness = Steadiness()
    return [steadiness.take(answer, place * every_s) for place, answer in enumerate(answers)]


def waited_s(before: LookupResult, after: LookupResult) -> float:
    """How long a new answer must be said until the card changes from the old one, in seconds."""
    found = changes([before] * 5 + [after] * 60)
    return (found.index(Change.REPLACE, 1) - 5) * EVERY_S


MATCH_A, MATCH_B = said(Verdict.MATCH, "AX"), said(Verdict.MATCH, "BX")
UNKNOWN = said(Verdict.UNKNOWN, "CX", (0.2, 0.1))


def test_the_first_answer_is_shown_at_once_and_the_same_one_does_not_flicker() -> None:
    found = changes([MATCH_A] * 30)
    assert found[0] is Change.REPLACE and Change.REPLACE not in found[1:]
    assert found.count(Change.REFRESH) == 2, "figures twice a second"


def test_one_odd_answer_does_not_replace_the_card() -> None:
    assert changes([MATCH_A] * 5 + [MATCH_B] + [MATCH_A] * 5).count(Change.REPLACE) == 1


@pytest.mark.parametrize("every_s", [0.05, 0.2, 0.7])
def test_no_answer_replaces_the_card_at_the_first_time_however_slow_the_lookups_are(every_s: float) -> None:
    found = changes([MATCH_A] * 5 + [MATCH_B] * 2, every_s)
    assert found[5] is Change.KEEP and found[6] is Change.REPLACE


def test_another_item_replaces_it_quickly_and_unknown_slowly() -> None:
    assert waited_s(MATCH_A, MATCH_B) == pytest.approx(AGREE_S[Verdict.MATCH])
    assert waited_s(MATCH_A, UNKNOWN) == pytest.approx(AGREE_S[Verdict.UNKNOWN])
    assert waited_s(UNKNOWN, MATCH_A) == pytest.approx(AGREE_S[Verdict.MATCH])


def test_a_product_that_is_clearly_better_waits_less_than_one_that_is_hardly_better() -> None:
    shown = said(Verdict.AMBIGUOUS, "AB", A_THEN_B)
    clearly = said(Verdict.AMBIGUOUS, "CA", (0.6, 0.3))
    hardly = said(Verdict.AMBIGUOUS, "CA", (0.45, 0.4))
    gone = said(Verdict.AMBIGUOUS, "CD", (0.5, 0.4))
    quick = AGREE_S[Verdict.AMBIGUOUS]
    assert waited_s(shown, clearly) == waited_s(shown, gone) == pytest.approx(quick)
    assert waited_s(shown, hardly) == pytest.approx(NARROW_S)
    assert waited_s(UNKNOWN, hardly) == pytest.approx(quick), "there is no product on the card to be better than"


def test_look_alikes_that_change_places_are_one_card() -> None:
    one, other = said(Verdict.AMBIGUOUS, "AB", A_THEN_B), said(Verdict.AMBIGUOUS, "BA", A_THEN_B)
    assert changes([one, other] * 20).count(Change.REPLACE) == 1


def test_the_same_product_gets_its_match_quickly_and_keeps_it_through_a_short_doubt() -> None:
    doubtful = said(Verdict.AMBIGUOUS, "AB", (0.7, 0.25))
    assert waited_s(doubtful, MATCH_A) == pytest.approx(AGREE_S[Verdict.MATCH])
    assert waited_s(MATCH_A, doubtful) == pytest.approx(NARROW_S)


def test_a_hand_that_crosses_the_view_changes_nothing() -> None:
    assert changes([MATCH_A] * 5 + [UNKNOWN] * 10 + [MATCH_A] * 5).count(Change.REPLACE) == 1


def test_answers_that_change_all_the_time_do_not_keep_an_old_card_for_ever() -> None:
    pairs = [said(Verdict.AMBIGUOUS, skus, (0.5, 0.4)) for skus in ("CD", "EF")]
    found = changes([MATCH_A] * 5 + pairs * 30)
    assert (found.index(Change.REPLACE, 1) - 4) * EVERY_S == pytest.approx(UNSAID_S)


def test_after_forgetting_the_next_answer_is_shown_at_once() -> None:
    steadiness = Steadiness()
    assert steadiness.take(MATCH_A, 0.0) is Change.REPLACE
    steadiness.forget()
    assert steadiness.take(MATCH_A, 0.01) is Change.REPLACE
    steadiness.forget()
    assert steadiness.take(said(Verdict.AMBIGUOUS, "BA", A_THEN_B), 0.02) is Change.REPLACE
