"""Read ahead of the parser: a thread fetches and decompresses while another parses."""

import ctypes
import io
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, BinaryIO

__all__ = ["Ahead", "AheadStream"]

_CHUNK_BYTES = 4 * 2**20
_FIRST_BYTES = 2**16
_PATIENCE_SECONDS = 2.0

# Chunks that wait for the parser: what reading ahead costs in memory.
_CHUNKS = 6

Opener = Callable[[], AbstractContextManager[BinaryIO]]


class Ahead:
    """Reads some sources one after another, ahead of whoever takes their bytes in that order.

    One thread at most, from the first byte that is asked for until `close`.
    """

    def __init__(self, openers: Sequence[Opener]) -> None:
        self._openers = openers
        self._waiting: deque[tuple[int, bytes | BaseException | None, str]] = deque()
        self._changed = threading.Condition()
        self._wanted = 0
        self._stopped = False
        self._thread: threading.Thread | None = None

    def close(self) -> None:
        """Stop the thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(_PATIENCE_SECONDS)
            if self._thread.is_alive():
                _interrupt(self._thread)
                self._thread.join(_PATIENCE_SECONDS)

    def stream(self, number: int) -> "AheadStream":
        """Return the bytes of one source. Those before it are not read any further."""
        with self._changed:
            self._wanted = number
            self._changed.notify_all()
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._run, name="clicksession-read-ahead", daemon=True
            )
            self._thread.start()
        return AheadStream(self, number)

    def take(self, number: int) -> tuple[bytes, str]:
        """Return the next chunk of a source; at its end no bytes, and what damaged it.

        No bytes, too, after `close`, for whoever waits for them in a thread.
        """
        while True:
            with self._changed:
                while not self._waiting and not self._stopped:
                    self._changed.wait()
                if not self._waiting:
                    return b"", ""
                owner, chunk, damage = self._waiting.popleft()
                self._changed.notify_all()
            if owner < number:
                continue
            if isinstance(chunk, BaseException):
                raise chunk
            return chunk or b"", damage

    def _run(self) -> None:
        for number, opener in enumerate(self._openers):
            if self._stopped:
                return
            try:
                with opener() as stream:
                    for chunk in self._chunks(number, stream):
                        self._put(number, chunk)
                    self._put(number, None, str(getattr(stream, "damage", "")))
            except BaseException as error:  # noqa: BLE001  (raised where the bytes are taken)
                self._put(number, error)

    def _chunks(self, number: int, stream: BinaryIO) -> Iterator[bytes]:
        # First a little: room for much takes longer to make than a small file to read.
        size = min(_FIRST_BYTES, _CHUNK_BYTES)
        while number >= self._wanted and not self._stopped:
            chunk = stream.read(size)
            if len(chunk) == size < _CHUNK_BYTES:
                chunk += stream.read(_CHUNK_BYTES - size)
                size = _CHUNK_BYTES
            if not chunk:
                return
            yield chunk

    def _put(self, number: int, chunk: bytes | BaseException | None, damage: str = "") -> None:
        with self._changed:
            while len(self._waiting) >= _CHUNKS and not self._stopped:
                self._changed.wait()
            self._waiting.append((number, chunk, damage))
            self._changed.notify_all()


def _interrupt(thread: threading.Thread) -> None:
    """Have a thread raise `SystemExit` at its next line of Python.

    It waits for a store that has stopped answering, and fsspec, which looks up from that every
    second, has no other way to be told.
    """
    ident = ctypes.c_ulong(thread.ident or 0)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(SystemExit))


class AheadStream(io.RawIOBase):
    """The bytes of one source, which another thread reads.

    Attributes
    ----------
    damage
        At the end: why there is not more, where the source is damaged; else empty.
    """

    def __init__(self, ahead: Ahead, number: int) -> None:
        self._ahead = ahead
        self._number = number
        self._chunk: memoryview | bytes = b""
        self._ended = False
        self._failed: Exception | None = None
        self.damage = ""

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def peek(self, size: int) -> bytes:
        """Return what is there without going on; so many bytes, unless the source has fewer."""
        while len(self._chunk) < size and not self._ended:
            self._chunk = bytes(self._chunk) + self._next()
        return bytes(self._chunk[:size])

    def whole(self, size: int) -> bytes | None:
        """Return everything without going on, if that is no more than so many bytes, and sound.

        What goes wrong on the way is raised to whoever reads on.
        """
        try:
            found = self.peek(size + 1)
        except Exception as error:  # noqa: BLE001  (raised later)
            self._failed = error
            return None
        return None if len(found) > size or self.damage else found

    def read(self, size: int = -1) -> bytes:
        """Return at most so many bytes, and at least one before the end."""
        if size < 0:
            return self.readall()
        if not len(self._chunk) and not self._ended:
            self._chunk = self._next()
        if len(self._chunk) <= size:
            found, self._chunk = bytes(self._chunk), b""
            return found
        view = memoryview(self._chunk)
        self._chunk = view[size:]
        return bytes(view[:size])

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as there is something."""
        found = self.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def readall(self) -> bytes:
        """Return everything."""
        parts = []
        while part := self.read(_CHUNK_BYTES):
            parts.append(part)
        return b"".join(parts)

    def _next(self) -> bytes:
        if self._failed is not None:
            raise self._failed
        chunk, self.damage = self._ahead.take(self._number)
        self._ended = not chunk
        return chunk
