"""Statements as text for a database, without a connection."""

from typing import Any, Protocol

from sqlalchemy import Select

from clicksession.errors import ParameterError
from clicksession.sql.dialects import DIALECTS, spelling
from clicksession.sql.layout import laid_out

__all__ = ["to_sql"]


class Selectable(Protocol):
    """What gives a statement: a metric."""

    def select(self) -> Select[Any]:
        """Return the statement."""
        ...


def to_sql(metric: Selectable | Select[Any], dialect: str) -> str:
    """Return the SQL of a metric or statement as text, values included.

    Parameters
    ----------
    metric
        A metric, or any SQLAlchemy `Select`.
    dialect
        The database: ``"postgresql"``, ``"duckdb"``, ``"sqlite"``, or a registered one.

    Raises
    ------
    UnknownNameError
        There is no such dialect.
    ParameterError
        `metric` is neither a metric nor a statement.

    Examples
    --------
    >>> from clicksession import metrics
    >>> print(to_sql(metrics.SessionDuration(), "postgresql"))
    WITH durations AS (
        SELECT CAST(EXTRACT(EPOCH FROM sessions.ended_at - sessions.started_at) * 1000000 AS BIGINT)
            / 6e7 AS minutes
        FROM sessions
    )
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY durations.minutes)
        AS median_session_duration_minutes
    FROM durations
    """
    if not isinstance(metric, Select) and not hasattr(metric, "select"):
        raise ParameterError("to_sql", "metric", "a metric or a SQLAlchemy Select", metric)
    statement = metric if isinstance(metric, Select) else metric.select()
    DIALECTS.find(dialect)
    compiled = statement.compile(
        dialect=spelling(dialect).compiling(), compile_kwargs={"literal_binds": True}
    )
    return laid_out(str(compiled))
