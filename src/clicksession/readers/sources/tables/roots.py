"""Tell a folder that is a table, whose log or metadata says which of its files count.

Reading all files of such a folder would bring back rows that were deleted, and repeat those that
were rewritten.
"""

import re
from collections.abc import Iterable
from typing import Any

from clicksession.errors import ReadError

__all__ = ["is_there", "kind_of_table", "refuse_files_of_tables", "table_within"]

# In this order: a Delta table may keep Iceberg's metadata too, and either says the same.
_MARKS = {
    "delta": re.compile(r"(.*/)?_delta_log/[^/]+"),
    "iceberg": re.compile(r"(.*/)?metadata/[^/]*\.metadata\.json(\.gz)?"),
    "hudi": re.compile(r"(.*/)?\.hoodie/.+"),
}
_CALLED = {"delta": "a Delta table", "iceberg": "an Iceberg table", "hudi": "a Hudi table"}
_DATA = (".parquet", ".orc", ".avro")

# How many folders up from a file its table may begin, not counting part=value ones: itself, and
# Iceberg's `data` with one more below it.
_FOLDERS_UP = 3


def kind_of_table(names: Iterable[str]) -> str:
    """Return what table a folder is: ``"delta"``, ``"iceberg"``, ``"hudi"`` or nothing.

    Parameters
    ----------
    names
        The files below the folder, each by its path from there.

    Examples
    --------
    >>> kind_of_table(["part-0.parquet", "_delta_log/00000000000000000000.json"])
    'delta'
    >>> kind_of_table(["part-0.parquet"])
    ''
    """
    found = {_whose(name) for name in names}
    return next((kind for kind in _MARKS if (kind, "") in found), "")


def table_within(names: Iterable[str]) -> tuple[str, str] | None:
    """Return a table somewhere below a folder: what it is called, and its path from there."""
    found = {_whose(name) for name in names} - {("", "")}
    if not found:
        return None
    kind, path = min(found)
    return _CALLED[kind], path


def refuse_files_of_tables(
    filesystem: Any, paths: Iterable[str], name: str, seen: dict[str, str]
) -> None:
    """Refuse files that lie in a table, given without it.

    Parameters
    ----------
    filesystem, paths
        Where the files are.
    name
        What messages call the source.
    seen
        What was found out about folders; it is added to.

    Raises
    ------
    ReadError
        One does.
    """
    for path in paths:
        if path.lower().endswith(_DATA):
            for folder in _folders_above(path):
                if folder not in seen:
                    seen[folder] = _kind_at(filesystem, folder)
                if seen[folder]:
                    raise ReadError(
                        name,
                        f"{path} is a file of {_CALLED[seen[folder]]}, which says which of its "
                        f"files and rows count",
                        f"Give the table's folder, {folder}. What is no part of it stands "
                        f"elsewhere.",
                    )


def _whose(name: str) -> tuple[str, str]:
    """Return the kind and the folder of the table that a file is the log of."""
    for kind, mark in _MARKS.items():
        found = mark.fullmatch(name)
        if found:
            return kind, (found[1] or "").rstrip("/")
    return "", ""


def _folders_above(path: str) -> Iterable[str]:
    left = _FOLDERS_UP
    folder = path.rpartition("/")[0]
    while folder and left:
        yield folder
        folder, _, last = folder.rpartition("/")
        left -= "=" not in last


def _kind_at(filesystem: Any, folder: str) -> str:
    if is_there(filesystem, f"{folder}/_delta_log"):
        return "delta"
    if is_there(filesystem, f"{folder}/.hoodie"):
        return "hudi"
    if is_there(filesystem, f"{folder}/metadata"):
        names = (file.rpartition("/")[2] for file in filesystem.find(f"{folder}/metadata"))
        return kind_of_table(f"metadata/{name}" for name in names)
    return ""


def is_there(filesystem: Any, path: str) -> bool:
    """Say whether there is a file or folder of just this name; no, where one may not ask."""
    try:
        return bool(filesystem.exists(path))
    except Exception:  # noqa: BLE001  (who may read or list files need not be allowed to ask)
        return False
