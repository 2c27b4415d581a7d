"""What pyiceberg opens, opened as all files of this library are. It imports pyiceberg."""

from typing import cast

from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile
from pyiceberg.serializers import FromInputFile
from pyiceberg.table import StaticTable

from clicksession.readers.sources.files import Source

__all__ = ["opened_table"]


def opened_table(metadata: Source) -> StaticTable:
    """Return the table that a file of metadata describes."""
    files = _Files(metadata)
    return StaticTable(
        identifier=("static", metadata.name),
        metadata=FromInputFile.table_metadata(_Input(metadata)),
        metadata_location=metadata.name,
        io=files,
        catalog=NoopCatalog("static"),
    )


class _Files(FileIO):
    """Opens the files of a table with the options that opened its metadata."""

    def __init__(self, metadata: Source) -> None:
        super().__init__()
        self._metadata = metadata

    def new_input(self, location: str) -> InputFile:
        return _Input(self._metadata.elsewhere(location))

    def new_output(self, location: str) -> OutputFile:
        raise NotImplementedError("tables are only read")

    def delete(self, location: str | InputFile | OutputFile) -> None:
        raise NotImplementedError("tables are only read")


class _Input(InputFile):
    """One file of a table."""

    def __init__(self, source: Source) -> None:
        super().__init__(source.name)
        self._source = source

    def __len__(self) -> int:
        return self._source.size_and_version()[0]

    def exists(self) -> bool:
        return True

    def open(self, seekable: bool = True) -> InputStream:
        return cast(InputStream, self._source.stream())
