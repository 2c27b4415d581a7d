"""Take batches of a reader in a thread, while another makes events of those before them."""

import threading
from collections import deque
from collections.abc import Iterator

from clicksession.readers.base import Batch

__all__ = ["BatchesAhead"]

# A source of fewer rows is read before a thread would have begun.
_MANY_ROWS = 2**12

# Batches that wait: what reading ahead costs in memory.
_BATCHES = 1

_PATIENCE_SECONDS = 1.0


class BatchesAhead:
    """The batches of one source, the first at once and of many rows the others ahead of time.

    What goes wrong is raised in its place among them. At `close` the thread
    stops, unless it waits for a store that does not answer: then it does so with the store.
    """

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._batches = batches
        self._waiting: deque[Batch | BaseException | None] = deque()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def close(self) -> None:
        """Stop the thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(_PATIENCE_SECONDS)

    def __iter__(self) -> Iterator[Batch]:
        for batch in self._batches:
            if batch.rows.num_rows >= _MANY_ROWS:
                self._begin()
                yield batch
                yield from self._others()
                return
            yield batch

    def _begin(self) -> None:
        self._thread = threading.Thread(target=self._run, name="clicksession-batches", daemon=True)
        self._thread.start()

    def _others(self) -> Iterator[Batch]:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                found = self._waiting.popleft()
                self._changed.notify_all()
            if isinstance(found, BaseException):
                raise found
            if found is None:
                return
            yield found

    def _run(self) -> None:
        try:
            for batch in self._batches:
                self._put(batch)
                if self._stopped:
                    return
            self._put(None)
        except BaseException as error:  # noqa: BLE001  (raised where the batches are taken)
            self._put(error)

    def _put(self, found: Batch | BaseException | None) -> None:
        with self._changed:
            while len(self._waiting) >= _BATCHES and not self._stopped:
                self._changed.wait()
            self._waiting.append(found)
            self._changed.notify_all()
