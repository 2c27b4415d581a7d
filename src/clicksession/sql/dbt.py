"""Metrics as models of dbt: the SQL over its sources and models, and the YAML beside it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, Literal, get_args

from sqlalchemy import Select, TableClause
from sqlalchemy.sql import visitors

from clicksession.display import Card
from clicksession.errors import ParameterError
from clicksession.keywords import keywords
from clicksession.sql.text import Selectable, statement_of, to_sql, unordered

__all__ = ["DbtModel", "Materialized", "to_dbt"]

Materialized = Literal["view", "table", "ephemeral"]
_TABLES = ("events", "sessions")
_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class DbtModel:
    """A model of dbt.

    Parameters
    ----------
    name
        What it is called.
    sql
        What belongs into ``models/{name}.sql``.
    yaml
        What belongs into ``models/{name}.yml``: its definition and its columns.
    sources
        What belongs into one file of the project, such as ``models/sources.yml``, since dbt takes
        a source once: the tables of the library that are no models. It is the same for all models
        with the same `source` and `refs`.

    Examples
    --------
    >>> import clicksession as cs
    >>> model = cs.to_dbt(cs.metrics.SessionDuration(), "postgresql", name="session_duration")
    >>> model.name, model.yaml.splitlines()[0]
    ('session_duration', 'version: 2')
    """

    name: str
    sql: str
    yaml: str
    sources: str

    def __repr__(self) -> str:
        return f"<DbtModel {self.name}>"

    def _repr_html_(self) -> str:
        files = {f"{self.name}.sql": self.sql, f"{self.name}.yml": self.yaml}
        if self.sources:
            files["sources.yml"] = self.sources
        folded = {f"models/{name}": text for name, text in files.items()}
        return Card(kind="Model of dbt", name=self.name, folded=folded).html


@keywords()
def to_dbt(
    metric: Selectable | Select[Any],
    dialect: str,
    *,
    name: str | None = None,
    materialized: Materialized = "view",
    source: str = "clicksession",
    refs: Mapping[str, str] | None = None,
) -> DbtModel:
    """Return a metric as a model of dbt.

    Its first steps name the tables that it reads, by ``source()`` or ``ref()``; the rest is what
    `to_sql` gives, without an ordering: models have none.

    Parameters
    ----------
    metric
        A metric, or a SQLAlchemy `Select` over tables without a schema.
    dialect
        The database, as for `to_sql`.
    name
        What the model is called; left out, the name of the metric: ``visits_before_order``.
    materialized
        ``"view"``, ``"table"`` or ``"ephemeral"``.
    source
        The source of dbt that has the tables.
    refs
        Tables that are models of dbt themselves: ``{"sessions": "stg_sessions"}``.

    Raises
    ------
    ParameterError
        A name that is none, a statement without a name, tables with a schema, or a table in `refs`
        that the statement does not read.
    UnknownNameError, MissingExtraError, UnsupportedDialectError
        As for `to_sql`.

    Examples
    --------
    >>> from clicksession import metrics
    >>> print(to_dbt(metrics.SessionsPerUser(statistic="mean"), "duckdb").sql)
    {{ config(materialized='view') }}
    <BLANKLINE>
    -- The mean, over all users with a session, of the number of their sessions.
    WITH sessions AS (
        SELECT *
        FROM {{ source('clicksession', 'sessions') }}
    ),
    observations AS (
    ...
    """
    if materialized not in get_args(Materialized):
        must = ", ".join(map(repr, get_args(Materialized)))
        raise ParameterError("to_dbt", "materialized", f"one of {must}", materialized)
    statement = statement_of(metric, "to_dbt")
    called = _checked("name", name if name is not None else _name_of(metric))
    places = _places(statement, _checked("source", source), refs or {})
    sentence = metric.describe() if hasattr(metric, "describe") else ""
    head = [f"{{{{ config(materialized='{materialized}') }}}}", ""]
    comment = [f"-- {_literal(line)}" for line in wrap(sentence, 97)]
    body = _with_imports(_literal(to_sql(unordered(statement), dialect)), places)
    sql = "\n".join([*head, *comment, body, ""])
    sources = _sources(source, _family(places) - set(refs or ()))
    return DbtModel(called, sql, _yaml(called, sentence, statement), sources)


def _checked(parameter: str, name: object) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        must = "letters, digits and underscores, not beginning with a digit"
        raise ParameterError("to_dbt", parameter, must, name)
    return name


def _name_of(metric: object) -> str:
    """Return the name of a metric as those of tables are written."""
    if isinstance(metric, Select):
        raise ParameterError("to_dbt", "name", "given for a statement", None)
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(metric).__name__).lower()


def _places(statement: Select[Any], source: str, refs: Mapping[str, str]) -> dict[str, str]:
    """Return, for each table that the statement reads, what dbt calls it."""
    tables = [part for part in visitors.iterate(statement) if isinstance(part, TableClause)]
    for table in tables:
        if getattr(table, "schema", None):
            must = "over tables without a schema, since dbt knows where they are"
            raise ParameterError("to_dbt", "metric", must, str(table))
    names = sorted({_checked("metric", table.name) for table in tables})
    for name in refs:
        if name not in names:
            must = f"of tables that the metric reads: {', '.join(names)}"
            raise ParameterError("to_dbt", "refs", must, name)
    return {
        name: f"ref('{_checked('refs', refs[name])}')"
        if name in refs
        else f"source('{source}', '{name}')"
        for name in names
    }


def _with_imports(sql: str, places: Mapping[str, str]) -> str:
    """Return the SQL with a first step for each table, as dbt's guide to style has it."""
    steps = ",\n".join(
        f"{name} AS (\n    SELECT *\n    FROM {{{{ {place} }}}}\n)"  # noqa: S608  # names checked
        for name, place in places.items()
    )
    if not steps:
        return sql
    rest = sql.removeprefix("WITH ")
    return f"WITH {steps}{',' if rest != sql else ''}\n{rest}"


def _literal(text: str) -> str:
    """Return a text that Jinja gives back as it is."""
    return re.sub(r"\{[{%#]", lambda found: f"{{{{ '{found[0]}' }}}}", text)


def _family(names: Iterable[str]) -> set[str]:
    """Return tables with those beside them that a statement of the library might read too."""
    prefixes = {
        name.removesuffix(kind) for name in names for kind in _TABLES if name.endswith(kind)
    }
    return {*names, *(f"{prefix}{kind}" for prefix in prefixes for kind in _TABLES)}


def _sources(name: str, tables: set[str]) -> str:
    """Return the properties of the source; empty where all tables are models."""
    if not tables:
        return ""
    lines = ["version: 2", "", "sources:", f"  - name: {name}", "    tables:"]
    return "\n".join([*lines, *(f"      - name: {table}" for table in sorted(tables)), ""])


def _yaml(name: str, sentence: str, statement: Select[Any]) -> str:
    """Return the properties; texts are written as JSON, which YAML contains."""
    lines = ["version: 2", "", "models:", f"  - name: {name}"]
    lines += [f"    description: {json.dumps(_literal(sentence))}"] if sentence else []
    lines += ["    columns:"]
    lines += [f"      - name: {json.dumps(column.name)}" for column in statement.selected_columns]
    return "\n".join([*lines, ""])
