"""`run`: the only place where reading, sessionizing and writing meet."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from time import perf_counter

import pandas as pd
import pyarrow as pa
from sqlalchemy import URL, Engine

from clicksession.readers.events import Location, events_frame, read_tables
from clicksession.rules import Rules
from clicksession.schema import EventSchema
from clicksession.sql.tables import Tables
from clicksession.writers.sqlalchemy import SQLWriter

__all__ = ["RunReport", "run"]


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """Where every row of a run went: ``rows_read = events_added + duplicates + refused``.

    Attributes
    ----------
    rows_read
        Events found in the source.
    events_added
        Events that the target did not hold yet.
    duplicates
        Rows whose event the target held already, or that came earlier in the source.
    refused
        Rows that are no events.
    events_without_session
        Of the events added, those without a user or a time.
    sessions_added, sessions_changed, sessions_removed
        What became of the sessions of the target.
    seconds
        How long it took.
    """

    rows_read: int
    events_added: int
    duplicates: int
    refused: int
    events_without_session: int
    sessions_added: int
    sessions_changed: int
    sessions_removed: int
    seconds: float

    def __post_init__(self) -> None:
        accounted = self.events_added + self.duplicates + self.refused
        assert self.rows_read == accounted, f"{self.rows_read} rows read, {accounted} accounted for"

    def __str__(self) -> str:
        return (
            f"{self.rows_read:,} rows read in {self.seconds:.1f} s: "
            f"{self.events_added:,} events added "
            f"({self.events_without_session:,} of them without a user or a time), "
            f"{self.duplicates:,} duplicates, {self.refused:,} refused.\n"
            f"Sessions: {self.sessions_added:,} added, {self.sessions_changed:,} changed, "
            f"{self.sessions_removed:,} removed."
        )


def run(
    source: Location | Iterable[Location],
    target: Engine | str | URL,
    *,
    schema: EventSchema | None = None,
    timeout: str | timedelta = "30min",
    rules: Rules | None = None,
    tables: Tables | None = None,
    format: str | None = None,
    storage_options: Mapping[str, object] | None = None,
    on_error: str = "raise",
    progress: bool | None = None,
) -> RunReport:
    """Read events, cut them into sessions, and keep both in a database.

    Everything happens in one transaction. It is safe to repeat: what the target holds already is
    counted as a duplicate, and late events change the sessions that they belong to.

    Parameters
    ----------
    source, schema, format, storage_options, on_error
        What to read, as in `clicksession.read_events`.
    target, tables
        Where to write, as in `clicksession.SQLWriter`.
    timeout, rules
        What ends a session, as in `clicksession.sessionize`.
    progress
        Whether to show a progress bar; left out: on a terminal and in a notebook.

    Returns
    -------
    RunReport
        Where every row went.

    Raises
    ------
    ReadError
        A source cannot be read, or holds a row that is no event; nothing was written.
    WriteError
        The database refused; nothing was written.
    ParameterError
        An argument cannot be used.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from clicksession import EventSchema, datasets, metrics
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> log = datasets.write_webshop(folder / "events.json.gz", customers=100, seed=7)
    >>> target = f"duckdb:///{folder / 'shop.duckdb'}"
    >>> report = run(log, target, schema=EventSchema.preset("webshop"))
    >>> report.rows_read == report.events_added + report.duplicates
    True
    >>> run(log, target, schema=EventSchema.preset("webshop")).events_added
    0
    """
    began = perf_counter()
    # Before any byte is read: what is wrong with the target or the rules need not wait for it.
    writer = SQLWriter(target, timeout=timeout, rules=rules, tables=tables)
    events = _read(source, schema, format, storage_options, on_error, progress)
    written = asdict(writer.write(events))
    return RunReport(
        rows_read=written.pop("rows"), refused=0, seconds=perf_counter() - began, **written
    )


def _read(
    source: Location | Iterable[Location],
    schema: EventSchema | None,
    format: str | None,
    storage_options: Mapping[str, object] | None,
    on_error: str,
    progress: bool | None,
) -> pd.DataFrame:
    from tqdm.auto import tqdm

    tables = read_tables(source, schema, format, storage_options, on_error, who="run")
    # tqdm's own rule for None: shown on a terminal and in a notebook, and nowhere else.
    disable = None if progress is None else not progress
    with tqdm(desc="reading", unit=" events", unit_scale=True, disable=disable) as bar:

        def counted() -> Iterator[pa.Table]:
            for table in tables:
                bar.update(table.num_rows)
                yield table

        return events_frame(counted())
