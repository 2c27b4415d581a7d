"""Cut sessions with array operations: the path of every frame that is in memory.

No step loops over rows or users. Rows without a user or without a time take no
part: they have no session, and no neighbour's gap is measured from them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.engines.boundaries import Counted, IdsOf, counted_events, session_causes
from clicksession.engines.carried import Carried
from clicksession.engines.causes import Causes
from clicksession.engines.columns import Times, Users
from clicksession.engines.ordering import differs, in_order
from clicksession.engines.pauses import too_late
from clicksession.engines.taking import shares
from clicksession.engines.threads import in_threads
from clicksession.rules import Rules, reasons

__all__ = ["Cut", "Split", "reasons_by_ordinal", "split", "split_on"]

Integers = npt.NDArray[np.int64]

# So few rows for each session, and its id is made for each row.
_FEW_ROWS = 2


@dataclass(frozen=True)
class Split:
    """Where each session begins, over the rows in order of user and time.

    Attributes
    ----------
    rows
        The numbers of the rows that have a session, by user, then time.
    starts
        The positions in `rows` at which a session begins, ascending.
    user_codes
        A number for the user of each session: the same where sessions that follow one another are
        of one user.
    started_at, ended_at
        The first and last time of each session, in the unit of `times`.
    causes
        Why each session began, where that is not plain from its ordinal.
    twins
        How many sessions of its user began in the same microsecond before each, beside those of
        this split; None for none.
    """

    users: Users
    times: Times
    rows: Integers
    starts: Integers
    user_codes: Integers
    started_at: Integers
    ended_at: Integers
    causes: pa.Array | None = None
    twins: Integers | None = None

    @property
    def event_counts(self) -> Integers:
        """The number of events of each session."""
        return np.diff(self.starts, append=len(self.rows))

    @cached_property
    def indexes(self) -> Integers:
        """The 1-based ordinal of each session within its user."""
        ordinals = np.arange(len(self.starts))
        # In place: new memory costs more than the arithmetic.
        firsts = np.where(differs(self.user_codes), ordinals, 0)
        np.maximum.accumulate(firsts, out=firsts)
        ordinals -= firsts
        ordinals += 1
        return ordinals

    @property
    def reasons(self) -> pa.Array:
        """Why each session began, as text."""
        if self.causes is not None:
            return self.causes
        return reasons_by_ordinal(self.indexes)

    @cached_property
    def owners(self) -> pa.Array:
        """The user of each session, in the type of the source."""
        opens = differs(self.user_codes)
        names = self.users.of_rows(self.rows[self.starts[opens]])
        return names if opens.all() else names.take(pa.array(np.cumsum(opens) - 1))

    @cached_property
    def ids(self) -> pa.Array:
        """The id of each session: user, colon, start in microseconds since 1970."""
        return _named(self.owners, self._begins, self.twins_so_far).combine_chunks()

    @property
    def _begins(self) -> pa.Array:
        """When each session begins, in microseconds."""
        return pa.array(self.times.microseconds(self.started_at))

    @cached_property
    def twins_so_far(self) -> pa.Array | None:
        """How many sessions of its user began in its microsecond before each; None for none."""
        opens = differs(self.times.microseconds(self.started_at), self.user_codes)
        if opens.all() and self.twins is None:
            return None
        places = np.arange(len(opens))
        first = np.maximum.accumulate(np.where(opens, places, 0))
        return pa.array(places - first + (0 if self.twins is None else self.twins[first]))

    def added(
        self, names: Iterable[str]
    ) -> tuple[dict[str, pa.Array | pa.ChunkedArray], pa.Array | None]:
        """Return what is added to events under these names, and which of the values each row gets.

        A value for each session, and the number of each row's session. Where most rows have a
        session of their own, a value for each row, and no numbers: texts that are made in the order
        of the rows need not be fetched from all over.
        """
        made = {
            "session_id": lambda: self.ids,
            "session_index": lambda: pa.array(self.indexes),
            "start_reason": lambda: self.reasons,
        }
        rows = self.per_row()
        if len(rows) > _FEW_ROWS * len(self.starts):
            return {name: made[name]() for name in names}, rows
        return {
            name: self._ids_by_row(rows) if name == "session_id" else made[name]().take(rows)
            for name in names
        }, None

    def _ids_by_row(self, rows: pa.Array) -> pa.ChunkedArray:
        """Return the id of the session of each row, or null."""
        twins = None if self.twins_so_far is None else self.twins_so_far.take(rows)
        return _named(self.users.ids, self._begins.take(rows), twins)

    def per_row(self) -> pa.Array:
        """Return the number of each row's session, in the order of the frame, or null."""
        numbers = np.repeat(np.arange(len(self.starts)), self.event_counts)
        by_row = np.empty(len(self.users.known), dtype=np.int64)
        by_row[self.rows] = numbers
        if len(self.rows) == len(by_row):
            return pa.array(by_row)
        missing = np.ones(len(by_row), dtype=bool)
        missing[self.rows] = False
        return pa.array(by_row, mask=missing)


