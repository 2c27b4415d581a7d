"""`Sessionizer`: a log in batches, as if it were one frame."""

import json
from datetime import timedelta
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from clicksession.engines.arrays import Cut, Split, split_on
from clicksession.engines.boundaries import tied_rows
from clicksession.engines.columns import Times, as_arrow, read_ids, read_times, read_users
from clicksession.engines.frames import in_memory
from clicksession.engines.given import given_ids
from clicksession.engines.visits import Visits, owners
from clicksession.errors import ParameterError, UnsupportedRuleError
from clicksession.keywords import keywords
from clicksession.labels import require_column, require_distinct
from clicksession.quality.ties import EventIds
from clicksession.rules import Rules, as_rules
from clicksession.sessionizer.arrays import as_column, together, values_of
from clicksession.sessionizer.open_sessions import OpenSessions
from clicksession.sessionizer.remembering import LastSessions, continued, latest_of

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
        self._open = OpenSessions.none(self._columns)

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
            face = face.assign(event_id=as_column(self._ids(ids, face)).array)
        times = self._next_times(face)
        before = self._open
        cut = self._cut(face, times)
        split, numbers = continued(cut, before, self._numbers)
        rows = split.per_row().slice(len(before.times))
        columns = self._columns_of(cut, split, numbers)
        self._latest = latest_of(split.times, self._latest)
        self._keep(LastSessions(cut, split, numbers, self.rules, self._columns, self._latest))
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
                **self._open.as_plain(),
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
        made._open = OpenSessions.from_plain(state)
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
        ids = read_ids(face[self.user], who=_WHO, parameter="user")
        if self.rules.session_column:
            ids = owners(ids, given_ids(face[self.rules.session_column], _WHO))
        all_ids = as_column(together(kept.users_of_rows, ids))
        users = read_users(all_ids, who=_WHO, parameter="user")
        old = np.ones(len(kept.times), dtype=bool)
        both = Times(
            np.concatenate([kept.times, times.counts]),
            np.concatenate([old, times.known]),
            times.unit,
        )
        columns = {
            name: as_column(
                together(kept.rows.get(name, pa.nulls(len(old))), values_of(face[name]))
            )
            for name in (*self.rules.columns, "event_id")
            if name in face
        }
        events = pd.DataFrame(columns, index=pd.RangeIndex(len(both.counts)))

        def ids_of(rows: Integers) -> pa.Array:
            return as_arrow(events["event_id"].iloc[rows])

        return split_on(users, both, self.rules, events, kept.carried, ids_of, who=_WHO)

    def _keep(self, last: LastSessions) -> None:
        """Remember the sessions that go on, and the number of those that are over."""
        if self.numbered:
            self._numbers.update(last.over)
        self._open = last.open
        if self._visits is not None:
            times, now = last.split.times, None
            if self._latest is not None:
                now = int(times.microseconds(np.array([self._latest]))[0])
            self._visits.keep(self._open.users.to_pylist(), now, numbered=self.numbered)
