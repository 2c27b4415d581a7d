"""Parse a block of newline-delimited JSON whole, or say that somebody must look closer."""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from clicksession.readers.formats.blocks import Block
from clicksession.readers.formats.json.shape import Shape, Shapes
from clicksession.readers.formats.json.strict import MAX_DEPTH, RefusedError, loaded_again
from clicksession.readers.formats.json.uniform import uniform_rows
from clicksession.readers.formats.json.width import is_too_wide
from clicksession.readers.rows.flattening import (
    MAX_FIELDS,
    flattened,
    leaves,
    resolved,
    without_hollow,
)
from clicksession.readers.rows.pairs import Ambiguous, NoPairs, may_lose_digits, spread
from clicksession.readers.rows.types import column_of

__all__ = ["BlockParser", "Closer", "Known", "Rows"]

_SAMPLE_BYTES = 2**16
_ENCODER = json.JSONEncoder(ensure_ascii=False)

# What is nested far deeper than a row may be never comes to Arrow's parser, which knows no bound. A
# line of fewer bytes cannot hold so many levels.
_SAFE_LINE = 2**11
_SAFE_LEVELS = 500

# A field takes so many bytes at least, as in {"":0,"":0}.
_FIELD_BYTES = 5


class Closer(Enum):
    """How to look closer at a block that cannot be parsed whole."""

    DIVIDE = auto()
    """Some line is not as the others: it is in one of the halves."""
    LINES = auto()
    """What is in the way may be in all lines."""


@dataclass(frozen=True)
class Known:
    """What earlier blocks of a source say of a block.

    Arrow takes a text that looks like a time for a time, whatever the field means, and would
    forget how it was written. Fields seen to be such texts are declared as text from then on.

    Attributes
    ----------
    texts
        Which fields are text.
    columns
        How many columns another block had.
    """

    texts: pa.Schema | None = None
    columns: int = 0


@dataclass(frozen=True)
class Rows:
    """The rows of a block, flat.

    Attributes
    ----------
    table
        A column for each field.
    mixed
        Which fields had values of several types.
    has_nuls
        Whether some text may hold a NUL.
    known
        What the block says of those after it; nothing new, if it is left out.
    """

    table: pa.Table
    mixed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    has_nuls: bool = True
    known: Known | None = None


