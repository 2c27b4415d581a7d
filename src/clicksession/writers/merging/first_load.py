"""Load a whole log into tables that are not there yet: each by one statement.

Only of what needs no second look: columns of one type each, and few events that come twice. Any
other log is taken user by user, like one that comes to stored events.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.ahead import ahead
from clicksession.arrow import with_fields
from clicksession.scratch import scratch
from clicksession.writers.logs.hashes import Hashes
from clicksession.writers.logs.log import Log
from clicksession.writers.logs.shelf import Shelf, shelf
from clicksession.writers.merging.changes import all_new
from clicksession.writers.merging.incoming import NO_FILE
from clicksession.writers.merging.neighbourhood import looked_at, session_rows, split_rows
from clicksession.writers.merging.row_ids import IdsInMemory, IdsOnDisk
from clicksession.writers.report import WriteReport
from clicksession.writers.tables.access import Access
from clicksession.writers.tables.conflicts import WHOSE, Conflicts, conflicts_of
from clicksession.writers.tables.layout import load_in_one, open_target
from clicksession.writers.tables.target import Target, stored_target

__all__ = ["FirstLoad", "first_load"]

# So many rows are compared at once; a log of which more come again is cut user by user.
_MOST = 4_000_000


@dataclass(frozen=True)
class _Repeated:
    """The numbers of the rows that are left out, in order, and how many of them say otherwise."""

    rows: npt.NDArray[np.int64]
    conflicts: Conflicts


def first_load(access: Access, log: Log | None) -> "FirstLoad | None":
    """Return how to load a log in one go, or None where it has to be taken user by user."""
    if log is None or not log.rows or not access.loader.takes_streams:
        return None
    if not log.looked_at.issuperset(looked_at(access.rules, access.tables.kept)):
        # The target is to count or keep more than its writer was told.
        return None
    schema = log.kinds.schema()
    if schema is None or stored_target(access.connection, access.tables) is not None:
        return None
    found = _repeated(log, schema)
    if found is None:
        return None
    target = open_target(access, schema.empty_table(), narrows=True)
    return FirstLoad(access, log, target, found)


@dataclass
class FirstLoad:
    """A log, and the tables that it goes to.

    Attributes
    ----------
    report
        What was done.
    """

    access: Access
    log: Log
    target: Target
    repeated: _Repeated
    report: WriteReport = field(default_factory=WriteReport)
    changes: list[pa.Table] = field(default_factory=list)

    def load(self) -> None:
        """Cut the log into sessions, and load both tables."""
        # What reading has let go of, and then cutting: numpy and the database have allocators of
        # their own.
        pa.default_memory_pool().release_unused()
        with self._ids() as ids, shelf() as sessions:
            self._cut(ids, sessions)
            pa.default_memory_pool().release_unused()
            events = ahead(self._events(ids))
            load_in_one(self.access, self.target.events, events)
            load_in_one(self.access, self.target.sessions, sessions.taken(), is_fresh=True)
        conflicts, count = self.repeated.conflicts, len(self.repeated.rows)
        self.report += WriteReport(
            rows=count,
            duplicates=count,
            conflicting=conflicts.count,
            conflict=conflicts.event_id,
        )

    def added(self, files: int) -> npt.NDArray[np.int64]:
        """Return how many rows of each file were added."""
        counts = self.log.rows_by_file(files)
        dropped = self.log.files_of(self.repeated.rows)
        counts -= np.bincount(dropped[dropped != NO_FILE], minlength=files)
        return counts

    def _cut(self, ids: IdsInMemory | IdsOnDisk, sessions: Shelf) -> None:
        for rows, keys in self.log.keys.parts(without=self.repeated.rows):
            split = split_rows(keys, self.access.rules)
            theirs = session_rows(self.target, split, keys)
            ids.put(rows, split)
            sessions.put(theirs)
            if self.access.asked.log_changes:
                self.changes.append(all_new(theirs))
            self.report += WriteReport(
                rows=len(rows),
                events_added=len(rows),
                events_without_session=len(rows) - len(split.rows),
                sessions_added=len(split.starts),
            )

    def _events(self, ids: IdsInMemory | IdsOnDisk) -> Iterator[pa.Table]:
        """Yield the events with their sessions' ids, in the order of the log."""
        start, dropped = 0, self.repeated.rows
        for rows in self.log.taken():
            end = start + rows.num_rows
            rows = rows.append_column("session_id", ids.of(start, rows.num_rows))
            first, last = np.searchsorted(dropped, (start, end))
            if last > first:
                stays = np.delete(np.arange(rows.num_rows), dropped[first:last] - start)
                rows = rows.take(pa.array(stays))
            yield rows
            start = end

    @contextmanager
    def _ids(self) -> Iterator[IdsInMemory | IdsOnDisk]:
        if not self.log.keys.is_on_disk:
            yield IdsInMemory(self.log.rows)
            return
        with scratch() as folder, closing(IdsOnDisk(folder, self.log.rows)) as ids:
            yield ids


def _repeated(log: Log, schema: pa.Schema) -> _Repeated | None:
    """Return the rows that have the id of an earlier one, or None where these are too many.

    `schema` has the types of all rows.
    """
    words = log.ids.again()
    if not len(words):
        return _Repeated(np.empty(0, dtype=np.int64), Conflicts())
    found = _found(log, words, pa.schema([schema.field(name) for name in WHOSE]))
    if found is None:
        return None
    rows, whose = found
    ids = whose["event_id"].to_pandas()
    again = ids.duplicated().to_numpy()
    dropped, kept = (whose.filter(pa.array(these)) for these in (again, ~again))
    return _Repeated(rows[again], conflicts_of(dropped, kept))


def _found(
    log: Log, words: Hashes, schema: pa.Schema
) -> tuple[npt.NDArray[np.int64], pa.Table] | None:
    """Return the numbers of the rows with these words, and whose they are."""
    rows: list[npt.NDArray[np.int64]] = []
    whose: list[pa.Table] = []
    start = count = 0
    for table in log.tables():
        theirs = log.ids.words_of(table["event_id"])
        places = np.minimum(np.searchsorted(words, theirs), len(words) - 1)
        at = np.flatnonzero(words[places] == theirs)
        rows.append(start + at)
        whose.append(with_fields(table.take(pa.array(at)), schema))
        start, count = start + table.num_rows, count + len(at)
        if count > _MOST:
            return None
    return np.concatenate(rows), pa.concat_tables(whose)
