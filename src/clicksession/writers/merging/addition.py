"""Add what comes to a target, part by part."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.ahead import ahead
from clicksession.arrow import in_one
from clicksession.errors import ParameterError, WriteError, did_you_mean
from clicksession.readers.rows.bounding import HINTS, Takes, beyond, crowded
from clicksession.rules import Rules
from clicksession.sql.dialects import common_bounds
from clicksession.writers.logs.shelf import Shelf, shelf
from clicksession.writers.merging.changes import all_new
from clicksession.writers.merging.first_load import FirstLoad, first_load
from clicksession.writers.merging.incoming import NO_FILE, Incoming, Part
from clicksession.writers.merging.merge import Merge
from clicksession.writers.merging.neighbourhood import users_of
from clicksession.writers.report import WriteReport
from clicksession.writers.tables.access import Access
from clicksession.writers.tables.columns import family_of
from clicksession.writers.tables.conflicts import WHOSE, Conflicts, conflicts_of
from clicksession.writers.tables.layout import (
    fits,
    fitted,
    index_target,
    load_in_one,
    open_target,
    restore_indexes,
)
from clicksession.writers.tables.misfits import Misfits, find_misfits, misfits_of
from clicksession.writers.tables.storable import ALWAYS, Storable, storable
from clicksession.writers.tables.target import Target, stored_target

__all__ = ["Addition", "check_columns"]

# From so many events on, a look at the tables takes no time beside that of loading them.
_LARGE = 2_000_000


@dataclass(frozen=True)
class _Coming:
    """What of a part can be stored, and what cannot.

    Attributes
    ----------
    rows
        The distinct events, in the types of a table.
    kept
        The positions in the part that they came from.
    files
        The number of the file of each event of the part.
    again
        The id, user and time of each row that had the id of an earlier one.
    refused
        How many rows are set aside.
    nuls_replaced, ids_shortened
        How many texts were fitted.
    """

    rows: pa.Table
    kept: npt.NDArray[np.int64]
    files: npt.NDArray[np.int64]
    again: pa.Table
    refused: int
    nuls_replaced: int = 0
    ids_shortened: int = 0


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
        # The columns of events that are there, or have come.
        self._taken: set[str] | None = None

    def add(self) -> None:
        """Add the events of all parts that are not stored yet."""
        first = first_load(self._access, self._incoming.log)
        if first is not None:
            self._load(first)
            return
        coming = map(self._read, self._incoming.parts())
        pending: list[_Coming] = []
        while self._is_more(pending, coming):
            target = self._opened(pending[0].rows, narrows=not self._access.loader.ddl_commits)
            if self._filled is not None:
                target = replace(target, is_made_here=self._filled.is_made_here)
            if self._filled is not None and self._access.loader.takes_streams:
                self._fill(target, pending, coming)
            else:
                self._merge(target, pending.pop())

    def _load(self, first: FirstLoad) -> None:
        """Load a log into tables that were not there."""
        self._columns |= first.log.columns
        self._target = self._filled = first.target
        first.load()
        self.logs += first.changes
        self.report += first.report
        self.added += first.added(len(self.added))

    def _is_more(self, pending: list["_Coming"], coming: Iterator["_Coming"]) -> bool:
        """Have the next part pending that has a row to store, and say whether there is one."""
        while not pending:
            one = next(coming, None)
            if one is None:
                return False
            if one.rows.num_rows:
                pending.append(one)
            else:
                self._account(one, WriteReport(), Conflicts())
        return True

    def _read(self, part: Part) -> "_Coming":
        """Return what of a part can be stored."""
        self._columns.update(map(str, part.events.columns))
        batch = self._storable(part)
        rows, kept = self._without_misfits(batch.rows, batch.kept, part)
        refused = batch.rows.num_rows - rows.num_rows
        return _Coming(
            *(rows, kept, part.files, batch.again, refused),
            nuls_replaced=batch.nuls_replaced,
            ids_shortened=batch.ids_shortened,
        )

    def _merge(self, target: Target, one: "_Coming") -> None:
        """Add those events of a part that are not stored yet."""
        merge, rows = Merge(self._access, target), fitted(one.rows, target)
        new, conflicts = self._new(merge, rows, self._fitting(one.again, target))
        done = WriteReport()
        if new.any():
            add = merge.fill if self._filled else merge.add
            done, log = add(rows if new.all() else rows.filter(pa.array(new)))
            self._log(log)
        self._account(one, done, conflicts, new)

    def _fill(self, target: Target, pending: list["_Coming"], coming: Iterator["_Coming"]) -> None:
        """Load parts into empty tables, up to one that these do not fit, which is pending then."""
        with shelf() as sessions:
            events = self._cut(Merge(self._access, target), pending, coming, sessions)
            load_in_one(self._access, target.events, ahead(events))
            load_in_one(
                self._access, target.sessions, sessions.tables(), is_fresh=target.is_made_here
            )

    def _cut(
        self, merge: Merge, pending: list["_Coming"], coming: Iterator["_Coming"], sessions: Shelf
    ) -> Iterator[pa.Table]:
        """Yield the events of the parts with their sessions' ids, and put those on the shelf.

        No statement may be run meanwhile: the database is in the middle of one.
        """
        # The tables were opened for the first, which may still be of types that go into theirs.
        is_opened = True
        while self._is_more(pending, coming):
            if not is_opened and not fits(pending[0].rows, merge.target.events):
                return
            one, is_opened = pending.pop(), False
            rows = fitted(one.rows, merge.target)
            conflicts = conflicts_of(self._fitting(one.again, merge.target), rows.select(WHOSE))
            events, theirs, done = merge.cut(rows)
            sessions.put(theirs)
            self._log(all_new(theirs))
            self._account(one, done, conflicts)
            del one, theirs, rows
            yield from events
            del events

    def _log(self, log: pa.Table) -> None:
        # As long as all sessions: nobody keeps it for nothing.
        if self._access.asked.log_changes:
            self.logs.append(log)

    def _account(
        self,
        one: "_Coming",
        done: WriteReport,
        conflicts: Conflicts,
        new: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        """Count what became of a part, of which these rows were new; left out: all."""
        if len(self.added):
            files = one.files[one.kept if new is None else one.kept[new]]
            self.added += np.bincount(files[files != NO_FILE], minlength=len(self.added))
        duplicates = one.rows.num_rows + one.again.num_rows - done.events_added
        self.report += done + WriteReport(
            rows=duplicates + one.refused,
            duplicates=duplicates,
            refused=one.refused,
            nuls_replaced=one.nuls_replaced,
            ids_shortened=one.ids_shortened,
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
        if rows.num_rows and self._access.asked.on_misfit != "widen":
            stays = np.delete(np.arange(rows.num_rows), find_misfits(rows, target).rows)
            rows = rows.take(pa.array(stays))
        return fitted(rows, target)

    def prepare(self) -> None:
        """Alter the tables for all that comes, in a transaction before that of the events."""
        target = None
        for part in self._incoming.parts():
            batch = self._storable(part)
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
            there = self._there()
            known = self._columns | set(there.events.c.keys() if there else ())
            check_columns(self._access.rules, known, "SQLWriter.write")
        if self._filled is not None:
            index_target(self._access, self._filled)
            if self.report.events_added >= _LARGE:
                # The server does so by itself, but a minute later.
                for table in (self._filled.events, self._filled.sessions):
                    self._access.loader.describe(self._access.connection, table)
        if self._orders_anew and self._target is not None:
            self._cut_anew(self._target)

    def _opened(self, rows: pa.Table, *, narrows: bool) -> Target:
        """Return the tables, brought up to these rows."""
        access, before = self._access, self._there()
        if before is not None and access.asked.on_misfit != "widen":
            # What does not fit is in them no more.
            rows = fitted(rows, before)
        target = open_target(access, rows, narrows=narrows)
        is_first, self._target = self._target is None, target
        if is_first and target.is_empty and self._incoming.is_disjoint:
            self._filled = target
        if before is not None:
            # Ids that were numbers sort otherwise as texts, and ids break ties.
            kinds = {family_of(each.events.c.event_id.type) for each in (before, target)}
            by_ids = not access.rules.gaps_decide or bool(target.kept.edges)
            self._orders_anew |= len(kinds) > 1 and by_ids
        return target

    def _there(self) -> Target | None:
        """Return the tables as they are now, or None where they are not."""
        return self._target or stored_target(self._access.connection, self._access.tables)

    def _without_misfits(
        self, rows: pa.Table, kept: npt.NDArray[np.int64], part: Part
    ) -> tuple[pa.Table, npt.NDArray[np.int64]]:
        """Leave out the rows that no database or no column as it is can keep."""
        rows, kept = self._within_bounds(rows, kept, part)
        there = None if self._access.asked.on_misfit == "widen" else self._there()
        if there is None or not rows.num_rows:
            return rows, kept
        misfits = find_misfits(rows, there)
        if len(misfits.rows) and self._access.asked.on_misfit == "raise":
            raise WriteError(
                self._access.tables.events.name,
                f"a value of column {misfits.columns[0]!r} does not fit, {misfits.reasons[0]}: "
                f"{misfits.events[0]}",
                "Convert the column, or have it widened with on_misfit='widen'.",
            )
        return self._set_aside(rows, kept, part, misfits)

    def _storable(self, part: Part) -> Storable:
        return storable(part.events, fits_ids=self._access.asked.on_misfit == "widen")

    def _within_bounds(
        self, rows: pa.Table, kept: npt.NDArray[np.int64], part: Part
    ) -> tuple[pa.Table, npt.NDArray[np.int64]]:
        """Leave out the rows that are beyond the bounds of databases, or refuse them all."""
        if not rows.num_rows:
            return rows, kept
        if self._taken is None:
            there = self._there()
            self._taken = set() if there is None else set(there.events.c.keys()) - {"session_id"}
        takes = Takes(common_bounds(), self._access.asked.on_misfit)
        found = beyond(rows, takes)
        within, many = crowded(rows, self._taken, takes, aside=found)
        found |= many
        if not found:
            return rows, kept
        misfits = misfits_of(rows, found)
        places = self._places(part, kept[misfits.rows])
        if self._access.asked.on_misfit != "quarantine":
            first = found[int(misfits.rows[0])]
            problem = f"{places[0]}: {first.detail}"
            raise WriteError(self._access.tables.events.name, problem, HINTS[first.reason])
        reasons = [
            f"{place}: {reason}" for place, reason in zip(places, misfits.reasons, strict=True)
        ]
        return self._set_aside(within, kept, part, replace(misfits, reasons=reasons))

    def _set_aside(
        self, rows: pa.Table, kept: npt.NDArray[np.int64], part: Part, misfits: Misfits
    ) -> tuple[pa.Table, npt.NDArray[np.int64]]:
        """Return the rows that are left; a column of which nothing is left says nothing."""
        self.aside.append((misfits, self._names(part, kept[misfits.rows])))
        stays = np.delete(np.arange(rows.num_rows), misfits.rows)
        rows = rows.take(pa.array(stays))
        said = [
            name
            for name, column in zip(rows.column_names, rows.columns, strict=True)
            if name in ALWAYS or column.null_count < rows.num_rows
        ]
        return rows.select(said), kept[stays]

    def _places(self, part: Part, rows: npt.NDArray[np.int64]) -> list[str]:
        """Return where each of these rows of a part stands."""
        names = self._names(part, rows)
        return [
            f"row {row + 1} of the frame" if name is None else f"an event of {name}"
            for row, name in zip(rows.tolist(), names, strict=True)
        ]

    def _names(self, part: Part, rows: npt.NDArray[np.int64]) -> list[str | None]:
        """Return the name of the file that each of these rows of a part came from."""
        if not len(part.files):
            return [None] * len(rows)
        files = self._incoming.files
        return [None if n == NO_FILE else files[n].file.name for n in part.files[rows].tolist()]

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
