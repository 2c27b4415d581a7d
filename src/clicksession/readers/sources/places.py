"""Find the sources that an address leads to: a file, a pattern, a folder, a table."""

import glob
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from clicksession.errors import ParameterError, ReadError, SourceNotFoundError
from clicksession.readers.sources.errors import look
from clicksession.readers.sources.files import Location, Source, located, protocols, relative
from clicksession.readers.sources.tables.roots import (
    is_there,
    kind_of_table,
    refuse_files_of_tables,
    table_within,
)
from clicksession.secrets import without_secrets

__all__ = ["find_sources"]

# Iceberg's, given instead of the table's folder.
_METADATA = re.compile(r"(^|/)metadata/[^/]*\.metadata\.json(\.gz)?$")

# What is called so is a file, if its address does not end with a slash.
_FILES = (
    *(".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt", ".log"),
    *(".gz", ".bz2", ".xz", ".zst"),
)


def find_sources(
    source: Location | Iterable[Location],
    storage_options: Mapping[str, object] | None = None,
    seen: dict[str, str] | None = None,
) -> list[Source]:
    """Return the files that a path, URL, pattern or list of these leads to, in a stable order.

    Files of one pattern come sorted by name; those of a list in the order of the list. The folder
    of a table comes as one. `seen` remembers from one call to the next which folders are none.

    Raises
    ------
    SourceNotFoundError
        A location leads to no file.
    ReadError
        The protocol is unknown, the store refuses or does not answer, or files of a table are
        given without the table.
    """
    locations = [source] if isinstance(source, str | os.PathLike) else source
    if not isinstance(locations, Iterable):
        must = "a path, a URL, a pattern, or a list of these"
        raise ParameterError("read_events", "source", must, source)
    seen = {} if seen is None else seen
    return [
        found
        for location in locations
        for found in _find(os.fspath(location), storage_options or {}, seen)
    ]


def _find(url: str, options: Mapping[str, object], seen: dict[str, str]) -> list[Source]:
    source, filesystem = located(url, options)
    there = _Place(url, source, filesystem)
    with source.explained():
        path = source.path
        # A question mark in an HTTP URL begins its query: it is no pattern.
        if url.startswith("http"):
            return there.folder(path, seen) if url.endswith("/") else [source]
        if glob.has_magic(path) and not is_there(filesystem, path):
            pattern = _literal_folders(filesystem, path)
            return there.matching(f"{pattern}/" if url.endswith("/") else pattern, seen)
        if url.endswith("/") or _is_folder(filesystem, path):
            return there.folder(path, seen)
        if _METADATA.search(path):
            return [replace(source, table="iceberg")]
        refuse_files_of_tables(filesystem, [path], source.name, seen)
        return [source]


@dataclass(frozen=True)
class _Place:
    """An address that the user gave."""

    url: str
    source: Source
    filesystem: Any

    def matching(self, pattern: str, seen: dict[str, str]) -> list[Source]:
        """Return the files that match a pattern; where only folders do, the files in these."""
        # A listing from an earlier call would hide the files that came since.
        self.filesystem.invalidate_cache()
        # In a store, a pattern that ends with a slash matches nothing.
        found = sorted(path.rstrip("/") for path in self.filesystem.glob(pattern.rstrip("/")))
        folders = {path for path in found if self.filesystem.isdir(path)}
        if pattern.endswith("/"):
            found = sorted(folders)
        files = [path for path in found if path not in folders]
        if found and not files:
            return [source for folder in found for source in self.folder(folder, seen)]
        if not files:
            raise self._nothing("no file matches this pattern")
        refuse_files_of_tables(self.filesystem, files, self.source.name, seen)
        return self._sources(files)

    def folder(self, path: str, seen: dict[str, str]) -> list[Source]:
        """Return the files of a folder; the folder itself, where it is a table."""
        self.filesystem.invalidate_cache()
        found = sorted(self.filesystem.find(path))
        below = {file: relative(file, path) for file in found}
        table = kind_of_table(below.values())
        if table:
            [source] = self._sources([path])
            return [replace(source, table=table)]
        within = table_within(below.values())
        if within:
            what, inner = within
            hint = f"Give it alone, as a source of its own: {self.source.below(inner).name}"
            raise ReadError(self.source.name, f"there is {what} in it, {inner}", hint)
        files = [file for file in found if _is_data(below[file])]
        if not files:
            raise self._nothing("there is no file in this folder")
        refuse_files_of_tables(self.filesystem, files, self.source.name, seen)
        return self._sources(files)

    def _sources(self, paths: list[str]) -> list[Source]:
        names = (_name_of(path, self.url, self.filesystem) for path in paths)
        pairs = zip(names, paths, strict=True)
        return [replace(self.source, name=name, path=path) for name, path in pairs]

    def _nothing(self, missing: str) -> SourceNotFoundError:
        return SourceNotFoundError(self.source.name, missing, look(self.url))


def _is_folder(filesystem: Any, path: str) -> bool:
    """Say whether a path is a folder; a store is not asked about what is called like a text."""
    if path.lower().endswith(_FILES) and "file" not in protocols(filesystem):
        return False
    try:
        return bool(filesystem.isdir(path))
    except Exception:  # noqa: BLE001  (who may not list may still read)
        return False


def _literal_folders(filesystem: Any, path: str) -> str:
    """Return a pattern in which folders that are there, brackets and all, are no patterns."""
    parts = path.split("/")
    for number in range(len(parts) - 1, 0, -1):
        folder = "/".join(parts[:number])
        if glob.has_magic(folder) and is_there(filesystem, folder):
            return "/".join([glob.escape(folder), *parts[number:]])
    return path


def _is_data(below: str) -> bool:
    """Say whether a file of a folder is data: not ``_SUCCESS``, ``.crc`` and their like.

    A folder such as ``_day=7`` is a column, as it is for Spark.
    """
    parts = below.split("/")
    return not any(part[0] == "." or (part[0] == "_" and "=" not in part) for part in parts if part)


def _name_of(path: str, url: str, filesystem: Any) -> str:
    """Return the address of one file that a pattern or folder led to."""
    first, chained, rest = url.partition("::")
    if chained:
        return without_secrets(f"{first.partition('://')[0]}://{path}::{rest}")
    return without_secrets(filesystem.unstrip_protocol(path) if "://" in url else path)
