"""The two tables that the library keeps: events and sessions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Double,
    FromClause,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    case,
    column,
    func,
    literal_column,
    quoted_name,
    select,
)
from sqlalchemy.types import NullType, TypeEngine

from clicksession.display import Card, call, differing
from clicksession.errors import ParameterError
from clicksession.keywords import keywords
from clicksession.rules import reasons
from clicksession.sql.constructs import as_float, microseconds_between
from clicksession.sql.dialects import DIALECTS, spelling
from clicksession.windows.kept import Columns, Counted, Edge, Kept, conversion_column

__all__ = [
    "EventsOnly",
    "Instant",
    "Key",
    "Tables",
    "Words",
    "counting_column",
    "edge_column",
    "session_columns",
]


class Instant(TypeDecorator[datetime]):
    """A point in time, to the microsecond: UTC in the database, aware in Python."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that the database keeps instants in."""
        if dialect.name not in DIALECTS:
            return dialect.type_descriptor(DateTime())
        return dialect.type_descriptor(spelling(dialect.name).instant())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand over UTC; a naive time is read as UTC."""
        if value is None:
            return None
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        keeps_zone = dialect.name in DIALECTS and spelling(dialect.name).keeps_zone
        return aware if keeps_zone else aware.replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return an aware time in UTC."""
        if value is None:
            return None
        aware: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC)


class Key(TypeDecorator[str]):
    """Text that tells one thing from another: compared by code points, and indexed."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that the database keeps keys in."""
        # Not through type_descriptor(), which makes VARCHAR of TEXT on PostgreSQL.
        return spelling(dialect.name).key() if dialect.name in DIALECTS else Text()


class Words(TypeDecorator[str]):
    """Text of any length, compared by code points."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that the database keeps text in."""
        return spelling(dialect.name).text() if dialect.name in DIALECTS else Text()


