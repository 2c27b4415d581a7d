"""What is meant, once, for every database: the spellings are in `dialects`.

There is no default spelling: on a database that is not known, compiling fails
instead of emitting a guess.
"""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Double, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from clicksession.sql.dialects import spelling

__all__ = ["epoch_microseconds", "microseconds_between", "minutes_of", "percentile"]


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


def minutes_of(microseconds: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a count of microseconds in minutes, fractions kept: one division, at the end."""
    # A plain "/", since SQLAlchemy's own adds casts; and a float, since MariaDB rounds quotients
    # of decimals to four digits.
    return microseconds.op("/", precedence=8)(literal_column("6e7"))


@compiles(microseconds_between)
@compiles(epoch_microseconds)
@compiles(percentile)
def _spelled(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    operands = [compiler.process(operand, **options) for operand in element.clauses]
    spelled: str = getattr(spelling(compiler.dialect.name), element.name)(*operands)
    return spelled
