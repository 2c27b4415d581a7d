"""What a dialect must be able to say."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import pairwise
from typing import Any, ClassVar, Literal

from sqlalchemy import Connection, Table, TableClause, inspect
from sqlalchemy.engine import Dialect as Compiling
from sqlalchemy.types import DateTime, Text, TypeEngine, UserDefinedType

from clicksession.bounds import Bounds
from clicksession.errors import MissingExtraError, UnsupportedDialectError
from clicksession.sql.dialects.abilities import Ability
from clicksession.windows.zones import chosen_by_shift, shifts

__all__ = ["INDEXED", "ColumnType", "Dialect"]

_EPOCH = datetime(1970, 1, 1)

_HOUR = 3600

#: What a job of incremental sessions looks for in its tables.
INDEXED = (
    ("event_id",),
    ("session_id",),
    ("user_id", "run_from"),
    ("user_id", "started_at"),
    ("changed_in",),
)

# How many questions about a time stand in one CASE: 300 changes are asked about in two steps.
_CHANGES_IN_A_CASE = 16


class ColumnType(UserDefinedType[Any]):
    """A column type by the name that the database has for it."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        """Return the name."""
        return self.name


class Dialect(ABC):
    """How one database says what `constructs` mean.

    Each spelling gets its operands as SQL text that is compiled already, with values bound and
    names quoted, and returns SQL text.
    """

    #: What the database is called.
    title: ClassVar[str]

    #: The extra of clicksession that brings what `compiling` needs; empty where SQLAlchemy has it.
    extra: ClassVar[str] = ""

    #: What the database cannot do, each with what happens instead or what to do about it.
    cannot: ClassVar[Mapping[Ability, str]] = {}

    #: What it takes of one row, and of one table.
    bounds: ClassVar[Bounds] = Bounds("any database")

    #: Whether its instants carry a zone; where not, they are naive and in UTC.
    keeps_zone = False

    #: Whether what it keeps of a boolean is a number, 0 or 1.
    booleans_are_numbers = False

    #: Whether a backslash in a text starts an escape, so that one has to be written as two.
    backslash_escapes = False

    #: Whether a join renames the columns that both of its sides have, unless ``AS`` names them.
    joins_rename = False

    #: What a cast calls a float of 64 bits, and text of any length.
    float_type: ClassVar[str] = "DOUBLE PRECISION"
    text_type: ClassVar[str] = "TEXT"

    #: What a column is called that keeps instants; empty for SQLAlchemy's own type.
    instant_type: ClassVar[str] = ""

    #: The moment at hand, as an instant.
    moment: ClassVar[str] = "now()"

    #: Where a table for good keeps its rows, by the time of each, ``{time}``; empty: anywhere.
    placed: ClassVar[str] = ""

    #: What follows every statement, so that it means what it says.
    settings = ""

    #: How a job replaces rows, so that a reader sees no session twice: it deletes and inserts in a
    #: ``"transaction"``, it says ``"merge"`` for each table, or it adds ``"versions"`` of rows.
    replaces_by: ClassVar[Literal["transaction", "merge", "versions"]] = "transaction"

    #: Whether texts compare by what a column says, so that its type has to be known.
    compares_by_collation: ClassVar[bool] = False

    #: How many stretches of days stand in one condition: beyond that, the nearest become one. It is
    #: asked of every row where rows are not in partitions.
    most_stretches: ClassVar[int] = 400

    #: What the names of tables begin with that last for a job, and whether a schema has them.
    stage_prefix: ClassVar[str] = ""
    stages_in_schema: ClassVar[bool] = False

    @abstractmethod
    def compiling(self) -> Compiling:
        """Return the SQLAlchemy dialect that compiles statements; it needs no connection.

        With named parameters: other styles double every percent sign in a text.
        """

    @abstractmethod
    def microseconds_between(self, start: str, end: str) -> str:
        """Return the whole microseconds from start to end, exactly; null if either is null."""

    def session_microseconds(self, start: str, end: str, seconds: str) -> str:
        """Return how long a session lasted, in whole microseconds.

        `seconds` is the same as a float, for databases that are slow at telling it from the times.
        """
        return self.microseconds_between(start, end)

    def lacks_instant(self, time: str) -> str:
        """Return whether a time is none: null, or infinite where a database has such times."""
        return f"{time} IS NULL"

    @abstractmethod
    def epoch_microseconds(self, time: str) -> str:
        """Return the whole microseconds from 1970 in UTC to a time, exactly.

        Null for null, and for an infinite time.
        """

    def calendar_period(self, time: str, unit: str, zone: str) -> str:
        """Return the date on which the day, week or month of a time begins, in a named zone.

        Weeks begin on Monday. `unit` and `zone` are quoted: ``'week'``, ``'Europe/Amsterdam'``.
        Right on days of 23 and of 25 hours.
        """
        raise self._cannot("a day, week or month")

    def calendar_periods_between(self, start: str, end: str, unit: str) -> str:
        """Return the whole number of days, weeks or months between two such dates."""
        raise self._cannot("a day, week or month")

    def calendar_hour(self, time: str, zone: str) -> str:
        """Return the instant at which the clocks of a zone, quoted, last showed a full hour.

        By questions about the time, from 1900 to 2100, in every database: of an offset only what
        is no whole hour matters, so that for most zones there are few.
        """
        past = self.seconds_past_hour(time, zone)
        if past == "0":
            return self.start_of_hour(time)
        back = f"-{past}" if past.isdigit() else f"-1 * {past}"
        return self.seconds_later(self.start_of_hour(self.seconds_later(time, past)), back)

    def seconds_past_hour(self, time: str, zone: str) -> str:
        """Return the seconds past an hour that the clocks of a zone, quoted, show at one of UTC."""
        past = self.seconds_ahead(time, zone, within=_HOUR)
        return past if past.isdigit() else f"({past})"

    def start_of_hour(self, time: str) -> str:
        """Return the full hour of UTC that a time falls in, as an instant."""
        raise self._cannot("an hour")

    def seconds_later(self, time: str, seconds: str) -> str:
        """Return the instant that is so many whole seconds later; its fraction may be lost."""
        raise self._cannot("an hour")

    def percentile(self, value: str, fraction: str) -> str:
        """Return the interpolated percentile of the non-null values of a group, exactly."""
        self.must(Ability.PERCENTILE)
        return f"percentile_cont({fraction}) WITHIN GROUP (ORDER BY {value})"

    def as_float(self, value: str) -> str:
        """Return a number as a float of 64 bits; null for null."""
        return f"CAST({value} AS {self.float_type})"

    def as_text(self, value: str) -> str:
        """Return a value as text of any length; null for null."""
        return f"CAST({value} AS {self.text_type})"

    def rows_with(self, value: str) -> str:
        """Return the number of rows whose value is not null, of 64 bits."""
        return f"count({value})"

    def signed(self, value: str) -> str:
        """Return a whole number as one that may become negative."""
        return value

    def previous(self, value: str) -> str:
        """Return a window's value one row before, and null in the first row."""
        return f"lag({value})"

    def following(self, value: str) -> str:
        """Return a window's value one row after, and null in the last row."""
        return f"lead({value})"

    def ascending(self, value: str) -> str:
        """Return an ordering from the least value up, nulls last."""
        return f"{value} NULLS LAST"

    def descending(self, value: str) -> str:
        """Return an ordering from the greatest value down, nulls last."""
        return f"{value} DESC NULLS LAST"

    def text_literal(self, value: str) -> str:
        """Return a text as a constant."""
        doubled = value.replace("\\", "\\\\") if self.backslash_escapes else value
        return "'" + doubled.replace("'", "''") + "'"

    def instant_literal(self, value: datetime) -> str:
        """Return an aware time as a constant, to the microsecond."""
        zone = "+00:00" if self.keeps_zone else ""
        return f"TIMESTAMP{' WITH TIME ZONE' if zone else ''} '{in_utc(value)}{zone}'"

    def create(self, kind: str, name: str, query: str) -> str:
        """Return the statement that makes a view or a table, ``kind``, of a query."""
        return f"CREATE {kind.upper()} {name} AS\n{query}"

    def now(self) -> str:
        """Return the moment at hand, as an instant."""
        return self.moment

    def stage(self, name: str, query: str) -> list[str]:
        """Return the statements that keep a query's rows for the time of a job, anew each time."""
        return [f"DROP TABLE IF EXISTS {name}", f"CREATE TEMPORARY TABLE {name} AS\n{query}"]

    def make(self, name: str, query: str, key: str = "") -> str:
        """Return the statement that makes a table of a query, for good; `key` tells its rows."""
        time = {"event_id": "timestamp", "session_id": "started_at"}.get(key)
        return self.create("table", name + (self.placed.format(time=time) if time else ""), query)

    def latest(self, name: str, columns: str, where: str = "") -> str:
        """Return the query that gives the latest version of each row of a table, where it has any.

        `where` is a condition on that version.
        """
        raise self._cannot("the latest version of a row")

    def insert(self, name: str, columns: str, query: str) -> str:
        """Return the statement that adds a query's rows to a table."""
        return f"INSERT INTO {name} ({columns})\n{query}"

    def described(self, name: str) -> list[str]:
        """Return what has the database look at a table that was just made, where it should."""
        return []

    def indexes(self, table: TableClause, name: str) -> list[str]:
        """Return what makes the rows of a table of incremental sessions easy to find."""
        return []

    def delete_found(self, name: str, found: str, key: str, where: str = "") -> str:
        """Return the statement that deletes the rows of a table whose key is in another.

        `where` is a further condition, on the table under its own name.
        """
        further = f"\n    AND {where}" if where else ""
        return f"DELETE FROM {name}\nWHERE {key} IN (SELECT {key} FROM {found}){further}"  # noqa: S608

    def remainder(self, number: str, divisor: str) -> str:
        """Return what a division of whole numbers leaves, of either sign."""
        return f"mod({number}, {divisor})"

    def code_points(self, value: str) -> str:
        """Return a value as it is compared by code points: as most databases compare texts."""
        return value

    def local_microseconds(self, instant: str, zone: str) -> str:
        """Return what the clocks of a zone show at an instant, in microseconds since 1970.

        By questions about the instant, from 1900 to 2100: not every database knows zones, and no
        two need know the same.
        """
        offset = chosen_by_shift(
            zone,
            str,
            lambda shift, before, after: (
                f"CASE WHEN {instant} < {shift} THEN {before} ELSE {after} END"
            ),
        )
        return f"({instant} + {offset})"

    def seconds_ahead(self, time: str, zone: str, within: int | None = None) -> str:
        """Return the seconds that the clocks of a zone, quoted, are ahead of UTC at a time.

        With `within`, only what they are ahead beyond whole numbers of so many seconds.

        By questions about the time, from 1900 to 2100, for databases that know no zones. One
        `CASE` decides between some years, and one within them: a database asks its questions in
        turn, and stops at the first that is true.
        """
        found = _seconds(zone.strip("'"), within)
        runs = [found[n : n + _CHANGES_IN_A_CASE] for n in range(0, len(found), _CHANGES_IN_A_CASE)]
        return self._by_time(time, [(run[0][0], self._by_time(time, run)) for run in runs])

    def _by_time(self, time: str, answers: Sequence[tuple[int, str]]) -> str:
        """Return the last of the answers that holds at a time already; the first, before it."""
        if len(answers) == 1:
            return answers[0][1]
        questions = [
            (self.second_literal(_EPOCH + timedelta(microseconds=until)), answer)
            for (_, answer), (until, _) in pairwise(answers)
        ]
        asked = " ".join(f"WHEN {time} < {until} THEN {answer}" for until, answer in questions)
        return f"CASE {asked} ELSE {answers[-1][1]} END"

    def second_literal(self, value: datetime) -> str:
        """Return a naive time in UTC, of whole seconds, as a constant that times compare with."""
        if self.keeps_zone:
            return self.instant_literal(value)
        return f"TIMESTAMP '{value.isoformat(sep=' ')}'"

    def instant(self) -> TypeEngine[Any]:
        """Return the column type that keeps an instant to the microsecond, as UTC."""
        if self.instant_type:
            return ColumnType(self.instant_type)
        return DateTime(timezone=self.keeps_zone)

    def text(self) -> TypeEngine[str]:
        """Return the column type for text of any length, compared by code points."""
        return Text() if self.text_type == "TEXT" else ColumnType(self.text_type)

    def key(self) -> TypeEngine[str]:
        """Return the column type for text that can be indexed."""
        return self.text()

    def columns(self, connection: Connection, there: Table) -> dict[str, TypeEngine[Any]] | None:
        """Return the columns that a table has in the database, or None where it is not there."""
        if not self.holds(connection, there):
            return None
        found = inspect(connection).get_columns(there.name, schema=there.schema)
        return {column["name"]: column["type"] for column in found}

    def holds(self, connection: Connection, there: Table) -> bool:
        """Say whether a database has a table."""
        return inspect(connection).has_table(there.name, schema=there.schema)

    def may_read(self, connection: Connection, there: Table) -> bool:
        """Say whether a connection may read a table, so far as that can be asked."""
        return True

    def must(self, ability: Ability) -> None:
        """Refuse what the database cannot do.

        Raises
        ------
        UnsupportedDialectError
            The dialect declares that it cannot.
        """
        if ability in self.cannot:
            raise self._cannot(ability.value, self.cannot[ability])

    def _brought(self, place: str, package: str) -> Compiling:
        """Return the SQLAlchemy dialect that another package brings.

        Parameters
        ----------
        place
            Where its class is: ``"module:class"``.
        package
            What to install for it; `extra` does.

        Raises
        ------
        MissingExtraError
            The package is not installed.
        """
        module, _, name = place.partition(":")
        try:
            kind = getattr(import_module(module), name)
        except ImportError as error:
            raise MissingExtraError("SQL for this database", package, self.extra) from error
        dialect: Compiling = kind(paramstyle="named")
        return dialect

    def _cannot(self, what: str, hint: str = "") -> UnsupportedDialectError:
        return UnsupportedDialectError(what, self.compiling().name, hint)


def _seconds(zone: str, within: int | None) -> list[tuple[int, str]]:
    """Return the seconds that a zone is ahead, each with the first microsecond it holds from."""
    found: list[tuple[int, str]] = []
    for since, ahead in shifts(zone):
        seconds = ahead // 1_000_000
        said = str(seconds % within if within else seconds)
        if not found or found[-1][1] != said:
            found.append((since, said))
    return found


def in_utc(value: datetime) -> str:
    """Return a time as ``2024-05-01 10:00:00.000000``, in UTC; a naive one is in UTC already.

    Examples
    --------
    >>> from datetime import timedelta, timezone
    >>> in_utc(datetime(2024, 5, 1, 12, tzinfo=timezone(timedelta(hours=2))))
    '2024-05-01 10:00:00.000000'
    """
    naive = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return naive.isoformat(sep=" ", timespec="microseconds")
