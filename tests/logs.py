"""Random small logs for property tests: dense in ties, nulls and gaps at the boundary."""

from typing import Any

import pandas as pd
from hypothesis import strategies as st

MINUTE = 60_000_000
THIRTY_MINUTES = 30 * MINUTE

# Steps that land exactly on the timeout and one microsecond beside it, again and again.
_STEPS = st.sampled_from(
    [0, 1, MINUTE, THIRTY_MINUTES - 1, THIRTY_MINUTES, THIRTY_MINUTES + 1, 86_400_000_000]
)
_EPOCH = pd.Timestamp(0, tz="UTC")
_TYPES = st.sampled_from(["page_view", "search", "placed_order"])


@st.composite
def logs(
    draw: st.DrawFn,
    users: st.SearchStrategy[Any] | None = None,
    max_size: int = 30,
    nulls: bool = True,
) -> pd.DataFrame:
    """A frame of events with distinct ids, in a drawn order."""
    if users is None:
        users = st.sampled_from(["ann", "bob", "o'hara:1", "7"])
    size = draw(st.integers(0, max_size))
    start = draw(st.sampled_from([0, 1_714_557_600_000_000, -1_000_000_000_001]))
    times, now = [], start
    for _ in range(size):
        now += draw(_STEPS)
        times.append(None if nulls and draw(st.integers(0, 9)) == 0 else now)
    rows = [
        (
            number,
            None if nulls and draw(st.integers(0, 9)) == 0 else draw(users),
            time,
            draw(_TYPES),
        )
        for number, time in enumerate(times)
    ]
    rows = draw(st.permutations(rows))
    frame = pd.DataFrame(rows, columns=["event_id", "user_id", "timestamp", "event_type"])
    return frame.assign(
        event_id=frame["event_id"].astype("Int64"),
        user_id=_users(frame["user_id"]),
        timestamp=pd.to_datetime(frame["timestamp"].astype("Int64"), unit="us", utc=True),
        event_type=frame["event_type"].astype("str"),
    )


def _users(column: pd.Series) -> pd.Series:
    whole = all(isinstance(user, int) for user in column.dropna())
    return column.astype("Int64") if whole and column.notna().any() else column.astype("str")


def as_lists(frame: pd.DataFrame) -> tuple[list[Any], list[int | None]]:
    """Return users and times in microseconds as plain values."""
    users = [None if pd.isna(user) else user for user in frame["user_id"].tolist()]
    return users, [microseconds(time) for time in frame["timestamp"]]


def microseconds(time: pd.Timestamp) -> int | None:
    """Return the microseconds from 1970 to a time, or None for none."""
    return None if pd.isna(time) else (time - _EPOCH) // pd.Timedelta("1us")
