"""Any history of writes, deletions, rebuilds and failures leaves the tables of one clean write.

A machine draws events, cuts them into batches as it likes, delivers them in any order and more
than once, deletes users and windows, changes the rules, begins to count conversions and to keep
first and last values, and lets writes fail half-way. After every step the tables must equal what a
plain loop makes of the events that should be there.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import clicksession as cs
from clicksession.sql import Tables
from clicksession.sql.conversions import conversion_column
from tests.logs import MINUTE, THIRTY_MINUTES, microseconds
from tests.oracle import session_of_each, sessions_of
from tests.writers.content import BOOKKEEPING, content_of

_START = 1_714_557_600_000_000
_USERS = st.sampled_from([1, 2, None])
_TIMES = st.one_of(
    st.none(),
    # Two stretches of one user, so that a session beside the window is not always their first.
    st.sampled_from([-5000, -4990, 0, 1, 29, 30, 31, 59, 60, 61, 90, 91, 120, 10_000_000]).map(
        lambda minutes: _START + minutes * MINUTE
    ),
    st.sampled_from([_START + THIRTY_MINUTES + 1, _START + THIRTY_MINUTES - 1]),
)
# One whose column would be called by more bytes than databases keep.
_LONG = "x" * 70
_TYPES = st.sampled_from(["order", "view", _LONG, None])
# Of several types, so that the column becomes one of texts at some time.
_PAGES = st.sampled_from([None, None, 7, 8, 9, "home"])
_EVENT = st.tuples(st.integers(1, 25), _USERS, _TIMES, _TYPES, _PAGES)
# Under a name of its own, under the same, and of another column.
_EDGES = {
    "landing": ("first", "page"),
    "exit": ("last", "page"),
    "page": ("first", "page"),
    "event_type": ("last", "event_type"),
}

Event = tuple[int, Any, int | None, str | None, Any]
Kept = tuple[Any, int | None, str | None, Any]


class PowerCutError(Exception):
    """What interrupts a write."""


class AnyHistory(RuleBasedStateMachine):
    """A target, and beside it the events that it should hold."""

    url = ""
    conversions: tuple[str, ...] = ("order", "view", "never", _LONG)

    @initialize()
    def begin(self) -> None:
        self.engine = sa.create_engine(self.url)
        self.tables = Tables(prefix="history_")
        _drop_all(self.engine, self.tables)
        self.minutes = 30
        self.counted: set[str] = set()
        self.kept: set[str] = set()
        self.log: dict[int, Kept] = {}
        self.known: dict[int, Kept] = {}
        self.writer = self._writer()

    def _writer(self, *conversions: str, edges: Collection[str] = ()) -> cs.SQLWriter:
        tables = self._tables_keeping(conversions, edges)
        return cs.SQLWriter(self.engine, timeout=f"{self.minutes}min", tables=tables)

    def _tables_keeping(self, conversions: tuple[str, ...], edges: Collection[str]) -> Tables:
        sides: dict[str, dict[str, str]] = {"first": {}, "last": {}}
        for name in edges:
            side, source = _EDGES[name]
            sides[side][name] = source
        return replace(self.tables, counted_events=conversions, **sides)

    def _frame(self, events: list[Event]) -> pd.DataFrame:
        # One id is one event for ever: what it is was said when it was first drawn.
        rows = [
            (number, *self.known.setdefault(number, (user, time, kind, page)))
            for number, user, time, kind, page in events
        ]
        names = ["event_id", "user_id", "timestamp", "event_type", "page"]
        frame = pd.DataFrame(rows, columns=names).astype({"page": "object"})
        is_text = any(isinstance(page, str) for *_, page in rows)
        types = {"event_id": "Int64", "user_id": "Int64", "timestamp": "Int64"}
        frame = frame.astype({**types, "event_type": "str", "page": "str" if is_text else "Int64"})
        return frame.assign(timestamp=pd.to_datetime(frame["timestamp"], unit="us", utc=True))

    @rule(events=st.lists(_EVENT, max_size=6))
    def write(self, events: list[Event]) -> None:
        report = self.writer.write(self._frame(events))
        new = {number for number, *_ in events} - set(self.log)
        assert report.events_added == len(new)
        assert report.duplicates == len(events) - len(new)
        self.log.update({number: self.known[number] for number in new})

    @rule(events=st.lists(_EVENT, min_size=1, max_size=6), calls=st.integers(0, 8))
    def write_that_fails(self, events: list[Event], calls: int) -> None:
        loader, counter = self.writer._target.loader, iter(range(calls))
        whole = {name: getattr(loader, name) for name in ("load", "load_stream")}

        def failing(load: Callable[..., None]) -> Callable[..., None]:
            def fails(*arguments: Any, **options: Any) -> None:
                if next(counter, None) is None:
                    raise PowerCutError
                load(*arguments, **options)

            return fails

        for name, load in whole.items():
            setattr(loader, name, failing(load))
        try:
            self.writer.write(self._frame(events))
        except PowerCutError:
            pass
        else:
            new = {number for number, *_ in events} - set(self.log)
            self.log.update({number: self.known[number] for number in new})
        finally:
            for name, load in whole.items():
                setattr(loader, name, load)

    @precondition(lambda self: self.log)
    @rule(user=st.sampled_from([1, 2, 3]))
    def delete_user(self, user: int) -> None:
        gone = [number for number, (owner, *_) in self.log.items() if owner == user]
        assert self.writer.delete_user(user).events_deleted == len(gone)
        for number in gone:
            del self.log[number]

    @precondition(lambda self: self.log)
    @rule(events=st.lists(_EVENT, min_size=1, max_size=3))
    def delete_events(self, events: list[Event]) -> None:
        gone = {number for number, *_ in events} & set(self.log)
        assert self.writer.delete_events(self._frame(events)).events_deleted == len(gone)
        for number in gone:
            del self.log[number]

    @precondition(lambda self: self.log)
    @rule(start=st.integers(0, 100), length=st.integers(1, 60))
    def delete_between(self, start: int, length: int) -> None:
        low = _START + start * MINUTE
        high = low + length * MINUTE
        gone = [
            n for n, (_, time, *_) in self.log.items() if time is not None and low <= time < high
        ]
        window = [pd.Timestamp(edge, unit="us", tz="UTC") for edge in (low, high)]
        assert self.writer.delete_between(*window).events_deleted == len(gone)
        for number in gone:
            del self.log[number]

    @precondition(lambda self: self.log)
    @rule(minutes=st.sampled_from([1, 30, 60]))
    def rebuild(self, minutes: int) -> None:
        self.minutes = minutes
        self.writer = self._writer()
        self.writer.rebuild()

    @rule(data=st.data())
    def count_conversions(self, data: st.DataObject) -> None:
        conversions = data.draw(st.sets(st.sampled_from(self.conversions)))
        # Who does not name those that are counted already goes on with them.
        self.writer = self._writer(*conversions)
        self.writer.delete_user(99)
        self.counted |= conversions

    @rule(data=st.data())
    def stop_counting(self, data: st.DataObject) -> None:
        conversions = data.draw(st.sets(st.sampled_from(self.conversions), max_size=2))
        self.writer = self._writer()
        self.writer.stop_counting(*conversions)
        self.counted -= conversions

    @rule(data=st.data())
    def keep_edges(self, data: st.DataObject) -> None:
        edges = data.draw(st.sets(st.sampled_from(sorted(_EDGES))))
        self.writer = self._writer(edges=edges)
        self.writer.count_events()
        self.kept |= edges
        self.writer = self._writer()

    @rule(data=st.data())
    def stop_keeping(self, data: st.DataObject) -> None:
        edges = data.draw(st.sets(st.sampled_from(sorted(_EDGES)), max_size=2))
        self.writer.stop_keeping(*edges)
        self.kept -= edges

    @invariant()
    def the_tables_are_those_of_one_write(self) -> None:
        with self.engine.connect() as connection:
            if not self.tables.exist(connection):
                assert not self.log
                return
        found = content_of(self.engine, self.tables)
        numbers = list(self.log)
        users = [user for user, *_ in self.log.values()]
        times = [time for _, time, *_ in self.log.values()]
        longest = self.minutes * MINUTE
        expected = session_of_each(users, times, longest)
        assert {row["event_id"]: row["session_id"] for row in found["events"]} == {
            number: session and session[0]
            for number, session in zip(numbers, expected, strict=True)
        }
        assert [
            (
                row["session_id"],
                row["user_id"],
                microseconds(pd.Timestamp(row["started_at"])),
                microseconds(pd.Timestamp(row["ended_at"])),
                row["duration_seconds"],
                row["event_count"],
                row["start_reason"],
            )
            for row in found["sessions"]
        ] == sorted(
            (s.id, s.user, s.start, s.end, (s.end - s.start) / 1e6, s.count, _reason(s.index))
            for s in sessions_of(users, times, longest)
        )
        ids = [session and session[0] for session in expected]
        self._check_kept(found["sessions"], dict(zip(numbers, ids, strict=True)))

    def _kind(self, number: int) -> str | None:
        """Return the type of an event."""
        return self.log[number][2]

    def _check_kept(self, sessions: list[dict[str, Any]], ids: dict[int, Any]) -> None:
        """Compare what each session counts and keeps with a plain loop over its events."""
        for row in sessions:
            found = {name: row[name] for name in row if name not in Tables().sessions.c}
            own = [(self.log[n], n) for n, session in ids.items() if session == row["session_id"]]
            in_order = sorted(own, key=lambda one: (one[0][1], one[1]))
            kinds = Counter(self._kind(n) for _, n in sorted(own, key=lambda one: one[1]))
            expected: dict[str, Any] = {conversion_column(k): kinds[k] for k in self.counted}
            for name in self.kept:
                side, source = _EDGES[name]
                values = [event[3] if source == "page" else self._kind(n) for event, n in in_order]
                there = [str(value) for value in values if value is not None]
                expected[name] = there[0 if side == "first" else -1] if there else None
            # Whole numbers, or texts where one of the events has had one.
            as_texts = {
                n: v if v is None or n not in self.kept else str(v) for n, v in found.items()
            }
            assert as_texts == expected

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()


def _reason(index: int) -> str:
    return "first" if index == 1 else "timeout"


def _drop_all(engine: sa.Engine, tables: Tables) -> None:
    names = ("events", "sessions", *BOOKKEEPING)
    with engine.begin() as connection:
        for name in names:
            connection.execute(sa.schema.DropTable(tables.table(name), if_exists=True))


def test_any_history(database_url: str, request: pytest.FixtureRequest) -> None:
    machine = type("Machine", (AnyHistory,), {"url": database_url})
    histories = request.config.getoption("--histories")
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=histories, stateful_step_count=12, deadline=None),
    )
