"""Every preset gives the sessions that its product's own tests and documents say."""

from itertools import pairwise

import pandas as pd
import pytest

import clicksession as cs
from clicksession.rules.presets import PRESETS
from tests.preset_cases import PRODUCT_CASES, WITHOUT_A_CASE, Case, clock
from tests.products import PRODUCTS
from tests.visits import by_preset


@pytest.mark.parametrize("case", PRODUCT_CASES, ids=[case.source for case in PRODUCT_CASES])
def test_what_the_product_itself_expects(case: Case) -> None:
    assert by_preset(case.preset, case.visit, case.changes) == case.found


@pytest.mark.parametrize("case", PRODUCT_CASES, ids=[case.source for case in PRODUCT_CASES])
def test_the_rule_written_once_more_expects_it_too(case: Case) -> None:
    in_order = all(a.time <= b.time for a, b in pairwise(case.visit))
    if not case.changes and in_order:
        assert PRODUCTS[case.preset](case.visit) == case.found


def test_every_preset_has_a_case_or_a_reason() -> None:
    with_a_case = {case.preset for case in PRODUCT_CASES}
    assert with_a_case | set(WITHOUT_A_CASE) == set(PRESETS)
    assert not with_a_case & set(WITHOUT_A_CASE)
    assert all(WITHOUT_A_CASE.values())


def test_heap_keeps_a_session_open_for_less_after_other_events() -> None:
    # help.heap.io, Session Behavior, read 2026-11-30: other events in the foreground extend the
    # session by 5 minutes.
    minute = 60 * 10**9
    kinds = [("view", 0), ("click", 28), ("click", 32), ("click", 38)]
    events = pd.DataFrame(
        {
            "user_id": "ann",
            "timestamp": pd.to_datetime([minutes * minute for _, minutes in kinds]),
            "keeps": pd.to_timedelta(
                [30 if kind == "view" else 5 for kind, _ in kinds], unit="min"
            ),
        }
    )
    rules = cs.Rules.preset("heap", timeout_column="keeps")
    assert cs.sessionize(events, rules=rules)["session_index"].tolist() == [1, 1, 1, 2]


def test_a_session_of_pirsch_from_before_midnight_goes_on_after_half_past() -> None:
    # What the preset says that it cannot say: Pirsch would start another at 00:31.
    assert by_preset("pirsch", clock("23:45", "00:05", "00:29", "00:31")) == [0, 0, 0, 0]
