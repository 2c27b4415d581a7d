"""Rows in order bucket by bucket: the same, however small the buckets and whatever hashes clash."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clicksession import sessionize
from clicksession.engines import keys, ordering, taking
from clicksession.engines.columns import Users
from clicksession.engines.keys import Codes, Texts
from clicksession.engines.ordering import in_order
from tests.logs import THIRTY_MINUTES, as_lists, logs
from tests.oracle import session_of_each

Hash = Callable[[list[np.ndarray]], np.ndarray]

# Texts of one word, of two, and such as differ in their length, their end or a zero alone.
TEXTS = ["", "a", "a\0", "\0", "ann", "annannan", "annannana", "annannan\0", "é" * 8, "é" * 7 + "e"]
TIMES = [0, 1, 2, 2**40, 2**62, -(2**62), -(2**63), 2**63 - 1]


def _none(words: list[np.ndarray]) -> np.ndarray:
    """All texts clash."""
    return np.zeros(len(words[0]), dtype=np.int64)


def _first_bit(words: list[np.ndarray]) -> np.ndarray:
    """Half of the texts clash, in buckets far from each other."""
    return (words[0] & np.uint64(1)).astype(np.int64) << 62


@pytest.fixture(params=[keys._hashed, _none, _first_bit], ids=["hash", "none", "bit"])
def small(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "_ROWS_PER_BUCKET", 2)
        patch.setattr(ordering, "_ROWS_PER_CHUNK", 3)
        patch.setattr(taking, "_ROWS_PER_THREAD", 4)
        patch.setattr(keys, "_hashed", request.param)
        yield


def any_rows(users: st.SearchStrategy[Any]) -> st.SearchStrategy[list[tuple[Any, int]]]:
    return st.lists(st.tuples(st.none() | users, st.sampled_from(TIMES)), max_size=40)


def check_order(found: ordering.Ordered, users: list[Any], times: list[int]) -> None:
    """Each user's rows stand together, in order of time and row, and the first is marked."""
    rows = found.rows.tolist()
    assert sorted(rows) == [row for row, user in enumerate(users) if user is not None]
    assert found.times.tolist() == [times[row] for row in rows]
    whose = [users[row] for row in rows]
    opens = [place == 0 or whose[place - 1] != user for place, user in enumerate(whose)]
    assert found.opens_user.tolist() == opens
    assert sum(opens) == len(set(whose))
    for before, row in pairwise(rows):
        assert users[before] != users[row] or (times[before], before) < (times[row], row)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(any_rows(st.sampled_from(TEXTS)), st.booleans(), st.sampled_from([pa.string(), None]))
def test_texts(
    small: None, drawn: list[tuple[Any, int]], by_time: bool, kind: pa.DataType | None
) -> None:
    drawn = sorted(drawn, key=lambda row: row[1]) if by_time else drawn
    users, times = [user for user, _ in drawn], [time for _, time in drawn]
    # A slice of a longer array, as a frame may hold one.
    ids = pa.array(["before", *users, "behind"], kind or pa.large_string())[1:-1]
    found = in_order(Texts(ids.cast(pa.large_string())), np.array(times, np.int64), known(ids))
    check_order(found, users, times)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(any_rows(st.sampled_from([0, 1, 2, 3, 2**39, 2**39 + 1, 2**62])))
def test_codes(small: None, drawn: list[tuple[Any, int]]) -> None:
    users, times = [user for user, _ in drawn], [time for _, time in drawn]
    ids = pa.array(users, pa.int64())
    codes = np.asarray(ids.fill_null(0))
    check_order(in_order(Codes(codes), np.array(times, np.int64), known(ids)), users, times)


def known(ids: pa.Array) -> np.ndarray:
    return np.asarray(ids.is_valid())


@pytest.mark.parametrize(
    "library",
    [lambda frame: frame, pa.table, pl.from_pandas],
    ids=["pandas", "pyarrow", "polars"],
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(logs(users=st.sampled_from(["ann", "ann\0", "annannannann", "annannannan\0", "bob"])))
def test_any_log_equals_the_oracle(small: None, library: Any, events: pd.DataFrame) -> None:
    found = pa.table(sessionize(library(events)))
    expected = session_of_each(*as_lists(events), THIRTY_MINUTES)
    ids, indexes = (found[name].to_pylist() for name in ("session_id", "session_index"))
    assert list(zip(ids, indexes, strict=True)) == [each or (None, None) for each in expected]


def test_long_texts_and_numbers_too_far_apart_have_codes() -> None:
    assert isinstance(Users(pa.array(["a" * 64, "b"])).keys, Texts)
    assert isinstance(Users(pa.array(["a" * 65, "b"])).keys, Codes)
    far = Users(pa.array([-(2**62), 2**62, None, -(2**62)]))
    assert isinstance(far.keys, Codes)
    assert far.codes.tolist() == [0, 1, 0, 0]


def test_a_user_with_a_third_of_a_log_and_a_user_for_each_event() -> None:
    random, size = np.random.default_rng(0), 100_000
    times = pd.to_datetime(random.integers(0, 10**12, size), unit="us")
    many = np.where(random.random(size) < 1 / 3, 0, np.arange(size))
    for users in (many, np.arange(size)):
        texts = pd.Series(users).astype("str").radd("user-")
        numbers = sessionize(pd.DataFrame({"user_id": users, "timestamp": times}))
        named = sessionize(pd.DataFrame({"user_id": texts, "timestamp": times}))
        assert numbers["session_index"].equals(named["session_index"])
        assert ("user-" + numbers["session_id"]).equals(named["session_id"])
        ordered = pd.DataFrame({"user": users, "time": times}).sort_values("time", kind="stable")
        gaps = ordered.groupby("user")["time"].diff()
        opens = (gaps.isna() | (gaps > pd.Timedelta("30min"))).groupby(ordered["user"]).cumsum()
        assert (numbers["session_index"] == opens.sort_index()).all()
