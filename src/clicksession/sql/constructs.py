"""What is meant, once, for every database: the spellings are in `dialects`.

There is no default spelling: on a database that is not known, compiling fails
instead of emitting a guess.
"""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, Double
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from clicksession.sql.dialects import spelling

__all__ = [
    "calendar_period",
    "calendar_periods_between",
    "epoch_microseconds",
    "microseconds_between",
    "percentile",
]


class microseconds_between(FunctionElement[int]):  # noqa: N801  # reads as a SQL function
    """Whole microseconds from the first time to the second, exactly; null if either is null."""

    name = "microseconds_between"
    type: TypeEngine[int] = BigInteger()
    inherit_cache = True


class epoch_microseconds(FunctionElement[int]):  # noqa: N801
    """Whole microseconds from 1970 in UTC to a time, exactly; null for null."""

    name = "epoch_microseconds"
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


@compiles(calendar_period)
@compiles(calendar_periods_between)
@compiles(microseconds_between)
@compiles(epoch_microseconds)
@compiles(percentile)
def _spelled(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    operands = [compiler.process(operand, **options) for operand in element.clauses]
    spelled: str = getattr(spelling(compiler.dialect.name), element.name)(*operands)
    return spelled
