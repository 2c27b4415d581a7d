"""What one transaction writes, and the files that it came from."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clicksession.pipeline.by_user import ByUser
from clicksession.writers.logs.log import Log
from clicksession.writers.merging.incoming import NO_FILE, Part
from clicksession.writers.tables.manifest import FilePart, FileRecord

__all__ = ["Batch", "Piece"]


@dataclass(frozen=True)
class Piece:
    """Some consecutive events, file after file.

    Attributes
    ----------
    files
        The files; None for a source that is none.
    events
        The events, if there are any.
    numbers
        Which of the files each event is from.
    is_end
        Whether the last of the files ends with them, as those before it do.
    """

    files: Sequence[FileRecord | None]
    events: pa.Table | None
    numbers: npt.NDArray[np.int64]
    is_end: bool


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

    def add(self, piece: Piece) -> None:
        """Take in some events, and the news that files have ended."""
        counts = np.bincount(piece.numbers, minlength=len(piece.files)).tolist()
        ends = [True] * (len(piece.files) - 1) + [piece.is_end]
        numbers = [
            NO_FILE if file is None else self._add(file, rows, is_last=is_last)
            for file, rows, is_last in zip(piece.files, counts, ends, strict=True)
        ]
        if piece.events is not None:
            (self.log or self._users()).add(piece.events, np.array(numbers)[piece.numbers])
            self.rows += piece.events.num_rows

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
            for rows, files in self.log.with_files() if self.log is not None else ():
                self._by_user.add(rows, files)
        return self._by_user

    def _add(self, file: FileRecord, rows: int, *, is_last: bool) -> int:
        """Count rows of a file and return its number; those of one come one after another."""
        if self.files and self.files[-1].file == file:
            known = self.files.pop()
        else:
            goes_on = not self.files and file == self._begun
            known = FilePart(file, 0, is_last=False, is_first=not goes_on)
        self.files.append(replace(known, rows=known.rows + rows, is_last=is_last))
        return len(self.files) - 1
