"""Which sessions a metric keeps: `where`, an expression over names."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeGuard

from sqlalchemy import (
    BinaryExpression,
    BindParameter,
    ColumnClause,
    ColumnElement,
    Select,
    TableClause,
)
from sqlalchemy.exc import CompileError
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import ExpressionClauseList
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.sql.visitors import iterate, replacement_traverse

from clicksession.errors import ParameterError
from clicksession.metrics.building.window import as_instant
from clicksession.metrics.roles import Role
from clicksession.sql.tables import Instant

__all__ = ["check_where", "columns_of", "kept_by", "said"]

# With a time on one side, the other is a time too.
_COMPARISONS = (
    *(operators.eq, operators.ne, operators.lt, operators.le, operators.gt, operators.ge),
    *(operators.between_op, operators.not_between_op, operators.in_op, operators.not_in_op),
    *(operators.is_distinct_from, operators.is_not_distinct_from),
)
_TIMES = ("started_at", "ended_at", "timestamp")


def check_where(who: str, where: Any, parameter: str = "where") -> None:
    """Refuse what is no condition that means the same on every database.

    Raises
    ------
    ParameterError
        It is no expression; a text that is compared with a time is none; or a subquery reaches out
        to the session that is looked at.
    """
    if not isinstance(where, ColumnElement):
        must = "a SQLAlchemy expression, such as column('country') == 'NL'"
        raise ParameterError(who, parameter, must, where)
    for part in iterate(where):
        if isinstance(part, SelectBase):
            _check_subquery(who, part, parameter)
        if isinstance(part, BindParameter):
            _check_no_role(who, part, parameter)
    for moment in _moments(where).values():
        try:
            _instants(moment.value)
        except ValueError:
            must = "with times where it compares times, to the microsecond: '2024-05-01 12:00'"
            raise ParameterError(who, parameter, must, moment.value) from None


def _check_no_role(who: str, value: BindParameter[Any], parameter: str) -> None:
    """Refuse a role in a condition, which a database would be sent as it is."""
    values = value.value if isinstance(value.value, list | tuple) else [value.value]
    for role in values:
        if isinstance(role, Role):
            must = "without roles in its conditions"
            hint = f"Name the event types: column('event_type').in_({list(role.types)!r})."
            raise ParameterError(who, parameter, must, role, hint)


def _check_subquery(who: str, subquery: SelectBase, parameter: str) -> None:
    """Refuse a subquery of which nobody can say whether a column is that of the session.

    SQL would take a name alone for one of its own tables, and join the library's to them.
    """
    alone = "whose subqueries stand alone, as in column('user_id').in_(select(vip.c.user_id))"
    for part in iterate(subquery):
        if isinstance(part, ColumnClause) and part.table is None and not part.is_literal:
            raise ParameterError(who, parameter, alone, f"column({part.name!r}) inside of one")
    sources = subquery.get_final_froms() if isinstance(subquery, Select) else []
    for source in sources if len(sources) > 1 else []:
        if isinstance(source, TableClause) and source.name.endswith(("sessions", "events")):
            raise ParameterError(who, parameter, alone, f"{source.name} beside another table")


def columns_of(where: ColumnElement[bool]) -> list[ColumnClause[Any]]:
    """Return the columns that an expression names, but for those inside its subqueries."""
    return [part for part in _parts(where) if isinstance(part, ColumnClause)]


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
            times = _instants(part.value)
            several = isinstance(times, list)
            return BindParameter(None, times, type_=Instant(), unique=True, expanding=several)
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
        compiled = where.compile(compile_kwargs={"render_postcompile": True})
        values = {name: repr(str(value)) for name, value in compiled.params.items()}
        text = re.sub(r":(\w+)", lambda found: values.get(found[1], found[0]), str(compiled))
    return re.sub(r" *\n *", " ", text)


def _parts(where: ColumnElement[bool]) -> list[Any]:
    """Return the parts of an expression, but for those inside its subqueries."""
    found: list[Any] = []

    def visit(part: Any, **_: Any) -> Any:
        found.append(part)
        return part if isinstance(part, SelectBase) else None

    visiting: Any = visit
    replacement_traverse(where, {}, visiting)
    return found


def _moments(where: ColumnElement[bool]) -> dict[int, BindParameter[Any]]:
    """Return the values of an expression that are points in time, by their identity."""
    found: dict[int, BindParameter[Any]] = {}
    for part in _parts(where):
        if isinstance(part, BinaryExpression) and part.operator in _COMPARISONS:
            found |= _beside_times(part)
        if isinstance(part, BindParameter) and isinstance(part.value, datetime):
            found[id(part)] = part
    return found


def _beside_times(compared: BinaryExpression[Any]) -> dict[int, BindParameter[Any]]:
    """Return the values that a comparison has a time on the other side of."""
    found: dict[int, BindParameter[Any]] = {}
    for time, other in ((compared.left, compared.right), (compared.right, compared.left)):
        if isinstance(time, ColumnClause) and time.name in _TIMES:
            # Of BETWEEN, the two beside AND.
            values = other.clauses if isinstance(other, ExpressionClauseList) else (other,)
            found |= {id(value): value for value in values if _may_be_times(value)}
    return found


def _may_be_times(part: Any) -> TypeGuard[BindParameter[Any]]:
    """Say whether this is a value, or a list of such, that can be read as a point in time."""
    if not isinstance(part, BindParameter):
        return False
    values = part.value if isinstance(part.value, list) else [part.value]
    return all(isinstance(value, str | date) for value in values)


def _instants(value: Any) -> Any:
    """Return a point in time, or several.

    Raises
    ------
    ValueError
        One of them is none.
    """
    return [as_instant(one) for one in value] if isinstance(value, list) else as_instant(value)
