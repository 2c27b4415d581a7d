"""Parse a block of newline-delimited JSON whole, or say that somebody must look closer."""

import io
import json
from enum import Enum, auto

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from clicksession.arrow import FLOAT_HOLDS
from clicksession.readers.blocks import Block
from clicksession.readers.records import flattened, paths_of

__all__ = ["MAX_DEPTH", "BlockParser", "Closer"]

MAX_DEPTH = 100
_SAMPLE_BYTES = 2**16

# Arrow's parser calls itself for each level of nesting, and some thousand levels end the process.
# A line of fewer bytes cannot hold so many.
_SAFE_LINE = 2**11
_SAFE_LEVELS = 500


class Closer(Enum):
    """How to look closer at a block that cannot be parsed whole."""

    DIVIDE = auto()
    """Some line is not as the others: it is in one of the halves."""
    LINES = auto()
    """What is in the way may be in all lines."""


class BlockParser:
    """Parses blocks of one source, remembering which fields are text.

    Arrow takes a text that looks like a time for a time, whatever the field means, and would
    forget how it was written. Fields seen to be such texts are declared as text from then on.
    """

    def __init__(self) -> None:
        self._texts: pa.Schema | None = None

    def parse(self, block: Block) -> pa.Table | Closer:
        """Return the rows of a block, flat, or how to look closer."""
        try:
            return self._parse(block)
        except UnicodeDecodeError:
            # The bytes are no text, or half a surrogate pair stands in a field's name.
            return Closer.DIVIDE

    def _parse(self, block: Block) -> pa.Table | Closer:
        content = block.content
        if not len(block.rows):
            # Blank lines only.
            return pa.table({})
        # What begins with "null", and what is nested too deep, makes Arrow end the process.
        if b"\0" in content or not block.holds_objects or _may_be_deep(block):
            return Closer.DIVIDE
        if self._texts is None:
            self._texts = _declared_text(
                _parsed(content[: content.find(b"\n", _SAMPLE_BYTES) + 1 or None])
            )
        table = self._parsed_as_text(content)
        # Arrow reads two objects in one line without a word.
        if table is None or table.num_rows != len(block.rows):
            return Closer.DIVIDE
        content.decode("utf-8")
        if any(_depth(kind) > MAX_DEPTH for kind in table.schema.types):
            return Closer.DIVIDE
        flat = _in_source_order(flattened(table), content)
        # A list would come back as other text: Arrow makes [1.0, 2.5] of [1, 2.5].
        if any(pa.types.is_nested(kind) for kind in flat.schema.types):
            return Closer.LINES
        return Closer.DIVIDE if _loses_digits(flat) else flat

    def _parsed_as_text(self, content: bytes) -> pa.Table | None:
        table = _parsed(content, self._texts)
        if table is not None and _has_times(table.schema):
            self._texts = _declared_text(table)
            table = _parsed(content, self._texts)
        return table


def _may_be_deep(block: Block) -> bool:
    if block.longest < _SAFE_LINE:
        return False
    lengths = np.diff(block.ends, prepend=-1)
    return any(
        line.count(b"{") + line.count(b"[") > _SAFE_LEVELS
        for line in map(block.line, np.flatnonzero(lengths > _SAFE_LINE).tolist())
    )


def _depth(kind: pa.DataType) -> int:
    levels, kinds = 0, [kind]
    while kinds:
        levels += 1
        kinds = [
            field.type
            for kind in kinds
            if pa.types.is_nested(kind)
            for field in map(kind.field, range(kind.num_fields))
        ]
    return levels


def _parsed(content: bytes, texts: pa.Schema | None = None) -> pa.Table | None:
    options = pa.json.ParseOptions(explicit_schema=texts, unexpected_field_behavior="infer")
    block_size = max(len(content) // 4, 2**20)
    try:
        return pa.json.read_json(
            io.BytesIO(content),
            read_options=pa.json.ReadOptions(block_size=block_size),
            parse_options=options,
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError):
        return None


def _declared_text(table: pa.Table | None) -> pa.Schema | None:
    if table is None:
        return None
    return pa.schema([pa.field(f.name, _as_text(f.type)) for f in table.schema if _worth(f.type)])


def _worth(kind: pa.DataType) -> bool:
    return _is_time(kind) or pa.types.is_string(kind) or pa.types.is_struct(kind)


def _as_text(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(f.name, _as_text(f.type)) for f in kind if _worth(f.type)])
    if pa.types.is_list(kind):
        return pa.list_(_as_text(kind.value_type))
    return pa.string() if _is_time(kind) else kind


def _is_time(kind: pa.DataType) -> bool:
    if pa.types.is_list(kind):
        return _is_time(kind.value_type)
    return bool(pa.types.is_timestamp(kind))


def _has_times(schema: pa.Schema | pa.StructType) -> bool:
    return any(
        _has_times(f.type) if pa.types.is_struct(f.type) else _is_time(f.type) for f in schema
    )


def _in_source_order(table: pa.Table, content: bytes) -> pa.Table:
    """Return the columns as the first row has them: Arrow puts declared ones first."""
    first = content.lstrip().partition(b"\n")[0]
    names = [name for name in paths_of(json.loads(first)) if name in table.column_names]
    return table.select(list(dict.fromkeys([*names, *table.column_names])))


def _loses_digits(table: pa.Table) -> bool:
    """Say whether a float may have been a longer whole number, or a NaN that is no JSON."""
    for column in table.columns:
        if pa.types.is_floating(column.type):
            # NaN compares as false: it counts as too large.
            small = pc.less(pc.abs(column), float(FLOAT_HOLDS))
            if not np.asarray(small.fill_null(True)).all():
                return True
    return False
