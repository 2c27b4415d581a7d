"""What is meant, once, for every database: the spellings are in `dialects`.

There is no default spelling: on a database that is not known, compiling fails
instead of emitting a guess.
"""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Double, Text, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeEngine

from clicksession.sql.dialects import spelling

__all__ = [
    "as_text",
    "code_points",
    "epoch_microseconds",
    "local_microseconds",
    "microseconds_between",
    "minutes_of",
    "percentile",
    "previous",
    "remainder",
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


class as_text(FunctionElement[str]):  # noqa: N801
    """A value as text, of any length."""

    name = "as_text"
    type: TypeEngine[str] = Text()
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


def minutes_of(microseconds: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a count of microseconds in minutes, fractions kept: one division, at the end."""
    # A plain "/", since SQLAlchemy's own adds casts; and a float, since MariaDB rounds quotients
    # of decimals to four digits.
    return microseconds.op("/", precedence=8)(literal_column("6e7"))


@compiles(as_text)
@compiles(code_points)
@compiles(epoch_microseconds)
@compiles(microseconds_between)
@compiles(percentile)
@compiles(previous)
@compiles(remainder)
def _spelled(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    operands = [compiler.process(operand, **options) for operand in element.clauses]
    spelled: str = getattr(spelling(compiler.dialect.name), element.name)(*operands)
    return spelled


@compiles(local_microseconds)
def _local(element: local_microseconds, compiler: SQLCompiler, **options: Any) -> str:
    (instant,) = (compiler.process(operand, **options) for operand in element.clauses)
    return spelling(compiler.dialect.name).local_microseconds(instant, element.zone)
