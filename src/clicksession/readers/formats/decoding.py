"""Bytes of any encoding as UTF-8, which is what readers read."""

import codecs
from functools import cached_property
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt

from clicksession.readers.formats.blocks import peeked

__all__ = ["DecodedStream", "Weights", "decoded", "encoding_of", "is_utf8"]

Weights = npt.NDArray[np.uint8]

# A mark of four bytes begins as one of two does.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LONGEST = 4
_KEPT = "clicksession_kept"
_FIRST_KEPT = 0xDC00


def is_utf8(content: bytes) -> bool:
    """Say whether bytes are UTF-8."""
    if content.isascii():
        return True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def encoding_of(start: bytes) -> str | None:
    """Return the encoding that a byte-order mark says; None for UTF-8, or where there is none.

    Examples
    --------
    >>> encoding_of("a".encode("utf-16")), encoding_of(b"a")
    ('utf-16-le', None)
    """
    return next((name for mark, name in _MARKS if start.startswith(mark)), None)


def decoded(stream: BinaryIO, encoding: str | None = None) -> BinaryIO:
    """Return a stream as UTF-8: as it is where it is that already.

    A byte-order mark stays, as that of UTF-8.

    Parameters
    ----------
    encoding
        How the characters are written. Left out: as a byte-order mark says, else UTF-8.
    """
    if encoding is not None and codecs.lookup(encoding).name in ("utf-8", "utf-8-sig"):
        return stream
    start = peeked(stream, _LONGEST)
    found = encoding or encoding_of(start)
    if found is not None and codecs.lookup(found).name in ("utf-16", "utf-32"):
        # Without a mark it is little-endian, whatever the machine.
        found = encoding_of(start) or f"{found}-le"
    return cast(BinaryIO, DecodedStream(stream, start, found))


class DecodedStream:
    """The bytes of a stream as UTF-8.

    What its encoding cannot mean is kept, byte by byte, as half a surrogate pair: U+DC81 is the
    byte 81. That is no UTF-8, so whoever looks for mistakes there finds these too.

    Attributes
    ----------
    encoding
        The encoding of the stream, None for UTF-8.
    """

    def __init__(self, stream: BinaryIO, start: bytes, encoding: str | None) -> None:
        self._stream = stream
        self._start = start
        self.encoding = encoding
        self._decoder = encoding and codecs.getincrementaldecoder(encoding)(_KEPT)
        self._ended = False

    @property
    def damage(self) -> str:
        """Why the stream ended before its end, or nothing."""
        return str(getattr(self._stream, "damage", ""))

    @cached_property
    def weights(self) -> Weights | None:
        """How many bytes of the stream each byte of UTF-8 stands for; None where that varies."""
        return _weights(self.encoding)

    def read(self, size: int = -1) -> bytes:
        """Return at most so many bytes, as UTF-8 as many more as that needs; none at the end."""
        if self._start:
            content, self._start = self._start, b""
        else:
            content = self._stream.read(size)
        if not self._decoder:
            return content
        found = b""
        while not self._ended and not found:
            self._ended = not content
            text = self._decoder.decode(content, final=self._ended)
            found = text.encode("utf-8", "surrogatepass")
            if not found and not self._ended:
                content = self._stream.read(size)
        return found


def _keep(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(chr(_FIRST_KEPT + byte) for byte in wrong), error.end


codecs.register_error(_KEPT, _keep)


def _weights(encoding: str | None) -> Weights | None:
    """Return what each byte of UTF-8 stands for: the first of a character for all of it."""
    weights = np.ones(256, dtype=np.uint8)
    if encoding is None:
        return weights
    weights[0x80:0xC0] = 0
    name = codecs.lookup(encoding).name
    if name.startswith("utf-32"):
        return weights * np.uint8(4)
    if name.startswith("utf-16"):
        weights *= 2
        weights[0xF0:] = 4
        return weights
    text = bytes(range(256)).decode(encoding, _KEPT)
    upper = text[128:]
    is_single = len(text) == 256 and not all(0xDC80 <= ord(each) <= 0xDCFF for each in upper)
    return weights if is_single else None
