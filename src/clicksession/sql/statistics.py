"""Summaries of a column: mean, median, percentiles, and how to take one without an aggregate."""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Label,
    Select,
    case,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from clicksession.errors import ParameterError
from clicksession.sql.constructs import percentile
from clicksession.sql.dialects import spelling

__all__ = [
    "Statistic",
    "Summary",
    "as_float",
    "check_statistic",
    "nulls_last",
    "share",
    "summary",
    "words",
]

#: ``"median"``, ``"mean"``, or a percentile such as ``"p90"`` or ``"p99.9"``.
Statistic = str

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,3})?)")


class Summary(Select[Any]):
    """A `Select` of one statistic; where there is no percentile, it is taken by rank."""

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
    value = values.c[column]
    fraction = _fraction(statistic)
    aggregate: ColumnElement[Any] = (
        func.avg(as_float(value))
        if fraction is None
        else percentile(value, literal_column(str(fraction)))
    )
    keys = [values.c[key] for key, _ in by]
    labels = [values.c[key].label(called) for key, called in by]
    chosen = Summary(*labels, aggregate.label(name))
    if keys:
        chosen = chosen.group_by(*keys).order_by(*nulls_last(keys))
    return chosen


def check_statistic(statistic: str, who: str) -> None:
    """Refuse a statistic that is not known."""
    known = isinstance(statistic, str) and (
        statistic in ("median", "mean") or _fraction(statistic) is not None
    )
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
    return [part for column in columns for part in (case((column.is_(None), 1), else_=0), column)]


def as_float(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a number as a float, lest a database average whole numbers to whole ones.

    A product, since not every MySQL can cast to a float.
    """
    return value.op("*", precedence=8)(literal_column("1e0"))


def share(part: ColumnElement[Any], whole: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a part of a whole as a float; of nothing, null."""
    return as_float(part).op("/", precedence=8)(func.nullif(whole, 0))


def _fraction(statistic: Statistic) -> Decimal | None:
    if statistic == "median":
        return Decimal("0.5")
    match = _PERCENTILE.fullmatch(statistic)
    percent = Decimal(match[1]) if match else Decimal(0)
    return (percent / 100).normalize() if percent else None


@compiles(Summary)
def _spelled(element: Summary, compiler: SQLCompiler, **options: Any) -> str:
    statement: Select[Any] = element
    if not spelling(compiler.dialect.name).has_percentile:
        statement = _by_rank(element)
    spelled: str = compiler.visit_select(statement, **options)  # type: ignore[no-untyped-call]
    return spelled


def _by_rank(element: Summary) -> Select[Any]:
    """Return the select with its percentile taken between the two nearest ranks."""
    *keys, label = element.selected_columns
    aggregate = label.element if isinstance(label, Label) else label
    if not isinstance(aggregate, percentile):
        return element
    value, written = aggregate.clauses
    ranked = _ranked(keys, value)
    # The percentile lies at (count - 1) * fraction, counted from 0: kept in integers, times the
    # denominator. Each value weighs by how near it is; all but the nearest one or two weigh 0.
    part, whole = Fraction(str(written)).as_integer_ratio()
    off = func.abs((ranked.c.position - 1) * whole - (ranked.c.values_in_all - 1) * part)
    weighed = case((off < whole, as_float(ranked.c.value) * (whole - off)))
    grouped = [ranked.c[key.name] for key in keys]
    chosen = select(
        *grouped, share(func.sum(weighed), literal_column(str(whole))).label(label.name)
    )
    return chosen.group_by(*grouped).order_by(*nulls_last(grouped)) if keys else chosen


def _ranked(keys: Sequence[ColumnElement[Any]], value: ColumnElement[Any]) -> CTE:
    groups = [key.element if isinstance(key, Label) else key for key in keys] or None
    return select(
        *keys,
        value.label("value"),
        func.row_number().over(partition_by=groups, order_by=nulls_last([value])).label("position"),
        func.count(value).over(partition_by=groups).label("values_in_all"),
    ).cte("ranked")
