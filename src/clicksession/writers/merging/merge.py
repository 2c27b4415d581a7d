"""Bring stored events and sessions from one state to the next, within a transaction.

New events are added by `add`. Everything else that changes a target goes through
`settle`: some stored sessions are taken with the events that stay, what results is
cut anew, and what differs is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Table, delete, select, update

from clicksession.ahead import ahead
from clicksession.arrow import in_one, with_fields
from clicksession.engines.arrays import Split
from clicksession.sql.tables import Key
from clicksession.writers.merging.changes import Changes, all_new, changes_between
from clicksession.writers.merging.edges import with_edges
from clicksession.writers.merging.joining import join_sessions
from clicksession.writers.merging.neighbourhood import (
    Stored,
    rows_in_order,
    session_rows,
    sessions_around,
    split_rows,
    stored_of_users,
)
from clicksession.writers.report import WriteReport
from clicksession.writers.tables.access import Access
from clicksession.writers.tables.columns import INSTANT, arrow_type
from clicksession.writers.tables.conflicts import WHOSE
from clicksession.writers.tables.target import Target

__all__ = ["Merge"]

# What never changes of a session that keeps its id, which tells it.
_TOLD = ("session_id", "user_id", "started_at")

# So many events are copied into another order at a time.
_ROWS_PER_LOAD = 100_000


@dataclass(frozen=True)
class Merge:
    """A target that is being written to."""

    access: Access
    target: Target

    def fill(self, new: pa.Table) -> tuple[WriteReport, pa.Table]:
        """Add events of users of which nothing is stored, to tables without indexes."""
        split = split_rows(new, self.access.rules)
        sessions = session_rows(self.target, split, new)
        self._load_events(new, split, split.ids)
        loader = self.access.loader
        fill = loader.fill if self.target.is_made_here else loader.load
        fill(self.access.connection, self.target.sessions, sessions)
        return _report_of_new(new, split), all_new(sessions)

    def cut(self, new: pa.Table) -> tuple[Iterator[pa.Table], pa.Table, WriteReport]:
        """Return such events with the ids of their sessions, and these, without loading either."""
        split = split_rows(new, self.access.rules)
        events = self._in_place(new, split, split.ids)
        return events, session_rows(self.target, split, new), _report_of_new(new, split)

    def stored(self, rows: pa.Table) -> pa.Table:
        """Return the id, user and time of those stored events that have the id of a row."""
        events = self.target.events
        kinds = {name: arrow_type(events.c[name].type) for name in WHOSE}
        schema = {**kinds, "event_id": rows.schema.field("event_id").type, "timestamp": INSTANT}
        ids = rows.select(["event_id"])
        with self.access.staged("incoming", ids, event_id=events.c.event_id.type) as incoming:
            known = select(*(events.c[name] for name in WHOSE)).join(
                incoming, events.c.event_id == incoming.c.event_id
            )
            return self.access.loader.fetch(self.access.connection, known, pa.schema(schema))

    def add(self, new: pa.Table) -> tuple[WriteReport, pa.Table]:
        """Add events that are not stored yet, and bring the sessions that they touch up to date."""
        for table in (self.target.events, self.target.sessions):
            self.access.loader.describe(self.access.connection, table)
        return self._join(new) if self.access.rules.gaps_decide else self._recut(new)

    def _recut(self, new: pa.Table) -> tuple[WriteReport, pa.Table]:
        """Add events, and cut all sessions of their users anew."""
        users = new["user_id"]
        # Whoever's they are not, they belong to no session.
        report, log = self.fill(new.filter(pc.is_null(users)))
        logs = [log]
        everyone = pa.table({"user_id": pc.unique(users.drop_null())})
        for stored in stored_of_users(self.access, self.target, everyone):
            theirs = pc.is_in(users, value_set=in_one(stored.users["user_id"]))
            done, log = self.settle(stored, new.filter(theirs))
            report += done
            logs.append(log)
        return report, pa.concat_tables(logs)

    def _join(self, new: pa.Table) -> tuple[WriteReport, pa.Table]:
        """Add events to sessions of which only the stretches are read, and not the events."""
        split = split_rows(new, self.access.rules)
        stored = sessions_around(self.access, self.target, split)
        coming = session_rows(self.target, split, new)
        reach, counts = self.access.rules.longest_gap(1000), self.access.tables.count_columns
        joined = join_sessions(stored, coming, reach, counts)
        self._rename(stored, joined.stored_ids)
        self._load_events(new, split, joined.new_ids)
        before = in_one(stored["session_id"])
        sessions = with_edges(self.access, self.target, joined, stored, coming)
        changes = changes_between(
            stored, sessions, before, joined.stored_ids, logged=self.access.asked.log_changes
        )
        self._update_sessions(changes)
        return _report(new, new.num_rows - len(split.rows), changes), changes.log

    def resettle(self, users: pa.Table) -> tuple[WriteReport, list[pa.Table]]:
        """Cut all that is stored of some users anew."""
        report, logs = WriteReport(), []
        for stored in stored_of_users(self.access, self.target, users):
            done, log = self.settle(stored)
            report += done
            logs.append(log)
        return report, logs

    def settle(self, stored: Stored, new: pa.Table | None = None) -> tuple[WriteReport, pa.Table]:
        """Cut stored sessions anew, together with new events, and write what differs.

        `stored.events` are the events that stay; `stored.sessions` all sessions that any of them,
        or of those that went, belonged to.
        """
        kept = stored.events.drop_columns("session_id")
        together = kept
        if new is not None:
            together = pa.concat_tables([kept, with_fields(new, kept.schema)])
        split = split_rows(together, self.access.rules)
        ids = split.ids.take(split.per_row())
        now, added_ids = ids.slice(0, kept.num_rows), ids.slice(kept.num_rows)
        self._move(stored.events, now)
        if new is not None:
            self._load(self.target.events, new.append_column("session_id", added_ids))
        before = in_one(stored.events["session_id"])
        changes = changes_between(
            stored.sessions,
            session_rows(self.target, split, together),
            before,
            now,
            logged=self.access.asked.log_changes,
        )
        self._update_sessions(changes)
        return _report(new, added_ids.null_count, changes), changes.log

    def _rename(self, stored: pa.Table, ids: pa.Array) -> None:
        """Give the events of stored sessions the ids that these have now."""
        moved = pc.not_equal(stored["session_id"], ids)
        stretch = self.target.stretch
        rows = stored.select(list(stretch)).append_column("becomes", ids).filter(moved)
        if not rows.num_rows:
            return
        with self.access.staged("renamed", rows, **stretch, becomes=Key()) as renamed:
            become = update(self.target.events).values(session_id=renamed.c.becomes)
            self.access.connection.execute(become.where(self.target.are_in(renamed)))

    def _move(self, stored: pa.Table, ids: pa.Array) -> None:
        """Give stored events the ids of the sessions that they are in now."""
        moved = pc.not_equal(pc.fill_null(stored["session_id"], ""), pc.fill_null(ids, ""))
        rows = stored.select(["event_id"]).append_column("session_id", ids).filter(moved)
        if not rows.num_rows:
            return
        events = self.target.events
        types = {"event_id": events.c.event_id.type, "session_id": Key()}
        with self.access.staged("moved", rows, **types) as moves:
            self.access.connection.execute(
                update(events)
                .where(events.c.event_id == moves.c.event_id)
                .values(session_id=moves.c.session_id)
            )

    def _update_sessions(self, changes: Changes) -> None:
        """Bring the stored sessions up to date."""
        sessions, connection = self.target.sessions, self.access.connection
        if len(changes.gone):
            ids = pa.table({"session_id": changes.gone})
            with self.access.staged("gone", ids, session_id=Key()) as gone:
                are_gone = sessions.c.session_id.in_(select(gone.c.session_id))
                connection.execute(delete(sessions).where(are_gone))
        if changes.changed.num_rows:
            types = {column.name: column.type for column in sessions.c}
            with self.access.staged("changed", changes.changed, **types) as changed:
                # Not the user and the start, which the id tells: no index needs to know.
                values = {name: changed.c[name] for name in types if name not in _TOLD}
                is_same = sessions.c.session_id == changed.c.session_id
                connection.execute(update(sessions).where(is_same).values(values))
        self._load(sessions, changes.came)

    def _load_events(self, new: pa.Table, split: Split, ids: pa.Array) -> None:
        """Add events with the ids of the sessions of a split."""
        for rows in ahead(self._in_place(new, split, ids)):
            self._load(self.target.events, rows)

    def _in_place(self, new: pa.Table, split: Split, ids: pa.Array) -> Iterator[pa.Table]:
        """Yield events with the ids of the sessions of a split, in the order that serves best."""
        if self.access.loader.wants_users_together:
            yield from _ordered(new, split, ids)
        else:
            yield new.append_column("session_id", ids.take(split.per_row()))

    def _load(self, table: Table, rows: pa.Table) -> None:
        self.access.loader.load(self.access.connection, table, rows)


def _report_of_new(new: pa.Table, split: Split) -> WriteReport:
    return WriteReport(
        rows=new.num_rows,
        events_added=new.num_rows,
        events_without_session=new.num_rows - len(split.rows),
        sessions_added=len(split.starts),
    )


def _ordered(new: pa.Table, split: Split, ids: pa.Array) -> Iterator[pa.Table]:
    """Yield events in order of user and time, some at a time, with the ids of their sessions."""
    order, sessions = rows_in_order(split)
    for start in range(0, len(order), _ROWS_PER_LOAD):
        rows = new.take(pa.array(order[start : start + _ROWS_PER_LOAD]))
        theirs = ids.take(sessions.slice(start, _ROWS_PER_LOAD))
        yield rows.append_column("session_id", theirs)


def _report(new: pa.Table | None, alone: int, changes: Changes) -> WriteReport:
    added = 0 if new is None else new.num_rows
    return WriteReport(
        rows=added,
        events_added=added,
        events_without_session=alone,
        sessions_added=changes.came.num_rows,
        sessions_changed=changes.changed.num_rows,
        sessions_removed=len(changes.gone),
    )
