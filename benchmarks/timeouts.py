"""Suggest a timeout for a frame of events: ``python -m benchmarks.timeouts``.

Beside `clicksession.sessionize` on the same frame, which sorts the same events and writes out an id
for each. And for the same events in DuckDB, where the database counts. Both suggestions must be the
same, or the command fails.
"""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from benchmarks import data
from benchmarks.timing import Method, announced, compare, parser, print_table
from clicksession import TimeoutSuggestion, sessionize, suggest_timeout


def main() -> None:
    arguments = parser(__doc__, events=10_000_000, repeat=3)
    given = announced(arguments)
    log = data.sorted_by_time(data.log(given.events, given.seed))
    for name, events in (("integer users", log), ("text users", data.with_text_users(log))):
        with tempfile.TemporaryDirectory() as folder:
            engine = _stored(Path(folder), events)
            methods: dict[str, Callable[[], object]] = {
                "clicksession.sessionize()": partial(sessionize, events),
                "clicksession.suggest_timeout()": partial(suggest_timeout, events),
                "the same, of DuckDB": partial(suggest_timeout, engine),
            }
            timed = [Method(method, run) for method, run in methods.items()]
            print_table(f"suggest, {name}", compare(timed, given.repeat, _agreement()))
            engine.dispose()


def _stored(folder: Path, events: pd.DataFrame) -> sa.Engine:
    """Return a database that has the events: without their sessions, which nobody asks for."""
    engine = sa.create_engine(f"duckdb:///{folder / 'log.duckdb'}")
    with engine.begin() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.register("frame", events)
        connection.exec_driver_sql("CREATE TABLE events AS SELECT * FROM frame")
        driver.unregister("frame")
    return engine


def _agreement() -> Callable[[str, object], None]:
    """Return a check that every suggestion is the first."""
    first: list[tuple[object, ...]] = []

    def check(method: str, result: object) -> None:
        if not isinstance(result, TimeoutSuggestion):
            return
        found = (result.timeout, result.low, result.high, result.gap_count, result.verdict)
        first.append(found)
        if found != first[0]:
            raise ValueError(f"{method}: another suggestion than the first")

    return check


if __name__ == "__main__":
    main()
