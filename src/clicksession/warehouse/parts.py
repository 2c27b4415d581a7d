"""The same as the steps, as one query for each table: for whoever writes the rows themselves."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, TableClause, select

from clicksession.sql.constructs import epoch_microseconds, this_moment
from clicksession.sql.tables import Instant
from clicksession.warehouse.job import Job
from clicksession.warehouse.names import CHANGED_IN
from clicksession.warehouse.selects import cut, fresh, near, pool, touched
from clicksession.warehouse.step import Bounds
from clicksession.warehouse.summary import changed, numbered, stale

__all__ = ["Parts"]


@dataclass(frozen=True)
class Parts:
    """Queries that dbt, or a tool like it, puts into statements of its own.

    Each takes the tables that it reads, so that they can go by other names; left out, they are
    those of the job.
    """

    job: Job

    @property
    def clock(self) -> ColumnElement[int]:
        """The clock of the database, in microseconds since 1970: what marks are made of."""
        return epoch_microseconds(this_moment(Instant()))

    def stored(self, name: str) -> TableClause:
        """Return the table of events under another name."""
        return self.job.names.events_called(name)

    def all_events(self, mark: ColumnElement[int]) -> Select[Any]:
        """Return every event of the source with its session, one of each id: for the first time.

        Parameters
        ----------
        mark
            The mark of what is written.
        """
        names = self.job.names
        new = fresh(names, self.job.arriving_all(), None, self.job.loaded_at).cte("fresh")
        return cut(names, select(*new.c).cte("pool"), mark)

    def events(self, mark: ColumnElement[int], stored: TableClause | None = None) -> Select[Any]:
        """Return the events to write: what is new, and what is near it, cut anew.

        All stored events of a stretch between two pauses are among them, also those that stay as
        they are: a late event can end a session of which none of its own events changes.

        Parameters
        ----------
        mark
            The mark of what is written, greater than every mark of the events and sessions.
        stored
            The events that are there.
        """
        names = self.job.names
        there = names.events if stored is None else stored
        new = fresh(names, self.job.arriving(Bounds(), there), there, self.job.loaded_at)
        new_ = new.cte("fresh")
        runs = touched(names, new_, there).cte("touched")
        return cut(names, pool(names, new_, near(names, runs, there)), mark)

    def sessions(
        self, mark: ColumnElement[int] | None = None, events: TableClause | None = None
    ) -> Select[Any]:
        """Return the sessions of the events behind a mark, each whole; of all events without one.

        Parameters
        ----------
        mark
            The greatest mark that the sessions have.
        events
            The events.
        """
        rows = self.job.names.events if events is None else events
        where = [] if mark is None else [rows.c[CHANGED_IN] > mark]
        return changed(self.job.names, rows, *where)

    def stale(
        self,
        mark: ColumnElement[int],
        events: TableClause | None = None,
        sessions: TableClause | None = None,
    ) -> Select[Any]:
        """Return the ids of the stored sessions that those replace.

        Parameters
        ----------
        mark
            The greatest mark that the sessions have.
        events, sessions
            The tables.
        """
        names = self.job.names
        rows = names.events if events is None else events
        there = names.sessions if sessions is None else sessions
        return stale(rows, there, rows.c[CHANGED_IN] > mark)

    def numbered(self, sessions: TableClause | None = None) -> Select[Any]:
        """Return the sessions with their ordinals and why each began, derived when it is asked."""
        return numbered(self.job.names, self.job.names.sessions if sessions is None else sessions)
