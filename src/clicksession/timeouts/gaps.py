"""The gaps between a user's consecutive events, from arrays: what a log is asked for."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.engines.columns import as_arrow, read_times, read_users
from clicksession.engines.ordering import by_key, by_key_and_time, differs
from clicksession.errors import ParameterError
from clicksession.metrics.roles import Role, named, types_of
from clicksession.schema import Vocabulary
from clicksession.timeouts.histograms import BINS, GROUPS, NO_BIN, bins_of, group_of
from clicksession.timeouts.outcomes import Outcome, outcomes_of

__all__ = ["Counts", "FrameLog", "Log", "order_types", "require_few"]

Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Each value of a column that divides a log has histograms and a fit of its own.
_MOST_PARTS = 200


@dataclass(frozen=True)
class Counts:
    """The gaps of one log, counted.

    Attributes
    ----------
    histograms
        A row for each group of users, a column for each bin: how many gaps.
    under_a_second
        How many gaps are in no bin.
    users
        How many users have an event.
    """

    histograms: Integers
    under_a_second: int
    users: int

    @classmethod
    def of(cls, table: Integers, users: int) -> "Counts":
        """Return what a table holds that has a column more, the first, for gaps in no bin."""
        return cls(table[:, 1:], int(table[:, 0].sum()), users)

    @property
    def gap_count(self) -> int:
        """How many gaps there are."""
        return int(self.histograms.sum()) + self.under_a_second


class Log(Protocol):
    """A log, or several under the values of a column: `None` alone where nothing divides it."""

    def counts(self) -> dict[Hashable, Counts]:
        """Return the gaps of each, counted."""
        ...

    def outcomes(self, limits: Sequence[int]) -> dict[Hashable, list[Outcome]]:
        """Return what each comes to by each timeout, in microseconds."""
        ...


def require_few(parts: int, by: str | None, who: str) -> None:
    """Refuse a column that divides a log into too many parts."""
    if parts > _MOST_PARTS:
        raise ParameterError(who, "by", f"a column of at most {_MOST_PARTS} values", by)


def order_types(events: Any, vocabulary: Vocabulary, who: str) -> tuple[str, ...]:
    """Return the event types that a caller means, in the words of a log.

    Raises
    ------
    ParameterError
        They are no event types and no roles.
    """
    names = named(events)
    if not names:
        raise ParameterError(who, "events", "event types or roles, at least one", events)
    return types_of(tuple(_said(name, vocabulary) for name in names))


def _said(name: str | Role, vocabulary: Vocabulary) -> str | Role:
    is_open = isinstance(name, Role) and not name.called and name.name in vocabulary
    return Role(name.name, vocabulary[name.name]) if is_open and isinstance(name, Role) else name


@dataclass(frozen=True)
class _Ordered:
    """Events by user, then time.

    Attributes
    ----------
    keys
        The user of each, ascending.
    times
        When each was, in microseconds since 1970.
    are_orders
        Which of them are orders.
    """

    keys: Integers
    times: Integers
    are_orders: Bools

    @property
    def opens(self) -> Bools:
        """Which events are the first of their user."""
        return differs(self.keys)

    def counts(self) -> Counts:
        """Return the gaps, counted."""
        later, numbers = np.flatnonzero(~self.opens), np.cumsum(self.opens)
        bins = bins_of(self.times[later] - self.times[later - 1])
        users = int(self.opens.sum())
        groups = group_of(np.arange(users + 1), np.remainder)[numbers[later]]
        width = BINS + 1
        found = np.bincount(groups * width + bins - NO_BIN, minlength=GROUPS * width)
        return Counts.of(found.reshape(GROUPS, width), users)


@dataclass(frozen=True)
class FrameLog:
    """A frame in memory, as pandas sees it.

    Attributes
    ----------
    events
        The frame, with the columns of users and times.
    by
        The column whose values divide it; None for none.
    types
        The event types that are orders.
    """

    events: pd.DataFrame
    user: str
    time: str
    by: str | None
    types: tuple[str, ...]
    who: str

    def counts(self) -> dict[Hashable, Counts]:
        """Return the gaps of each, counted."""
        return {key: part.counts() for key, part in self._parts.items()}

    def outcomes(self, limits: Sequence[int]) -> dict[Hashable, list[Outcome]]:
        """Return what each comes to by each timeout."""
        return {
            key: outcomes_of(part.opens, part.times, part.are_orders, limits)
            for key, part in self._parts.items()
        }

    @cached_property
    def _parts(self) -> dict[Hashable, _Ordered]:
        users = read_users(self.events[self.user], who=self.who, parameter="user")
        times = read_times(self.events[self.time], who=self.who, parameter="time")
        rows = np.flatnonzero(users.known & times.known)
        keys, moments = users.ranks()[rows], times.microseconds(times.counts[rows])
        order = by_key_and_time(keys, moments)
        keys, moments, rows = keys[order], moments[order], rows[order]
        return {
            key: _Ordered(keys[part], moments[part], self._are_orders(rows[part]))
            for key, part in self._divided(rows)
        }

    def _divided(self, rows: Integers) -> Iterator[tuple[Hashable, Integers | slice]]:
        """Yield each value that divides the rows, and the places of those that have it."""
        if self.by is None:
            yield None, slice(None)
            return
        values = as_arrow(self.events[self.by]).take(pa.array(rows))
        is_coded = pa.types.is_dictionary(values.type)
        kind = values.type.value_type if is_coded else values.type
        if pa.types.is_nested(kind) or isinstance(kind, pa.BaseExtensionType):
            hint = "Convert it to text first, in pandas with .astype(str)."
            must, got = "a column of texts, numbers, times or flags", f"{self.by} ({kind})"
            raise ParameterError(self.who, "by", must, got, hint)
        if pa.types.is_floating(kind) and not is_coded:
            # No number is no value, as in pandas and in a target; Polars tells the two apart.
            values = pc.if_else(pc.is_nan(values), pa.scalar(None, kind), values)
        if not is_coded:
            values = values.dictionary_encode()
        codes = np.asarray(values.indices.fill_null(len(values.dictionary)), dtype=np.int64)
        keys = [*values.dictionary.to_pylist(), None]
        require_few(len(np.unique(codes)), self.by, self.who)
        places = by_key(codes)
        ends = np.cumsum(np.bincount(codes, minlength=len(keys)))
        for key, part in zip(keys, np.split(places, ends[:-1]), strict=True):
            if len(part):
                yield key, part

    def _are_orders(self, rows: Integers) -> Bools:
        if "event_type" not in self.events.columns:
            return np.zeros(len(rows), dtype=bool)
        kinds = as_arrow(self.events["event_type"]).take(pa.array(rows)).cast(pa.large_string())
        found = pc.is_in(kinds, value_set=pa.array(self.types, pa.large_string()))
        return np.asarray(found, dtype=bool)
