"""Add what comes to a target, part by part."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.arrow import in_one
from clicksession.errors import ParameterError, WriteError, did_you_mean
from clicksession.rules import Rules
from clicksession.writers.access import Access
from clicksession.writers.columns import family_of
from clicksession.writers.conflicts import WHOSE, Conflicts, conflicts_of
from clicksession.writers.incoming import NO_FILE, Incoming, Part
from clicksession.writers.layout import (
    fitted,
    index_target,
    open_target,
    restore_indexes,
)
from clicksession.writers.merge import Merge
from clicksession.writers.misfits import Misfits, find_misfits
from clicksession.writers.neighbourhood import users_of
from clicksession.writers.report import WriteReport
from clicksession.writers.storable import storable
from clicksession.writers.target import Target, stored_target

__all__ = ["Addition", "check_columns"]

# From so many events on, a look at the tables takes no time beside that of loading them.
_LARGE = 2_000_000


class Addition:
    """One transaction's new events, and what became of them so far.

    Attributes
    ----------
    report
        What was done.
    logs
        Which session ids became which.
    added
        How many events each file added.
    aside
        Rows that a column cannot keep, each with the name of its file.
    """

    def __init__(self, access: Access, incoming: Incoming) -> None:
        self.report = WriteReport()
        self.logs: list[pa.Table] = []
        self.added = np.zeros(len(incoming.files), dtype=np.int64)
        self.aside: list[tuple[Misfits, list[str | None]]] = []
        self._access = access
        self._incoming = incoming
        self._columns: set[str] = set()
        self._target: Target | None = None
        self._filled: Target | None = None
        self._orders_anew = False

    def add(self, part: Part) -> None:
        """Add the events of a part that are not stored yet."""
        self._columns.update(map(str, part.events.columns))
        batch = storable(part.events)
        rows, kept = self._without_misfits(batch.rows, batch.kept, part)
        done, conflicts = WriteReport(), Conflicts()
        if rows.num_rows:
            target = self._opened(rows, narrows=not self._access.loader.ddl_commits)
            if self._filled is not None:
                target = replace(target, is_made_here=self._filled.is_made_here)
            merge, rows = Merge(self._access, target), fitted(rows, target)
            new, conflicts = self._new(merge, rows, self._fitting(batch.again, target))
            if new.any():
                add = merge.fill if self._filled else merge.add
                done, log = add(rows if new.all() else rows.filter(pa.array(new)))
                self.logs.append(log)
            self._count(part, kept[new])
        refused = batch.rows.num_rows - rows.num_rows
        duplicates = rows.num_rows + batch.duplicates - done.events_added
        self.report += done + WriteReport(
            rows=duplicates + refused,
            duplicates=duplicates,
            refused=refused,
            conflicting=conflicts.count,
            conflict=conflicts.event_id,
        )

    def _new(
        self, merge: Merge, rows: pa.Table, again: pa.Table
    ) -> tuple[npt.NDArray[np.bool_], Conflicts]:
        """Say which rows are of events not stored yet; compare the others with what is kept."""
        if self._filled is not None:
            return np.ones(rows.num_rows, bool), conflicts_of(again, rows.select(WHOSE))
        stored = merge.stored(rows)
        is_stored = pc.is_in(rows["event_id"], value_set=in_one(stored["event_id"]))
        whose = rows.select(WHOSE)
        # Of a stored event it is the stored row that is kept, not the first of these.
        kept = pa.concat_tables([stored, whose.filter(pc.invert(is_stored)).cast(stored.schema)])
        dropped = pa.concat_tables(
            [t.cast(stored.schema) for t in (whose.filter(is_stored), again)]
        )
        return ~np.asarray(is_stored, dtype=bool), conflicts_of(dropped, kept)

    def _fitting(self, rows: pa.Table, target: Target) -> pa.Table:
        """Return those rows that fit the table as it is, in its types."""
        if rows.num_rows and self._access.on_misfit != "widen":
            stays = np.delete(np.arange(rows.num_rows), find_misfits(rows, target).rows)
            rows = rows.take(pa.array(stays))
        return fitted(rows, target)

    def prepare(self) -> None:
        """Alter the tables for all that comes, in a transaction before that of the events."""
        target = None
        for part in self._incoming.parts():
            batch = storable(part.events)
            rows, _ = self._without_misfits(batch.rows, batch.kept, part)
            if rows.num_rows:
                target = self._opened(rows, narrows=True)
        if target is None:
            return
        restore_indexes(self._access, target)
        if self._orders_anew:
            # With the commit of what was altered: nobody else knows that this is to be done.
            self._cut_anew(target)
            self._access.connection.commit()

    def finish(self) -> None:
        """Do what can only be done when all is in."""
        if self._columns:
            self._check_columns()
        if self._filled is not None:
            index_target(self._access, self._filled)
            self._describe(self._filled)
        if self._orders_anew and self._target is not None:
            self._cut_anew(self._target)

    def _describe(self, target: Target) -> None:
        """Have the server look at large tables: it does so by itself, but a minute later."""
        if self.report.events_added >= _LARGE:
            for table in (target.events, target.sessions):
                self._access.loader.describe(self._access.connection, table)

    def _opened(self, rows: pa.Table, *, narrows: bool) -> Target:
        """Return the tables, brought up to these rows."""
        access, before = self._access, self._there()
        if before is not None and access.on_misfit != "widen":
            # What does not fit is in them no more.
            rows = fitted(rows, before)
        target = open_target(access, rows, narrows=narrows)
        is_first, self._target = self._target is None, target
        if is_first and target.is_empty and self._incoming.is_disjoint:
            self._filled = target
        if before is not None:
            # Ids that were numbers sort otherwise as texts, and ids break ties.
            kinds = {family_of(each.events.c.event_id.type) for each in (before, target)}
            self._orders_anew |= len(kinds) > 1 and not access.rules.gaps_decide
        return target

    def _there(self) -> Target | None:
        """Return the tables as they are now, or None where they are not."""
        return self._target or stored_target(self._access.connection, self._access.tables)

    def _without_misfits(
        self, rows: pa.Table, kept: npt.NDArray[np.int64], part: Part
    ) -> tuple[pa.Table, npt.NDArray[np.int64]]:
        """Leave out the rows that the columns as they are cannot keep, unless these widen."""
        there = None if self._access.on_misfit == "widen" else self._there()
        if there is None or not rows.num_rows:
            return rows, kept
        misfits = find_misfits(rows, there)
        if len(misfits.rows) and self._access.on_misfit == "raise":
            raise WriteError(
                self._access.tables.events.name,
                f"a value of column {misfits.columns[0]!r} does not fit, {misfits.reasons[0]}: "
                f"{misfits.events[0]}",
                "Convert the column, or have it widened with on_misfit='widen'.",
            )
        self.aside.append((misfits, self._names(part, kept[misfits.rows])))
        stays = np.delete(np.arange(rows.num_rows), misfits.rows)
        return rows.take(pa.array(stays)), kept[stays]

    def _names(self, part: Part, rows: npt.NDArray[np.int64]) -> list[str | None]:
        """Return the name of the file that each of these rows of a part came from."""
        if not len(part.files):
            return [None] * len(rows)
        files = self._incoming.files
        return [None if n == NO_FILE else files[n].file.name for n in part.files[rows].tolist()]

    def _count(self, part: Part, new: npt.NDArray[np.int64]) -> None:
        if len(self.added):
            files = part.files[new]
            self.added += np.bincount(files[files != NO_FILE], minlength=len(self.added))

    def _check_columns(self) -> None:
        """Refuse rules about a column that no event, new or stored, could have a value in."""
        there = self._there()
        known = self._columns | ({column.name for column in there.events.c} if there else set())
        check_columns(self._access.rules, known, "SQLWriter.write")

    def _cut_anew(self, target: Target) -> None:
        everyone = users_of(self._access, target, target.events.c.timestamp.is_not(None))
        done, logs = Merge(self._access, target).resettle(everyone)
        self.report += done
        self.logs += logs


def check_columns(
    rules: Rules, known: Collection[str], who: str, *, only_misspelt: bool = False
) -> None:
    """Refuse rules about a column that the events do not have; or only one that is like another.

    Raises
    ------
    ParameterError
        With the column, and the nearest that there is.
    """
    for name in rules.columns:
        nearest = did_you_mean(name, known)
        if name not in known and (nearest or not only_misspelt):
            must = f"about columns of the events ({', '.join(sorted(known))})"
            raise ParameterError(who, "rules", must, name, nearest)
