"""What is done to a target within one transaction."""

from collections.abc import Iterable, Set
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from sqlalchemy import ColumnElement, delete, func, select

from clicksession.errors import ParameterError, RulesChangedError
from clicksession.readers.rows.duplicates.keys import EVENT_ID, RowKey, as_said
from clicksession.schema import EventSchema
from clicksession.scratch import scratch
from clicksession.writers.merging.addition import Addition, check_columns
from clicksession.writers.merging.changes import changes_table, record_changes
from clicksession.writers.merging.incoming import Incoming
from clicksession.writers.merging.merge import Merge
from clicksession.writers.merging.neighbourhood import looked_at, users_of
from clicksession.writers.merging.remapping import Remapped
from clicksession.writers.report import WriteReport
from clicksession.writers.tables.access import Access
from clicksession.writers.tables.conversions import counting
from clicksession.writers.tables.keeping import keeping
from clicksession.writers.tables.layout import fitted
from clicksession.writers.tables.manifest import FileRecord, Manifest
from clicksession.writers.tables.misfits import find_misfits, quarantine_table, record_misfits
from clicksession.writers.tables.target import Target, stored_target
from clicksession.writers.tables.vocabulary import keep_vocabulary

__all__ = ["Held", "Work"]

_OTHER_IDS = (
    "delete_between() and delete_user() delete there. To take a file back, leave it out and reload "
    "its time from the other files: run(others, target, since=…, until=…)."
)


@dataclass(frozen=True)
class Held:
    """What a target holds, as far as a run goes by it.

    Attributes
    ----------
    files
        Those that it holds whole, as the store described them then.
    filled
        Those of the columns that were asked about in which some event has a value.
    columns
        The columns of the events, but for what the library adds.
    looked_at
        Which columns of events sessions are made of, beside the user and the time. None, unless a
        whole log can be loaded at once: where there are no tables yet.
    """

    files: Set[FileRecord]
    filled: frozenset[str]
    columns: frozenset[str]
    looked_at: tuple[str, ...] | None


