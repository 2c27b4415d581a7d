"""PySpark, where pauses alone end sessions: what the plan for any rules gives, for less.

Users and times are shuffled as they are, and counted behind the shuffle. Sessions are found without
an id for each event: the last event of each is kept, and what lies between it and the one of the
session before tells the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from pyspark.sql import Column, DataFrame, functions
from pyspark.sql import Window as SparkWindow
from pyspark.sql.types import LongType, TimestampType

from clicksession.arrow import ENDLESS
from clicksession.rules import Rules, reasons
from clicksession.windows import ADDED, added_columns
from clicksession.windows.gaps import MICROSECOND
from clicksession.windows.words import Words, free_name

__all__ = ["Pauses", "finite_microseconds", "made_from", "pauses_decide"]

_SECOND = 1_000_000


def finite_microseconds(instant: Column) -> Column:
    """Count from 1970; null for no time, and for one that other databases take for infinite."""
    count = functions.unix_micros(instant)
    end = functions.lit(ENDLESS).cast(LongType())
    # A difference from these would be none of 64 bits.
    return functions.when((count < end) & (count > -end), count)


def pauses_decide(frame: DataFrame, rules: Rules, user: str, time: str) -> bool:
    """Say whether pauses between instants are all that there is to look at."""
    is_instant = isinstance(frame.schema[time].dataType, TimestampType)
    explains = added_columns(rules, frame.columns) != ADDED[:2]
    replaced = {user.lower(), time.lower()} & set(ADDED)
    return is_instant and rules.gaps_decide and not explains and not replaced


def made_from(sessionized: DataFrame, user: str, time: str) -> "Pauses | None":
    """Return what a frame was made from; None where it is not known, or where its rows are kept.

    It is of this very frame: one with a filter more, or another column, is another frame.
    """
    made = _MADE.get(sessionized)
    if made is None or (made.user, made.time) != (user, time):
        return None
    stored = sessionized.storageLevel
    # What is cached need not be computed again.
    return None if stored.useMemory or stored.useDisk else made


@dataclass(frozen=True)
class Pauses:
    """Events, and how their sessions are cut.

    Attributes
    ----------
    words
        What Spark says things with.
    events
        The frame.
    rules, user, time
        Such that `pauses_decide`.
    """

    words: Words
    events: DataFrame
    rules: Rules
    user: str
    time: str

    def sessionized(self) -> DataFrame:
        """Return the events with their sessions: one shuffle and one sort, by user and time."""
        get, now = self._get, self._now
        before = {"before": functions.lag(now).over(self._in_order)}
        frame = self.events.withColumns(self._named(before))
        begins = self._is_apart(get("before"), now)
        begun = {"begun": functions.when(begins, finite_microseconds(now))}
        frame = frame.withColumns(self._named(begun))
        cut = {
            "ordinal": functions.count(get("begun")).over(self._so_far),
            # Sessions start one after the other: the latest start is the greatest.
            "started": functions.max(get("begun")).over(self._so_far),
        }
        frame = frame.withColumns(self._named(cut))
        names = [name for name in self.events.columns if name not in ADDED]
        columns = {
            **{name: self.words.column(frame, name) for name in names},
            "session_id": functions.when(self._counts, self._id(get("started"))),
            "session_index": functions.when(self._counts, get("ordinal")),
        }
        made: DataFrame = self.words.chosen(frame, columns)
        _MADE[made] = self
        return made

    def summarized(self) -> DataFrame:
        """Return one row per session: one shuffle and one sort, and no grouping behind them."""
        get, now = self._get, self._now
        own = {self.user: self._user, self.time: now}
        events: DataFrame = self.words.chosen(self.events.where(self._counts), own)
        around = {
            "after": functions.lead(now).over(self._in_order),
            "place": functions.count(functions.lit(1)).over(self._so_far),
            "first": functions.first(now).over(self._so_far),
        }
        events = events.withColumns(self._named(around))
        last = events.where(self._is_apart(now, get("after")))
        nth = functions.count(functions.lit(1)).over(self._so_far)
        # What follows the last event of the session before is the first of this one.
        previous = {
            "began": functions.lag(get("after")).over(self._in_order),
            "earlier": functions.lag(get("place")).over(self._in_order),
            "ordinal": nth,
        }
        sessions = last.withColumns(self._named(previous))
        made: DataFrame = self.words.chosen(sessions, self._told())
        return made

    def _told(self) -> dict[str, Column]:
        """Return what is said of each session, at its last event."""
        words, get, ordinal = self.words, self._get, self._get("ordinal")
        start, end = functions.coalesce(get("began"), get("first")), self._now
        lasted = functions.unix_micros(end) - functions.unix_micros(start)
        earlier = functions.coalesce(get("earlier"), words.value(0))
        is_first = [(ordinal == words.value(1), words.value(reasons.FIRST))]
        return {
            "session_id": self._id(functions.unix_micros(start)),
            self.user: self._user,
            "session_index": ordinal,
            "started_at": start,
            "ended_at": end,
            "duration_seconds": words.quotient(lasted, _SECOND),
            "event_count": get("place") - earlier,
            "start_reason": words.case(is_first, words.value(reasons.TIMEOUT)),
        }

    # What the frames are made of.

    def _own(self, name: str) -> str:
        """Return the name of a column of ours: one that the events have in no spelling."""
        return free_name(name, {each.lower() for each in self.events.columns})

    def _named(self, columns: Mapping[str, Column]) -> dict[str, Column]:
        return {self._own(name): column for name, column in columns.items()}

    def _get(self, name: str) -> Column:
        column: Column = self.words.column(self.events, self._own(name))
        return column

    @property
    def _user(self) -> Column:
        column: Column = self.words.column(self.events, self.user)
        return column

    @property
    def _now(self) -> Column:
        column: Column = self.words.column(self.events, self.time)
        return column

    @property
    def _in_order(self) -> Any:
        """The events of a user by time: by the column itself, which puts infinite times outside."""
        return SparkWindow.partitionBy(self.words.whose(self.events, self.user)).orderBy(self._now)

    @property
    def _so_far(self) -> Any:
        """The events up to this one, and all that tie with it: windows may order these anew."""
        return self._in_order.rangeBetween(SparkWindow.unboundedPreceding, SparkWindow.currentRow)

    @property
    def _counts(self) -> Column:
        """Whether an event can have a session."""
        has_time: Column = ~self.words.lacks_instant(self.events, self.time)
        return self._user.isNotNull() & has_time

    def _is_apart(self, before: Column, now: Column) -> Column:
        """Say whether the gap is too long, or one of the times is none."""
        longest = self.words.value(self.rules.longest_gap(MICROSECOND))
        gap = finite_microseconds(now) - finite_microseconds(before)
        return functions.coalesce(gap > longest, functions.lit(True))

    def _id(self, start: Column) -> Column:
        words = self.words
        id_: Column = words.joined(words.text(self._user), words.value(":"), words.text(start))
        return id_


# By the frame itself: frames do not change, and each step makes another one.
_MADE: WeakKeyDictionary[DataFrame, Pauses] = WeakKeyDictionary()
