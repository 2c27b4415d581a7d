"""`resolve_identity` against the rule as a plain loop, and the rule's edges as written cases."""

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clicksession.errors import ParameterError
from clicksession.quality import Identified, resolve_identity

DEVICE = ("address", "agent")
HOUR = 3_600_000_000

Row = tuple[Any, int | None, Any, Any]


def frame(rows: list[Row]) -> pd.DataFrame:
    """Return events of user, time in microseconds, address and agent."""
    columns = ["user_id", "timestamp", "address", "agent"]
    found = pd.DataFrame(rows, columns=columns)
    times = pd.to_datetime(found["timestamp"].astype("Int64"), unit="us", utc=True)
    whole = all(isinstance(user, int | None) for user, *_ in rows)
    texts = {name: found[name].astype("str") for name in DEVICE}
    users = found["user_id"].astype("Int64" if whole else "str")
    return found.assign(user_id=users, timestamp=times, **texts)


def oracle(rows: list[Row], within: int | None = None) -> tuple[list[Any], dict[str, int]]:
    """Return each row's user, devices for the anonymous ones, and the counts: the rule, slowly."""
    names = ("own", "from_before", "from_after", "disputed", "anonymous", "without_device")
    counts = dict.fromkeys(names, 0)
    result: list[Any] = []
    for user, time, *device in rows:
        if user is not None:
            counts["own"] += 1
            result.append(str(user))
            continue
        if device == [None, None]:
            counts["without_device"] += 1
            result.append(None)
            continue
        before, after = [
            sorted(
                (abs(other_time - time), str(other))
                for other, other_time, *other_device in rows
                if other is not None
                and other_device == device
                and other_time is not None
                and time is not None
                and (other_time <= time) is past
                and (within is None or abs(other_time - time) <= within)
            )
            for past in (True, False)
        ]
        if before and (not after or before[0][0] <= after[0][0]):
            counts["from_before"] += 1
            result.append(before[0][1])
        elif after:
            counts["from_after"] += 1
            result.append(after[0][1])
        else:
            counts["anonymous"] += 1
            result.append(tuple(device))
        if before and after and before[0][1] != after[0][1]:
            counts["disputed"] += 1
    return result, counts


_TIMES = st.sampled_from([0, 1, 2, HOUR - 1, HOUR, HOUR + 1, 2 * HOUR, -HOUR])
_DEVICES = st.sampled_from(["203.0.113.7", "::1", None])
USERS = {
    "text": st.none() | st.sampled_from(["ann", "bob", "Bob", "o'hara:1", "é"]),
    "numbers": st.none() | st.sampled_from([7, 10, 1403]),
}


def rows_of(users: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    return st.lists(st.tuples(users, st.none() | _TIMES, _DEVICES, _DEVICES), max_size=25)


def check(found: Identified, rows: list[Row], within: int | None = None) -> None:
    expected, counts = oracle(rows, within)
    assert {name: getattr(found, name) for name in counts} == counts
    names: dict[Any, str] = {}
    assert str(found.events["user_id"].dtype) == "str"
    for value, wanted in zip(found.events["user_id"], expected, strict=True):
        if isinstance(wanted, tuple):
            # One name for a device, and no other device has it.
            assert value.startswith("anonymous:")
            assert names.setdefault(wanted, value) == value
        else:
            assert (None if pd.isna(value) else value) == wanted
    assert len(set(names.values())) == len(names)


@pytest.mark.parametrize("kind", USERS)
@given(st.data())
def test_it_is_the_rule(kind: str, data: st.DataObject) -> None:
    rows = data.draw(rows_of(USERS[kind]))
    within = data.draw(st.sampled_from([None, HOUR]))
    events = frame(rows)
    untouched = events.copy(deep=True)
    limit = None if within is None else timedelta(hours=1)
    found = resolve_identity(events, within=limit)
    check(found, rows, within)
    pd.testing.assert_frame_equal(events, untouched)


@given(rows_of(USERS["text"]), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows: list[Row], random: Any) -> None:
    events = frame(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    found = resolve_identity(events)
    shuffled = resolve_identity(events.iloc[order])
    pd.testing.assert_frame_equal(shuffled.events, found.events.iloc[order])
    assert str(shuffled) == str(found)


def users(rows: list[Row], **options: Any) -> list[Any]:
    found = resolve_identity(frame(rows), **options).events["user_id"]
    return [None if pd.isna(user) else user for user in found]


PHONE, DESK = ("::1", "Firefox"), ("::2", "Firefox")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("ann", 0, *PHONE), (None, 9, *PHONE)], "ann"),
        ([("ann", 9, *PHONE), (None, 0, *PHONE)], "ann"),
        ([("ann", 0, *PHONE), ("bob", 9, *PHONE), (None, 5, *PHONE)], "bob"),
        ([("ann", 0, *PHONE), ("bob", 10, *PHONE), (None, 5, *PHONE)], "ann"),
        ([("bob", 5, *PHONE), ("ann", 6, *PHONE), (None, 5, *PHONE)], "bob"),
        ([("bob", 5, *PHONE), ("ann", 5, *PHONE), (None, 7, *PHONE)], "ann"),
        ([(10, 5, *PHONE), (9, 5, *PHONE), (None, 7, *PHONE)], "10"),
        ([("ann", 0, "::1", None), (None, 9, "::1", None)], "ann"),
    ],
    ids=[
        "known before",
        "known after",
        "the nearest counts",
        "at equal distance the one before",
        "the same instant is before",
        "of two at one instant the first as text",
        "numbers as text too",
        "a null in a part of the device is a value",
    ],
)
def test_who_it_was(rows: list[Row], expected: str) -> None:
    assert users(rows)[-1] == expected


