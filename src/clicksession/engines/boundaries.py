"""Where sessions begin by rules beyond a timeout, and why."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.engines.bounds import after_the_first, between_bounds
from clicksession.engines.carried import Carried
from clicksession.engines.causes import Causes
from clicksession.engines.changes import changed, changes_within
from clicksession.engines.columns import Times, Users
from clicksession.engines.days import local_days
from clicksession.engines.limits import limited
from clicksession.engines.ordering import by_key_and_time, differs
from clicksession.engines.pauses import compared, nanoseconds, open_until, too_late
from clicksession.engines.signals import Marks, own_timeouts, read_marks, values_of
from clicksession.rules import Rules, reasons

__all__ = ["Counted", "IdsOf", "counted_events", "order_ties", "session_causes", "tied_rows"]

Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Gives the ids of some rows, which tell events of one moment apart.
IdsOf = Callable[[Integers], pa.Array]


@dataclass(frozen=True)
class Counted:
    """The events that can be of a session, in order of user, time and event.

    Attributes
    ----------
    rows
        Their row numbers in the frame.
    users
        The user of each, as a code.
    ended
        The number of the delimiter's cause where one came after an event and before the next one
        of the same user, from 1 on; else 0.
    delimiters
        What these numbers mean.
    opens
        Whether an event is a start that comes in no session, where only what lies between a start
        and an end has one; else None.
    """

    rows: Integers
    users: Integers
    ended: npt.NDArray[np.int32]
    delimiters: tuple[str, ...]
    opens: Bools | None = None

    @property
    def opens_user(self) -> Bools:
        """Whether each event is the first of its user."""
        return differs(self.users)


def counted_events(
    users: Users, times: Times, rules: Rules, events: pd.DataFrame, ids_of: IdsOf, *, who: str
) -> Counted:
    """Return the events that can be of a session: without null, excluded ones and delimiters."""
    present = users.known & times.known
    if excluded := read_marks(events, rules, "excluded", who):
        present &= ~excluded.are
    rows = np.flatnonzero(present)
    rows = rows[by_key_and_time(users.codes[rows], times.counts[rows])]
    if rules.order_decides:
        order_ties(rows, users.codes, times.counts, ids_of)
    delimiters = read_marks(events, rules, "delimiter", who)
    codes = users.codes[rows]
    if delimiters is not None:
        if rules.between:
            rows = rows[after_the_first(delimiters.labels[rows] > 0, codes)]
        return _without_delimiters(rows, users.codes[rows], delimiters)
    nothing = np.zeros(len(rows), dtype=np.int32)
    if rules.between:
        starts, ends = (read_marks(events, rules, kind, who) for kind in ("start", "end"))
        assert starts is not None
        assert ends is not None
        inside, opens = between_bounds(starts.are[rows], ends.are[rows], codes)
        return Counted(rows[inside], codes[inside], nothing[inside], (), opens[inside])
    return Counted(rows, codes, nothing, ())


def session_causes(
    counted: Counted,
    times: Times,
    rules: Rules,
    events: pd.DataFrame,
    *,
    who: str,
    carried: Carried | None = None,
) -> Causes:
    """Return which counted events begin a session, and why.

    Of sessions that are carried over, the first row counts as their beginning.
    """
    rows, unit = counted.rows, times.nanoseconds_per_unit
    counts, opens_user = times.counts[rows], counted.opens_user
    causes = Causes(len(rows))
    causes.add(opens_user, reasons.FIRST)
    if rules.measured_from == "previous":
        late, causes.until = _late(counted, counts, unit, rules, events, carried, who)
        causes.add(late, reasons.TIMEOUT)
    # What a value counts on to: the next pause, whatever else ends sessions before.
    opens_run = causes.begins
    if rules.midnight:
        days = local_days(counts, unit, rules.midnight)
        causes.add(np.append(False, days[1:] != days[:-1])[: len(rows)], reasons.MIDNIGHT)
    forgets = rules.change_memory == "session"
    for name in () if forgets else rules.names("change"):
        values = values_of(events[name].iloc[rows])
        differs = changed(
            values,
            opens_run,
            from_empty=rules.change_from_empty,
            to_empty=rules.change_to_empty,
        )
        causes.add(differs, reasons.change_of(name))
    if starts := read_marks(events, rules, "start", who):
        labels = starts.labels[rows]
        if counted.opens is not None:
            labels = np.where(counted.opens, labels, np.int32(0))
        causes.add_each(labels, starts.causes)
    causes.add_each(_one_later(counted.ended), tuple(map(reasons.after, counted.delimiters)))
    if ends := read_marks(events, rules, "end", who):
        causes.add_each(_one_later(ends.labels[rows]), tuple(map(reasons.after, ends.causes)))
    if rules.sequential:
        since, already = counts, np.zeros(len(counts), dtype=np.int64)
        if carried is not None:
            since = counts.copy()
            since[carried.first], already[carried.first] = carried.began, carried.events
        begins = np.flatnonzero(causes.begins)
        changes = _changes(counted, rules, events) if forgets else []
        causes.add_each(*limited(begins, counts, since, already, unit, rules, changes))
    return causes


def _changes(
    counted: Counted, rules: Rules, events: pd.DataFrame
) -> list[tuple[str, Callable[[Integers, Integers], Integers]]]:
    """Return the changes of values that count on within their session, each with its reason."""

    def values(name: str) -> Integers:
        return values_of(events[name].iloc[counted.rows])

    others = values(rules.change_from_column) if rules.change_from_column else None
    return [
        (
            reasons.change_of(name),
            changes_within(values(name), others, from_empty=rules.change_from_empty),
        )
        for name in rules.names("change")
    ]


def _late(
    counted: Counted,
    counts: Integers,
    unit: int,
    rules: Rules,
    events: pd.DataFrame,
    carried: Carried | None,
    who: str,
) -> tuple[Bools, Integers | None]:
    """Say of each event whether it comes after a pause; across users it means nothing.

    Where events have their own timeouts, say also up to when each keeps its session open.
    """
    counts, unit = compared(counts, unit, rules)
    if rules.timeout_column is None:
        return too_late(counts, rules.longest_gap(unit)), None
    own = own_timeouts(
        events[rules.timeout_column].iloc[counted.rows], nanoseconds(rules.timeout), who
    )
    longest = rules.longest_gap_of(own, unit)
    if carried is not None:
        lengths = carried.last - carried.first + 1
        again = np.arange(lengths.sum()) + np.repeat(
            carried.first - np.cumsum(lengths) + lengths, lengths
        )
        longest[again] = np.repeat(carried.until, lengths) - counts[again]
    until = open_until(counted.users, counts, longest)
    late = np.zeros(len(counts), dtype=bool)
    np.greater(counts[1:], until[:-1], out=late[1:])
    return late, until


def _one_later(labels: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return for each event the label of the one before; across users a session begins anyway."""
    return np.append(np.int32(0), labels[:-1])[: len(labels)]


