"""What a batch leaves for the next: the sessions that may go on, and how many are over."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.engines.arrays import Cut, Split
from clicksession.engines.columns import Times, as_arrow
from clicksession.engines.pauses import compared
from clicksession.rules import Rules, reasons
from clicksession.sessionizer.arrays import is_empty
from clicksession.sessionizer.open_sessions import OpenSessions

__all__ = ["LastSessions", "continued", "latest_of"]

Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]


def continued(cut: Cut, before: OpenSessions, over: Mapping[str, int]) -> tuple[Split, Integers]:
    """Return the split with open sessions as they began, and the ordinal of each session.

    Parameters
    ----------
    before
        The sessions that were open before the batch.
    over
        How many sessions of other users are over.
    """
    split, carried = cut.split, cut.carried
    assert carried is not None
    places = np.searchsorted(split.starts, carried.first)
    began, twins = split.started_at.copy(), np.zeros(len(split.starts), dtype=np.int64)
    began[places], twins[places] = before.began, before.twins
    opens = np.flatnonzero(split.indexes == 1)
    earlier = np.zeros(len(split.starts), dtype=np.int64)
    is_open = np.zeros(len(split.starts), dtype=bool)
    is_open[places] = True
    earlier[places] = before.numbers - 1
    others = opens[~is_open[opens]]
    names = split.owners.take(pa.array(others)).to_pylist()
    earlier[others] = [over.get(str(name), 0) for name in names]
    causes = split.reasons.to_numpy(zero_copy_only=False)
    returned = others[earlier[others] > 0]
    causes[returned] = reasons.TIMEOUT
    causes[places] = before.reasons.to_numpy(zero_copy_only=False)
    first = np.maximum.accumulate(np.where(split.indexes == 1, np.arange(len(began)), 0))
    numbers = split.indexes + earlier[first]
    texts = pa.array(causes, pa.large_string())
    return replace(split, started_at=began, causes=texts, twins=twins), numbers


def latest_of(times: Times, before: int | None) -> int | None:
    """Return when the latest event so far was."""
    return int(times.counts[times.known].max()) if times.known.any() else before


@dataclass(frozen=True)
class LastSessions:
    """The last session of each user of a batch.

    Attributes
    ----------
    cut, split, numbers
        The batch, its sessions as they began, and the ordinal of each.
    rules
        What ends a session.
    columns
        What is kept of an event, beside its time.
    latest
        When the latest event so far was; None where no time is known.
    """

    cut: Cut
    split: Split
    numbers: Integers
    rules: Rules
    columns: tuple[str, ...]
    latest: int | None

    @cached_property
    def _last(self) -> Integers:
        """Which sessions these are."""
        codes = self.split.user_codes
        last = np.flatnonzero(np.append(codes[1:] != codes[:-1], True))
        return last[: len(self.split.starts)]

    @cached_property
    def _ends(self) -> Integers:
        """Behind which event each ends, in the order of the split."""
        split, last = self.split, self._last
        return np.append(split.starts[1:], len(split.rows))[last] if len(last) else last

    @cached_property
    def _until(self) -> Integers:
        """Until when each goes on, where events have timeouts of their own."""
        until = self.cut.causes.until
        found: Integers = 0 * self._ends if until is None else until[self._ends - 1]
        return found

    @cached_property
    def _is_over(self) -> Flags:
        """Whether any next event of the user comes after a pause."""
        rules, split = self.rules, self.split
        if rules.measured_from != "previous" or rules.timeout is None or not len(self._last):
            return np.zeros(len(self._last), dtype=bool)
        last = split.times.counts[split.rows[self._ends - 1]]
        now = np.int64(self.latest or 0)
        unit = split.times.nanoseconds_per_unit
        both, per_unit = compared(np.append(last, now), unit, rules)
        if rules.timeout_column is not None:
            run_out: Flags = both[-1] > self._until
            return run_out
        longest = np.uint64(min(rules.longest_gap(per_unit), 2**64 - 1))
        passed: Flags = (both[-1] - both[:-1]).view(np.uint64) > longest
        return passed

    @property
    def over(self) -> dict[str, int]:
        """How many sessions each user has had of whom none is open."""
        last = self._last[self._is_over]
        users = self.split.owners.take(pa.array(last)).to_pylist()
        return dict(zip(map(str, users), self.numbers[last].tolist(), strict=True))

    @property
    def open(self) -> OpenSessions:
        """The sessions that go on."""
        cut, split, carried = self.cut, self.split, self.cut.carried
        assert carried is not None
        last, ends = self._last[~self._is_over], self._ends[~self._is_over]
        before = np.zeros(len(split.starts), dtype=np.int64)
        before[np.searchsorted(split.starts, carried.first)] = carried.events
        most = self.rules.max_rate[0] if self.rules.max_rate is not None else 1
        lengths = np.minimum(split.event_counts[last], most)
        offsets = np.cumsum(lengths) - lengths
        places = np.arange(lengths.sum()) + np.repeat(ends - lengths - offsets, lengths)
        rows = split.rows[places]
        found = split.twins_so_far
        twins = np.zeros_like(split.starts) if found is None else np.asarray(found)
        return OpenSessions(
            users=split.owners.take(pa.array(last)),
            reasons=split.reasons.take(pa.array(last)),
            rows=self._rows(rows, ends, lengths),
            numbers=self.numbers[last],
            began=split.started_at[last],
            twins=twins[last],
            events=before[last] + split.event_counts[last] - lengths,
            until=self._until[~self._is_over],
            ended=cut.counted.ended[ends - 1].astype(np.int64),
            lengths=lengths,
            times=split.times.counts[rows],
        )

    def _rows(self, rows: Integers, ends: Integers, lengths: Integers) -> dict[str, pa.Array]:
        """Return what the rules look at of some rows; of a column that may change, what counts."""
        events = self.cut.events
        kept = {}
        for name in self.columns:
            values = events.get(name)
            kept[name] = pa.nulls(len(rows)) if values is None else as_arrow(values.iloc[rows])
        other = self.rules.change_from_column
        for name in (*self.rules.names("change"), *([other] if other else [])):
            values = as_arrow(events[name].iloc[self.split.rows])
            counted = self._counting(ends, values)
            kept[name] = values.take(pa.array(np.repeat(counted, lengths)))
        return kept

    def _counting(self, ends: Integers, values: pa.Array) -> Integers:
        """Return the position of the value that counts after the last event of each session."""
        if self.rules.change_to_empty:
            return ends - 1
        filled = np.asarray(values.is_valid()) & ~is_empty(values)
        positions = np.arange(len(filled))
        causes = self.split.reasons.to_numpy(zero_copy_only=False)
        opens = self.cut.counted.opens_user.copy()
        if self.rules.change_memory == "session":
            opens[self.split.starts] = True
        elif self.rules.measured_from == "previous":
            opens[self.split.starts[causes == reasons.TIMEOUT]] = True
        run = np.maximum.accumulate(np.where(opens, positions, 0))
        latest = np.maximum.accumulate(np.where(filled, positions, -1))
        found: Integers = np.where(latest >= run, latest, positions)[ends - 1]
        return found
