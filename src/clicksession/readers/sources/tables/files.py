"""The files of a table that count now, and which of their rows do."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from clicksession.errors import ReadError
from clicksession.readers.sources.files import Source
from clicksession.readers.sources.partitions import Constants

__all__ = ["Rows", "TableFile", "files_of_table"]

Rows = tuple[pa.Table, Sequence[int]]
"""Rows as they are in a table, and the number of each in its file, from 1."""

_HUDI_HINT = (
    "Give what Hudi's own reader gives (pip install hudi): "
    "read_events(pyarrow.Table.from_batches(HudiTableBuilder.from_base_uri(…).build()"
    ".read_snapshot()))."
)


@dataclass(frozen=True)
class TableFile:
    """A file of a table.

    Attributes
    ----------
    source
        The file. Its `mark` changes where other rows of it count.
    rows
        Reads those that count.
    constants
        What the table says of all its rows.
    """

    source: Source
    rows: Callable[[], Iterator[Rows]]
    constants: Constants = field(default_factory=dict)


def files_of_table(table: Source) -> list[TableFile]:
    """Return the files of a table that count now, in a stable order.

    Raises
    ------
    MissingExtraError
        The package that reads such a table is not installed.
    ReadError
        The table cannot be read, or not without bringing back what was deleted from it.
    """
    if table.table == "delta":
        from clicksession.readers.sources.tables.delta import delta_files

        return delta_files(table)
    if table.table == "iceberg":
        from clicksession.readers.sources.tables.iceberg import iceberg_files

        return iceberg_files(table)
    reason = "it is a Hudi table, of which nothing here says which rows still count"
    raise ReadError(table.name, reason, _HUDI_HINT)
