"""What a caller of `write_dbt` gives, checked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import FromClause, TableClause, column, table
from sqlalchemy.sql import visitors

from clicksession.errors import ParameterError
from clicksession.rules import Rules
from clicksession.sql.dbt import DbtModel, to_dbt
from clicksession.sql.dialects import DIALECTS
from clicksession.sql.text import statement_of
from clicksession.warehouse.dbt.adapters import ADAPTERS, Adapter
from clicksession.warehouse.dbt.models import BUCKET, CUT_BY, EVENTS, SESSIONS, SOURCE
from clicksession.warehouse.given import as_source, columns_of
from clicksession.warehouse.job import Job
from clicksession.warehouse.names import Names
from clicksession.windows import unsupported

__all__ = ["Source", "adapter_of", "as_name", "job_of", "metrics_of", "source_of"]

_WHO = "write_dbt"
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True)
class Source:
    """Where dbt finds the rows: a table of a schema, or a model of its own."""

    table: str
    schema: str = ""
    database: str = ""

    @property
    def name(self) -> str:
        """Its name with all that is before it."""
        return ".".join(filter(None, (self.database, self.schema, self.table)))

    @property
    def place(self) -> str:
        """What dbt calls it in a query."""
        if self.schema:
            return f"source('{self.schema}', '{self.table}')"
        return f"ref('{self.table}')"


def adapter_of(dialect: str) -> Adapter:
    """Return what is written for a database.

    Raises
    ------
    UnknownNameError, ParameterError
        There is no such database, or none of its adapters is known to end exact.
    """
    DIALECTS.find(dialect)
    if dialect not in ADAPTERS:
        must = f"one of {', '.join(map(repr, ADAPTERS))}"
        hint = "warehouse.incremental gives the statements themselves, to run without dbt."
        raise ParameterError(_WHO, "dialect", must, dialect, hint)
    return ADAPTERS[dialect]


def as_name(name: object, parameter: str) -> None:
    """Refuse a name that dbt or a database does not take as it is."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        must = "small letters, digits and underscores, not beginning with a digit"
        raise ParameterError(_WHO, parameter, must, name)


def source_of(source: object) -> Source:
    """Return where dbt finds the source.

    Raises
    ------
    ParameterError
        It is a query, or no name.
    """
    if isinstance(source, TableClause):
        source = ".".join(filter(None, (getattr(source, "schema", None), source.name)))
    parts = source.split(".") if isinstance(source, str) else []
    if not 1 <= len(parts) <= 3 or not all(re.fullmatch(r"[\w-]+", part) for part in parts):
        must = "a table, such as 'raw.clicks', or a model of dbt, such as 'stg_clicks'"
        hint = "Make a model of a query, and give its name." if not isinstance(source, str) else ""
        raise ParameterError(_WHO, "source", must, source, hint)
    return Source(*reversed(parts))


def job_of(
    source: FromClause | str,
    dialect: str,
    columns: Sequence[str],
    rules: Rules,
    *,
    loaded_at: str | None,
    **keys: str,
) -> Job:
    """Return what the queries are about, its tables under the names that they have in a query.

    Raises
    ------
    ParameterError, UnsupportedRuleError
        A column that the source does not have, or that the tables have for themselves; rules that
        SQL cannot say.
    """
    unsupported(rules, "SQL", "Run clicksession.run, which cuts them in order.")
    needed = [*keys.values(), *([loaded_at] if loaded_at else []), *rules.columns]
    given = None if isinstance(source, FromClause) else list(dict.fromkeys([*needed, *columns]))
    try:
        rows = as_source(source, given)
        stored = columns_of(rows, rules, loaded_at=loaded_at, **keys)
    except ParameterError as error:
        raise error.said_by(_WHO) from None
    for taken in {BUCKET, CUT_BY} & {each.lower() for each in stored}:
        must = f"without a column {taken!r}, which the tables have for themselves"
        raise ParameterError(_WHO, "source", must, list(rows.c.keys()))
    named = table(SOURCE, *(column(each.name, each.type) for each in rows.c))
    types = {name: named.c[of].type for name, of in stored.items()}
    names = Names(EVENTS, SESSIONS, None, types, rules)
    # The stored column has the name that the source gives it, if it is none of the three.
    loaded = next((name for name, of in stored.items() if of == loaded_at), None)
    return Job(dialect, names, named, stored, loaded)


def metrics_of(
    metrics: Sequence[Any] | Mapping[str, Any], dialect: str, events: str, sessions: str
) -> list[tuple[DbtModel, str]]:
    """Return a model for each metric, over the two that are there, and what it says.

    Raises
    ------
    ParameterError
        A metric of other tables, or two of one name.
    """
    items = metrics.items() if isinstance(metrics, Mapping) else ((None, one) for one in metrics)
    made: dict[str, tuple[DbtModel, str]] = {}
    for name, metric in items:
        statement = statement_of(metric, _WHO)
        read = {part.name for part in visitors.iterate(statement) if isinstance(part, TableClause)}
        refs = {"events": events, "sessions": sessions}
        if read - set(refs):
            must = "of the tables 'events' and 'sessions'"
            raise ParameterError(_WHO, "metrics", must, sorted(read))
        model = to_dbt(metric, dialect, name=name, refs={each: refs[each] for each in read})
        if model.name in {*made, events, sessions, f"{sessions}_numbered"}:
            must = "of names that differ: give a mapping from names"
            raise ParameterError(_WHO, "metrics", must, model.name)
        says = metric.describe() if hasattr(metric, "describe") else ""
        made[model.name] = (model, says)
    return list(made.values())
