"""From a file of events to tables and a metric: ``python -m benchmarks.end_to_end``.

Newline-delimited JSON, CSV or Parquet (``--format``) into a DuckDB file with the tables
``events`` and ``sessions``, then the visits before an order. Beside ours, the script that one
who knows DuckDB well would write instead: it does not look for bad lines and
duplicates, and can be run only once on one target. Both must give equal tables. The
peak memory of each is that of a process of its own.
"""

from collections.abc import Callable
from functools import partial
from math import isclose
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks import data
from benchmarks.by_hand import cut
from benchmarks.timing import (
    Method,
    announced,
    compare,
    in_child,
    parser,
    peak_megabytes,
    print_table,
)
from clicksession import EventSchema, metrics, run

# The number of sessions, and the median of the visits before an order.
Answer = tuple[int, float | None]
Job = Callable[[Path, Path], Answer]

_OURS, _BY_HAND = "clicksession.run() + VisitsBeforeOrder", "DuckDB script by hand"

_VISITS = """
SELECT (SELECT count(*) FROM sessions), {}(visits) FROM (
    SELECT count(*) FILTER (NOT has_order) AS visits FROM (
        SELECT user_id, has_order, coalesce(sum(has_order::INT) OVER (
            PARTITION BY user_id ORDER BY started_at
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS orders_before
        FROM (
            SELECT user_id, started_at, session_id IN (
                SELECT session_id FROM events
                WHERE event_type = 'placed_order' AND session_id IS NOT NULL
            ) AS has_order
            FROM sessions
        )
    )
    GROUP BY user_id, orders_before HAVING bool_or(has_order)
)
"""
_SOURCES = {
    "json": data.FLAT,
    "csv": "SELECT * FROM read_csv(?)",
    "parquet": "SELECT * FROM read_parquet(?)",
}
_DIFFERENT = """
SELECT count(*) FROM (
    (SELECT {0} FROM ours.{1} EXCEPT ALL SELECT {0} FROM hand.{1})
    UNION ALL (SELECT {0} FROM hand.{1} EXCEPT ALL SELECT {0} FROM ours.{1})
)
"""


def ours(source: Path, target: Path) -> Answer:
    schema = EventSchema.preset("webshop") if source.suffix == ".json" else None
    url = f"duckdb:///{target}"
    # A connection for each: only a closed file is all on disk.
    report = run(source, url, schema=schema, progress=False)
    visits = metrics.VisitsBeforeOrder(order_events="placed_order").compute(url)
    return report.sessions_added, visits


def by_hand(source: Path, target: Path) -> Answer:
    with duckdb.connect(target) as connection:
        cut(connection, _SOURCES[source.suffix[1:]], str(source))
        sessions, visits = connection.sql(_VISITS.format("median")).fetchall()[0]
    return sessions, visits


def main() -> None:
    arguments = parser(__doc__, events=1_000_000, repeat=5)
    arguments.add_argument("--format", choices=list(_SOURCES), default="json", help="(json)")
    given = announced(arguments)
    with TemporaryDirectory() as name:
        folder = Path(name)
        source = in_child(data.write_webshop, folder / "events.json", given.events, given.seed)
        if given.format != "json":
            lines, source = source, folder / f"events.{given.format}"
            in_child(data.write_flat, lines, source)
            lines.unlink()
        jobs = {_OURS: ours, _BY_HAND: by_hand}
        targets = {_OURS: folder / "ours.duckdb", _BY_HAND: folder / "hand.duckdb"}
        peaks = {n: f"{in_child(_peak, jobs[n], source, targets[n]):,} MB" for n in jobs}
        methods = [_method(name, jobs[name], source, targets[name]) for name in jobs]
        seconds = compare(methods, given.repeat, partial(_check, folder, {}))
    title = f"{given.format.upper()} to DuckDB tables and visits before order"
    print_table(title, seconds, ("peak memory", peaks))


def _peak(job: Job, source: Path, target: Path) -> int:
    job(source, target)
    return peak_megabytes()


def _method(name: str, job: Job, source: Path, target: Path) -> Method[Answer]:
    return Method(name, partial(job, source, target), partial(target.unlink, missing_ok=True))


def _check(folder: Path, first: dict[str, Answer], method: str, answer: Answer) -> None:
    """Compare the answers and, once both are there, all that they were taken from."""
    if first.setdefault("answer", answer) != answer:
        raise ValueError(f"{method}: {answer} and not {first['answer']}")
    if method == _BY_HAND:
        _check_tables(folder)
        mean = _check_mean(folder / "hand.duckdb")
        visits = f"visits before an order: median {answer[1]}, mean {mean:.4f}"
        print(f"both: equal tables, {answer[0]:,} sessions; {visits}")


def _check_tables(folder: Path) -> None:
    with duckdb.connect() as connection:
        for name in ("ours", "hand"):
            connection.execute(f"ATTACH '{folder / name}.duckdb' AS {name} (READ_ONLY)")
        for table in ("events", "sessions"):
            columns = ", ".join(connection.table(f"ours.{table}").columns)
            found = connection.sql(_DIFFERENT.format(columns, table)).fetchall()[0][0]
            if found:
                raise ValueError(f"{found} rows of {table} are in one database only")


def _check_mean(target: Path) -> float:
    """Compare a number that is not as round as a median: two errors could share a median."""
    ours = metrics.VisitsBeforeOrder(statistic="mean").compute(f"duckdb:///{target}")
    with duckdb.connect(target) as connection:
        by_hand: float = connection.sql(_VISITS.format("avg")).fetchall()[0][1]
    if ours is None or not isclose(ours, by_hand):
        raise ValueError(f"on average {ours} visits before an order, and {by_hand} by hand")
    return by_hand


if __name__ == "__main__":
    main()
