"""What sessions as window expressions are made of, in SQL: one step is one CTE."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Double,
    FromClause,
    Integer,
    String,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy.types import NullType, Text, TypeDecorator, TypeEngine

from clicksession.sql.constructs import (
    as_text,
    code_points,
    epoch_microseconds,
    lacks_instant,
    local_microseconds,
    previous,
    remainder,
)
from clicksession.windows import Window, Words

__all__ = ["SQLWords"]

_MICROSECOND = 1000


class SQLWords(Words):
    """SQLAlchemy expressions; how a database spells them is in `dialects`.

    Parameters
    ----------
    table
        The name of the table of events, which no step may have.
    """

    name = "SQL"

    def __init__(self, table: str = "") -> None:
        self._table = table

    def names(self, frame: FromClause) -> list[str]:
        """Return the keys of the columns."""
        return list(frame.c.keys())

    def numbered(self, frame: FromClause, name: str) -> None:
        """Return None: the rows of a table have no order."""

    def column(self, frame: FromClause, name: str) -> ColumnElement[Any]:
        """Return the column."""
        return frame.c[name]

    def whose(self, frame: FromClause, name: str) -> ColumnElement[Any]:
        """Return the column, compared by code points unless it is a number."""
        found = frame.c[name]
        return found if _is(found, Integer) else code_points(found)

    def rank(self, frame: FromClause, name: str) -> list[ColumnElement[Any]]:
        """Return the column, and before it whether it is missing: databases disagree on nulls."""
        found = frame.c[name]
        missing = case((found.is_(None), 1), else_=0)
        return [missing, code_points(found) if _is(found, String) else found]

    def step(
        self, frame: FromClause, name: str, columns: Mapping[str, ColumnElement[Any]]
    ) -> FromClause:
        """Return a CTE."""
        labels = [column.label(key) for key, column in columns.items()]
        return select(*frame.c, *labels).cte(name if name != self._table else f"{name}_events")

    def chosen(self, frame: FromClause, columns: Mapping[str, ColumnElement[Any]]) -> Any:
        """Return the last select."""
        return select(*(column.label(name) for name, column in columns.items()))

    def value(self, value: int | str) -> ColumnElement[Any]:
        """Return whole numbers as they are, texts bound."""
        if isinstance(value, int):
            return literal_column(str(value), BigInteger())
        return literal(value)

    def case(
        self,
        cases: Sequence[tuple[ColumnElement[Any], ColumnElement[Any]]],
        otherwise: ColumnElement[Any] | None,
    ) -> ColumnElement[Any]:
        """Return a ``CASE``."""
        return case(*cases) if otherwise is None else case(*cases, else_=otherwise)

    def is_null(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return ``IS NULL``."""
        return column.is_(None)

    def is_true(self, frame: FromClause, name: str) -> ColumnElement[Any]:
        """Compare with true, or where a database has no booleans with 1."""
        found = frame.c[name]
        return found == true() if _is(found, Boolean, NullType) else found == 1

    def given(self, frame: FromClause, name: str) -> ColumnElement[Any]:
        """Return the column; what may be text, as one that is not empty."""
        found = frame.c[name]
        if _is(found, String, NullType):
            return func.nullif(code_points(as_text(found)), "", type_=found.type)
        return found

    def remainder(self, column: ColumnElement[Any], divisor: int) -> ColumnElement[Any]:
        """Return the construct."""
        return remainder(column, self.value(divisor))

    def text(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the construct."""
        return as_text(column)

    def joined(self, *texts: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return a concatenation."""
        first, *rest = texts
        for text in rest:
            first = first + text
        return first

    def replaced(self, text: ColumnElement[Any], old: str, new: str) -> ColumnElement[Any]:
        """Return ``replace``, which all databases have."""
        return func.replace(text, old, new, type_=Text())

    def nanoseconds_per_unit(self, frame: FromClause, time: str) -> int:
        """Return the nanoseconds of a microsecond, which is what databases have."""
        return _MICROSECOND

    def lacks_instant(self, frame: FromClause, time: str) -> ColumnElement[Any]:
        """Return the construct."""
        return lacks_instant(frame.c[time])

    def instant(self, frame: FromClause, time: str) -> ColumnElement[Any]:
        """Return the construct."""
        return epoch_microseconds(frame.c[time])

    def microseconds(self, frame: FromClause, time: str) -> ColumnElement[Any]:
        """Return the construct."""
        return epoch_microseconds(frame.c[time])

    def duration(self, frame: FromClause, name: str, unit: int) -> ColumnElement[Any]:
        """Count like times: SQLAlchemy keeps durations as such where a database has none."""
        count = epoch_microseconds(frame.c[name])
        return count if unit == _MICROSECOND else count * self.value(_MICROSECOND)

    def local(self, microsecond: ColumnElement[Any], zone: str) -> ColumnElement[Any]:
        """Return the construct."""
        return local_microseconds(microsecond, zone)

    def previous(self, column: ColumnElement[Any], window: Window) -> ColumnElement[Any]:
        """Return the construct over the window."""
        return previous(column).over(partition_by=window.partition, order_by=window.order)

    def row_number(self, window: Window) -> ColumnElement[Any]:
        """Return ``row_number``."""
        return func.row_number().over(partition_by=window.partition, order_by=window.order)

    def first(self, column: ColumnElement[Any], window: Window) -> ColumnElement[Any]:
        """Return ``first_value``."""
        return self._up_to(func.first_value(column, type_=column.type), window, 0)

    def running_sum(self, column: ColumnElement[Any], window: Window) -> ColumnElement[Any]:
        """Return ``sum``, row by row; databases widen it, some beyond whole numbers."""
        return cast(self._up_to(func.sum(column), window, 0), BigInteger)

    def running_max(self, column: ColumnElement[Any], window: Window) -> ColumnElement[Any]:
        """Return ``max``, row by row."""
        return self._up_to(func.max(column), window, 0)

    def earlier_max(self, column: ColumnElement[Any], window: Window) -> ColumnElement[Any]:
        """Return ``max`` up to the row before."""
        return self._up_to(func.max(column), window, -1)

    def where(self, frame: FromClause, condition: ColumnElement[Any]) -> FromClause:
        """Return a CTE."""
        return select(*frame.c).where(condition).cte("chosen")

    def narrowed(
        self, frame: FromClause, name: str, columns: Mapping[str, ColumnElement[Any]]
    ) -> FromClause:
        """Return a CTE."""
        made: FromClause = self.chosen(frame, columns).cte(name)
        return made

    def grouped(
        self,
        frame: FromClause,
        name: str,
        keys: Sequence[str],
        columns: Mapping[str, tuple[str, str]],
    ) -> FromClause:
        """Return a CTE."""
        made = [getattr(func, how)(frame.c[of]).label(key) for key, (how, of) in columns.items()]
        kept = [frame.c[key] for key in keys]
        return select(*kept, *made).group_by(*kept).cte(name)

    def quotient(self, column: ColumnElement[Any], divisor: int) -> ColumnElement[Any]:
        """Divide floats."""
        return cast(column, Double).op("/", precedence=8)(literal_column(str(divisor)))

    def _up_to(self, function: Any, window: Window, last: int) -> ColumnElement[Any]:
        # By rows unless told: by default rows of one time would be taken together.
        frame = {"range_" if window.of_peers else "rows": (None, last)}
        over: ColumnElement[Any] = function.over(
            partition_by=window.partition, order_by=window.order, **frame
        )
        return over


def _is(column: ColumnElement[Any], *kinds: type[TypeEngine[Any]]) -> bool:
    """Say whether a column is of one of these types, or of one that is made of them."""
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return isinstance(kind, kinds)
