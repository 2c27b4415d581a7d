"""`flag_bots`: agents against the package's own test cases, rates against a plain loop."""

import builtins
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clicksession.errors import MissingExtraError, ParameterError
from clicksession.quality import flag_bots

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0"
SECOND = 1_000_000

Row = tuple[Any, int | None]


def frame(rows: list[Row], unit: str = "us") -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=["user_id", "timestamp"])
    times = pd.to_datetime(found["timestamp"].astype("Int64"), unit="us", utc=True)
    users = found["user_id"].astype("str")
    return found.assign(user_id=users, timestamp=times.dt.as_unit(unit))


def is_fast(rows: list[Row], user: Any, number: int, under: int) -> bool:
    times = sorted(time for who, time in rows if who == user and time is not None)
    return any(
        times[first + number - 1] - times[first] < under for first in range(len(times) - number + 1)
    )


_TIMES = st.sampled_from([0, 1, SECOND - 1, SECOND, SECOND + 1, 2 * SECOND])
_ROWS = st.lists(st.tuples(st.sampled_from(["ann", "bob", None]), st.none() | _TIMES), max_size=20)


@given(_ROWS, st.integers(2, 4), st.sampled_from(["us", "ns", "ms"]))
def test_a_rate_is_the_rule(rows: list[Row], number: int, unit: str) -> None:
    if unit == "ms":
        rows = [(user, time and time // 1000 * 1000) for user, time in rows]
    events = frame(rows, unit)
    untouched = events.copy(deep=True)
    found = flag_bots(events, agent=None, rate=(number, "1s"))
    expected = [
        "rate" if user is not None and is_fast(rows, user, number, SECOND) else None
        for user, _ in rows
    ]
    assert [None if pd.isna(mark) else mark for mark in found["bot"]] == expected
    assert str(found["bot"].dtype) == "str"
    pd.testing.assert_frame_equal(events, untouched)
    pd.testing.assert_frame_equal(found.drop(columns="bot"), events)


@given(_ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows: list[Row], random: Any) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    events = frame(rows)
    found = flag_bots(events, agent=None, rate=(2, "1s"))
    shuffled = flag_bots(events.iloc[order], agent=None, rate=(2, "1s"))
    pd.testing.assert_frame_equal(shuffled, found.iloc[order])


@pytest.mark.parametrize(("last", "marked"), [(SECOND - 1, True), (SECOND, False)])
def test_exactly_the_time_is_no_bot(last: int, marked: bool) -> None:
    events = frame([("eve", 0), ("eve", 5), ("eve", last)])
    assert flag_bots(events, agent=None, rate=(3, "1s"))["bot"].notna().tolist() == [marked] * 3


def test_every_agent_that_the_package_knows_is_marked() -> None:
    crawlers = pytest.importorskip(
        "crawleruseragents", reason='needs crawler-user-agents: pip install "clicksession[bots]"'
    )
    agents = [agent for entry in crawlers.CRAWLER_USER_AGENTS_DATA for agent in entry["instances"]]
    assert len(agents) > 500
    marks = flag_bots(pd.DataFrame({"agent": agents}), rate=None)["bot"]
    assert set(marks) == {"agent"}


def test_people_are_not_marked_and_an_agent_goes_before_a_rate() -> None:
    pytest.importorskip(
        "crawleruseragents", reason='needs crawler-user-agents: pip install "clicksession[bots]"'
    )
    events = frame([("ann", 0), ("eve", 0), ("eve", 1), ("bot", 9), (None, 0)])
    bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    events = events.assign(browser=[FIREFOX, FIREFOX, bot, bot, None])
    marks = flag_bots(events, agent="browser", rate=(2, "1s"))["bot"]
    assert [None if pd.isna(mark) else mark for mark in marks] == [
        None,
        "rate",
        "agent",
        "agent",
        None,
    ]
    again = flag_bots(flag_bots(events, agent="browser"), agent="browser", rate=(2, "1s"))
    pd.testing.assert_series_equal(again["bot"], marks)


def test_without_the_package_it_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "crawleruseragents":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r'pip install "clicksession\[bots\]"'):
        flag_bots(pd.DataFrame({"agent": ["x"]}), rate=None)
    assert flag_bots(frame([("ann", 0)]), agent=None)["bot"].isna().all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"agent": None, "rate": None}, "`agent` must be the name of a column where `rate` is"),
        ({"agent": "agnt"}, "`agent` must be a column of the frame"),
        ({"agent": None, "rate": 60}, "`rate` must be a number of events"),
        ({"agent": None, "rate": (1, "1s")}, "`rate` must be a number of events"),
        ({"agent": None, "rate": (2, "1")}, "`rate` must be"),
        ({"agent": None, "user": "who"}, "`user` must be a column"),
    ],
)
def test_what_cannot_be_meant(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        flag_bots(frame([("ann", 0)]).assign(agent="x"), **options)
