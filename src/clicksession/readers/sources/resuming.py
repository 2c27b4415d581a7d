"""The file of a store, which goes on where the connection broke off."""

import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from clicksession.errors import ReadError
from clicksession.readers.sources.errors import explained
from clicksession.readers.sources.retrying import patiently

__all__ = ["SteadyFile"]

_SKIPPED_BYTES = 2**20


class SteadyFile(io.RawIOBase):
    """Reads a file of a store; opens it anew at the place reached where that may help.

    What the store raises names the source and shows no secret.

    Parameters
    ----------
    open
        Opens the file; told to stream it, so that it can only be read from front to back.
    name, secrets
        What messages call it, and what they must not show.
    pauses
        How long to wait before each new try, in seconds; none, where the store's library tries
        again by itself.
    can_stream
        Whether it can be streamed where it cannot be read by ranges.
    """

    def __init__(
        self,
        open: Callable[[bool], Any],
        name: str,
        secrets: frozenset[str],
        pauses: Sequence[float],
        can_stream: bool,
    ) -> None:
        self._open = open
        self._name = name
        self._secrets = secrets
        self._pauses = pauses
        self._can_stream = can_stream
        self._streams = False
        self._position = 0
        with explained(name, secrets):
            self._file = patiently(partial(open, False), pauses)
        self._size = getattr(self._file, "size", None)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say whether it can be read from any place on."""
        # One that can be streamed only says that it is seekable, but for the size that it lacks.
        return bool(self._file.seekable()) and not (self._can_stream and self._size is None)

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as there is something."""
        with explained(self._name, self._secrets):
            read = partial(self._read, buffer)
            count = patiently(read, self._pauses, answered=True)
        self._position += count
        return count

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; nothing is asked of the store before something is read there."""
        if whence == io.SEEK_CUR:
            position += self._position
        elif whence == io.SEEK_END:
            with explained(self._name, self._secrets):
                position += self._file.seek(0, whence) if self._size is None else self._size
        self._position = position
        return position

    def tell(self) -> int:
        """Return the place reached."""
        return self._position

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        super().close()

    def _read(self, buffer: Any) -> int:
        try:
            return self._read_once(buffer)
        except ValueError:
            # The server gives no ranges, as plain ones do not.
            if self._streams or not self._can_stream:
                raise
            self._give_up()
            self._streams = True
            return self._read_once(buffer)
        except Exception:
            self._give_up()
            raise

    def _read_once(self, buffer: Any) -> int:
        if self._file is None:
            self._file = self._opened_anew()
        self._go_to(self._position)
        count = _filled(self._file, buffer)
        if self._pauses and not count and self._position < (self._size or 0):
            raise ConnectionError(f"it ended after {self._position:,} of {self._size:,} bytes")
        return count

    def _go_to(self, position: int) -> None:
        if self._file.tell() == position:
            return
        if not self._streams:
            self._file.seek(position)
            return
        if position < self._file.tell():
            self._give_up()
            self._file = self._opened_anew()
        while (left := position - self._file.tell()) > 0:
            if not self._file.read(min(left, _SKIPPED_BYTES)):
                raise ConnectionError(f"it ended before byte {position:,}")

    def _opened_anew(self) -> Any:
        file = self._open(self._streams)
        size = getattr(file, "size", None)
        if None not in (size, self._size) and size != self._size:
            file.close()
            reason = f"it changed while it was read: from {self._size:,} bytes to {size:,}"
            raise ReadError(self._name, reason, "Read it again.")
        return file

    def _give_up(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()


def _filled(file: Any, buffer: Any) -> int:
    """Fill a buffer as far as the file has something; without a copy, where the file can do so."""
    if hasattr(file, "readinto"):
        return int(file.readinto(buffer) or 0)
    found: bytes = file.read(len(buffer))
    buffer[: len(found)] = found
    return len(found)
