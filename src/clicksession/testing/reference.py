"""The definition of a session as a plain loop over events: slow, and easy to read.

It shares nothing with the engines but `Rules` and the spelling of reasons. Tests compare every
engine with it, and so can whoever writes one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from numpy import array
from pandas import Timedelta
from pandas.util import hash_array

from clicksession.rules import Rules, reasons

__all__ = ["Event", "Session", "content_id", "events_of", "sessions_of"]

_STEPS = {"second": 10**9, "minute": 60 * 10**9}
_HOUR = 3600 * 10**9
_KEYS = ("clicksession:one", "clicksession:two")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


# What databases write for an infinite time: the last count of 64 bits, of whichever unit.
_ENDLESS = {(2**63 - 1) * nanoseconds for nanoseconds in (1, 10**3, 10**6, 10**9)}


@dataclass(frozen=True)
class Event:
    """One event: whose, when in nanoseconds since 1970, and what else the rules look at.

    A null is None; an own timeout is a whole number of nanoseconds.
    """

    user: Any
    time: int | None
    event_id: Any = None
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Session:
    """A session: its user, its ordinal, why it began, and the times of its events so far."""

    user: Any
    index: int
    reason: str
    id: str
    times: list[int]


def sessions_of(events: Sequence[Event], rules: Rules) -> list[Session | None]:
    """Return the session of each event, in the order that they are given in; None for none.

    Examples
    --------
    >>> minute = 60 * 10**9
    >>> log = [Event("ann", 0), Event("ann", 32 * minute), Event(None, 0), Event("ann", minute)]
    >>> [session and session.id for session in sessions_of(log, Rules("30min"))]
    ['ann:0', 'ann:1920000000', None, 'ann:0']
    """
    by_user: dict[Any, list[int]] = defaultdict(list)
    for row, event in enumerate(events):
        if event.user is not None and event.time is not None and abs(event.time) not in _ENDLESS:
            by_user[event.user].append(row)
    found: list[Session | None] = [None] * len(events)
    for rows in by_user.values():
        if rules.session_column:
            _find_given(events, rows, rules, found)
            continue
        user = _User(rules)
        for row in sorted(rows, key=lambda row: _place(events[row], row)):
            found[row] = user.session_of(events[row])
    return found


def _find_given(
    events: Sequence[Event], rows: list[int], rules: Rules, found: list[Session | None]
) -> None:
    """Cut one user's events value by value, and number all sessions together."""
    column = cast(str, rules.session_column)
    by_value: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        value = _filled(events[row].values.get(column))
        if value is not None:
            by_value[str(value)].append(row)
    sessions: list[tuple[int, str, int, Session]] = []
    for value, its_rows in by_value.items():
        visit = _User(rules)
        for row in sorted(its_rows, key=lambda row: _place(events[row], row)):
            session = found[row] = visit.session_of(events[row])
            if session is not None and len(session.times) == 1:
                sessions.append((session.times[0], value, session.index, session))
    starts: dict[int, int] = defaultdict(int)
    for index, (start, _, _, session) in enumerate(sorted(sessions, key=lambda one: one[:3]), 1):
        starts[start // 1000] += 1
        nth = starts[start // 1000]
        session.id = f"{session.user}:{start // 1000}{f'.{nth}' if nth > 1 else ''}"
        session.index = index
        if session.reason == reasons.FIRST or index == 1:
            session.reason = reasons.FIRST if index == 1 else reasons.GIVEN


def _place(event: Event, row: int) -> tuple[Any, ...]:
    """Return what an event is ordered by: time, id where there is one, place in the input."""
    missing = event.event_id is None
    return (event.time, missing, 0 if missing else event.event_id, row)


def content_id(row: Mapping[str, Any], durations: Collection[str] = ()) -> str:
    """Return the id of an event that has none, from its plain values: 32 hexadecimal digits.

    Of every field that is not null, the hash of its name and its text, added up. Texts that are
    numbers are beyond this loop.

    Examples
    --------
    >>> content_id({"user_id": "ann", "timestamp": 0, "page": "/", "country": None})
    '9f437e3f9cace6740c91305fcfbfc7f5'
    """
    texts = {
        name: str(Timedelta(value)) if name in durations else _text(name, value)
        for name, value in row.items()
        if value is not None and name != "event_id"
    }
    sums = [sum(_hash(key, f"{n}\x1f{text}") for n, text in texts.items()) for key in _KEYS]
    return "".join(f"{total % 2**64:016x}" for total in sums)


def _text(name: str, value: Any) -> str:
    if name == "timestamp":
        return str(value // 1000)
    return str(value).lower() if isinstance(value, bool) else str(value)


@lru_cache(100_000)
def _hash(key: str, text: str) -> int:
    return int(hash_array(array([text], dtype=object), hash_key=key, categorize=False)[0])


class _User:
    """The sessions of one user, whose events come one by one, in order."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.session: Session | None = None
        self.anchor = 0  # the moment that a timeout from the start is measured from
        self.before: list[Event] = []  # the events that count, so far
        self.ended: str | None = None  # by what the session was ended, if it was
        self.values: dict[str, Any] = {}  # what each column that may change counts as
        self.same_moment: dict[str, int] = defaultdict(int)
        self.has_other = False  # whether the column beside those that may change had a value
        self.is_open = False  # whether a start, or a delimiter, came without an end after it
        self.opened: str | None = None  # by what it was opened at this event, if it was

    def session_of(self, event: Event) -> Session | None:
        if self._marked("excluded", event):
            return None
        delimiter = self._marked("delimiter", event)
        if delimiter:
            self.ended, self.is_open = delimiter, True
            return None
        if self.rules.between and not self._lies_between(event):
            return None
        reason = next(self._reasons(event), None)
        if reason in (reasons.FIRST, reasons.TIMEOUT) and self.rules.measured_from == "previous":
            self.values.clear()
        if reason:
            self._begin(event, reason)
        assert self.session is not None
        self._remember(event)
        return self.session

    def _lies_between(self, event: Event) -> bool:
        """Say whether an event lies between bounds, and remember what that means for the next."""
        start = self._marked("start", event)
        self.opened = start if start and not self.is_open else None
        lies_between = bool(start) or self.is_open
        self.is_open = lies_between and not self._marked("end", event)
        return lies_between

    def _reasons(self, event: Event) -> Iterator[str]:
        """Give the reasons for a session to begin here, the one that counts first."""
        rules, session = self.rules, self.session
        if session is None:
            yield reasons.FIRST
            return
        if rules.measured_from == "previous" and self._is_after_a_pause(event):
            yield reasons.TIMEOUT
        if rules.midnight and self._day(event) != self._day(self.before[-1]):
            yield reasons.MIDNIGHT
        if rules.change_memory == "pause":
            yield from self._all_changes(event)
        start = self.opened if rules.between else self._marked("start", event)
        if start:
            yield start
        if self.ended:
            yield reasons.after(self.ended)
        yield from self._limits(event, session)

    def _limits(self, event: Event, session: Session) -> Iterator[str]:
        rules, now = self.rules, _time(event)
        if rules.measured_from != "previous" and self._is_longer(self.anchor, now, rules.timeout):
            same_hour = now // _HOUR == self.anchor // _HOUR
            if rules.measured_from == "start_by_hour" and same_hour:
                self.anchor = now
            else:
                yield reasons.TIMEOUT
        if rules.change_memory == "session":
            yield from self._all_changes(event)
        if rules.max_duration is not None:
            lasted, most = now - session.times[0], _nanoseconds(rules.max_duration)
            if lasted > most or (lasted == most and rules.at_max_duration == "new"):
                yield reasons.MAX_DURATION
        if rules.max_events is not None:
            count = len(session.times) + 1
            if count > rules.max_events - (rules.at_max_events == "new"):
                yield reasons.MAX_EVENTS
        if rules.max_rate is not None:
            events, within = rules.max_rate
            since = session.times[-events] if len(session.times) >= events else None
            if since is not None and now - since < _nanoseconds(within):
                yield reasons.MAX_RATE

    def _is_after_a_pause(self, event: Event) -> bool:
        """Say whether the time of all earlier events has run out."""
        column = self.rules.timeout_column
        earlier = self.before if column else self.before[-1:]
        return all(
            self._is_longer(_time(one), _time(event), one.values.get(column) if column else None)
            for one in earlier
        )

    def _is_longer(self, since: int, now: int, own: Any) -> bool:
        """Say whether a gap, as the rules see it, is longer than a timeout may be."""
        rules = self.rules
        timeout = rules.timeout if own is None else own
        if timeout is None:
            return False
        step, gap = _STEPS.get(rules.resolution, 1), now - since
        if rules.rounded == "times":
            gap = (_rounded(now, step, rules) - _rounded(since, step, rules)) * step
        else:
            gap = _rounded(gap, step, rules) * step
        most = _nanoseconds(timeout)
        return gap > most or (gap == most and rules.at_timeout == "new")

    def _day(self, event: Event) -> date:
        # Whole microseconds, rounded down: no zone shifts its clock within one.
        moment = _EPOCH + timedelta(microseconds=_time(event) // 1000)
        return moment.astimezone(ZoneInfo(cast(str, self.rules.midnight))).date()

    def _all_changes(self, event: Event) -> Iterator[str]:
        for name in self.rules.names("change"):
            if self._changes(event, name):
                yield reasons.change_of(name)

    def _changes(self, event: Event, name: str) -> bool:
        value, before = _filled(event.values.get(name)), self.values.get(name)
        if value is None:
            return before is not None and self.rules.change_to_empty
        is_new = before is not None or self.rules.change_from_empty or self.has_other
        return value != before and is_new

    def _marked(self, kind: str, event: Event) -> str | None:
        """Return by what an event is of a kind, or None."""
        rules, column = self.rules, getattr(self.rules, f"{kind}_column")
        event_type = event.values.get(rules.type_column)
        if event_type in rules.names(f"{kind}_events"):
            return reasons.event(event_type)
        return reasons.column(column) if column and event.values.get(column) else None

    def _begin(self, event: Event, reason: str) -> None:
        index = self.session.index + 1 if self.session else 1
        name = f"{event.user}:{_time(event) // 1000}"
        self.same_moment[name] += 1
        if self.same_moment[name] > 1:
            name = f"{name}.{self.same_moment[name]}"
        self.session = Session(event.user, index, reason, name, [])
        self.anchor = _time(event)
        if self.rules.change_memory == "session":
            self.values.clear()
            self.has_other = False

    def _remember(self, event: Event) -> None:
        assert self.session is not None
        self.session.times.append(_time(event))
        self.before.append(event)
        self.ended = self._marked("end", event)
        other = self.rules.change_from_column
        if other and _filled(event.values.get(other)) is not None:
            self.has_other = True
        for name in self.rules.names("change"):
            value = _filled(event.values.get(name))
            if value is not None or self.rules.change_to_empty:
                self.values[name] = value


def _filled(value: Any) -> Any:
    """Return a value, or None for an empty text too."""
    return None if value == "" else value


def _rounded(nanoseconds: int, step: int, rules: Rules) -> int:
    """Return a number of whole steps; Python rounds a half to the even one."""
    if rules.rounding == "down":
        return nanoseconds // step
    return round(Fraction(nanoseconds, step))


def _nanoseconds(duration: Any) -> int:
    if isinstance(duration, timedelta):
        return duration // timedelta(microseconds=1) * 1000
    return int(duration)


def _time(event: Event) -> int:
    assert event.time is not None
    return event.time


def events_of(columns: Mapping[str, Iterable[Any]], durations: Collection[str] = ()) -> list[Event]:
    """Return events from columns of plain values: ``user_id``, ``timestamp``, and others.

    Those of `durations` hold nanoseconds. An event without an id gets one made of its content;
    then the ids of all are texts.
    """
    names = list(columns)
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    ids = [row.get("event_id") for row in rows]
    if None in ids:
        ids = [
            content_id(row, durations) if known is None else str(known)
            for row, known in zip(rows, ids, strict=True)
        ]
    found = zip(rows, ids, strict=True)
    return [Event(row["user_id"], row["timestamp"], known, row) for row, known in found]
