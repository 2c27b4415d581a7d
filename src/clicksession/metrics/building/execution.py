"""Run a metric's statement: on a database, or on a frame through an embedded DuckDB."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, Protocol, TypeVar

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Select,
    column,
    create_engine,
    table,
)
from sqlalchemy.pool import NullPool
from sqlalchemy.types import Boolean, NullType, Text, TypeEngine

from clicksession.errors import ParameterError
from clicksession.labels import require_distinct
from clicksession.metrics.building.answers import as_frame, is_frame
from clicksession.metrics.building.asked import Asked, check_flag, check_there
from clicksession.metrics.building.occurring import Searching, Warn, check_found, warn
from clicksession.metrics.building.scope import Period
from clicksession.metrics.building.where import columns_of
from clicksession.metrics.building.whose import Columns
from clicksession.metrics.roles import in_words, roles_of
from clicksession.quality.ties import ids_to_sort_by
from clicksession.rules import Rules
from clicksession.schema import EventSchema, Vocabulary, as_vocabulary
from clicksession.sql.dialects import spelling
from clicksession.sql.sessionize import sessionize
from clicksession.sql.tables import EventsOnly, Tables
from clicksession.sql.text import settled
from clicksession.sql.urls import connected, shown_url
from clicksession.sql.vocabulary import vocabulary_in

__all__ = ["Answerable", "Place", "opened", "words_of"]

M = TypeVar("M")

_USUAL = Columns()

_KEPT = {
    "counted_events": "event types that the sessions count",
    **dict.fromkeys(("first", "last"), "columns that the sessions keep"),
}
# An event without a user or a time is in no session, whatever id it has.
_IN_SESSIONS = """
CREATE VIEW in_sessions AS SELECT * REPLACE (
  CASE WHEN user_id IS NOT NULL AND timestamp IS NOT NULL THEN session_id END AS session_id
) FROM raw_events
"""
_SHARED = """
SELECT 1 FROM in_sessions WHERE session_id IS NOT NULL
GROUP BY session_id HAVING min(user_id) <> max(user_id) LIMIT 1
"""
_AS_GIVEN = "CREATE VIEW events AS SELECT * FROM in_sessions"
_NUMBERED = """
CREATE TABLE events AS
WITH owned AS (SELECT DISTINCT session_id, user_id FROM in_sessions WHERE session_id IS NOT NULL),
numbered AS (SELECT *, row_number() OVER (ORDER BY session_id, user_id) AS number FROM owned)
SELECT in_sessions.* REPLACE (number AS session_id)
FROM in_sessions LEFT JOIN numbered
ON in_sessions.session_id = numbered.session_id AND in_sessions.user_id = numbered.user_id
"""
_MUST = "an Engine, a Connection, a database URL, or a frame with user_id and timestamp"


class Answerable(Searching, Protocol):
    """What is needed of a metric here."""

    def select(self, tables: Tables | None = None) -> Select[Any]:
        """Return the statement."""
        ...

    @property
    def gives_table(self) -> bool:
        """Whether the answer is a table."""
        ...

    @property
    def asks(self) -> tuple[Asked, ...]:
        """The columns that its parameters name."""
        ...

    @property
    def period_columns(self) -> Mapping[str, Period]:
        """The columns of the answer that are periods, each with what it is."""
        ...


@dataclass(frozen=True)
class Place:
    """A connection, the tables to ask there, and what its events have and are called.

    Attributes
    ----------
    columns
        The columns of its events with their types; None for a database, which knows them.
    given
        What a caller says of the names of events. It goes before what a database says.
    say
        Takes the sentences of warnings.
    are_shared
        Whether users share ids of sessions, which others stand in for here.
    """

    connection: Connection
    tables: Tables
    columns: Mapping[str, TypeEngine[Any]] | None = None
    given: Vocabulary = field(default_factory=dict)
    say: Warn = warn
    are_shared: bool = False

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What events are called here."""
        kept = vocabulary_in(self.connection, self.tables) if self.columns is None else {}
        return {**kept, **self.given}

    def named(self, metric: M) -> M:
        """Return a metric in the words of this place, which are looked up where they are needed."""
        metric = in_words(metric, self.given)
        return in_words(metric, self.vocabulary) if roles_of(metric) else metric

    def answer(self, metric: Answerable) -> Any:
        """Return the answer of a metric: a number, None, or a DataFrame."""
        metric = self.named(metric)
        self._check(metric)
        if self.are_shared and _names_ids(metric):
            must = "a frame whose session_id is of one user only, for a metric that names it"
            hint = "Put the user before it: events['user_id'] + ':' + events['session_id']."
            raise ParameterError("compute", "data", must, "ids that several users have", hint)
        statement = settled(metric.select(self.tables), self.connection.dialect.name)
        found = self.connection.execute(statement)
        if metric.gives_table:
            answer = as_frame(list(found.keys()), found.all(), metric.period_columns)
        else:
            value = found.scalar()
            answer = None if value is None else float(value)
        check_found(metric, answer, self.connection, self.tables, self.say, self._words)
        return answer

    def _words(self) -> Vocabulary:
        """Return what events are called here, as far as one may read it."""
        try:
            return self.vocabulary
        except ParameterError:
            return self.given

    def _check(self, metric: Answerable) -> None:
        """Refuse to ask for columns that are not there, before the database does."""
        asks = metric.asks
        if self.columns is not None:
            asks += tuple(Asked(looked.parameter, "event_type") for looked in metric.looks_for)
        known = self._known() if asks else {}
        for asked in asks:
            check_there(asked, known, self.tables.kept.names)
            if asked.is_flag:
                check_flag(metric, asked, known, self.connection, self.tables)

    def _known(self) -> Mapping[str, TypeEngine[Any]]:
        if self.columns is not None:
            return self.columns
        there = self.tables.table("events")
        return spelling(self.connection.dialect.name).columns(self.connection, there) or {}


