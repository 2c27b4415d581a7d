"""What is done to a target within one transaction."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from sqlalchemy import ColumnElement, delete, func, select

from clicksession.errors import ParameterError, did_you_mean
from clicksession.schema import EventSchema
from clicksession.writers.access import Access
from clicksession.writers.changes import record_changes
from clicksession.writers.incoming import Incoming
from clicksession.writers.layout import (
    Target,
    arrow_type,
    fitted,
    index_target,
    open_target,
    stored_target,
)
from clicksession.writers.manifest import Manifest
from clicksession.writers.merge import Merge
from clicksession.writers.neighbourhood import stored_of_users
from clicksession.writers.report import WriteReport
from clicksession.writers.storable import storable

__all__ = ["Work"]

Flags = npt.NDArray[np.bool_]


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

    def write(self, incoming: Incoming, schema: EventSchema | None) -> WriteReport:
        """Add the events that are not stored yet, and record the run and its files."""
        report, logs, filled = WriteReport(), [], None
        added = np.zeros(len(incoming.files), dtype=np.int64)
        for number, part in enumerate(incoming.parts()):
            self._check_columns(part.events)
            batch = storable(part.events)
            rows, new = batch.rows, np.zeros(batch.rows.num_rows, dtype=bool)
            done = WriteReport()
            if rows.num_rows:
                target = open_target(self.access, rows)
                if target.is_empty and incoming.is_disjoint and not number:
                    filled = target
                merge, rows = Merge(self.access, target), fitted(rows, target)
                new = merge.is_new(rows) if filled is None else np.ones(rows.num_rows, dtype=bool)
                if new.any():
                    add = merge.add if filled is None else merge.fill
                    done, log = add(rows.filter(pa.array(new)))
                    logs.append(log)
            duplicates = rows.num_rows + batch.duplicates - done.events_added
            report += done + WriteReport(rows=duplicates, duplicates=duplicates)
            if len(added):
                added += np.bincount(part.files[batch.kept[new]], minlength=len(added))
        if filled is not None:
            index_target(self.access, filled)
        run = self.manifest.record_run(self.access.rules, schema, report)
        self._record_changes(logs, run)
        for file, count in zip(incoming.files, added.tolist(), strict=True):
            self.manifest.record_part(file, count, run)
        return report

    def _check_columns(self, events: pd.DataFrame) -> None:
        """Refuse a frame without a column that the rules look at."""
        columns = list(map(str, events.columns))
        for name in self.access.rules.columns:
            if name not in columns:
                must = f"about columns of the frame ({', '.join(columns)})"
                hint = did_you_mean(name, columns)
                raise ParameterError("SQLWriter.write", "rules", must, name, hint)

    def delete(self, target: Target, where: ColumnElement[bool]) -> WriteReport:
        """Delete the events that a condition picks, and cut anew what their users have left."""
        self.manifest.check(self.access.rules, None)
        users, connection = self.users(target, where), self.access.connection
        # Not the driver's row count: duckdb-engine has none.
        deleted = connection.execute(select(func.count()).where(where)).scalar_one()
        connection.execute(delete(target.events).where(where))
        return self.resettle(target, users, deleted)

    def users(self, target: Target, where: ColumnElement[bool]) -> pa.Table:
        """Return the users of the events that a condition picks."""
        user = target.events.c.user_id
        schema = pa.schema({"user_id": arrow_type(user.type)})
        chosen = select(user).where(where, user.is_not(None)).distinct()
        return self.access.loader.fetch(self.access.connection, chosen, schema)

    def resettle(self, target: Target, users: pa.Table, deleted: int = 0) -> WriteReport:
        """Cut all that is stored of some users anew."""
        merge, report, logs = Merge(self.access, target), WriteReport(), []
        for stored in stored_of_users(self.access, target, users):
            done, log = merge.settle(stored)
            report += done
            logs.append(log)
        report += WriteReport(events_deleted=deleted)
        run = self.manifest.record_run(self.access.rules, None, report)
        self._record_changes(logs, run)
        return report

    def _record_changes(self, logs: list[pa.Table], run: int) -> None:
        if self.access.logs_changes:
            record_changes(self.access, logs, run)
