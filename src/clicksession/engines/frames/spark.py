"""PySpark: the expressions go into Spark's plan, and its executors run them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame, functions
from pyspark.sql import Window as SparkWindow
from pyspark.sql.types import (
    BooleanType,
    DayTimeIntervalType,
    IntegralType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
)

from clicksession.engines.frames.base import InWords, Kind, OnArrays
from clicksession.engines.frames.spark_pauses import (
    Pauses,
    finite_microseconds,
    made_from,
    pauses_decide,
)
from clicksession.engines.frames.whole_users import whole_users
from clicksession.rules import Rules
from clicksession.windows import ADDED, Window, added_columns
from clicksession.windows.kept import Kept

__all__ = ["Spark"]

_CODE_POINTS = "UTF8_BINARY"
_ADDED_TYPES = dict(zip(ADDED, (StringType(), LongType(), StringType()), strict=True))


class Spark(InWords):
    """pyspark.sql.DataFrame. Looking at its schema runs no job."""

    name = "Spark"
    way_out = ""
    has_ranges = True

    def columns(self, frame: DataFrame) -> list[str]:
        """Return the names of the schema."""
        return list(frame.columns)

    def kind(self, frame: DataFrame, name: str) -> Kind:
        """Look into the schema."""
        kind = frame.schema[name].dataType
        is_time = isinstance(kind, TimestampType | TimestampNTZType)
        return Kind(
            kind.simpleString(),
            is_user=isinstance(kind, StringType | IntegralType),
            is_time=is_time,
            is_flag=isinstance(kind, BooleanType),
            is_duration=isinstance(kind, DayTimeIntervalType),
        )

    def sessionized(self, frame: DataFrame, rules: Rules, user: str, time: str) -> DataFrame:
        """Return the frame with the steps of the plan behind it: one shuffle, by user."""
        if pauses_decide(frame, rules, user, time):
            return Pauses(self, frame, rules, user, time).sessionized()
        made: DataFrame = super().sessionized(frame, rules, user, time)
        return made

    def summarized(
        self, frame: DataFrame, user: str, time: str, kept: Kept, parts: Sequence[str] = ()
    ) -> DataFrame:
        """Return the frame with an aggregation behind it; without one where pauses decide."""
        pauses = None if kept or parts else made_from(frame, user, time)
        if pauses is not None:
            return pauses.summarized()
        made: DataFrame = super().summarized(frame, user, time, kept, parts)
        return made

    def in_passes(
        self, frame: DataFrame, rules: Rules, user: str, on_arrays: OnArrays
    ) -> DataFrame:
        """Let arrays cut the sessions of many users at once, on the executors: one shuffle."""
        kept = [field for field in frame.schema if field.name not in ADDED]
        names = [field.name for field in kept]
        added = added_columns(rules, frame.columns)
        types = [StructField(name, _ADDED_TYPES[name]) for name in added]

        large = frame.sparkSession.conf.get("spark.sql.execution.arrow.useLargeVarTypes", "false")
        text = pa.large_string() if large == "true" else pa.string()
        arrow = [pa.field(name, pa.int64() if name == "session_index" else text) for name in added]

        def cut(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for events in whole_users(batches, user):
                found = on_arrays(events).select([*names, *added])
                schema = pa.schema([*map(_in_utc, events.schema), *arrow])
                yield from found.cast(schema).to_batches()

        events = frame.select(*(self.column(frame, name) for name in names))
        whose = self.whose(events, user)
        by_user = events.repartition(whose).sortWithinPartitions(whose)
        return by_user.mapInArrow(cut, StructType([*kept, *types]))

    # The words.

    def numbered(self, frame: DataFrame, name: str) -> None:
        """Return None: the rows of a distributed frame have no order."""

    def column(self, frame: DataFrame, name: str) -> Column:
        """Return the column; a point in its name is no field of a structure."""
        return functions.col(f"`{name.replace('`', '``')}`")

    def whose(self, frame: DataFrame, name: str) -> Column:
        """Return the column, compared by code points whatever collation it has."""
        column, kind = self.column(frame, name), frame.schema[name].dataType
        # Spark 3 has no collations.
        if getattr(kind, "collation", _CODE_POINTS) == _CODE_POINTS:
            return column
        return functions.collate(column, _CODE_POINTS)

    def step(self, frame: DataFrame, name: str, columns: Mapping[str, Column]) -> DataFrame:
        """Return the frame with more columns."""
        return frame.withColumns(dict(columns))

    def chosen(self, frame: DataFrame, columns: Mapping[str, Column]) -> DataFrame:
        """Return the frame with these columns."""
        return frame.select(*(column.alias(name) for name, column in columns.items()))

    def value(self, value: int | str) -> Column:
        """Return a literal, of 64 bits."""
        return (
            functions.lit(value).cast(LongType())
            if isinstance(value, int)
            else functions.lit(value)
        )

    def case(self, cases: Sequence[tuple[Column, Column]], otherwise: Column | None) -> Column:
        """Return ``when``."""
        (condition, value), *rest = cases
        made = functions.when(condition, value)
        for condition, value in rest:
            made = made.when(condition, value)
        return made if otherwise is None else made.otherwise(otherwise)

    def is_null(self, column: Column) -> Column:
        """Return ``isNull``."""
        return column.isNull()

    def given(self, frame: DataFrame, name: str) -> Column:
        """Return the column; texts that are not empty."""
        column = self.column(frame, name)
        is_text = isinstance(frame.schema[name].dataType, StringType)
        return functions.nullif(column, functions.lit("")) if is_text else column

    def remainder(self, column: Column, divisor: int) -> Column:
        """Return what has the sign of the number."""
        return column % self.value(divisor)

    def text(self, column: Column) -> Column:
        """Cast."""
        return column.cast(StringType())

    def joined(self, *texts: Column) -> Column:
        """Return a concatenation."""
        return functions.concat(*texts)

    def replaced(self, text: Column, old: str, new: str) -> Column:
        """Return ``replace``."""
        return functions.replace(text, functions.lit(old), functions.lit(new))

    def nanoseconds_per_unit(self, frame: DataFrame, time: str) -> int:
        """Return the nanoseconds of a microsecond, which is what Spark has."""
        return 1000

    def lacks_instant(self, frame: DataFrame, time: str) -> Column:
        """Compare counts: Spark takes the infinity of other databases for the last of all."""
        return self.instant(frame, time).isNull()

    def instant(self, frame: DataFrame, time: str) -> Column:
        """Count microseconds; times without a zone are in UTC, whatever the session's zone is."""
        column = self.column(frame, time)
        if isinstance(frame.schema[time].dataType, TimestampType):
            return finite_microseconds(column)
        # A cast to an instant would read it in the session's zone.
        return _microseconds(column)

    def microseconds(self, frame: DataFrame, time: str) -> Column:
        """Return the same."""
        return self.instant(frame, time)

    def duration(self, frame: DataFrame, name: str, unit: int) -> Column:
        """Count from 1970 to the moment so long after it, without a zone."""
        epoch = functions.lit("1970-01-01").cast(TimestampNTZType())
        return _microseconds(epoch + self.column(frame, name))

    def local(self, microsecond: Column, zone: str) -> Column:
        """Ask Spark, which knows zones; the session's zone has no part in it."""
        instant = functions.timestamp_micros(microsecond)
        return functions.unix_micros(functions.from_utc_timestamp(instant, zone))

    def previous(self, column: Column, window: Window) -> Column:
        """Return ``lag``."""
        return functions.lag(column).over(self._window(window))

    def row_number(self, window: Window) -> Column:
        """Return ``row_number``."""
        return functions.row_number().over(self._window(window))

    def first(self, column: Column, window: Window) -> Column:
        """Return ``first``, a null too."""
        return self._up_to(functions.first(column), window, 0)

    def running_sum(self, column: Column, window: Window) -> Column:
        """Return ``sum``, row by row."""
        return self._up_to(functions.sum(column), window, 0)

    def running_max(self, column: Column, window: Window) -> Column:
        """Return ``max``, row by row."""
        return self._up_to(functions.max(column), window, 0)

    def earlier_max(self, column: Column, window: Window) -> Column:
        """Return ``max`` up to the row before."""
        return self._up_to(functions.max(column), window, -1)

    def where(self, frame: DataFrame, condition: Column) -> DataFrame:
        """Filter."""
        return frame.where(condition)

    def grouped(
        self,
        frame: DataFrame,
        name: str,
        keys: Sequence[str],
        columns: Mapping[str, tuple[str, str]],
    ) -> DataFrame:
        """Return an aggregation."""
        known: dict[str, Any] = {
            "min": functions.min,
            "max": functions.max,
            "count": functions.count,
        }
        made = [known[how](self.column(frame, of)).alias(key) for key, (how, of) in columns.items()]
        return frame.groupBy(*(self.column(frame, key) for key in keys)).agg(*made)

    def quotient(self, column: Column, divisor: int) -> Column:
        """Divide floats."""
        return column.cast("double") / divisor

    def _window(self, window: Window) -> Any:
        return SparkWindow.partitionBy(*window.partition).orderBy(*window.order)

    def _up_to(self, column: Column, window: Window, last: int) -> Column:
        made = self._window(window)
        if window.of_peers:
            return column.over(made.rangeBetween(SparkWindow.unboundedPreceding, last))
        return column.over(made.rowsBetween(SparkWindow.unboundedPreceding, last))


def _in_utc(field: pa.Field) -> pa.Field:
    """Return a field as Spark takes it back: instants in UTC, not in the zone of the session."""
    is_instant = pa.types.is_timestamp(field.type) and field.type.tz is not None
    return field.with_type(pa.timestamp("us", "UTC")) if is_instant else field


def _microseconds(time: Column) -> Column:
    """Count the microseconds of a time without a zone, from its parts."""
    days = functions.unix_date(time.cast("date")).cast(LongType())
    minutes = (days * 24 + functions.hour(time)) * 60 + functions.minute(time)
    seconds = functions.extract(functions.lit("SECOND"), time)
    return minutes * functions.lit(60_000_000).cast(LongType()) + (seconds * 1_000_000).cast(
        LongType()
    )
