"""The bytes of a source from any place on, decompressed where they are compressed."""

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from clicksession.errors import BadRowError
from clicksession.readers.formats.content import SNIFFED_BYTES
from clicksession.readers.sources.compression import Decompressed, is_compressed
from clicksession.readers.sources.files import Source

__all__ = ["seekable"]

_CHUNK_BYTES = 2**20


@contextmanager
def seekable(source: Source) -> Iterator[tuple[BinaryIO, bytes]]:
    """Open a source to be read from any place on; give it with its first bytes.

    What is compressed, or comes from a server that gives no parts, waits in a temporary file.

    Raises
    ------
    BadRowError
        What is compressed is cut short or damaged.
    """
    with source.stream() as file:
        start = cast(io.BufferedReader, file).peek(SNIFFED_BYTES)
        if file.seekable() and not is_compressed(start):
            yield file, start[:SNIFFED_BYTES]
            return
        bytes_ = Decompressed(file)
        with TemporaryFile(prefix="clicksession-") as kept:
            shutil.copyfileobj(bytes_, kept, _CHUNK_BYTES)
            if bytes_.damage:
                raise BadRowError(source.name, bytes_.damage, "Is the file whole?")
            kept.seek(0)
            start = kept.read(SNIFFED_BYTES)
            kept.seek(0)
            yield cast(BinaryIO, kept), start
