"""Summaries of a column: the mean, percentiles, and how to take these without an aggregate."""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    case,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.util import ClauseAdapter

from clicksession.errors import ParameterError
from clicksession.sql.constructs import as_float, ascending, percentile, rows_with, signed
from clicksession.sql.dialects import spelling
from clicksession.sql.dialects.abilities import Ability

__all__ = [
    "Statistic",
    "Summary",
    "aggregate",
    "check_statistic",
    "nulls_last",
    "share",
    "shares",
    "summary",
    "words",
]

#: ``"median"``, ``"mean"``, or a percentile such as ``"p90"`` or ``"p99.9"``.
Statistic = str

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,3})?)")


class Summary(Select[Any]):
    """A `Select` of aggregates over one step; percentiles in it work on every database.

    Where a database has no such aggregate, they are taken by rank: each row of the step gets its
    position among its group, and the one or two rows next to the percentile are averaged by
    nearness.
    """

    inherit_cache = True


def summary(
    values: CTE,
    column: str,
    statistic: Statistic,
    name: str,
    by: Sequence[tuple[str, str]] = (),
) -> Summary:
    """Return the statistic of one column of a step: one row, or one for each group.

    Nulls do not count; over no values the answer is null. Groups come in the order of their keys,
    nulls last. `by` holds columns of the step, and what to call them.
    """
    keys = [values.c[key] for key, _ in by]
    labels = [values.c[key].label(called) for key, called in by]
    chosen = Summary(*labels, aggregate(values.c[column], statistic).label(name))
    return chosen.group_by(*keys).order_by(*nulls_last(keys)) if keys else chosen


def aggregate(value: ColumnElement[Any], statistic: Statistic) -> ColumnElement[Any]:
    """Return a statistic of a step's column, for the columns of a `Summary`; nulls do not count."""
    fraction = _fraction(statistic)
    if fraction is None:
        return func.avg(as_float(value))
    return percentile(value, literal_column(str(fraction)))


def check_statistic(statistic: str, who: str) -> None:
    """Refuse a statistic that is not known."""
    known = isinstance(statistic, str) and (statistic == "mean" or _fraction(statistic) is not None)
    if not known:
        must = "'median', 'mean', or a percentile such as 'p90'"
        raise ParameterError(who, "statistic", must, statistic)


def words(statistic: Statistic) -> str:
    """Return how a sentence names a statistic.

    Examples
    --------
    >>> words("median"), words("p90")
    ('median', '90th percentile')
    """
    if statistic in ("median", "mean"):
        return statistic
    number = statistic[1:]
    teens = number[-2:] in ("11", "12", "13")
    ending = "th" if teens else {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th")
    return f"{number}{ending} percentile"


def nulls_last(columns: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """Return an order by these columns that leaves no null to the database."""
    return [ascending(column) for column in columns]


def share(part: ColumnElement[Any], whole: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a part of a whole as a float; of nothing, null."""
    return as_float(part).op("/", precedence=8)(func.nullif(whole, 0))


def shares(counted: CTE, keys: Sequence[tuple[str, str]], what: str, count: str) -> Select[Any]:
    """Return counts with their shares of each group's, the most first."""
    groups = [counted.c[key] for key, _ in keys]
    whole = func.sum(counted.c[count]).over(partition_by=groups or None)
    return select(
        *(counted.c[key].label(called) for key, called in keys),
        counted.c[what],
        counted.c[count],
        share(counted.c[count], whole).label("share"),
    ).order_by(*nulls_last(groups), counted.c[count].desc(), *nulls_last([counted.c[what]]))


def _fraction(statistic: Statistic) -> Decimal | None:
    """Return the fraction of a median or percentile, or None where it is neither."""
    if statistic == "median":
        return Decimal("0.5")
    match = _PERCENTILE.fullmatch(statistic)
    percent = Decimal(match[1]) if match else Decimal(0)
    return (percent / 100).normalize() if percent else None


@compiles(Summary)
def _spelled(element: Summary, compiler: SQLCompiler, **options: Any) -> str:
    statement: Select[Any] = element
    if Ability.PERCENTILE in spelling(compiler.dialect.name).cannot:
        statement = _by_rank(element)
    spelled: str = compiler.visit_select(statement, **options)  # type: ignore[no-untyped-call]
    return spelled


def _by_rank(element: Summary) -> Select[Any]:
    """Return the select with its percentiles replaced by what the rows next to them give."""
    # Not through the steps: each would be walked once for every way that leads to it.
    said = [*element._raw_columns, *element._order_by_clauses]
    parts = (part for expression in said for part in visitors.iterate(expression))
    found = [part for part in parts if isinstance(part, percentile)]
    if not found:
        return element
    groups = list(element._group_by_clauses)
    values = {value.name: value for value, _ in (part.clauses for part in found)}
    step = next(iter(values.values())).table
    ranked = (
        select(*step.c, *(place for value in values.values() for place in _places(value, groups)))
        .where(*element._where_criteria)
        .cte(f"ranked_{step.name}")
    )
    weights = {_key(part): _weight(ranked, *_key(part)) for part in found}
    names = {
        key: f"{key[0]}_weight{'' if len(weights) == 1 else f'_{number}'}"
        for number, key in enumerate(weights, start=1)
    }
    weighted = select(
        *(ranked.c[column.name] for column in step.c),
        *(weight.label(names[key]) for key, weight in weights.items()),
    ).cte(f"weighted_{step.name}")

    def replaced(part: Any, **_: Any) -> Any:
        if not isinstance(part, percentile):
            return part if isinstance(part, CTE) else None
        value, fraction = key = _key(part)
        return _averaged(weighted.c[value], weighted.c[names[key]], fraction.denominator)

    without: Any = visitors.replacement_traverse(element, {}, replaced)  # type: ignore[call-overload]
    without._where_criteria = ()
    adapted: Select[Any] = ClauseAdapter(weighted).traverse(without)
    return adapted


def _key(part: percentile) -> tuple[str, Fraction]:
    """Return the name of the column and the fraction."""
    value, fraction = part.clauses
    return value.name, Fraction(str(fraction))


def _places(value: Any, groups: Sequence[Any]) -> list[ColumnElement[Any]]:
    """Return where a value stands in its group, nulls behind the rest, and how many there are."""
    over: dict[str, Any] = {"partition_by": groups} if groups else {}
    position = func.row_number().over(order_by=ascending(value), **over)
    count = rows_with(value).over(**over)
    return [position.label(f"{value.name}_position"), count.label(f"{value.name}_count")]


def _weight(ranked: CTE, name: str, fraction: Fraction) -> ColumnElement[Any]:
    """Return how near a row is to the percentile: 0 or less is not next to it.

    The percentile lies at ``1 + fraction * (count - 1)``, between two positions or upon one. In
    units of the fraction's denominator all of this is whole, and so exact.
    """
    up, down = fraction.as_integer_ratio()
    last, place = ranked.c[f"{name}_count"] - 1, signed(ranked.c[f"{name}_position"]) - 1
    return literal_column(str(down)) - func.abs(_times(up, last) - _times(down, place))


def _times(number: int, value: ColumnElement[Any]) -> ColumnElement[Any]:
    return value if number == 1 else literal_column(str(number), BigInteger()) * value


def _averaged(value: Any, weight: Any, total: int) -> ColumnElement[Any]:
    """Return the average of the rows next to the percentile, by their weights."""
    weighed: ColumnElement[Any] = func.sum(case((weight > 0, as_float(value) * weight)))
    return weighed if total == 1 else weighed.op("/", precedence=8)(literal_column(str(total)))