@dataclass(frozen=True)
class Work:
    """What can be done to a target."""

    access: Access

    @property
    def manifest(self) -> Manifest:
        """What the target remembers."""
        return Manifest(self.access.connection, self.access.tables)

    def target(self) -> Target | None:
        """Return the tables as they are, or None where they are not."""
        return stored_target(self.access.connection, self.access.tables)

    def held(self, target: Target | None, names: Iterable[str]) -> "Held":
        """Return what the target holds, and those of some columns that have a value there."""
        columns = {} if target is None else dict(target.events.c.items())
        some = {
            n: select(columns[n]).where(columns[n].is_not(None)).limit(1)
            for n in names
            if n in columns
        }
        run = self.access.connection.execute
        return Held(
            files=self.manifest.known_files(),
            filled=frozenset(
                name for name, query in some.items() if run(query).first() is not None
            ),
            columns=frozenset(columns) - {"session_id"},
            looked_at=self._looked_at() if target is None else None,
        )

    def _looked_at(self) -> tuple[str, ...] | None:
        access, loader = self.access, self.access.loader
        if not loader.takes_streams or loader.wants_users_together:
            return None
        return looked_at(access.rules, access.tables.kept)

    def counting(self) -> "Work":
        """Return the work on a target whose sessions count and keep what they are to."""
        return Work(keeping(counting(self.access)))

    def going_on(self) -> "Work":
        """Return the work on a target that counts, and refuse rules that did not make it."""
        if self.access.tables.holds(self.access.connection, self.manifest.runs):
            self.manifest.check(self.access.rules, None)
        return self.counting()

    def write(
        self, incoming: Incoming, schema: EventSchema | None, key: RowKey | None = None
    ) -> WriteReport:
        """Add the events that are not stored yet, and record the run and its files."""
        addition = Addition(self.access, incoming)
        addition.add()
        addition.finish()
        run = self.manifest.record_run(self.access.rules, schema, addition.report, key)
        self._record_changes(addition.logs, run)
        for misfits, names in addition.aside:
            record_misfits(self.access, misfits, names, run)
        self.manifest.record_parts(incoming.files, addition.added.tolist(), run, self.access.loader)
        return addition.report

    def rebuild(self, schema: EventSchema | None) -> WriteReport:
        """Cut all stored events anew, and map their fields by another schema if there is one."""
        target = self.target()
        if target is None:
            return WriteReport()
        keep_vocabulary(self.access, schema)
        old = self.manifest.schema() or EventSchema()
        if schema is not None and schema != old:
            return self._remap(target, (old, schema))
        # Tables lack a column in which no event has had a value: rules about it are good rules.
        names = target.events.c.keys()
        check_columns(self.access.rules, names, "SQLWriter.rebuild", only_misspelt=True)
        everyone = users_of(self.access, target, target.events.c.timestamp.is_not(None))
        return self._resettle(target, everyone)

    def prepare(self, incoming: Incoming) -> None:
        """Bring the tables up to what comes, where this cannot be a part of the transaction."""
        if not self.access.loader.ddl_commits:
            return
        Addition(self.access, incoming).prepare()
        if self.access.asked.log_changes:
            self.access.made(changes_table(self.access.tables))
        if self.access.asked.on_misfit == "quarantine":
            self.access.made(quarantine_table(self.access.tables))

    def _remap(self, target: Target, schemas: tuple[EventSchema, EventSchema]) -> WriteReport:
        """Replace all stored events by what another schema makes of them."""
        if self.manifest.key() != EVENT_ID:
            raise RulesChangedError(
                target.events.name,
                f"its ids were made by drop_duplicates={as_said(self.manifest.key())}, "
                "and another schema would make others",
                "Read the files again into other tables: run(…, tables=Tables(prefix=…)).",
            )
        with scratch() as folder:
            remapped = Remapped(self.access, target, schemas, folder)
            self.prepare(remapped)
            events, sessions = self._counts(target)
            for table in (target.events, target.sessions):
                self.access.connection.execute(delete(table))
            self.write(remapped, schemas[1])
            events_now, sessions_now = self._counts(target)
        return WriteReport(
            events_deleted=events - events_now,
            sessions_added=sessions_now,
            sessions_removed=sessions,
        )

    def _counts(self, target: Target) -> tuple[int, ...]:
        counted = (select(func.count()).select_from(t) for t in (target.events, target.sessions))
        return tuple(self.access.connection.execute(each).scalar_one() for each in counted)

    def delete(self, target: Target, where: ColumnElement[bool]) -> WriteReport:
        """Delete the events that a condition picks, and cut anew what their users have left."""
        users, connection = users_of(self.access, target, where), self.access.connection
        # Not the driver's row count: duckdb-engine has none.
        deleted = connection.execute(select(func.count()).where(where)).scalar_one()
        connection.execute(delete(target.events).where(where))
        return self._resettle(target, users, deleted)

    def delete_rows(self, rows: pa.Table, *, file: str | None = None) -> WriteReport:
        """Delete the events that have the ids of some rows, and forget the file they came from.

        Raises
        ------
        ParameterError
            The ids of the target are not the log's own.
        """
        target, access = self.target(), self.access
        if target is None:
            return WriteReport()
        if (key := self.manifest.key()) != EVENT_ID:
            must = "of a target whose ids are the log's own"
            got = f"one whose ids were made by drop_duplicates={as_said(key)}"
            raise ParameterError("SQLWriter.delete_events", "events", must, got, _OTHER_IDS)
        # An id that the column cannot keep is not stored.
        misfits = find_misfits(rows, target).rows
        kept = rows.take(pa.array(np.delete(np.arange(rows.num_rows), misfits)))
        ids, column = fitted(kept, target), target.events.c.event_id
        with access.staged("unwanted", ids, event_id=column.type) as unwanted:
            report = self.delete(target, column.in_(select(unwanted.c.event_id)))
        if file is not None:
            self.manifest.forget_file(file)
        return report

    def _resettle(self, target: Target, users: pa.Table, deleted: int = 0) -> WriteReport:
        """Cut all that is stored of some users anew."""
        report, logs = Merge(self.access, target).resettle(users)
        report += WriteReport(events_deleted=deleted)
        run = self.manifest.record_run(self.access.rules, None, report)
        self._record_changes(logs, run)
        return report

    def _record_changes(self, logs: list[pa.Table], run: int) -> None:
        if self.access.asked.log_changes:
            record_changes(self.access, logs, run)
