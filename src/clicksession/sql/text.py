"""Statements as text for a database, without a connection."""

from datetime import datetime
from typing import Any, Literal, Protocol, get_args

from sqlalchemy import ClauseElement, ColumnElement, Select, text

from clicksession.errors import ParameterError
from clicksession.keywords import keywords
from clicksession.sql.dialects import DIALECTS, Ability, Dialect, spelling
from clicksession.sql.layout import laid_out

__all__ = [
    "Create",
    "Selectable",
    "condition_to_sql",
    "settled",
    "statement_of",
    "to_sql",
    "unordered",
]

Create = Literal["view", "table"]
_ABILITIES = {"view": Ability.CREATE_VIEW, "table": Ability.CREATE_TABLE}


class Selectable(Protocol):
    """What gives a statement: a metric."""

    def select(self) -> Select[Any]:
        """Return the statement."""
        ...


@keywords()
def to_sql(
    metric: Selectable | Select[Any],
    dialect: str,
    *,
    create: Create | None = None,
    name: str | None = None,
) -> str:
    """Return the SQL of a metric or statement as text, values included.

    No connection is needed, only the package that knows the database's grammar.

    Parameters
    ----------
    metric
        A metric, or any SQLAlchemy `Select`.
    dialect
        The database: ``"postgresql"``, ``"duckdb"``, ``"sqlite"``, ``"mysql"``, ``"mariadb"``,
        ``"clickhouse"``, ``"spark"``, ``"databricks"``, ``"bigquery"``, ``"snowflake"``,
        ``"redshift"``, ``"trino"``, ``"sqlserver"``, or a registered one.
    create
        Left out, the query alone; ``"view"`` or ``"table"``, the statement that makes one of it. An
        ordering without a limit is left out then: views and tables have none.
    name
        What the view or table is called: ``"visits_before_order"``, or
        ``"analytics.visits_before_order"`` with its schema.

    Returns
    -------
    str
        One statement, without a semicolon.

    Raises
    ------
    UnknownNameError
        There is no such dialect.
    MissingExtraError
        The package that knows the database's grammar is not installed.
    UnsupportedDialectError
        The database cannot do what was asked for.
    ParameterError
        `metric` is neither a metric nor a statement, or only one of `create` and `name` is given.

    Examples
    --------
    >>> from clicksession import metrics
    >>> print(to_sql(metrics.SessionDuration(), "postgresql"))
    WITH durations AS (
        SELECT
            CAST(
                CAST(
                    EXTRACT(EPOCH FROM sessions.ended_at - sessions.started_at) * 1000000 AS BIGINT
                ) AS DOUBLE PRECISION
            ) / 60000000 AS minutes
        FROM sessions
    )
    SELECT
        percentile_cont(0.5) WITHIN GROUP (ORDER BY durations.minutes)
            AS median_session_duration_minutes
    FROM durations
    """
    statement = statement_of(metric, "to_sql")
    DIALECTS.find(dialect)
    if create is None and name is None:
        return _text(statement, dialect)
    if create is None or create not in get_args(Create):
        raise ParameterError("to_sql", "create", "'view' or 'table'", create)
    if not name or not all(name.split(".")):
        must = f"the name of the {create}, such as 'visits' or 'analytics.visits'"
        raise ParameterError("to_sql", "name", must, name)
    spelled = spelling(dialect)
    spelled.must(_ABILITIES[create])
    return spelled.create(create, _quoted(name, spelled), _text(unordered(statement), dialect))


def statement_of(metric: Selectable | Select[Any], who: str) -> Select[Any]:
    """Return the statement of a metric, or the statement itself.

    Raises
    ------
    ParameterError
        It is neither.
    """
    if isinstance(metric, Select):
        return metric
    if not hasattr(metric, "select") or isinstance(metric, type):
        must = "a metric, such as metrics.VisitsBeforeOrder(), or a SQLAlchemy Select"
        raise ParameterError(who, "metric", must, metric)
    return metric.select()


def settled(statement: Select[Any], dialect: str) -> Select[Any]:
    """Return the statement with what has to follow it in a database, to mean what it says there."""
    settings = spelling(dialect).settings
    return statement.suffix_with(text(settings)) if settings else statement


def condition_to_sql(condition: ColumnElement[Any], dialect: str) -> str:
    """Return a condition as text for a database, as it stands behind ``WHERE``."""
    return " ".join(_compiled(condition, spelling(dialect)).split())


def _text(statement: Select[Any], dialect: str) -> str:
    spelled = spelling(dialect)
    return laid_out(
        _compiled(settled(statement, dialect), spelled),
        backslash_escapes=spelled.backslash_escapes,
        joins_rename=spelled.joins_rename,
    )


def _compiled(expression: ClauseElement, spelled: Dialect) -> str:
    """Return the text of an expression, with constants as the database reads them.

    Each package has its own idea of a text in quotes, and some are wrong about backslashes.
    """
    compiling: Any = spelled.compiling()

    class Compiler(compiling.statement_compiler):  # type: ignore[misc]
        def render_literal_value(self, value: Any, type_: Any) -> Any:
            if isinstance(value, str):
                return spelled.text_literal(value)
            if isinstance(value, datetime):
                return spelled.instant_literal(value)
            return super().render_literal_value(value, type_)

    compiling.statement_compiler = Compiler
    return str(expression.compile(dialect=compiling, compile_kwargs={"literal_binds": True}))


def _quoted(name: str, spelled: Dialect) -> str:
    preparer = spelled.compiling().identifier_preparer
    return ".".join(preparer.quote(part) for part in name.split("."))


def unordered(statement: Select[Any]) -> Select[Any]:
    """Return the statement without an ordering that is there for whoever reads the rows alone."""
    limited = statement._limit_clause is not None or statement._fetch_clause is not None
    return statement if limited else statement.order_by(None)
