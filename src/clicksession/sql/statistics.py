"""Summaries of a column: the mean, the median, and how to take one without an aggregate."""

from typing import Any, Literal, get_args

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

__all__ = ["STATISTICS", "Statistic", "Summary", "check_statistic", "summary"]

Statistic = Literal["median", "mean"]
STATISTICS: tuple[str, ...] = get_args(Statistic)


class Summary(Select[Any]):
    """A `Select` of one statistic; where there is no percentile, it is taken by rank."""

    inherit_cache = True


def summary(values: CTE, column: str, statistic: Statistic, name: str) -> Summary:
    """Return the statistic of one column of a step, as a one-row, one-column select.

    Nulls do not count; over no values the answer is null.
    """
    value = values.c[column]
    aggregate: ColumnElement[Any] = (
        percentile(value, literal_column("0.5"))
        if statistic == "median"
        else func.avg(_as_float(value))
    )
    return Summary(aggregate.label(name))


def check_statistic(statistic: str, who: str) -> None:
    """Refuse a statistic that is not known."""
    if statistic not in STATISTICS:
        must = " or ".join(map(repr, STATISTICS))
        raise ParameterError(who, "statistic", must, statistic)


@compiles(Summary)
def _spelled(element: Summary, compiler: SQLCompiler, **options: Any) -> str:
    statement: Select[Any] = element
    if not spelling(compiler.dialect.name).has_percentile:
        statement = _by_rank(element)
    spelled: str = compiler.visit_select(statement, **options)  # type: ignore[no-untyped-call]
    return spelled


def _by_rank(element: Summary) -> Select[Any]:
    """Return the select with its percentile replaced by the mean of the middle one or two."""
    (label,) = element.selected_columns
    aggregate = label.element if isinstance(label, Label) else label
    if not isinstance(aggregate, percentile):
        return element
    value = next(iter(aggregate.clauses))
    ranked = (
        select(
            value.label("value"),
            func.row_number().over(order_by=value).label("position"),
            func.count().over().label("values_in_all"),
        )
        .where(value.is_not(None))
        .cte("ranked")
    )
    twice, count = ranked.c.position * 2, ranked.c.values_in_all
    # For an odd count the one in the middle, for an even one the two: in integers alone.
    middle = case((twice.between(count, count + 2), _as_float(ranked.c.value)))
    return select(func.avg(middle).label(label.name))


def _as_float(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a number as a float, lest a database average whole numbers to whole ones.

    A product, since not every MySQL can cast to a float.
    """
    return value.op("*", precedence=8)(literal_column("1e0"))
