"""The main job on a made-up webshop: a log goes in, sessions and two metrics come out.

Run it with ``python examples/first_sessions.py``; it writes to the folder
``clicksession-demo`` in the current one.
"""

from pathlib import Path

import pandas as pd
from sqlalchemy import create_engine

import clicksession as cs

FOLDER = Path("clicksession-demo")


def main() -> None:
    """Make a log, run it into a DuckDB file, and show what can be asked."""
    FOLDER.mkdir(exist_ok=True)
    log = cs.datasets.write_webshop(FOLDER / "events.json.gz", customers=3000, seed=42)
    target = f"duckdb:///{FOLDER / 'shop.duckdb'}"

    print(f"\n{log} -> {target}\n")
    report = cs.run(log, target, schema=cs.EventSchema.preset("webshop"), timeout="30min")
    print(report)

    engine = create_engine(target)
    with engine.connect() as connection:
        first = pd.read_sql(_first_sessions(), connection)
    print("\nThe first sessions:\n")
    print(first.to_string(index=False))

    for metric in (cs.metrics.VisitsBeforeOrder(), cs.metrics.MinutesBeforeOrder()):
        print(f"\n{type(metric).__name__}: {metric.compute(engine)}")
        print(f"{metric.describe()}\n")
        print(cs.to_sql(metric, dialect="duckdb"))
    engine.dispose()


def _first_sessions() -> str:
    return """
        SELECT session_id, user_id, started_at, round(duration_seconds, 1) AS duration_seconds,
               event_count, start_reason
        FROM sessions
        ORDER BY started_at, session_id
        LIMIT 8
    """


if __name__ == "__main__":
    main()
