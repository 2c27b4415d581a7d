"""Order metrics in PostgreSQL: ``python -m benchmarks.metrics``.

The metrics read the sessions that `SQLWriter` stored, which count their orders, and no event. As
preset V1, which asks for each order event, they read the orders too, through an index. The scripts
do what those of the system do that this library began with, step for step: it keeps one table of
events, in order of time, with the number of each event's session, and asks that table alone. Both
give the same numbers as preset V1 does, which is checked, of the 90th percentiles too: half of all
orders have no visit before them.
"""

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, text

from benchmarks import data
from benchmarks.timing import Method, announced, compare, parser, print_table
from benchmarks.writing import server
from clicksession import SQLWriter
from clicksession.metrics import Metric, MinutesBeforeOrder, VisitsBeforeOrder
from clicksession.sql import Tables

Numbers = tuple[float, ...]

_TABLES = Tables(counted_events=("placed_order",))

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
        SQLWriter(engine, tables=_TABLES).write(data.webshop_frame(given.events, given.seed))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(_INDEX))
            connection.execute(text(_LOG))
            connection.execute(text("VACUUM ANALYZE"))
        rest = partial(_rest, engine)
        methods = [
            Method("both metrics", lambda: _metrics(engine), rest),
            Method("both as preset V1", lambda: _metrics(engine, "V1"), rest),
            Method("visits alone", lambda: _computed(engine, VisitsBeforeOrder()), rest),
            Method("minutes alone", lambda: _computed(engine, MinutesBeforeOrder()), rest),
            Method("both scripts", lambda: _scripts(engine), rest),
        ]
        for statistic, fraction in (("median", "0.5"), ("p90", "0.9")):
            found, expected = _metrics(engine, "V1", statistic), _scripts(engine, fraction)
            if found != expected:
                raise AssertionError(f"{statistic}: {found}, and by the scripts {expected}")

        print_table("Order metrics in PostgreSQL", compare(methods, given.repeat, lambda *_: None))


def _rest(engine: Engine) -> None:
    """Have what the scripts wrote aside go to disk now, and not while another is timed."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
    os.sync()


def _metrics(engine: Engine, preset: str | None = None, statistic: str = "median") -> Numbers:
    kinds = (VisitsBeforeOrder, MinutesBeforeOrder)
    both = [kind.preset(preset) if preset else kind() for kind in kinds]
    return _computed(engine, *(replace(metric, statistic=statistic) for metric in both))


def _computed(engine: Engine, *metrics: Metric) -> Numbers:
    with engine.connect() as connection:
        return tuple(metric.compute(connection) for metric in metrics)


def _scripts(engine: Engine, fraction: str = "0.5") -> Numbers:
    def number(connection: Any, script: str) -> float:
        return float(connection.execute(text(script.replace("0.5", fraction))).scalar_one())

    with engine.connect() as connection:
        return number(connection, _VISITS), number(connection, _SECONDS)


if __name__ == "__main__":
    main()
