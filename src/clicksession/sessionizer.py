"""`Sessionizer`: a log in batches, as if it were one frame."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from clicksession.engines.arrays import Cut, Split, split_on
from clicksession.engines.boundaries import tied_rows
from clicksession.engines.carried import Carried
from clicksession.engines.columns import Times, as_arrow, read_ids, read_times, read_users
from clicksession.engines.frames import in_memory
from clicksession.engines.given import given_ids
from clicksession.engines.pauses import compared
from clicksession.engines.visits import Visits, owners
from clicksession.errors import ParameterError, UnsupportedRuleError
from clicksession.keywords import keywords
from clicksession.labels import require_column, require_distinct
from clicksession.quality.ties import EventIds
from clicksession.rules import Rules, as_rules, reasons

__all__ = ["Sessionizer"]

FrameT = TypeVar("FrameT")
Integers = npt.NDArray[np.int64]

_WHO = "Sessionizer.process"


@keywords()
class Sessionizer:
    """Sessions of a log that comes in batches, the same as by one call over all of it.

    Batches come in order of time: none has an event earlier than the latest of those before. In a
    batch the order of the rows does not matter. Events of one moment belong in one batch, or come
    in order of their ``event_id``, where rules depend on the order; where sessions are given
    (`Rules.session_column`), in one batch. Events without an id have the one that
    `clicksession.quality.with_event_ids` makes.

    Between batches it keeps for each user with an open session where that began, how many events
    it has, and its last event (with `max_rate`, so many of its last events as that names). A
    session is open until a pause has passed since its last event; by rules without a pause between
    events every user's last session stays open. Of other users it keeps one number, the ordinal of
    their last session, so that `session_index` goes on; ``numbered=False`` does without. Where a
    tracker gave the sessions, each value of a user can have an open one.

    Parameters
    ----------
    timeout, rules, user, time
        As for `clicksession.sessionize`.
    numbered
        Whether batches get ``session_index`` and ``start_reason``, for which every user must be
        remembered, or only ``session_id``.

    Raises
    ------
    UnsupportedRuleError
        Rules with ``measured_from="start_by_hour"`` or ``between=True``.

    Examples
    --------
    >>> import pandas as pd
    >>> sessionizer = Sessionizer("30min")
    >>> def batch(*times):
    ...     return pd.DataFrame({"user_id": "ann", "timestamp": pd.to_datetime(times)})
    >>> _ = sessionizer.process(batch("2024-05-01 10:00", "2024-05-01 10:20"))
    >>> sessionizer.process(batch("2024-05-01 10:40", "2024-05-01 11:20"))[
    ...     ["session_id", "session_index"]
    ... ]
                 session_id  session_index
    0  ann:1714557600000000              1
    1  ann:1714562400000000              2
    >>> Sessionizer.from_json(sessionizer.to_json()).open_sessions
    1
    """

    def __init__(
        self,
        timeout: str | timedelta = "30min",
        *,
        rules: Rules | None = None,
        user: str = "user_id",
        time: str = "timestamp",
        numbered: bool = True,
    ) -> None:
        self.rules = as_rules(timeout, rules, who="Sessionizer")
        if self.rules.measured_from == "start_by_hour":
            hint = "Use clicksession.sessionize over all events, or measured_from='start'."
            raise UnsupportedRuleError("measured_from='start_by_hour'", "Sessionizer", hint)
        if self.rules.between:
            raise UnsupportedRuleError(
                "between", "Sessionizer", "Use clicksession.sessionize over all events."
            )
        self.user, self.time, self.numbered = user, time, numbered
        self._unit: str | None = None
        self._latest: int | None = None
        self._numbers: dict[str, int] = {}
        self._visits = Visits() if self.rules.session_column else None
        self._open = _nobody(self._columns)

    @property
    def open_sessions(self) -> int:
        """How many sessions a next event could still belong to."""
        return len(self._open.users)

    @property
    def _columns(self) -> tuple[str, ...]:
        """What is kept of a last event, beside its time; ``event_id`` decides ties."""
        own = {self.rules.timeout_column, self.rules.session_column}
        return ("event_id", *(name for name in self.rules.columns if name not in own))

    def process(self, events: FrameT) -> FrameT:
        """Return the next batch with the sessions of its events.

        Parameters
        ----------
        events
            The next events, as a frame that is in memory. It is not changed.

        Returns
        -------
        DataFrame
            What `clicksession.sessionize` would give these rows, had it all events so far.

        Raises
        ------
        ParameterError
            An event is earlier than those of the batches before, or what `sessionize` raises.

        Examples
        --------
        >>> import pandas as pd
        >>> def batch(*times):
        ...     return pd.DataFrame({"user_id": "ann", "timestamp": pd.to_datetime(times)})
        >>> sessionizer = Sessionizer("30min")
        >>> sessionizer.process(batch("2024-05-01 10:00"))["session_index"].tolist()
        [1]
        >>> visits = sessionizer.process(batch("2024-05-01 10:20", "2024-05-01 11:00"))
        >>> visits["session_index"].tolist()
        [1, 2]
        """
        library = in_memory(events, who=_WHO, parameter="events")
        known = library.columns(events)
        require_distinct(library.labels(events), _WHO)
        for parameter, name in (("user", self.user), ("time", self.time)):
            require_column(known, name, _WHO, parameter)
        for name in self.rules.columns:
            require_column(known, name, _WHO, "rules", about="about ")
        looked_at = dict.fromkeys((self.user, self.time, *self.rules.columns, "event_id"))
        face = library.face(events, [name for name in looked_at if name in known])
        if self.rules.order_decides:
            ids = EventIds(library, events, self.user, self.time, _WHO)
            face = face.assign(event_id=_column(self._ids(ids, face)).array)
        times = self._next_times(face)
        before = self._open
        cut = self._cut(face, times)
        split, numbers = self._continued(cut, before)
        rows = split.per_row().slice(len(before.times))
        columns = self._columns_of(cut, split, numbers)
        self._keep(cut, split, numbers)
        added: FrameT = library.with_taken(events, columns, rows)
        return added

    def _columns_of(self, cut: Cut, split: Split, numbers: Integers) -> dict[str, pa.Array]:
        """Return what each session is called, by the columns that events get."""
        if self._visits is not None:
            assert cut.carried is not None
            carried = np.searchsorted(split.starts, cut.carried.first)
            visits = self._visits.named(split, carried, _WHO)
            columns = {
                "session_id": pa.array([visit.id for visit in visits], pa.large_string()),
                "session_index": pa.array([visit.index for visit in visits], pa.int64()),
                "start_reason": pa.array([visit.reason for visit in visits], pa.large_string()),
            }
        else:
            columns = {
                "session_id": split.ids,
                "session_index": pa.array(numbers),
                "start_reason": split.reasons,
            }
        if not self.numbered:
            return {"session_id": columns["session_id"]}
        if self.rules.has_timeout_only:
            del columns["start_reason"]
        return columns

    def to_json(self) -> str:
        """Return all that it knows, as JSON text, from which `from_json` goes on.

        Examples
        --------
        >>> import pandas as pd
        >>> def batch(*times):
        ...     return pd.DataFrame({"user_id": "ann", "timestamp": pd.to_datetime(times)})
        >>> sessionizer = Sessionizer("30min")
        >>> _ = sessionizer.process(batch("2024-05-01 10:00"))
        >>> state = sessionizer.to_json()
        >>> later = Sessionizer.from_json(state)
        >>> later.process(batch("2024-05-01 10:20"))["session_id"].tolist()
        ['ann:1714557600000000']
        """
        kept = self._open
        return json.dumps(
            {
                "rules": self.rules.to_json(),
                "user": self.user,
                "time": self.time,
                "numbered": self.numbered,
                "unit": self._unit,
                "latest": self._latest,
                "over": self._numbers,
                "visits": self._visits and self._visits.as_plain(),
                "users": kept.users.to_pylist(),
                "reasons": kept.reasons.to_pylist(),
                **{name: getattr(kept, name).tolist() for name in _NUMBERS},
                "rows": {name: kept.rows[name].to_pylist() for name in self._columns},
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "Sessionizer":
        """Return a sessionizer that goes on where the one was of which `to_json` made the text.

        Examples
        --------
        >>> print(Sessionizer.from_json(Sessionizer("1h").to_json()).rules)
        A session ends after a pause of more than 1 hour.
        """
        state = json.loads(text)
        names = ("user", "time", "numbered")
        rules = Rules.from_json(state["rules"])
        made = cls(rules=rules, **{name: state[name] for name in names})
        made._unit, made._latest, made._numbers = state["unit"], state["latest"], state["over"]
        if made._visits is not None:
            made._visits = Visits.from_plain(state["visits"])
        made._open = _Open(
            users=pa.array(state["users"]),
            reasons=pa.array(state["reasons"], pa.large_string()),
            rows={name: pa.array(values) for name, values in state["rows"].items()},
            **{name: np.array(state[name], dtype=np.int64) for name in _NUMBERS},
        )
        return made

    def _next_times(self, face: pd.DataFrame) -> Times:
        times = read_times(face[self.time], who=_WHO, parameter="time")
        unit = self._unit or times.unit
        if times.unit != unit:
            must = f"a column of times of one resolution in all batches ({unit} so far)"
            raise ParameterError(_WHO, "time", must, times.unit, "Convert it with .dt.as_unit().")
        known = times.counts[times.known]
        earliest = int(known.min()) if len(known) else None
        if self._latest is not None and earliest is not None and earliest < self._latest:
            must = "in order of time: none earlier than the latest of the batches before"
            latest, got = np.array([self._latest, earliest]).view(f"datetime64[{unit}]")
            raise ParameterError(_WHO, "events", f"{must} ({latest})", str(got))
        self._unit = unit
        return times

    def _ids(self, ids: EventIds, face: pd.DataFrame) -> pa.Array:
        """Return the ids of a batch; without any, those made where another event may tie."""
        if ids.own is not None:
            if ids.own.null_count:
                must = "with an event_id for each event, or for none, as the order depends on it"
                hint = "Give them by clicksession.quality.with_event_ids, in all batches."
                raise ParameterError(_WHO, "events", must, "events with and without one", hint)
            return ids.own
        users = read_users(face[self.user], who=_WHO, parameter="user")
        times = read_times(face[self.time], who=_WHO, parameter="time")
        ties = np.zeros(len(face), dtype=bool)
        ties[tied_rows(users, times)] = True
        if times.known.any():
            # With events of the batches before and after.
            ties |= times.known & (times.counts == times.counts[times.known].max())
            ties |= times.known & (times.counts == (self._latest or 0))
        rows = np.flatnonzero(ties)
        found = np.full(len(face), None, dtype=object)
        found[rows] = ids(rows).to_pandas().to_numpy(dtype=object)
        return pa.array(found, pa.large_string(), from_pandas=True)

    def _cut(self, face: pd.DataFrame, times: Times) -> Cut:
        """Cut a batch, behind the last events of the open sessions."""
        kept = self._open
        lengths, parameter = kept.lengths, "user"
        ids = read_ids(face[self.user], who=_WHO, parameter=parameter)
        if self.rules.session_column:
            ids = owners(ids, given_ids(face[self.rules.session_column], _WHO))
        old_ids = kept.users.take(pa.array(np.repeat(np.arange(len(lengths)), lengths)))
        users = read_users(_column(_together(old_ids, ids)), who=_WHO, parameter=parameter)
        old = np.ones(len(kept.times), dtype=bool)
        both = Times(
            np.concatenate([kept.times, times.counts]),
            np.concatenate([old, times.known]),
            times.unit,
        )
        columns = {
            name: _column(_together(kept.rows.get(name, pa.nulls(len(old))), _values(face[name])))
            for name in (*self.rules.columns, "event_id")
            if name in face
        }
        events = pd.DataFrame(columns, index=pd.RangeIndex(len(both.counts)))
        ends = np.cumsum(lengths)
        carried = Carried(
            first=ends - lengths,
            last=ends - 1,
            began=kept.began,
            events=kept.events,
            until=kept.until,
            ended=kept.ended.astype(np.int32),
        )

        def ids_of(rows: Integers) -> pa.Array:
            return as_arrow(events["event_id"].iloc[rows])

        return split_on(users, both, self.rules, events, carried, ids_of, who=_WHO)

    def _continued(self, cut: Cut, before: "_Open") -> tuple[Split, Integers]:
        """Return the split with open sessions as they began, and the ordinal of each session."""
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
        earlier[others] = [self._numbers.get(str(name), 0) for name in names]
        causes = split.reasons.to_numpy(zero_copy_only=False)
        returned = others[earlier[others] > 0]
        causes[returned] = reasons.TIMEOUT
        causes[places] = before.reasons.to_numpy(zero_copy_only=False)
        first = np.maximum.accumulate(np.where(split.indexes == 1, np.arange(len(began)), 0))
        numbers = split.indexes + earlier[first]
        texts = pa.array(causes, pa.large_string())
        return replace(split, started_at=began, causes=texts, twins=twins), numbers

    def _keep(self, cut: Cut, split: Split, numbers: Integers) -> None:
        """Remember the sessions that go on, and the number of those that are over."""
        assert cut.carried is not None
        counts, known = split.times.counts, split.times.known
        if known.any():
            self._latest = int(counts[known].max())
        last = np.flatnonzero(np.append(split.user_codes[1:] != split.user_codes[:-1], True))
        last = last[: len(split.starts)]
        ends = np.append(split.starts[1:], len(split.rows))[last] if len(last) else last
        until = cut.causes.until[ends - 1] if cut.causes.until is not None else 0 * ends
        over = self._over(counts[split.rows[ends - 1]], until, split.times.nanoseconds_per_unit)
        if self.numbered:
            gone = split.owners.take(pa.array(last[over])).to_pylist()
            self._numbers.update(zip(map(str, gone), numbers[last[over]].tolist(), strict=True))
        last, ends, until = last[~over], ends[~over], until[~over]
        before = np.zeros(len(split.starts), dtype=np.int64)
        before[np.searchsorted(split.starts, cut.carried.first)] = cut.carried.events
        most = self.rules.max_rate[0] if self.rules.max_rate is not None else 1
        lengths = np.minimum(split.event_counts[last], most)
        offsets = np.cumsum(lengths) - lengths
        places = np.arange(lengths.sum()) + np.repeat(ends - lengths - offsets, lengths)
        rows = split.rows[places]
        self._open = _Open(
            users=split.owners.take(pa.array(last)),
            reasons=split.reasons.take(pa.array(last)),
            rows=self._rows(cut, split, rows, ends, lengths),
            numbers=numbers[last],
            began=split.started_at[last],
            twins=self._twins(split, last),
            events=before[last] + split.event_counts[last] - lengths,
            until=until,
            ended=cut.counted.ended[ends - 1].astype(np.int64),
            lengths=lengths,
            times=counts[rows],
        )
        if self._visits is not None:
            now = None
            if self._latest is not None:
                now = int(split.times.microseconds(np.array([self._latest]))[0])
            self._visits.keep(self._open.users.to_pylist(), now, numbered=self.numbered)

    def _over(self, last: Integers, until: Integers, unit: int) -> npt.NDArray[np.bool_]:
        """Say of sessions by their last events whether any next event comes after a pause."""
        if self.rules.measured_from != "previous" or self.rules.timeout is None or not len(last):
            return np.zeros(len(last), dtype=bool)
        now = np.int64(self._latest or 0)
        both, per_unit = compared(np.append(last, now), unit, self.rules)
        if self.rules.timeout_column is not None:
            run_out: npt.NDArray[np.bool_] = both[-1] > until
            return run_out
        longest = np.uint64(min(self.rules.longest_gap(per_unit), 2**64 - 1))
        passed: npt.NDArray[np.bool_] = (both[-1] - both[:-1]).view(np.uint64) > longest
        return passed

    def _rows(
        self, cut: Cut, split: Split, rows: Integers, ends: Integers, lengths: Integers
    ) -> dict[str, pa.Array]:
        """Return what the rules look at of some rows; of a column that may change, what counts."""
        kept = {}
        for name in self._columns:
            values = cut.events.get(name)
            kept[name] = pa.nulls(len(rows)) if values is None else as_arrow(values.iloc[rows])
        other = self.rules.change_from_column
        for name in (*self.rules.names("change"), *([other] if other else [])):
            values = as_arrow(cut.events[name].iloc[split.rows])
            counted = self._counting(cut, split, ends, values)
            kept[name] = values.take(pa.array(np.repeat(counted, lengths)))
        return kept

    def _counting(self, cut: Cut, split: Split, ends: Integers, values: pa.Array) -> Integers:
        """Return the position of the value that counts after the last event of each session."""
        if self.rules.change_to_empty:
            return ends - 1
        filled = np.asarray(values.is_valid()) & ~_is_empty(values)
        positions = np.arange(len(filled))
        causes = split.reasons.to_numpy(zero_copy_only=False)
        opens = cut.counted.opens_user.copy()
        if self.rules.change_memory == "session":
            opens[split.starts] = True
        elif self.rules.measured_from == "previous":
            opens[split.starts[causes == reasons.TIMEOUT]] = True
        run = np.maximum.accumulate(np.where(opens, positions, 0))
        latest = np.maximum.accumulate(np.where(filled, positions, -1))
        found: Integers = np.where(latest >= run, latest, positions)[ends - 1]
        return found

    @staticmethod
    def _twins(split: Split, last: Integers) -> Integers:
        """Return how many sessions of the user began before each in the same microsecond."""
        started = split.times.microseconds(split.started_at)
        same = np.zeros(len(started), dtype=bool)
        same[1:] = (started[1:] == started[:-1]) & (split.user_codes[1:] == split.user_codes[:-1])
        ordinals = np.arange(len(started))
        opens = np.maximum.accumulate(np.where(same, 0, ordinals))
        before = ordinals - opens
        if split.twins is not None:
            before = before + split.twins[opens]
        twins: Integers = before[last]
        return twins


_NUMBERS = ("numbers", "began", "twins", "events", "until", "ended", "lengths", "times")


@dataclass(frozen=True)
class _Open:
    """Open sessions, one for each user, and their last events, one below the other.

    Attributes
    ----------
    numbers
        The ordinal of each session within its user.
    began, twins
        When it began, and how many of its user began before it in the same microsecond.
    events
        How many events it had before those that are kept.
    until, ended
        As in `clicksession.engines.carried`.
    lengths
        How many events of each session are kept.
    times, rows
        When these were, and what the rules look at.
    """

    users: pa.Array
    reasons: pa.Array
    rows: dict[str, pa.Array]
    numbers: Integers
    began: Integers
    twins: Integers
    events: Integers
    until: Integers
    ended: Integers
    lengths: Integers
    times: Integers


def _nobody(columns: tuple[str, ...]) -> _Open:
    nothing = {name: np.empty(0, dtype=np.int64) for name in _NUMBERS}
    rows = {name: pa.nulls(0) for name in columns}
    return _Open(pa.nulls(0), pa.array([], pa.large_string()), rows, **nothing)


def _values(column: pd.Series) -> pa.Array:
    if column.dtype == object:
        return as_arrow(column.convert_dtypes())
    values = as_arrow(column)
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def _together(first: pa.Array, second: pa.Array) -> pa.Array:
    """Return two arrays one below the other; of different types, as text."""
    if pa.types.is_null(first.type):
        first = first.cast(second.type)
    elif pa.types.is_null(second.type):
        second = second.cast(first.type)
    elif first.type != second.type:
        first, second = first.cast(pa.large_string()), second.cast(pa.large_string())
    return pa.concat_arrays([first, second])


def _column(values: pa.Array) -> pd.Series:
    return pd.Series(pd.arrays.ArrowExtensionArray(values), copy=False)


def _is_empty(values: pa.Array) -> npt.NDArray[np.bool_]:
    """Say of each value whether it is an empty text."""
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return np.zeros(len(values), dtype=bool)
    texts = values.to_numpy(zero_copy_only=False)
    empty: npt.NDArray[np.bool_] = texts == ""
    return empty
