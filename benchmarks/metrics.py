"""Order metrics in PostgreSQL: ``python -m benchmarks.metrics``.

The metrics read the sessions that `SQLWriter` stored, and of the events the orders alone, through
an index. The two scripts do what those of the system do that this library began with: they take
the sessions together from the events, number them, and take the median over every order event of
the sessions since the last order. Both give the same two numbers, which is checked.
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
_SESSIONS = """
WITH visits AS (
    SELECT user_id, session_id, min(timestamp) AS started_at,
        extract(epoch FROM max(timestamp) - min(timestamp)) AS seconds,
        count(*) FILTER (WHERE event_type = 'placed_order') AS orders
    FROM events GROUP BY user_id, session_id
), numbered AS (
    SELECT *, row_number() OVER users AS number, coalesce(sum(orders) OVER (
        PARTITION BY user_id ORDER BY started_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0) AS orders_before
    FROM visits WINDOW users AS (PARTITION BY user_id ORDER BY started_at)
), placed AS (
    SELECT events.user_id, events.timestamp, events.event_id, numbered.number,
        numbered.orders_before
    FROM events JOIN numbered USING (session_id) WHERE events.event_type = 'placed_order'
)
"""
_VISITS = f"""
{_SESSIONS}, differences AS (
    SELECT number - coalesce(lag(number) OVER (
        PARTITION BY user_id ORDER BY timestamp, event_id
    ), 0) - 1 AS visits
    FROM placed
)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY visits) FROM differences
"""
_SECONDS = f"""
{_SESSIONS}, sums_before AS (
    SELECT user_id, orders_before, sum(seconds) AS seconds
    FROM numbered WHERE orders = 0 GROUP BY user_id, orders_before
), sums AS (
    SELECT CASE row_number() OVER (
        PARTITION BY placed.user_id, placed.number ORDER BY placed.timestamp, placed.event_id
    ) WHEN 1 THEN coalesce(sums_before.seconds, 0) ELSE 0 END AS seconds
    FROM placed LEFT JOIN sums_before USING (user_id, orders_before)
)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FROM sums
"""


def main() -> None:
    """Write a log, then compare the metrics with the scripts."""
    given = announced(parser(__doc__, events=1_000_000, repeat=3))
    with TemporaryDirectory() as folder, server(Path(folder)) as engine:
        SQLWriter(engine).write(data.webshop_frame(given.events, given.seed))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(_INDEX))
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
