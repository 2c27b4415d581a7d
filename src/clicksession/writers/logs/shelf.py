"""Tables that wait until they are asked for: in memory while there is room, then on disk."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa

from clicksession.scratch import scratch

__all__ = ["Shelf", "shelf"]

# Bytes of sessions that wait in memory until the events are in.
_ROOM = 32 * 2**20

# So many tables wait to be compressed and written, while more come.
_PENDING = 4

_FAST = pa.ipc.IpcWriteOptions(compression="lz4")

# Where a table stands in the file, and how long it is.
_Place = tuple[int, int]


class Shelf:
    """Tables, each of any columns, that come back in the order that they came in.

    Parameters
    ----------
    path
        The file for those that memory has no room for; who made its folder removes it.
    room
        Bytes of tables that memory holds, before they are compressed.
    """

    def __init__(self, path: Path, room: int) -> None:
        self._path = path
        self._room = room
        self._here: list[pa.Table] = []
        self._there: list[Future[_Place]] = []
        self._file: IO[bytes] | None = None
        self._is_taken = False
        # One thread: what is written stands in the file in order.
        self._writing = ThreadPoolExecutor(1)

    def __len__(self) -> int:
        return len(self._here) + len(self._there)

    def put(self, rows: pa.Table) -> None:
        """Take in a table; compressing and writing it goes on beside."""
        size = rows.nbytes
        if not self._there and size <= self._room:
            self._room -= size
            self._here.append(rows)
            return
        if len(self._there) >= _PENDING:
            self._there[-_PENDING].result()
        self._there.append(self._writing.submit(self._write, rows))

    def at(self, number: int) -> pa.Table:
        """Return one table."""
        if number < len(self._here):
            return self._here[number]
        place = self._there[number - len(self._here)].result()
        with self._path.open("rb") as file:
            return _read(file, place)

    def tables(self) -> Iterator[pa.Table]:
        """Yield all tables, in the order that they came in."""
        yield from self._here
        if self._there:
            # All that was written is in the file then.
            self._there[-1].result()
            with self._path.open("rb") as file:
                for place in self._there:
                    yield _read(file, place.result())

    def taken(self) -> Iterator[pa.Table]:
        """Yield all tables, for the last time: memory lets go of each behind whoever takes it."""
        if self._is_taken:
            raise RuntimeError("what was taken from a shelf is gone")
        self._is_taken = True
        here, self._here = deque(self._here), []
        while here:
            yield here.popleft()
        yield from self.tables()

    def close(self) -> None:
        """Let go of the file."""
        self._writing.shutdown(cancel_futures=True)
        if self._file is not None:
            self._file.close()

    def _write(self, rows: pa.Table) -> _Place:
        if self._file is None:
            # Without a buffer: what is written can be read.
            self._file = self._path.open("wb", buffering=0)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema, options=_FAST) as stream:
            stream.write_table(rows)
        data = sink.getvalue()
        begin = self._file.tell()
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        return begin, data.size


def _read(file: IO[bytes], place: _Place) -> pa.Table:
    begin, size = place
    file.seek(begin)
    # Not mapped: the pages of a map would count as this process's memory.
    return pa.ipc.open_stream(pa.py_buffer(file.read(size))).read_all()


@contextmanager
def shelf() -> Iterator[Shelf]:
    """Give a shelf, which goes with its rows."""
    with scratch() as folder:
        given = Shelf(folder / "rows", _ROOM)
        try:
            yield given
        finally:
            given.close()
