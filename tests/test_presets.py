"""Every preset equals its product's own rule, at every boundary and on random visits."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clicksession as cs
from clicksession.rules.presets import PRESETS
from tests.products import PRODUCTS, SECOND, Hit
from tests.visits import EVENING, HOUR, MINUTE, MORNING, by_preset, hits, steady

# The pauses at which definitions differ, and one microsecond and half a second beside each.
EXACT = [
    30 * MINUTE,
    30 * MINUTE + 30 * SECOND,
    31 * MINUTE,
    31 * MINUTE + 30 * SECOND,
    HOUR,
    8 * HOUR,
]
PAUSES = sorted(
    pause + beside for pause in EXACT for beside in (-SECOND // 2, -1000, 0, 1000, SECOND // 2)
)


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
    "campaigns and referrers": [
        Hit(MORNING + place * MINUTE, campaign, referrer=referrer, source=source)
        for place, (campaign, referrer, source) in enumerate(
            [
                ("a", "r", None),
                (None, "s", None),
                ("a", None, None),
                ("a", None, "x"),
                (None, "s", ""),
                (None, None, "x"),
                ("", "s", "y"),
            ]
        )
    ],
    "forced": [Hit(MORNING + place * MINUTE, new_visit=place % 3 == 1) for place in range(7)],
}


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
            st.sampled_from([None, None, "", "x", "y"]),
        ),
        max_size=30,
    ),
)
def test_random_visits(
    name: str, start: int, steps: list[tuple[int, str | None, bool, str | None, str | None]]
) -> None:
    visit = []
    for pause, campaign, new_visit, referrer, source in steps:
        start += pause
        visit.append(Hit(start, campaign, new_visit, referrer, source))
    assert by_preset(name, visit) == PRODUCTS[name](visit)


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
