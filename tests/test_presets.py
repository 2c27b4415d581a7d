"""Every preset equals its product's own rule, at every boundary and on random visits."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.rules.presets import PRESETS
from tests.products import PRODUCTS, SECOND, Hit

MINUTE, HOUR = 60 * SECOND, 3600 * SECOND
MORNING = pd.Timestamp("2024-05-01 08:00").value
EVENING = pd.Timestamp("2024-05-01 23:20").value

# The pauses at which definitions differ, and one microsecond and half a second beside each.
EXACT = [30 * MINUTE, 30 * MINUTE + 30 * SECOND, 31 * MINUTE, 31 * MINUTE + 30 * SECOND, HOUR]
PAUSES = sorted(
    pause + beside for pause in EXACT for beside in (-SECOND // 2, -1000, 0, 1000, SECOND // 2)
)


def hits(start: int, *pauses: int) -> list[Hit]:
    times = [start]
    for pause in pauses:
        times.append(times[-1] + pause)
    return [Hit(time) for time in times]


def steady(every: int, count: int) -> list[Hit]:
    return hits(MORNING, *[every] * count)


VISITS = {
    **{f"a pause of {pause / SECOND} s": hits(MORNING, pause) for pause in PAUSES},
    **{f"{pause / SECOND} s, begun late": hits(MORNING + 700_000_000, pause) for pause in PAUSES},
    "half an hour in two steps": hits(MORNING, 20 * MINUTE, 10 * MINUTE, 1),
    "more than half an hour in two": hits(MORNING, 20 * MINUTE, 11 * MINUTE, 29 * MINUTE),
    "over the hour and back": hits(MORNING + 5 * MINUTE, 35 * MINUTE, 5 * MINUTE, 26 * MINUTE),
    "over midnight": hits(EVENING, 20 * MINUTE, 19 * MINUTE, 59 * SECOND, SECOND, MINUTE),
    "twelve hours": steady(20 * MINUTE, 37),
    "twelve hours and a microsecond": [*steady(20 * MINUTE, 35), Hit(MORNING + 12 * HOUR + 1000)],
    "a day and more": steady(29 * MINUTE, 52),
    "a day exactly": steady(30 * MINUTE - 1, 49),
    "a thousand events": steady(SECOND * 2, 1002),
    "two and a half thousand": steady(SECOND * 2, 2502),
    "ten thousand": steady(SECOND * 2, 10_002),
    "a hundred in a hundred seconds": steady(SECOND, 250),
    "a hundred and one just within": steady(SECOND - 1000, 250),
    "campaigns": [
        Hit(MORNING + place * MINUTE, campaign)
        for place, campaign in enumerate([None, "a", None, "a", "b", "", "b", "a", "a", None])
    ],
    "forced": [Hit(MORNING + place * MINUTE, new_visit=place % 3 == 1) for place in range(7)],
}


def frame(visit: list[Hit]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user_id": "ann",
            "timestamp": pd.Series([hit.time for hit in visit], dtype="datetime64[ns]"),
            "event_id": range(len(visit)),
            "utm_campaign": pd.Series([hit.campaign for hit in visit], dtype="str"),
            "new_visit": [hit.new_visit for hit in visit],
            "referrer": pd.Series([hit.referrer for hit in visit], dtype="str"),
        }
    )


def by_preset(name: str, visit: list[Hit]) -> list[int]:
    found = cs.sessionize(frame(visit), rules=cs.Rules.preset(name))
    return [index - 1 for index in found["session_index"]]


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("visit", VISITS.values(), ids=VISITS)
def test_boundaries(name: str, visit: list[Hit]) -> None:
    assert by_preset(name, visit) == PRODUCTS[name](visit)


@pytest.mark.parametrize("name", PRESETS)
@settings(max_examples=40)
@given(
    st.sampled_from([MORNING, EVENING, MORNING + 123_456_789_000]),
    st.lists(
        st.tuples(
            st.sampled_from([0, 1000, MINUTE, 10 * MINUTE, 29 * MINUTE, *PAUSES, 11 * HOUR]),
            st.sampled_from([None, None, "", "a", "b"]),
            st.sampled_from([False, False, False, True]),
            st.sampled_from([None, None, "", "r", "s"]),
        ),
        max_size=30,
    ),
)
def test_random_visits(
    name: str, start: int, steps: list[tuple[int, str | None, bool, str | None]]
) -> None:
    visit = []
    for pause, *said in steps:
        start += pause
        visit.append(Hit(start, *said))
    assert by_preset(name, visit) == PRODUCTS[name](visit)


def _campaigns(*campaigns: str | None) -> list[Hit]:
    return [Hit(MORNING + n * MINUTE, campaign) for n, campaign in enumerate(campaigns)]


def _entries(*entries: str) -> list[Hit]:
    """Visits as Matomo's test has them: entries of some kind, 4 minutes and 38 seconds apart."""
    kinds = {
        "direct": {},
        "website": {"referrer": "de.wikipedia.org"},
        "website 2": {"referrer": "payment.provider.info"},
        "search": {"referrer": "Google"},
        "social": {"referrer": "Twitter"},
        "campaign": {"campaign": "campaign name"},
        "campaign 2": {"campaign": "another name"},
    }  # type: dict[str, dict[str, str]]
    return [Hit(MORNING + n * 278 * SECOND, **kinds[kind]) for n, kind in enumerate(entries)]  # type: ignore[arg-type]


