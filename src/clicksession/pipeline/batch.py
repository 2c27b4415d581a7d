"""What one transaction writes, and the files that it came from."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from clicksession.pipeline.by_user import ByUser
from clicksession.writers.incoming import NO_FILE, Part
from clicksession.writers.log import Log
from clicksession.writers.manifest import FilePart, FileRecord

__all__ = ["Batch"]


class Batch:
    """Events that come, and files that end.

    Parameters
    ----------
    folder
        Where to put what memory has no room for; who made it removes it.
    memory
        The most bytes that wait in memory.
    begun
        The file of which some rows are in the batch before this one.
    looked_at
        The columns that cutting looks at, where the events wait in the order that they came in:
        for tables that are not there yet. Else None: they wait by user.
    """

    def __init__(
        self,
        folder: Path,
        memory: int,
        begun: FileRecord | None,
        looked_at: Collection[str] | None,
    ) -> None:
        self.files: list[FilePart] = []
        self.rows = 0
        self.log = None if looked_at is None else Log(folder, looked_at, memory)
        self._folder = folder
        self._memory = memory
        self._begun = begun
        self._by_user = None if self.log else ByUser(folder, memory)

    def add(self, file: FileRecord | None, events: pa.Table | None) -> None:
        """Take in some events of a file, or the news that it has ended."""
        rows = 0 if events is None else events.num_rows
        number = NO_FILE if file is None else self._number(file)
        if number != NO_FILE:
            known = self.files[number]
            ended = events is None
            self.files[number] = replace(known, rows=known.rows + rows, is_last=ended)
        if events is not None:
            (self.log or self._users()).add(events, number)
            self.rows += rows

    @property
    def is_disjoint(self) -> bool:
        """Whether no two parts share a user or an event."""
        return self._users().is_disjoint

    def parts(self) -> Iterator[Part]:
        """Yield the events, each user's in one part."""
        return self._users().parts()

    def close(self) -> None:
        """Let go of the files."""
        if self.log is not None:
            self.log.close()

    def _users(self) -> ByUser:
        """Return the events by user; those that wait in the order they came in are sorted first."""
        if self._by_user is None:
            self._by_user = ByUser(self._folder, self._memory)
            for rows, file in self.log.by_file() if self.log is not None else ():
                self._by_user.add(rows, file)
        return self._by_user

    def _number(self, file: FileRecord) -> int:
        """Return the number of a file; those of one file come one after another."""
        if not self.files or self.files[-1].file != file:
            goes_on = not self.files and file == self._begun
            self.files.append(FilePart(file, 0, is_last=False, is_first=not goes_on))
        return len(self.files) - 1
