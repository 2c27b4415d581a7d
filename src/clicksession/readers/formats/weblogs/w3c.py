"""Logs in the W3C's extended format, as IIS and CloudFront write them.

``#Fields:`` names the fields of the lines below it, until it comes again. Fields stand between
blanks or, where a line has one, between tabs; a text in quotes may hold both, and has each quote
twice. A ``-`` stands for nothing. Dates and times are UTC, unless the server was told otherwise.
What begins with ``#`` is no row. (https://www.w3.org/TR/WD-logfile.html, read in 2026.)
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clicksession.readers.base import Batch, Whereabouts
from clicksession.readers.formats.blocks import Block
from clicksession.readers.formats.text_lines import Lines, LinesReader, readable
from clicksession.readers.formats.weblogs.w3c_rows import Declared, rows_of
from clicksession.readers.rows.types import concatenated

__all__ = ["W3cReader"]

_BOM = "\ufeff"

# How many declarations a batch may have lines of: one by one, they would take their time each.
_TOGETHER = 16


@dataclass(frozen=True)
class _Part:
    """Lines that mean the same: which, and what was declared for them."""

    declared: Declared
    places: list[npt.NDArray[np.int64]] = field(default_factory=list)


class W3cReader(LinesReader):
    """Reads logs in the W3C's extended format; see the module.

    The columns are ``visitor`` (the client's address with its agent), ``time``, made of the fields
    ``date`` and ``time``, and the other fields under their own names.
    """

    def __init__(self) -> None:
        self._declared = Declared()

    def batches(self, block: Block, source: str) -> Iterator[Batch]:
        """Yield the rows of a block."""
        lines = readable(block, source, self.max_row_bytes)
        if block.refused or lines.refused:
            # Bytes that are no text need no directive to be seen for what they are.
            yield Batch(pa.table({}), (), "line", [*block.refused, *lines.refused])
        for parts in self._parts(lines.texts):
            yield _batch(lines, parts, block, source)

    def _parts(self, texts: pa.Array) -> Iterator[list[_Part]]:
        """Yield the lines that are no directives, with what holds for each; some at a time."""
        marked = pc.match_substring_regex(texts, f"^{_BOM}?#")
        parts: list[_Part] = []
        start = 0
        for place in [*np.flatnonzero(np.asarray(marked)).tolist(), len(texts)]:
            if place > start:
                part = next((part for part in parts if part.declared.means(self._declared)), None)
                if part is None and len(parts) == _TOGETHER:
                    yield parts
                    parts = []
                if part is None:
                    part = _Part(self._declared)
                    parts.append(part)
                part.places.append(np.arange(start, place))
            if place < len(texts):
                directive = texts[place].as_py().removeprefix(_BOM)
                self._declared = self._declared.after(directive)
            start = place + 1
        if parts:
            yield parts


def _batch(lines: Lines, parts: list[_Part], block: Block, source: str) -> Batch:
    tables, kept, whose, refused = [], [], [], []
    for number, part in enumerate(parts):
        places = np.concatenate(part.places)
        table, wrong = rows_of(lines.texts.take(pa.array(places)), part.declared)
        header = part.declared.header
        for place, (reason, detail) in wrong.items():
            found = replace(block.find(lines.rows[places[place]]), header=header)
            refused.append(found.bad_row(source, reason, detail))
        good = np.ones(len(places), dtype=bool)
        good[list(wrong)] = False
        if good.any():
            tables.append(table)
            kept.append(places[good])
            whose.append(np.full(int(good.sum()), number))
    if not tables:
        return Batch(pa.table({}), (), "line", refused)
    order = np.argsort(np.concatenate(kept))
    owners = np.concatenate(whose)[order]
    rows = [lines.rows[place] for place in np.concatenate(kept)[order].tolist()]
    table = tables[0] if len(tables) == 1 else concatenated(tables).take(pa.array(order))

    def find(row: int) -> Whereabouts:
        return replace(block.find(rows[row]), header=parts[owners[row]].declared.header)

    return Batch(table, [block.first_line + row for row in rows], "line", refused, find)
