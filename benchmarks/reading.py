"""Read newline-delimited JSON into pandas: ``python -m benchmarks.reading``.

Every method gives one flat column per field. Then ours again: with a broken line in
the middle, as `scan_events`, and keeping duplicates. The peak is of a process of its
own that reads once, and counts what its imports hold, about 150 MB.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pandas as pd
import pyarrow as pa

from benchmarks import data
from benchmarks.timing import (
    Method,
    announced,
    compare,
    in_child,
    parser,
    peak_megabytes,
    print_table,
)
from clicksession import EventSchema, ReadReport, read_events, scan_events

Reader = Callable[[Path], pd.DataFrame]

_SCHEMA = EventSchema.preset("webshop")
_FIELDS = """
    SELECT id, event."customer-id", event.timestamp::TIMESTAMP AS timestamp, type,
        event."user-agent", event.ip, event.page
    FROM """
_GUESSED = "read_json(?, format = 'newline_delimited')"
_DECLARED = """read_json(?, format = 'newline_delimited', columns = {
    id: 'BIGINT', type: 'VARCHAR', event: 'STRUCT("user-agent" VARCHAR, ip VARCHAR,
        "customer-id" BIGINT, timestamp TIMESTAMP, page VARCHAR)'})"""


def ours(path: Path) -> pd.DataFrame:
    return read_events(path, schema=_SCHEMA)


def ours_with_duplicates(path: Path) -> pd.DataFrame:
    return read_events(path, schema=_SCHEMA, drop_duplicates=None)


def ours_quarantining(path: Path) -> pd.DataFrame:
    report = ReadReport()
    frame = read_events(path, schema=_SCHEMA, on_error="quarantine", report=report)
    if report.rows_refused != 1:
        raise ValueError(f"one line is broken; refused: {report.rows_refused}")
    return frame


def ours_scanning(path: Path) -> int:
    return sum(len(batch) for batch in scan_events(path, schema=_SCHEMA))


def duckdb_pandas(path: Path) -> pd.DataFrame:
    with duckdb.connect() as connection:
        frame: pd.DataFrame = connection.sql(_FIELDS + _GUESSED, params=[str(path)]).df()
    return frame


def duckdb_arrow(source: str, path: Path) -> pd.DataFrame:
    with duckdb.connect() as connection:
        table = connection.sql(_FIELDS + source, params=[str(path)]).to_arrow_table()
    # Arrow's text stays where it is, as in ours; DuckDB's own way to pandas copies each.
    frame: pd.DataFrame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    return frame


def pandas_json(path: Path) -> pd.DataFrame:
    nested = pd.read_json(path, lines=True)
    fields = pd.json_normalize(nested.pop("event").tolist())
    fields["timestamp"] = pd.to_datetime(fields["timestamp"])
    return nested.join(fields)


METHODS: dict[str, Reader] = {
    "clicksession.read_events()": ours,
    "DuckDB read_json, pandas out": duckdb_pandas,
    "DuckDB read_json, Arrow out": partial(duckdb_arrow, _GUESSED),
    "DuckDB, its columns declared, Arrow out": partial(duckdb_arrow, _DECLARED),
    "pandas.read_json + json_normalize": pandas_json,
}


def main() -> None:
    given = announced(parser(__doc__, events=1_000_000, repeat=3))
    with TemporaryDirectory() as folder:
        path = Path(folder, "events.json")
        # In a child, so that the children below do not start with what making the log took.
        in_child(data.write_webshop, path, given.events, given.seed)
        peaks = {name: f"{in_child(_peak, name, path):,}" for name in METHODS}
        # Before anything is timed here: a child begins with the peak of its parent.
        peak_of_scan = in_child(_peak_of_scan, path)
        timed = [Method(name, partial(read, path)) for name, read in METHODS.items()]
        seconds = compare(timed, given.repeat, partial(_check, given.events))
        title = f"NDJSON of {path.stat().st_size / 1e6:.0f} MB to pandas"
        print_table(title, seconds, ("peak MB", peaks))
        _print_ours(path, given.events, given.repeat, peak_of_scan)


def _print_ours(path: Path, events: int, repeat: int, peak_of_scan: int) -> None:
    broken = _broken(path)
    timed: list[Method[pd.DataFrame | int]] = [
        Method("read_events()", partial(ours, path)),
        Method("read_events(drop_duplicates=None)", partial(ours_with_duplicates, path)),
        Method(
            "read_events(on_error='quarantine'), 1 bad line", partial(ours_quarantining, broken)
        ),
        Method("scan_events()", partial(ours_scanning, path)),
    ]
    seconds = compare(timed, repeat, partial(_check_count, events))
    print_table("Ours, other ways", seconds, ("peak MB", {"scan_events()": f"{peak_of_scan:,}"}))


def _broken(path: Path) -> Path:
    """Return a copy of a log with one more line, in its middle, that is no JSON."""
    content, broken = path.read_bytes(), path.with_suffix(".broken.json")
    middle = content.index(b"\n", len(content) // 2) + 1
    with broken.open("wb") as file:
        file.writelines([content[:middle], b'{"id": 7, "type": \n', content[middle:]])
    return broken


def _peak_of_scan(path: Path) -> int:
    ours_scanning(path)
    return peak_megabytes()


def _check_count(events: int, method: str, result: pd.DataFrame | int) -> None:
    found = result if isinstance(result, int) else len(result)
    if found != events:
        raise ValueError(f"{method}: {found} of {events} events")


def _peak(method: str, path: Path) -> int:
    METHODS[method](path)
    return peak_megabytes()


def _check(events: int, method: str, frame: pd.DataFrame) -> None:
    times = pd.to_datetime(frame["timestamp"], utc=True)
    if frame.shape != (events, 7) or times.isna().any():
        raise ValueError(f"{method}: {frame.shape} and {times.isna().sum()} rows without a time")


if __name__ == "__main__":
    main()
