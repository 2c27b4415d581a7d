"""The files of a table that count now, and which of their rows do."""

from clicksession.errors import ReadError
from clicksession.readers.sources.files import Source
from clicksession.readers.sources.tables.base import TableFile

__all__ = ["files_of_table"]

_HUDI_HINT = (
    "Give what Hudi's own reader gives (pip install hudi): "
    "read_events(pyarrow.Table.from_batches(HudiTableBuilder.from_base_uri(…).build()"
    ".read_snapshot()))."
)


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
