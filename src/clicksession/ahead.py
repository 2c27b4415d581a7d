"""Take pieces in a thread, while another works on those before them."""

import threading
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Generic, TypeVar

__all__ = ["Ahead", "ahead"]

T = TypeVar("T")


class Ahead(Generic[T]):
    """The pieces of one iterator, from a thread that begins at once.

    What goes wrong is raised in its place among them.

    Parameters
    ----------
    pieces
        What to take; nobody else may.
    depth
        How many wait, or are made, ahead of whoever works on one: what it costs in memory.
    patience
        How many seconds `close` waits for the thread, which may wait for somebody that does not
        answer: then it ends with them. None: as long as it takes.
    """

    def __init__(
        self, pieces: Iterator[T], depth: int = 1, *, patience: float | None = None
    ) -> None:
        self._pieces = pieces
        self._depth = depth
        self._patience = patience
        # A piece is in a list, the end is none.
        self._waiting: deque[list[T] | BaseException] = deque()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="clicksession-ahead", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(self._patience)

    def __iter__(self) -> Iterator[T]:
        while found := self._next():
            yield from found

    def _next(self) -> list[T]:
        with self._changed:
            while not self._waiting and not self._stopped:
                self._changed.wait()
            if not self._waiting:
                return []
            found = self._waiting.popleft()
            # Behind the end, and behind what went wrong, nothing comes.
            self._stopped = self._stopped or not isinstance(found, list) or not found
            self._changed.notify_all()
        if isinstance(found, BaseException):
            try:
                raise found
            finally:
                # Its traceback would hold it, and with it all that was read.
                del found
        return found

    def _run(self) -> None:
        try:
            while self._has_room():
                found = list(islice(self._pieces, 1))
                self._put(found)
                if not found:
                    return
        except BaseException as error:  # noqa: BLE001  (raised where the pieces are taken)
            self._put(error)

    def _has_room(self) -> bool:
        with self._changed:
            while len(self._waiting) >= self._depth and not self._stopped:
                self._changed.wait()
            return not self._stopped

    def _put(self, found: list[T] | BaseException) -> None:
        with self._changed:
            self._waiting.append(found)
            self._changed.notify_all()


def ahead(pieces: Iterator[T], depth: int = 1) -> Iterator[T]:
    """Yield the same pieces; so many are made, in a thread, while the one before is in use.

    Examples
    --------
    >>> list(ahead(iter("abc")))
    ['a', 'b', 'c']
    """
    given = Ahead(pieces, depth)
    try:
        yield from given
    finally:
        given.close()
