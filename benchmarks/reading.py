"""Read newline-delimited JSON into frames: ``python -m benchmarks.reading``.

Every method gives one flat column per field, into pandas or into Arrow; that of Polars is Arrow's
too, by another name. Then ours again: with a broken line in the middle, as `scan_events`, and
keeping duplicates; and logs that are written in other ways, of which fewer lines are alike. The
peak is of a process of its own that reads once, and counts what its imports hold, about 150 MB.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.json

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

Reader = Callable[[Path], Any]

_SCHEMA = EventSchema.preset("webshop")
_FIELDS = """
    SELECT id, event."customer-id", event.timestamp::TIMESTAMP AS timestamp, type,
        event."user-agent", event.ip, event.page
    FROM """
_BLOCK_BYTES = 16 * 2**20
_GUESSED = "read_json(?, format = 'newline_delimited')"
_DECLARED = """read_json(?, format = 'newline_delimited', columns = {
    id: 'BIGINT', type: 'VARCHAR', event: 'STRUCT("user-agent" VARCHAR, ip VARCHAR,
        "customer-id" BIGINT, timestamp TIMESTAMP, page VARCHAR)'})"""


def ours(path: Path) -> pd.DataFrame:
    return read_events(path, schema=_SCHEMA)


def ours_arrow(path: Path) -> pa.Table:
    return read_events(path, schema=_SCHEMA, frame="arrow")


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


def duckdb_arrow(source: str, path: Path) -> pa.Table:
    with duckdb.connect() as connection:
        return connection.sql(_FIELDS + source, params=[str(path)]).to_arrow_table()


def arrow_json(path: Path) -> pa.Table:
    options = pyarrow.json.ReadOptions(block_size=_BLOCK_BYTES)
    return pyarrow.json.read_json(path, read_options=options).flatten()


def polars_json(path: Path) -> pl.DataFrame:
    time = pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%S%.6f")
    return pl.read_ndjson(path).unnest("event").with_columns(time)


def pandas_json(path: Path) -> pd.DataFrame:
    nested = pd.read_json(path, lines=True)
    fields = pd.json_normalize(nested.pop("event").tolist())
    fields["timestamp"] = pd.to_datetime(fields["timestamp"])
    return nested.join(fields)


METHODS: dict[str, Reader] = {
    "read_events()": ours,
    "read_events(frame='arrow')": ours_arrow,
    "DuckDB read_json, pandas out": duckdb_pandas,
    "DuckDB read_json, Arrow out": partial(duckdb_arrow, _GUESSED),
    "DuckDB, its columns declared, Arrow out": partial(duckdb_arrow, _DECLARED),
    "pyarrow.json, blocks of 16 MB": arrow_json,
    "Polars read_ndjson": polars_json,
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
        title = f"NDJSON of {path.stat().st_size / 1e6:.0f} MB"
        print_table(title, seconds, ("peak MB", peaks))
        _print_ours(path, given.events, given.repeat, peak_of_scan)


def _print_ours(path: Path, events: int, repeat: int, peak_of_scan: int) -> None:
    broken = _broken(path)
    # A field that some lines have, and a backslash, with which a block goes to Arrow's parser.
    kinds = _rewritten(path, b'"type": "search", ', b'"type": "search", "found": null, ')
    escaped = _rewritten(path, b"(X11;", b"(\\u0058\\u0031\\u0031;")
    timed: list[Method[pd.DataFrame | int]] = [
        Method("read_events()", partial(ours, path)),
        Method("read_events(drop_duplicates=None)", partial(ours_with_duplicates, path)),
        Method(
            "read_events(on_error='quarantine'), 1 bad line", partial(ours_quarantining, broken)
        ),
        Method("scan_events()", partial(ours_scanning, path)),
        Method("read_events(), lines of two kinds", partial(ours, kinds)),
        Method("read_events(), a third with an escape", partial(ours, escaped)),
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


def _rewritten(path: Path, old: bytes, new: bytes) -> Path:
    """Return a copy of a log with something else in the place of a text."""
    other = path.with_suffix(f".{len(new)}.json")
    other.write_bytes(path.read_bytes().replace(old, new))
    return other


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


def _check(events: int, method: str, frame: Any) -> None:
    names = frame.column_names if isinstance(frame, pa.Table) else list(frame.columns)
    times = frame["event.timestamp" if "event.timestamp" in names else "timestamp"]
    times = times if isinstance(times, pd.Series) else times.to_pandas()
    missing = int(pd.to_datetime(times, utc=True).isna().sum())
    if frame.shape != (events, 7) or missing:
        raise ValueError(f"{method}: {frame.shape} and {missing} rows without a time")


if __name__ == "__main__":
    main()
