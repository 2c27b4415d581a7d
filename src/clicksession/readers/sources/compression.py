"""Decompress a stream, and keep what came before the place where it is damaged."""

import bz2
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, cast

import pyarrow as pa

from clicksession.errors import ReadError

__all__ = ["COMPRESSIONS", "Decompressed", "is_compressed"]

# The first bytes say it. A name may not: stores undo compression on the way, and files are renamed.
# No text begins so: bzip2's are ten bytes, and the others hold some that are in no text.
_MAGIC = {
    "gzip": re.compile(rb"\x1f\x8b"),
    "bz2": re.compile(rb"BZh[1-9](1AY&SY|\x17\x72\x45\x38\x50\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
    # Or a frame to be skipped, which parallel compressors put first.
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
}
_SNIFFED_BYTES = 10
_OPEN: Mapping[str, Callable[[BinaryIO], Any]] = {
    "gzip": lambda raw: gzip.GzipFile(fileobj=raw),
    "bz2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
    "zstd": lambda raw: pa.CompressedInputStream(raw, "zstd"),
}

COMPRESSIONS = frozenset({*_MAGIC, "gz", "bzip2", "zst"})
"""What the compressions are called, in names of files too."""

_PIECE_BYTES = 2**20
_ZSTD_BYTES = 2**16

_Damage = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, pa.ArrowException, OSError)


class Decompressed(io.RawIOBase):
    """The bytes of a stream, decompressed where their beginning says that they are compressed.

    Attributes
    ----------
    damage
        At the end: why there is not more, where the compressed data is cut short or damaged;
        else empty.
    """

    def __init__(self, raw: BinaryIO) -> None:
        start = cast(io.BufferedReader, raw).peek(_SNIFFED_BYTES)
        self.damage = ""
        self._compression = next((n for n, magic in _MAGIC.items() if magic.match(start)), "")
        self._file: Any = _OPEN[self._compression](raw) if self._compression else raw

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, unless the stream ends before."""
        parts: list[bytes] = []
        wanted = size if size >= 0 else 2**62
        while wanted > 0 and not self.damage and (part := self._piece(wanted)):
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as there is something."""
        found = self.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def _piece(self, size: int) -> bytes:
        if not self._compression:
            return cast(bytes, self._file.read(size))
        try:
            # In small pieces: a larger read would lose what came before the damage.
            if self._compression == "zstd":
                return cast(bytes, self._file.read(min(size, _ZSTD_BYTES)))
            return cast(bytes, self._file.read1(min(size, _PIECE_BYTES)))
        except ReadError:
            raise
        except _Damage as error:
            self.damage = f"the {self._compression} data is cut short or damaged ({error})"
            return b""


def is_compressed(start: bytes) -> bool:
    """Say whether bytes that begin so are compressed."""
    return any(magic.match(start) for magic in _MAGIC.values())
