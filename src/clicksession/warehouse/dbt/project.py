"""`write_dbt`: a project of dbt that keeps events and sessions up to date, exactly."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from os import PathLike
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from sqlalchemy import FromClause, Select

from clicksession.display import Card, templates_of
from clicksession.keywords import keywords
from clicksession.rules import Rules
from clicksession.sql.dbt import DbtModel
from clicksession.sql.text import Selectable
from clicksession.warehouse.dbt.adapters import Adapter
from clicksession.warehouse.dbt.checks import checks
from clicksession.warehouse.dbt.given import (
    Source,
    adapter_of,
    as_name,
    job_of,
    metrics_of,
    source_of,
)
from clicksession.warehouse.dbt.models import Models, literal_jinja
from clicksession.warehouse.dbt.writing import write_files

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["DbtProject", "write_dbt"]


@dataclass(frozen=True, repr=False)
class DbtProject:
    """A project of dbt that was written into a folder.

    Attributes
    ----------
    folder
        Where it is.
    files
        What was written: the texts, by their paths in the folder.

    Examples
    --------
    >>> import tempfile
    >>> project = write_dbt(tempfile.mkdtemp(), "raw.clicks", "duckdb")
    >>> print(project.files["models/events.sql"].splitlines()[7])
    -- A session ends after a pause of more than 30 minutes.
    """

    folder: Path
    files: Mapping[str, str] = field(compare=False)

    def __repr__(self) -> str:
        return f"<DbtProject {self.folder}: {len(self.files)} files>"

    def _repr_html_(self) -> str:
        return Card(kind="Project of dbt", name=f"{self.folder}", folded=dict(self.files)).html


@keywords()
def write_dbt(
    folder: str | PathLike[str],
    source: FromClause | str,
    dialect: str,
    *,
    columns: Sequence[str] = (),
    rules: Rules | None = None,
    user: str = "user_id",
    time: str = "timestamp",
    event_id: str = "event_id",
    loaded_at: str | None = None,
    metrics: Sequence[Selectable | Select[Any]] | Mapping[str, Selectable | Select[Any]] = (),
    name: str = "clicksession",
    events: str = "events",
    sessions: str = "sessions",
) -> DbtProject:
    """Write a project of dbt whose models are events and sessions, exact after every run.

    ``dbt run`` finds the rows of the source that are not stored yet, cuts them together with the
    stored events around them, and replaces the sessions that this changes, however late a row is:
    the tables equal those of one run over everything. A run that stops between the two models, or a
    ``--full-refresh`` of one of them, leaves the next run right. ``dbt test`` compares with a full
    refresh, and counts that no row is lost.

    Parameters
    ----------
    folder
        A new or an empty one, or one that this has written before; what else is in it by then, such
        as models of your own, stays. Where nothing is to change, nothing is written.
    source
        The events: ``"raw.clicks"`` for a table, which dbt is told of as its source;
        ``"stg_clicks"``, without a schema, for a model of dbt; or a table of SQLAlchemy, whose
        columns and types are then known, and are all stored.
    dialect
        The database: ``"duckdb"``, ``"postgresql"``, ``"redshift"`` and ``"snowflake"`` replace
        what has changed; ``"databricks"`` and ``"bigquery"`` merge events and make sessions of
        them in every run; ``"spark"`` replaces buckets of users in files. The README in the folder
        says it of the one that was chosen.
    columns
        Which other columns of the source the events keep: ``("event_type", "page_url")``.
    rules
        What ends a session; left out: a pause of more than 30 minutes. Events that were cut by
        others are refused until a full refresh.
    user, time, event_id
        The columns of the source that say whose event it is, when it happened, and what tells it
        from others. A row without an id is left out, and ``dbt test`` counts it.
    loaded_at
        A column that says when a row was loaded, and never decreases from one load to the next: a
        run then reads no row of before the latest that is stored. Left out, the ids of all rows
        are compared with those that are stored.
    metrics
        What to ask of the tables: metrics, each a view under its own name; or a mapping from names.
    name
        What the project and its profile are called.
    events, sessions
        What the models are called. ``sessions_numbered`` is a view beside them, with
        ``session_index`` and ``start_reason``.

    Returns
    -------
    DbtProject
        What was written.

    Raises
    ------
    ParameterError
        The folder holds other things, or files that were changed since; a column that is not
        there; a name that is none; a database for which no project is written.
    UnsupportedRuleError
        Rules that SQL cannot say, such as `max_duration`.

    Examples
    --------
    >>> import tempfile
    >>> from clicksession import metrics
    >>> from clicksession.warehouse import write_dbt
    >>> folder = tempfile.mkdtemp()
    >>> project = write_dbt(folder, "raw.clicks", "duckdb", metrics=[metrics.SessionDuration()])
    >>> sorted(path for path in project.files if path.startswith("models/s"))
    ['models/sessions.sql', 'models/sessions_numbered.sql']
    """
    rules = rules or Rules()
    adapter = adapter_of(dialect)
    for parameter, called in (("name", name), ("events", events), ("sessions", sessions)):
        as_name(called, parameter)
    place = source_of(source)
    keys = {"user": user, "time": time, "event_id": event_id}
    job = job_of(source, dialect, columns, rules, loaded_at=loaded_at, **keys)
    asked = metrics_of(metrics, dialect, events, sessions)
    written = _Written(name, events, sessions, adapter, place, Models(job), asked)
    files = dict(written.files())
    write_files(Path(folder), files, who="write_dbt")
    return DbtProject(Path(folder), files)


@dataclass(frozen=True)
class _Written:
    """What the templates are filled in with."""

    name: str
    events: str
    sessions: str
    adapter: Adapter
    source: Source
    models: Models
    metrics: Sequence[tuple[DbtModel, str]]

    def files(self) -> Iterator[tuple[str, str]]:
        """Give each file of the project: its path and its text."""
        yield "dbt_project.yml", self._render("dbt_project.yml.jinja")
        yield "README.md", self._render("README.md.jinja")
        yield f"macros/{self.name}.sql", self._render("macros.sql.jinja")
        yield f"models/{self.events}.sql", self._render("events.sql.jinja")
        yield f"models/{self.sessions}.sql", self._render("sessions.sql.jinja")
        yield f"models/{self.sessions}_numbered.sql", self._render("numbered.sql.jinja")
        yield f"models/{self.name}.yml", self._render("properties.yml.jinja")
        if self.source.schema:
            yield f"models/{self.name}_sources.yml", self._render("sources.yml.jinja")
        for model, _ in self.metrics:
            yield f"models/metrics/{model.name}.sql", model.sql
            yield f"models/metrics/{model.name}.yml", model.yaml
        for check in checks(self.models):
            path = f"tests/{self.name}_{check.name}.sql"
            yield path, self._render("check.sql.jinja", check=check)

    def _render(self, template: str, **more: Any) -> str:
        names = self.models.names
        sentence = literal_jinja(str(names.rules))
        return (
            _templates()
            .get_template(template)
            .render(
                **{each: getattr(self, each) for each in self.__dataclass_fields__},
                sentence=sentence,
                comment="\n".join(f"-- {line}" for line in wrap(sentence, 97)),
                found_by=["user_id", "run_from"] if names.is_bounded else ["user_id"],
                bigint="int64" if self.models.job.dialect == "bigquery" else "bigint",
                digest=self.models.digest,
                **more,
            )
        )


@cache
def _templates() -> "Environment":
    """Return templates in which dbt's own braces stand as they are: places are ``[[ … ]]``."""
    templates = templates_of(
        "clicksession.warehouse.dbt",
        # What is written is SQL, YAML and Markdown.
        autoescape=False,
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
        keep_trailing_newline=True,
    )
    # YAML contains JSON: a text in quotes is the same in both.
    templates.filters["quoted"] = lambda text: json.dumps(text, ensure_ascii=False)
    return templates
