"""What is meant, once, for every database: the spellings are in `dialects`.

There is no default spelling: on a database that is not known, compiling fails
instead of emitting a guess.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Date, Double, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeEngine

from clicksession.sql.dialects import spelling

__all__ = [
    "as_float",
    "as_text",
    "ascending",
    "calendar_hour",
    "calendar_period",
    "calendar_periods_between",
    "code_points",
    "descending",
    "epoch_microseconds",
    "following",
    "lacks_instant",
    "local_microseconds",
    "microseconds_between",
    "percentile",
    "previous",
    "remainder",
    "rows_with",
    "session_microseconds",
    "signed",
    "this_moment",
]


class microseconds_between(FunctionElement[int]):  # noqa: N801  # reads as a SQL function
    """Whole microseconds from the first time to the second, exactly; null if either is null."""

    name = "microseconds_between"
    type: TypeEngine[int] = BigInteger()
    inherit_cache = True


class session_microseconds(FunctionElement[int]):  # noqa: N801
    """How long a session lasted, in whole microseconds.

    Its operands: when it started, when it ended, and the same as a float of seconds.
    """

    name = "session_microseconds"
    type: TypeEngine[int] = BigInteger()
    inherit_cache = True


class lacks_instant(FunctionElement[bool]):  # noqa: N801
    """Whether a time is none: null, or infinite."""

    name = "lacks_instant"
    type: TypeEngine[bool] = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """Stay a condition: where databases have no booleans, it would be compared with 1."""
        return self


class epoch_microseconds(FunctionElement[int]):  # noqa: N801
    """Whole microseconds from 1970 in UTC to a time, exactly; null for null and infinite times."""

    name = "epoch_microseconds"
    type: TypeEngine[int] = BigInteger()
    inherit_cache = True


class this_moment(FunctionElement[datetime]):  # noqa: N801
    """The moment at hand, by the clock of the database."""

    name = "now"
    inherit_cache = True

    def __init__(self, kind: TypeEngine[Any]) -> None:
        super().__init__()
        self.type = kind


class calendar_hour(FunctionElement[datetime]):  # noqa: N801
    """The instant at which the clocks of a zone last showed a full hour.

    So the hour that comes twice when clocks are set back has two, an hour apart. Its operands: the
    time; the zone as `literal_column`, in single quotes.
    """

    name = "calendar_hour"
    inherit_cache = True

    def __init__(self, time: ColumnElement[Any], zone: ColumnElement[Any]) -> None:
        super().__init__(time, zone)
        self.type = time.type


class calendar_period(FunctionElement[date]):  # noqa: N801
    """The first day of the day, week (from Monday) or month that a time falls in, in a zone.

    Its operands: the time; the unit and the zone as `literal_column`, in single quotes.
    """

    name = "calendar_period"
    type: TypeEngine[date] = Date()
    inherit_cache = True


class calendar_periods_between(FunctionElement[int]):  # noqa: N801
    """How many days, weeks or months from one first day to another; null if either is null.

    Its operands: the two dates, which `calendar_period` gave; the unit as `literal_column`.
    """

    name = "calendar_periods_between"
    type: TypeEngine[int] = BigInteger()
    inherit_cache = True


class percentile(FunctionElement[float]):  # noqa: N801
    """The value below which a fraction of a group lies, interpolated; nulls do not count.

    Only inside a `statistics.Summary`, which takes it by rank where a database has no such
    aggregate.
    """

    name = "percentile"
    type: TypeEngine[float] = Double()
    inherit_cache = True


class as_float(FunctionElement[float]):  # noqa: N801
    """A number as a float of 64 bits, lest a database divide or average whole ones to whole ones.

    Exact up to 2 to the 53rd: a count of microseconds reaches that after 285 years.
    """

    name = "as_float"
    type: TypeEngine[float] = Double()
    inherit_cache = True


class as_text(FunctionElement[str]):  # noqa: N801
    """A value as text, of any length."""

    name = "as_text"
    type: TypeEngine[str] = Text()
    inherit_cache = True


class rows_with(FunctionElement[int]):  # noqa: N801
    """The number of rows whose value is not null, which never overflows; takes ``.over()``."""

    name = "rows_with"
    type: TypeEngine[int] = BigInteger()
    inherit_cache = True


class signed(FunctionElement[int]):  # noqa: N801
    """A whole number as one with a sign: some databases number and count rows without.

    MySQL then refuses to subtract, and ClickHouse has no type for what is either.
    """

    name = "signed"
    type: TypeEngine[int] = BigInteger()
    inherit_cache = True


class previous(FunctionElement[Any]):  # noqa: N801
    """``lag``: a value one row before, null in the first row; takes ``.over()``.

    Not ``func.lag``, which is 1970 and no null in ClickHouse.
    """

    name = "previous"
    inherit_cache = True

    def __init__(self, value: ColumnElement[Any]) -> None:
        super().__init__(value)
        self.type = value.type


class following(previous):  # noqa: N801
    """``lead``: a value one row after, null in the last row; takes ``.over()``."""

    name = "following"
    inherit_cache = True


class ascending(FunctionElement[Any]):  # noqa: N801
    """An ordering from the least value up, nulls last, for any ``order_by``."""

    name = "ascending"
    inherit_cache = True


class descending(FunctionElement[Any]):  # noqa: N801
    """An ordering from the greatest value down, nulls last, for any ``order_by``."""

    name = "descending"
    inherit_cache = True


class remainder(FunctionElement[int]):  # noqa: N801
    """What a division of whole numbers leaves: zero, or of the sign of either."""

    name = "remainder"
    type: TypeEngine[int] = BigInteger()
    inherit_cache = True


class code_points(FunctionElement[str]):  # noqa: N801
    """A text, or another value as text, that is compared by its code points and nothing else."""

    name = "code_points"
    type: TypeEngine[str] = Text()
    inherit_cache = True


class local_microseconds(FunctionElement[int]):  # noqa: N801
    """What the clocks of a zone show at an instant, both in microseconds since 1970.

    Parameters
    ----------
    instant
        Whole microseconds since 1970 in UTC.
    zone
        The name of a time zone.
    """

    type: TypeEngine[int] = BigInteger()
    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012  # as SQLAlchemy declares it
        ("clauses", InternalTraversal.dp_clauseelement),
        ("zone", InternalTraversal.dp_string),
    ]

    def __init__(self, instant: ColumnElement[Any], zone: str) -> None:
        super().__init__(instant)
        self.zone = zone


@compiles(this_moment)
@compiles(calendar_hour)
@compiles(calendar_period)
@compiles(calendar_periods_between)
@compiles(microseconds_between)
@compiles(session_microseconds)
@compiles(lacks_instant)
@compiles(epoch_microseconds)
@compiles(percentile)
@compiles(as_float)
@compiles(as_text)
@compiles(rows_with)
@compiles(signed)
@compiles(previous)
@compiles(following)
@compiles(ascending)
@compiles(descending)
@compiles(remainder)
@compiles(code_points)
def _spelled(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    operands = [compiler.process(operand, **options) for operand in element.clauses]
    spelled: str = getattr(spelling(compiler.dialect.name), element.name)(*operands)
    return spelled


@compiles(local_microseconds)
def _local(element: local_microseconds, compiler: SQLCompiler, **options: Any) -> str:
    (instant,) = (compiler.process(operand, **options) for operand in element.clauses)
    return spelling(compiler.dialect.name).local_microseconds(instant, element.zone)
