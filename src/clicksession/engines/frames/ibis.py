"""Ibis tables: the expressions go into the query, and the table's own engine runs them."""

from collections.abc import Mapping, Sequence

import ibis
from ibis.common.exceptions import IbisError
from ibis.expr.types import BooleanValue, Table, Value

from clicksession.engines.frames.base import InWords, Kind
from clicksession.errors import ParameterError
from clicksession.rules import Rules
from clicksession.windows import Window
from clicksession.windows.kept import Kept

__all__ = ["Ibis"]


@ibis.udf.scalar.builtin(name="epoch_ns", signature=(("timestamp",), "int64"))
def _duckdb_nanoseconds(time):  # type: ignore[no-untyped-def]  # Ibis reads the signature
    """Count the nanoseconds since 1970, in DuckDB."""


@ibis.udf.scalar.builtin(name="divide", signature=(("int64", "int64"), "int64"))
def _duckdb_quotient(number, divisor):  # type: ignore[no-untyped-def]
    """Divide whole numbers, in DuckDB; Ibis would divide floats and round them down."""


@ibis.udf.scalar.builtin(name="isfinite", signature=(("timestamp",), "boolean"))
def _is_finite(time):  # type: ignore[no-untyped-def]
    """Say whether a time is a moment, in DuckDB and PostgreSQL."""


#: The engines whose answers are compared with the others' in the tests.
_TESTED = {"duckdb": "DuckDB", "postgres": "PostgreSQL"}

#: The engines that have infinite times, and a function that says so.
_ENDLESS = {"duckdb", "postgres"}


