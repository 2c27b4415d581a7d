"""What is meant, once, for every database: the spellings are in `dialects`.

There is no default spelling: on a database that is not known, compiling fails
instead of emitting a guess.
"""

from datetime import date, datetime
from typing import Any, TypeVar

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

T = TypeVar("T")


class _Construct(FunctionElement[T]):
    """What each is: spelled by the method of a dialect that is called as the class is."""

    name: str

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # SQLAlchemy looks for it in each class by itself.
        cls.inherit_cache = True
        if "name" not in vars(cls):
            cls.name = cls.__name__


class microseconds_between(_Construct[int]):  # noqa: N801  # reads as a SQL function
    """Whole microseconds from the first time to the second, exactly; null if either is null."""

    type: TypeEngine[int] = BigInteger()


class session_microseconds(_Construct[int]):  # noqa: N801
    """How long a session lasted, in whole microseconds.

    Its operands: when it started, when it ended, and the same as a float of seconds.
    """

    type: TypeEngine[int] = BigInteger()


class lacks_instant(_Construct[bool]):  # noqa: N801
    """Whether a time is none: null, or infinite."""

    type: TypeEngine[bool] = Boolean()

    def self_group(self, against: Any = None) -> Any:
        """Stay a condition: where databases have no booleans, it would be compared with 1."""
        return self


class epoch_microseconds(_Construct[int]):  # noqa: N801
    """Whole microseconds from 1970 in UTC to a time, exactly; null for null and infinite times."""

    type: TypeEngine[int] = BigInteger()


class this_moment(_Construct[datetime]):  # noqa: N801
    """The moment at hand, by the clock of the database."""

    name = "now"

    def __init__(self, kind: TypeEngine[Any]) -> None:
        super().__init__()
        self.type = kind


class calendar_hour(_Construct[datetime]):  # noqa: N801
    """The instant at which the clocks of a zone last showed a full hour.

    So the hour that comes twice when clocks are set back has two, an hour apart. Its operands: the
    time; the zone as `literal_column`, in single quotes.
    """

    def __init__(self, time: ColumnElement[Any], zone: ColumnElement[Any]) -> None:
        super().__init__(time, zone)
        self.type = time.type


class calendar_period(_Construct[date]):  # noqa: N801
    """The first day of the day, week (from Monday) or month that a time falls in, in a zone.

    Its operands: the time; the unit and the zone as `literal_column`, in single quotes.
    """

    type: TypeEngine[date] = Date()


class calendar_periods_between(_Construct[int]):  # noqa: N801
    """How many days, weeks or months from one first day to another; null if either is null.

    Its operands: the two dates, which `calendar_period` gave; the unit as `literal_column`.
    """

    type: TypeEngine[int] = BigInteger()


class percentile(_Construct[float]):  # noqa: N801
    """The value below which a fraction of a group lies, interpolated; nulls do not count.

    Only inside a `statistics.Summary`, which takes it by rank where a database has no such
    aggregate.
    """

    type: TypeEngine[float] = Double()


class as_float(_Construct[float]):  # noqa: N801
    """A number as a float of 64 bits, lest a database divide or average whole ones to whole ones.

    Exact up to 2 to the 53rd: a count of microseconds reaches that after 285 years.
    """

    type: TypeEngine[float] = Double()


class as_text(_Construct[str]):  # noqa: N801
    """A value as text, of any length."""

    type: TypeEngine[str] = Text()


class rows_with(_Construct[int]):  # noqa: N801
    """The number of rows whose value is not null, which never overflows; takes ``.over()``."""

    type: TypeEngine[int] = BigInteger()


class signed(_Construct[int]):  # noqa: N801
    """A whole number as one with a sign: some databases number and count rows without.

    MySQL then refuses to subtract, and ClickHouse has no type for what is either.
    """

    type: TypeEngine[int] = BigInteger()


class previous(_Construct[Any]):  # noqa: N801
    """``lag``: a value one row before, null in the first row; takes ``.over()``.

    Not ``func.lag``, which is 1970 and no null in ClickHouse.
    """

    def __init__(self, value: ColumnElement[Any]) -> None:
        super().__init__(value)
        self.type = value.type


class following(previous):  # noqa: N801
    """``lead``: a value one row after, null in the last row; takes ``.over()``."""


class ascending(_Construct[Any]):  # noqa: N801
    """An ordering from the least value up, nulls last, for any ``order_by``."""


class descending(_Construct[Any]):  # noqa: N801
    """An ordering from the greatest value down, nulls last, for any ``order_by``."""


class remainder(_Construct[int]):  # noqa: N801
    """What a division of whole numbers leaves: zero, or of the sign of either."""

    type: TypeEngine[int] = BigInteger()


class code_points(_Construct[str]):  # noqa: N801
    """A text, or another value as text, that is compared by its code points and nothing else."""

    type: TypeEngine[str] = Text()


class local_microseconds(_Construct[int]):  # noqa: N801
    """What the clocks of a zone show at an instant, both in microseconds since 1970.

    Parameters
    ----------
    instant
        Whole microseconds since 1970 in UTC.
    zone
        The name of a time zone.
    """

    type: TypeEngine[int] = BigInteger()
    _traverse_internals = [  # noqa: RUF012  # as SQLAlchemy declares it
        ("clauses", InternalTraversal.dp_clauseelement),
        ("zone", InternalTraversal.dp_string),
    ]

    def __init__(self, instant: ColumnElement[Any], zone: str) -> None:
        super().__init__(instant)
        self.zone = zone


@compiles(_Construct)
def _spelled(element: _Construct[Any], compiler: SQLCompiler, **options: Any) -> str:
    operands = [compiler.process(operand, **options) for operand in element.clauses]
    spelled: str = getattr(spelling(compiler.dialect.name), element.name)(*operands)
    return spelled


@compiles(local_microseconds)
def _local(element: local_microseconds, compiler: SQLCompiler, **options: Any) -> str:
    (instant,) = (compiler.process(operand, **options) for operand in element.clauses)
    return spelling(compiler.dialect.name).local_microseconds(instant, element.zone)
