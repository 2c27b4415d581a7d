"""Logs in the W3C's extended format, as IIS and CloudFront write them.

``#Fields:`` names the fields of the lines below it, until it comes again. Fields stand between
blanks or, where a line has one, between tabs; a text in quotes may hold both, and has each quote
twice. A ``-`` stands for nothing. Dates and times are UTC, unless the server was told otherwise.
What begins with ``#`` is no row. (https://www.w3.org/TR/WD-logfile.html, read in 2026.)
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.base import Batch, Whereabouts
from clicksession.readers.blocks import Block
from clicksession.readers.text_lines import Lines, LinesReader, bad_line, readable
from clicksession.readers.w3c_rows import Declared, rows_of

__all__ = ["W3cReader"]

_BOM = "\ufeff"

Places = npt.NDArray[np.int64]


class W3cReader(LinesReader):
    """Reads logs in the W3C's extended format; see the module.

    The columns are ``visitor`` (the client's address with its agent), ``time``, made of the fields
    ``date`` and ``time``, and the other fields under their own names.
    """

    def __init__(self) -> None:
        self._declared = Declared()

    def batches(self, block: Block, source: str) -> Iterator[Batch]:
        """Yield the rows of a block, those of each declaration by themselves."""
        lines = readable(block, source, self.max_row_bytes)
        refused = [*block.refused, *lines.refused]
        for declared, places in self._parts(lines.texts):
            part = Lines(lines.texts.take(pa.array(places)), [lines.rows[p] for p in places])
            yield _batch(part, declared, block, source)
        if refused:
            # Bytes that are no text need no directive to be seen for what they are.
            yield Batch(pa.table({}), (), "line", refused)

    def _parts(self, texts: pa.Array) -> Iterator[tuple[Declared, Places]]:
        """Yield the lines that are no directives, as far as one declaration goes."""
        marked = pc.match_substring_regex(texts, f"^{_BOM}?#")
        parts: list[Places] = []
        start, last = 0, self._declared
        for place in [*np.flatnonzero(np.asarray(marked)).tolist(), len(texts)]:
            if place > start:
                if parts and self._declared.header != last.header:
                    yield last, np.concatenate(parts)
                    parts = []
                last = self._declared
                parts.append(np.arange(start, place))
            if place < len(texts):
                directive = texts[place].as_py().removeprefix(_BOM)
                self._declared = self._declared.after(directive)
            start = place + 1
        if parts:
            yield last, np.concatenate(parts)


def _batch(lines: Lines, declared: Declared, block: Block, source: str) -> Batch:
    table, wrong = rows_of(lines.texts, declared)
    header = declared.header
    refused = []
    for place, (reason, detail) in sorted(wrong.items()):
        found = replace(block.find(lines.rows[place]), header=header)
        refused.append(bad_line(source, found, reason, detail))
    rows = [row for place, row in enumerate(lines.rows) if place not in wrong]

    def find(row: int) -> Whereabouts:
        return replace(block.find(rows[row]), header=header)

    numbers = [block.first_line + row for row in rows]
    return Batch(table if rows else pa.table({}), numbers, "line", refused, find)