def words_of(given: Any, tables: Tables | None = None) -> Vocabulary:
    """Return a vocabulary: as it is, of a schema, or as a target keeps it.

    Raises
    ------
    ParameterError
        It is none of these.
    """
    if isinstance(given, str | URL | Engine | Connection):
        with opened(given, tables) as place:
            return place.vocabulary
    if tables is not None:
        must = "left out but for a target"
        raise ParameterError("in_words_of", "tables", must, tables)
    return as_vocabulary(given, who="in_words_of")


@contextmanager
def opened(
    data: Any,
    tables: Tables | None = None,
    rules: Rules | None = None,
    vocabulary: Mapping[str, Any] | EventSchema | None = None,
    say: Warn = warn,
    whose: Columns = _USUAL,
) -> Iterator[Place]:
    """Open a database, or a frame as if it were one.

    Raises
    ------
    ParameterError
        It is neither, or has not what `run` or `sessionize` would have made.
    """
    given = {} if vocabulary is None else as_vocabulary(vocabulary, who="compute")
    if is_frame(data):
        if tables is not None:
            must = "left out for a frame, which has no tables"
            raise ParameterError("compute", "tables", must, tables)
        with _frame_connection(data, rules, whose) as place:
            yield replace(place, given=given, say=say)
        return
    if rules is not None:
        must = "left out for a database, whose sessions were cut by its own rules"
        raise ParameterError("compute", "rules", must, rules)
    whose.check_left_out()
    tables = Tables.given(tables, who="compute")
    with connected(data, who="compute", parameter="data", must=_MUST) as connection:
        if not tables.exist(connection):
            names = f"{tables.table('events').name!r} and {tables.table('sessions').name!r}"
            must = f"a database with the tables {names}, which run() or SQLWriter makes"
            raise ParameterError("compute", "data", must, shown_url(connection.engine.url))
        yield Place(connection, _keeping(connection, tables), given=given, say=say)


def _keeping(connection: Connection, tables: Tables) -> Tables:
    """Return the tables with what their sessions keep of their events."""
    stored, asked = tables.kept_in(connection), tables.kept
    runs = tables.table("clicksession_runs")
    if asked and not stored and not tables.is_readable(connection, runs):
        # Tables of somebody else, or a right to read no others: then what is said is believed.
        there = spelling(connection.dialect.name).columns(connection, tables.table("sessions"))
        stored = asked.among(there or ())
    for parameter in ("counted_events", "first", "last"):
        given = getattr(asked, parameter)
        if not set(given) <= set(getattr(stored, parameter)):
            must = f"{_KEPT[parameter]}, as they do once SQLWriter was given these"
            got = dict(given) if parameter != "counted_events" else given
            raise ParameterError("compute", "tables", must, f"{parameter}={got!r}")
    return tables.keeping(stored) if stored else tables


