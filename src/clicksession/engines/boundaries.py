"""Where sessions begin by rules beyond a timeout, and why."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from clicksession.engines.causes import Causes
from clicksession.engines.changes import changed
from clicksession.engines.columns import Times, Users, read_ids
from clicksession.engines.days import local_days
from clicksession.engines.limits import limited
from clicksession.engines.ordering import by_key_and_time
from clicksession.engines.pauses import compared, nanoseconds, too_late, too_late_for_any
from clicksession.engines.signals import Marks, own_timeouts, read_marks, values_of
from clicksession.rules import Rules, reasons

__all__ = ["Counted", "counted_events", "session_causes"]

Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Counted:
    """The events that can be of a session, in order of user, time and event.

    Attributes
    ----------
    rows
        Their row numbers in the frame.
    users
        The user of each, as a code.
    delimited
        The number of the delimiter's cause where one stands between an event and the one before
        it of the same user, from 1 on; else 0.
    delimiters
        What these numbers mean.
    """

    rows: Integers
    users: Integers
    delimited: npt.NDArray[np.int32]
    delimiters: tuple[str, ...]

    @property
    def opens_user(self) -> Bools:
        """Whether each event is the first of its user."""
        opens = np.ones(len(self.rows), dtype=bool)
        opens[1:] = self.users[1:] != self.users[:-1]
        return opens


def counted_events(
    users: Users, times: Times, rules: Rules, events: pd.DataFrame, *, who: str
) -> Counted:
    """Return the events that can be of a session: without null, excluded ones and delimiters."""
    present = users.known & times.known
    if excluded := read_marks(events, rules, "excluded", who):
        present &= ~excluded.are
    rows = np.flatnonzero(present)
    rows = rows[by_key_and_time(users.codes[rows], times.counts[rows])]
    if not rules.has_timeout_only and "event_id" in events:
        _order_ties(rows, users.codes, times.counts, events["event_id"], who)
    delimiters = read_marks(events, rules, "delimiter", who)
    codes = users.codes[rows]
    if delimiters is None:
        return Counted(rows, codes, np.zeros(len(rows), dtype=np.int32), ())
    return _between_delimiters(rows, codes, delimiters)


def session_causes(
    counted: Counted, times: Times, rules: Rules, events: pd.DataFrame, *, who: str
) -> Causes:
    """Return which counted events begin a session, and why."""
    rows, unit = counted.rows, times.nanoseconds_per_unit
    counts, opens_user = times.counts[rows], counted.opens_user
    causes = Causes(len(rows))
    causes.add(opens_user, reasons.FIRST)
    if rules.measured_from == "previous":
        causes.add(_late(counted, counts, unit, rules, events, who), reasons.TIMEOUT)
    # What a value counts on to: the next pause, whatever else ends sessions before.
    opens_run = causes.begins
    if rules.midnight:
        days = local_days(counts, unit, rules.midnight)
        causes.add(np.append(False, days[1:] != days[:-1])[: len(rows)], reasons.MIDNIGHT)
    for name in rules.names("change"):
        values = values_of(events[name].iloc[rows])
        differs = changed(
            values,
            opens_run,
            from_empty=rules.change_from_empty,
            to_empty=rules.change_to_empty,
        )
        causes.add(differs, reasons.change_of(name))
    if starts := read_marks(events, rules, "start", who):
        causes.add_each(starts.labels[rows], starts.causes)
    causes.add_each(counted.delimited, tuple(map(reasons.after, counted.delimiters)))
    if ends := read_marks(events, rules, "end", who):
        after = np.append(np.int32(0), ends.labels[rows][:-1])[: len(rows)]
        causes.add_each(after, tuple(map(reasons.after, ends.causes)))
    if rules.sequential:
        cuts, labels, limits = limited(np.flatnonzero(causes.begins), counts, unit, rules)
        each = np.zeros(len(rows), dtype=np.int32)
        each[cuts] = labels
        causes.add_each(each, limits)
    return causes


def _late(
    counted: Counted, counts: Integers, unit: int, rules: Rules, events: pd.DataFrame, who: str
) -> Bools:
    """Say of each event whether it comes after a pause; across users it means nothing."""
    counts, unit = compared(counts, unit, rules)
    if rules.timeout_column is None:
        return too_late(counts, rules.longest_gap(unit))
    own = own_timeouts(
        events[rules.timeout_column].iloc[counted.rows], nanoseconds(rules.timeout), who
    )
    return too_late_for_any(counted.users, counts, rules.longest_gap_of(own, unit))


def _between_delimiters(rows: Integers, codes: Integers, delimiters: Marks) -> Counted:
    labels = delimiters.labels[rows]
    is_delimiter = labels > 0
    latest = np.maximum.accumulate(np.where(is_delimiter, np.arange(len(rows)), -1))
    kept = np.flatnonzero(~is_delimiter)
    before = np.append(-1, kept[:-1])[: len(kept)]
    # One that came after the event before is of this user, or this event is its user's first.
    behind = latest[kept] > before
    delimited = np.where(behind, labels[latest[kept]], 0).astype(np.int32)
    return Counted(rows[kept], codes[kept], delimited, delimiters.causes)


def _order_ties(
    rows: Integers, codes: Integers, counts: Integers, event_ids: pd.Series, who: str
) -> None:
    """Put the events of one user and time in order of their ids; those without one come last."""
    users, times = codes[rows], counts[rows]
    tied = np.zeros(len(rows), dtype=bool)
    tied[1:] = (users[1:] == users[:-1]) & (times[1:] == times[:-1])
    if not tied.any():
        return
    group = np.cumsum(~tied)
    tied[:-1] |= tied[1:]
    slots = np.flatnonzero(tied)
    moved = rows[slots]
    ids = read_ids(event_ids.iloc[moved], who=who, parameter="event_id")
    ranks = pc.rank(ids, sort_keys="ascending", tiebreaker="dense")  # nulls come last
    rows[slots] = moved[np.lexsort((moved, np.asarray(ranks), group[slots]))]
