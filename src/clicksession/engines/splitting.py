"""Sessions of a frame, by whichever rules: the columns are read, and cut."""

import numpy as np
import pandas as pd
import pyarrow as pa

from clicksession.engines.arrays import Split, split
from clicksession.engines.boundaries import IdsOf
from clicksession.engines.columns import read_ids, read_times, read_users
from clicksession.engines.given import split_given
from clicksession.labels import require_column
from clicksession.rules import Rules

__all__ = ["split_frame"]


def split_frame(
    events: pd.DataFrame,
    rules: Rules,
    ids_of: IdsOf | None = None,
    *,
    user: str = "user_id",
    time: str = "timestamp",
    who: str = "sessionize",
) -> Split:
    """Return where the sessions of a frame begin, before any id is written out.

    `ids_of` gives the ids of rows, by which events of one moment are in order; left out: those of
    the column ``event_id``, which every event has.
    """
    users = read_users(_column(events, user, who, "user"), who=who, parameter="user")
    times = read_times(_column(events, time, who, "time"), who=who, parameter="time")

    def own_ids(rows: np.ndarray) -> pa.Array:
        return read_ids(events["event_id"].iloc[rows], who=who, parameter="event_id")

    ids = ids_of or own_ids
    if rules.session_column:
        require_column([str(name) for name in events], rules.session_column, who, "session_column")
        return split_given(users, times, rules, events, ids, who=who)
    return split(users, times, rules, events, ids, who=who)


def _column(frame: pd.DataFrame, name: str, who: str, parameter: str) -> pd.Series:
    require_column([str(column) for column in frame.columns], name, who, parameter)
    return frame[name]
