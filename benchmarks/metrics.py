"""Order metrics in PostgreSQL: ``python -m benchmarks.metrics``.

The metrics read the sessions that `SQLWriter` stored, and of the events the orders alone, through
an index. The two scripts do what those of the system do that this library began with, step for
step: it keeps one table of events, in order of time, with the number of each event's session, and
asks that table alone. Both give the same two numbers, which is checked.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, text

from benchmarks import data
from benchmarks.timing import Method, announced, compare, parser, print_table
from benchmarks.writing import server
from clicksession import SQLWriter
from clicksession.metrics import MinutesBeforeOrder, VisitsBeforeOrder

Numbers = tuple[float, float]

# What makes orders cheap to find: the writer leaves it to those who ask for orders.
_INDEX = """
CREATE INDEX IF NOT EXISTS events_orders ON events (event_type)
INCLUDE (session_id, user_id, timestamp, event_id) WHERE event_type = 'placed_order'
"""
# What that system stores: its sessions are numbered in the order in which they begin.
_LOG = """
CREATE TABLE log AS
SELECT event_id, user_id, timestamp, event_type, page, number AS session_number
FROM events JOIN (
    SELECT session_id, row_number() OVER (ORDER BY started_at, session_id) AS number FROM sessions
) AS numbered USING (session_id)
ORDER BY timestamp, event_id
"""
_VISITS = """
WITH visits AS (
    SELECT *, dense_rank() OVER (PARTITION BY user_id ORDER BY session_number) AS visit FROM log
), orders AS (
    SELECT visit - lag(visit, 1, 0::bigint) OVER (
        PARTITION BY user_id ORDER BY session_number
    ) - 1 AS visits_before
    FROM visits WHERE event_type = 'placed_order'
)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY visits_before) FROM orders
"""
_SECONDS = """
WITH gaps AS (
    SELECT event_id, extract(epoch FROM lead(timestamp, 1, timestamp) OVER (
        PARTITION BY session_number ORDER BY timestamp
    ) - timestamp) AS seconds
    FROM log
), visits AS (
    SELECT log.*, seconds,
        dense_rank() OVER (PARTITION BY user_id ORDER BY session_number) AS visit
    FROM log JOIN gaps USING (event_id)
), without_orders AS (
    SELECT *, CASE WHEN sum(CASE WHEN event_type = 'placed_order' THEN 1 ELSE 0 END) OVER (
        PARTITION BY user_id, visit
    ) > 0 THEN 0 ELSE seconds END AS counted
    FROM visits
), added_up AS (
    SELECT *, sum(counted) OVER (PARTITION BY user_id ORDER BY visit) AS so_far FROM without_orders
), orders AS (
    SELECT so_far - lag(so_far, 1, 0::numeric) OVER (
        PARTITION BY user_id ORDER BY session_number
    ) AS seconds_before
    FROM added_up WHERE event_type = 'placed_order'
)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds_before) FROM orders
"""


def main() -> None:
    """Write a log, then compare the metrics with the scripts."""
    given = announced(parser(__doc__, events=1_000_000, repeat=3))
    with TemporaryDirectory() as folder, server(Path(folder)) as engine:
        SQLWriter(engine).write(data.webshop_frame(given.events, given.seed))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(_INDEX))
            connection.execute(text(_LOG))
            connection.execute(text("VACUUM ANALYZE"))
        methods = [
            Method("metrics, V1", lambda: _metrics(engine, "V1")),
            Method("metrics, as they stand", lambda: _metrics(engine, None)),
            Method("the two scripts", lambda: _scripts(engine)),
        ]
        expected = _scripts(engine)

        def check(name: str, found: Numbers) -> None:
            if name != "metrics, as they stand" and found != expected:
                raise AssertionError(f"{name} gave {found}, and the scripts {expected}")

        print_table("Order metrics in PostgreSQL", compare(methods, given.repeat, check))


def _metrics(engine: Engine, preset: str | None) -> Numbers:
    kinds = (VisitsBeforeOrder, MinutesBeforeOrder)
    with engine.connect() as connection:
        visits, minutes = (
            (kind.preset(preset) if preset else kind()).compute(connection) for kind in kinds
        )
    return visits, minutes


def _scripts(engine: Engine) -> Numbers:
    def number(connection: Any, script: str) -> float:
        return float(connection.execute(text(script)).scalar_one())

    with engine.connect() as connection:
        return number(connection, _VISITS), number(connection, _SECONDS)


if __name__ == "__main__":
    main()
