"""Sessions in Spark, on this machine's cores: ``python -m benchmarks.spark``.

A log of Parquet, in random order. Three tables: `sessionize` beside the window query that one
writes by hand for the same columns; `summarize` beside Spark's own ``session_window`` with the
same aggregates, and beside itself where a filter stands between, so that it groups by the ids; and
rules that go through the events in order beside a timeout alone. With ``--skew``, a fourth: a log
of which one user has a third beside an even one. All results go nowhere (the format ``noop``), so
that nothing but the plan is timed.
"""

import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame, SparkSession, functions
from pyspark.sql import Window as SparkWindow

import clicksession as cs
from benchmarks.data import TIMEOUT, log, shuffled
from benchmarks.timing import Method, announced, compare, parser, print_table

__all__ = ["by_hand", "by_windows", "local_spark", "main"]

_IN_ORDER = cs.Rules("30min", max_duration="12h")


def local_spark(memory: str = "4g") -> SparkSession:
    """Return a Spark on two cores of this machine."""
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.driver.memory": memory,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "8",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master("local[2]").appName("benchmarks")
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def by_hand(events: DataFrame) -> DataFrame:
    """Return the columns that `sessionize` gives, as one would write it."""
    window = SparkWindow.partitionBy("user_id").orderBy("timestamp")
    so_far = window.rowsBetween(SparkWindow.unboundedPreceding, 0)
    micros = functions.unix_micros("timestamp")
    pause = micros - functions.lag(micros).over(window)
    begins = functions.coalesce(pause > TIMEOUT, functions.lit(True))
    marked = events.withColumn("begins", begins.cast("long")).withColumn("micros", micros)
    start = functions.when(functions.col("begins") == 1, functions.col("micros"))
    numbered = marked.withColumns(
        {
            "session_index": functions.sum("begins").over(so_far),
            "start": functions.max(start).over(so_far),
        }
    )
    known = functions.col("user_id").isNotNull() & functions.col("timestamp").isNotNull()
    whose, since = (functions.col(name).cast("string") for name in ("user_id", "start"))
    return numbered.select(
        *events.columns,
        functions.when(known, functions.concat(whose, functions.lit(":"), since)).alias(
            "session_id"
        ),
        functions.when(known, functions.col("session_index")).alias("session_index"),
    )


def by_windows(events: DataFrame) -> DataFrame:
    """Return Spark's own sessions with start, end, duration and number of events."""
    windows = events.where("user_id IS NOT NULL").groupBy(
        "user_id", functions.session_window("timestamp", "30 minutes")
    )
    ends = windows.agg(
        functions.min("timestamp").alias("started_at"),
        functions.max("timestamp").alias("ended_at"),
        functions.count("*").alias("event_count"),
    )
    lasted = functions.unix_micros("ended_at") - functions.unix_micros("started_at")
    return ends.drop("session_window").withColumn("duration_seconds", lasted / 1e6)


def main() -> None:
    """Print the tables."""
    arguments = parser(__doc__, events=10_000_000, repeat=3)
    arguments.add_argument("--skew", action="store_true", help="a user with a third of all events")
    given = announced(arguments)
    spark = local_spark()
    print(f"PySpark {spark.version}, local[2], 4 GB")
    with TemporaryDirectory() as folder:
        frame = shuffled(log(given.events, given.seed), given.seed)
        events = _stored(spark, frame, Path(folder) / "even")
        _compare(events, given.repeat)
        if given.skew:
            # Everything of every third user is one user's.
            skewed = frame.assign(user_id=frame["user_id"].where(frame["user_id"] % 3 > 0, 0))
            one = _stored(spark, skewed, Path(folder) / "skewed")
            _compare_skew(events, one, given.repeat)
    spark.stop()


def _compare(events: DataFrame, repeat: int) -> None:
    cut = partial(cs.sessionize, events, timeout="30min")
    in_order = partial(cs.sessionize, events, rules=_IN_ORDER)
    sizes = _compared(
        "sessionize, a timeout alone",
        {"clicksession": cut, "lag and running sum": partial(by_hand, events)},
        repeat,
    )
    assert len(sizes) == 1, sizes
    sessions = _compared(
        "summarize(sessionize)",
        {
            "clicksession": lambda: cs.summarize(cut()),
            "session_window": partial(by_windows, events),
            "clicksession, by ids": lambda: cs.summarize(cut().where("session_index > 0")),
        },
        repeat,
    )
    assert len(sessions) == 1, sessions
    _compared("rules in order", {"a timeout alone": cut, "max_duration": in_order}, repeat)


def _compare_skew(even: DataFrame, skewed: DataFrame, repeat: int) -> None:
    frames = {"even": even, "a user with a third": skewed}
    for name, rules in (("a timeout alone", cs.Rules("30min")), ("max_duration", _IN_ORDER)):
        cuts = {key: partial(cs.sessionize, each, rules=rules) for key, each in frames.items()}
        _compared(f"skew, {name}", cuts, repeat)


def _compared(title: str, frames: Mapping[str, Callable[[], Any]], repeat: int) -> set[Any]:
    """Print a table, and return how many sessions the contestants found."""
    found = set()

    def check(_: str, frame: Any) -> None:
        if "session_index" in frame.columns and "event_count" not in frame.columns:
            row = frame.agg(functions.count_if(functions.col("session_index") == 1)).first()
            found.add((frame.agg(functions.sum("session_index")).first()[0], row[0]))
        else:
            found.add(frame.count())

    methods = [Method(name, partial(_run, frame)) for name, frame in frames.items()]
    print_table(title, compare(methods, repeat, check))
    return found


def _run(make: Callable[[], Any]) -> Any:
    frame = make()
    frame.write.format("noop").mode("overwrite").save()
    return frame


def _stored(spark: SparkSession, frame: pd.DataFrame, path: Path) -> DataFrame:
    path.mkdir()
    times = frame["timestamp"].dt.tz_localize("UTC")
    rows = max(1, len(frame) // 8)
    frame.assign(timestamp=times).to_parquet(path / "log.parquet", row_group_size=rows)
    return spark.read.parquet(str(path))


if __name__ == "__main__":
    main()