def _without_delimiters(rows: Integers, codes: Integers, delimiters: Marks) -> Counted:
    labels = delimiters.labels[rows]
    kept = labels == 0
    behind = np.cumsum(kept) - 1
    # The event before each delimiter, if it is of the same user; of several, the last one counts.
    places = np.flatnonzero(~kept & (behind >= 0))
    counted = np.flatnonzero(kept)
    before = counted[behind[places]]
    places = places[codes[before] == codes[places]]
    ended = np.zeros(len(counted), dtype=np.int32)
    ended[behind[places]] = labels[places]
    return Counted(rows[counted], codes[counted], ended, delimiters.causes)


def order_ties(rows: Integers, codes: Integers, counts: Integers, ids_of: IdsOf) -> None:
    """Put the events of one user and time in order of their ids."""
    slots, groups = _tied(codes[rows], counts[rows])
    if not len(slots):
        return
    moved = rows[slots]
    ranks = pc.rank(ids_of(moved), sort_keys="ascending", tiebreaker="dense")
    rows[slots] = moved[np.lexsort((moved, np.asarray(ranks), groups))]


def tied_rows(users: Users, times: Times) -> Integers:
    """Return the rows that share their user and their time with another, by user and time."""
    rows = np.flatnonzero(users.known & times.known)
    rows = rows[by_key_and_time(users.codes[rows], times.counts[rows])]
    return rows[_tied(users.codes[rows], times.counts[rows])[0]]


def _tied(users: Integers, times: Integers) -> tuple[Integers, Integers]:
    """Return the positions of what shares user and time with its neighbour, and of which group."""
    opens = differs(users, times)
    group, tied = np.cumsum(opens, dtype=np.int64), ~opens
    tied[:-1] |= tied[1:]
    slots = np.flatnonzero(tied)
    return slots, group[slots]