class BlockParser:
    """Parses blocks of one source, each by itself.

    Parameters
    ----------
    pairs
        Paths of lists of pairs, whose keys become fields.
    shapes
        Tells an event from what holds events, where lines are to be told apart.
    """

    def __init__(self, pairs: Sequence[str] = (), shapes: Shapes | None = None) -> None:
        self._pairs = pairs
        self._shapes = shapes

    def parse(self, block: Block, known: Known = Known()) -> Rows | Closer:
        """Return the rows of a block, flat, or how to look closer."""
        uniform = uniform_rows(block.content)
        if uniform is not None:
            return Rows(uniform, has_nuls=False)
        try:
            return self._parse(block, known)
        except UnicodeDecodeError:
            # The bytes are no text, or half a surrogate pair stands in a field's name.
            return Closer.DIVIDE

    def _parse(self, block: Block, known: Known) -> Rows | Closer:
        content = block.content
        if not len(block.rows):
            # Blank lines only.
            return Rows(pa.table({}))
        # Arrow is given lines of objects only, and none that may be nested too deep.
        if b"\0" in content or not block.holds_objects or _may_be_deep(block):
            return Closer.DIVIDE
        if _is_wide(block) or is_too_wide(block, known.columns):
            return Closer.DIVIDE
        table, texts = _parsed_as_text(content, known.texts)
        # Arrow reads two objects in one line without a word.
        if table is None or table.num_rows != len(block.rows):
            return Closer.DIVIDE
        known = Known(texts, max(known.columns, table.num_columns))
        content.decode("utf-8")
        if any(_depth(kind) > MAX_DEPTH for kind in table.schema.types):
            return Closer.DIVIDE
        flat = flattened(table)
        if flat.num_columns > MAX_FIELDS:
            return Closer.DIVIDE
        try:
            flat = _in_source_order(flat, block)
            if block.places is None and self._hold_events(flat, block):
                return Closer.DIVIDE
            rows = self._without_lists(flat, block)
        except (NoPairs, RefusedError):
            return Closer.DIVIDE
        except Ambiguous:
            return Closer.LINES
        return Closer.DIVIDE if _loses_digits(rows.table) else replace(rows, known=known)

    def _hold_events(self, flat: pa.Table, block: Block) -> bool:
        """Say whether some line is no event but holds events."""
        shapes = self._shapes
        if shapes is None:
            return False
        for row in _doubtful(shapes, flat).tolist():
            value = loaded_again(block.line(block.rows[row]))
            if isinstance(value, dict) and shapes.of(value)[0] is not Shape.EVENT:
                return True
        return False

    def _without_lists(self, table: pa.Table, block: Block) -> Rows:
        """Return the rows with a field for each key of the pairs, and other lists as JSON text."""
        columns = dict(zip(table.column_names, table.columns, strict=True))
        lists = [name for name, column in columns.items() if pa.types.is_list(column.type)]
        pairs = [name for name in self._pairs if name in lists]
        others = [name for name in lists if name not in pairs]
        if others:
            texts = _list_texts({name: columns[name] for name in others}, block)
            columns.update(zip(others, texts, strict=True))
        mixed: dict[str, frozenset[str]] = {}
        for path in pairs:
            found, kinds = spread(columns.pop(path), path, block.content)
            mixed.update(kinds)
            # Of two with one name, the record's own.
            columns.update((n, c) for n, c in found.items() if n not in columns)
            if not found:
                # No row has pairs: it is a field of nulls.
                columns[path] = pa.nulls(table.num_rows)
        columns = without_hollow(columns)
        return Rows(pa.table(columns) if columns else table.select([]), mixed)


def _doubtful(shapes: Shapes, flat: pa.Table) -> npt.NDArray[np.int64]:
    """Return the rows that may hold events: of those without a list, none does."""
    columns = dict(zip(flat.column_names, flat.columns, strict=True))
    lists = {name for name, column in columns.items() if pa.types.is_list(column.type)}
    if not lists:
        return np.empty(0, dtype=np.int64)
    known = [path for path in shapes.known if path in columns and path not in lists]
    known += [path for path in shapes.packed if path in lists]
    doubtful = np.ones(flat.num_rows, dtype=bool)
    for path in known:
        doubtful &= np.asarray(columns[path].is_null())
    for path in lists.intersection(shapes.times):
        doubtful |= np.asarray(columns[path].is_valid())
    return np.flatnonzero(doubtful)


def _list_texts(lists: Mapping[str, pa.ChunkedArray], block: Block) -> list[pa.Array]:
    """Return the lists of each column as JSON text.

    From the lines themselves: Arrow's would be another text, [1.0, 2.5] of [1, 2.5].
    """
    lengths = {name: pc.list_value_length(column) for name, column in lists.items()}
    texts: dict[str, list[object]] = {
        name: [None if n is None else "[]" for n in each.to_pylist()]
        for name, each in lengths.items()
    }
    filled: dict[int, list[str]] = {}
    for name, each in lengths.items():
        for row in np.flatnonzero(np.asarray(pc.fill_null(each, 0))).tolist():
            filled.setdefault(row, []).append(name)
    for row, names in filled.items():
        record = loaded_again(block.line(block.rows[row]))
        assert isinstance(record, dict)
        flat: dict[str, object] = {}
        for name in names:
            found = resolved(record, name)
            if not isinstance(found, list):
                # Some key on the way holds a dot.
                flat = flat or dict(leaves(record))
                found = flat[name]
            texts[name][row] = _ENCODER.encode(found)
    return [column_of(column) for column in texts.values()]