@pytest.mark.parametrize(
    "rows",
    [
        [("ann", 0, *DESK), (None, 9, *PHONE)],
        [("ann", None, *PHONE), (None, 9, *PHONE)],
        [("ann", 0, *PHONE), (None, None, *PHONE)],
        [("ann", 0, "::1", None), (None, 9, *PHONE)],
    ],
    ids=["another device", "a known event without a time", "no time", "another agent"],
)
def test_who_stays_anonymous(rows: list[Row]) -> None:
    assert users(rows)[-1].startswith("anonymous:")


def test_the_longest_distance_counts() -> None:
    rows: list[Row] = [("ann", 0, *PHONE), (None, HOUR, *PHONE), (None, HOUR + 1, *PHONE)]
    _, at, beyond = users(rows, within="1h")
    assert at == "ann"
    assert beyond.startswith("anonymous:")


def test_an_anonymous_id_is_the_same_in_every_batch_and_type() -> None:
    texts = pd.DataFrame(
        {
            "user_id": [None, None],
            "timestamp": pd.to_datetime([0, 1], unit="s"),
            "device": ["7", "8"],
        }
    )
    numbers = texts.assign(device=[7, 8])
    floats = texts.assign(device=[7.0, np.nan])
    whole = resolve_identity(texts, device="device").events["user_id"].tolist()
    assert resolve_identity(texts.iloc[:1], device="device").events["user_id"].tolist() == whole[:1]
    assert resolve_identity(numbers, device="device").events["user_id"].tolist() == whole
    assert resolve_identity(floats, device=("device",)).events["user_id"][0] == whole[0]
    # What is in the tables of yesterday has to be found again by every later version.
    assert whole[0] == "anonymous:ec1fea259d228699ca09908a7796409e"


def test_centuries_apart_in_nanoseconds() -> None:
    times = pd.to_datetime(["1678-01-01", "2262-01-01"]).as_unit("ns")
    events = pd.DataFrame({"user_id": ["ann", None], "timestamp": times, "device": [1, 1]})
    assert resolve_identity(events, device="device").events["user_id"].tolist() == ["ann", "ann"]
    near = resolve_identity(events, device="device", within="1 day").events["user_id"]
    assert near[1].startswith("anonymous:")


def test_another_index_and_other_columns_stay() -> None:
    events = frame([("ann", 0, *PHONE), (None, 9, *PHONE)]).assign(page="/")
    events.index = pd.Index([5, 5])
    found = resolve_identity(events).events
    assert found.index.tolist() == [5, 5]
    assert list(found.columns) == list(events.columns)


def test_the_report_is_a_sentence() -> None:
    rows: list[Row] = [("ann", 0, *PHONE), (None, 9, *PHONE), (None, 9, None, None)]
    assert str(resolve_identity(frame(rows))) == (
        "3 events: 1 with a user of their own, 1 by their device before, 0 by their device after "
        "(0 of these disputed), 0 anonymous, 1 without a device."
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"device": "adress"}, "`device` must be a column of the frame; .*Did you mean 'address'"),
        ({"device": ()}, "`device` must be the name of a column, or several"),
        ({"device": 3}, "`device` must be the name of a column, or several"),
        ({"user": "who"}, "`user` must be a column"),
        ({"time": "agent"}, "`time` must be a column of times"),
        ({"within": "3"}, "`within` must be"),
    ],
)
def test_what_cannot_be_meant(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        resolve_identity(frame([("ann", 0, *PHONE)]), **options)


def test_only_a_frame_will_do() -> None:
    with pytest.raises(ParameterError, match=r"`events` must be a pandas DataFrame; got 'list'"):
        resolve_identity([])  # type: ignore[arg-type]
