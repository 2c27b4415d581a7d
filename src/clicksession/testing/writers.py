"""What holds of a target on every database that `SQLWriter` can write to."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.schema import DropTable

import clicksession as cs
from clicksession.sql.tables import Tables
from clicksession.writers.bulk.rows import RowLoader
from clicksession.writers.options import OnBusy

__all__ = ["WriterContract"]

_TABLES = Tables(prefix="contract_")
_BOOKKEEPING = (
    *("clicksession_runs", "clicksession_files", "clicksession_conversions"),
    *("clicksession_session_columns", "clicksession_vocabulary"),
)
_START = datetime(2024, 5, 1, 10, tzinfo=UTC)


class WriterContract:
    """The tests of a database, for its dialect and its loader together.

    The fixture `engine` gives an `Engine` on a database of which the tables with the prefix
    ``contract_`` may be dropped.
    """

    @pytest.fixture
    def engine(self) -> Engine:
        """Give the database; the class that derives from this one must."""
        raise NotImplementedError("override the fixture `engine`")

    @pytest.fixture
    def writer(self, engine: Engine) -> cs.SQLWriter:
        """Give a writer on a target that holds nothing."""
        with engine.begin() as connection:
            for name in ("events", "sessions", *_BOOKKEEPING):
                connection.execute(DropTable(_TABLES.table(name), if_exists=True))
        return self.new_writer(engine)

    def new_writer(self, engine: Engine, on_busy: OnBusy = "wait") -> cs.SQLWriter:
        """Return a writer on the target."""
        return cs.SQLWriter(engine, tables=_TABLES, on_busy=on_busy)

    def test_values_come_back_as_they_went_in(self, engine: Engine, writer: cs.SQLWriter) -> None:
        """Texts of every kind, whole numbers to the last digit, nulls beside empty texts."""
        texts = ["", 'it\'s; "b"\n\\', "é €", None, "NULL"]
        events = _events([0, 1, 2, 3, 4]).assign(
            page=pd.Series(texts, dtype="str"),
            number=pd.array([2**62 + 1, -1, 0, None, 5], dtype="Int64"),
        )
        writer.write(events)
        statement = "SELECT page, number FROM contract_events ORDER BY event_id"
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(text(statement))]
        numbers = [2**62 + 1, -1, 0, None, 5]
        assert found == list(zip(texts, numbers, strict=True))

    def test_ids_are_told_apart_to_the_last_space(
        self, engine: Engine, writer: cs.SQLWriter
    ) -> None:
        """``Ann``, ``ann`` and ``ann`` with a space are three users."""
        users = ["Ann", "ann", "ann ", "é"]
        writer.write(_events([0, 0, 0, 0]).assign(user_id=users))
        assert sorted(user for _, user, *_ in _sessions(engine)) == sorted(users)

    def test_microseconds_are_kept(self, engine: Engine, writer: cs.SQLWriter) -> None:
        """A gap of exactly the timeout stays, and one microsecond more does not."""
        writer.write(_events([0, 30, 60 + 1 / 60_000_000]))
        assert [count for *_, count in _sessions(engine)] == [2, 1]

    def orders(self, engine: Engine) -> Iterable[tuple[int, ...]]:
        """Give the orders in which four batches are to come: every one."""
        return permutations(range(4))

    def test_every_order_of_batches_gives_the_same_tables(
        self, engine: Engine, writer: cs.SQLWriter
    ) -> None:
        """Late events extend, join and precede sessions."""
        events = _events([0, 25, 50, 120])
        expected = None
        for order in self.orders(engine):
            self.reset(engine)
            for number in order:
                writer.write(events.iloc[[number]])
            found = _sessions(engine)
            expected = expected or found
            assert found == expected, order
        assert expected is not None
        assert [count for *_, count in expected] == [3, 1]

    def test_a_second_write_changes_nothing(self, engine: Engine, writer: cs.SQLWriter) -> None:
        """Rows that are stored already are duplicates."""
        events = _events([0, 10, 90])
        writer.write(events)
        before = _sessions(engine)
        report = writer.write(events)
        assert (report.events_added, report.duplicates) == (0, 3)
        assert _sessions(engine) == before

    def test_a_failure_leaves_nothing_behind(
        self, engine: Engine, writer: cs.SQLWriter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Events and sessions are one transaction."""
        writer.write(_events([0]))
        before = _sessions(engine)
        load = writer._target.loader.load

        def failing(connection: Any, table: Any, rows: Any) -> None:
            load(connection, table, rows)
            if table.name == "contract_sessions":
                raise _PowerCutError

        monkeypatch.setattr(writer._target.loader, "load", failing)
        with pytest.raises(_PowerCutError):
            writer.write(_events([0, 10, 20]))
        assert _sessions(engine) == before
        with engine.connect() as connection:
            events = connection.execute(select(func.count()).select_from(_TABLES.events))
            assert events.scalar() == 1

    def test_a_user_is_deleted(self, engine: Engine, writer: cs.SQLWriter) -> None:
        """All of one user goes, and nothing of another."""
        writer.write(_events([0, 60, 0]).assign(user_id=["ann", "ann", "bob"]))
        assert writer.delete_user("ann").events_deleted == 2
        assert [user for _, user, *_ in _sessions(engine)] == ["bob"]

    def test_metrics_are_computed(self, engine: Engine, writer: cs.SQLWriter) -> None:
        """The dialect can say what the metrics mean."""
        kinds = ["page_view", "page_view", "placed_order", "page_view"]
        writer.write(_events([0, 5, 60, 120]).assign(event_type=kinds))
        assert cs.metrics.VisitsBeforeOrder().compute(engine, tables=_TABLES) == 1.0
        assert cs.metrics.MinutesBeforeOrder().compute(engine, tables=_TABLES) == 5.0
        assert cs.metrics.SessionDuration().compute(engine, tables=_TABLES) == 0.0
        between = cs.metrics.TimeBetweenSessions(statistic="mean")
        assert between.compute(engine, tables=_TABLES) == 57.5

    def test_conversions_are_counted(self, engine: Engine, writer: cs.SQLWriter) -> None:
        """In stored sessions once, and in those that grow."""
        kinds = ["placed_order", "page_view", "placed_order"]
        writer.write(_events([0, 5, 60]).assign(event_type=kinds))
        counting = replace(_TABLES, counted_events=("placed_order",))
        cs.SQLWriter(engine, tables=counting).count_events()
        writer.write(_events([0, 5, 60, 65, 70]).assign(event_type=[*kinds, *kinds[:2]]))
        with engine.connect() as connection:
            counted = counting.sessions.c.placed_order_count
            found = connection.execute(select(counted).order_by(counted)).scalars()
            assert found.all() == [1, 2]
        assert cs.metrics.ConversionRate().compute(engine, tables=_TABLES) == 1.0

    def test_first_values_are_kept_and_read_back(
        self, engine: Engine, writer: cs.SQLWriter
    ) -> None:
        """In stored sessions once, and where a late event has another one."""
        writer.write(_events([0, 60]).assign(page=["/first", "/second"]))
        keeping = replace(_TABLES, first={"landing_page": "page"})
        cs.SQLWriter(engine, tables=keeping).count_events()
        found = cs.load_sessions(engine, tables=_TABLES)
        assert found["landing_page"].tolist() == ["/first", "/second"]
        pages = pd.Series(["/first", "/second", None, "/early"])
        writer.write(_events([0, 60, 30, -5]).assign(page=pages))
        found = cs.load_sessions(engine, tables=_TABLES)
        assert found["landing_page"].tolist() == ["/early"]

    def test_the_loader_moves_every_type(self, engine: Engine, writer: cs.SQLWriter) -> None:
        """Rows go in by the loader and come back by it."""
        assert isinstance(writer._target.loader, RowLoader)
        writer.write(_events([0, 10]))
        writer.write(_events([0, 10, 20]))
        assert [count for *_, count in _sessions(engine)] == [3]

    def reset(self, engine: Engine) -> None:
        """Empty the tables."""
        with engine.begin() as connection:
            if _TABLES.exist(connection):
                connection.execute(_TABLES.events.delete())
                connection.execute(_TABLES.table("sessions").delete())


class _PowerCutError(Exception):
    """What interrupts a write."""


def _events(minutes: Sequence[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "event_id": range(len(minutes)),
            "user_id": "ann",
            "timestamp": [_START + timedelta(minutes=minute) for minute in minutes],
        }
    )


def _sessions(engine: Engine) -> list[tuple[Any, ...]]:
    sessions = _TABLES.sessions
    columns = (sessions.c.session_id, sessions.c.user_id, sessions.c.event_count)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(select(*columns))]
    return sorted(found, key=lambda row: str(row[0]).encode())
