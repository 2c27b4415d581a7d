"""Cut many lines at once into fields between blanks, some of them in quotes."""

import re
from collections.abc import Sequence
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from clicksession.readers.rows.types import concatenated

__all__ = ["by_place", "columns_of"]

_ESCAPED = r'(?:[^"\\]|\\.)*'
_RAW = r'[^"]*'


def columns_of(values: pa.Array, count: int) -> list[pa.Array]:
    """Return the columns of rows of so many values each, which stand one after another."""
    places = np.arange(len(values) // count) * count
    return [values.take(pa.array(places + number)) for number in range(count)]


def by_place(lines: pa.Array, names: Sequence[str], *, escapes: bool) -> dict[str, pa.Array]:
    r"""Return a column for each field of lines, named by its place.

    A field that a line is too short for is null there; one that no line has is left out. What a
    line has beyond the last name is the column ``rest``. With `escapes`, a backslash in quotes
    takes the meaning of a quote away, and stays.

    Examples
    --------
    >>> found = by_place(pa.array(['a "b c"', "d"]), ["x", "y"], escapes=True)
    >>> {name: column.to_pylist() for name, column in found.items()}
    {'x': ['a', 'd'], 'y': ['b c', None]}
    """
    lines = pc.ascii_rtrim(lines, " ")
    quoted = _ESCAPED if escapes else _RAW
    bare = pc.replace_substring_regex(lines, f'"{quoted}"', '""')
    counts = np.asarray(pc.count_substring(bare, " ")) + 1
    # Arrow takes a carriage return for the end of a line, and knows no backslash that stays.
    odd = np.asarray(pc.match_substring_regex(lines, r"[\\\r]")) | (counts > len(names))
    parts = [np.flatnonzero(~odd & (counts == n)) for n in np.unique(counts[~odd]).tolist()]
    tables = [_alike(lines.take(pa.array(part)), names[: counts[part[0]]]) for part in parts]
    if odd.any():
        parts.append(np.flatnonzero(odd))
        rows = [_one(text, names, quoted) for text in lines.filter(pa.array(odd)).to_pylist()]
        every = (*names, "rest")
        tables.append(
            pa.table({n: pa.array([row.get(n) for row in rows], pa.string()) for n in every})
        )
    if not tables:
        return {name: pa.array([], pa.string()) for name in names}
    table = concatenated(tables).combine_chunks()
    if len(tables) > 1:
        table = table.take(pa.array(np.argsort(np.concatenate(parts))))
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    return {name: texts for name, texts in columns.items() if texts.null_count < len(texts)}


def _alike(lines: pa.Array, names: Sequence[str]) -> pa.Table:
    """Return the fields of lines that have so many each; Arrow's CSV reader does it the fastest."""
    whole = pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines)
    content = pc.binary_join(whole, "\n")[0].as_buffer()
    return pa.csv.read_csv(
        pa.BufferReader(content),
        read_options=pa.csv.ReadOptions(
            column_names=list(names), use_threads=False, block_size=content.size + 1
        ),
        parse_options=pa.csv.ParseOptions(delimiter=" ", double_quote=False),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), null_values=[]
        ),
    )


def _one(line: str, names: Sequence[str], quoted: str) -> dict[str, str]:
    # No further than the names go: what remains is one text.
    found = list(islice(re.finditer(f'"({quoted})"|([^ "]+)', line), len(names) + 1))
    values = [field[2] if field[1] is None else field[1] for field in found]
    row = dict(zip(names, values, strict=False))
    if len(found) > len(names):
        row["rest"] = line[found[len(names)].start() :]
    return row
