"""Lines of JSON that are written alike, as columns: cut at their quotation marks, all at once.

Arrow's reader of CSV, with the quotation mark for its delimiter, cuts lines far faster than its
reader of JSON parses them. That each line has as many pieces as the first one, and the same where
these are no values, says that it is as good JSON as that one is, but for its values: these are
looked at too. Lines with a backslash, with lists or of several kinds are for the parser.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from clicksession.readers.json_scalars import scalars
from clicksession.readers.json_templates import Constant, Field, Template, Token, template_of
from clicksession.readers.records import MAX_FIELDS, without_hollow

__all__ = ["rows_alike"]

_SPACE = ord(" ")


def rows_alike(content: bytes) -> pa.Table | None:
    r"""Return the rows of whole lines, flat; nothing, where a parser has to look at them.

    Examples
    --------
    >>> rows_alike(b'{"id": 1, "by": {"at": "x"}}\n{"id": 2, "by": {"at": "y"}}\n').to_pylist()
    [{'id': 1, 'by.at': 'x'}, {'id': 2, 'by.at': 'y'}]
    >>> rows_alike(b'{"id": 1}\n{"id": [2]}\n')
    """
    # It takes the meaning of the quotation mark behind it.
    if b"\\" in content:
        return None
    template = template_of(content.partition(b"\n")[0])
    if template is None or len(template) > 4 * MAX_FIELDS:
        return None
    pieces = _cut(content, template)
    if pieces is None:
        return None
    columns: dict[str, pa.Array] = {}
    for column, piece in zip(pieces, template, strict=True):
        if isinstance(piece, Constant):
            if not _are_all(column, piece.text):
                return None
            continue
        found = _texts(column) if isinstance(piece, Field) else _values(column, piece)
        if found is None:
            return None
        columns[piece.path] = found
    return pa.table(without_hollow(columns)) if len(columns) <= MAX_FIELDS else None


def _cut(content: bytes, template: Template) -> list[pa.Array] | None:
    """Return what stands between the quotation marks of lines; nothing, where these differ."""
    names = [str(number) for number in range(len(template))]
    kinds = {
        name: pa.string() if isinstance(piece, Field) else pa.binary()
        for name, piece in zip(names, template, strict=True)
    }
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(content),
            read_options=pa.csv.ReadOptions(
                column_names=names, use_threads=False, block_size=len(content) + 1
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter='"', quote_char=False, double_quote=False, ignore_empty_lines=False
            ),
            convert_options=pa.csv.ConvertOptions(column_types=kinds, null_values=[]),
        )
    except pa.ArrowInvalid:
        # Or a text is no UTF-8.
        return None
    return [column.chunk(0) for column in table.columns]


def _are_all(pieces: pa.Array, text: bytes) -> bool:
    """Say whether pieces are the same text all of them."""
    ends, data = _buffers(pieces)
    count = len(pieces)
    same_size = np.array_equal(ends, np.arange(count + 1, dtype=np.int32) * len(text))
    return same_size and data.equals(pa.py_buffer(text * count))


def _texts(pieces: pa.Array) -> pa.Array | None:
    """Return texts; nothing, where one holds a control character, which is no JSON."""
    _, data = _buffers(pieces)
    codes = np.frombuffer(data, dtype=np.uint8)
    return pieces if not codes.size or codes.min() >= _SPACE else None


def _values(pieces: pa.Array, token: Token) -> pa.Array | None:
    """Return the values in pieces; nothing, where something else stands around one, or it is none."""
    sides = len(token.before) + len(token.behind)
    ends, _ = _buffers(pieces)
    if np.diff(ends).min() <= sides:
        return None
    around = pc.and_(pc.starts_with(pieces, token.before), pc.ends_with(pieces, token.behind))
    if not pc.all(around).as_py():
        return None
    tokens = pc.binary_slice(pieces, len(token.before), -len(token.behind))
    # What is no ASCII is no value either.
    return scalars(tokens.cast(pa.string())) if _is_ascii(tokens) else None


def _is_ascii(texts: pa.Array) -> bool:
    _, data = _buffers(texts)
    return data.to_pybytes().isascii()


def _buffers(texts: pa.Array) -> tuple[npt.NDArray[np.int32], pa.Buffer]:
    """Return where each text of an array ends, from 0 on, and the bytes of all."""
    ends = np.frombuffer(texts.buffers()[1], dtype=np.int32)[: len(texts) + 1]
    data = texts.buffers()[2] or pa.py_buffer(b"")
    return ends, data.slice(0, int(ends[-1]))