class Ibis(InWords):
    """ibis.Table, of an engine of which Ibis can ask what exact times need."""

    name = "Ibis"
    way_out = "Give table.to_pyarrow(), which is in memory."

    def columns(self, frame: Table) -> list[str]:
        """Return the names of the schema."""
        return list(frame.columns)

    def kind(self, frame: Table, name: str) -> Kind:
        """Look into the schema."""
        kind = frame.schema()[name]
        is_user = kind.is_string() or kind.is_integer() or kind.is_uuid()
        return Kind(str(kind), is_user, kind.is_timestamp(), kind.is_boolean(), kind.is_interval())

    def sessionized(self, frame: Table, rules: Rules, user: str, time: str) -> Table:
        """Return the query with the steps of the plan around it."""
        made = super().sessionized(frame, rules, user, time)
        return _said(made, "sessionize", "events")

    def summarized(
        self, frame: Table, user: str, time: str, kept: Kept, parts: Sequence[str] = ()
    ) -> Table:
        """Return the query with an aggregation around it."""
        made = super().summarized(frame, user, time, kept, parts)
        return _said(made, "summarize", "sessionized")

    # The words.

    def numbered(self, frame: Table, name: str) -> None:
        """Return None: the rows of a table have no order."""

    def column(self, frame: Table, name: str) -> Value:
        """Return the column."""
        return frame[name]

    def step(self, frame: Table, name: str, columns: Mapping[str, Value]) -> Table:
        """Return the query with more columns."""
        return frame.mutate(**columns)

    def chosen(self, frame: Table, columns: Mapping[str, Value]) -> Table:
        """Return the query with these columns."""
        return frame.select(**columns)

    def value(self, value: int | str) -> Value:
        """Return a literal."""
        return ibis.literal(value, "int64" if isinstance(value, int) else "string")

    def case(self, cases: Sequence[tuple[Value, Value]], otherwise: Value | None) -> Value:
        """Return ``cases``."""
        return ibis.cases(*cases, else_=otherwise)

    def is_null(self, column: Value) -> BooleanValue:
        """Return ``isnull``."""
        return column.isnull()

    def given(self, frame: Table, name: str) -> Value:
        """Return the column; texts that are not empty."""
        column = frame[name]
        return column.nullif("") if column.type().is_string() else column

    def remainder(self, column: Value, divisor: int) -> Value:
        """Return what the engine leaves of a division."""
        return column % self.value(divisor)

    def text(self, column: Value) -> Value:
        """Cast."""
        return column.cast("string")

    def joined(self, *texts: Value) -> Value:
        """Return a concatenation."""
        first, *rest = texts
        for text in rest:
            first = first + text
        return first

    def replaced(self, text: Value, old: str, new: str) -> Value:
        """Return ``replace``."""
        return text.replace(old, new)

    def nanoseconds_per_unit(self, frame: Table, time: str) -> int:
        """Return 1 for times of nine digits; all others are whole microseconds."""
        return 1 if (frame.schema()[time].scale or 0) > 6 else 1000

    def lacks_instant(self, frame: Table, time: str) -> Value:
        """Ask for infinite times too, where the engine has them."""
        return _finite(frame, time).isnull()

    def instant(self, frame: Table, time: str) -> Value:
        """Return the count; of nanoseconds where the engine is one that can count them."""
        if self.nanoseconds_per_unit(frame, time) != 1:
            return self.microseconds(frame, time)
        engine = frame.get_backend().name
        if engine != "duckdb":
            must = f"a column of times in microseconds, in {engine} through Ibis"
            raise ParameterError("sessionize", "time", must, f"{time} ({frame.schema()[time]})")
        return _duckdb_nanoseconds(frame[time])

    def microseconds(self, frame: Table, time: str) -> Value:
        """Add up what Ibis can ask for, or divide nanoseconds."""
        if self.nanoseconds_per_unit(frame, time) == 1:
            count = self.instant(frame, time)
            whole = count - self.above_multiple(count, 1000)
            return _duckdb_quotient(whole, self.value(1000))
        return _microseconds(_finite(frame, time))

    def duration(self, frame: Table, name: str, unit: int) -> Value:
        """Count from 1970 to the moment so long after it: Ibis counts times alone."""
        count = _microseconds(ibis.timestamp("1970-01-01 00:00:00") + frame[name])
        return count if unit == 1000 else count * self.value(1000)

    def previous(self, column: Value, window: Window) -> Value:
        """Return ``lag``."""
        return column.lag().over(ibis.window(group_by=window.partition, order_by=window.order))

    def row_number(self, window: Window) -> Value:
        """Return ``row_number``, which Ibis counts from 0 on."""
        over = ibis.window(group_by=window.partition, order_by=window.order)
        return ibis.row_number().over(over) + self.value(1)

    def first(self, column: Value, window: Window) -> Value:
        """Return ``first``, a null too."""
        return self._up_to(column.first(include_null=True), window, 0)

    def running_sum(self, column: Value, window: Window) -> Value:
        """Return ``sum``, row by row; engines widen it, some beyond whole numbers."""
        return self._up_to(column.sum(), window, 0).cast("int64")

    def running_max(self, column: Value, window: Window) -> Value:
        """Return ``max``, row by row."""
        return self._up_to(column.max(), window, 0)

    def earlier_max(self, column: Value, window: Window) -> Value:
        """Return ``max`` up to the row before."""
        return self._up_to(column.max(), window, -1)

    def where(self, frame: Table, condition: BooleanValue) -> Table:
        """Filter."""
        return frame.filter(condition)

    def grouped(
        self,
        frame: Table,
        name: str,
        keys: Sequence[str],
        columns: Mapping[str, tuple[str, str]],
    ) -> Table:
        """Return an aggregation."""
        made = {key: getattr(frame[of], how)() for key, (how, of) in columns.items()}
        return frame.group_by(list(keys)).aggregate(**made)

    def quotient(self, column: Value, divisor: int) -> Value:
        """Divide floats."""
        return column.cast("float64") / divisor

    def _up_to(self, column: Value, window: Window, last: int) -> Value:
        rows = (None, last)
        over = ibis.window(group_by=window.partition, order_by=window.order, rows=rows)
        return column.over(over)


def _engine_of(frame: Table) -> str:
    """Return what Ibis calls the engine of a table; nothing for a table that has none yet."""
    try:
        return str(frame.get_backend().name)
    except IbisError:
        return ""


def _said(made: Table, who: str, parameter: str) -> Table:
    """Return a query; refuse one of an engine whose answers are not compared with the others'.

    Some lack what exact times need, as SQLite, Polars and PySpark do. Others run what Ibis writes
    for them, and lose the microseconds (Trino) or read times in a zone of their own (MySQL).
    """
    engine = _engine_of(made)
    if not engine or engine in _TESTED:
        return made
    must = f"a table of an engine that counts exact times through Ibis: {_names()}"
    hint = (
        "Give table.to_pyarrow(), which is in memory, or let the database run "
        "clicksession.sql.sessionize."
    )
    raise ParameterError(who, parameter, must, f"a table of {engine}", hint)


def _names() -> str:
    return " and ".join(_TESTED.values()) + " are tested"


def _finite(frame: Table, time: str) -> Value:
    """Return a time, or null for an infinite one."""
    column = frame[time]
    if _engine_of(frame) not in _ENDLESS:
        return column
    return ibis.ifelse(_is_finite(column), column, ibis.null(column.type()))


def _microseconds(time: Value) -> Value:
    # Whole seconds and the fraction: Ibis counts nothing finer than seconds.
    seconds = time.truncate("s").epoch_seconds().cast("int64")
    return seconds * ibis.literal(1_000_000, "int64") + time.microsecond().cast("int64")
