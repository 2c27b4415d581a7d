"""Bring stored events and sessions from one state to the next, within a transaction.

Everything that changes a target goes through `settle`: some stored sessions are
taken with their events, events are added or left out, what results is cut anew,
and what differs is written.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import BigInteger, Column, Connection, Table, delete, select, update

from clicksession.rules import Rules
from clicksession.sql.tables import Key, Tables
from clicksession.writers.bulk.rows import RowLoader
from clicksession.writers.changes import Changes, changes_between
from clicksession.writers.layout import Target, index_target
from clicksession.writers.neighbourhood import Stored, session_rows, split_rows
from clicksession.writers.report import WriteReport

__all__ = ["Merge"]

_KEYS = ["event_id", "user_id", "timestamp"]


@dataclass(frozen=True)
class Merge:
    """A target that is being written to, by some rules."""

    connection: Connection
    loader: RowLoader
    tables: Tables
    target: Target
    rules: Rules
    logs_changes: bool = False

    def first_load(self, rows: pa.Table) -> tuple[WriteReport, pa.Table]:
        """Fill empty tables: nothing is stored that could be affected."""
        split = split_rows(rows, self.rules)
        ids = split.ids.take(split.per_row())
        sessions = session_rows(split)
        self.loader.load(self.connection, self.target.events, rows.append_column("session_id", ids))
        self.loader.load(self.connection, self.target.sessions, sessions)
        if self.loader.wants_indexes and self.loader.indexes_after_load:
            index_target(self.connection, self.target)
        report = WriteReport(
            rows=rows.num_rows,
            events_added=rows.num_rows,
            events_without_session=ids.null_count,
            sessions_added=sessions.num_rows,
        )
        names = sessions["session_id"].combine_chunks()
        log = {"old_session_id": pa.nulls(len(names), names.type), "new_session_id": names}
        return report, pa.table(log)

    def is_new(self, rows: pa.Table) -> npt.NDArray[np.bool_]:
        """Say of each row whether its event is not in the table yet."""
        kind = rows.schema.field("event_id").type
        events = self.target.events
        ids = rows.select(["event_id"])
        with self.loader.staged(
            self.connection, "incoming", ids, event_id=events.c.event_id.type
        ) as incoming:
            known = select(events.c.event_id).join(
                incoming, events.c.event_id == incoming.c.event_id
            )
            found = self.loader.fetch(self.connection, known, pa.schema({"event_id": kind}))
        stored = pc.is_in(rows["event_id"], value_set=found["event_id"].combine_chunks())
        return ~np.asarray(stored, dtype=bool)

    def settle(self, stored: Stored, new: pa.Table | None = None) -> tuple[WriteReport, pa.Table]:
        """Cut stored sessions anew, together with new events, and write what differs.

        `stored.events` are the events that stay; `stored.sessions` all sessions that any of them,
        or of those that went, belonged to.
        """
        kept = stored.events.select(_KEYS)
        together = kept
        if new is not None:
            together = pa.concat_tables([kept, new.select(_KEYS).cast(kept.schema)])
        split = split_rows(together, self.rules)
        ids = split.ids.take(split.per_row())
        now, added_ids = ids.slice(0, kept.num_rows), ids.slice(kept.num_rows)
        self._move(stored.events, now)
        if new is not None:
            rows = new.append_column("session_id", added_ids)
            self.loader.load(self.connection, self.target.events, rows)
        before = stored.events["session_id"].combine_chunks()
        changes = changes_between(stored.sessions, session_rows(split), before, now)
        self._replace_sessions(changes)
        added = 0 if new is None else new.num_rows
        report = WriteReport(
            rows=added,
            events_added=added,
            events_without_session=added_ids.null_count,
            sessions_added=changes.added,
            sessions_changed=changes.changed,
            sessions_removed=changes.removed,
        )
        return report, changes.log

    def record_changes(self, log: pa.Table, run: int) -> None:
        """Add what became of which session to the change log, where one is kept."""
        if not self.logs_changes or not log.num_rows:
            return
        table = changes_table(self.tables)
        self.loader.load(
            self.connection, table, log.append_column("run_id", pa.array(np.full(len(log), run)))
        )

    def _move(self, stored: pa.Table, ids: pa.Array) -> None:
        """Give stored events the ids of the sessions that they are in now."""
        moved = pc.not_equal(stored["session_id"], ids)
        rows = stored.select(["event_id"]).append_column("session_id", ids).filter(moved)
        if not rows.num_rows:
            return
        events = self.target.events
        with self.loader.staged(
            self.connection, "moved", rows, event_id=events.c.event_id.type, session_id=Key()
        ) as moves:
            self.connection.execute(
                update(events)
                .where(events.c.event_id == moves.c.event_id)
                .values(session_id=moves.c.session_id)
            )

    def _replace_sessions(self, changes: Changes) -> None:
        sessions = self.target.sessions
        if len(changes.outdated):
            ids = pa.table({"session_id": changes.outdated})
            with self.loader.staged(self.connection, "outdated", ids, session_id=Key()) as gone:
                outdated = sessions.c.session_id.in_(select(gone.c.session_id))
                self.connection.execute(delete(sessions).where(outdated))
        self.loader.load(self.connection, sessions, changes.current)


def changes_table(tables: Tables) -> Table:
    """Return the change log: which session id became which, by which run."""
    return tables.table(
        "session_changes",
        Column("run_id", BigInteger(), nullable=False),
        Column("old_session_id", Key()),
        Column("new_session_id", Key()),
    )