@keywords(conversions="counted_events")
@dataclass(frozen=True)
class Tables:
    """Where the library's tables are, and what the sessions keep of their events.

    Parameters
    ----------
    prefix
        Put before each table's name: ``prefix="web_"`` gives ``web_events`` and ``web_sessions``.
    schema
        The database schema that holds them; left out, the connection's own.
    counted_events
        Event types of which each session says how many of its events are: ``"placed_order"`` in
        the column ``placed_order_count``, 0 where it has none; a number goes by its text. Order
        metrics then read the sessions alone. A target that is written to with these counts them
        from then on, also where a later writer does not name them; events that are there already
        are counted once.
    first, last
        Columns of the events of which each session keeps the first, or the last, value that is not
        null, in the order of time, then of ``event_id``: ``first={"landing_page": "page_url"}``,
        or ``first=("referrer",)`` under the same name. A target keeps them from then on as it does
        `counted_events`, and metrics find them by these names. Of a column that no stored event
        has, they are null, and a writer says so through the logger ``clicksession``.

    Raises
    ------
    ParameterError
        `counted_events` are no event types, `first` or `last` no columns, or two would have one
        name.

    Examples
    --------
    >>> Tables(prefix="web_").sessions.name
    'web_sessions'
    >>> Tables(counted_events=("placed_order",)).sessions.c.keys()[-1]
    'placed_order_count'
    """

    prefix: str = ""
    schema: str | None = None
    counted_events: Counted = ()
    first: Columns = ()
    last: Columns = ()

    def __post_init__(self) -> None:
        taken = ["session_index", *(column.name for column in session_columns(NullType()))]
        kept = Kept.given("Tables", self.first, self.last, self.counted_events, taken)
        for name in ("first", "last", "counted_events"):
            object.__setattr__(self, name, getattr(kept, name))

    def __repr__(self) -> str:
        given = differing(self)
        for name in {"first", "last"} & set(given):
            given[name] = dict(given[name])
        return call(self, given)

    def _repr_html_(self) -> str:
        keep = [
            *(f"{edge.name}: the {edge.side} {edge.source}" for edge in self.kept.edges),
            *(f"{conversion_column(one)}: how many {one}" for one in self.kept.counted_events),
        ]
        names = {"events": str(self.events), "sessions": f"{self.table('sessions')}"}
        facts = {**names, **({"sessions keep": "; ".join(keep)} if keep else {})}
        return Card(kind="Tables", facts=facts).html

    @property
    def kept(self) -> Kept:
        """What the sessions keep of their events."""
        return Kept(cast(Any, self.first), cast(Any, self.last), cast(Any, self.counted_events))

    def keeping(self, kept: Kept) -> "Tables":
        """Return these tables with sessions that keep something else."""
        return replace(self, first=kept.first, last=kept.last, counted_events=kept.counted_events)

    @cached_property
    def events(self) -> Table:
        """The events: one row each, with the columns that every log has."""
        columns: list[Column[Any]] = [
            Column("event_id", NullType()),
            Column("user_id", NullType()),
            Column("timestamp", Instant()),
            Column("event_type", Words()),
            Column("session_id", Key()),
        ]
        return self.table("events", *columns)

    @cached_property
    def sessions(self) -> FromClause:
        """The sessions: one row each."""
        return self.table("sessions", *session_columns(NullType(), self.kept))

    @cached_property
    def counted(self) -> Table:
        """Which events the sessions of a target count, and whether they do so already."""
        return self.table(
            "clicksession_conversions",
            Column("event_type", Key(), nullable=False),
            Column("is_counted", Boolean(), nullable=False),
        )

    @cached_property
    def kept_columns(self) -> Table:
        """Which first and last values the sessions of a target keep, and whether they do so yet."""
        return self.table(
            "clicksession_session_columns",
            Column("column_name", Key(), nullable=False),
            Column("side", Words(), nullable=False),
            Column("source", Words(), nullable=False),
            Column("is_filled", Boolean(), nullable=False),
        )

    @property
    def count_columns(self) -> list[str]:
        """The columns of the sessions that count events."""
        return [conversion_column(event_type) for event_type in self.kept.counted_events]

    def counts(self, event_types: tuple[str, ...]) -> bool:
        """Say whether the sessions count the events of all these types."""
        return set(event_types) <= set(self.kept.counted_events)

    def counted_in(self, connection: Connection) -> tuple[str, ...]:
        """Return the types that the sessions of a database count, as far as one may read."""
        if not self.is_readable(connection, self.counted):
            return ()
        counted = self.counted.c
        found = connection.execute(select(counted.event_type).where(counted.is_counted)).scalars()
        return tuple(sorted(found.all()))

    def kept_in(self, connection: Connection) -> Kept:
        """Return what the sessions of a database keep, as far as one may read."""
        counted = self.counted_in(connection)
        if not self.is_readable(connection, self.kept_columns):
            return Kept(counted_events=counted)
        known = self.kept_columns.c
        rows = connection.execute(select(*known).where(known.is_filled)).all()
        edges = (Edge(row.column_name, row.source, row.side == "last") for row in rows)
        return Kept.of(edges, counted)

    def as_stored(self, connection: Connection) -> "Tables":
        """Return these tables with what the sessions of a database are known to keep."""
        return self.keeping(self.kept_in(connection))

    def exist(self, connection: Connection) -> bool:
        """Say whether a database has these tables: a target that was never written to has not."""
        made = [each for each in (self.events, self.sessions) if isinstance(each, Table)]
        return all(self.holds(connection, table) for table in made)

    def remembers(self, connection: Connection) -> bool:
        """Say whether a database remembers the runs of a target of these names."""
        return self.holds(connection, self.table("clicksession_runs"))

    def is_readable(self, connection: Connection, table: Table) -> bool:
        """Say whether a database has a table, and the connection may read it."""
        may_read = spelling(connection.dialect.name).may_read(connection, table)
        return may_read and self.holds(connection, table)

    @staticmethod
    def holds(connection: Connection, table: Table) -> bool:
        """Say whether a database has one table."""
        return spelling(connection.dialect.name).holds(connection, table)

    @classmethod
    def given(cls, tables: object, *, who: str) -> "Tables":
        """Return what a caller gave as `tables`: nothing stands for the names as they are.

        Raises
        ------
        ParameterError
            It is something else, such as a prefix alone.
        """
        if tables is None:
            return cls()
        if isinstance(tables, Tables):
            return tables
        hint = f"A prefix alone is Tables(prefix={tables!r})." if isinstance(tables, str) else ""
        must = "a clicksession.sql.Tables, or None"
        raise ParameterError(who, "tables", must, tables, hint)

    def table(self, name: str, *columns: Column[Any]) -> Table:
        """Return a table of this family."""
        return Table(f"{self.prefix}{name}", MetaData(), *columns, schema=self.schema)