def split(
    users: Users, times: Times, rules: Rules, events: pd.DataFrame, ids_of: IdsOf, *, who: str
) -> Split:
    """Return where sessions begin, by the rules.

    Parameters
    ----------
    users, times
        Whose each row of the frame is, and when it happened.
    rules
        What ends a session.
    events
        The frame, with those columns that the rules look at.
    ids_of
        Gives the ids of rows; asked where the order of events of one moment decides.
    who
        Named in errors.
    """
    if rules.gaps_decide:
        return _by_timeout(users, times, rules)
    return split_on(users, times, rules, events, None, ids_of, who=who).split


@dataclass(frozen=True)
class Cut:
    """A split, and what it was made by, for the rows that follow."""

    split: Split
    counted: Counted
    causes: Causes
    carried: Carried | None
    events: pd.DataFrame


def split_on(
    users: Users,
    times: Times,
    rules: Rules,
    events: pd.DataFrame,
    carried: Carried | None,
    ids_of: IdsOf,
    *,
    who: str,
) -> Cut:
    """Return where sessions begin, by any rules, of which some may have begun in earlier rows."""
    counted = counted_events(users, times, rules, events, ids_of, who=who)
    if carried is not None:
        carried = carried.positions(counted.rows, counted.opens_user, who)
        ended = counted.ended[carried.last]
        counted.ended[carried.last] = np.where(ended > 0, ended, carried.ended)
    causes = session_causes(counted, times, rules, events, who=who, carried=carried)
    starts = np.flatnonzero(causes.begins)
    codes, counts = counted.users, times.counts[counted.rows]
    ends = _ends(starts, len(codes))
    found = Split(
        users,
        times,
        counted.rows,
        starts,
        codes[starts],
        counts[starts],
        counts[ends],
        causes.reasons(starts),
    )
    return Cut(found, counted, causes, carried, events)


def _by_timeout(users: Users, times: Times, rules: Rules) -> Split:
    found = in_order(users.keys, times.counts, users.known & times.known)
    begins = too_late(found.times, rules.longest_gap(times.nanoseconds_per_unit))
    begins |= found.opens_user
    starts = np.flatnonzero(begins)
    ends = _ends(starts, len(found.rows))
    codes = np.cumsum(found.opens_user[starts], dtype=np.int64)
    return Split(users, times, found.rows, starts, codes, found.times[starts], found.times[ends])


def _ends(starts: Integers, events: int) -> Integers:
    """Return the position of the last event of each session."""
    return np.append(starts[1:], events)[: len(starts)] - 1


def reasons_by_ordinal(indexes: Integers) -> pa.Array:
    """Return why sessions began that only a pause ends, by their ordinals."""
    texts = pa.array([reasons.FIRST, reasons.TIMEOUT], pa.large_string())
    return texts.take(pa.array((indexes > 1).astype(np.int8)))


def _named(users: pa.Array, begins: pa.Array, twins: pa.Array | None) -> pa.ChunkedArray:
    """Return ids; the twins of a session, which begin with it, get a suffix: ``.2``, ``.3``, ….

    The suffix holds no colon, so that no other user's id can come out the same.
    """
    ids = _joined(users, begins, ":")
    if twins is None:
        return ids
    others = _joined(ids.combine_chunks(), pc.add(twins, 1), ".")
    return pc.if_else(pc.greater(twins, 0), others, ids)


def _joined(left: pa.Array, right: pa.Array, separator: str) -> pa.ChunkedArray:
    # The kernel wants all three texts with offsets of one size.
    text = pa.large_string()
    between = pa.scalar(separator, text)

    def join(part: slice) -> pa.Array:
        return pc.binary_join_element_wise(left[part].cast(text), right[part].cast(text), between)

    return pa.chunked_array(in_threads(join, shares(len(left))), text)