# What the products' own tests say, case by case.
_D8A = "d8a-tech/d8a d7475c1, pkg/splitter/modifier_test.go, UTM campaign - Multiple events"
_MATOMO = "matomo-org/matomo f09912c, Referrers/tests/Integration/ReferrerAttributionTest.php"
OWN_CASES = [
    ("d8a", f"{_D8A} - no campaign", _campaigns(None, None, None), [0, 0, 0]),
    ("d8a", f"{_D8A} - the same campaign", _campaigns("1", "1", "1"), [0, 0, 0]),
    ("d8a", f"{_D8A} - only one contains campaign", _campaigns("1", None, None), [0, 0, 0]),
    ("d8a", f"{_D8A} - different campaigns", _campaigns("1", None, "2", None), [0, 0, 1, 1]),
    ("d8a", f"{_D8A} - nil campaign", _campaigns("1", None, None, None), [0, 0, 0, 0]),
    *(
        ("matomo", f"{_MATOMO}, {first}, then {second}", _entries(first, second), found)
        for first, second, found in [
            ("direct", "direct", [0, 0]),
            ("direct", "website 2", [0, 0]),
            ("direct", "campaign 2", [0, 0]),
            ("website", "campaign 2", [0, 1]),
            ("search", "campaign 2", [0, 1]),
            ("social", "campaign 2", [0, 1]),
            ("campaign", "campaign 2", [0, 1]),
            ("campaign", "direct", [0, 0]),
            ("campaign", "website 2", [0, 0]),
            ("website", "website 2", [0, 0]),
        ]
    ),
]


@pytest.mark.parametrize(
    ("name", "visit", "found"),
    [(name, visit, found) for name, _, visit, found in OWN_CASES],
    ids=[source for _, source, _, _ in OWN_CASES],
)
def test_what_the_products_own_tests_expect(name: str, visit: list[Hit], found: list[int]) -> None:
    assert by_preset(name, visit) == found
    assert PRODUCTS[name](visit) == found


def test_every_preset_has_its_product_and_its_row_in_the_documentation() -> None:
    assert list(PRESETS) == list(PRODUCTS)
    page = Path(__file__).parent.parent / "docs" / "reference" / "presets.md"
    rows = page.read_text(encoding="utf-8")
    for name, preset in PRESETS.items():
        assert f"| `{name}` | {preset.product} | {cs.Rules.preset(name)} |" in rows
        assert preset.source in rows
        assert preset.assumed in rows


def test_changes_to_a_preset() -> None:
    rules = cs.Rules.preset("matomo", midnight="Europe/Paris", start_column=None, change=())
    assert rules.columns == ()
    assert rules.midnight == "Europe/Paris"
    assert rules.max_events == 10_000


def test_an_unknown_preset_and_an_unknown_rule() -> None:
    with pytest.raises(cs.errors.UnknownNameError, match=r"called 'matomoo'\. Did you mean 'mat"):
        cs.Rules.preset("matomoo")
    with pytest.raises(cs.errors.UnknownNameError, match="no rule called 'timezone'"):
        cs.Rules.preset("matomo", timezone="UTC")
