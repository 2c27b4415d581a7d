"""What is done to a target within one transaction."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import ColumnElement, delete, func, select

from clicksession.errors import ParameterError, WriteError, did_you_mean
from clicksession.schema import EventSchema
from clicksession.writers.access import Access
from clicksession.writers.changes import record_changes
from clicksession.writers.columns import arrow_type
from clicksession.writers.incoming import NO_FILE, Incoming, Part
from clicksession.writers.layout import (
    fitted,
    index_target,
    open_target,
    stored_target,
)
from clicksession.writers.manifest import Manifest
from clicksession.writers.merge import Merge
from clicksession.writers.misfits import Misfits, find_misfits, record_misfits
from clicksession.writers.neighbourhood import stored_of_users
from clicksession.writers.remapping import Remapped
from clicksession.writers.report import WriteReport
from clicksession.writers.storable import storable
from clicksession.writers.target import Target

__all__ = ["Work"]


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
        aside: list[tuple[Misfits, list[str | None]]] = []
        columns: set[str] = set()
        for number, part in enumerate(incoming.parts()):
            columns.update(map(str, part.events.columns))
            batch = storable(part.events)
            rows, kept, done = batch.rows, batch.kept, WriteReport()
            if rows.num_rows and self.access.on_misfit != "widen":
                misfits = self._misfits(rows)
                names = _files_of(incoming, part, kept[misfits.rows])
                aside.append((misfits, names))
                stays = np.delete(np.arange(rows.num_rows), misfits.rows)
                rows, kept = rows.take(pa.array(stays)), kept[stays]
            if rows.num_rows:
                target = self._opened(rows)
                if target.is_empty and not number and incoming.is_disjoint:
                    filled = target
                merge, rows = Merge(self.access, target), fitted(rows, target)
                is_new = np.ones(rows.num_rows, bool) if filled else merge.is_new(rows)
                if is_new.any():
                    add = merge.fill if filled else merge.add
                    done, log = add(rows.filter(pa.array(is_new)))
                    logs.append(log)
                if len(added):
                    files = part.files[kept[is_new]]
                    added += np.bincount(files[files != NO_FILE], minlength=len(added))
            refused = batch.rows.num_rows - rows.num_rows
            duplicates = rows.num_rows + batch.duplicates - done.events_added
            report += done + WriteReport(
                rows=duplicates + refused, duplicates=duplicates, refused=refused
            )
        if columns:
            self._check_columns(columns)
        if filled is not None:
            index_target(self.access, filled)
        run = self.manifest.record_run(self.access.rules, schema, report)
        self._record_changes(logs, run)
        for misfits, names in aside:
            record_misfits(self.access, misfits, names, run)
        for file, count in zip(incoming.files, added.tolist(), strict=True):
            self.manifest.record_part(file, count, run)
        return report

    def _check_columns(self, columns: set[str]) -> None:
        """Refuse rules about a column that no event, new or stored, could have a value in."""
        there = self.target()
        known = columns | ({column.name for column in there.events.c} if there else set())
        for name in self.access.rules.columns:
            if name not in known:
                must = f"about columns of the events ({', '.join(sorted(known))})"
                hint = did_you_mean(name, known)
                raise ParameterError("SQLWriter.write", "rules", must, name, hint)

    def _opened(self, rows: pa.Table) -> Target:
        """Return the tables, brought up to these rows; what does not fit is in them no more."""
        there = self.target()
        if there is not None and self.access.on_misfit != "widen":
            rows = fitted(rows, there)
        return open_target(self.access, rows)

    def _misfits(self, rows: pa.Table) -> Misfits:
        """Return the rows that the columns as they are cannot keep."""
        there = self.target()
        misfits = find_misfits(rows, there) if there else Misfits.none()
        if len(misfits.rows) and self.access.on_misfit == "raise":
            raise WriteError(
                self.access.tables.events.name,
                f"a value of column {misfits.columns[0]!r} does not fit, {misfits.reasons[0]}: "
                f"{misfits.events[0]}",
                "Convert the column, or have it widened with on_misfit='widen'.",
            )
        return misfits

    def remap(self, target: Target, schemas: tuple[EventSchema, EventSchema]) -> WriteReport:
        """Replace all stored events by what another schema makes of them."""
        with TemporaryDirectory(prefix="clicksession-") as folder:
            remapped = Remapped(self.access, target, schemas, Path(folder))
            for part in remapped.parts():
                # Before anything goes: where a table cannot be altered without a commit, the
                # events must still be there then.
                open_target(self.access, storable(part.events).rows)
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


def _files_of(incoming: Incoming, part: Part, rows: npt.NDArray[np.int64]) -> list[str | None]:
    """Return the name of the file that each of these rows of a part came from."""
    if not len(part.files):
        return [None] * len(rows)
    numbers = part.files[rows].tolist()
    return [None if n == NO_FILE else incoming.files[n].file.name for n in numbers]