@contextmanager
def _frame_connection(frame: Any, rules: Rules | None, whose: Columns) -> Iterator[Place]:
    import pyarrow as pa

    # Of a table of Arrow, `columns` are the values.
    labels: Any = getattr(frame, "column_names", None) or getattr(frame, "columns", ())
    require_distinct(labels, "compute", "data")
    rows = whose.named(pa.table(frame))
    is_sessionized = "session_id" in rows.column_names
    if is_sessionized and rules is not None:
        must = "left out for a frame that has sessions already"
        raise ParameterError("compute", "rules", must, rules)
    with _in_memory().connect() as connection:
        driver: Any = connection.connection.driver_connection
        stored = _as_stored(rows, whose.sources)
        driver.register("raw_events", stored)
        are_shared = False
        if is_sessionized:
            are_shared = _take_sessions(connection)
        else:
            _sessionize(connection, stored.column_names, rules or Rules())
        # Of those that are put in for a frame without them, nobody asks for one but the type.
        is_typed = "event_type" in rows.column_names
        kinds = {field.name: _kind(field.type) for field in stored.schema}
        columns = {name: kinds[name] for name in kinds if name != "event_type" or is_typed}
        reasons = rules is not None and not rules.has_timeout_only
        explained = is_sessionized and "start_reason" in columns
        numbered = not is_sessionized or "session_index" in columns
        tables = EventsOnly(explained=explained or reasons, numbered=numbered)
        yield Place(connection, tables, columns, are_shared=are_shared)


@cache
def _in_memory() -> Engine:
    """Return what opens a database of its own for each frame, and compiles a statement once."""
    return create_engine("duckdb:///:memory:", poolclass=NullPool)


def _sessionize(connection: Connection, names: list[str], rules: Rules) -> None:
    """Make the table of events of the raw ones, by the same definition, said in SQL."""
    cut = sessionize(table("raw_events", *map(column, names)), rules)
    text = cut.compile(connection, compile_kwargs={"literal_binds": True})
    connection.exec_driver_sql(f"CREATE TABLE events AS {text}")


def _take_sessions(connection: Connection) -> bool:
    """Make the events of raw ones that have sessions; say whether users share an id of one.

    A session is what has one id, of one user. Of ids that users share, each session gets a number
    in its place, in the order of the ids: by that come sessions that began at one moment.
    """
    connection.exec_driver_sql(_IN_SESSIONS)
    shared = connection.exec_driver_sql(_SHARED).first() is not None
    connection.exec_driver_sql(_NUMBERED if shared else _AS_GIVEN)
    return shared


def _as_stored(rows: Any, sources: Collection[str]) -> Any:
    """Return a frame's columns in the types of a table: microseconds in UTC, and text.

    What users and times are made of, `sources`, is no other part of what an event is.
    """
    import pyarrow as pa

    from clicksession.arrow import readable

    times = rows["timestamp"]
    if not pa.types.is_timestamp(times.type):
        must = "a frame whose 'timestamp' holds times"
        raise ParameterError("compute", "data", must, f"{times.type}")
    times = times.cast(pa.timestamp("us", times.type.tz), safe=False).cast(pa.timestamp("us"))
    nulls = pa.nulls(rows.num_rows, pa.string())
    kinds = rows["event_type"] if "event_type" in rows.column_names else nulls
    here = {"timestamp": times, "event_type": readable(kinds).cast(pa.string())}
    others = {name: readable(rows[name]) for name in rows.column_names if name not in here}
    # The labels of pandas' rows are no part of what an event is.
    labels = [*(rows.schema.pandas_metadata or {}).get("index_columns", ()), *sources]
    said = {name: values for name, values in others.items() if name not in labels}
    ids = ids_to_sort_by(pa.table({**said, **here}), who="compute", parameter="data")
    others.pop("event_id", None)
    return pa.table({"event_id": ids, **here, **others})


def _kind(kind: Any) -> TypeEngine[Any]:
    """Return a type of Arrow's as far as metrics ask for one: whether it is boolean."""
    import pyarrow as pa

    if pa.types.is_null(kind):
        return NullType()
    return Boolean() if pa.types.is_boolean(kind) else Text()


def _names_ids(metric: object) -> bool:
    """Say whether a parameter of a metric names the ids of sessions, alone or in a condition."""
    for value in vars(metric).values():
        for part in value if isinstance(value, tuple) else (value,):
            columns = columns_of(part) if isinstance(part, ColumnElement) else ()
            if "session_id" in (part if isinstance(part, str) else "", *(c.name for c in columns)):
                return True
    return False