def _may_be_deep(block: Block) -> bool:
    long = _lines_of(block, _SAFE_LINE)
    return any(line.count(b"{") + line.count(b"[") > _SAFE_LEVELS for line in long)


def _is_wide(block: Block) -> bool:
    """Say whether some line has more fields than a row may have: Arrow makes columns of each."""
    long = _lines_of(block, MAX_FIELDS * _FIELD_BYTES)
    return any(line.count(b":") > MAX_FIELDS and _fields_of(line) > MAX_FIELDS for line in long)


def _lines_of(block: Block, size: int) -> Iterable[bytes]:
    """Return the lines of so many bytes or more."""
    if block.longest < size:
        return ()
    lengths = np.diff(block.ends, prepend=-1)
    return map(block.line, np.flatnonzero(lengths > size).tolist())


def _fields_of(line: bytes) -> int:
    try:
        record = loaded_again(line)
    except RefusedError:
        return 0
    return sum(1 for _ in leaves(record)) if isinstance(record, dict) else 0


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
    # In one thread: several blocks are parsed at once.
    read_options = pa.json.ReadOptions(block_size=len(content) + 1, use_threads=False)
    try:
        return pa.json.read_json(
            io.BytesIO(content),
            read_options=read_options,
            parse_options=options,
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError):
        return None


def _parsed_as_text(
    content: bytes, texts: pa.Schema | None
) -> tuple[pa.Table | None, pa.Schema | None]:
    """Return the rows, with all their texts as text, and which fields are that."""
    if texts is None:
        sample = content[: content.find(b"\n", _SAMPLE_BYTES) + 1 or None]
        texts = _declared_text(_parsed(sample))
    table = _parsed(content, texts)
    if table is not None and _has_times(table.schema):
        texts = _declared_text(table)
        table = _parsed(content, texts)
    return table, texts


def _declared_text(table: pa.Table | None) -> pa.Schema | None:
    if table is None:
        return None
    return pa.schema([pa.field(f.name, _as_text(f.type)) for f in table.schema if _worth(f.type)])


def _worth(kind: pa.DataType) -> bool:
    if pa.types.is_list(kind):
        return _worth(kind.value_type)
    return bool(pa.types.is_timestamp(kind) or pa.types.is_string(kind) or pa.types.is_struct(kind))


def _as_text(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(f.name, _as_text(f.type)) for f in kind if _worth(f.type)])
    if pa.types.is_list(kind):
        return pa.list_(_as_text(kind.value_type))
    return pa.string() if pa.types.is_timestamp(kind) else kind


def _has_times(kinds: pa.Schema | pa.DataType) -> bool:
    if isinstance(kinds, pa.Schema) or pa.types.is_struct(kinds):
        return any(_has_times(field.type) for field in kinds)
    if pa.types.is_list(kinds):
        return _has_times(kinds.value_type)
    return bool(pa.types.is_timestamp(kinds))


def _in_source_order(table: pa.Table, block: Block) -> pa.Table:
    """Return the columns as rows first show them: Arrow puts declared ones first."""
    names: dict[str, None] = {}
    left = [0, *(_first_row(column) for column in table.columns)]
    for row in sorted(set(left)):
        record = loaded_again(block.line(block.rows[row]))
        assert isinstance(record, dict)
        names.update((path, None) for path, _ in leaves(record))
    known = dict.fromkeys(table.column_names)
    return table.select(list(dict.fromkeys([*(name for name in names if name in known), *known])))


def _first_row(column: pa.ChunkedArray) -> int:
    """Return the first row with a value; of a column without any, the first."""
    return int(np.argmax(np.asarray(column.is_valid()))) if column.null_count else 0


def _loses_digits(table: pa.Table) -> bool:
    """Say whether a float may have been a longer whole number, or a NaN that is no JSON."""
    return any(
        pa.types.is_floating(column.type) and may_lose_digits(column) for column in table.columns
    )
