"""Avro, a block at a time."""

import copy
import io
import re
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa

from clicksession.errors import BadRowError, MissingExtraError
from clicksession.readers.base import Batch
from clicksession.readers.formats.avro_columns import AvroColumns, unmarked
from clicksession.readers.formats.blocks import peeked
from clicksession.readers.rows.arrow_types import flat_columns
from clicksession.readers.rows.flattening import rows_alone, without_hollow
from clicksession.schema import EventSchema

__all__ = ["AvroReader"]

# What fastavro and the codecs below it raise over bytes that are none of theirs.
_DAMAGE = (
    *(ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError, RecursionError),
    *(MemoryError, OSError, StopIteration, AssertionError, AttributeError, zlib.error),
    pa.ArrowException,
)
_CODEC = re.compile(r"(\w+) codec is supported but .*: ([\w-]+)")
_ROWS_PER_BATCH = 50_000


class AvroReader:
    """Reads Avro; records and maps are spread out, arrays become JSON text.

    Bytes and fixed become what they are in Parquet; times stay times at their own unit. One block
    is held in memory.
    """

    def read(self, stream: BinaryIO, source: str, schema: EventSchema) -> Iterator[Batch]:
        """Yield the rows of a source; `Reader` says how."""
        number = 1
        try:
            for columns, rows in _batches(_Whole(stream)):
                table, mixed = _table(columns, rows)
                numbers = range(number, number + len(rows))
                yield Batch(table, numbers, "row", mixed=mixed)
                number += len(rows)
        except MissingExtraError:
            raise
        except _DAMAGE as error:
            if isinstance(error, BadRowError):
                raise
            raise _unreadable(error, source, number) from None


class _Whole:
    """Gives as many bytes as are asked for: fastavro takes fewer for the end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._position = 0

    def read(self, size: int) -> bytes:
        found = peeked(self._stream, size)
        self._position += len(found)
        return found

    def tell(self) -> int:
        return self._position


def _unreadable(error: Exception, source: str, number: int) -> Exception:
    reason = str(error).partition("\n")[0] or type(error).__name__
    codec = _CODEC.match(reason)
    if codec:
        return MissingExtraError(f"reading Avro compressed by {codec[1]}", codec[2], "avro")
    hint = "Is the file whole, and is it Avro?"
    return BadRowError(source, reason, hint, f"a block after row {number - 1}")


def _batches(stream: _Whole) -> Iterator[tuple[AvroColumns, list[Any]]]:
    """Yield the rows of some blocks together, with what makes columns of them."""
    waiting = list[Any]()
    try:
        for columns, rows in _blocks(stream):
            waiting += rows
            while len(waiting) >= _ROWS_PER_BATCH:
                yield columns, waiting[:_ROWS_PER_BATCH]
                waiting = waiting[_ROWS_PER_BATCH:]
    except _DAMAGE:
        # What stands before the damage is whole.
        if waiting:
            yield columns, waiting
        raise
    if waiting:
        yield columns, waiting


def _blocks(stream: _Whole) -> Iterator[tuple[AvroColumns, list[Any]]]:
    fastavro = _fastavro()
    kind: Any = None
    try:
        blocks = fastavro.block_reader(stream)
    except fastavro.schema.SchemaParseException as error:
        # Of fastavro's errors the one that is no other error too.
        raise ValueError(f"its schema is none: {error}") from None
    for block in blocks:
        if kind is None:
            # Without the marks of times: as numbers they come faster, and none is too large.
            kind = unmarked(copy.deepcopy(block.writer_schema))
            if not _takes_bytes(kind):
                raise ValueError("its rows have no field that takes a byte")
            columns = AvroColumns(kind)
            parsed = fastavro.parse_schema({"type": "array", "items": kind}, _force=True)
        # The rows of a block, one after another, are what Avro writes for an array of them.
        found = io.BytesIO(_whole(block.num_records) + block.bytes_.read() + b"\0")
        yield columns, fastavro.schemaless_reader(found, parsed, None)
        if found.read(1):
            raise ValueError("a block holds more than its rows")


def _takes_bytes(kind: Any) -> bool:
    """Say whether a value takes bytes: of one that takes none, no bytes say how many there are."""
    if isinstance(kind, dict) and kind["type"] == "record":
        return any(_takes_bytes(each["type"]) for each in kind["fields"])
    if isinstance(kind, dict) and kind["type"] == "fixed":
        return bool(kind["size"])
    # The branch of a union takes one, and so does the end of an array or a map.
    return kind not in ("null", {"type": "null"})


def _fastavro() -> Any:
    try:
        import fastavro
    except ImportError:
        raise MissingExtraError("reading Avro", "fastavro", "avro") from None
    return fastavro


def _whole(number: int) -> bytes:
    """Return a whole number as Avro writes it."""
    left, written = number << 1, bytearray()
    while left > 0x7F:
        written.append(left & 0x7F | 0x80)
        left >>= 7
    written.append(left)
    return bytes(written)


def _table(columns: AvroColumns, rows: list[Any]) -> tuple[pa.Table, dict[str, frozenset[str]]]:
    found: dict[str, pa.ChunkedArray] = {}
    mixed: dict[str, frozenset[str]] = {}
    for path, column, kinds in columns.of(rows):
        found[path] = pa.chunked_array([column])
        if len(kinds) > 1:
            mixed[path] = kinds
    found = without_hollow(found)
    return flat_columns(pa.table(found)) if found else rows_alone(len(rows)), mixed
