"""The queries of the models, as text in which the tables are names of dbt."""

import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, func, literal_column, select

from clicksession.sql.text import to_sql
from clicksession.warehouse.job import Job
from clicksession.warehouse.names import CHANGED_IN, Names
from clicksession.warehouse.parts import Parts
from clicksession.warehouse.selects import cut, fresh, pool
from clicksession.warehouse.step import Bounds

__all__ = ["BUCKET", "CUT_BY", "EVENTS", "SESSIONS", "SOURCE", "Models", "literal_jinja"]

# What the tables are called within a query, in which no step has such a name.
SOURCE, EVENTS, SESSIONS = "source_rows", "stored_events", "stored_sessions"

#: The column that says which part of the events a user's are in, where these are replaced whole.
BUCKET = "user_bucket"
_BUCKETS = 64

#: The column that says which rules cut an event, so that others do not cut the next ones.
CUT_BY = "cut_by"

_TABLES = re.compile(rf"\b(FROM|JOIN)(\s+)({SOURCE}|{EVENTS}|{SESSIONS})\b(?!\.)")
# What stands in a query for what dbt knows when it runs.
_PLACES = {"mark_of_job": "mark", "touched_buckets": "buckets"}
_MARK = literal_column("mark_of_job", BigInteger())


@dataclass(frozen=True)
class Models:
    """The queries of a project."""

    job: Job

    @property
    def names(self) -> Names:
        """The tables, under the names that they have within a query."""
        return self.job.names

    @property
    def parts(self) -> Parts:
        """What the queries are made of."""
        return Parts(self.job)

    @cached_property
    def all_events(self) -> str:
        """All events of the source, cut."""
        return self.text(self._signed(self.parts.all_events(_MARK)))

    @cached_property
    def new_events(self) -> str:
        """The events that are not stored yet and the stored ones near them, cut together."""
        return self.text(self._signed(self.parts.events(_MARK)))

    @cached_property
    def all_in_buckets(self) -> str:
        """All events of the source, cut, each with the bucket of its user."""
        return self.text(_in_buckets(self._signed(self.parts.all_events(_MARK))))

    @cached_property
    def new_in_buckets(self) -> str:
        """The events that are not stored yet, cut with all stored ones of their buckets."""
        names, events = self.names, self.names.events
        is_touched = literal_column(f"{EVENTS}.{BUCKET}").in_([literal_column("touched_buckets")])
        stored = select(*(events.c[name] for name in names.given)).where(is_touched)
        together = cut(names, pool(names, self._fresh(), stored), _MARK)
        return self.text(_in_buckets(self._signed(together)))

    @cached_property
    def touched_buckets(self) -> str:
        """The buckets of users that have an event that is not stored yet."""
        return self.text(select(_bucket(self._fresh()).label(BUCKET)).distinct())

    @cached_property
    def all_sessions(self) -> str:
        """The sessions of all events."""
        return self.text(self.parts.sessions())

    @cached_property
    def new_sessions(self) -> str:
        """The sessions of events that were cut since the sessions were last brought up to date."""
        return self.text(self.parts.sessions(self._followed()))

    @cached_property
    def stale_sessions(self) -> str:
        """The ids of the sessions that these replace."""
        return self.text(self.parts.stale(self._followed()))

    @cached_property
    def followed_events(self) -> str:
        """The events that are older than the sessions."""
        events = self.names.events
        return self.text(select(events.c.event_id).where(events.c[CHANGED_IN] <= self._followed()))

    @cached_property
    def numbered_sessions(self) -> str:
        """The sessions with their ordinals, and why each began."""
        return self.text(self.parts.numbered())

    @cached_property
    def digest(self) -> int:
        """A number that stands for the rules, and for what they are applied to."""
        job = self.job
        keys = [job.columns[name] for name in ("event_id", "user_id", "timestamp")]
        said = "\n".join([self.names.rules.to_json(), *keys])
        return int(sha256(said.encode()).hexdigest()[:15], 16)

    def text(self, statement: Select[Any]) -> str:
        """Return a query as a template of dbt, its tables as `dbt` calls them."""
        text = literal_jinja(to_sql(statement, self.job.dialect))
        for token, name in _PLACES.items():
            text = re.sub(rf"\b{token}\b", f"{{{{ {name} }}}}", text)
        return _TABLES.sub(r"\1\2{{ \3 }} AS \3", text)

    def _signed(self, events: Select[Any]) -> Select[Any]:
        """Return events with what rules cut them."""
        return events.add_columns(literal_column(f"{self.digest}", BigInteger()).label(CUT_BY))

    def _fresh(self) -> FromClause:
        """Return the events that are not stored yet."""
        names, rows = self.names, self.job.arriving(Bounds())
        return fresh(names, rows, names.events, self.job.loaded_at).cte("fresh")

    def _followed(self) -> ColumnElement[int]:
        """Return the greatest mark that the sessions have."""
        latest = func.max(self.names.sessions.c[CHANGED_IN])
        return select(func.coalesce(latest, literal_column("0")).label("mark")).scalar_subquery()


def literal_jinja(text: str) -> str:
    """Return a text that Jinja gives back as it is."""
    return re.sub(r"\{[{%#]", lambda found: f"{{{{ '{found[0]}' }}}}", text)


def _in_buckets(events: Select[Any]) -> Select[Any]:
    rows = events.cte("events_cut")
    return select(*rows.c, _bucket(rows).label(BUCKET))


def _bucket(rows: FromClause) -> ColumnElement[Any]:
    return func.pmod(func.hash(rows.c.user_id), literal_column(f"{_BUCKETS}"))