@dataclass(frozen=True, repr=False)
class EventsOnly(Tables):
    """Only events, with their sessions' ids: the sessions are a step made from them.

    Parameters
    ----------
    explained
        Whether the events say why their session began, in a column ``start_reason``.
    numbered
        Whether they say which of its user's sessions it is, in a column ``session_index``. Then,
        where they are not `explained`, a pause ended each session but the first; without it their
        ids came from elsewhere.
    """

    explained: bool = False
    numbered: bool = True

    @cached_property
    def sessions(self) -> FromClause:
        """The sessions, taken together from their events."""
        events = self.events
        began, ended = func.min(events.c.timestamp), func.max(events.c.timestamp)
        microseconds = as_float(microseconds_between(began, ended))
        return (
            select(
                events.c.session_id,
                events.c.user_id,
                began.label("started_at"),
                ended.label("ended_at"),
                microseconds.op("/", precedence=8)(literal_column("1000000")).label(
                    "duration_seconds"
                ),
                func.count().label("event_count"),
                self._reason(began).label("start_reason"),
            )
            .where(events.c.session_id.is_not(None))
            .group_by(events.c.session_id, events.c.user_id)
            .cte("sessions")
        )

    def _reason(self, began: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return why a session began, as `summarize` has it."""
        if self.explained:
            return func.min(column("start_reason", Words()))
        events = self.events.c
        if self.numbered:
            is_first = func.min(column("session_index")) == 1
            return case((is_first, reasons.FIRST), else_=reasons.TIMEOUT)
        order = (began, events.session_id)
        ordinal = func.row_number().over(partition_by=events.user_id, order_by=order)
        return case((ordinal == 1, reasons.FIRST), else_=reasons.GIVEN)


def session_columns(
    user_type: TypeEngine[Any],
    kept: Kept | None = None,
    types: Mapping[str, TypeEngine[Any]] | None = None,
) -> list[Column[Any]]:
    """Return the columns of the sessions table.

    Parameters
    ----------
    user_type
        The type of the users.
    kept
        What they keep of their events.
    types
        The types of the columns of the events; of one that no event has a value in, text.
    """
    kept, types = kept or Kept(), types or {}
    return [
        Column("session_id", Key(), nullable=False),
        Column("user_id", user_type, nullable=False),
        Column("started_at", Instant(), nullable=False),
        Column("ended_at", Instant(), nullable=False),
        Column("duration_seconds", Double(), nullable=False),
        Column("event_count", BigInteger(), nullable=False),
        Column("start_reason", Words(), nullable=False),
        *(edge_column(edge, types.get(edge.source, Words())) for edge in kept.edges),
        *map(counting_column, kept.counted_events),
    ]


def edge_column(edge: Edge, kind: TypeEngine[Any]) -> Column[Any]:
    """Return the column of the sessions that keeps a first or last value."""
    return Column(quoted_name(edge.name, quote=True), kind)


def counting_column(event_type: str) -> Column[Any]:
    """Return the column of the sessions that counts the events of a type."""
    return Column(conversion_column(event_type), BigInteger(), server_default="0")
