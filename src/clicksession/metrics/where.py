"""Which sessions a metric keeps: `where`, an expression over names."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BinaryExpression, BindParameter, ColumnClause, ColumnElement
from sqlalchemy.exc import CompileError
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.sql.visitors import iterate, replacement_traverse

from clicksession.errors import ParameterError
from clicksession.sql.tables import Instant

__all__ = ["check_where", "columns_of", "kept_by", "said"]

_TIMES = ("started_at", "ended_at", "timestamp")


def check_where(who: str, where: Any) -> None:
    """Refuse what is no condition that means the same on every database.

    Raises
    ------
    ParameterError
        It is no expression; a text that is compared with a time is none; or a subquery has columns
        that are of no table, of which nobody can say whether they are those of the session.
    """
    if not isinstance(where, ColumnElement):
        must = "a SQLAlchemy expression, such as column('country') == 'NL'"
        raise ParameterError(who, "where", must, where)
    subqueries = (part for part in iterate(where) if isinstance(part, SelectBase))
    for part in (inner for subquery in subqueries for inner in iterate(subquery)):
        if isinstance(part, ColumnClause) and part.table is None and not part.is_literal:
            must = "without columns of no table in a subquery: table.c.name, not column('name')"
            raise ParameterError(who, "where", must, part.name)
    for moment in _moments(where).values():
        try:
            _instant(moment.value)
        except ValueError:
            must = "with times where it compares times, such as '2024-05-01 12:00'"
            raise ParameterError(who, "where", must, moment.value) from None


def columns_of(where: ColumnElement[bool]) -> list[ColumnClause[Any]]:
    """Return the columns that an expression names, but for those inside its subqueries."""
    found: list[ColumnClause[Any]] = []

    def visit(part: Any, **_: Any) -> Any:
        if isinstance(part, ColumnClause):
            found.append(part)
        return part if isinstance(part, SelectBase) else None

    visiting: Any = visit
    replacement_traverse(where, {}, visiting)
    return found


def kept_by(
    where: ColumnElement[bool], known: Mapping[str, ColumnElement[Any]]
) -> ColumnElement[bool]:
    """Return the expression over the columns that have these names."""
    moments = _moments(where)

    def bound(part: Any, **_: Any) -> Any:
        if isinstance(part, SelectBase):
            # Its columns are those of its own tables.
            return part
        if isinstance(part, ColumnClause) and part.name in known:
            return known[part.name]
        # Without the type, some databases would drop the zone of a time instead of using it.
        if id(part) in moments:
            return BindParameter(None, _instant(part.value), type_=Instant(), unique=True)
        return None

    replace: Any = bound
    kept: ColumnElement[bool] = replacement_traverse(where, {}, replace)
    return kept


def said(where: ColumnElement[bool]) -> str:
    """Return an expression as text, values included."""
    try:
        text = str(where.compile(compile_kwargs={"literal_binds": True}))
    except CompileError:
        # Of a value that is no constant in SQL, such as a timedelta.
        compiled = where.compile()
        values = {name: repr(str(value)) for name, value in compiled.params.items()}
        text = re.sub(r":(\w+)", lambda found: values.get(found[1], found[0]), str(compiled))
    return re.sub(r" *\n *", " ", text)


def _moments(where: ColumnElement[bool]) -> dict[int, BindParameter[Any]]:
    """Return the values of an expression that are points in time, by their identity."""
    compared = [
        other
        for part in iterate(where)
        if isinstance(part, BinaryExpression)
        for time, other in ((part.left, part.right), (part.right, part.left))
        if isinstance(time, ColumnClause) and time.name in _TIMES
    ]
    beside = {id(part) for other in compared for part in iterate(other)}
    values = [part for part in iterate(where) if isinstance(part, BindParameter)]
    return {id(part): part for part in values if _is_moment(part.value, id(part) in beside)}


def _is_moment(value: Any, is_compared: bool) -> bool:
    """Say whether a value is a point in time; a day or a text is one beside a time."""
    return isinstance(value, datetime) or (is_compared and isinstance(value, str | date))


def _instant(value: Any) -> datetime:
    """Return a point in time; a day is its first moment, and what says no zone is in UTC."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=UTC)
