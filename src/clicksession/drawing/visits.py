"""One user's events and sessions, out of a frame of many users'."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import readable
from clicksession.drawing.answers import require
from clicksession.errors import ParameterError
from clicksession.labels import require_distinct

__all__ = ["Session", "Visits", "visits_of"]

_MUST = "a frame of pandas, Polars or Arrow with session_id, as sessionize gives"
_MAY = ("event_type", "start_reason")


@dataclass(frozen=True)
class Session:
    """One session: when it began and ended, and why it began, if the frame says so."""

    start: np.datetime64
    end: np.datetime64
    reason: str | None


@dataclass(frozen=True)
class Visits:
    """A user's events in the order of their times (in UTC); kinds and sessions may be null."""

    times: np.ndarray
    ids: list[Any]
    kinds: list[Any]
    reasons: list[Any]

    @property
    def sessions(self) -> list[Session]:
        """Return the sessions, in the order of their starts."""
        rows: dict[Any, list[int]] = {}
        for row, session in enumerate(self.ids):
            if session is not None:
                rows.setdefault(session, []).append(row)
        return [
            Session(self.times[own[0]], self.times[own[-1]], self.reasons[own[0]])
            for own in rows.values()
        ]


def visits_of(visits: Any, user: Any, user_column: str, time: str) -> Visits:
    """Return the events of a user that have a time.

    Raises
    ------
    ParameterError
        It is no such frame, or has no event of this user.
    """
    who = "timeline"
    if not hasattr(visits, "__arrow_c_stream__"):
        raise ParameterError(who, "visits", _MUST, type(visits).__name__)
    labels = list(visits.column_names if isinstance(visits, pa.Table) else visits.columns)
    require_distinct(labels, who, "visits")
    needed = (user_column, time, "session_id")
    for name in needed:
        require(name, labels, who, "visits")
    names = list(dict.fromkeys([*needed, *(name for name in _MAY if name in labels)]))
    table = pa.table(visits.select(names) if isinstance(visits, pa.Table) else visits[names])
    if not pa.types.is_timestamp(table[time].type):
        must = f"a frame whose {time!r} holds times"
        raise ParameterError(who, "visits", must, str(table[time].type))
    own = _of_user(_comparable(table), user, user_column)
    own = own.filter(pc.is_valid(own[time])).sort_by(time)
    nulls = [None] * own.num_rows
    may = [own[name].to_pylist() if name in names else nulls for name in _MAY]
    return Visits(_instants(own[time]), own["session_id"].to_pylist(), *may)


def _instants(times: pa.ChunkedArray) -> np.ndarray:
    whole = times.cast(pa.timestamp("us", times.type.tz), safe=False)
    instants: np.ndarray = whole.cast(pa.timestamp("us")).to_numpy()
    return instants.astype("datetime64[us]")


def _of_user(table: pa.Table, user: Any, column: str) -> pa.Table:
    values = table[column]
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    try:
        wanted = pa.scalar(user, values.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        wanted = pa.scalar(None, values.type)
    own = table.filter(pc.equal(values, wanted))
    if own.num_rows == 0:
        hint = f"Users are of the type {values.type} here."
        raise ParameterError("timeline", "user", "a user of the frame", user, hint)
    return own


def _comparable(table: pa.Table) -> pa.Table:
    """Return a table with texts that Arrow compares and filters, which it does not as views."""
    columns = {name: readable(table[name]) for name in table.column_names}
    return pa.table(columns)
