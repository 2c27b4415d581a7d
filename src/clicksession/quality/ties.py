"""The order of events of one moment: by their ids, and without one by what they hold.

Tables give an event without an id one that is made of its content. Frames put such events in the
order of the same ids, so that sessions, funnels and paths are those of a table.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.engines.boundaries import tied_rows
from clicksession.engines.columns import read_ids, read_times, read_users
from clicksession.engines.frames import Eager, in_memory
from clicksession.keywords import keywords
from clicksession.labels import require_column, require_distinct
from clicksession.quality.content import made_ids
from clicksession.quality.fitting import fitted

__all__ = ["EventIds", "ids_to_sort_by", "with_event_ids"]

FrameT = TypeVar("FrameT")
Integers = npt.NDArray[np.int64]

_WHO = "with_event_ids"


@dataclass(frozen=True)
class EventIds:
    """The ids of a frame's events, made where they have none, and only when asked for.

    Where some events have no id, those of the others are texts, as in a table's column.
    """

    library: Eager
    events: Any
    user: str
    time: str
    who: str

    def __call__(self, rows: Integers) -> pa.Array:
        """Return the ids of rows."""
        if self.own is None:
            return self._made(rows)
        ids = self.own.take(pa.array(rows))
        missing = np.asarray(ids.is_null())
        if not missing.any():
            return ids
        return pc.replace_with_mask(ids, pa.array(missing), self._made(rows[missing]))

    def to_sort_by(self, rows: Integers) -> pa.Array:
        """Return what rows come in order of: their ids, and of one id what else they hold."""
        ids = self(rows)
        ranks, repeated = _ranked(ids)
        if not repeated.any():
            return ids
        content = np.zeros(len(rows), dtype=np.int64)
        content[repeated] = _ranked(self._made(rows[repeated]))[0]
        return pa.array(ranks * (len(rows) + 1) + content)

    @cached_property
    def own(self) -> pa.Array | None:
        """The ids that the events have, or None where no event has one."""
        if "event_id" not in self.library.columns(self.events):
            return None
        face = self.library.face(self.events, ["event_id"])
        ids = read_ids(face["event_id"], who=self.who, parameter="event_id")
        if not ids.null_count and ids.type != pa.uint64():
            return ids
        return None if ids.null_count == len(ids) else ids.cast(pa.large_string())

    def _made(self, rows: Integers) -> pa.Array:
        chosen = self.library.rows(self.events, rows)
        face = self.library.face(chosen, self.library.columns(chosen))
        return made_ids(fitted(face, self.user), user=self.user, time=self.time, who=self.who)


@keywords()
def with_event_ids(events: FrameT, *, user: str = "user_id", time: str = "timestamp") -> FrameT:
    """Return a frame in which each event has an ``event_id``: its own, or one made of its content.

    The ids are those that `clicksession.run` and `clicksession.SQLWriter` give in a table: the
    same for two rows that agree in all fields, however the log is cut. Rules about the order of
    events, on an engine that cannot make such ids, need a frame that has them.

    Parameters
    ----------
    events
        One row per event: a pandas or Polars DataFrame or a pyarrow Table. It is not changed.
    user, time
        The columns that say whose event it is and when it happened.

    Returns
    -------
    DataFrame
        A frame of the same type with the column ``event_id``. Where some events had no id, all
        ids are texts, the made ones of 32 hexadecimal digits.

    Raises
    ------
    ParameterError
        A frame that is not in memory, or a column that is not there or of another type.

    Examples
    --------
    >>> import pandas as pd
    >>> moment = pd.to_datetime(["2024-05-01 10:00"] * 2)
    >>> events = pd.DataFrame({"user_id": 7, "timestamp": moment, "page": ["/", "/cart"]})
    >>> with_event_ids(events)["event_id"].str.len().tolist()
    [32, 32]
    """
    library = in_memory(events, who=_WHO, parameter="events")
    known = library.columns(events)
    require_distinct(library.labels(events), _WHO)
    require_column(known, user, _WHO, "user")
    require_column(known, time, _WHO, "time")
    ids = EventIds(library, events, user, time, _WHO)
    if ids.own is not None and not ids.own.null_count:
        return events
    rows = np.arange(len(library.face(events, [user])))
    made: FrameT = library.with_taken(events, {"event_id": ids(rows).cast(pa.large_string())})
    return made


def ids_to_sort_by(events: pa.Table, *, who: str, parameter: str) -> pa.Array | pa.ChunkedArray:
    """Return ids of events by which those of one moment come in the order that tables keep.

    Each row without an id gets one that no other has. Only where two events share their user and
    their time does it say anything.
    """
    names = events.column_names
    has_ids = "event_id" in names and not events["event_id"].null_count
    if has_ids and _distinct(events["event_id"]) == events.num_rows:
        return events["event_id"]
    library = in_memory(events, who=who, parameter=parameter)
    face = library.face(events, ["user_id", "timestamp"])
    users = read_users(face["user_id"], who=who, parameter=parameter)
    times = read_times(face["timestamp"], who=who, parameter=parameter)
    of = EventIds(library, events, "user_id", "timestamp", who)
    tied = tied_rows(users, times)
    if has_ids:
        if not len(tied) or not _ranked(of(tied))[1].any():
            return events["event_id"]
        # Rows of one id come in order of what else they hold, as a table that keeps both has them.
        keys = of.to_sort_by(np.arange(events.num_rows)).to_pylist()
        return pa.array([f"{key:020}-{row}" for row, key in enumerate(keys)])
    places = [f"{row:032}" for row in range(events.num_rows)]
    found = np.array(places, dtype=object)
    if len(tied):
        made = of(tied).cast(pa.string()).to_pandas().to_numpy(dtype=object)
        # Rows that are identical in all have one id, and are two events in a frame.
        found[tied] = made + found[tied]
    if of.own is not None:
        known = np.flatnonzero(np.asarray(of.own.is_valid()))
        found[known] = of.own.take(pa.array(known)).to_pandas().to_numpy(dtype=object)
    return pa.array(found, pa.string())


def _distinct(ids: pa.ChunkedArray) -> int:
    """Return how many different ids there are."""
    # Arrow counts no categories, but what they are of.
    texts = ids.cast(pa.large_string()) if pa.types.is_dictionary(ids.type) else ids
    return int(pc.count_distinct(texts).as_py())


def _ranked(ids: pa.Array) -> tuple[Integers, npt.NDArray[np.bool_]]:
    """Return the place of each id among all, from 1 on, and whether another row has the same."""
    ranks = np.asarray(pc.rank(ids, sort_keys="ascending", tiebreaker="dense"), dtype=np.int64)
    return ranks, np.bincount(ranks)[ranks] > 1
