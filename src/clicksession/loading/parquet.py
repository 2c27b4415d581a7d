"""`export_events` and `export_sessions`: out of a target into a Parquet file, in flat memory."""

import os
from collections.abc import Iterable, Mapping

import pyarrow.parquet as pq
from sqlalchemy import ColumnElement

from clicksession.keywords import keywords
from clicksession.loading.asked import Asked, Moment
from clicksession.loading.frames import ROWS, checked_rows
from clicksession.loading.stored import Place, opened
from clicksession.readers.sources.files import written
from clicksession.sql.tables import Tables

__all__ = ["export_events", "export_sessions"]


@keywords()
def export_sessions(
    target: Place,
    path: str | os.PathLike[str],
    *,
    columns: Iterable[str] | None = None,
    where: ColumnElement[bool] | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    session_index: bool = False,
    zone: str = "UTC",
    in_order: bool = True,
    batch_rows: int = ROWS,
    tables: Tables | None = None,
    storage_options: Mapping[str, object] | None = None,
) -> int:
    """Write the sessions of a target into a Parquet file, and return how many there are.

    Parameters
    ----------
    target
        As for `load_sessions`.
    path
        The file or object: a path, or a URL such as ``"gs://shop/sessions.parquet"``. One that is
        there is replaced; its folder must be there. It is Parquet, whatever its name ends in.
    columns, where, since, until, session_index, zone, in_order, tables
        As for `load_sessions`.
    batch_rows
        So many rows are in memory at a time; each batch is a row group of the file.
    storage_options
        For the store, as for `clicksession.read_events`.

    Returns
    -------
    int
        How many sessions were written.

    Raises
    ------
    ParameterError
        As by `load_sessions`; then no file is made.
    SourceNotFoundError
        There is no such folder or bucket.
    ReadError
        The file cannot be written for another reason.

    Examples
    --------
    >>> import pandas as pd, tempfile
    >>> from sqlalchemy import create_engine
    >>> from clicksession import SQLWriter
    >>> engine = create_engine("duckdb:///:memory:")
    >>> time = pd.to_datetime(["2024-05-01 10:00"], utc=True)
    >>> report = SQLWriter(engine).write(pd.DataFrame({"user_id": ["ann"], "timestamp": time}))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_sessions(engine, f"{folder}/sessions.parquet")
    1
    """
    who = "export_sessions"
    asked = Asked(who, "sessions", columns, where, since, until, session_index, zone, in_order)
    return _exported(target, tables, asked, path, storage_options, checked_rows(who, batch_rows))


@keywords()
def export_events(
    target: Place,
    path: str | os.PathLike[str],
    *,
    columns: Iterable[str] | None = None,
    where: ColumnElement[bool] | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    session_index: bool = False,
    zone: str = "UTC",
    in_order: bool = True,
    batch_rows: int = ROWS,
    tables: Tables | None = None,
    storage_options: Mapping[str, object] | None = None,
) -> int:
    """Write the events of a target into a Parquet file, and return how many there are.

    Parameters
    ----------
    target
        As for `load_events`.
    path
        The file or object: a path, or a URL such as ``"gs://shop/events.parquet"``. One that is
        there is replaced; its folder must be there. It is Parquet, whatever its name ends in.
    columns, where, since, until, session_index, zone, in_order, tables
        As for `load_events`.
    batch_rows
        So many rows are in memory at a time; each batch is a row group of the file.
    storage_options
        For the store, as for `clicksession.read_events`.

    Returns
    -------
    int
        How many events were written.

    Raises
    ------
    ParameterError
        As by `load_events`; then no file is made.
    SourceNotFoundError
        There is no such folder or bucket.
    ReadError
        The file cannot be written for another reason.

    Examples
    --------
    >>> import pandas as pd, tempfile
    >>> from sqlalchemy import create_engine
    >>> from clicksession import SQLWriter
    >>> engine = create_engine("duckdb:///:memory:")
    >>> time = pd.to_datetime(["2024-05-01 10:00"], utc=True)
    >>> report = SQLWriter(engine).write(pd.DataFrame({"user_id": ["ann"], "timestamp": time}))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_events(engine, f"{folder}/events.parquet")
    1
    """
    who = "export_events"
    asked = Asked(who, "events", columns, where, since, until, session_index, zone, in_order)
    return _exported(target, tables, asked, path, storage_options, checked_rows(who, batch_rows))


def _exported(
    target: Place,
    tables: Tables | None,
    asked: Asked,
    path: str | os.PathLike[str],
    storage_options: Mapping[str, object] | None,
    rows: int,
) -> int:
    count = 0
    with (
        opened(target, tables, asked) as stored,
        written(path, storage_options) as file,
        pq.ParquetWriter(file, stored.schema) as writer,
    ):
        for part in stored.batches(rows):
            writer.write_table(part, row_group_size=rows)
            count += part.num_rows
    return count
