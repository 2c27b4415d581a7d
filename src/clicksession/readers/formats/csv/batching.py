"""Batches of the records of CSV: many at once where none is bad, else fewer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from clicksession.readers.base import Batch, Whereabouts
from clicksession.readers.formats.csv.cuts import Positions
from clicksession.readers.formats.csv.faults import Faults
from clicksession.readers.formats.csv.parsing import CellParser, Skipped
from clicksession.readers.formats.csv.records import Records
from clicksession.readers.rows.cells import as_cells

__all__ = ["Batching"]

# The most bad rows of one batch: what a log of nothing else costs in memory.
_FEW = 2**12
_NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Batching:
    """Makes batches of the records of one source, whose columns have names by now.

    Attributes
    ----------
    format
        What a bad row needs to be read again.
    """

    parser: CellParser
    faults: Faults
    names: list[str]
    format: str

    def batches(self, records: Records, whole: Batch | None) -> Iterator[Batch]:
        """Yield the rows of records, given what came of an attempt at all of them."""
        if whole is not None:
            yield whole
        elif len(records):
            yield from self._divided(records)
        elif records.refused:
            yield self._batch(records, _NONE, pa.table({}))

    def _divided(self, records: Records) -> Iterator[Batch]:
        """Yield the rows of records that are not to be had at once."""
        if len(records) == 1:
            yield self._batch(records, _NONE, pa.table({}))
            return
        size = _FEW if len(records) > _FEW else -(-len(records) // 2)
        for first in range(0, len(records), size):
            part = records.part(first, first + size)
            yield from self.batches(part, self.whole(part))

    def whole(self, records: Records) -> Batch | None:
        """Return the rows of records, if no more than a few are bad; in any thread."""
        if not len(records):
            return None
        faults = self.faults.of(records)
        rows = np.flatnonzero(~faults)
        is_small = len(records) <= _FEW
        if not is_small and len(records) - len(rows) > _FEW:
            return None
        skipped = Skipped(len(rows) if is_small else _FEW)
        is_whole = len(rows) == len(records) and records.is_whole
        table = self._table(records.text if is_whole else records.only(rows), len(rows), skipped)
        if table is None:
            return None
        return self._batch(records, np.delete(rows, skipped.rows), as_cells(table))

    def _table(self, text: bytes, count: int, skipped: Skipped) -> pa.Table | None:
        """Return the rows that have all fields, as text; None where something else is wrong."""
        if not count:
            return pa.table({})
        try:
            table = self.parser.cells(text, self.names, skipped)
        except pa.ArrowInvalid:
            return None
        return table if table.num_rows + len(skipped.rows) == count else None

    def _batch(self, records: Records, kept: Positions, table: pa.Table) -> Batch:
        """Return a batch of those of the records that came to a table, the others refused."""
        bad = np.delete(np.arange(len(records)), kept)
        faults, width = self.faults, len(self.names)
        refused = [faults.again(row) for _, row in records.refused]
        refused += [faults.bad_row(records, row, width) for row in bad.tolist()]
        refused.sort(key=lambda row: row.line or 0)

        def find(row: int) -> Whereabouts:
            found = records.find(int(kept[row]))
            return replace(found, header=faults.header, format=self.format)

        numbers = _numbers(records.lines()[kept])
        # A record with a byte of zero is refused.
        return Batch(table, numbers, "line", refused, find, format=self.format, has_nuls=False)


def _numbers(lines: Positions) -> Sequence[int]:
    """Return the numbers of lines: of those that follow each other, without a list of them."""
    first = int(lines[0]) if len(lines) else 0
    follow = range(first, first + len(lines))
    is_plain = len(lines) and int(lines[-1]) == follow[-1]
    return follow if is_plain else lines.tolist()
