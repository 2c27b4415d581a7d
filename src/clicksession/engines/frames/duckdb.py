"""DuckDB relations: the SQL of `clicksession.sql.sessionize`, over the relation."""

from collections.abc import Sequence
from typing import Any

import duckdb
import sqlalchemy as sa
from sqlalchemy.types import BigInteger, Boolean, NullType, Text, TypeEngine

from clicksession.engines.frames.base import Kind, Lazy
from clicksession.rules import Rules
from clicksession.sql.dialects import spelling
from clicksession.sql.words import SQLWords
from clicksession.windows import sessions, summary
from clicksession.windows.kept import Kept
from clicksession.windows.users import with_users, without

__all__ = ["DuckDB"]

_TABLE = "events"
_WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}
_WHOLE |= {f"U{name}" for name in _WHOLE}
_FINE = ("TIMESTAMP_NS", "TIMESTAMPTZ_NS")
_TIMES = ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_S", "TIMESTAMP_MS", *_FINE)


class DuckDB(Lazy):
    """duckdb.DuckDBPyRelation. What comes back is a relation, which runs when it is read."""

    name = "DuckDB"
    way_out = "Give relation.to_arrow_table(), which is in memory."

    def columns(self, frame: duckdb.DuckDBPyRelation) -> list[str]:
        """Return the names of the columns."""
        return list(frame.columns)

    def kind(self, frame: duckdb.DuckDBPyRelation, name: str) -> Kind:
        """Compare the name of the type."""
        kind = _kinds(frame)[name]
        is_text = kind in ("VARCHAR", "UUID") or kind.startswith("ENUM")
        return Kind(
            kind,
            is_user=is_text or kind in _WHOLE,
            is_time=kind in _TIMES,
            is_flag=kind == "BOOLEAN",
            is_duration=kind == "INTERVAL",
        )

    def sessionized(
        self, frame: duckdb.DuckDBPyRelation, rules: Rules, user: str, time: str
    ) -> duckdb.DuckDBPyRelation:
        """Return a relation over this one."""
        words = _words(frame, time)
        return _over(frame, sessions(words, _table(frame), rules, user=user, time=time))

    def summarized(
        self,
        frame: duckdb.DuckDBPyRelation,
        user: str,
        time: str,
        kept: Kept,
        parts: Sequence[str] = (),
    ) -> duckdb.DuckDBPyRelation:
        """Return a relation over this one."""
        words, table = _words(frame, time), _table(frame)
        made = summary(words, table, user=user, time=time, kept=kept, parts=parts)
        return _over(frame, made)

    def with_users(
        self, frame: duckdb.DuckDBPyRelation, users: Sequence[str], name: str
    ) -> duckdb.DuckDBPyRelation:
        """Return a relation over this one."""
        return _over(frame, sa.select(with_users(SQLWords(_TABLE), _table(frame), users, name)))

    def without(self, frame: duckdb.DuckDBPyRelation, name: str) -> duckdb.DuckDBPyRelation:
        """Return a relation over this one."""
        return _over(frame, without(SQLWords(_TABLE), _table(frame), name))


def _kinds(relation: duckdb.DuckDBPyRelation) -> dict[str, str]:
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


class _Microseconds(SQLWords):
    """What to say of other times: those of one moment may come in any order."""

    has_ranges = True


class _Nanoseconds(SQLWords):
    """What to say of times finer than microseconds, which no other database has.

    Two sessions may start in one microsecond, and all windows must agree which row began one.
    """

    def nanoseconds_per_unit(self, frame: sa.FromClause, time: str) -> int:
        """Return one."""
        return 1

    def lacks_instant(self, frame: sa.FromClause, time: str) -> sa.ColumnElement[Any]:
        """Ask the count, which infinity has none of: ``isfinite`` takes no such times."""
        return self.instant(frame, time).is_(None)

    def instant(self, frame: sa.FromClause, time: str) -> sa.ColumnElement[Any]:
        """``epoch_ns`` is exact."""
        return sa.func.epoch_ns(frame.c[time], type_=BigInteger())

    def microseconds(self, frame: sa.FromClause, time: str) -> sa.ColumnElement[Any]:
        """Divide whole numbers: ``epoch_us`` would round to the nearest."""
        count = self.instant(frame, time)
        return sa.func.divide(count - self.above_multiple(count, 1000), 1000, type_=BigInteger())


def _words(relation: duckdb.DuckDBPyRelation, time: str) -> SQLWords:
    return (_Nanoseconds if _kinds(relation)[time] in _FINE else _Microseconds)(_TABLE)


def _table(relation: duckdb.DuckDBPyRelation) -> sa.TableClause:
    columns = (sa.column(name, _sql_type(kind)) for name, kind in _kinds(relation).items())
    return sa.table(_TABLE, *columns)


def _sql_type(kind: str) -> TypeEngine[Any]:
    if kind in _WHOLE:
        return BigInteger()
    if kind == "BOOLEAN":
        return Boolean()
    # What is of another type is compared as DuckDB does: durations, dates, …
    is_text = kind == "VARCHAR" or kind.startswith("ENUM")
    return Text() if is_text else NullType()


def _over(relation: duckdb.DuckDBPyRelation, statement: sa.Select[Any]) -> duckdb.DuckDBPyRelation:
    dialect = spelling("duckdb").compiling()
    text = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    made = relation.query(_TABLE, text)
    assert made is not None  # only statements that give no rows do
    return made
