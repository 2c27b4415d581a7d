"""What there is to count in the events of a source, batch after batch, in flat memory."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import as_text

__all__ = ["Counts"]

# So many event types are told apart; those of further ones are counted together.
_TYPES = 10_000

Hashes = npt.NDArray[np.uint64]


class _Distinct:
    """How many different texts there are: of each, 64 bits are kept."""

    def __init__(self) -> None:
        self._known: Hashes = np.empty(0, np.uint64)
        self._fresh: list[Hashes] = []

    def add(self, texts: pa.ChunkedArray) -> None:
        """Take these in."""
        different = pc.unique(texts).drop_null().to_pandas().to_numpy(dtype=object)
        self._fresh.append(pd.util.hash_array(different, categorize=False))
        # Merged when they are many, so that each is sorted a few times and not at every batch.
        if sum(map(len, self._fresh)) > max(100_000, len(self._known)):
            self._merge()

    def count(self) -> int:
        """Return how many there are."""
        self._merge()
        return len(self._known)

    def _merge(self) -> None:
        self._known = np.unique(np.concatenate([self._known, *self._fresh]))
        self._fresh = []


@dataclass
class Counts:
    """What was found in the events so far.

    Attributes
    ----------
    events
        How many there are.
    without_user, without_time
        How many of them have no user, no time.
    first, last
        The span of their times.
    types
        How many there are of each type, None for those without one.
    of_other_types
        How many there are of types beyond the first ten thousand.
    filled
        For each column, how many events have a value.
    kinds
        For each column, the types that its values had.
    """

    events: int = 0
    without_user: int = 0
    without_time: int = 0
    first: datetime | None = None
    last: datetime | None = None
    types: Counter[str | None] = field(default_factory=Counter)
    of_other_types: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, set[str]] = field(default_factory=dict)
    _users: _Distinct = field(default_factory=_Distinct)

    @property
    def users(self) -> int:
        """How many users there are."""
        return self._users.count()

    def add(self, events: pa.Table) -> None:
        """Count the events of a batch."""
        self.events += events.num_rows
        self.without_user += events["user_id"].null_count
        self.without_time += events["timestamp"].null_count
        self._users.add(as_text(events["user_id"]))
        self._add_span(events["timestamp"])
        for name in events.column_names:
            self._add_column(name, events[name])
        if "event_type" in events.column_names:
            self._add_types(as_text(events["event_type"]))

    def _add_column(self, name: str, values: pa.ChunkedArray) -> None:
        self.filled[name] += len(values) - values.null_count
        if values.null_count < len(values):
            self.kinds.setdefault(name, set()).add(_kind(values.type))

    def _add_span(self, times: pa.ChunkedArray) -> None:
        # To the microsecond, as Python's times are.
        found = pc.min_max(times.cast(pa.timestamp("us", "UTC"), safe=False)).as_py()
        if found["min"] is not None:
            self.first = min(self.first or found["min"], found["min"])
            self.last = max(self.last or found["max"], found["max"])

    def _add_types(self, types: pa.ChunkedArray) -> None:
        for each in pc.value_counts(types).to_pylist():
            kind, count = each["values"], each["counts"]
            if kind in self.types or len(self.types) < _TYPES:
                self.types[kind] += count
            else:
                self.of_other_types += count


def _kind(kind: pa.DataType) -> str:
    """Return what a type is called."""
    if pa.types.is_boolean(kind):
        return "true or false"
    if pa.types.is_integer(kind):
        return "whole number"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_timestamp(kind):
        return "time"
    return "date" if pa.types.is_date(kind) else "text"
