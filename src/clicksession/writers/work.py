"""What is done to a target within one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, delete, func, select

from clicksession.rules import Rules
from clicksession.schema import EventSchema
from clicksession.sql.tables import Tables
from clicksession.writers.bulk.rows import RowLoader
from clicksession.writers.layout import (
    Target,
    arrow_type,
    fitted,
    open_target,
    stored_target,
)
from clicksession.writers.manifest import FilePart, Manifest
from clicksession.writers.merge import Merge, changes_table
from clicksession.writers.neighbourhood import stored_around, stored_of_users
from clicksession.writers.report import WriteReport
from clicksession.writers.storable import Storable

__all__ = ["Work"]


@dataclass(frozen=True)
class Work:
    """One transaction's access to a target, by some rules."""

    connection: Connection
    loader: RowLoader
    tables: Tables
    rules: Rules
    logs_changes: bool

    @property
    def manifest(self) -> Manifest:
        """What the target remembers."""
        return Manifest(self.connection, self.tables)

    def target(self) -> Target | None:
        """Return the tables as they are, or None where they are not."""
        return stored_target(self.connection, self.tables)

    def write(
        self, batch: Storable, schema: EventSchema | None, files: Sequence[FilePart]
    ) -> WriteReport:
        """Add the events of a batch that are not stored yet, and record the run and its files."""
        rows, is_new = batch.rows, np.zeros(batch.rows.num_rows, dtype=bool)
        report, log = WriteReport(), None
        if rows.num_rows:
            target = open_target(self.connection, self.tables, self.loader, rows)
            merge = self._merge(target)
            report, log, is_new = self._added(merge, fitted(rows, target))
        duplicates = rows.num_rows + batch.duplicates - report.events_added
        report += WriteReport(rows=duplicates, duplicates=duplicates)
        run = self.manifest.record_run(self.rules, schema, report)
        if log is not None:
            merge.record_changes(log, run)
        ends = np.cumsum([part.rows for part in files], dtype=np.int64)
        added = np.bincount(
            np.searchsorted(ends, batch.kept[is_new], side="right"), minlength=len(files)
        )
        for part, new in zip(files, added.tolist(), strict=False):
            self.manifest.record_part(part, new, run)
        return report

    def _added(
        self, merge: Merge, rows: pa.Table
    ) -> tuple[WriteReport, pa.Table | None, np.ndarray]:
        """Add rows, and say what that did, what became of which session, and which were new."""
        if merge.target.is_empty:
            return *merge.first_load(rows), np.ones(rows.num_rows, dtype=bool)
        is_new = merge.is_new(rows)
        if not is_new.any():
            return WriteReport(), None, is_new
        new = rows.filter(pa.array(is_new))
        stored = stored_around(self.connection, self.loader, merge.target, new, self.rules)
        return *merge.settle(stored, new), is_new

    def _merge(self, target: Target) -> Merge:
        if self.logs_changes:
            changes = changes_table(self.tables)
            if not self.tables.holds(self.connection, changes):
                changes.create(self.connection)
        return Merge(
            self.connection, self.loader, self.tables, target, self.rules, self.logs_changes
        )

    def delete(self, target: Target, where: ColumnElement[bool]) -> WriteReport:
        """Delete the events that a condition picks, and cut anew what their users have left."""
        self.manifest.check(self.rules, None)
        users = self.users(target, where)
        # Not the driver's row count: duckdb-engine has none.
        deleted = self.connection.execute(select(func.count()).where(where)).scalar_one()
        self.connection.execute(delete(target.events).where(where))
        return self.resettle(target, users, deleted)

    def users(self, target: Target, where: ColumnElement[bool]) -> pa.Table:
        """Return the users of the events that a condition picks."""
        user = target.events.c.user_id
        schema = pa.schema({"user_id": arrow_type(user.type)})
        chosen = select(user).where(where, user.is_not(None)).distinct()
        return self.loader.fetch(self.connection, chosen, schema)

    def resettle(self, target: Target, users: pa.Table, deleted: int = 0) -> WriteReport:
        """Cut all that is stored of some users anew."""
        stored = stored_of_users(self.connection, self.loader, target, users)
        merge = self._merge(target)
        report, log = merge.settle(stored)
        report += WriteReport(events_deleted=deleted)
        run = self.manifest.record_run(self.rules, None, report)
        merge.record_changes(log, run)
        return report
